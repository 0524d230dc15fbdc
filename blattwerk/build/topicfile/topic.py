"""A topic file compiled: the exercise, its templates, and what a check wants to know of it."""

import ast
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache, cached_property
from types import CodeType
from typing import Any

from blattwerk.build.topicfile import faces, values
from blattwerk.build.topicfile.checking import confirmations, oracle
from blattwerk.build.topicfile.lines import exactly, unknown
from blattwerk.build.topicfile.notation import family
from blattwerk.build.topicfile.outline import Outline, outline
from blattwerk.build.topicfile.picturing import Drawing, drawings
from blattwerk.build.topicfile.prose import Prose
from blattwerk.build.topicfile.reading import Page, missing_texts, mistakes
from blattwerk.build.topicfile.showing import different, displayed, near
from blattwerk.build.topicfile.solving import KNOWN, Program, given, program_at
from blattwerk.build.topicfile.texts import Written, written
from blattwerk.vocabulary.derivation import Derivation, derive
from blattwerk.vocabulary.exercise import Answer, Exercise, no_figures
from blattwerk.vocabulary.figures import Figure
from blattwerk.vocabulary.language import LANGUAGES, Lang, Localised
from blattwerk.vocabulary.mistakes import rightly
from blattwerk.vocabulary.terms import Term

_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


@dataclass(frozen=True)
class TopicFile:
    """All that was made of a topic file."""

    page: Page
    program: Program
    outline: Outline
    templates: Mapping[Lang, Written]
    drawings: tuple[Drawing, ...] = ()

    @property
    def Params(self) -> type[Any]:  # noqa: N802  # the name of the class
        """The class of what is drawn."""
        return self.program.Params

    @property
    def Solution(self) -> type[Any]:  # noqa: N802  # the name of the class
        """The class of what is solved."""
        return self.program.Solution

    @cached_property
    def exercise(self) -> Exercise[Any, Any]:
        """The exercise, as a topic of three files has one; each function bears the line that it was made of."""
        meta, page, made = self.page.meta, self.page, self.program
        solve_line = page.fence("solve").line - 1
        checks = page.intro.fences_of("check")
        return Exercise(
            id=meta["topic"],
            title=Localised(meta.get("title.en", ""), meta.get("title.de", "")),
            params=self.Params,
            parts=tuple(part.part() for part in self.outline.parts),
            draw=self._at(page.fence("draw").line - 1, "draw", made.draw),
            solve=self._at(solve_line, "solve", made.solve, "params, step=__rightly"),
            answers=self._at(page.parts[0].line, "answers", self.answers),
            derivations=self._at(solve_line, "derivations", self.derivations, "params, solution, parts=None"),
            figures=self._at(self.drawings[0].line, "figures", self.figures) if self.drawings else no_figures,
            oracles=tuple(self._at(f.line - 1, f.words[0], oracle(made, f)) for f in checks),
            offers=int(meta["offers"]) if "offers" in meta else None,
            version=int(meta.get("version", "1")),
            demo=meta.get("demo"),
            values=self.values,
            draft=self.lacks,
            claims=self._at(page.parts[0].line, "claims", self.claims, "params, solution, parts=None"),
        )

    @cached_property
    def lacks(self) -> tuple[str, ...]:
        """What makes it a draft: an answer that is asked for without two checks, a language with texts missing."""
        asked = [name for part in self.page.parts for name in part.asks]
        unproven = any(len(confirmations(self.program, name)) < 2 for name in asked)
        missing = (lang for lang in LANGUAGES if any(lang == lacking for _, _, lacking in missing_texts(self.page)))
        return (*(("unproven",) if unproven else ()), *missing)

    def _at(self, line: int, name: str, function: Callable[..., Any], arguments: str = "first, second") -> Any:
        """A function of this name whose place is a line of the file."""
        names = ", ".join(one.partition("=")[0] for one in arguments.split(", "))
        space = {"__function": function, "__rightly": rightly, "__name__": self.program.module}
        source = "\n" * (line - 1) + f"def {name}({arguments}): return __function({names})"
        exec(compile(source, self.page.path, "exec"), space)
        return space[name]

    def answers(self, params: Any, solution: Any) -> tuple[Answer, ...]:
        """What the parts ask for."""
        return tuple(
            Answer(
                name,
                part.section.id,
                _written(part.symbols[name], values.lifted(getattr(solution, name))),
                part.section.places,
                part.symbols[name],
            )
            for part in self.outline.parts
            for name in part.section.asks
        )

    def derivations(self, params: Any, solution: Any, parts: Set[str] | None = None) -> Mapping[str, Derivation]:
        """The steps of `solve`, the general proofs, and what these parts (or all) claim of the values."""
        chains, space = displayed(self.program, params, solution)
        claimed = {name: _claimed(said, space) for name, said in self._holds(parts).items()}
        displays = {one.expression: _related(one.expression, space) for p in self._pieces for one in p.relations}
        return {**chains, **self._proofs, **claimed, **self._near(solution), **displays}

    def _near(self, solution: Any) -> Mapping[str, Derivation]:
        """The values whose decimals alone a text prints."""
        symbols, asked = self.program.symbols, {one.expression for p in self._pieces for one in p.decimals}
        places = {name: part.section.places for part in self.outline.parts for name in part.section.asks}
        return {
            f"near {name}": near(symbols[name], name, getattr(solution, name), places.get(name, 4))
            for name in sorted(asked)
        }

    def figures(self, params: Any, solution: Any) -> Mapping[str, Figure]:
        """What is drawn."""
        space = _space(self.program, given(params) | given(solution))
        return {one.name: one.figure(space) for one in self.drawings}

    def _holds(self, parts: Set[str] | None) -> Mapping[str, str]:
        """What the headings of these parts claim: a part that is not there may claim what is not true today."""
        there = [part for part in self.outline.parts if parts is None or part.section.id in parts]
        return {name: said for part in there for name, said in part.holds.items()}

    def claims(self, params: Any, solution: Any, parts: Set[str] | None = None) -> Mapping[str, bool]:
        """What the headings of these parts (or of all) and the texts claim of the values."""
        space = _space(self.program, given(params) | given(solution))
        codes = dict(self._holds(parts)) | {one.expression: one.expression for p in self._pieces for one in p.claims}
        return {name: bool(eval(_compiled(said, self.page.path, 1), space)) for name, said in codes.items()}

    @cached_property
    def _proofs(self) -> Mapping[str, Derivation]:
        """The chains of all proofs, and the definitions that texts print."""
        every = (*self.outline.proofs, *(one for part in self.outline.parts for one in part.proofs))
        said = {one.expression for p in self._pieces for one in p.definitions}
        return {one.name: one.chain for one in every} | {
            f"defined {name}": self.outline.definitions[name] for name in sorted(said)
        }

    @cached_property
    def _pieces(self) -> tuple[Prose, ...]:
        return tuple(p for lang in LANGUAGES for p in self.templates[lang].found)

    def values(self, params: Any, solution: Any) -> Mapping[str, Any]:
        """What the texts print in braces, each when it is asked for."""
        return _Asked(self._expressions, self.program, given(params) | given(solution))

    @cached_property
    def _expressions(self) -> Mapping[str, CodeType]:
        wanted = {one.expression: one.line for p in self._pieces for one in p.wanted}
        return {said: _compiled(said, self.page.path, line) for said, line in wanted.items()}


@dataclass(frozen=True)
class _Asked(Mapping[str, Any]):
    """Expressions and their values."""

    expressions: Mapping[str, CodeType]
    program: Program
    names: Mapping[str, Any]

    def __getitem__(self, said: str) -> Any:
        return self.at(said)

    def at(self, said: str, **bound: Any) -> Any:
        """The value where a loop gives names, too."""
        return values.lifted(eval(self.expressions[said], _space(self.program, {**self.names, **bound})))

    def __iter__(self) -> Iterator[str]:
        return iter(self.expressions)

    def __len__(self) -> int:
        return len(self.expressions)


def _written(symbol: str, value: Any) -> Term:
    """An answer as it stands on paper: a family as a row."""
    return values.row_of(value) if family(symbol) and values.rank(value) == 1 else values.term_of(value)


def _space(made: Program, names: Mapping[str, Any]) -> dict[str, Any]:
    return made.space() | {name: values.lifted(value) for name, value in names.items()}


def _compiled(said: str, path: str, line: int) -> CodeType:
    tree = exactly(ast.parse(said))
    value = tree.body[0]
    assert isinstance(value, ast.Expr)
    return compile(ast.Expression(ast.increment_lineno(value.value, line - 1)), path, "eval")


def _claimed(said: str, space: Mapping[str, Any]) -> Derivation:
    """A claim as a chain: its sides with their symbols."""
    return _chained(said, space)[0]


def _related(said: str, space: Mapping[str, Any]) -> Derivation:
    """A relation to be displayed: the same, and what the last side amounts to."""
    chain, last = _chained(said, space)
    for term in different((last.s.term(), last.n.term(), values.term_of(last.value))):
        chain = chain.eq(term)
    return chain


def _chained(said: str, space: Mapping[str, Any]) -> tuple[Derivation, faces.Shown]:
    """A comparison as a chain, and its last side."""
    compare = ast.parse(said, mode="eval").body
    assert isinstance(compare, ast.Compare)
    sides = []
    for node in (compare.left, *compare.comparators):
        tree = exactly(ast.Module([ast.Expr(node)], []))
        side = tree.body[0]
        assert isinstance(side, ast.Expr)
        sides.append(faces.shown(eval(compile(ast.Expression(side.value), "hold", "eval"), dict(space))))
    chain = derive(sides[0].s.term())
    for op, later in zip(compare.ops, sides[1:], strict=True):
        chain = chain.then(_SIGNS[type(op)], later.s.term())
    return chain, sides[-1]


def _known(made: Program) -> set[str]:
    """What texts, claims and figures can name."""
    return {*KNOWN, *made.drawn_names, *made.solved_names}


def _against(
    page: Page, made: Program, outlined: Outline, templates: Mapping[Lang, Written], drawn: tuple[Drawing, ...]
) -> None:
    """Raise TopicFileError where texts or claims name what is not there, or a figure stands nowhere."""
    found: list[tuple[int, str]] = []
    known = _known(made)
    parts = {part.section.id for part in outlined.parts}
    for template in templates.values():
        found += template.wrong
        for piece in template.found:
            for one in piece.wanted:
                found += [(one.line, what) for _, what in unknown(ast.parse(one.expression), {*known, *one.bound})]
            found += [(one.line, what) for one in piece.relations for what in _no_claim(one.expression, known)]
            found += _uncalled(piece, made, outlined)
            found += [
                (one.line, f"there is no part '{one.expression}'") for one in piece.parts if one.expression not in parts
            ]
    found += _misplaced(drawn, templates)
    for part in outlined.parts:
        for said in part.holds.values():
            found += [(part.section.line, what) for what in _no_claim(said, known)]
    if found:
        raise mistakes(page.path, dict.fromkeys(found))


def _uncalled(piece: Prose, made: Program, outlined: Outline) -> Iterator[tuple[int, str]]:
    """Names behind `near` and `defined` that have nothing to print."""
    for one in piece.decimals:
        if one.expression not in set(made.solved_names) & set(made.symbols):
            yield one.line, f"'{one.expression}' is no value of `solve` with a symbol"
    for one in piece.definitions:
        if one.expression not in outlined.definitions:
            there = ", ".join(outlined.definitions) or "none"
            yield one.line, f"no proof gives '{one.expression}' to a term; there are {there}"


def _misplaced(drawn: tuple[Drawing, ...], templates: Mapping[Lang, Written]) -> Iterator[tuple[int, str]]:
    """Figures that are printed and not there, or there and not printed in a language."""
    names = [one.name for one in drawn]
    for lang, template in templates.items():
        printed = [one for piece in template.found for one in piece.figures]
        for one in printed:
            if one.expression not in names:
                yield one.line, f"there is no figure '{one.expression}'; there are {', '.join(names) or 'none'}"
        for there in drawn:
            if there.name not in [one.expression for one in printed]:
                yield there.line, f"no text in '{lang}' prints this figure; write {{{{figure {there.name}}}}} into one"


def _no_claim(said: str, known: set[str]) -> Iterator[str]:
    try:
        tree = ast.parse(said, mode="eval")
    except SyntaxError as error:
        yield f"'{said}' cannot be read: {error.msg}"
        return
    if not isinstance(tree.body, ast.Compare) or not all(type(op) in _SIGNS for op in tree.body.ops):
        yield f"'{said}' is no comparison such as a < b"
    yield from (what for _, what in unknown(tree, known))


def compiled(path: str) -> TopicFile:
    """The topic file at this path, compiled; raises TopicFileError with every mistake that needs no draw to be seen."""
    return _made_of(program_at(path))


@cache
def _made_of(made: Program) -> TopicFile:
    outlined = outline(made.page, made)
    templates = {lang: written(made.page, outlined, lang) for lang in LANGUAGES}
    drawn = drawings(made.page, _known(made))
    _against(made.page, made, outlined, templates, drawn)
    return TopicFile(made.page, made, outlined, templates, drawn)
