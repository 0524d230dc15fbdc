"""Sums of logarithms of primes with rational coefficients, plus a rational number: the exact form of entropies.

The form is canonical: 1 and the logarithms of the primes are linearly independent over the rationals (for the logs this
is unique factorisation; with 1 beside them it is Baker's theorem, Mathematika 13, 1966). So two values are equal iff
their coefficients are, and a sign can always be decided with enough digits.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath

from blattwerk.vocabulary.functions import log, number
from blattwerk.vocabulary.terms import MP, Named, Term, total


@dataclass(frozen=True)
class LogSum:
    """rational + sum_p c_p log p, the coefficients by ascending prime, none of them 0."""

    rational: Fraction = Fraction(0)
    coefficients: tuple[tuple[int, Fraction], ...] = ()

    def __add__(self, other: "LogSum") -> "LogSum":
        return sum_of((self, other))

    def __neg__(self) -> "LogSum":
        return self.times(-1)

    def __sub__(self, other: "LogSum") -> "LogSum":
        return self + -other

    def times(self, factor: int | Fraction) -> "LogSum":
        """The value multiplied by a rational number."""
        return _made(self.rational * factor, {prime: c * factor for prime, c in self.coefficients})

    def value(self) -> Any:
        """The value: a Fraction if no logarithm is left, 60 digits otherwise."""
        if not self.coefficients:
            return self.rational
        return MP.convert(self.rational) + sum(MP.convert(c) * _log_prime(prime) for prime, c in self.coefficients)

    def sign(self) -> int:
        """-1, 0 or 1, exactly: by floating point where its error cannot matter, else by intervals of many digits."""
        if not self.coefficients:
            return (self.rational > 0) - (self.rational < 0)
        parts = [float(self.rational), *(float(c) * math.log(prime) for prime, c in self.coefficients)]
        value = math.fsum(parts)
        # Each part is off by less than 3 units in its last place, 2^-52 of its size, and fsum rounds once.
        if abs(value) > 1e-14 * math.fsum(map(abs, parts)):
            return 1 if value > 0 else -1
        return self._sign_by_intervals()

    def _sign_by_intervals(self) -> int:
        interval = type(mpmath.iv)()
        digits = 30
        while True:
            interval.dps = digits
            parts = [_interval(interval, c) * interval.log(prime) for prime, c in self.coefficients]
            value = sum(parts, _interval(interval, self.rational))
            if value.a > 0 or value.b < 0:
                return 1 if value.a > 0 else -1
            digits *= 2

    def __lt__(self, other: "LogSum") -> bool:
        return (self - other).sign() < 0

    def __gt__(self, other: "LogSum") -> bool:
        return (self - other).sign() > 0

    def term(self) -> Term:
        """The value as a term, positive summands first."""
        return _written([(c, log(prime)) for prime, c in self.coefficients], self.rational)


_LOG2_E = Named("\\log_{2} \\mathrm{e}", "log(exp(1), 2)", lambda env: 1 / MP.log(2))


@dataclass(frozen=True)
class InBits:
    """A LogSum measured in bits: divided by log 2."""

    nats: LogSum

    def value(self) -> Any:
        """The number of bits; a Fraction where only the prime 2 is involved."""
        if not self.nats.rational and all(prime == 2 for prime, _ in self.nats.coefficients):
            return sum((c for _, c in self.nats.coefficients), Fraction(0))
        return MP.convert(self.nats.value()) / MP.log(2)

    def sign(self) -> int:
        """-1, 0 or 1, decided as for a LogSum, since log 2 is positive."""
        return self.nats.sign()

    def term(self) -> Term:
        """The value as a term: log_2 2 is written as 1, a rational number r of nats as r log_2 e."""
        logs: list[tuple[Fraction, Term]] = [(c, log(prime, 2)) for prime, c in self.nats.coefficients if prime != 2]
        logs += [(self.nats.rational, _LOG2_E)] if self.nats.rational else []
        whole = sum((c for prime, c in self.nats.coefficients if prime == 2), Fraction(0))
        return _written(logs, whole)


def _written(logs: list[tuple[Fraction, Term]], rest: Fraction) -> Term:
    """The sum of scaled logs and a rational number, positive summands first; 0 if nothing is left."""
    parts = [(c, _scaled(c, t)) for c, t in logs]
    if rest or not parts:
        parts.append((rest, number(rest)))
    return total(t for _, t in sorted(parts, key=lambda part: part[0] < 0))


def _interval(context: Any, x: Fraction) -> Any:
    return context.mpf(x.numerator) / context.mpf(x.denominator)


def _scaled(coefficient: Fraction, t: Term) -> Term:
    if coefficient in (1, -1):
        return t if coefficient == 1 else -t
    return number(coefficient) * t


def _made(rational: Fraction, coefficients: dict[int, Fraction]) -> LogSum:
    return LogSum(rational, tuple(sorted((prime, c) for prime, c in coefficients.items() if c)))


def rational(x: int | Fraction) -> LogSum:
    """A rational number as a LogSum."""
    return LogSum(Fraction(x))


@lru_cache(maxsize=256)
def _log_prime(prime: int) -> Any:
    return MP.log(prime)


@lru_cache(maxsize=4096)
def log_of(x: int | Fraction) -> LogSum:
    """The logarithm of a positive rational number, by its prime factors; raises ValueError for others."""
    x = Fraction(x)
    if x <= 0:
        raise ValueError(f"no logarithm of {x}")
    powers: dict[int, Fraction] = {}
    for part, sign in ((x.numerator, 1), (x.denominator, -1)):
        for prime in _prime_factors(part):
            powers[prime] = powers.get(prime, Fraction(0)) + sign
    return _made(Fraction(0), powers)


def _prime_factors(n: int) -> Iterable[int]:
    """Trial division: the numbers on a sheet are small."""
    divisor = 2
    while divisor * divisor <= n:
        while n % divisor == 0:
            yield divisor
            n //= divisor
        divisor += 1
    if n > 1:
        yield n


def sum_of(parts: Iterable[LogSum]) -> LogSum:
    """The sum of LogSums."""
    whole = Fraction(0)
    merged: dict[int, Fraction] = {}
    for part in parts:
        if part.rational:
            whole += part.rational
        for prime, c in part.coefficients:
            merged[prime] = merged[prime] + c if prime in merged else c
    return _made(whole, merged)
