"""`prove` fences: chains that hold for all values of their symbols, and are checked at many points.

z, k = real(3), index(3)             # symbols with their domains: vectors of three numbers, a place in them
S = sum(exp(z[j]), j)                # a name for a term; j is an index that is summed over
d(log(S), z[k]) == exp(z[k]) / S     # a relation, and its reason: English | German
_ <= 1                               # the chain goes on: _ is the last right-hand side
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from blattwerk.build.topicfile import values
from blattwerk.build.topicfile.lines import Line, exactly, inexact, lines_of, pythons, tree_of
from blattwerk.build.topicfile.reading import Fence, both, mistakes
from blattwerk.build.topicfile.symbols import symbol_of
from blattwerk.errors import TopicFileError
from blattwerk.vocabulary import derivation as chains
from blattwerk.vocabulary import functions
from blattwerk.vocabulary.derivation import Derivation, Domain, derive
from blattwerk.vocabulary.language import Lang
from blattwerk.vocabulary.slopes import slope
from blattwerk.vocabulary.terms import MP, NOWHERE, At, Env, Named, Num, Operand, Over, Sym, Term, Value, term, within
from blattwerk.vocabulary.terms import product as product_term
from blattwerk.vocabulary.terms import total as total_term
from blattwerk.vocabulary.writers import ATOM, PREFIX, PRODUCT, QUOTIENT, Writer

RELATIONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
INDICES = ("i", "j", "k", "l", "m", "n")


@dataclass(frozen=True)
class Of:
    """A symbol's domain: how a point of it is chosen, and of how many entries it is (0 for a number)."""

    sample: Domain
    size: int = 0


def _numbers(domain: Domain) -> Callable[..., Of]:
    def of(size: int = 0) -> Of:
        return Of(chains.vector(domain, size), size) if size else Of(domain)

    return of


def unit_vector(size: int) -> Of:
    """Vectors with one 1 and zeros."""

    def sample(random: Random) -> tuple[Fraction, ...]:
        place = random.randrange(size)
        return tuple(Fraction(int(i == place)) for i in range(size))

    return Of(sample, size)


def subset(size: int) -> Of:
    """Sets of places that are not empty; sum(body, z, S) runs over one."""
    places = range(1, size + 1)
    return Of(lambda random: tuple(map(Fraction, sorted(random.sample(places, random.choice(places))))))


def index(size: int) -> Of:
    """Places in a vector, counted from 1."""
    return Of(lambda random: Fraction(random.randint(1, size)))


DOMAINS: dict[str, Callable[..., Of]] = {
    "real": _numbers(chains.real),
    "positive": _numbers(chains.positive),
    "unit": _numbers(chains.unit),
    "simplex": lambda size: Of(chains.simplex(size), size),
    "unit_vector": unit_vector,
    "index": index,
    "subset": subset,
}


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


@dataclass
class Proof:
    """The chains of a fence, with the words of their reasons by key, and what its names stand for."""

    chains: list[Derivation] = field(default_factory=list)
    definitions: dict[str, Derivation] = field(default_factory=dict)  # of its named terms, by name
    reasons: dict[str, Mapping[Lang, str]] = field(default_factory=dict)
    used: list[tuple[str, ...]] = field(default_factory=list)


def proof(fence: Fence, path: str, module: str) -> Proof:
    """A `prove` fence, run; raises TopicFileError for what is no proof."""
    tree = tree_of(fence, path)
    if found := list(inexact(tree)):
        raise mistakes(path, found)
    space = {**pythons(), **_FUNCTIONS, "__name__": module, "__builtins__": {}}
    space |= {letter: Sym(letter) for letter in INDICES}
    domains: dict[str, Domain] = {}
    result = Proof()
    for line in lines_of(fence, path, exactly, tree):
        try:
            _run(line, path, space, domains, result)
        except TopicFileError:
            raise
        except Exception as error:
            raise mistakes(path, [(line.line, f"{type(error).__name__}: {error}")]) from error
    if not result.chains:
        raise mistakes(path, [(fence.line, "nothing is proven here; write a relation, such as a + b == b + a")])
    result.chains = [_with(chain, domains) for chain in result.chains]
    result.definitions = {name: _with(chain, domains) for name, chain in result.definitions.items()}
    return result


def _run(line: Line, path: str, space: dict[str, Any], domains: dict[str, Domain], result: Proof) -> None:
    if isinstance(line.node, ast.Expr) and isinstance(line.node.value, ast.Compare):
        _relation(line, path, space, domains, result)
        return
    exec(line.code, space)
    for name in line.names:
        found = space[name] = _declared(name, space[name], line, domains)
        if isinstance(found, Defined):
            result.definitions[name] = Derivation(found, (chains.Step("=", found.of, named=True),))


def _declared(name: str, value: Any, line: Line, domains: dict[str, Domain]) -> Any:
    """A symbol where a domain was assigned, a named term where a term was."""
    printed = line.symbol if line.symbol and len(line.names) == 1 else symbol_of(name)
    if value in DOMAINS.values():  # of a number: p = unit
        value = value()
    if isinstance(value, Of):
        domains[name] = value.sample
        return Indexed(name, printed, value.size) if value.size else Sym(name, printed)
    if isinstance(value, Term) and not name.startswith("_"):
        return Defined(printed, name, value.value, value)
    return value


def _relation(line: Line, path: str, space: dict[str, Any], domains: Mapping[str, Domain], result: Proof) -> None:
    assert isinstance(line.node, ast.Expr) and isinstance(line.node.value, ast.Compare)
    compare = line.node.value
    relations = [RELATIONS.get(type(op), "") for op in compare.ops]
    if not all(relations):
        raise mistakes(path, [(line.line, "a proof is made of ==, !=, <, <=, > and >=")])
    sides = [_side(side, path, space) for side in (compare.left, *compare.comparators)]
    goes_on = isinstance(compare.left, ast.Name) and compare.left.id == "_"
    if goes_on and not result.chains:
        raise mistakes(path, [(line.line, "_ stands for the last right-hand side, and there is none yet")])
    if not goes_on:
        result.chains.append(derive(sides[0]))
        result.used.append(())
    key = ""
    if line.symbol:
        key = f"r{len(result.reasons) + 1}"
        result.reasons[key] = both(line.symbol)
    for number, (relation, side) in enumerate(zip(relations, sides[1:], strict=True), 1):
        reason = key if number == len(relations) else ""
        result.chains[-1] = result.chains[-1].then(relation, side, reason)
    if key:
        result.used[-1] = (*result.used[-1], key)
    space["_"] = sides[-1]


def _side(node: ast.expr, path: str, space: dict[str, Any]) -> Any:
    tree = exactly(ast.Module([ast.copy_location(ast.Expr(node), node)], []))
    value = tree.body[0]
    assert isinstance(value, ast.Expr)
    if isinstance(value.value, ast.Name) and value.value.id == "_":
        return space.get("_", functions.number(0))
    return term(eval(compile(ast.Expression(value.value), path, "eval"), space))


def _with(chain: Derivation, domains: Mapping[str, Domain]) -> Derivation:
    return replace(chain, domain=tuple(domains.items()))


def _sum(body: Any, over: Any = None, low: Any = None, high: Any = None) -> Any:
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


def _integral(body: Any, over: Any, sizes: Any) -> Term:
    """integral(body, z, w): z is a place, w the sizes of the cells; raises TypeError for others."""
    if not isinstance(over, Sym) or not isinstance(sizes, Indexed):
        raise TypeError("integral(body, z, w) has an index z and sizes w, such as z, w = index(3), positive(3)")
    return Integral(over.name, sizes, term(body))


def _mean(body: Callable[[Term], Term], mean: Any, deviation: Any, under: str = "", of: str = "x") -> Term:
    """The expectation of a polynomial (or its like) of x, where x is normal; exact up to the 15th power."""
    x = Sym(of)
    return functions.NormalMean(body(x), x, term(mean), term(deviation), under)


def _normal(x: Any, mean: Any, deviation: Any) -> Term:
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


_FUNCTIONS: dict[str, Any] = {
    **DOMAINS,
    "log": functions.log,
    "log2": lambda x: functions.log(x, 2),
    "exp": functions.exp,
    "sqrt": functions.sqrt,
    "abs": functions.absolute,
    "sum": _sum,
    "prod": product_term,
    "d": partial,
    "E_normal": _mean,
    "normal": _normal,
    "integral": _integral,
    "pi": Named("\\pi", "pi", lambda env: +MP.pi),
    "Fraction": Fraction,
    "__over": lambda a, b: a / b if isinstance(a, Term) or isinstance(b, Term) else values.divide(a, b),
    "__power": lambda a, b: a**b if isinstance(a, Term) else values.raised(a, b),
    "__vector": tuple,
}
