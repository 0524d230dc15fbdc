"""Small matrices over any field, as tuples of rows: exact with Fraction entries, to many digits with mpf entries.

A column vector is a matrix with one column. Sizes are those of exercises (2 to 4), so that clarity beats speed.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

Matrix = tuple[tuple[Any, ...], ...]


def matrix(rows: Iterable[Iterable[Any]]) -> Matrix:
    """Rows of numbers as a matrix; whole numbers become Fractions."""
    return tuple(tuple(Fraction(x) if isinstance(x, int) else x for x in row) for row in rows)


def column(entries: Iterable[Any]) -> Matrix:
    """A column vector."""
    return matrix((x,) for x in entries)


def identity(size: int) -> Matrix:
    """The identity matrix."""
    return matrix((int(i == j) for j in range(size)) for i in range(size))


def diagonal(entries: Sequence[Any]) -> Matrix:
    """The matrix with these entries on its diagonal and 0 elsewhere."""
    size = len(entries)
    return matrix((entries[i] if i == j else 0 for j in range(size)) for i in range(size))


def transpose(a: Matrix) -> Matrix:
    """A', the rows of A as columns."""
    return tuple(zip(*a, strict=True))


def add(a: Matrix, b: Matrix) -> Matrix:
    """A + B."""
    return tuple(tuple(x + y for x, y in zip(r, s, strict=True)) for r, s in zip(a, b, strict=True))


def subtract(a: Matrix, b: Matrix) -> Matrix:
    """A - B."""
    return add(a, scale(-1, b))


def scale(factor: Any, a: Matrix) -> Matrix:
    """factor * A."""
    return tuple(tuple(factor * x for x in row) for row in a)


def multiply(a: Matrix, b: Matrix) -> Matrix:
    """A B; raises ValueError if the inner sizes differ."""
    columns = transpose(b)
    return tuple(tuple(sum(x * y for x, y in zip(row, col, strict=True)) for col in columns) for row in a)


def trace(a: Matrix) -> Any:
    """The sum of the diagonal."""
    return sum(a[i][i] for i in range(len(a)))


def minor(a: Matrix, row: int, col: int) -> Matrix:
    """A without one row and one column."""
    return tuple(r[:col] + r[col + 1 :] for i, r in enumerate(a) if i != row)


def determinant(a: Matrix) -> Any:
    """Laplace's expansion along the first row."""
    if len(a) == 1:
        return a[0][0]
    return sum((-1) ** j * a[0][j] * determinant(minor(a, 0, j)) for j in range(len(a)))


def inverse(a: Matrix) -> Matrix:
    """The inverse, as adjugate over determinant; raises ZeroDivisionError if the matrix is singular."""
    det, size = determinant(a), len(a)
    if size == 1:
        return ((1 / det,),)
    return tuple(tuple((-1) ** (i + j) * determinant(minor(a, j, i)) / det for j in range(size)) for i in range(size))
