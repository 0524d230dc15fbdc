"""Figures of a topic on one page: an expression over the values, and what it says to those who do not see it."""

from fractions import Fraction
from pathlib import Path

import pytest

from blattwerk.build.check.figures import figures_described
from blattwerk.build.topicfile.picturing import bars, density, network
from blattwerk.build.topicfile.topic import compiled
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.figures import BarChart
from blattwerk.vocabulary.language import LANGUAGES, Localised
from tests.build.topicfile.pages import BARS, page, topic

ALT = Localised("x", "y")
SHOWN = ("otherwise.\n", "otherwise. {{figure faces}}\n"), ("und sonst $x = {{shift}}$.", "{{figure faces}}")


@pytest.fixture
def coin(tmp_path: Path) -> Instance:
    """The coin with a figure in its introduction."""
    exercise = topic(page(tmp_path, *SHOWN, ("## entropy", f"{BARS}\n## entropy"))).exercise
    return Instance(exercise, "standard", exercise.params(Fraction(1, 4), 2))


def test_it_holds_the_values(coin: Instance) -> None:
    """In its heights and in its text."""
    figure = coin.figures["faces"]
    assert isinstance(figure, BarChart)
    assert figure.series == (("p", (Fraction(1, 4), Fraction(3, 4))),)
    assert figure.alt["en"] == "two bars of heights 1/4 and 3/4"
    assert figure.alt["de"] == "zwei Säulen der Höhen 1/4 und 3/4"


def test_it_stands_where_the_text_says(tmp_path: Path) -> None:
    """In both languages."""
    made = compiled(str(page(tmp_path, *SHOWN, ("## entropy", f"{BARS}\n## entropy"))))
    for lang in LANGUAGES:
        (there,) = (line for line in made.templates[lang].source().splitlines() if "figure(" in line)
        assert there.strip().endswith('<< figure("faces") >><% endblock %>')


def test_the_catalogue_s_figures_are_described(tmp_path: Path) -> None:
    """As those of three files are."""
    assert list(figures_described(topic(page(tmp_path, *SHOWN, ("## entropy", f"{BARS}\n## entropy"))), 1)) == []


def test_grid_lines_are_where_heights_end() -> None:
    """The heights can be read."""
    figure = bars((1, 2), ("p", (Fraction(1, 6), Fraction(3, 4))))(ALT)
    assert isinstance(figure, BarChart)
    assert figure.denominator == 12


@pytest.mark.parametrize(
    ("heights", "what"),
    [
        ((Fraction(-1, 2), 1), "not negative"),
        ((0, 0), "above 0"),
        ((Fraction(1, 61), 1), "more than 60 grid lines"),
        (("a", 1), "a height of a figure is a whole number or a fraction"),
        ((1,), "as many heights as there are labels"),
    ],
)
def test_heights_that_cannot_be_drawn(heights: object, what: str) -> None:
    """Are told."""
    with pytest.raises((ValueError, TypeError), match=what):
        bars((1, 2), ("p", heights))


def test_the_other_kinds() -> None:
    """Are those of the vocabulary."""
    assert density((Fraction(1, 2), Fraction(1, 2)), (0, 3), (1, 2), mark=1)(ALT).alt == ALT
    assert network((("x_1",), ("h_1", "h_2")), (((1,), (2,)),), ((0, 0),))(ALT).alt == ALT
