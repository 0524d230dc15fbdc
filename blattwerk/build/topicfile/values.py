"""The exact values that a `solve` fence computes with: numbers, and vectors and matrices by numpy's conventions.

A number is an int, a Fraction or a closed form. `+ - * /` work entry by entry, `@` is the product of linear algebra,
and a vector is a column on paper.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from blattwerk.vocabulary import matrices
from blattwerk.vocabulary.exact.closed import Closed, exponential, logarithm, power, reciprocal, square_root
from blattwerk.vocabulary.functions import column_term, matrix_term, number
from blattwerk.vocabulary.terms import MP, Term

_PLAIN = frozenset((int, Fraction))  # a look at the type is several times quicker than to ask of what kind it is


class Vector(tuple[Any, ...]):
    """A vector of exact numbers; of vectors, a matrix by its rows."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return each(add, self, other)

    def __radd__(self, other: Any) -> Any:
        return each(add, other, self)

    def __sub__(self, other: Any) -> Any:
        return each(subtract, self, other)

    def __rsub__(self, other: Any) -> Any:
        return each(subtract, other, self)

    def __mul__(self, other: Any) -> Any:
        return each(multiply, self, other)

    def __rmul__(self, other: Any) -> Any:
        return each(multiply, other, self)

    def __truediv__(self, other: Any) -> Any:
        return each(divide, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return each(divide, other, self)

    def __pow__(self, other: Any) -> Any:
        return each(raised, self, other)

    def __matmul__(self, other: Any) -> Any:
        return matmul(self, other) if isinstance(other, Vector) else NotImplemented

    def __neg__(self) -> "Vector":
        return Vector(-x for x in self)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):  # A[i, j], as in numpy
            entry: Any = self
            for place in key:
                entry = entry[place]
            return entry
        found = super().__getitem__(key)
        return Vector(found) if isinstance(key, slice) else found

    @property
    def T(self) -> "Vector":  # noqa: N802  # numpy's name
        """The transpose."""
        return transposed(self)

    def term(self) -> Term:
        """As it is printed: a column, or a matrix."""
        return term_of(self)


def vector(entries: Iterable[Any]) -> Vector:
    """A vector of these entries; lists and tuples among them become vectors too."""
    return Vector(vector(x) if isinstance(x, list | tuple) else x for x in entries)


def lifted(value: Any) -> Any:
    """A drawn or stored value to compute with: tuples of numbers as vectors."""
    return vector(value) if isinstance(value, list | tuple) and value and numeric(value) else value


def plain(value: Any) -> Any:
    """A value to be stored: vectors as tuples."""
    return tuple(map(plain, value)) if isinstance(value, list | tuple) else value


def numeric(value: Any) -> bool:
    """Whether this is an exact number, or is made of such."""
    if type(value) in _PLAIN:
        return True
    if isinstance(value, list | tuple):
        return all(map(numeric, value))
    return isinstance(value, int | Fraction | Closed) and not isinstance(value, bool)


def rank(value: Any) -> int:
    """0 for a number, 1 for a vector, 2 for a matrix."""
    return 1 + rank(value[0]) if isinstance(value, list | tuple) and value else 0


def term_of(value: Any) -> Term:
    """A value as a term: what is printed for it."""
    if isinstance(value, list | tuple):
        return column_term(map(term_of, value)) if rank(value) == 1 else matrix_term(map(term_of, r) for r in value)
    return value.term() if isinstance(value, Closed) else number(value)


def row_of(value: Any) -> Term:
    """A vector as a term: a row."""
    return matrix_term([map(term_of, value)])


def evaluated(value: Any) -> Any:
    """A value as terms evaluate to it: a vector as a matrix of one column, a closed form as its 60 digits."""
    if isinstance(value, list | tuple):
        rows = ((x,) for x in value) if rank(value) == 1 else value
        return tuple(tuple(evaluated(x) for x in row) for row in rows)
    return value.value() if isinstance(value, Closed) else Fraction(value)


def each(function: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Entry by entry; a number beside a vector is taken with each entry."""
    if type(a) in _PLAIN and type(b) in _PLAIN:
        return function(a, b)
    if not all(isinstance(x, int | Fraction | Closed | Vector) for x in (a, b)):
        return NotImplemented
    if isinstance(a, Vector) and isinstance(b, Vector):
        if len(a) != len(b) and rank(a) == rank(b):
            raise ValueError(f"vectors of {len(a)} and {len(b)} entries")
        if rank(a) == rank(b):
            return Vector(each(function, x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, Vector) and rank(a) >= rank(b):
        return Vector(each(function, x, b) for x in a)
    if isinstance(b, Vector):
        return Vector(each(function, a, y) for y in b)
    return function(a, b)


def add(a: Any, b: Any) -> Any:
    """a + b."""
    return a + b


def subtract(a: Any, b: Any) -> Any:
    """a - b."""
    return a - b


def multiply(a: Any, b: Any) -> Any:
    """a b."""
    return a * b


def divide(a: Any, b: Any) -> Any:
    """a / b, exactly, of whole numbers too."""
    if isinstance(a, int | Fraction) and isinstance(b, int | Fraction):
        return Fraction(a) / b
    if isinstance(a, int | Fraction | Closed) and isinstance(b, int | Fraction | Closed):
        return a * reciprocal(b)
    return a / b


def raised(a: Any, b: Any) -> Any:
    """a to the power b, exactly."""
    if isinstance(a, int) and isinstance(b, int) and b >= 0:
        return a**b
    return power(a, b) if isinstance(a, int | Fraction | Closed) else a**b


def mapped(function: Callable[[Any], Any], x: Any) -> Any:
    """A function of a number, or of each entry."""
    return Vector(mapped(function, y) for y in x) if isinstance(x, Vector) else function(x)


def log(x: Any) -> Any:
    """The natural logarithm."""
    return mapped(logarithm, x)


def log2(x: Any) -> Any:
    """The logarithm to the base 2."""
    return mapped(lambda y: logarithm(y, 2), x)


def exp(x: Any) -> Any:
    """The exponential function."""
    return mapped(exponential, x)


def sqrt(x: Any) -> Any:
    """The square root."""
    return mapped(square_root, x)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    return mapped(lambda y: divide(1, 1 + exponential(-y)), x)


def relu(x: Any) -> Any:
    """max(0, x)."""
    return mapped(lambda y: y if y > 0 else Fraction(0), x)


def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    return mapped(lambda y: (y > 0) - (y < 0), x)


def absolute(x: Any) -> Any:
    """The absolute value."""
    return mapped(abs, x)


def total(x: Iterable[Any]) -> Any:
    """The sum of the entries; of a matrix, of its rows."""
    result: Any = 0
    for y in x:
        result = y if isinstance(result, int) and result == 0 else result + y
    return result


def prod(x: Iterable[Any]) -> Any:
    """The product of the entries."""
    result: Any = 1
    for y in x:
        result = result * y
    return result


def matmul(a: Vector, b: Vector) -> Any:
    """numpy's @: of two vectors the inner product, else products of matrices; a vector is a row before a matrix."""
    if rank(a) == 1:
        return total(multiply(x, y) for x, y in zip(a, b, strict=True))
    if rank(b) == 1:
        return Vector(matmul(row, b) for row in a)
    columns = transposed(b)
    return Vector(Vector(matmul(row, column) for column in columns) for row in a)


def transposed(a: Vector) -> Vector:
    """The transpose of a matrix."""
    return vector(zip(*a, strict=True))


def inverse(a: Vector) -> Vector:
    """The inverse of a matrix."""
    return vector(matrices.inverse(_fractions(a)))


def det(a: Vector) -> Any:
    """The determinant of a matrix."""
    return matrices.determinant(_fractions(a))


def _fractions(a: Vector) -> matrices.Matrix:
    return tuple(tuple(Fraction(x) if isinstance(x, int) else x for x in row) for row in a)


def trace(a: Vector) -> Any:
    """The sum of a matrix's diagonal."""
    return matrices.trace(a)


def outer(a: Vector, b: Vector) -> Vector:
    """The matrix of all products of entries."""
    return Vector(Vector(x * y for y in b) for x in a)


def norm(v: Vector) -> Any:
    """The Euclidean length."""
    return square_root(total(x * x for x in v))


def floor(x: Any) -> int:
    """The largest whole number that is not above x."""
    return int(MP.floor(x.value())) if isinstance(x, Closed) else x // 1


def one_hot(place: int, size: int) -> Vector:
    """The vector with a 1 at this place (counted from 0), and 0 elsewhere."""
    return Vector(int(i == place) for i in range(size))


def identity(size: int) -> Vector:
    """The identity matrix."""
    return Vector(one_hot(i, size) for i in range(size))


def zeros(size: int) -> Vector:
    """A vector of zeros."""
    return Vector([0] * size)


def ones(size: int) -> Vector:
    """A vector of ones."""
    return Vector([1] * size)


def coefficients(x: Any) -> tuple[Fraction, ...]:
    """The rational coefficients of a closed form: of 2/3 log 5 - log 2 they are 2/3 and -1; of a number, itself."""
    return tuple(c for _, c in x.parts) if isinstance(x, Closed) else (Fraction(x),)


def argmax(v: Any) -> int:
    """The place (from 0) of the largest entry, of several the first."""
    return max(range(len(v)), key=lambda i: (v[i], -i))


def argmin(v: Any) -> int:
    """The place (from 0) of the smallest entry, of several the first."""
    return min(range(len(v)), key=lambda i: (v[i], i))
