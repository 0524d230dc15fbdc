"""Terms: expressions that can be shown and evaluated, so that what stands on paper is what was checked.

A term is never simplified or reordered: `number(3) / 4 * log(2)` prints as it was built. Its `value` is exact (a
Fraction, or a matrix of Fractions) as long as the term is rational, and an mpmath number of 60 digits otherwise.
Symbols take their values from an environment, a mapping of names.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Union

import mpmath

from blattwerk.vocabulary import matrices
from blattwerk.vocabulary.language import Lang
from blattwerk.vocabulary.writers import ATOM, POWER, PREFIX, PRODUCT, QUOTIENT, SUM, TEX_WRITERS, TEXT_WRITER, Writer

DIGITS = 60
MP = mpmath.mp.clone()
MP.dps = DIGITS

Value = Any  # Fraction | mpmath number | matrices.Matrix
Env = Mapping[str, Any]
Operand = Union["Term", int, Fraction]
NOWHERE: Env = {}


class Term(ABC):
    """The base of all terms: arithmetic builds larger terms, nothing is evaluated.

    a + b + c is one sum of three; a + (b + c) keeps its brackets on paper.
    """

    numeric: ClassVar[bool] = False  # reads as a number, so that a factor before it needs a dot
    swallows: ClassVar[bool] = False  # would take in a factor that follows, as `log 2` does

    @abstractmethod
    def value(self, env: Env = NOWHERE) -> Value:
        """The term's value where its symbols have the values of `env`."""

    @abstractmethod
    def write(self, w: Writer) -> str:
        """The term in a writer's notation."""

    def level(self, w: Writer) -> int:
        """How tightly the written term binds."""
        return ATOM

    def tex(self, lang: Lang) -> str:
        """The term as TeX for math mode."""
        return self.write(TEX_WRITERS[lang])

    def __str__(self) -> str:
        return self.write(TEXT_WRITER)

    def __add__(self, other: Operand) -> "Term":
        return Add((*_summands(self), term(other)))

    def __radd__(self, other: Operand) -> "Term":
        return term(other) + self

    def __neg__(self) -> "Term":
        return Neg(self)

    def __sub__(self, other: Operand) -> "Term":
        return Add((*_summands(self), Neg(term(other))))

    def __rsub__(self, other: Operand) -> "Term":
        return term(other) - self

    def __mul__(self, other: Operand) -> "Term":
        return Mul((*_factors(self), *_factors(term(other))))

    def __rmul__(self, other: Operand) -> "Term":
        return term(other) * self

    def __truediv__(self, other: Operand) -> "Term":
        return Div(self, term(other))

    def __rtruediv__(self, other: Operand) -> "Term":
        return Div(term(other), self)

    def __pow__(self, exponent: Operand) -> "Term":
        return Pow(self, term(exponent))


def term(x: Operand) -> Term:
    """A term as it is; an int or a Fraction as a number."""
    if isinstance(x, Term):
        return x
    return Num(x if isinstance(x, Fraction) else Fraction(x))


def total(summands: Iterable[Operand]) -> Term:
    """The sum of the summands, written out; one summand stands for itself."""
    terms = tuple(map(term, summands))
    return terms[0] if len(terms) == 1 else Add(terms)


def product(factors: Iterable[Operand]) -> Term:
    """The product of the factors, written out; one factor stands for itself."""
    terms = tuple(map(term, factors))
    return terms[0] if len(terms) == 1 else Mul(terms)


def _summands(t: Term) -> tuple[Term, ...]:
    return t.terms if isinstance(t, Add) else (t,)


def _factors(t: Term) -> tuple[Term, ...]:
    return t.factors if isinstance(t, Mul) else (t,)


def within(t: Term, w: Writer, level: int) -> str:
    """The written term, in brackets if it binds less tightly than `level`."""
    text = t.write(w)
    return text if t.level(w) >= level else w.bracket(text)


@dataclass(frozen=True)
class Num(Term):
    """An exact rational number."""

    number: Fraction
    numeric: ClassVar[bool] = True

    def value(self, env: Env = NOWHERE) -> Value:
        return self.number

    def write(self, w: Writer) -> str:
        return w.number(self.number)

    def level(self, w: Writer) -> int:
        if self.number < 0:
            return PREFIX
        return ATOM if self.number.denominator == 1 else w.quotient_level


@dataclass(frozen=True)
class Rounded(Term):
    """A term's value rounded to some decimals: what stands behind the sign for `approximately`."""

    exact: Term
    places: int
    numeric: ClassVar[bool] = True

    def value(self, env: Env = NOWHERE) -> Value:
        from blattwerk.vocabulary.language import rounded

        return Fraction(rounded(self.exact.value(env), self.places))

    def write(self, w: Writer) -> str:
        return w.decimal(self.exact.value(), self.places)

    def level(self, w: Writer) -> int:
        return PREFIX if self.value() < 0 else ATOM


@dataclass(frozen=True)
class Sym(Term):
    """A symbol, evaluated by its name; `tex` is how it is printed (the name, if left out)."""

    name: str
    printed: str = ""

    def value(self, env: Env = NOWHERE) -> Value:
        return env[self.name]

    def write(self, w: Writer) -> str:
        return w.symbol(self.printed or self.name, self.name)


@dataclass(frozen=True)
class At(Term):
    """An entry of a vector of numbers: the symbol with an index (counted from 1) that is itself a term."""

    name: str
    index: Term
    printed: str = ""
    squared: bool = False

    def value(self, env: Env = NOWHERE) -> Value:
        place = int(self.index.value(env)) - 1
        if place < 0:
            raise IndexError(f"{self.name} has no entry {place + 1}; entries are counted from 1")
        entry = env[self.name][place]
        return entry**2 if self.squared else entry

    def write(self, w: Writer) -> str:
        index = self.index.write(w)
        if self.squared:
            return w.symbol(f"{self.printed or self.name}_{{{index}}}^2", f"{self.name}[{index}]**2")
        return w.symbol(f"{self.printed or self.name}_{{{index}}}", f"{self.name}[{index}]")

    def level(self, w: Writer) -> int:
        return POWER if self.squared else ATOM


@dataclass(frozen=True)
class Named(Term):
    """A quantity shown by its name, such as D(P||Q), whose value is computed from its definition.

    `definition` should be written by other means than the steps that follow it, for then the first relation of a
    derivation is a check like all others.
    """

    printed: str
    name: str
    definition: Callable[[Env], Value]

    def __post_init__(self) -> None:
        if "\\" in self.name and "\\" not in self.printed:
            raise ValueError(f"'{self.name}' is TeX, and '{self.printed}' is not: the name for paper comes first")

    def value(self, env: Env = NOWHERE) -> Value:
        return self.definition(env)

    def write(self, w: Writer) -> str:
        return w.symbol(self.printed, self.name)


@dataclass(frozen=True)
class Infinity(Term):
    """Plus infinity."""

    def value(self, env: Env = NOWHERE) -> Value:
        return MP.inf

    def write(self, w: Writer) -> str:
        return w.infinity()


@dataclass(frozen=True)
class Neg(Term):
    """The negative of a term."""

    inner: Term

    def value(self, env: Env = NOWHERE) -> Value:
        value = self.inner.value(env)
        return matrices.scale(-1, value) if isinstance(value, tuple) else -value

    def write(self, w: Writer) -> str:
        text = within(self.inner, w, PRODUCT)
        return f"-{w.bracket(text)}" if text.startswith("-") else f"-{text}"

    def level(self, w: Writer) -> int:
        return PREFIX if self.inner.level(w) > PRODUCT else SUM


@dataclass(frozen=True)
class Add(Term):
    """A sum, in the order given; negative summands are written with a minus."""

    terms: tuple[Term, ...]

    def value(self, env: Env = NOWHERE) -> Value:
        result = self.terms[0].value(env)
        for t in self.terms[1:]:
            other = t.value(env)
            result = matrices.add(result, other) if isinstance(result, tuple) else result + other
        return result

    def write(self, w: Writer) -> str:
        return "".join(self.pieces(w))

    def pieces(self, w: Writer) -> list[str]:
        """The written summands with their signs, for breaking a long line between them."""
        return [_signed(t, w, first=not i) for i, t in enumerate(self.terms)]

    def level(self, w: Writer) -> int:
        return SUM


def _signed(t: Term, w: Writer, first: bool) -> str:
    """A summand with its sign: ' + x', ' - x', or without the plus at the beginning."""
    text = t.write(w) if not isinstance(t, Add) else w.bracket(t.write(w))
    if text.startswith("-"):
        return "-" + text[1:] if first else " - " + text[1:]
    return text if first else " + " + text


@dataclass(frozen=True)
class Mul(Term):
    """A product, in the order given (matrices do not commute)."""

    factors: tuple[Term, ...]

    @property
    def numeric(self) -> bool:  # type: ignore[override]  # a product reads as a number if it begins with one
        return self.factors[0].numeric

    @property
    def swallows(self) -> bool:  # type: ignore[override]  # a product ends as its last factor does
        return self.factors[-1].swallows

    def value(self, env: Env = NOWHERE) -> Value:
        result = self.factors[0].value(env)
        for f in self.factors[1:]:
            result = _times(result, f.value(env))
        return result

    def write(self, w: Writer) -> str:
        factors = []
        for i, f in enumerate(self.factors):
            last = i == len(self.factors) - 1
            text = f.write(w)
            prefixed = f.level(w) == PREFIX and (i == 0 or (last and not text.startswith("-")))  # -x first, a sum last
            bare = (f.level(w) > PREFIX or prefixed) and (last or not _swallows(f, w))
            factors.append((text if bare else w.bracket(text), f.numeric))
        return w.times(factors)

    def level(self, w: Writer) -> int:
        return PRODUCT


def _swallows(t: Term, w: Writer) -> bool:
    return t.swallows and w.quotient_level == QUOTIENT  # in text, all arguments stand in brackets


def _times(a: Value, b: Value) -> Value:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return matrices.multiply(a, b)
    if isinstance(a, tuple):
        return matrices.scale(b, a)
    return matrices.scale(a, b) if isinstance(b, tuple) else a * b


def _of_numbers(t: Term) -> bool:
    """Is it a number, or a sum of such, which a fraction's bar holds together without brackets?"""
    if isinstance(t, Add):
        return all(map(_of_numbers, t.terms))
    return _of_numbers(t.inner) if isinstance(t, Neg) else t.numeric


@dataclass(frozen=True)
class Div(Term):
    """A quotient, written as a fraction."""

    over: Term
    under: Term

    @property
    def numeric(self) -> bool:  # type: ignore[override]  # a fraction of numbers is a number
        return _of_numbers(self.over) and _of_numbers(self.under)

    def value(self, env: Env = NOWHERE) -> Value:
        over, under = self.over.value(env), self.under.value(env)
        if isinstance(over, Fraction) and not isinstance(under, Fraction | int):
            over = MP.convert(over)  # a Fraction does not know how to be divided by an mpmath number
        return over / under

    def write(self, w: Writer) -> str:
        if w.quotient_level == QUOTIENT:
            return w.quotient(_flat(self.over, w), _flat(self.under, w))
        return w.quotient(within(self.over, w, PRODUCT), within(self.under, w, POWER))

    def level(self, w: Writer) -> int:
        return w.quotient_level


def _flat(t: Term, w: Writer) -> str:
    """A number inside a fraction is written 1/4, not as a fraction of its own."""
    return w.slashed(t.number) if isinstance(t, Num) else t.write(w)


@dataclass(frozen=True)
class Pow(Term):
    """A power; an exponent of 1/2 is better written with `sqrt`."""

    base: Term
    exponent: Term

    @property
    def numeric(self) -> bool:  # type: ignore[override]  # 2^3 reads as a number
        return self.base.numeric

    def value(self, env: Env = NOWHERE) -> Value:
        base, exponent = self.base.value(env), self.exponent.value(env)
        if isinstance(exponent, Fraction) and exponent.denominator == 1:
            return base ** int(exponent)
        return MP.power(MP.convert(base), MP.convert(exponent))

    def write(self, w: Writer) -> str:
        exponent = self.exponent.write(w) if w.quotient_level == QUOTIENT else within(self.exponent, w, ATOM)
        return w.power(within(self.base, w, ATOM), exponent)

    def level(self, w: Writer) -> int:
        return POWER


@dataclass(frozen=True)
class Call(Term):
    """A function of terms: `function` gets their values. `tight` functions (log 2) drop brackets around an atom."""

    printed: str
    name: str
    function: Callable[..., Value]
    arguments: tuple[Term, ...]
    tight: bool = False
    base: str = ""  # of a logarithm, for the text form: log(3, 2)

    @property
    def swallows(self) -> bool:  # type: ignore[override]  # a product ends as its last factor does  # only without brackets of its own
        return self.tight

    def value(self, env: Env = NOWHERE) -> Value:
        return self.function(*(a.value(env) for a in self.arguments))

    def write(self, w: Writer) -> str:
        tight = self.tight and self.arguments[0].level(w) >= QUOTIENT
        return w.call(self.printed, self.name, [a.write(w) for a in self.arguments], tight, self.base)

    def level(self, w: Writer) -> int:
        # "log 2" binds like a product with something behind it: (log 2)^2 and a (log 2) b need the brackets.
        tight = self.tight and self.arguments[0].level(w) >= QUOTIENT and w.quotient_level == QUOTIENT
        return QUOTIENT if tight else ATOM


@dataclass(frozen=True)
class MatrixTerm(Term):
    """A matrix of terms, by rows."""

    rows: tuple[tuple[Term, ...], ...]

    def value(self, env: Env = NOWHERE) -> Value:
        return tuple(tuple(t.value(env) for t in row) for row in self.rows)

    def write(self, w: Writer) -> str:
        return w.matrix([[t.write(w) for t in row] for row in self.rows])


@dataclass(frozen=True)
class Over(Term):
    """The sum (or product) of a body over an index from low to high."""

    index: str
    low: Term
    high: Term
    body: Term
    multiply: bool = False
    swallows: ClassVar[bool] = True

    def value(self, env: Env = NOWHERE) -> Value:
        low, high = int(self.low.value(env)), int(self.high.value(env))
        values = [self.body.value({**env, self.index: Fraction(i)}) for i in range(low, high + 1)]
        if self.multiply:
            result: Value = Fraction(1)
            for value in values:
                result = _times(result, value)
            return result
        return sum(values, Fraction(0))

    def write(self, w: Writer) -> str:
        join = w.product_of if self.multiply else w.big_sum
        return join(self.index, self.low.write(w), self.high.write(w), within(self.body, w, PRODUCT))

    def level(self, w: Writer) -> int:
        return PREFIX if w.quotient_level == QUOTIENT else ATOM
