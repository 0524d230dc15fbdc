"""A board to draw upon in centimetres: shapes and formulas right on the canvas.

Drawing axes with their ticks and texts takes several times as long as drawing what is seen of them.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, Transform, TransformedBbox

from blattwerk.build.drawing.canvas import Canvas, formula

CENTIMETRE = 1 / 2.54
POINT = 2.54 / 72  # in centimetres
SIZE = 9.0  # of a formula where no other is given, in points
DIGIT, SIGN = 0.102, 0.08  # how far the middle of a digit and that of a minus lie above the baseline at that size
START, MIDDLE, END = 0.0, 0.5, 1.0  # parts of a formula's width

Pair = tuple[float, float]
Points = Sequence[Pair] | npt.NDArray[np.float64]


class Word(NamedTuple):
    """A formula whose baseline begins at (x, y), and its size in points."""

    x: float
    y: float
    formula: str
    size: float

    @property
    def box(self) -> Bbox:
        """The room that it takes on the board."""
        width, height, depth = _extent(self.formula, self.size)
        return Bbox.from_bounds(self.x, self.y - depth, width, height)


class Words(Artist):
    """All formulas of a board, above its shapes: one artist for all costs far less than a `Text` for each."""

    zorder = 3

    def __init__(self, scale: Transform) -> None:
        """Without any word; `scale` leads from centimetres to the canvas."""
        super().__init__()
        self.words: list[Word] = []
        self.set_transform(scale)

    def draw(self, renderer: RendererBase) -> None:
        """Each formula at its place."""
        pen, (_, height) = renderer.new_gc(), renderer.get_canvas_width_height()
        for x, y, tex, size in self.words:
            right, up = self.get_transform().transform((x, y))
            down = height - up if renderer.flipy() else up
            renderer.draw_text(pen, right, down, tex, _font(size), 0, ismath=True)
        pen.restore()

    def get_window_extent(self, renderer: RendererBase | None = None) -> Bbox:
        """The room that they take together; matplotlib asks for it where it looks for ink beyond the page."""
        return Bbox.union([word.box for word in self.words]).transformed(self.get_transform())


class Board:
    """A canvas of a given size; what is drawn later lies above what was drawn earlier, and all words above all shapes.

    Lengths and places are centimetres from the lower left corner, widths of strokes and sizes of words are points.
    """

    def __init__(self, width: float, height: float) -> None:
        """An empty board."""
        self.canvas = Canvas(figsize=(width * CENTIMETRE, height * CENTIMETRE))
        self._scale = Affine2D().scale(CENTIMETRE) + self.canvas.dpi_scale_trans
        self._words = Words(self._scale)
        self.canvas.add_artist(self._words)

    def add(self, patch: Patch, within: Bbox | None = None) -> None:
        """Any patch of matplotlib's; what lies outside of `within`, if that is given, is cut off."""
        patch.set_transform(self._scale)
        if within is not None:
            patch.set_clip_box(TransformedBbox(within, self._scale))
        self.canvas.add_artist(patch)

    def lines(
        self, lines: Iterable[Points], width: float, colour: str = "black", within: Bbox | None = None, **look: Any
    ) -> None:
        """Lines from point to point that look alike, as one path: that costs far less than a path for each."""
        path = Path.make_compound_path(*map(Path, lines))
        self.add(PathPatch(path, facecolor="none", edgecolor=colour, linewidth=width, **look), within)

    def areas(self, outlines: Iterable[Points], **look: Any) -> None:
        """Areas given by their corners that look alike and do not overlap, as one path."""
        rings = [np.asarray(corners) for corners in outlines]
        closed = (Path(np.vstack((ring, ring[:1])), closed=True) for ring in rings)
        self.add(PathPatch(Path.make_compound_path(*closed), **look))

    def circles(self, centres: Iterable[Pair], radius: float, **look: Any) -> None:
        """Circles that look alike and do not overlap, as one path."""
        self.add(PathPatch(Path.make_compound_path(*(Path.circle(centre, radius) for centre in centres)), **look))

    def write(self, x: float, y: float, tex: str, part: float = START, size: float = SIZE) -> Bbox:
        """A formula upon the baseline y, with this part of its width before x; returned is the room that it takes."""
        text = f"${tex}$"
        word = Word(x - part * _extent(text, size)[0], y, text, size)
        self._words.words.append(word)
        return word.box


def rectangle(x: float, y: float, width: float, height: float) -> tuple[Pair, ...]:
    """The corners of the rectangle whose lower left one is (x, y)."""
    return (x, y), (x + width, y), (x + width, y + height), (x, y + height)


@lru_cache(maxsize=64)
def _font(size: float) -> FontProperties:
    """The font of the text around the figures; one object for each size."""
    return FontProperties(family="cmr10", size=size, math_fontfamily="cm")


def _extent(tex: str, size: float) -> tuple[float, float, float]:
    """Width, height and depth in centimetres."""
    known = formula(tex, _font(size))
    return known.width * POINT, known.height * POINT, known.depth * POINT
