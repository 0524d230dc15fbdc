"""Drawing of block diagrams, in centimetres: symbols, boxes and arrows on a common line, readable in grey."""

from typing import Any

from matplotlib.patches import Circle, FancyArrowPatch, Rectangle
from matplotlib.path import Path

from blattwerk.build.drawing.board import END, MIDDLE, START, Board
from blattwerk.build.drawing.canvas import Canvas
from blattwerk.vocabulary.figures import LayerBlocks

WIDTH, HEIGHT = 14.3, 2.1
LINE, SKIP = 0.6, 1.75  # heights of the main line and of the skip connection
BOX = (1.2, 0.86)
SUM_RADIUS = 0.21
CORNER = 0.2  # radius of the skip connection's corners
STROKE = 0.8
FILL = "0.92"
FONT_SIZE = 11.0  # that of the text around the figure
AXIS = 0.12  # how far the middle of a small letter lies above its baseline

GAP = 0.14  # between a symbol and its arrow
POINTED: Any = {
    "arrowstyle": "-|>,head_length=3.6,head_width=1.6",
    "mutation_scale": 1.0,
    "shrinkA": 0.0,
    "shrinkB": 0.0,
    "linewidth": STROKE,
    "color": "black",
    "joinstyle": "miter",
    "capstyle": "butt",
}


def layer_blocks(figure: LayerBlocks) -> Canvas:
    """A plain layer at the left, a residual one at the right, their boxes and symbols on one line."""
    board = Board(WIDTH, HEIGHT)
    _plain(board, 1.1, *figure.plain)
    _residual(board, 8.0, *figure.residual)
    return board.canvas


def _plain(board: Board, x: float, before: str, weight: str, after: str) -> None:
    """before -> [weight] -> after, the first arrow beginning at x."""
    _symbol(board, x - GAP, before, END)
    _arrow(board, (x, LINE), (x + 1.15, LINE))
    _box(board, x + 1.15, weight)
    _arrow(board, (x + 2.35, LINE), (x + 3.5, LINE))
    _symbol(board, x + 3.5 + GAP, after, START)


def _residual(board: Board, x: float, before: str, weight: str, after: str) -> None:
    """before -> [weight] -> (+) -> after, with a connection from before the box to the sum; the arrows begin at x."""
    branch, plus = x + 0.45, x + 3.75
    _symbol(board, x - GAP, before, END)
    _arrow(board, (x, LINE), (x + 1.15, LINE))
    board.add(Circle((branch, LINE), 0.055, facecolor="black", edgecolor="none"))
    _box(board, x + 1.15, weight)
    _arrow(board, (x + 2.35, LINE), (plus - SUM_RADIUS, LINE))
    _skip(board, branch, plus)
    _sum(board, plus)
    _arrow(board, (plus + SUM_RADIUS, LINE), (x + 5.1, LINE))
    _symbol(board, x + 5.1 + GAP, after, START)


def _symbol(board: Board, x: float, symbol: str, part: float) -> None:
    board.write(x, LINE - AXIS, symbol, part, FONT_SIZE)


def _box(board: Board, x: float, symbol: str) -> None:
    """A symbol in a box that begins at x."""
    width, height = BOX
    corner = (x, LINE - height / 2)
    board.add(Rectangle(corner, width, height, facecolor=FILL, edgecolor="black", linewidth=STROKE))
    _symbol(board, x + width / 2, symbol, MIDDLE)


def _sum(board: Board, x: float) -> None:
    """A plus in a circle; drawn, not written, so that it stands in the middle."""
    board.add(Circle((x, LINE), SUM_RADIUS, facecolor="white", edgecolor="black", linewidth=STROKE))
    arm = 0.6 * SUM_RADIUS
    board.lines([((x - arm, LINE), (x + arm, LINE)), ((x, LINE - arm), (x, LINE + arm))], STROKE)


def _skip(board: Board, start: float, end: float) -> None:
    """Up from the line, across with round corners, and down into the sum."""
    steps = (
        (Path.MOVETO, (start, LINE)),
        (Path.LINETO, (start, SKIP - CORNER)),
        (Path.CURVE3, (start, SKIP)),
        (Path.CURVE3, (start + CORNER, SKIP)),
        (Path.LINETO, (end - CORNER, SKIP)),
        (Path.CURVE3, (end, SKIP)),
        (Path.CURVE3, (end, SKIP - CORNER)),
        (Path.LINETO, (end, LINE + SUM_RADIUS)),
    )
    codes, points = zip(*steps, strict=True)
    board.add(FancyArrowPatch(path=Path(points, codes), **POINTED))


def _arrow(board: Board, start: tuple[float, float], end: tuple[float, float]) -> None:
    board.add(FancyArrowPatch(start, end, **POINTED))
