"""The displayed steps: each line of `solve` with a symbol as a chain, symbol = formula = numbers inserted = result."""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from blattwerk.build.topicfile import faces, values
from blattwerk.build.topicfile.lines import Line
from blattwerk.build.topicfile.notation import Entry, Unnamed, family
from blattwerk.build.topicfile.solving import Program, given
from blattwerk.vocabulary.derivation import Derivation, Step, derive
from blattwerk.vocabulary.functions import rounded_to
from blattwerk.vocabulary.terms import Add, Named, Sym, Term

WIDEST = 60  # signs: what is wider, with the numbers inserted, is left out between the formula and the result
_SILENT = str.maketrans("", "", "\\{}_^ ")


def displayed(program: Program, params: Any, solution: Any) -> tuple[Mapping[str, Derivation], Mapping[str, Any]]:
    """The chain of every line that has a symbol, and all names with their looks, for what else is displayed."""
    space = program.shown_space() | {
        name: _drawn(program.symbols.get(name, ""), name, value) for name, value in given(params).items()
    }
    chains: dict[str, Derivation] = {}
    for line in program.solve_lines:
        if line.demands:
            continue
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
        made = _of_members if family(line.symbol) and values.rank(value) == 1 else chain
        chains[name] = made(line.symbol, name, faces.shown(found), value)
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
    formula, inserted, result = found.s.term(), found.n.term(), values.term_of(value)
    middle = (formula, inserted) if _fits(inserted) else (formula,)
    for term in different((start, *middle, result)):
        derivation = derivation.eq(term)
    return derivation


def _of_members(symbol: str, name: str, found: faces.Shown, value: Any) -> Derivation:
    """The rule of a family, for all values of its index; its numbers stand in a table, or in a row."""
    index = faces.named(symbol, name, value).s.letter
    try:
        rule = found.s.entry(Sym(index)).term()
    except Unnamed:
        row = values.row_of(value)
        return Derivation(Named(symbol, name, row.value), (Step("=", row, named=True),))
    start = Entry(symbol, value, (Sym(index),))
    return derive(start, **{index: lambda random: Fraction(random.randint(1, len(value)))}).eq(rule)


def near(symbol: str, name: str, value: Any, places: int) -> Derivation:
    """symbol ~ decimals."""
    start = Named(symbol, name, lambda env: values.evaluated(value))
    return derive(start).then("~", rounded_to(values.term_of(value), places))


def _fits(term: Term) -> bool:
    """Whether a term with its numbers can stand on a line, as far as signs tell; sums are broken."""
    return all(_width(piece.tex("en")) <= WIDEST for piece in (term.terms if isinstance(term, Add) else (term,)))


def _width(tex: str) -> int:
    """About how many signs a formula is wide: of a matrix its widest row, of a fraction its longer side."""
    rows = re.sub(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", _widest_row, tex, flags=re.DOTALL)
    halved = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", lambda f: max(f[1], f[2], key=len), rows)
    return len(re.sub(r"\\(log|exp|sqrt|max|min)\b", "xxx", halved).translate(_SILENT)) - halved.count("\\left") * 8


def _widest_row(found: re.Match[str]) -> str:
    return "x" * max(_width(row) for row in found[1].split("\\\\"))


def different(terms: Iterable[Term]) -> list[Term]:
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
