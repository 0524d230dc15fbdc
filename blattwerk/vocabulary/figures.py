"""Figures as data: what is to be drawn, without the drawing (that is `build.figures`).

A figure of an exercise is the same in both languages: it holds symbols and fractions but no words and no decimals; the
words are in its alternative text. Only the measured figures of demos (`Panels`) have a language. Equal figures are
drawn once.
"""

from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Literal

from blattwerk.vocabulary.language import Lang, Localised


@dataclass(frozen=True)
class Figure:
    """The base of all figures: the text alternative, stored beside the picture."""

    alt: Localised


def file_name(figure: Figure) -> str:
    """A name that depends on the figure's content only."""
    return f"figure-{sha256(repr(figure).encode()).hexdigest()[:16]}.pdf"


@dataclass(frozen=True)
class BarChart(Figure):
    """Bars in groups, one group a label, one bar a series; grid lines at multiples of 1/denominator.

    `series` holds (name in math notation, heights).
    """

    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[Fraction, ...]], ...]
    denominator: int


@dataclass(frozen=True)
class LayerBlocks(Figure):
    """A layer of a plain network beside one of a residual network, with the skip connection around its weights.

    Each holds (input, weights, output) in math notation.
    """

    plain: tuple[str, str, str]
    residual: tuple[str, str, str]


@dataclass(frozen=True)
class MixtureDensity(Figure):
    """The density of a mixture of normal distributions on the real line, with its weighted components.

    `variable` names the horizontal axis in math notation; `mark`, if there is one, is the place of a value of it.
    """

    weights: tuple[Fraction, ...]
    means: tuple[Fraction, ...]
    deviations: tuple[Fraction, ...]
    variable: str
    mark: Fraction | None = None


@dataclass(frozen=True)
class OverlappingDensities(Figure):
    """Two normal densities q_1, q_2 on the real line, the area below the root of their product shaded.

    That area is their Bhattacharyya coefficient. `variable` names the horizontal axis in math notation.
    """

    means: tuple[Fraction, Fraction]
    deviations: tuple[Fraction, Fraction]
    variable: str


@dataclass(frozen=True)
class LayeredNetwork(Figure):
    """A fully connected network: nodes in layers from left to right, weights at the edges, biases at the nodes.

    `layers` holds the nodes' names in math notation; `weights` and `biases` belong to all layers but the first, a row
    of weights to a node of the layer it leads to.
    """

    layers: tuple[tuple[str, ...], ...]
    weights: tuple[tuple[tuple[int, ...], ...], ...]
    biases: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Mark:
    """Something drawn into a plot: a line through points, dots, a band between y and upper, or rules at the places x.

    `style` numbers the colours and dashes; equal numbers look alike in all plots of a figure. A line with a negative
    style is thin and grey: what the others are compared with.
    """

    kind: Literal["line", "dots", "band", "rule"]
    x: tuple[float, ...]
    y: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()
    label: Localised | None = None
    style: int = 0


@dataclass(frozen=True)
class Plot:
    """Two axes with what is drawn between them. `square` makes both units equally long."""

    marks: tuple[Mark, ...]
    x_label: Localised
    y_label: Localised
    title: Localised | None = None
    log_x: bool = False
    log_y: bool = False
    square: bool = False


@dataclass(frozen=True)
class Gallery:
    """Small grey pictures in rows; each picture holds rows of grey values from 0 (white) to 255 (black).

    Each row of pictures has a label at its left.
    """

    rows: tuple[tuple[tuple[tuple[int, ...], ...], ...], ...]
    labels: tuple[Localised, ...]
    title: Localised | None = None


@dataclass(frozen=True)
class Panels(Figure):
    """Measured curves and pictures, side by side. They have words and decimals, so there is one for each language."""

    panels: tuple[Plot | Gallery, ...]
    lang: Lang = "en"
