"""The board: what is given in centimetres is drawn there, on the screen and in the file."""

import io
from itertools import pairwise

import numpy as np
import pikepdf
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Bbox

from blattwerk.build.drawing.board import CENTIMETRE, END, MIDDLE, POINT, START, Board, rectangle
from blattwerk.build.drawing.canvas import formula
from tests.build.drawing.drawings import words

DPI = 254  # 100 pixels a centimetre
FORMULAS = ("x", "-3", "1/16", "h_{i-1}^{\\prime}", "\\hat{y}_2")


def ink(board: Board) -> Bbox:
    """The room that all dark pixels take, in centimetres."""
    dark = _pixels(board) < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return Bbox.from_extents(columns[0] / 100, rows[0] / 100, (columns[-1] + 1) / 100, (rows[-1] + 1) / 100)


def _pixels(board: Board) -> np.ndarray:
    """Grey values, a row to a height above the lower edge."""
    board.canvas.set_dpi(DPI)
    picture = FigureCanvasAgg(board.canvas)
    picture.draw()
    return np.asarray(picture.buffer_rgba())[::-1, :, 0]


@pytest.mark.parametrize("part", [START, MIDDLE, END])
@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_stands_where_it_says(formula: str, part: float) -> None:
    """Its ink fills the room that it claims, which begins, or has its middle or its end, at the given place."""
    board = Board(4, 2)
    room = board.write(1.7, 0.6, formula, part, size=12)
    assert room.x0 + part * room.width == pytest.approx(1.7)
    assert room.y0 <= 0.6 < room.y1
    assert ink(board).extents == pytest.approx(room.extents, abs=0.1)


def test_the_file_has_each_letter_at_its_place() -> None:
    """A letter of a PDF is moved from where the baseline of its formula begins to where it begins itself."""
    board, font = Board(6, 2), FontProperties(family="cmr10", size=9, math_fontfamily="cm")
    for i, tex in enumerate(FORMULAS):
        board.write(1 + i, 0.5 + 0.2 * i, tex, MIDDLE)
    target = io.BytesIO()
    board.canvas.savefig(target, format="pdf")
    with pikepdf.open(target) as document:
        commands = [*pikepdf.parse_content_stream(document.pages[0])]
    moves = [tuple(map(float, c.operands)) for c in commands if str(c.operator) == "cm"]
    letters = [(word, letter) for word in words(board.canvas) for letter in formula(word.formula, font).letters or ()]
    expected = [(1, 0, 0, 1, word.x / POINT + letter.x, word.y / POINT + letter.y) for word, letter in letters]
    assert np.array(moves) == pytest.approx(np.array(expected), abs=1e-4)


def test_shapes_are_as_large_as_given() -> None:
    """Centimetres, from the lower left corner, up to half the width of a stroke."""
    board = Board(5, 3)
    board.areas([rectangle(1, 0.5, 0.5, 2), rectangle(2, 0.5, 0.5, 1)], facecolor="black", linewidth=0)
    assert ink(board).extents == pytest.approx((1, 0.5, 2.5, 2.5), abs=0.011)
    board.circles([(3.5, 1), (3.5, 2)], 0.3, facecolor="black", linewidth=0)
    assert ink(board).extents == pytest.approx((1, 0.5, 3.8, 2.5), abs=0.011)
    board.lines([((0.5, 0.2), (0.5, 2.8)), ((0.5, 1.5), (4.5, 1.5))], width=0.5)
    assert ink(board).extents == pytest.approx((0.5, 0.2, 4.5, 2.8), abs=0.02)
    assert (board.canvas.get_size_inches() / CENTIMETRE).tolist() == pytest.approx([5, 3])


def test_what_is_outside_is_cut_off() -> None:
    """A line ends at the border of what it is to be seen within."""
    board = Board(5, 3)
    board.lines([((0, 1), (5, 1))], width=20, within=Bbox.from_extents(1, 1, 4, 2))
    assert ink(board).extents == pytest.approx((1, 1, 4, 1 + 10 * POINT), abs=0.011)


def test_later_shapes_lie_above_earlier_ones_and_below_all_words() -> None:
    """The order of the calls decides among shapes; a word written before them is still seen."""
    board = Board(3, 3)
    room = board.write(1.5, 1.5, "M", MIDDLE)
    for half, colour in ((1.2, "black"), (0.6, "white")):
        board.areas([rectangle(1.5 - half, 1.5 - half, 2 * half, 2 * half)], facecolor=colour, linewidth=0)
    row = _pixels(board)[round(100 * (room.y0 + room.height / 2))]
    changes = [int(x) for x, (a, b) in enumerate(pairwise(row < 128)) if a != b]
    assert [changes[0], changes[1], changes[-2], changes[-1]] == pytest.approx([29, 89, 209, 269], abs=1)
    assert len(changes) > 4 and room.x0 * 100 - 2 < changes[2] < changes[-3] < room.x1 * 100 + 2
