"""Drawing of block diagrams, in centimetres: symbols, boxes and arrows on a common line, readable in grey."""

from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle
from matplotlib.path import Path

from blattwerk.build.figures import CENTIMETRE, draw
from blattwerk.figures import LayerBlocks

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


@draw.register
def layer_blocks(figure: LayerBlocks) -> Canvas:
    """A plain layer at the left, a residual one at the right, their boxes and symbols on one line."""
    canvas = Canvas(figsize=(WIDTH * CENTIMETRE, HEIGHT * CENTIMETRE))
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
    axes.set_axis_off()
    _plain(axes, 1.1, *figure.plain)
    _residual(axes, 8.0, *figure.residual)
    return canvas


def _plain(axes: Axes, x: float, before: str, weight: str, after: str) -> None:
    """before -> [weight] -> after, the first arrow beginning at x."""
    _symbol(axes, x - GAP, before, "right")
    _arrow(axes, (x, LINE), (x + 1.15, LINE))
    _box(axes, x + 1.15, weight)
    _arrow(axes, (x + 2.35, LINE), (x + 3.5, LINE))
    _symbol(axes, x + 3.5 + GAP, after, "left")


def _residual(axes: Axes, x: float, before: str, weight: str, after: str) -> None:
    """before -> [weight] -> (+) -> after, with a connection from before the box to the sum; the arrows begin at x."""
    branch, plus = x + 0.45, x + 3.75
    _symbol(axes, x - GAP, before, "right")
    _arrow(axes, (x, LINE), (x + 1.15, LINE))
    axes.add_patch(Circle((branch, LINE), 0.055, facecolor="black", edgecolor="none"))
    _box(axes, x + 1.15, weight)
    _arrow(axes, (x + 2.35, LINE), (plus - SUM_RADIUS, LINE))
    _skip(axes, branch, plus)
    _sum(axes, plus)
    _arrow(axes, (plus + SUM_RADIUS, LINE), (x + 5.1, LINE))
    _symbol(axes, x + 5.1 + GAP, after, "left")


def _symbol(axes: Axes, x: float, symbol: str, side: Literal["left", "center", "right"]) -> None:
    axes.text(x, LINE - AXIS, f"${symbol}$", fontsize=FONT_SIZE, ha=side, va="baseline")


def _box(axes: Axes, x: float, symbol: str) -> None:
    """A symbol in a box that begins at x."""
    width, height = BOX
    corner = (x, LINE - height / 2)
    axes.add_patch(Rectangle(corner, width, height, facecolor=FILL, edgecolor="black", linewidth=STROKE))
    _symbol(axes, x + width / 2, symbol, "center")


def _sum(axes: Axes, x: float) -> None:
    """A plus in a circle; drawn, not written, so that it stands in the middle."""
    axes.add_patch(Circle((x, LINE), SUM_RADIUS, facecolor="white", edgecolor="black", linewidth=STROKE, zorder=3))
    arm = 0.6 * SUM_RADIUS
    for reach, rise in ((arm, 0.0), (0.0, arm)):
        axes.plot((x - reach, x + reach), (LINE - rise, LINE + rise), color="black", linewidth=STROKE, zorder=4)


def _skip(axes: Axes, start: float, end: float) -> None:
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
    axes.add_patch(FancyArrowPatch(path=Path(points, codes), **POINTED))


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.add_patch(FancyArrowPatch(start, end, **POINTED))
