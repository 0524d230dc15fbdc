"""Area and boundary of a rectangle: a whole topic, small enough to be broken in every way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from blattwerk.vocabulary import Answer, Comparison, Derivation, derive, equal, number

STRIP = Fraction(1, 10)


@dataclass(frozen=True)
class Params:
    """The two sides, in tenths."""

    width: Fraction
    height: Fraction


@dataclass(frozen=True)
class Solution:
    """What follows from the sides."""

    area: Fraction
    boundary: Fraction


def solve(params: Params) -> Solution:
    """Area and boundary."""
    return Solution(params.width * params.height, _around(params.width, params.height))


def _around(width: Fraction, height: Fraction) -> Fraction:
    return 2 * (width + height)


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """Area and boundary."""
    return (
        Answer("area", "area", number(solution.area), symbol="A"),
        Answer("boundary", "boundary", number(solution.boundary), symbol="U"),
    )


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """Both values, step by step."""
    width, height = number(params.width), number(params.height)
    return {
        "area": derive(width * height).eq(solution.area),
        "boundary": derive(2 * (width + height)).eq(solution.boundary),
    }


def by_corners(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: from corner to corner."""
    corners = [(0, 0), (params.width, 0), (params.width, params.height), (0, params.height)]
    pairs = list(zip(corners, corners[1:] + corners[:1], strict=True))
    yield equal("area", solution.area, Fraction(sum(a * d - b * c for (a, b), (c, d) in pairs)) / 2)
    yield equal("boundary", solution.boundary, sum(abs(a - c) + abs(b - d) for (a, b), (c, d) in pairs))


def by_strips(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: strip by strip."""
    strips = int(params.height / STRIP)
    yield equal("area", solution.area, sum((params.width * STRIP for _ in range(strips)), Fraction(0)))
    yield equal("boundary", solution.boundary, params.width + params.width + 2 * strips * STRIP)


oracles = (by_corners, by_strips)
