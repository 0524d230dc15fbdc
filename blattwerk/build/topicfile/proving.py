"""`prove` fences: chains that hold for all values of their symbols, and are checked at many points.

z, k = real(3), index(3)             # symbols with their domains: vectors of three numbers, a place in them
S = sum(exp(z[j]), j)                # a name for a term; j is an index that is summed over
d(log(S), z[k]) == exp(z[k]) / S     # a relation, and its reason: English | German
_ <= 1                               # the chain goes on: _ is the last right-hand side
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random
from typing import Any

from blattwerk.build.topicfile import values
from blattwerk.build.topicfile.lines import Line, exactly, inexact, lines_of, pythons, tree_of
from blattwerk.build.topicfile.proof_terms import Defined, Indexed, integral, mean, normal, partial, summed
from blattwerk.build.topicfile.reading import Fence, both, mistakes
from blattwerk.build.topicfile.symbols import symbol_of
from blattwerk.errors import TopicFileError
from blattwerk.vocabulary import derivation as chains
from blattwerk.vocabulary import functions
from blattwerk.vocabulary.derivation import Derivation, Domain, derive
from blattwerk.vocabulary.language import Lang
from blattwerk.vocabulary.terms import MP, Named, Sym, Term, term
from blattwerk.vocabulary.terms import product as product_term

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


_FUNCTIONS: dict[str, Any] = {
    **DOMAINS,
    "log": functions.log,
    "log2": lambda x: functions.log(x, 2),
    "exp": functions.exp,
    "sqrt": functions.sqrt,
    "abs": functions.absolute,
    "sum": summed,
    "prod": product_term,
    "d": partial,
    "E_normal": mean,
    "normal": normal,
    "integral": integral,
    "pi": Named("\\pi", "pi", lambda env: +MP.pi),
    "Fraction": Fraction,
    "__over": lambda a, b: a / b if isinstance(a, Term) or isinstance(b, Term) else values.divide(a, b),
    "__power": lambda a, b: a**b if isinstance(a, Term) else values.raised(a, b),
    "__vector": tuple,
}
