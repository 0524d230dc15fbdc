"""Drawing of normal densities on the real line.

A mixture has thin curves for its components and a thick one for their sum; two densities have their overlap shaded.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from matplotlib.transforms import Bbox

from blattwerk.build.drawing.board import DIGIT, END, MIDDLE, SIGN, Board
from blattwerk.build.drawing.canvas import Canvas
from blattwerk.vocabulary.figures import MixtureDensity, OverlappingDensities

WIDTH, PLOT_HEIGHT = 13.0, 3.6  # and the margins around the plot, all in centimetres
LEFT, RIGHT, BOTTOM, TOP = 1.1, 0.75, 0.6, 0.55
BASELINE = 0.18  # of the numbers below the plot
TICK, DOT, ABOVE = 0.09, 0.097, 0.105  # length of a tick, radius of a dot, room below a name
REACH = 3  # how many deviations either side of each mean are shown
HEADROOM = 1.12
DASHES = ((0, (4, 1.6)), (0, (1, 1.2)), (0, (6, 1.4, 1, 1.4)), (0, (6, 1.2, 1, 1.2, 1, 1.2)))  # apart in grey
STEPS = (1, 2, 5, 10, 20, 50, 100)

Curve = npt.NDArray[np.float64]
Number = TypeVar("Number", float, Curve)


def mixture_density(figure: MixtureDensity) -> Canvas:
    """The weighted components, the mixture, and a dot on it at the mark."""
    x = _places(figure.means, figure.deviations, () if figure.mark is None else (figure.mark,))
    components = _components(figure, x)
    mixture = components.sum(axis=0)
    plot = DensityPlot(x, HEADROOM * float(mixture.max()))
    for i, values in enumerate(components):
        plot.curve(values, 0.8, "0.35", DASHES[i % len(DASHES)])
    plot.curve(mixture, 1.5)
    plot.scales(figure.variable)
    if figure.mark is not None:
        place = float(figure.mark)
        height = float(_components(figure, np.array([place])).sum())
        plot.mark(place, height, f"{figure.variable} = {figure.mark}")
    return plot.board.canvas


def overlapping_densities(figure: OverlappingDensities) -> Canvas:
    """Both densities with their names above them, and the shaded area below the root of their product."""
    x = _places(figure.means, figure.deviations)
    densities = _normals(figure.means, figure.deviations, x)
    plot = DensityPlot(x, HEADROOM * float(densities.max()))
    plot.shade(np.sqrt(densities.prod(axis=0)))
    for i, values in enumerate(densities):
        plot.curve(values, 1.2, dashes=("-", DASHES[0])[i])
        top = int(values.argmax())
        plot.name(float(x[top]), float(values[top]), f"q_{i + 1}")
    plot.scales(figure.variable)
    return plot.board.canvas


class DensityPlot:
    """A board with a plot from the first to the last of the places x, and from 0 to `top`."""

    def __init__(self, x: Curve, top: float) -> None:
        """Without curves and axes."""
        self.board = Board(WIDTH, BOTTOM + PLOT_HEIGHT + TOP)
        self._frame = Bbox.from_extents(LEFT, BOTTOM, WIDTH - RIGHT, BOTTOM + PLOT_HEIGHT)
        self._x, self._first, self._last, self._top = x, float(x[0]), float(x[-1]), top

    def curve(self, values: Curve, width: float, colour: str = "black", dashes: Any = "-") -> None:
        """The curve through the values at the places x; the half of its stroke that is below the axis is cut off."""
        self.board.lines([self._points(values)], width, colour, self._frame, linestyle=dashes, label="curve")

    def shade(self, values: Curve) -> None:
        """The area below a curve."""
        ends = ((self._frame.x1, BOTTOM), (self._frame.x0, BOTTOM))
        self.board.areas([np.vstack((self._points(values), ends))], facecolor="0.82", linewidth=0, label="area")

    def name(self, x: float, y: float, name: str) -> None:
        """A name above a point of a curve."""
        self.board.write(self._across(x), self._up(y) + ABOVE, name, MIDDLE)

    def mark(self, x: float, y: float, name: str) -> None:
        """A line through the plot at x with a name above it, and a dot on it at y."""
        place, top = self._across(x), self._frame.y1
        self.board.lines([((place, BOTTOM), (place, top))], 0.6)
        self.board.circles([(place, self._up(y))], DOT, facecolor="black", linewidth=0, label="dot")
        self.board.write(place, top + ABOVE, name, MIDDLE)

    def scales(self, variable: str) -> None:
        """Both axes without a frame; whole numbers below, and unit fractions' multiples at the left."""
        below = [(self._across(number), str(number)) for number in _whole(self._first, self._last)]
        beside = [(self._up(float(number)), str(number)) for number in _fractions(self._top)]
        for x, number in below:
            self.board.write(x, BASELINE, number, MIDDLE)
        for y, number in beside:
            self.board.write(LEFT - TICK - 0.105, y - DIGIT, number, END)
        self._axes([x for x, _ in below], [y for y, _ in beside])
        self.board.write(self._frame.x1 + 0.21, BOTTOM - SIGN, variable)

    def _axes(self, below: list[float], beside: list[float]) -> None:
        """Two lines with ticks at these places below and beside them."""
        axes = ((LEFT, self._frame.y1), (LEFT, BOTTOM), (self._frame.x1, BOTTOM))
        ticks = [((x, BOTTOM), (x, BOTTOM - TICK)) for x in below] + [((LEFT, y), (LEFT - TICK, y)) for y in beside]
        self.board.lines([axes, *ticks], 0.6, label="axes")

    def _points(self, values: Curve) -> Curve:
        return np.column_stack((self._across(self._x), self._up(values)))

    def _across(self, x: Number) -> Number:
        """Where the place x is on the board."""
        return LEFT + (x - self._first) * (self._frame.width / (self._last - self._first))

    def _up(self, y: Number) -> Number:
        """Where the height y is on the board."""
        return BOTTOM + y * (PLOT_HEIGHT / self._top)


def _whole(first: float, last: float) -> list[int]:
    """Whole numbers for the horizontal axis, not too many."""
    step = next((step for step in STEPS if (last - first) / step <= 14), STEPS[-1])
    return [k * step for k in range(int(np.ceil(first / step)), int(np.floor(last / step)) + 1)]


def _fractions(top: float) -> list[Fraction]:
    """The multiples of a unit fraction up to `top`, not too few."""
    unit = next((step for step in STEPS if top * step >= 2), STEPS[-1])
    return [Fraction(k, unit) for k in range(1, int(top * unit) + 1)]


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
