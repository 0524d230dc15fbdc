"""The displayed steps: each line of `solve` with a symbol as a chain, symbol = formula = numbers inserted = result."""

from collections.abc import Iterable, Mapping
from typing import Any

from blattwerk.build.topicfile import faces, values
from blattwerk.build.topicfile.lines import Line
from blattwerk.build.topicfile.solving import Program, given
from blattwerk.vocabulary.derivation import Derivation, derive
from blattwerk.vocabulary.terms import Named, Term


def displayed(program: Program, params: Any, solution: Any) -> tuple[Mapping[str, Derivation], Mapping[str, Any]]:
    """The chain of every line that has a symbol, and all names with their looks, for what else is displayed."""
    space = program.shown_space() | {
        name: _drawn(program.symbols.get(name, ""), name, value) for name, value in given(params).items()
    }
    chains: dict[str, Derivation] = {}
    for line in program.solve_lines:
        if line.value is None or len(line.names) != 1:
            exec(line.code, space)
            continue
        (name,) = line.names
        found = eval(line.value, space)
        found = faces.vector(found) if isinstance(found, list | tuple) else found
        if not line.symbol or not (isinstance(found, faces.Shown) or values.numeric(found)):
            space[name] = found
            continue
        value = values.lifted(getattr(solution, name)) if hasattr(solution, name) else faces.exact(found)
        chains[name] = chain(line.symbol, name, faces.shown(found), value)
        space[name] = faces.named(line.symbol, name, value)
    return chains, space


def _drawn(symbol: str, name: str, value: Any) -> Any:
    there = values.lifted(value)
    if not values.numeric(there) or there == ():
        return there
    return faces.named(symbol, name, there) if symbol else faces.shown(there)


def chain(symbol: str, name: str, found: faces.Shown, value: Any) -> Derivation:
    """symbol = formula = numbers inserted = result, what reads the same left out."""
    start = Named(symbol, name, lambda env: values.evaluated(value))
    derivation = derive(start)
    for term in _different((start, found.s.term(), found.n.term(), values.term_of(value))):
        derivation = derivation.eq(term)
    return derivation


def _different(terms: Iterable[Term]) -> list[Term]:
    """All but the first, without those that are written like the one before."""
    kept: list[Term] = []
    before = ""
    for i, term in enumerate(terms):
        written = term.tex("en")
        if i and written != before:
            kept.append(term)
        before = written
    return kept


def needs(line: Line) -> set[str]:
    """The names that a line is made of."""
    import ast

    return {node.id for node in ast.walk(line.node) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
