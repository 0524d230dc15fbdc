"""Draws for the KL divergence of two univariate normal distributions."""

from fractions import Fraction

from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part, rational
from tests.build.topicfile.three_files import solver
from tests.build.topicfile.three_files.solver import Params

# difficulty: (largest mean in units, units in 1, deviations)
RANGES: dict[Difficulty, tuple[int, int, tuple[Fraction, ...]]] = {
    # The answers depend on the ratio of the deviations and on the distance of the means in these: 220 pairs of answers.
    "easy": (9, 1, tuple(map(Fraction, range(1, 7)))),
    "standard": (60, 10, tuple(Fraction(k, 2) for k in range(1, 17))),
    "hard": (60, 10, tuple(Fraction(k, 5) for k in range(1, 31))),
}
# Two values that are further apart than a unit of the last printed decimal are not rounded to the same one.
LAST_DECIMAL = rational(Fraction(1, 10**4))


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Two different means and two different deviations, the deviations at most a factor of 4 apart."""
    return draws.first(lambda attempt: _proposed(attempt, *RANGES[difficulty]))


def _proposed(draws: Draws, largest: int, units: int, deviations: tuple[Fraction, ...]) -> Params | None:
    mean_p = draws.fraction("mean_p", -largest, largest, units)
    mean_q = draws.fraction("mean_q", -largest, largest, units)
    deviation_p = draws.choice("deviation_p", deviations)
    deviation_q = draws.choice("deviation_q", deviations)
    ratio = deviation_p / deviation_q
    # A mean many deviations away makes a divergence of no interest, of three digits before the decimal mark.
    close = abs(mean_p - mean_q) <= 4 * min(deviation_p, deviation_q)
    params = Params(mean_p, deviation_p, mean_q, deviation_q)
    different = mean_p != mean_q and ratio != 1 and Fraction(1, 4) <= ratio <= 4
    return params if different and close and _asymmetric(params) else None


def _asymmetric(params: Params) -> bool:
    """Whether the two directions differ in the decimals that are printed."""
    solution = solver.solve(params)
    difference = solution.forward - solution.backward
    return difference > LAST_DECIMAL or -difference > LAST_DECIMAL


EXERCISE = Exercise.of(
    solver,
    draw,
    id="kl_normal_1d",
    title=Localised("KL divergence of two normal distributions", "KL-Divergenz zweier Normalverteilungen"),
    parts=(
        Part(
            "derive",
            "proof",
            rubric={"definition": 1, "densities": 1, "moments": 2},
            mistakes={"constants": 1, "second_moment": 1},
        ),
        Part("forward", "compute", rubric={"insert": 1, "value": 1}, mistakes={"variance": 1}),
        Part("backward", "compute", rubric={"exchange": 1, "value": 1}, mistakes={"symmetry": 2}),
        Part("zero", "proof", rubric={"sufficient": 1, "necessary": 2}, mistakes={"only_sufficient": 2}),
    ),
    version=2,
)
