"""Drawing of normal densities on the real line.

A mixture has thin curves for its components and a thick one for their sum; two densities have their overlap shaded.
"""

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from blattwerk.build.figures import CENTIMETRE, draw
from blattwerk.figures import MixtureDensity, OverlappingDensities

WIDTH, PLOT_HEIGHT = 13.0, 3.6  # and the margins around the plot, all in centimetres
LEFT, RIGHT, BOTTOM, TOP = 1.1, 0.75, 0.6, 0.55
REACH = 3  # how many deviations either side of each mean are shown
HEADROOM = 1.12
DASHES = ((0, (4, 1.6)), (0, (1, 1.2)), (0, (6, 1.4, 1, 1.4)), (0, (6, 1.2, 1, 1.2, 1, 1.2)))  # apart in grey
STEPS = (1, 2, 5, 10, 20, 50, 100)

Curve = npt.NDArray[np.float64]


@draw.register
def mixture_density(figure: MixtureDensity) -> Canvas:
    """The weighted components, the mixture, and a dot on it at the mark."""
    canvas, axes = _plot()
    x = _places(figure.means, figure.deviations, () if figure.mark is None else (figure.mark,))
    components = _components(figure, x)
    for i, values in enumerate(components):
        axes.plot(x, values, color="0.35", linewidth=0.8, linestyle=DASHES[i % len(DASHES)])
    mixture = components.sum(axis=0)
    axes.plot(x, mixture, color="black", linewidth=1.5)
    _scales(axes, x, HEADROOM * float(mixture.max()), figure.variable)
    if figure.mark is not None:
        _mark(axes, figure, figure.mark)
    return canvas


@draw.register
def overlapping_densities(figure: OverlappingDensities) -> Canvas:
    """Both densities with their names above them, and the shaded area below the root of their product."""
    canvas, axes = _plot()
    x = _places(figure.means, figure.deviations)
    densities = _normals(figure.means, figure.deviations, x)
    axes.fill_between(x, np.sqrt(densities.prod(axis=0)), color="0.82", linewidth=0)
    for i, values in enumerate(densities):
        axes.plot(x, values, color="black", linewidth=1.2, linestyle=("-", DASHES[0])[i])
        top = int(values.argmax())
        axes.annotate(f"$q_{i + 1}$", (x[top], values[top]), (0, 3), textcoords="offset points", ha="center")
    _scales(axes, x, HEADROOM * float(densities.max()), figure.variable)
    return canvas


def _plot() -> tuple[Canvas, Axes]:
    """An empty plot with its margins."""
    height = BOTTOM + PLOT_HEIGHT + TOP
    canvas = Canvas(figsize=(WIDTH * CENTIMETRE, height * CENTIMETRE))
    axes = canvas.add_axes(
        (LEFT / WIDTH, BOTTOM / height, 1 - (LEFT + RIGHT) / WIDTH, PLOT_HEIGHT / height),
    )
    return canvas, axes


def _places(means: Iterable[Fraction], deviations: Iterable[Fraction], marks: Iterable[Fraction] = ()) -> Curve:
    """Where the curves are evaluated: everywhere, and closer together around narrow components."""
    pairs = [(float(m), float(s)) for m, s in zip(means, deviations, strict=True)]
    ends = [m + sign * REACH * s for m, s in pairs for sign in (-1, 1)] + [float(mark) for mark in marks]
    around = [m + s * np.linspace(-REACH, REACH, 97) for m, s in pairs]
    return np.unique(np.concatenate([np.linspace(min(ends), max(ends), 201), *around]))


def _components(figure: MixtureDensity, x: Curve) -> Curve:
    """weight_i N(x; mean_i, deviation_i^2), one row a component."""
    return np.array(figure.weights, dtype=float)[:, None] * _normals(figure.means, figure.deviations, x)


def _normals(means: Iterable[Fraction], deviations: Iterable[Fraction], x: Curve) -> Curve:
    """N(x; mean_i, deviation_i^2), one row a density."""
    m, s = (np.array(tuple(values), dtype=float)[:, None] for values in (means, deviations))
    return np.asarray(np.exp(-(((x - m) / s) ** 2) / 2) / (np.sqrt(2 * np.pi) * s))


def _scales(axes: Axes, x: Curve, top: float, variable: str) -> None:
    """Both axes without a frame; whole numbers below, and unit fractions' multiples at the left."""
    axes.set(xlim=(x[0], x[-1]), ylim=(0, top))
    axes.spines[["top", "right"]].set_visible(False)
    across = next((step for step in STEPS if (x[-1] - x[0]) / step <= 14), STEPS[-1])
    ticks = [k * across for k in range(int(np.ceil(x[0] / across)), int(np.floor(x[-1] / across)) + 1)]
    axes.set_xticks(ticks, [f"${k}$" for k in ticks])
    unit = next((step for step in STEPS if top * step >= 2), STEPS[-1])
    counts = range(1, int(top * unit) + 1)
    axes.set_yticks([k / unit for k in counts], [f"${Fraction(k, unit)}$" for k in counts])
    axes.tick_params(length=2.5, width=0.6, pad=3)
    axes.annotate(f"${variable}$", (1, 0), (6, 0), "axes fraction", textcoords="offset points", va="center", ha="left")


def _mark(axes: Axes, figure: MixtureDensity, mark: Fraction) -> None:
    """A line through the plot at the mark, its value above, and a dot on the mixture."""
    place = float(mark)
    axes.axvline(place, color="black", linewidth=0.6)
    height = _components(figure, np.array([place])).sum()
    axes.plot([place], [height], "o", color="black", markersize=4.5, clip_on=False, zorder=3)
    axes.annotate(
        f"${figure.variable} = {mark}$",
        (place, 1),
        (0, 3),
        ("data", "axes fraction"),
        textcoords="offset points",
        ha="center",
    )
