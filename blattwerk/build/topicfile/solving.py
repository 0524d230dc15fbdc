"""The draw and the exact solution of a topic file: Params and Solution are made of the names that are assigned."""

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, fields, make_dataclass
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from types import GenericAlias
from typing import Any

from blattwerk.build.topicfile import counterparts, dice, faces, values
from blattwerk.build.topicfile.lines import (
    Line,
    exactly,
    inexact,
    lazily,
    lines_of,
    pythons,
    tree_of,
    unknown,
)
from blattwerk.build.topicfile.reading import Page, mistakes, read
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.mistakes import Step, rightly

MODULE = "topics"  # what the code of topic files is called in tracebacks: topics.<id>
TRIED = 4  # seeds at each difficulty, to learn of which types the drawn values are

_FUNCTIONS = ("log", "log2", "exp", "sigmoid", "relu", "inverse", "det", "trace", "outer", "norm", "prod")
_OF_SHOWN = ("sqrt", "floor", "absolute", "transposed")  # the operations of a Shown need them, so they stand beside it
_OURS = {"absolute": "abs", "transposed": "transpose"}  # called otherwise in a topic file
_SAME: dict[str, Callable[..., Any]] = {
    "one_hot": values.one_hot,
    "identity": values.identity,
    "zeros": values.zeros,
    "ones": values.ones,
    "coefficients": values.coefficients,
    "argmax": values.argmax,
    "argmin": values.argmin,
    "sign": values.sign,
}
_OF_VALUES: dict[str, Callable[..., Any]] = {
    **_SAME,
    **{_OURS.get(name, name): getattr(values, name) for name in (*_FUNCTIONS, *_OF_SHOWN)},
    "sum": values.total,
    "Fraction": Fraction,
    "__over": values.divide,
    "__power": values.raised,
    "__vector": values.lifted,
}
_OF_FACES: dict[str, Callable[..., Any]] = {
    **{name: counterparts.over_numbers(function) for name, function in _SAME.items()},
    **{name: getattr(counterparts, name) for name in _FUNCTIONS},
    **{_OURS.get(name, name): getattr(faces, name) for name in _OF_SHOWN},
    "sum": counterparts.sum_,
    "max": counterparts.largest,
    "min": counterparts.smallest,
    "Fraction": lambda a, b=1: counterparts.divide(a, b),
    "__over": counterparts.divide,
    "__power": counterparts.raised,
    "__vector": faces.vector,
}
KNOWN = frozenset((*_OF_VALUES, *pythons(), "require"))


class Stored:
    """The base of Params and Solution of a topic file: in another process, the class is that of the same file there."""

    _home: tuple[str, str]  # the file, and which of the two

    def __reduce__(self) -> Any:
        path, kind = self._home
        return _restored, (path, kind, tuple(getattr(self, f.name) for f in _fields(self)))


def _fields(stored: Any) -> tuple[Field[Any], ...]:
    """The fields of what is a dataclass only in the classes made of Stored."""
    return fields(stored)


def _restored(path: str, kind: str, stored: tuple[Any, ...]) -> Any:
    return getattr(program_at(path), kind)(*stored)


@dataclass(frozen=True, eq=False)
class Program:
    """The two fences of a page, compiled. `module` is what its code is called in messages and tracebacks."""

    page: Page
    module: str
    draw_lines: tuple[Line, ...]
    solve_lines: tuple[Line, ...]
    instead: Mapping[str, Mapping[str, Line]]  # by the name of a step, by the key of a mistake

    @cached_property
    def drawn_names(self) -> tuple[str, ...]:
        """What is drawn, and kept."""
        return _kept_names(self.draw_lines)

    @cached_property
    def solved_names(self) -> tuple[str, ...]:
        """What is solved, and kept."""
        return _kept_names(self.solve_lines)

    @cached_property
    def symbols(self) -> Mapping[str, str]:
        """The symbol of each name that has one."""
        both = (*self.draw_lines, *self.solve_lines)
        return {line.names[0]: line.symbol for line in both if len(line.names) == 1 and line.symbol}

    @cached_property
    def Params(self) -> type[Any]:  # noqa: N802  # the name of the class
        """The class of what is drawn; its types are those of some draws."""
        found: dict[str, list[Any]] = {name: [] for name in self.drawn_names}
        for difficulty in DIFFICULTIES:
            for seed in range(TRIED):
                drawn = self._first(Draws(b"", seed, "types", self.page.meta["topic"]), difficulty)
                for name in self.drawn_names:
                    found[name].append(drawn[name])
        return self._class("Params", {name: type_of(seen) for name, seen in found.items()})

    @cached_property
    def Solution(self) -> type[Any]:  # noqa: N802  # the name of the class
        """The class of what follows."""
        return self._class("Solution", dict.fromkeys(self.solved_names, Any))

    def _class(self, kind: str, of: Mapping[str, Any]) -> type[Any]:
        home = {"_home": (self.page.path, kind)}
        made = make_dataclass(kind, list(of.items()), bases=(Stored,), frozen=True, namespace=home)
        made.__module__ = self.module
        return made

    def draw(self, draws: Draws, difficulty: Difficulty) -> Any:
        """The first admissible draw."""
        kinds = {f.name: f.type for f in fields(self.Params)}
        drawn = self._first(draws, difficulty)
        return self.Params(**{name: coerced(drawn[name], kinds[name], name) for name in self.drawn_names})

    def _first(self, draws: Draws, difficulty: Difficulty) -> dict[str, Any]:
        return draws.first(lambda attempt: self._attempt(attempt, difficulty))

    def _attempt(self, draws: Draws, difficulty: Difficulty) -> dict[str, Any] | None:
        thrown = dice.Dice(draws, difficulty)
        space = self.space() | dice.FREE | thrown.names()
        try:
            for line in self.draw_lines:
                thrown.name = ", ".join(line.names)
                exec(line.code, space)
            missing = [name for name in self.drawn_names if name not in space]
            if missing:
                raise NameError(f"'{missing[0]}' is not drawn at the difficulty {difficulty}")
            drawn = {name: values.plain(space[name]) for name in self.drawn_names}
            if self._solve_requires:
                self.run(drawn, require=dice.require)
        except dice.NotAdmissible:
            return None
        return drawn

    @cached_property
    def _solve_requires(self) -> bool:
        return any(
            isinstance(node, ast.Name) and node.id == "require"
            for line in self.solve_lines
            for node in ast.walk(line.node)
        )

    def space(self) -> dict[str, Any]:
        """The names that there are where numbers are exact."""
        return {**pythons(), **_OF_VALUES, "__name__": self.module, "__builtins__": {}}

    def shown_space(self) -> dict[str, Any]:
        """The same names, for values that remember how they came about."""
        return {
            **pythons(),
            **_OF_FACES,
            "__name__": self.module,
            "__builtins__": {},
            "require": lambda condition: None,
        }

    def run(
        self,
        drawn: Mapping[str, Any],
        step: Step = rightly,
        require: Callable[[Any], None] | None = None,
        lines: tuple[Line, ...] | None = None,
    ) -> dict[str, Any]:
        """All names after the lines of `solve`, over exact values; what it requires matters only where one draws."""
        demand = require or (lambda condition: None)
        space = self.space() | {name: values.lifted(value) for name, value in drawn.items()} | {"require": demand}
        for line in self.solve_lines if lines is None else lines:
            if require or not line.demands:
                self._step(line, space, step)
        return space

    def _step(self, line: Line, space: dict[str, Any], step: Step) -> None:
        if line.value is None or len(line.names) != 1:
            exec(line.code, space)
            for name in line.names:
                space[name] = _exact(values.lifted(space[name]), name, self.page.place(line.line))
            return
        (name,) = line.names
        others = {key: _evaluation(other, space) for key, other in self.instead.get(name, {}).items()}
        found = step(name, _evaluation(line, space), **others)
        space[name] = _exact(values.lifted(found), name, self.page.place(line.line))

    def solve(self, params: Any, step: Step = rightly, lines: tuple[Line, ...] | None = None) -> Any:
        """What follows from the params, by the lines of `solve` or by others."""
        space = self.run(given(params), step, lines=lines)
        return self.Solution(**{name: values.plain(space[name]) for name in self.solved_names})


def given(params: Any) -> dict[str, Any]:
    """The drawn values by name."""
    return {f.name: getattr(params, f.name) for f in fields(params)}


def _evaluation(line: Line, space: dict[str, Any]) -> Callable[[], Any]:
    code = line.value
    assert code is not None
    return lambda: eval(code, space)


def _exact(value: Any, name: str, place: str) -> Any:
    """The value, if there is no float in it."""
    for leaf in _leaves(value):
        if isinstance(leaf, float | complex):
            raise TypeError(f"{place}: '{name}' holds the float {leaf!r}; what is solved is exact")
    return value


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _kept_names(lines: Iterable[Line]) -> tuple[str, ...]:
    names = (name for line in lines for name in line.names if not name.startswith("_"))
    return tuple(dict.fromkeys(names))


def type_of(seen: list[Any]) -> Any:
    """The type of values that were drawn: Fraction where one of them is one."""
    if all(isinstance(x, bool) for x in seen):
        return bool
    if all(isinstance(x, int | Fraction) for x in seen):
        return int if all(isinstance(x, int) for x in seen) else Fraction
    if all(isinstance(x, tuple) for x in seen):
        entries = [y for x in seen for y in x]
        kinds = {type(y) for y in entries}
        same = kinds <= {int, Fraction} or kinds == {tuple} or kinds == {str} or kinds == {bool}
        if same or len({len(x) for x in seen}) > 1:
            return GenericAlias(tuple, (type_of(entries) if entries else int, ...))
        return _tuple_of(type_of([x[i] for x in seen]) for i in range(len(seen[0])))
    if all(isinstance(x, str) for x in seen):
        return str
    raise TypeError(
        f"a drawn value is a {type(seen[0]).__name__}; allowed: whole numbers, fractions, texts, lists of these"
    )


def _tuple_of(kinds: Iterable[Any]) -> Any:
    return GenericAlias(tuple, tuple(kinds))


def coerced(value: Any, kind: Any, name: str) -> Any:
    """A drawn value in the type of its field."""
    if kind is Fraction and isinstance(value, int | Fraction):
        return Fraction(value)
    inner = getattr(kind, "__args__", ())
    if isinstance(value, tuple) and inner:
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(coerced(x, k, name) for x, k in zip(value, kinds, strict=True))
    if kind is int and isinstance(value, Fraction):
        raise TypeError(f"'{name}' is a whole number mostly, and here {value}; draw it as a Fraction always")
    return value


def program_at(path: str) -> Program:
    """The program of the topic file at this path, made once; raises TopicFileError with every mistake in it."""
    where = Path(path)
    stamp = where.stat() if where.exists() else None
    return _program_at(path, (stamp.st_mtime_ns, stamp.st_size) if stamp else None)


@cache
def _program_at(path: str, stamp: tuple[int, int] | None) -> Program:
    return program(read(Path(path)))


def program(page: Page) -> Program:
    """A page's draw and solution; raises TopicFileError with every mistake in them."""
    draw, solve = page.fence("draw"), page.fence("solve")
    drawing, solving = tree_of(draw, page.path), tree_of(solve, page.path)
    draw_lines = lines_of(draw, page.path, lazily, drawing)
    drawn = _kept_names(draw_lines)
    found = [*inexact(drawing), *inexact(solving)]
    found += unknown(drawing, {*KNOWN, *dice.FREE, *dice.DRAWING})
    found += unknown(solving, {*KNOWN, *drawn})
    solve_lines = lines_of(solve, page.path, exactly, solving)
    for line in solve_lines:
        found += [
            (line.line, f"'{name}' is drawn already; give the result another name")
            for name in line.names
            if name in drawn
        ]
    solved = {name for line in solve_lines for name in line.names}
    functions = {line.node.name for line in solve_lines if isinstance(line.node, ast.FunctionDef)}
    instead: dict[str, dict[str, Line]] = {}
    for key, fence in mistake_fences(page):
        tree = tree_of(fence, page.path)
        found += [*inexact(tree), *unknown(tree, {*KNOWN, *drawn, *solved, *functions})]
        for line in lines_of(fence, page.path, exactly, tree):
            if len(line.names) != 1 or line.names[0] not in solved:
                found.append((line.line, "a mistake replaces lines of `solve`: it assigns names that stand there"))
            else:
                instead.setdefault(line.names[0], {})[key] = line
    if found:
        raise mistakes(page.path, found)
    return Program(page, f"{MODULE}.{page.meta['topic']}", draw_lines, solve_lines, instead)


def mistake_fences(page: Page) -> list[tuple[str, Any]]:
    """The mistakes that are code, with their keys."""
    return [
        (f"{part.id}_{number}", fence)
        for part in page.parts
        for number, fence in enumerate(part.fences_of("mistake"), 1)
    ]
