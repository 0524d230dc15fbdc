"""Drawing of measured figures: curves, dots and small pictures side by side, with the words of one language."""

import re
from itertools import pairwise
from math import isclose

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from blattwerk.build.drawing.board import CENTIMETRE
from blattwerk.build.drawing.canvas import Canvas
from blattwerk.build.drawing.style import COLOURS, TEXT_WIDTH
from blattwerk.vocabulary.figures import Gallery, Mark, Panels, Plot
from blattwerk.vocabulary.language import Lang

PLOT_HEIGHT = 4.6  # and the other lengths, all in centimetres
NARROW = 4.0  # a plot that has no room for many ticks
LEFT, RIGHT, BOTTOM, TOP = 1.6, 0.15, 0.95, 0.9
LINES = ("-", (0, (5, 1.6)), (0, (1, 1.1)), (0, (6, 1.4, 1, 1.4)))  # apart in grey
MARKERS = ("o", "x", "^", "s")
PICTURE, GAP, LABEL_WIDTH = 0.95, 0.08, 2.1  # of a gallery


def panels(figure: Panels) -> Canvas:
    """The panels from left to right; galleries take the room that their pictures need, plots share the rest."""
    widths = _widths(figure)
    height = max([_height(panel) for panel in figure.panels])
    canvas = Canvas(figsize=(sum(widths) * CENTIMETRE, height * CENTIMETRE))
    left = 0.0
    for panel, width in zip(figure.panels, widths, strict=True):
        if isinstance(panel, Plot):
            _plot(canvas, panel, (left, width, height), figure.lang)
        else:
            _gallery(canvas, panel, (left, width, height), figure.lang)
        left += width
    return canvas


def _widths(figure: Panels) -> list[float]:
    fixed = {i: _gallery_width(p) for i, p in enumerate(figure.panels) if isinstance(p, Gallery)}
    plots = len(figure.panels) - len(fixed)
    share = (TEXT_WIDTH - sum(fixed.values())) / plots if plots else 0.0
    return [fixed.get(i, min(share, 11.0)) for i in range(len(figure.panels))]


def _gallery_width(gallery: Gallery) -> float:
    return LABEL_WIDTH + max(map(len, gallery.rows)) * (PICTURE + GAP)


def _height(panel: Plot | Gallery) -> float:
    if isinstance(panel, Plot):
        return BOTTOM + PLOT_HEIGHT + TOP
    return len(panel.rows) * (PICTURE + GAP) + (0.6 if panel.title else 0.1)


def _plot(canvas: Canvas, plot: Plot, place: tuple[float, float, float], lang: Lang) -> None:
    """One pair of axes; `place` is its left edge and width, and the canvas's height."""
    left, width, height = place
    whole = canvas.get_figwidth() / CENTIMETRE
    axes = canvas.add_axes(
        (
            (left + LEFT) / whole,
            1 - (TOP + PLOT_HEIGHT) / height,
            (width - LEFT - RIGHT) / whole,
            PLOT_HEIGHT / height,
        )
    )
    for mark in plot.marks:
        _mark(axes, mark, lang)
    axes.set_xlabel(plot.x_label[lang], labelpad=2)
    axes.set_ylabel(plot.y_label[lang], labelpad=3)
    _scales(axes, plot, width - LEFT - RIGHT, lang)
    axes.spines[["top", "right"]].set_visible(False)
    names = [mark.label[lang] for mark in plot.marks if mark.label]
    if names:
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.02, 1.0),
            ncols=len(names) if _legend_width(names) <= width - LEFT else (len(names) + 1) // 2,
            frameon=False,
            fontsize=8,
            borderaxespad=0.2,
            handlelength=1.8,
            columnspacing=1.0,
            labelspacing=0.2,
        )
    elif plot.title:
        axes.set_title(plot.title[lang], fontsize=9, loc="left")


def _legend_width(names: list[str]) -> float:
    """About how wide a legend in one line is, in centimetres."""
    return sum(0.95 + 0.12 * len(re.sub(r"\\[a-z]+|[${}\\_^]", "", name)) for name in names)


def _mark(axes: Axes, mark: Mark, lang: Lang) -> None:
    colour, label = COLOURS[mark.style % len(COLOURS)], mark.label[lang] if mark.label else None
    if mark.style < 0:
        axes.plot(mark.x, mark.y, color="0.55", linewidth=0.7, label=label, zorder=1)
    elif mark.kind == "line":
        axes.plot(mark.x, mark.y, color=colour, linestyle=LINES[mark.style % len(LINES)], linewidth=1.2, label=label)
    elif mark.kind == "dots":
        marker = MARKERS[mark.style % len(MARKERS)]
        axes.plot(mark.x, mark.y, marker, color=colour, markersize=2.6, markeredgewidth=0.7, label=label, alpha=0.85)
    elif mark.kind == "band":
        axes.fill_between(mark.x, mark.y, mark.upper, color=colour, alpha=0.22, linewidth=0, label=label)
    else:
        for x in mark.x:
            axes.axvline(x, color=colour, linestyle=LINES[mark.style % len(LINES)], linewidth=0.8, label=label)
            label = None


def _scales(axes: Axes, plot: Plot, width: float, lang: Lang) -> None:
    """Few ticks, with the language's decimal mark; powers of ten on logarithmic axes."""
    if plot.square:
        axes.set_aspect("equal", adjustable="datalim")
        axes.apply_aspect()  # now, because it changes the limits, on which the ticks depend
    for axis, logarithmic, scale, room in (
        (axes.xaxis, plot.log_x, axes.set_xscale, width),
        (axes.yaxis, plot.log_y, axes.set_yscale, PLOT_HEIGHT),
    ):
        if logarithmic:
            scale("log")
            axis.set_major_locator(LogLocator(numticks=6))
            axis.set_minor_locator(NullLocator())
            axis.set_minor_formatter(NullFormatter())
        else:
            axis.set_major_locator(MaxNLocator(6 if room > NARROW else 4))
            ticks = [float(t) for t in axis.get_ticklocs()]
            axis.set_major_formatter(FuncFormatter(lambda value, _, ticks=ticks: tick(value, ticks, lang)))
    axes.tick_params(length=2.5, width=0.6, pad=2.5)


def tick(value: float, ticks: list[float], lang: Lang) -> str:
    """A tick's label with as many decimals as its neighbours need."""
    step = min((b - a for a, b in pairwise(ticks)), default=1.0)
    places = next((p for p in range(12) if isclose(step, round(step, p), rel_tol=1e-6)), 12)
    text = f"{value:.{places}f}"
    text = text.lstrip("-") if float(text) == 0 else text
    return "$" + (text if lang == "en" else text.replace(".", "{,}")) + "$"


def _gallery(canvas: Canvas, gallery: Gallery, place: tuple[float, float, float], lang: Lang) -> None:
    """Rows of pictures below each other, each with its label."""
    left, _, height = place
    whole = canvas.get_figwidth() / CENTIMETRE
    top = height - (0.6 if gallery.title else 0.1)
    if gallery.title:
        canvas.text((left + LABEL_WIDTH) / whole, 1 - 0.15 / height, gallery.title[lang], va="top")
    for i, (row, label) in enumerate(zip(gallery.rows, gallery.labels, strict=True)):
        bottom = top - (i + 1) * (PICTURE + GAP)
        canvas.text(
            (left + LABEL_WIDTH - 0.15) / whole,
            (bottom + PICTURE / 2) / height,
            label[lang],
            va="center",
            ha="right",
            fontsize=8,
        )
        for j, picture in enumerate(row):
            at = left + LABEL_WIDTH + j * (PICTURE + GAP)
            axes = canvas.add_axes((at / whole, bottom / height, PICTURE / whole, PICTURE / height))
            axes.imshow(np.array(picture), cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_linewidth(0.4)
