"""Drawing: a figure's data as a PDF, in its final size, with fonts that match the text. Never through pyplot."""

import io
from functools import singledispatch
from hashlib import sha256
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas

from blattwerk.figures import BarChart, Figure

CENTIMETRE = 1 / 2.54
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


def file_name(figure: Figure) -> str:
    """A name that depends on the figure's content only."""
    return f"figure-{sha256(repr(figure).encode()).hexdigest()[:16]}.pdf"


def pdf(figure: Figure) -> bytes:
    """The figure as a PDF without a date, so that equal figures are equal bytes."""
    with rc_context(STYLE):
        canvas = draw(figure)
        target = io.BytesIO()
        canvas.savefig(target, format="pdf", metadata={"CreationDate": None, "Producer": None, "Creator": None})
    return target.getvalue()


@singledispatch
def draw(figure: Figure) -> Canvas:
    """The figure drawn; each kind of figure registers its own function."""
    raise TypeError(f"nobody knows how to draw a {type(figure).__name__}")


@draw.register
def bar_chart(figure: BarChart) -> Canvas:
    """Bars in groups over a grid from which the heights can be read exactly."""
    canvas = Canvas(figsize=((3.4 + 1.6 * len(figure.labels)) * CENTIMETRE, 5.2 * CENTIMETRE))
    axes = canvas.add_axes((0.14, 0.13, 0.84, 0.84))
    width = 0.8 / len(figure.series)
    for i, (name, heights) in enumerate(figure.series):
        at = [j + (i - (len(figure.series) - 1) / 2) * width for j in range(len(figure.labels))]
        colour, hatch = COLOURS[i % len(COLOURS)], HATCHES[i % len(HATCHES)]
        drawn = axes.bar(at, [float(h) for h in heights], 0.92 * width, label=f"${name}$", zorder=2)
        for bar in drawn:
            bar.set(facecolor=colour, hatch=hatch, edgecolor="black", linewidth=0.5)
    top = max(max(heights) for _, heights in figure.series) * figure.denominator
    ticks = range(int(top) + 2)
    axes.set_yticks([k / figure.denominator for k in ticks], [_tick(k, figure.denominator) for k in ticks])
    axes.set_xticks(range(len(figure.labels)), [f"${label}$" for label in figure.labels])
    axes.set_ylim(0, (top + 0.6) / figure.denominator)
    axes.grid(axis="y", linewidth=0.4, color="0.75", zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=4)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper right", frameon=True, framealpha=1.0, edgecolor="0.8", handlelength=1.4, fancybox=False)
    return canvas


def _tick(k: int, denominator: int) -> str:
    return "$0$" if k == 0 else "$1$" if k == denominator else f"${k}/{denominator}$"
