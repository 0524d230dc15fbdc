"""Mean and variance of a fair die with six given numbers on its faces."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from blattwerk.vocabulary import Answer, Comparison, Derivation, close, derive, equal, number, total
from blattwerk.vocabulary.steps import called
from extra_topics.moments import mean, variance


@dataclass(frozen=True)
class Params:
    """The numbers on the faces."""

    faces: tuple[int, ...]


@dataclass(frozen=True)
class Solution:
    """Mean and variance of the number thrown."""

    mean: Fraction
    variance: Fraction


def solve(params: Params) -> Solution:
    """Both moments."""
    return Solution(mean(params.faces), variance(params.faces))


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """Mean and variance."""
    return (
        Answer("mean", "mean", number(solution.mean), symbol="\\mathbb{E}[X]"),
        Answer("variance", "variance", number(solution.variance), symbol="\\operatorname{Var}(X)"),
    )


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """Both by their definition, with the numbers on the faces."""
    count, centre = len(params.faces), number(solution.mean)
    return {
        "mean": derive(called("\\mathbb{E}[X]", _expected(params, 1)))
        .eq(total(map(number, params.faces)) / count, "equal")
        .eq(solution.mean),
        "variance": derive(called("\\operatorname{Var}(X)", _expected(params, 2) - _expected(params, 1) ** 2))
        .eq(total((number(face) - centre) ** 2 for face in params.faces) / count, "definition")
        .eq(solution.variance),
    }


def _expected(params: Params, power: int) -> Fraction:
    """A moment about zero."""
    return sum((Fraction(face**power, len(params.faces)) for face in params.faces), Fraction(0))


def by_pairs(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the variance is half the mean squared distance of two throws; the mean balances the faces."""
    pairs = [(a, b) for a in params.faces for b in params.faces]
    yield equal("mean", solution.mean, Fraction(sum(a + b for a, b in pairs), 2 * len(pairs)))
    yield equal("variance", solution.variance, Fraction(sum((a - b) ** 2 for a, b in pairs), 2 * len(pairs)))


def by_numpy(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: numpy."""
    import numpy as np

    yield close("mean", solution.mean, float(np.mean(params.faces)))
    yield close("variance", solution.variance, float(np.var(params.faces)))


oracles = (by_pairs, by_numpy)
