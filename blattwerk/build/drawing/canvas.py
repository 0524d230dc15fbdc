"""A canvas that knows formulas: each is parsed once for all figures.

matplotlib parses a formula anew for each figure in which it stands, and that takes longer than all the rest of a
drawing; in a class the same few recur. So what its parser finds is kept, and drawn letter by letter.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import combining

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser, VectorParse

PARSER = MathTextParser("path")
INCH = 72  # in points


class Letter(NamedTuple):
    """A letter of a formula, at a place relative to where the formula's baseline begins, in points."""

    text: str
    font: FontProperties
    x: float
    y: float


@dataclass(frozen=True)
class Formula:
    """A formula that was parsed; its height includes the depth below the baseline. Lengths are points.

    letters  all that is seen; None if more is seen than letters, so that only matplotlib itself can draw it
    """

    width: float
    height: float
    depth: float
    letters: tuple[Letter, ...] | None


class Canvas(Figure):
    """A canvas of matplotlib's on which no formula is parsed that was parsed before, wherever its unit is the point."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw everything. Pixels are left to matplotlib, which moves letters to fit them."""
        drawn_by: Any = _Knowing(renderer) if renderer.points_to_pixels(INCH) == INCH else renderer
        super().draw(drawn_by)


class _Knowing:
    """A renderer that knows formulas; for everything else it is the one that it stands before."""

    def __init__(self, renderer: RendererBase) -> None:
        self._renderer = renderer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._renderer, name)

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        if ismath is not True:
            return self._renderer.get_text_width_height_descent(s, prop, ismath)
        known = formula(s, prop)
        return known.width, known.height, known.depth

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        letters = formula(s, prop).letters if ismath is True and not angle else None
        if letters is None:
            self._renderer.draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        up = -1 if self._renderer.flipy() else 1  # in SVG, y grows downwards
        for letter in letters:
            self._renderer.draw_text(gc, x + letter.x, y + up * letter.y, letter.text, letter.font, 0)


def formula(tex: str, font: FontProperties) -> Formula:
    """What is between dollar signs as a formula, everything else as text."""
    return _formula(tex, font.copy())  # a font can change, a key must not


@lru_cache(maxsize=4096)
def _formula(tex: str, font: FontProperties) -> Formula:
    parsed = PARSER.parse(tex, INCH, font)
    return Formula(parsed.width, parsed.height, parsed.depth, _letters(parsed))


def _letters(parsed: VectorParse) -> tuple[Letter, ...] | None:
    """The letters of a formula that has nothing else: no lines, no signs that a text has not, or not by themselves."""
    letters = [(chr(code), font.fname, size, x, y) for font, size, code, *_, x, y in parsed.glyphs]
    if parsed.rects or any(combining(letter) or not letter.isprintable() for letter, *_ in letters):
        return None
    return tuple(Letter(letter, _font(file, size), x, y) for letter, file, size, x, y in letters)


@lru_cache(maxsize=64)
def _font(file: str, size: float) -> FontProperties:
    """One object for each font, because matplotlib keeps what it finds out about it."""
    return FontProperties(fname=file, size=size)
