"""Drawing of mixture densities on the real line: thin curves for the components, a thick one for their sum."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from blattwerk.build.figures import CENTIMETRE, draw
from blattwerk.figures import MixtureDensity

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
    height = BOTTOM + PLOT_HEIGHT + TOP
    canvas = Canvas(figsize=(WIDTH * CENTIMETRE, height * CENTIMETRE))
    axes = canvas.add_axes(
        (LEFT / WIDTH, BOTTOM / height, 1 - (LEFT + RIGHT) / WIDTH, PLOT_HEIGHT / height),
    )
    x = _places(figure)
    components = _components(figure, x)
    for i, values in enumerate(components):
        axes.plot(x, values, color="0.35", linewidth=0.8, linestyle=DASHES[i % len(DASHES)])
    mixture = components.sum(axis=0)
    axes.plot(x, mixture, color="black", linewidth=1.5)
    _scales(axes, x, HEADROOM * float(mixture.max()))
    axes.annotate(
        f"${figure.variable}$", (1, 0), (6, 0), "axes fraction", textcoords="offset points", va="center", ha="left"
    )
    if figure.mark is not None:
        _mark(axes, figure, figure.mark)
    return canvas


def _places(figure: MixtureDensity) -> Curve:
    """Where the curves are evaluated: everywhere, and closer together around narrow components."""
    pairs = [(float(m), float(s)) for m, s in zip(figure.means, figure.deviations, strict=True)]
    low, high = min(m - REACH * s for m, s in pairs), max(m + REACH * s for m, s in pairs)
    mark = [] if figure.mark is None else [float(figure.mark)]
    low, high = min([low, *mark]), max([high, *mark])
    around = [m + s * np.linspace(-REACH, REACH, 97) for m, s in pairs]
    return np.unique(np.concatenate([np.linspace(low, high, 201), *around]))


def _components(figure: MixtureDensity, x: Curve) -> Curve:
    """weight_i N(x; mean_i, deviation_i^2), one row a component."""
    weights, means, deviations = (
        np.array(values, dtype=float)[:, None] for values in (figure.weights, figure.means, figure.deviations)
    )
    shapes: Curve = np.exp(-(((x - means) / deviations) ** 2) / 2)
    return np.asarray(weights * shapes / (np.sqrt(2 * np.pi) * deviations))


def _scales(axes: Axes, x: Curve, top: float) -> None:
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
