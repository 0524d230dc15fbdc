"""How a value is written: faces, and the terms that only the lines of a topic file need.

A face is one look of a value: with the symbols of what it was made of, or with their numbers inserted.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from blattwerk.build.topicfile.symbols import binding
from blattwerk.build.topicfile.values import evaluated
from blattwerk.vocabulary import matrices
from blattwerk.vocabulary.functions import column_term, matrix_term
from blattwerk.vocabulary.terms import MP, NOWHERE, Env, Named, Term, Value
from blattwerk.vocabulary.writers import ATOM, POWER, Writer

Index = int | Term  # counted from 0; or the index of a sum, counted from 1
_FAMILY = re.compile(r"(?P<big>\\bigl)?\((?P<member>.+?)(?(big)\\bigr)\)_(?P<index>[a-z])")  # \bigl(p(z\mid x)\bigr)_z
_PLAIN = re.compile(r"\\?[A-Za-z]+'*|\\[a-z]+(\{\\?[A-Za-z]+\}| [A-Za-z]| ?\\[A-Za-z]+)'*")  # x, \bar{x}, \bar x


@dataclass(frozen=True)
class Family:
    """A vector whose symbol is that of a function of an index: (p(z))_z; its entries are p(1), p(2), and p(z)."""

    member: str
    index: str

    def at(self, place: str) -> str:
        """The symbol of an entry."""
        return re.sub(rf"(?<![A-Za-z\\]){self.index}(?![A-Za-z])", place, self.member)


def family(symbol: str) -> Family | None:
    """What a symbol says if it is that of a family."""
    found = _FAMILY.fullmatch(symbol)
    return Family(found["member"], found["index"]) if found else None


class Unnamed(LookupError):
    """An entry with an index was wanted of something that has no symbol."""


@dataclass(frozen=True)
class Face:
    """One look of a value: as a whole (None if nobody would write it so), and entry by entry.

    factor  how it is written beside another matrix, where that is not as a whole: 1 - g with a vector of ones
    letter  of a family, its index
    """

    whole: Term | None
    at: Callable[[Index], "Face"] | None = None
    size: int = 0
    factor: Term | None = None
    letter: str = ""

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
        if len(written) == 1 and (of := family(self.printed)):
            return w.symbol(of.at(written[0]), f"{self.printed}[{written[0]}]")
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


@dataclass(frozen=True)
class Mapped(Term):
    """A function of a vector, entry by entry, written as of a number."""

    function: Callable[[Term], Term]
    inner: Term

    def value(self, env: Env = NOWHERE) -> Value:
        rows = self.inner.value(env)
        return tuple(tuple(self._of(x).value(env) for x in row) for row in rows)

    def _of(self, x: Any) -> Term:
        return self.function(Named("", "", lambda env: x))

    def write(self, w: Writer) -> str:
        return self.function(self.inner).write(w)

    def level(self, w: Writer) -> int:
        return self.function(self.inner).level(w)


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
