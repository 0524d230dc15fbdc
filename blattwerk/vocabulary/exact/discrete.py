"""Distributions on finitely many outcomes: those with friendly probabilities, and relative entropies."""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod

from blattwerk.vocabulary.exact.log_sums import LogSum, log_of, sum_of
from blattwerk.vocabulary.terms import MP, Value

Distribution = tuple[Fraction, ...]

PRIMES = (2, 3, 5, 7)  # the logarithms of the probabilities have no other ones


def relative_entropy(p: Iterable[Fraction], q: Iterable[Fraction]) -> LogSum:
    """D(p||q) = sum_x p(x) log(p(x)/q(x)), with 0 log 0 = 0; raises ZeroDivisionError where it is infinite."""
    return sum_of(log_of(a / b).times(a) for a, b in zip(p, q, strict=True) if a)


def by_entropies(p: Iterable[Fraction], q: Iterable[Fraction]) -> Value:
    """D(p||q) to 60 digits, as the cross-entropy -sum_x p(x) log q(x) less the entropy of p."""
    pairs = [(MP.convert(a), MP.convert(b)) for a, b in zip(p, q, strict=True) if a]
    return sum(a * MP.log(a) for a, _ in pairs) - sum(a * MP.log(b) for a, b in pairs)


def exp_of_multiple(value: LogSum, count: int) -> Fraction | None:
    """exp(count * value), if the canonical form shows it to be rational."""
    exponents = [(prime, count * c) for prime, c in value.coefficients]
    if value.rational or any(e.denominator != 1 for _, e in exponents):
        return None
    return prod((Fraction(prime) ** int(e) for prime, e in exponents), start=Fraction(1))


def is_smooth(k: int) -> bool:
    """Whether a positive whole number has no prime factors but ours."""
    for prime in PRIMES:
        while k % prime == 0:
            k //= prime
    return k == 1


@cache
def distributions(denominators: tuple[int, ...], outcomes: int) -> tuple[Distribution, ...]:
    """All distributions of smooth positive probabilities with one of these denominators, in ascending order."""
    found = set()
    for d in denominators:
        smooth = [k for k in range(1, d) if is_smooth(k)]
        heads = product(smooth, repeat=outcomes - 1)
        points = ((*head, d - sum(head)) for head in heads if d - sum(head) in smooth)
        found |= {tuple(Fraction(k, d) for k in point) for point in points}
    return tuple(sorted(found))
