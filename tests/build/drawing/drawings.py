"""What a drawing on a board holds, in centimetres from its lower left corner."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch
from matplotlib.path import Path

from blattwerk.build.drawing.board import CENTIMETRE, Word, Words

Points = npt.NDArray[np.float64]


def words(canvas: Canvas) -> list[Word]:
    """All formulas, in the order in which they were written."""
    return [word for artist in canvas.artists if isinstance(artist, Words) for word in artist.words]


def patches(canvas: Canvas) -> list[Patch]:
    """All shapes, in the order in which they are drawn."""
    return [artist for artist in canvas.artists if isinstance(artist, Patch)]


def outlines(canvas: Canvas, label: str) -> list[Points]:
    """The points of each line or area of the shapes with this label, without what closes it."""
    found = []
    for patch in patches(canvas):
        if patch.get_label() == label:
            path = patch.get_path()
            codes = np.asarray(path.codes)
            pieces = zip(
                np.split(np.asarray(path.vertices), np.flatnonzero(codes == Path.MOVETO)[1:]),
                np.split(codes, np.flatnonzero(codes == Path.MOVETO)[1:]),
                strict=True,
            )
            found += [points[kinds != Path.CLOSEPOLY] for points, kinds in pieces]
    return found


def assert_on_the_page(canvas: Canvas) -> None:
    """All ink lies on the page, and so does each formula; no two formulas touch."""
    ink, page = canvas.get_tightbbox(), canvas.bbox_inches
    assert page.x0 <= ink.x0 and ink.x1 <= page.x1
    assert page.y0 <= ink.y0 and ink.y1 <= page.y1
    boxes = [word.box for word in words(canvas)]
    assert boxes
    for box in boxes:
        assert box.x0 >= 0 and box.x1 <= page.width / CENTIMETRE
        assert box.y0 >= 0 and box.y1 <= page.height / CENTIMETRE
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def scales(canvas: Canvas) -> Callable[[Points], Points]:
    """From centimetres to the numbers of the scales, read off from the ticks and the numbers beside them."""
    axes, *ticks = outlines(canvas, "axes")
    across = {tick[0, 0]: tick for tick in ticks if tick[0, 0] == tick[1, 0]}
    up = {tick[0, 1]: tick for tick in ticks if tick[0, 1] == tick[1, 1]}
    below, beside = {}, {axes[1, 1]: 0.0}
    for word in words(canvas):
        box = word.box
        middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        if box.y1 < axes[1, 1]:
            below[min(across, key=lambda x: abs(x - middle[0]))] = float(word.formula.strip("$"))
        elif box.x1 < axes[1, 0]:
            beside[min(up, key=lambda y: abs(y - middle[1]))] = float(Fraction(word.formula.strip("$")))
    assert (len(below), len(beside)) == (len(across), len(up) + 1)
    slopes, offsets = zip(*(_line(places) for places in (below, beside)), strict=True)
    return lambda points: points * slopes + offsets


def _line(numbers: dict[float, float]) -> tuple[float, float]:
    """Slope and offset of the straight line through these points."""
    slope, offset = np.polyfit([*numbers], [*numbers.values()], 1)
    assert [slope * place + offset for place in numbers] == pytest.approx([*numbers.values()])
    return slope, offset
