"""Figures as data: what is to be drawn, without the drawing (that is `build.figures`).

A figure is the same in both languages, so it holds symbols and numbers but no words; the words are in its alternative
text. Equal figures are drawn once.
"""

from dataclasses import dataclass
from fractions import Fraction

from blattwerk.exercise import Localised


@dataclass(frozen=True)
class Figure:
    """The base of all figures: the text alternative, stored beside the picture."""

    alt: Localised


@dataclass(frozen=True)
class BarChart(Figure):
    """Bars in groups, one group a label, one bar a series; grid lines at multiples of 1/denominator.

    `series` holds (name in math notation, heights).
    """

    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[Fraction, ...]], ...]
    denominator: int
