"""Figures of a topic file: an expression over the values of draw and `solve`, and a text for those who do not see it.

The expression calls one of the functions below, which are the kinds of figures that there are. The comment is the text,
in both languages; `{{...}}` in it are values.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from types import CodeType
from typing import Any

from blattwerk.build.topicfile.lines import comments, exactly, inexact, tree_of, unknown
from blattwerk.build.topicfile.reading import Fence, Page, both, mistakes
from blattwerk.build.topicfile.values import numeric
from blattwerk.vocabulary.exact.closed import Closed
from blattwerk.vocabulary.figures import BarChart, Figure, LayeredNetwork, MixtureDensity
from blattwerk.vocabulary.language import LANGUAGES, Lang, Localised

FINEST = 60  # grid lines between two whole numbers, at most, from which heights can be read
_BRACES = re.compile(r"\{\{(.*?)\}\}")

Described = Callable[[Localised], Figure]  # a figure that lacks its text


def bars(labels: Any, *series: Any, grid: int = 0) -> Described:
    """Bars in groups, one for each label; a series is a name in mathematics and its heights, such as ("p", p)."""
    if not series or any(len(one) != 2 or len(one[1]) != len(labels) for one in series):
        raise ValueError('bars(labels, ("p", p), ...) takes a name and as many heights as there are labels')
    heights = [_fractions("a height", one[1]) for one in series]
    if min(min(row) for row in heights) < 0 or not any(map(any, heights)):
        raise ValueError("the heights of bars are not negative, and one of them is above 0")
    every = [height for row in heights for height in row]
    between = grid or lcm(*(height.denominator for height in every))
    if max(every) * between > FINEST:
        raise ValueError(f"there would be more than {FINEST} grid lines; write grid=..., of how many there are to a 1")
    named = tuple((str(one[0]), row) for one, row in zip(series, heights, strict=True))
    return lambda alt: BarChart(alt, tuple(map(str, labels)), named, between)


def density(weights: Any, means: Any, deviations: Any, variable: str = "x", mark: Any = None) -> Described:
    """The density of a mixture of normal distributions with its components, and the place of a value."""
    shares, centres = _fractions("a weight", weights), _fractions("a mean", means)
    widths = _fractions("a deviation", deviations)
    at = None if mark is None else _fractions("the mark", [mark])[0]
    return lambda alt: MixtureDensity(alt, shares, centres, widths, variable, at)


def network(layers: Any, weights: Any, biases: Any) -> Described:
    """Nodes in layers by their names in mathematics, whole weights at the edges, biases at the nodes."""
    rows = tuple(tuple(tuple(map(int, row)) for row in layer) for layer in weights)
    below = tuple(tuple(map(int, layer)) for layer in biases)
    return lambda alt: LayeredNetwork(alt, tuple(tuple(map(str, layer)) for layer in layers), rows, below)


KINDS: Mapping[str, Callable[..., Described]] = {"bars": bars, "density": density, "network": network}


def _fractions(what: str, entries: Any) -> tuple[Fraction, ...]:
    if any(isinstance(x, Closed) or not numeric(x) for x in entries):
        raise TypeError(f"{what} of a figure is a whole number or a fraction, no logarithm, root or vector")
    return tuple(map(Fraction, entries))


@dataclass(frozen=True)
class Drawing:
    """A figure's name, its line, its expression, and its text as pieces: words and expressions in turn."""

    name: str
    line: int
    code: CodeType
    alt: Mapping[Lang, tuple[str | CodeType, ...]]

    def figure(self, space: Mapping[str, Any]) -> Figure:
        """The figure, by the values of these names."""
        made = eval(self.code, {**space, **KINDS})
        if not callable(made):
            raise TypeError(f"the figure '{self.name}' is none; call one of {', '.join(KINDS)}")
        words = {lang: "".join(map(str, (_value(x, space) for x in self.alt[lang]))) for lang in LANGUAGES}
        figure: Figure = made(Localised(**words))
        return figure


def _value(piece: str | CodeType, space: Mapping[str, Any]) -> str:
    """Words as they are, a value as one reads it."""
    return piece if isinstance(piece, str) else _read(eval(piece, dict(space)))


def _read(value: Any) -> str:
    return ", ".join(map(_read, value)) if isinstance(value, list | tuple) else str(value)


def drawings(page: Page, known: set[str]) -> tuple[Drawing, ...]:
    """The figures of a page, which may name what is known; raises TopicFileError with every mistake in them."""
    fences = [fence for section in (page.intro, *page.parts) for fence in section.fences_of("figure")]
    found: list[tuple[int, str]] = []
    made: dict[str, Drawing] = {}
    for fence in fences:
        wrong = list(_wrong(fence, page, known, made))
        found += wrong
        if not wrong:
            made[fence.words[0]] = _drawing(fence, page)
    if found:
        raise mistakes(page.path, found)
    return tuple(made.values())


def _wrong(fence: Fence, page: Page, known: set[str], made: Mapping[str, Drawing]) -> Iterator[tuple[int, str]]:
    head = fence.line - 1
    if len(fence.words) != 1 or not fence.words[0].isidentifier():
        yield head, "a figure has a name: ```python figure heights"
    elif fence.words[0] in made:
        yield head, f"there is a figure '{fence.words[0]}' already, at line {made[fence.words[0]].line}"
    tree = tree_of(fence, page.path)
    yield from inexact(tree)
    yield from unknown(tree, known | set(KINDS))
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        yield head, f"a figure is one call of {', '.join(KINDS)}, below a comment with its text"
    words = both(" ".join(comments(fence).values()))
    if not all(words.values()):
        yield head, "a figure has a text for those who do not see it: a comment, # English | Deutsch"
    for said in (said for lang in LANGUAGES for said in _BRACES.findall(words[lang])):
        try:
            yield from ((head, what) for _, what in unknown(ast.parse(said.strip(), mode="eval"), known))
        except SyntaxError as error:
            yield head, f"{{{{{said}}}}} is no expression ({error.msg})"


def _drawing(fence: Fence, page: Page) -> Drawing:
    words = both(" ".join(comments(fence).values()))
    (statement,) = exactly(tree_of(fence, page.path)).body
    assert isinstance(statement, ast.Expr)
    code = compile(ast.Expression(statement.value), page.path, "eval")
    alt = {lang: tuple(_pieces(words[lang], page.path, fence.line)) for lang in LANGUAGES}
    return Drawing(fence.words[0], fence.line - 1, code, alt)


def _pieces(words: str, path: str, line: int) -> Iterator[str | CodeType]:
    for number, piece in enumerate(_BRACES.split(words)):
        if number % 2 == 0:
            yield piece
            continue
        (statement,) = exactly(ast.parse(piece.strip())).body
        assert isinstance(statement, ast.Expr)
        yield compile(ast.Expression(ast.increment_lineno(statement.value, line - 1)), path, "eval")
