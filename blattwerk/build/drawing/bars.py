"""Drawing of bar charts: bars in groups over a grid from which their heights can be read."""

from math import ceil
from typing import Any

from blattwerk.build.drawing.board import DIGIT, END, MIDDLE, Board, rectangle
from blattwerk.build.drawing.canvas import Canvas
from blattwerk.build.drawing.style import COLOURS, TEXT_WIDTH
from blattwerk.vocabulary.figures import BarChart

PLOT_HEIGHT, GROUP_WIDTH = 4.6, 1.7  # and the margins around the plot, all in centimetres
LEFT, RIGHT, BOTTOM, TOP = 1.15, 0.1, 0.6, 0.7
LABEL_GAP, BASELINE = 0.14, 0.21  # of the labels: from the plot's left edge, and from the page's lower edge
SWATCH = (0.51, 0.285, 0.255, 0.635)  # width, height, from there to the name, and from there to the next one
GROUP_SHARE = 0.76  # of the way from one group of bars to the next
HATCHES = ("", "////", "....", "\\\\\\\\")


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
    return str(k // denominator) if k % denominator == 0 else f"{k}/{denominator}"
