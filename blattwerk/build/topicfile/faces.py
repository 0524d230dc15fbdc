"""How a computed value looks: the same line of `solve`, run over values that remember how they came about.

A `Shown` carries its exact value and two faces: with the symbols of what it was made of, and with their numbers
inserted. Every function of `values` has its counterpart here or in `counterparts`, which computes the value with that
very function and joins the faces. So the steps on paper are the lines of `solve`, and each is a chain of terms that can
be checked.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from blattwerk.build.topicfile import values
from blattwerk.build.topicfile.notation import (
    Column,
    Entry,
    Face,
    Floor,
    Index,
    Mapped,
    Odot,
    Symbol,
    Unnamed,
    family,
)
from blattwerk.build.topicfile.values import Vector, evaluated, rank, term_of
from blattwerk.vocabulary import functions
from blattwerk.vocabulary.exact.closed import Closed
from blattwerk.vocabulary.functions import ScalarOf, number
from blattwerk.vocabulary.terms import Named, Term, total


@dataclass(frozen=True, eq=False)
class Shown:
    """An exact value with its two faces."""

    value: Any
    s: Face
    n: Face

    def __add__(self, other: Any) -> Any:
        return _joined(values.add, lambda a, b: a + b, self, other, sums=True)

    def __radd__(self, other: Any) -> Any:
        return shown(other) + self

    def __sub__(self, other: Any) -> Any:
        return _joined(values.subtract, lambda a, b: a - b, self, other, sums=True)

    def __rsub__(self, other: Any) -> Any:
        return shown(other) - self

    def __mul__(self, other: Any) -> Any:
        return _joined(values.multiply, lambda a, b: a * b, self, other)

    def __rmul__(self, other: Any) -> Any:
        return shown(other) * self

    def __truediv__(self, other: Any) -> Any:
        return _joined(values.divide, lambda a, b: a / b, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return shown(other) / self

    def __pow__(self, other: Any) -> Any:
        exponent = exact(other)
        if Fraction(exponent) == Fraction(1, 2):
            return sqrt(self)
        return applied(lambda x: values.raised(x, exponent), lambda t: t**exponent, self, whole=rank(self.value) == 0)

    def __matmul__(self, other: Any) -> Any:
        return _matmul(self, shown(other))

    def __rmatmul__(self, other: Any) -> Any:
        return _matmul(shown(other), self)

    def __neg__(self) -> Any:
        return Shown(-self.value, _negative(self.s), _negative(self.n))

    def __floordiv__(self, other: Any) -> Any:
        return floor(self / other)

    def __rfloordiv__(self, other: Any) -> Any:
        return floor(shown(other) / self)

    def __mod__(self, other: Any) -> Any:
        return self.value % exact(other)

    def __abs__(self) -> Any:
        return absolute(self)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            parts = range(*slice(*(None if x is None else int(x) for x in (key.start, key.stop, key.step))).indices(
                len(self.value)))  # fmt: skip
            return vector([self[i] for i in parts])
        if isinstance(key, tuple):
            found: Any = self
            for one in key:
                found = found[one]
            return found
        place = int(key)
        place += len(self.value) if place < 0 else 0
        return Shown(self.value[place], self.s.entry(place), self.n.entry(place))

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self.value)))

    def __len__(self) -> int:
        return len(self.value)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == exact(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < exact(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= exact(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > exact(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= exact(other))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __index__(self) -> int:
        if isinstance(self.value, int) or (isinstance(self.value, Fraction) and self.value.denominator == 1):
            return int(self.value)
        raise TypeError(f"{self.value} is no place: an index is a whole number")

    def __int__(self) -> int:
        return int(self.value)

    @property
    def T(self) -> Any:  # noqa: N802  # numpy's name
        """The transpose."""
        return transposed(self)


def _negative(face: Face) -> Face:
    whole = -face.whole if face.whole is not None else None
    return Face(whole, (lambda i: _negative(face.entry(i))) if face.at else None, face.size, letter=face.letter)


def exact(x: Any) -> Any:
    """The exact value of whatever stands in a line."""
    if isinstance(x, Shown):
        return x.value
    if isinstance(x, list | tuple):
        return Vector(exact(y) for y in x) if values.numeric([exact(y) for y in x]) else tuple(exact(y) for y in x)
    return x


def shown(x: Any) -> Shown:
    """A value with the look of its numbers."""
    if isinstance(x, Shown):
        return x
    if isinstance(x, list | tuple):
        entries: Shown = vector(x)
        return entries
    face = numbers(x)
    return Shown(x, face, face)


def numbers(value: Any) -> Face:
    """The look of a value as its numbers."""
    if not isinstance(value, list | tuple):
        return Face(term_of(value))
    return Face(term_of(value), lambda i: numbers(value[concrete(i)]), len(value))


def concrete(index: Index) -> int:
    """A place that is a number; raises Unnamed for the index of a sum, which only symbols have."""
    if isinstance(index, int):
        return index
    raise Unnamed


def named(symbol: str, name: str, value: Any) -> Shown:
    """A value with a symbol: one look is that, the other one its numbers."""
    whole = Symbol(symbol, name, lambda env: evaluated(value))
    return Shown(value, _entries(symbol, value, value, whole, ()), numbers(value))


def _entries(symbol: str, top: Any, value: Any, whole: Term | None, indices: tuple[Term, ...]) -> Face:
    """The look of a named vector: its entries are the symbol with an index, and so are the rows of a matrix."""
    if not isinstance(value, list | tuple):
        return Face(whole if whole is not None else Entry(symbol, top, indices))

    def at(i: Index) -> Face:
        inner = value[i] if isinstance(i, int) else value[0]
        place = number(i + 1) if isinstance(i, int) else i
        row = Entry(symbol, top, (*indices, place)) if isinstance(inner, list | tuple) else None
        return _entries(symbol, top, inner, row, (*indices, place))

    of = family(symbol)
    return Face(whole, at, len(value), letter=of.index if of else "")


def vector(entries: Iterable[Any]) -> Any:
    """A vector of what stands in a list; what is not numeric stays a tuple."""
    there = [vector(x) if isinstance(x, list | tuple) else x for x in entries]
    if not there or not all(isinstance(x, Shown) or values.numeric(x) for x in there):
        return tuple(there)
    parts = [shown(x) for x in there]
    return Shown(
        Vector(p.value for p in parts),
        Face(None, lambda i: parts[concrete(i)].s, len(parts)),
        Face(None, lambda i: parts[concrete(i)].n, len(parts)),
    )


def _joined(compute: Any, write: Callable[[Any, Any], Term], x: Any, y: Any, sums: bool = False) -> Any:
    """Two values joined by an operation of numbers, entry by entry."""
    if not isinstance(x, Shown | int | Fraction | list | tuple | Closed):
        return NotImplemented
    a, b = shown(x), shown(y)
    kinds = rank(a.value), rank(b.value)
    result = values.each(compute, values.lifted(a.value), values.lifted(b.value))

    def face(f: Face, g: Face, left: int, right: int) -> Face:
        if left == right == 0:
            return Face(write(f.term(), g.term()))

        def at(i: Index) -> Face:
            return face(
                f.entry(i) if left and left >= right else f,
                g.entry(i) if right and right >= left else g,
                left - (left >= right),
                right - (right >= left),
            )

        whole = _whole(f, g, left, right, compute, sums)
        return Face(whole, at, max(f.size, g.size), letter=f.letter or g.letter)

    looks = face(a.s, b.s, *kinds)
    if sums and sorted(kinds) == [0, 1]:
        looks = replace(looks, factor=write(_beside(a, looks.size), _beside(b, looks.size)))
    return Shown(result, looks, face(a.n, b.n, *kinds))


def _beside(x: Shown, size: int) -> Term:
    """A vector as it is; a number as so many times the vector of ones."""
    if rank(x.value) == 1:
        return x.s.term()
    ones = Named("\\mathbf{1}", "ones", lambda env: ((Fraction(1),),) * size)
    return ones if x.value == 1 else x.s.term() * ones


def _whole(f: Face, g: Face, left: int, right: int, compute: Any, sums: bool) -> Term | None:
    """A sum of vectors, a multiple of one, or a product by entries, as it is written; None for what has no notation."""
    if sums:
        if left != right:
            return None
        return f.term() + g.term() if compute is values.add else f.term() - g.term()
    if compute is values.multiply and 0 in (left, right):
        factor, of = (f, g) if left == 0 else (g, f)
        return factor.term() * of.term()
    if compute is values.divide and right == 0:
        return (number(1) / g.term()) * f.term()
    if compute is values.multiply and left == right and f.whole is not None and g.whole is not None:
        return Odot(f.whole, g.whole)
    return None


def applied(compute: Any, write: Callable[[Term], Term], x: Any, whole: bool = True) -> Any:
    """A function of a number, or of each entry; `whole` if one writes it of a symbol for the vector too."""
    a = shown(x)

    def face(f: Face, kind: int, symbols: bool) -> Face:
        if kind == 0:
            return Face(write(f.term()))
        written = Mapped(write, f.whole) if whole and symbols and isinstance(f.whole, Named) else None
        return Face(written, lambda i: face(f.entry(i), kind - 1, symbols), f.size, letter=f.letter)

    kind = rank(a.value)
    return Shown(values.mapped(compute, values.lifted(a.value)), face(a.s, kind, True), face(a.n, kind, False))


def sqrt(x: Any) -> Any:
    """The square root."""
    return applied(values.sqrt, functions.sqrt, x, whole=False)


def absolute(x: Any) -> Any:
    """The absolute value."""
    return applied(values.absolute, functions.absolute, x, whole=False)


def floor(x: Any) -> Any:
    """The largest whole number that is not above x."""
    return applied(values.floor, lambda t: Floor(functions.Bars(t, "\\lfloor", "\\rfloor", "floor"), t), x, whole=False)


def _matmul(a: Shown, b: Shown) -> Any:
    left, right = rank(a.value), rank(b.value)
    result = values.matmul(values.lifted(a.value), values.lifted(b.value))
    if left == right == 1:
        dotted = Face(total(a.n.entry(i).term() * b.n.entry(i).term() for i in range(len(a.value))))
        whole = Face(ScalarOf(functions.transposed(a.s.factor or a.s.term()) * (b.s.factor or b.s.term())))
        return Shown(result, whole if a.s.whole is not None or b.s.whole is not None else dotted, dotted)

    def written(f: Term, g: Term) -> Term:
        return Column(functions.transposed(f) * g) if left == 1 else f * g

    def face(f: Face, g: Face) -> Face:
        return Face(written(f.term(), g.term()), lambda i: numbers(result[concrete(i)]), len(result))

    return Shown(result, face(a.s, b.s), face(a.n, b.n))


def of_matrix(compute: Any, write: Callable[[Term], Term], x: Any) -> Any:
    """A function of a matrix as a whole."""
    a = shown(x)
    result = compute(values.lifted(a.value))
    if not isinstance(result, tuple):
        return Shown(result, Face(write(a.s.term())), Face(write(a.n.term())))

    def at(i: Index) -> Face:
        return numbers(result[concrete(i)])

    return Shown(result, Face(write(a.s.term()), at, len(result)), Face(write(a.n.term()), at, len(result)))


def transposed(x: Any) -> Any:
    """The transpose of a matrix; numbers are written transposed at once."""
    a = of_matrix(values.transposed, functions.transposed, x)
    return Shown(a.value, a.s, numbers(a.value))
