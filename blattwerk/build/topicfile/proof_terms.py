"""The terms that only `prove` fences need: entries, sums over indices and sets, integrals, derivatives, densities."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any

from blattwerk.vocabulary import functions
from blattwerk.vocabulary.slopes import slope
from blattwerk.vocabulary.terms import MP, NOWHERE, At, Env, Named, Num, Operand, Over, Sym, Term, Value, term, within
from blattwerk.vocabulary.terms import total as total_term
from blattwerk.vocabulary.writers import ATOM, PREFIX, PRODUCT, QUOTIENT, Writer


@dataclass(frozen=True)
class Entry(At):
    """An entry that knows the size of its vector."""

    size: int = 0


@dataclass(frozen=True)
class Indexed(Term):
    """A vector's symbol; with an index, its entry."""

    name: str
    printed: str
    size: int

    def __getitem__(self, place: Operand) -> Entry:
        return Entry(self.name, term(place), self.printed, False, self.size)

    def value(self, env: Env = NOWHERE) -> Value:
        return env[self.name]

    def write(self, w: Writer) -> str:
        return w.symbol(self.printed, self.name)


@dataclass(frozen=True)
class Sum(Term):
    """The sum of a body over all values of an index."""

    index: str
    size: int
    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return sum((self.body.value({**env, self.index: Fraction(i)}) for i in range(1, self.size + 1)), Fraction(0))

    def write(self, w: Writer) -> str:
        body = within(self.body, w, PRODUCT)
        return w.symbol(f"\\sum_{{{self.index}}} {body}", f"Sum({body}, ({self.index}, 1, {self.size}))")

    def level(self, w: Writer) -> int:
        return PREFIX if w.quotient_level == QUOTIENT else ATOM


@dataclass(frozen=True)
class SumOver(Term):
    """The sum of a body over the places in a set."""

    index: str
    places: Sym
    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return sum((self.body.value({**env, self.index: i}) for i in self.places.value(env)), Fraction(0))

    def write(self, w: Writer) -> str:
        body, places = within(self.body, w, PRODUCT), self.places.write(w)
        return w.symbol(f"\\sum_{{{self.index}\\in {places}}} {body}", f"Sum({body}, {self.index} in {places})")

    def level(self, w: Writer) -> int:
        return PREFIX if w.quotient_level == QUOTIENT else ATOM


@dataclass(frozen=True)
class Integral(Term):
    """The integral of a body over all numbers, for densities that are constant on cells of these sizes."""

    index: str
    sizes: Indexed
    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        cells = enumerate(self.sizes.value(env), 1)
        return sum((size * self.body.value({**env, self.index: Fraction(i)}) for i, size in cells), Fraction(0))

    def write(self, w: Writer) -> str:
        body = within(self.body, w, PRODUCT)
        return w.symbol(f"\\int {body} \\,\\mathrm{{d}}{self.index}", f"Integral({body}, {self.index})")

    def level(self, w: Writer) -> int:
        return PREFIX


@dataclass(frozen=True)
class Defined(Named):
    """A named term; it knows the term, for a sum over it runs as far as the vectors in it."""

    of: Term


@dataclass(frozen=True)
class Partial(Term):
    """The partial derivative of a term, computed as a slope and not by a formula."""

    of: Term
    by: Sym | At

    def value(self, env: Env = NOWHERE) -> Value:
        name = self.by.name
        if isinstance(self.by, At):
            place = int(self.by.index.value(env)) - 1
            vector = env[name]

            def moved(x: Any) -> Value:
                return self.of.value({**env, name: (*vector[:place], x, *vector[place + 1 :])})

            return slope(moved, vector[place])
        return slope(lambda x: self.of.value({**env, name: x}), env[name])

    def write(self, w: Writer) -> str:
        of, by = self.of.write(w), self.by.write(w)
        simple = self.of.level(w) == ATOM and len(of) < 12
        tex = f"\\frac{{\\partial {of}}}{{\\partial {by}}}"
        if not simple:
            tex = f"\\frac{{\\partial}}{{\\partial {by}}} {within(self.of, w, ATOM)}"
        return w.symbol(tex, f"Derivative({of}, {by})")

    def level(self, w: Writer) -> int:
        return QUOTIENT


def partial(of: Operand, by: Any) -> Partial:
    """d(f, x); raises TypeError where `by` is neither a symbol nor an entry."""
    if not isinstance(by, Sym | At):
        raise TypeError("d(f, x) derives by a number's symbol or by an entry of a vector, such as x or z[k]")
    return Partial(term(of), by)


def summed(body: Any, over: Any = None, low: Any = None, high: Any = None) -> Any:
    """The sum of a body over an index (from low to high, or in a set), or of what stands in a list."""
    if isinstance(over, Sym) and isinstance(low, Sym) and high is None:
        return SumOver(over.name, low, term(body))
    if isinstance(over, Sym):
        if low is not None:
            return Over(over.name, term(low), term(high), term(body))
        return Sum(over.name, _size(body, over.name), body)
    return total_term(body)


def _size(body: Any, name: str) -> int:
    """The size of the vectors that a body has with this index."""
    sizes = {found for found in _sizes(body, name) if found}
    if len(sizes) != 1:
        raise ValueError(f"over which {name} is summed cannot be seen; write sum(..., {name}, 1, 3)")
    return sizes.pop()


def _sizes(t: object, name: str) -> set[int]:
    if isinstance(t, Entry):
        return {t.size} if isinstance(t.index, Sym) and t.index.name == name else _sizes(t.index, name)
    if isinstance(t, tuple):
        return set().union(*(_sizes(x, name) for x in t)) if t else set()
    there: Any = t
    return set().union(*(_sizes(getattr(t, f.name), name) for f in fields(there))) if _is_tree(t) else set()


def _is_tree(t: object) -> bool:
    return isinstance(t, Term) and is_dataclass(t)


def integral(body: Any, over: Any, sizes: Any) -> Term:
    """integral(body, z, w): z is a place, w the sizes of the cells; raises TypeError for others."""
    if not isinstance(over, Sym) or not isinstance(sizes, Indexed):
        raise TypeError("integral(body, z, w) has an index z and sizes w, such as z, w = index(3), positive(3)")
    return Integral(over.name, sizes, term(body))


def mean(body: Callable[[Term], Term], mean: Any, deviation: Any, under: str = "", of: str = "x") -> Term:
    """The expectation of a polynomial (or its like) of x, where x is normal; exact up to the 15th power."""
    x = Sym(of)
    return functions.NormalMean(body(x), x, term(mean), term(deviation), under)


def normal(x: Any, mean: Any, deviation: Any) -> Term:
    """The density of a normal distribution."""
    return Density(term(x), term(mean), term(deviation))


@dataclass(frozen=True)
class Density(Term):
    """N(x; mean, deviation^2), evaluated from the density itself."""

    x: Term
    mean: Term
    deviation: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return functions.normal_density(*(MP.convert(t.value(env)) for t in (self.x, self.mean, self.deviation)))

    def write(self, w: Writer) -> str:
        known = isinstance(self.deviation, Num)
        squared = term(self.deviation.value() ** 2) if known else self.deviation**2
        x, mean, variance = self.x.write(w), self.mean.write(w), squared.write(w)
        return w.symbol(f"\\mathcal{{N}}({x}; {mean}, {variance})", f"normal({x}, {mean}, {variance})")
