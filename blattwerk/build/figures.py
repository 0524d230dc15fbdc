"""Drawing: a figure's data as a PDF, in its final size, with fonts that match the text. Never through pyplot."""

import io
from functools import lru_cache, singledispatch
from hashlib import sha256
from math import ceil
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.mathtext import MathTextParser

from blattwerk.figures import BarChart, Figure, Panels

CENTIMETRE = 1 / 2.54
TEXT_WIDTH = 16.0  # of the page, and of the plot and the margins around it, all in centimetres
PLOT_HEIGHT, GROUP_WIDTH = 4.6, 1.7
LEFT, RIGHT, BOTTOM, TOP = 1.15, 0.1, 0.6, 0.7
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


def file_name(figure: Figure) -> str:
    """A name that depends on the figure's content only."""
    return f"figure-{sha256(repr(figure).encode()).hexdigest()[:16]}.pdf"


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
    canvas = Canvas(figsize=(width * CENTIMETRE, (BOTTOM + PLOT_HEIGHT + TOP) * CENTIMETRE))
    axes = canvas.add_axes(_inside(width, BOTTOM + PLOT_HEIGHT + TOP))
    _bars(axes, figure)
    _grid(axes, figure)
    axes.spines[["top", "right"]].set_visible(False)
    canvas.legend(
        loc="upper right",
        bbox_to_anchor=(1 - RIGHT / width, 1),
        ncols=len(figure.series),
        frameon=False,
        borderaxespad=0.2,
        handlelength=1.6,
        handleheight=1.0,
    )
    return canvas


def _inside(width: float, height: float) -> tuple[float, float, float, float]:
    """The plot's place on the canvas: left, bottom, width, height, in parts of the canvas."""
    return LEFT / width, BOTTOM / height, 1 - (LEFT + RIGHT) / width, PLOT_HEIGHT / height


def _bars(axes: Axes, figure: BarChart) -> None:
    """One group of touching bars a label, the groups 1 apart."""
    count = len(figure.series)
    for i, (name, heights) in enumerate(figure.series):
        at = [j + (i - (count - 1) / 2) * GROUP_SHARE / count for j in range(len(figure.labels))]
        axes.bar(
            at,
            [float(h) for h in heights],
            GROUP_SHARE / count,
            label=f"${name}$",
            facecolor=COLOURS[i % len(COLOURS)],
            hatch=HATCHES[i % len(HATCHES)],
            edgecolor="black",
            linewidth=0.5,
            zorder=2,
        )
    axes.set_xlim(-0.5, len(figure.labels) - 0.5)
    axes.set_xticks(range(len(figure.labels)), [f"${label}$" for label in figure.labels], va="baseline")
    axes.tick_params(axis="x", pad=11)  # down to the baseline


def _grid(axes: Axes, figure: BarChart) -> None:
    """A labelled line at each multiple of 1/denominator, up to the highest bar."""
    unit = figure.denominator
    highest = ceil(max(height for _, heights in figure.series for height in heights) * unit)
    axes.set_ylim(0, (highest + 0.5) / unit)
    axes.set_yticks([k / unit for k in range(highest + 1)], [_tick(k, unit) for k in range(highest + 1)])
    axes.grid(axis="y", linewidth=0.4, color="0.6")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", pad=4)
    axes.tick_params(length=0)


def _tick(k: int, denominator: int) -> str:
    return "$0$" if k == 0 else "$1$" if k == denominator else f"${k}/{denominator}$"


from blattwerk.build import densities, diagrams, networks, panels  # noqa: E402, F401  # they register on `draw`, defined above
