"""Drawn densities: what is read off with the scales of the drawing are the densities."""

from fractions import Fraction

import pytest
from scipy.stats import norm

from blattwerk.build.drawing.figures import draw, pdf
from blattwerk.vocabulary.figures import Figure, MixtureDensity, OverlappingDensities
from blattwerk.vocabulary.language import Localised
from tests.build.drawing.drawings import Points, assert_on_the_page, outlines, scales, words

ALT = Localised("densities", "Dichten")
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
MIXTURE = MixtureDensity(ALT, (THIRD, 2 * THIRD), (Fraction(-2), Fraction(3)), (Fraction(1), Fraction(2)), "t", HALF)
NARROW = MixtureDensity(ALT, (HALF, HALF), (Fraction(0), Fraction(40)), (Fraction(1, 10), Fraction(5)), "v")
OVERLAP = OverlappingDensities(ALT, (-HALF, Fraction(1)), (HALF, Fraction(2)), "z")
every_figure = pytest.mark.parametrize("figure", [MIXTURE, NARROW, OVERLAP], ids=["mixture", "narrow", "overlap"])


def curves(figure: Figure) -> list[Points]:
    """The points of all curves, in the numbers of the scales."""
    canvas = draw(figure)
    read = scales(canvas)
    return [read(points) for points in outlines(canvas, "curve")]


@pytest.mark.parametrize("figure", [MIXTURE, NARROW], ids=["mixture", "narrow"])
def test_components_and_mixture_can_be_read_off(figure: MixtureDensity) -> None:
    """The weighted densities, and last their sum."""
    parts = [*zip(map(float, figure.weights), map(float, figure.means), map(float, figure.deviations), strict=True)]
    *components, mixture = curves(figure)
    for (weight, mean, deviation), points in zip(parts, components, strict=True):
        assert points[:, 1] == pytest.approx(weight * norm.pdf(points[:, 0], mean, deviation), abs=1e-9)
    total = sum(weight * norm.pdf(mixture[:, 0], mean, deviation) for weight, mean, deviation in parts)
    assert mixture[:, 1] == pytest.approx(total, abs=1e-9)


def test_overlapping_densities_can_be_read_off() -> None:
    """Both densities, with their names above their highest points."""
    canvas = draw(OVERLAP)
    for i, points in enumerate(curves(OVERLAP)):
        mean, deviation = float(OVERLAP.means[i]), float(OVERLAP.deviations[i])
        assert points[:, 1] == pytest.approx(norm.pdf(points[:, 0], mean, deviation), abs=1e-9)
        (name,) = (word.box for word in words(canvas) if word.formula == f"$q_{i + 1}$")
        top = max(outlines(canvas, "curve")[i], key=lambda point: point[1])
        assert ((name.x0 + name.x1) / 2, name.y0) == pytest.approx((top[0], top[1] + 0.06), abs=0.05)


def test_the_mark_is_on_the_mixture() -> None:
    """The dot has the density's height at the mark, and above it stands the value."""
    canvas = draw(MIXTURE)
    (dot,) = outlines(canvas, "dot")
    middle = (dot.min(axis=0) + dot.max(axis=0)) / 2
    height = norm.pdf(0.5, -2, 1) / 3 + norm.pdf(0.5, 3, 2) * 2 / 3
    assert scales(canvas)(middle) == pytest.approx([0.5, height])
    (name,) = (word.box for word in words(canvas) if word.formula == "$t = 1/2$")
    assert (name.x0 + name.x1) / 2 == pytest.approx(middle[0])
    assert not outlines(draw(NARROW), "dot")


@every_figure
def test_nothing_is_cut_off(figure: Figure) -> None:
    """All ink lies on the page, the curves below the names above them, and no two numbers touch."""
    assert_on_the_page(draw(figure))


@every_figure
def test_equal_densities_are_equal_bytes(figure: Figure) -> None:
    """The file depends on the data only."""
    assert pdf.__wrapped__(figure) == pdf.__wrapped__(figure)
