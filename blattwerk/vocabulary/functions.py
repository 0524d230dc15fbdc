"""The functions that terms are built with: log, exp, sqrt, matrices and their functions, expectations.

Each builds a term; see `terms` for what a term is. Logarithms and exponentials are evaluated to 60 digits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from blattwerk.vocabulary import matrices
from blattwerk.vocabulary.terms import (
    MP,
    NOWHERE,
    Call,
    Env,
    MatrixTerm,
    Num,
    Operand,
    Over,
    Rounded,
    Sym,
    Term,
    Value,
    term,
    within,
)
from blattwerk.vocabulary.writers import ATOM, QUOTIENT, Writer


def number(x: int | Fraction) -> Num:
    """An exact number as a term."""
    return Num(x if isinstance(x, Fraction) else Fraction(x))


def rounded_to(exact: Operand, places: int = 4) -> Rounded:
    """The decimal value of a closed term, for the right-hand side of an approximate equality."""
    return Rounded(term(exact), places)


def log(x: Operand, base: int | None = None) -> Term:
    """The natural logarithm, or the logarithm to a base (base 2 gives bits)."""
    if base is None:
        return Call("\\log", "log", _log, (term(x),), tight=True)
    return Call(f"\\log_{{{base}}}", "log", lambda v: _log(v) / _log(base), (term(x),), tight=True, base=str(base))


def _log(x: Value) -> Value:
    return MP.log(MP.convert(x))


_UNIT_DENSITY = 1 / MP.sqrt(2 * MP.pi)  # the density of N(0, 1) at 0


def normal_density(x: Value, mean: Value, deviation: Value) -> Value:
    """The density of N(mean, deviation^2) at x, all mpmath numbers: exp(-(x-m)^2 / (2 s^2)) / (s sqrt(2 pi))."""
    distance = (x - mean) / deviation
    return _UNIT_DENSITY * MP.exp(-(distance**2) / 2) / deviation


def exp(x: Operand) -> Term:
    """The exponential function, written exp(x)."""
    return Call("\\exp", "exp", lambda v: MP.exp(MP.convert(v)), (term(x),))


@dataclass(frozen=True)
class Sqrt(Term):
    """The square root; exact where the radicand is the square of a rational number."""

    radicand: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return square_root(self.radicand.value(env))

    def write(self, w: Writer) -> str:
        inner = self.radicand.write(w)
        return f"\\sqrt{{{inner}}}" if w.quotient_level == QUOTIENT else f"sqrt({inner})"


def square_root(x: Value) -> Value:
    """The root of a non-negative number: a Fraction where it is rational, 60 digits otherwise."""
    from math import isqrt

    if isinstance(x, int | Fraction):
        x = Fraction(x)
        over, under = isqrt(x.numerator), isqrt(x.denominator)
        if over * over == x.numerator and under * under == x.denominator:
            return Fraction(over, under)
    return MP.sqrt(MP.convert(x))


def sqrt(x: Operand) -> Term:
    """The square root as a term."""
    return Sqrt(term(x))


def matrix_term(rows: Iterable[Iterable[Operand]]) -> MatrixTerm:
    """Rows of numbers or terms as a matrix term."""
    return MatrixTerm(tuple(tuple(map(term, row)) for row in rows))


def column_term(entries: Iterable[Operand]) -> MatrixTerm:
    """A column vector as a matrix term."""
    return matrix_term((x,) for x in entries)


@dataclass(frozen=True)
class Superscript(Term):
    """A matrix function written as a superscript: transpose and inverse."""

    inner: Term
    printed: str
    name: str

    def value(self, env: Env = NOWHERE) -> Value:
        function = matrices.transpose if self.name == "T" else matrices.inverse
        return function(self.inner.value(env))

    def write(self, w: Writer) -> str:
        body = within(self.inner, w, ATOM)
        return f"{body}^{{{self.printed}}}" if w.quotient_level == QUOTIENT else f"{body}.{self.name}"


def transposed(a: Term) -> Term:
    """The transpose of a matrix term."""
    return Superscript(a, "\\top", "T")


def inverted(a: Term) -> Term:
    """The inverse of a matrix term."""
    return Superscript(a, "-1", "inv()")


def entry(x: Term) -> Term:
    """A 1x1 matrix term read as a number; written as it is."""
    return ScalarOf(x)


@dataclass(frozen=True)
class ScalarOf(Term):
    """A 1x1 matrix as the number in it, such as a quadratic form x'Ax."""

    inner: Term

    def value(self, env: Env = NOWHERE) -> Value:
        ((value,),) = self.inner.value(env)
        return value

    def write(self, w: Writer) -> str:
        return self.inner.write(w)

    def level(self, w: Writer) -> int:
        return self.inner.level(w)


def trace(a: Term) -> Term:
    """The trace of a matrix term."""
    return Call("\\operatorname{tr}", "trace", matrices.trace, (a,))


def det(a: Term) -> Term:
    """The determinant of a matrix term."""
    return Call("\\det", "det", matrices.determinant, (a,), tight=True)


def summed(index: str, low: Operand, high: Operand, body: Term) -> Term:
    """The sum of the body over an index, written with a big sigma."""
    return Over(index, term(low), term(high), body)


def multiplied(index: str, low: Operand, high: Operand, body: Term) -> Term:
    """The product of the body over an index, written with a big pi."""
    return Over(index, term(low), term(high), body, multiply=True)


@dataclass(frozen=True)
class NormalMean(Term):
    """The expectation of a polynomial body under x ~ N(mean, variance), written E_name[body].

    Evaluated by Gauss-Hermite quadrature with 8 nodes to 60 digits, exact for polynomials up to degree 15.
    """

    body: Term
    variable: Sym
    mean: Term
    deviation: Term
    under: str

    def value(self, env: Env = NOWHERE) -> Value:
        mean, deviation = (MP.convert(t.value(env)) for t in (self.mean, self.deviation))
        return sum(
            weight * self.body.value({**env, self.variable.name: mean + deviation * node})
            for node, weight in _hermite(8)
        )

    def write(self, w: Writer) -> str:
        body = self.body.write(w)
        return w.symbol(f"\\mathbb{{E}}_{{{self.under}}}\\!\\left[{body}\\right]", f"E_{self.under}[{body}]")


@lru_cache(maxsize=4)
def _hermite(count: int) -> tuple[tuple[Any, Any], ...]:
    """Nodes and weights for expectations under N(0, 1), to 60 digits.

    The nodes are the zeros of the Hermite polynomial He_n; the weights are n!/(n He_{n-1}(x))^2 (Abramowitz and Stegun,
    25.4.46, rescaled to the standard normal density).
    """

    def hermite(n: int, x: Any) -> Any:
        previous, current = MP.mpf(0), MP.mpf(1)
        for k in range(n):
            previous, current = current, x * current - k * previous
        return current

    import numpy as np

    starts = np.polynomial.hermite_e.hermegauss(count)[0]
    nodes = [MP.findroot(lambda x: hermite(count, x), MP.mpf(float(s)), tol=MP.mpf(10) ** -100) for s in starts]
    return tuple((x, MP.factorial(count) / (count * hermite(count - 1, x)) ** 2) for x in nodes)


def absolute(x: Operand) -> Term:
    """The absolute value, written with bars."""
    return Bars(term(x), "|", "|", "Abs")


@dataclass(frozen=True)
class Bars(Term):
    """A norm or an absolute value between bars; of a matrix, its Frobenius norm."""

    inner: Term
    left: str
    right: str
    name: str

    def value(self, env: Env = NOWHERE) -> Value:
        value = self.inner.value(env)
        if isinstance(value, tuple):
            return square_root(sum(x * x for row in value for x in row))
        return abs(value)

    def write(self, w: Writer) -> str:
        body = self.inner.write(w)
        return f"\\left{self.left}{body}\\right{self.right}" if w.quotient_level == QUOTIENT else f"{self.name}({body})"


def norm(x: Term) -> Term:
    """The Euclidean norm of a vector, the Frobenius norm of a matrix."""
    return Bars(x, "\\|", "\\|", "norm")
