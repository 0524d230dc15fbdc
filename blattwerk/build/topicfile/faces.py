"""How a computed value looks: the same line of `solve`, run over values that remember how they came about.

A `Shown` carries its exact value and two faces: with the symbols of what it was made of, and with their numbers
inserted. Every function of `values` has its counterpart here, which computes the value with that very function and
joins the faces. So the steps on paper are the lines of `solve`, and each is a chain of terms that can be checked.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from blattwerk.build.topicfile import values
from blattwerk.build.topicfile.symbols import binding
from blattwerk.build.topicfile.values import Vector, evaluated, rank, term_of
from blattwerk.vocabulary import functions, matrices
from blattwerk.vocabulary.exact.closed import Closed
from blattwerk.vocabulary.functions import ScalarOf, column_term, matrix_term, number
from blattwerk.vocabulary.terms import MP, NOWHERE, Call, Env, Named, Over, Sym, Term, Value, total
from blattwerk.vocabulary.terms import product as product_term
from blattwerk.vocabulary.writers import ATOM, POWER, Writer

Index = int | Term  # counted from 0; or the index of a sum, counted from 1
_PLAIN = re.compile(r"\\?[A-Za-z]+'*|\\[a-z]+\{\\?[A-Za-z]+\}'*")


class Unnamed(LookupError):
    """An entry with an index was wanted of something that has no symbol."""


@dataclass(frozen=True)
class Face:
    """One look of a value: as a whole (None if nobody would write it so), and entry by entry."""

    whole: Term | None
    at: Callable[[Index], "Face"] | None = None
    size: int = 0

    def entry(self, index: Index) -> "Face":
        """The look of an entry."""
        assert self.at is not None
        return self.at(index)

    def term(self) -> Term:
        """The look as a whole; without one of its own, the entries in brackets."""
        if self.whole is not None:
            return self.whole
        entries = [self.entry(i) for i in range(self.size)]
        if entries and entries[0].at is not None:
            return matrix_term([row.entry(j).term() for j in range(row.size)] for row in entries)
        return column_term(face.term() for face in entries)


@dataclass(frozen=True)
class Entry(Term):
    """An entry of a vector or a matrix: the symbol with its indices, counted from 1."""

    printed: str
    values: Any
    indices: tuple[Term, ...]

    def value(self, env: Env = NOWHERE) -> Value:
        found = self.values
        for index in self.indices:
            found = found[int(index.value(env)) - 1]
        return evaluated(found)

    def write(self, w: Writer) -> str:
        written = [index.write(w) for index in self.indices]
        joined = ("" if all(len(x) == 1 for x in written) else ",").join(written)
        symbol = self.printed if _PLAIN.fullmatch(self.printed) else f"({self.printed})"
        return w.symbol(f"{symbol}_{{{joined}}}", f"{self.printed}[{','.join(written)}]")


@dataclass(frozen=True)
class Symbol(Named):
    """A symbol as its author wrote it, which may itself be a product or a power."""

    def level(self, w: Writer) -> int:
        return binding(self.printed)


@dataclass(frozen=True)
class Odot(Term):
    """A product entry by entry."""

    left: Term
    right: Term

    def value(self, env: Env = NOWHERE) -> Value:
        pairs = zip(self.left.value(env), self.right.value(env), strict=True)
        return tuple(tuple(x * y for x, y in zip(r, s, strict=True)) for r, s in pairs)

    def write(self, w: Writer) -> str:
        sides = [t.write(w) if t.level(w) >= POWER else w.bracket(t.write(w)) for t in (self.left, self.right)]
        return w.symbol(" \\odot ".join(sides), " o ".join(sides))

    def level(self, w: Writer) -> int:
        return 1


@dataclass(frozen=True)
class Column(Term):
    """A row turned into a column: w A as A' w, or the like; written as it is."""

    row: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return matrices.transpose(self.row.value(env))

    def write(self, w: Writer) -> str:
        return self.row.write(w)

    def level(self, w: Writer) -> int:
        return self.row.level(w)


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
        return _applied(lambda x: values.raised(x, exponent), lambda t: t**exponent, self, whole=rank(self.value) == 0)

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

    __hash__ = None  # type: ignore[assignment]

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
    return Face(whole, (lambda i: _negative(face.entry(i))) if face.at else None, face.size)


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
        return vector(x)  # type: ignore[no-any-return]
    face = numbers(x)
    return Shown(x, face, face)


def numbers(value: Any) -> Face:
    """The look of a value as its numbers."""
    if not isinstance(value, list | tuple):
        return Face(term_of(value))
    return Face(term_of(value), lambda i: numbers(value[_concrete(i)]), len(value))


def _concrete(index: Index) -> int:
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

    return Face(whole, at, len(value))


def vector(entries: Iterable[Any]) -> Any:
    """A vector of what stands in a list; what is not numeric stays a tuple."""
    there = [vector(x) if isinstance(x, list | tuple) else x for x in entries]
    if not there or not all(isinstance(x, Shown) or values.numeric(x) for x in there):
        return tuple(there)
    parts = [shown(x) for x in there]
    return Shown(
        Vector(p.value for p in parts),
        Face(None, lambda i: parts[_concrete(i)].s, len(parts)),
        Face(None, lambda i: parts[_concrete(i)].n, len(parts)),
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

        return Face(_whole(f, g, left, right, compute, sums), at, max(f.size, g.size))

    return Shown(result, face(a.s, b.s, *kinds), face(a.n, b.n, *kinds))


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


def _applied(compute: Any, write: Callable[[Term], Term], x: Any, whole: bool = True) -> Any:
    """A function of a number, or of each entry; `whole` if one writes it of a symbol for the vector too."""
    a = shown(x)

    def face(f: Face, kind: int, symbols: bool) -> Face:
        if kind == 0:
            return Face(write(f.term()))
        written = Mapped(write, f.whole) if whole and symbols and isinstance(f.whole, Named) else None
        return Face(written, lambda i: face(f.entry(i), kind - 1, symbols), f.size)

    kind = rank(a.value)
    return Shown(values.mapped(compute, values.lifted(a.value)), face(a.s, kind, True), face(a.n, kind, False))


@dataclass(frozen=True)
class Mapped(Term):
    """A function of a vector, entry by entry, written as of a number."""

    function: Callable[[Term], Term]
    inner: Term

    def value(self, env: Env = NOWHERE) -> Value:
        rows = self.inner.value(env)
        return tuple(tuple(self.function(Named("", "", lambda env, x=x: x)).value(env) for x in row) for row in rows)  # type: ignore[misc]

    def write(self, w: Writer) -> str:
        return self.function(self.inner).write(w)

    def level(self, w: Writer) -> int:
        return self.function(self.inner).level(w)


def log(x: Any) -> Any:
    """The natural logarithm."""
    return _applied(values.log, functions.log, x)


def log2(x: Any) -> Any:
    """The logarithm to the base 2."""
    return _applied(values.log2, lambda t: functions.log(t, 2), x)


def exp(x: Any) -> Any:
    """The exponential function."""
    return _applied(values.exp, functions.exp, x)


def sqrt(x: Any) -> Any:
    """The square root."""
    return _applied(values.sqrt, functions.sqrt, x, whole=False)


def sigmoid(x: Any) -> Any:
    """The logistic function."""
    return _applied(values.sigmoid, lambda t: Call("\\sigma", "sigmoid", _sigmoid, (t,)), x)


def _sigmoid(x: Value) -> Value:
    return 1 / (1 + MP.exp(-MP.convert(x)))


def relu(x: Any) -> Any:
    """max(0, x)."""
    return _applied(values.relu, lambda t: Call("\\max", "Max", lambda z, v: max(z, v), (number(0), t)), x, whole=False)


def absolute(x: Any) -> Any:
    """The absolute value."""
    return _applied(values.absolute, functions.absolute, x, whole=False)


def floor(x: Any) -> Any:
    """The largest whole number that is not above x."""
    write: Callable[[Term], Term] = lambda t: functions.Bars(t, "\\lfloor", "\\rfloor", "floor")  # noqa: E731
    return _applied(values.floor, lambda t: Floor(write(t), t), x, whole=False)


@dataclass(frozen=True)
class Floor(Term):
    """A number rounded down, between its brackets."""

    written: Term
    inner: Term

    def value(self, env: Env = NOWHERE) -> Value:
        inner = self.inner.value(env)
        return Fraction(inner // 1 if isinstance(inner, int | Fraction) else int(MP.floor(inner)))

    def write(self, w: Writer) -> str:
        return self.written.write(w)

    def level(self, w: Writer) -> int:
        return ATOM


def sum_(x: Any) -> Any:
    """The sum: of a vector with a symbol with a big sigma, of numbers written out."""
    if not isinstance(x, Shown):
        x = list(x)
        if not x or not isinstance(vector(x), Shown):
            return values.total(x)
        x = vector(x)
    result = values.total(x.value)
    if rank(x.value) != 1:
        found = shown(x[0])
        for i in range(1, len(x.value)):
            found = found + x[i]
        return found

    def face(f: Face) -> Face:
        try:
            return Face(Over("j", number(1), number(f.size), f.entry(Sym("j")).term()))
        except Unnamed:
            return Face(total(f.entry(i).term() for i in range(f.size)))

    return Shown(result, face(x.s), face(x.n))


def prod(x: Any) -> Any:
    """The product, written out."""
    parts = [shown(y) for y in x]
    return Shown(
        values.prod(p.value for p in parts),
        Face(product_term(p.s.term() for p in parts)),
        Face(product_term(p.n.term() for p in parts)),
    )


def _matmul(a: Shown, b: Shown) -> Any:
    left, right = rank(a.value), rank(b.value)
    result = values.matmul(values.lifted(a.value), values.lifted(b.value))
    if left == right == 1:
        dotted = Face(total(a.n.entry(i).term() * b.n.entry(i).term() for i in range(len(a.value))))
        whole = Face(ScalarOf(functions.transposed(a.s.term()) * b.s.term()))
        return Shown(result, whole if a.s.whole is not None or b.s.whole is not None else dotted, dotted)
    if left == 1:
        write: Callable[[Term, Term], Term] = lambda f, g: Column(functions.transposed(f) * g)  # noqa: E731
    else:
        write = lambda f, g: f * g  # noqa: E731

    def face(f: Face, g: Face) -> Face:
        return Face(write(f.term(), g.term()), lambda i: numbers(result[_concrete(i)]), len(result))

    return Shown(result, face(a.s, b.s), face(a.n, b.n))


def _of_matrix(compute: Any, write: Callable[[Term], Term], x: Any) -> Any:
    a = shown(x)
    result = compute(values.lifted(a.value))
    if not isinstance(result, tuple):
        return Shown(result, Face(write(a.s.term())), Face(write(a.n.term())))

    def at(i: Index) -> Face:
        return numbers(result[_concrete(i)])

    return Shown(result, Face(write(a.s.term()), at, len(result)), Face(write(a.n.term()), at, len(result)))


def transposed(x: Any) -> Any:
    """The transpose of a matrix; numbers are written transposed at once."""
    a = _of_matrix(values.transposed, functions.transposed, x)
    return Shown(a.value, a.s, numbers(a.value))


def inverse(x: Any) -> Any:
    """The inverse of a matrix."""
    return _of_matrix(values.inverse, functions.inverted, x)


def det(x: Any) -> Any:
    """The determinant of a matrix."""
    return _of_matrix(values.det, functions.det, x)


def trace(x: Any) -> Any:
    """The trace of a matrix."""
    return _of_matrix(values.trace, functions.trace, x)


def norm(x: Any) -> Any:
    """The Euclidean length."""
    return _of_matrix(values.norm, functions.norm, x)


def outer(x: Any, y: Any) -> Any:
    """The matrix of all products of entries."""
    a, b = shown(x), shown(y)
    result = values.outer(a.value, b.value)

    def face(f: Face, g: Face) -> Face:
        whole = f.term() * functions.transposed(g.term())
        return Face(whole, lambda i: numbers(result[_concrete(i)]), len(result))

    return Shown(result, face(a.s, b.s), face(a.n, b.n))


def _chosen(name: str, choose: Callable[..., Any]) -> Callable[..., Any]:
    """max and min: of numbers side by side, or of the entries of a vector."""

    def function(*of: Any) -> Any:
        parts = [shown(x) for x in (of if len(of) > 1 else of[0])]
        value = choose(p.value for p in parts)

        def face(terms: Iterable[Term]) -> Face:
            return Face(Call(f"\\{name}", name.capitalize(), lambda *v: choose(v), tuple(terms)))

        return Shown(value, face(p.s.term() for p in parts), face(p.n.term() for p in parts))

    return function


largest, smallest = _chosen("max", max), _chosen("min", min)


def divide(a: Any, b: Any) -> Any:
    """a / b, exactly, of whole numbers too."""
    if isinstance(a, Shown) or isinstance(b, Shown):
        return shown(a) / b
    return values.divide(a, b)


def raised(a: Any, b: Any) -> Any:
    """a to the power b, exactly."""
    if isinstance(a, Shown):
        return a**b
    return values.raised(a, exact(b))


def over_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose result is a plain value of no interest to the reader: a place, a sign."""

    def of(*arguments: Any) -> Any:
        return function(*map(exact, arguments))

    return of
