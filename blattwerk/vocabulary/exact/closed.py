"""Closed forms: rational combinations of products of logarithms, roots and exponentials, kept exact and in order.

What is rational is a Fraction; everything else is a `Closed`. Logarithms are taken apart into those of primes, roots
are freed of squares, exponentials are gathered, and equal products are added up, so that 2 sqrt(3) - sqrt(12) is 0.
Equality of two forms goes by their shape; where order or sign matters, 60 digits decide.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from math import gcd, lcm
from typing import Any, Literal, Union

from blattwerk.vocabulary.exact.log_sums import log_of
from blattwerk.vocabulary.functions import exp, log, number, sqrt
from blattwerk.vocabulary.terms import MP, Term, product, total

Kind = Literal["log", "log2", "root", "exp", "sum"]
Real = Union[int, Fraction, "Closed"]
LARGEST = 10**5  # of numbers in a logarithm: above that, the logarithms of primes stand side by side
NOTHING = MP.mpf(10) ** -45  # what is smaller than this is 0: forms on a sheet are never that close and different


@dataclass(frozen=True)
class Atom:
    """What cannot be taken apart: the logarithm, root or exponential of something, or a sum (below a line)."""

    kind: Kind
    of: Any  # int | Fraction | Closed

    @cached_property
    def key(self) -> tuple[str, str]:
        """For putting atoms in order."""
        return self.kind, f"{self.of:>40}" if isinstance(self.of, int) else repr(self.of)

    def value(self) -> Any:
        """To 60 digits."""
        return _atom_value(self)

    def term(self) -> Term:
        """As it is written."""
        inner = self.of.term() if isinstance(self.of, Closed) else number(self.of)
        if self.kind == "log2":
            return log(inner, 2)
        write: dict[Kind, Callable[[Term], Term]] = {"log": log, "root": sqrt, "exp": exp}
        return write[self.kind](inner) if self.kind in write else inner


@lru_cache(maxsize=4096)
def _atom_value(atom: Atom) -> Any:
    inner = MP.convert(atom.of.value() if isinstance(atom.of, Closed) else atom.of)
    if atom.kind == "log2":
        return MP.log(inner) / MP.log(2)
    return {"log": MP.log, "root": MP.sqrt, "exp": MP.exp, "sum": lambda x: x}[atom.kind](inner)


Product = tuple[tuple[Atom, int], ...]  # atoms with their powers, in order


@dataclass(frozen=True)
class Closed:
    """A sum of products of atoms, each with a rational coefficient that is not 0; the empty product is 1."""

    parts: tuple[tuple[Product, Fraction], ...]

    def value(self) -> Any:
        """To 60 digits."""
        return self._value

    @cached_property
    def _value(self) -> Any:
        return sum(
            (MP.convert(c) * MP.fprod(atom.value() ** power for atom, power in atoms) for atoms, c in self.parts),
            MP.mpf(0),
        )

    def sign(self) -> int:
        """-1, 0 or 1."""
        return 0 if abs(self._value) < NOTHING else 1 if self._value > 0 else -1

    def term(self) -> Term:
        """The value as a term, positive summands first."""
        logs, others = _gathered(self.parts)
        ordered = sorted(others, key=lambda part: (part[1] < 0, not part[0]))
        written = [(c < 0, _written(atoms, c)) for atoms, c in ordered]
        if logs is not None:
            smaller = logs.numerator == 1
            written.insert(0, (smaller, -log(number(logs.denominator)) if smaller else log(number(logs))))
        return total(t for _, t in sorted(written, key=lambda one: one[0]))

    def __float__(self) -> float:
        return float(self._value)

    def __str__(self) -> str:
        return str(self.term())

    def __add__(self, other: Any) -> Any:
        return _summed((self, other)) if _real(other) else NotImplemented

    __radd__ = __add__

    def __neg__(self) -> Any:
        return Closed(tuple((atoms, -c) for atoms, c in self.parts))

    def __sub__(self, other: Any) -> Any:
        return self + -other if _real(other) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return -self + other if _real(other) else NotImplemented

    def __mul__(self, other: Any) -> Any:
        if not _real(other):
            return NotImplemented
        return _summed(_times(a, b, c * d) for a, c in self.parts for b, d in _parts(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self * reciprocal(other) if _real(other) else NotImplemented

    def __rtruediv__(self, other: Any) -> Any:
        return reciprocal(self) * other if _real(other) else NotImplemented

    def __pow__(self, exponent: Any) -> Any:
        return power(self, exponent)

    def __abs__(self) -> Any:
        return -self if self.sign() < 0 else self

    def __lt__(self, other: Any) -> bool:
        return _order(self, other) < 0

    def __le__(self, other: Any) -> bool:
        return _order(self, other) <= 0

    def __gt__(self, other: Any) -> bool:
        return _order(self, other) > 0

    def __ge__(self, other: Any) -> bool:
        return _order(self, other) >= 0


def _gathered(
    parts: tuple[tuple[Product, Fraction], ...],
) -> tuple[Fraction | None, tuple[tuple[Product, Fraction], ...]]:
    """Whole multiples of logarithms of primes as that of one number, where it is small; and the other summands."""
    logs = [(atoms[0][0].of, c) for atoms, c in parts if _is_log_of_prime(atoms)]
    if not logs or any(c.denominator != 1 or abs(c) > 12 for _, c in logs):
        return None, parts
    one = Fraction(1)
    for prime, c in logs:
        one *= Fraction(prime) ** int(c)
    if max(one.numerator, one.denominator) >= LARGEST:
        return None, parts
    return one, tuple(part for part in parts if not _is_log_of_prime(part[0]))


def _is_log_of_prime(atoms: Product) -> bool:
    return len(atoms) == 1 and atoms[0][1] == 1 and atoms[0][0].kind == "log" and isinstance(atoms[0][0].of, int)


def _real(x: Any) -> bool:
    return isinstance(x, int | Fraction | Closed)


def _order(a: Closed, b: Any) -> int:
    if not _real(b):
        raise TypeError(f"a closed form cannot be compared with a {type(b).__name__}")
    difference = a - b
    return difference.sign() if isinstance(difference, Closed) else (difference > 0) - (difference < 0)


def _parts(x: Real) -> tuple[tuple[Product, Fraction], ...]:
    if isinstance(x, Closed):
        return x.parts
    return (((), Fraction(x)),) if x else ()


def _made(parts: dict[Product, Fraction]) -> Real:
    """A closed form of these summands, or a Fraction if nothing else is left."""
    there = {atoms: c for atoms, c in parts.items() if c}
    if not there.keys() - {()}:
        return there.get((), Fraction(0))
    return Closed(tuple(sorted(there.items(), key=lambda part: [(a.key, n) for a, n in part[0]])))


def _summed(values: Iterable[Real]) -> Real:
    merged: dict[Product, Fraction] = {}
    for x in values:
        for atoms, c in _parts(x):
            merged[atoms] = merged.get(atoms, Fraction(0)) + c
    return _made(merged)


def _times(a: Product, b: Product, factor: Fraction) -> Real:
    """A product of two products: powers are added, exponentials gathered, squares of roots taken out."""
    powers: dict[Atom, int] = dict(a)
    for atom, n in b:
        powers[atom] = powers.get(atom, 0) + n
    exponent: Real = Fraction(0)
    outside: Real = factor
    kept: dict[Atom, int] = {}
    for atom, n in powers.items():
        if atom.kind == "exp":
            exponent = exponent + atom.of * n
        elif atom.kind == "root" and n not in (0, 1):
            outside = outside * power(atom.of if isinstance(atom.of, Closed) else Fraction(atom.of), n // 2)
            if n % 2:
                kept[atom] = 1
        elif n:
            kept[atom] = n
    if exponent != 0:
        raised = exponential(exponent)
        if (
            isinstance(raised, Closed)
            and len(raised.parts) == 1
            and all(x.kind == "exp" for x, _ in raised.parts[0][0])
        ):
            outside = outside * raised.parts[0][1]
            kept |= dict(raised.parts[0][0])
        else:
            outside = outside * raised
    atoms = tuple(sorted(kept.items(), key=lambda item: item[0].key))
    if isinstance(outside, Closed):
        return _summed(_times(atoms, more, c) for more, c in outside.parts)
    return _made({atoms: Fraction(outside)})


def reciprocal(x: Real) -> Real:
    """1/x; raises ZeroDivisionError where x is 0."""
    if not isinstance(x, Closed):
        return 1 / Fraction(x)
    if x.sign() == 0:
        raise ZeroDivisionError("division by a closed form that is 0")
    if len(x.parts) == 1:
        ((atoms, c),) = x.parts
        return _times((), tuple((atom, -n) for atom, n in atoms), 1 / c)
    if (conjugate := _conjugate(x)) is not None:
        rational: Real = conjugate / (x * conjugate)
        return rational
    # Whole coefficients without a common factor: sums that are equal but for a factor are one atom.
    content = Fraction(gcd(*(c.numerator for _, c in x.parts)), lcm(*(c.denominator for _, c in x.parts))) * (
        -1 if all(c < 0 for _, c in x.parts) else 1
    )
    primitive = Closed(tuple((atoms, c / content) for atoms, c in x.parts))
    return _made({((Atom("sum", primitive), -1),): 1 / content})


def _conjugate(x: Closed) -> Closed | None:
    """a - b sqrt(n) for a + b sqrt(n)."""
    roots = [(atoms, c) for atoms, c in x.parts if atoms]
    if len(x.parts) == 2 and all(len(atoms) == 1 and atoms[0][0].kind == "root" for atoms, _ in roots):
        first, (atoms, c) = x.parts
        return Closed((first, (atoms, -c)))
    return None


def logarithm(x: Real, base: int | None = None) -> Real:
    """The logarithm, natural or to the base 2; raises ValueError where there is none."""
    kind: Kind = "log2" if base == 2 else "log"
    if not isinstance(x, Closed):
        powers = log_of(x).coefficients
        return _made({((Atom(kind, p), 1),) if (kind, p) != ("log2", 2) else (): c for p, c in powers})
    if x.sign() <= 0:
        raise ValueError(f"no logarithm of {x}")
    if len(x.parts) == 1 and kind == "log":
        ((atoms, c),) = x.parts
        if all(atom.kind in ("exp", "root") or atom.kind == "sum" for atom, _ in atoms) and c > 0:
            return _summed((logarithm(c), *(n * _log_of_atom(atom) for atom, n in atoms)))
    return _made({((Atom(kind, x), 1),): Fraction(1)})


def _log_of_atom(atom: Atom) -> Real:
    if atom.kind == "exp":
        exponent: Real = atom.of
        return exponent
    if atom.kind == "root":
        return Fraction(1, 2) * logarithm(atom.of)
    if atom.of.sign() < 0:
        raise ValueError(f"no logarithm of {atom.of}")
    whole: Real = logarithm(atom.of)
    return whole


def exponential(x: Real) -> Real:
    """exp(x); of a logarithm of a rational number, that number."""
    outside: Real = Fraction(1)
    rest: dict[Product, Fraction] = {}
    for atoms, c in _parts(x):
        if c.denominator == 1 and len(atoms) == 1 and atoms[0][1] == 1 and atoms[0][0].kind == "log":
            of = atoms[0][0].of
            outside = outside * power(of if isinstance(of, Closed) else Fraction(of), int(c))
        else:
            rest[atoms] = c
    inner = _made(rest)
    if inner == 0:
        return outside
    raised = _made({((Atom("exp", inner if isinstance(inner, Closed) else Fraction(inner)), 1),): Fraction(1)})
    return raised if outside == 1 else _single(raised, outside)


def _single(raised: Real, outside: Real) -> Real:
    """A product with an exponential, put together without asking for its exponent again."""
    ((atoms, _),) = _parts(raised)
    found: dict[Product, Fraction] = {}
    for more, c in _parts(outside):
        merged = tuple(sorted((*atoms, *more), key=lambda item: item[0].key))
        found[merged] = found.get(merged, Fraction(0)) + c
    return _made(found)


def square_root(x: Real) -> Real:
    """The root of a number that is not negative, squares taken out; raises ValueError for others."""
    if isinstance(x, Closed):
        if x.sign() < 0:
            raise ValueError(f"no square root of {x}")
        return _made({((Atom("root", x), 1),): Fraction(1)})
    x = Fraction(x)
    if x < 0:
        raise ValueError(f"no square root of {x}")
    outside, inside = _square_free(x.numerator * x.denominator)
    factor = Fraction(outside, x.denominator)
    return factor if inside == 1 or not x else _made({((Atom("root", inside), 1),): factor})


def _square_free(n: int) -> tuple[int, int]:
    """n as a^2 b with b free of squares."""
    outside, divisor = 1, 2
    while divisor * divisor <= n:
        if n % (divisor * divisor) == 0:
            n //= divisor * divisor
            outside *= divisor
        else:
            divisor += 1
    return outside, n


def power(x: Real, exponent: Any) -> Real:
    """x to a whole or half power."""
    e = Fraction(exponent)
    if e == Fraction(1, 2):
        return square_root(x)
    if e.denominator != 1:
        raise TypeError(f"the exponent {e} is neither whole nor 1/2")
    if not isinstance(x, Closed):
        return Fraction(x) ** int(e)
    base, result = (x if e > 0 else reciprocal(x)), Fraction(1)
    for _ in range(abs(int(e))):
        result = base * result
    return result


def _written(atoms: Product, c: Fraction) -> Term:
    """A summand: its coefficient, what is above the line, and what is below."""
    above = [_raised(atom, n) for atom, n in atoms if n > 0]
    below = [_raised(atom, -n) for atom, n in atoms if n < 0]
    if below:
        sign, size = (-1 if c < 0 else 1), abs(c)
        over = [number(size.numerator)] if size.numerator != 1 or not above else []
        under = [number(size.denominator)] if size.denominator != 1 else []
        quotient = product([*over, *above]) / product([*under, *below])
        return -quotient if sign < 0 else quotient
    if not above:
        return number(c)
    if c in (1, -1):
        return product(above) if c == 1 else -product(above)
    return product([number(c), *above])


def _raised(atom: Atom, n: int) -> Term:
    return atom.term() if n == 1 else atom.term() ** n
