"""Drawing: a figure's data as a PDF, in its final size, with fonts that match the text. Never through pyplot."""

import io
from functools import lru_cache, singledispatch
from math import ceil
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas
from matplotlib.mathtext import MathTextParser

from blattwerk.build.drawing.board import CENTIMETRE as CENTIMETRE  # for the panels
from blattwerk.build.drawing.board import DIGIT, END, MIDDLE, Board, rectangle
from blattwerk.vocabulary.figures import BarChart, Figure, Panels

TEXT_WIDTH = 16.0  # of the page, and of the plot and the margins around it, all in centimetres
PLOT_HEIGHT, GROUP_WIDTH = 4.6, 1.7
LEFT, RIGHT, BOTTOM, TOP = 1.15, 0.1, 0.6, 0.7
LABEL_GAP, BASELINE = 0.14, 0.21  # of the labels: from the plot's left edge, and from the page's lower edge
SWATCH = (0.51, 0.285, 0.255, 0.635)  # width, height, from there to the name, and from there to the next one
GROUP_SHARE = 0.76  # of the way from one group of bars to the next
COLOURS = ("#0b4f6c", "#e8a33d", "#8d9db6", "#5c2a4d")  # dark, light, middle: apart in grey, and for the colour-blind
HATCHES = ("", "////", "....", "\\\\\\\\")
STYLE: Any = {
    "font.family": "serif",
    "font.serif": ["cmr10"],
    "mathtext.fontset": "cm",
    "axes.formatter.use_mathtext": True,
    "font.size": 9.0,
    "axes.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 3,
}


WORDS: Any = {"font.serif": ["STIXGeneral"], "mathtext.fontset": "stix"}  # cmr10 has no umlauts


def _remember_formulas() -> None:
    """Make matplotlib keep the formulas that it has parsed from one figure to the next.

    It keeps the last 50 of a figure and forgets them with it. The same few recur in a class, and parsing them takes
    nearly half of the time of a drawing. Where another version has something else inside, nothing is changed.
    """
    library: Any = MathTextParser
    parse = getattr(getattr(library, "_parse_cached", None), "__wrapped__", None)
    if parse is None:
        return
    parsers = {name: library(name) for name in ("path", "agg")}
    kinds = {parser._output_type: parser for parser in parsers.values()}

    @lru_cache(maxsize=4096)
    def remembered(kind: str, *arguments: Any) -> Any:
        return parse(kinds[kind], *arguments)

    library._parse_cached = lambda parser, *arguments: remembered(parser._output_type, *arguments)


_remember_formulas()


@lru_cache(maxsize=256)  # some figures are the same for a whole class
def pdf(figure: Figure) -> bytes:
    """The figure as a PDF without a date, so that equal figures are equal bytes."""
    return _saved(figure, format="pdf", metadata={"CreationDate": None, "Producer": None, "Creator": None})


def png(figure: Figure) -> bytes:
    """The figure as a picture for the screen."""
    return _saved(figure, format="png", dpi=160, metadata={"Software": None})


def _saved(figure: Figure, **options: Any) -> bytes:
    with rc_context(STYLE | WORDS if isinstance(figure, Panels) else STYLE):
        target = io.BytesIO()
        draw(figure).savefig(target, **options)
    return target.getvalue()


@singledispatch
def draw(figure: Figure) -> Canvas:
    """The figure drawn; each kind of figure registers its own function."""
    raise TypeError(f"nobody knows how to draw a {type(figure).__name__}")


@draw.register
def bar_chart(figure: BarChart) -> Canvas:
    """Bars in groups over a grid from which the heights can be read exactly; the legend stands above the plot."""
    width = min(TEXT_WIDTH, LEFT + RIGHT + GROUP_WIDTH * len(figure.labels))
    board, right = Board(width, BOTTOM + PLOT_HEIGHT + TOP), width - RIGHT
    highest = ceil(max(height for _, heights in figure.series for height in heights) * figure.denominator)
    step = PLOT_HEIGHT / (highest + 0.5)
    _grid(board, figure.denominator, [BOTTOM + k * step for k in range(highest + 1)], right)
    _bars(board, figure, (right - LEFT) / len(figure.labels), step)
    board.lines([((LEFT, BOTTOM + PLOT_HEIGHT), (LEFT, BOTTOM), (right, BOTTOM))], width=0.6)
    _legend(board, figure, right)
    return board.canvas


def _grid(board: Board, denominator: int, levels: list[float], right: float) -> None:
    """A labelled line at each multiple of 1/denominator, up to the highest bar."""
    board.lines([((LEFT, y), (right, y)) for y in levels], width=0.4, colour="0.6", label="grid")
    for k, y in enumerate(levels):
        board.write(LEFT - LABEL_GAP, y - DIGIT, _tick(k, denominator), END)


def _bars(board: Board, figure: BarChart, group: float, step: float) -> None:
    """Groups of touching bars, one group a label; `group` is a group's width, `step` the height of 1/denominator."""
    thickness = group * GROUP_SHARE / len(figure.series)
    for i, (name, heights) in enumerate(figure.series):
        first = LEFT + group * (1 - GROUP_SHARE) / 2 + i * thickness
        tall = [float(height * figure.denominator) * step for height in heights]
        bars = [rectangle(first + j * group, BOTTOM, thickness, height) for j, height in enumerate(tall)]
        board.areas(bars, label=name, **_look(i))
    for j, label in enumerate(figure.labels):
        board.write(LEFT + (j + 0.5) * group, BASELINE, label, MIDDLE)


def _legend(board: Board, figure: BarChart, right: float) -> None:
    """A swatch and the name of each series; from right to left, as it ends where the plot does."""
    width, height, gap, between = SWATCH
    baseline, end = BOTTOM + PLOT_HEIGHT + 0.26, right - 0.19
    for i, (name, _) in reversed([*enumerate(figure.series)]):
        start = board.write(end, baseline, name, END).x0 - gap - width
        board.areas([rectangle(start, baseline - 0.035, width, height)], label="legend", **_look(i))
        end = start - between


def _look(i: int) -> dict[str, Any]:
    """How the bars of a series are filled."""
    colour, hatch = COLOURS[i % len(COLOURS)], HATCHES[i % len(HATCHES)]
    return {"facecolor": colour, "hatch": hatch, "edgecolor": "black", "linewidth": 0.5}


def _tick(k: int, denominator: int) -> str:
    return "0" if k == 0 else "1" if k == denominator else f"{k}/{denominator}"


from blattwerk.build.drawing import densities, diagrams, networks, panels  # noqa: E402, F401  # they register on `draw`, defined above
