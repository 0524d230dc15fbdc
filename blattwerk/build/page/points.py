"""Points: a part's points shared among the steps of its rubric, in halves, so that the shares add up."""

from collections.abc import Mapping
from fractions import Fraction

from blattwerk.vocabulary.language import Lang, decimal_tex, integer_tex

HALF = Fraction(1, 2)


def share(points: Fraction, weights: Mapping[str, int]) -> dict[str, Fraction]:
    """The points in proportion to the weights, each share a multiple of 1/2, the sum exact (largest remainders)."""
    halves, total = points / HALF, sum(weights.values())
    exact = {key: halves * weight / total for key, weight in weights.items()}
    shares = {key: int(value) for key, value in exact.items()}
    by_remainder = sorted(exact, key=lambda key: shares[key] - exact[key])
    for key in by_remainder[: int(halves) - sum(shares.values())]:
        shares[key] += 1
    return {key: value * HALF for key, value in shares.items()}


def cost(points: Fraction, of: int, mistake: int) -> Fraction:
    """What a mistake costs when a part of `of` points is worth `points`: in proportion, in halves, at least 1/2."""
    return min(points, max(HALF, round(points * mistake / of / HALF) * HALF))


def points_tex(points: Fraction, lang: Lang) -> str:
    """Points as TeX: 3, or 2.5."""
    return integer_tex(points.numerator) if points.denominator == 1 else decimal_tex(points, 1, lang)
