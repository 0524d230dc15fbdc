"""Draws for gradients through binary latent variables."""

from dataclasses import dataclass
from fractions import Fraction
from math import inf

from blattwerk.solvers import bernoulli_vae as solver
from blattwerk.solvers.bernoulli_vae import Params, Solution
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part


@dataclass(frozen=True)
class Range:
    """Units, phi in units of log 2, the smallest f, units for which the calls of the decoder are counted, and limits.

    The largest denominators of the gradient and of the variance, the largest numerator of the variance, and how many
    draws there are at most.
    """

    size: int
    exponents: tuple[int, ...]
    lowest: int
    many: tuple[int, int]
    gradient: int
    variance: int
    numerator: float = inf
    samples: float = inf


RANGES: dict[Difficulty, Range] = {
    "easy": Range(2, (-1, 0, 1), -9, (5, 8), 27, 144, 500, 500),
    "standard": Range(2, (-2, -1, 0, 1, 2), -20, (8, 16), 125, 5625),
    "hard": Range(3, (-1, 0, 1), -9, (8, 16), 81, 6561),
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Negative whole numbers for f, and units that matter, none of them on its own."""
    return draws.first(lambda attempt: _proposed(attempt, RANGES[difficulty]))


def _proposed(draws: Draws, given: Range) -> Params | None:
    params = Params(
        exponents=tuple(draws.choice(f"exponent {k}", given.exponents) for k in range(given.size)),
        values=draws.integers("values", 2**given.size, given.lowest, -1),
        unit=draws.integer("unit", 1, given.size),
        many=draws.integer("many", *given.many),
    )
    return params if any(params.exponents) and _interesting(solver.solve(params), given) else None


def _interesting(s: Solution, given: Range) -> bool:
    """Few digits, no gradient near 0, and a baseline that removes a good part of the variance but not all of it."""
    return (
        all(x.denominator <= given.gradient for x in s.gradient)
        and s.variance.denominator <= given.variance
        and s.reduced.denominator <= given.variance
        and s.variance.numerator <= given.numerator
        and s.samples <= given.samples
        and all(abs(d) >= 1 for d in s.differences)
        and len(set(s.gradient)) == len(s.gradient)
        and Fraction(1, 100) * s.variance <= s.reduced <= Fraction(1, 2) * s.variance
    )


EXERCISE = Exercise.of(
    solver,
    draw,
    id="bernoulli_vae",
    title=Localised("Gradients through binary latent variables", "Gradienten durch binäre latente Variablen"),
    parts=(
        Part(
            "enumerate",
            "compute",
            rubric={"formula": 1, "values": 2, "calls": 1},
            mistakes={"sigmoid": 1, "plug_in": 2},
        ),
        Part(
            "identity",
            "proof",
            rubric={"exchange": 1, "score": 2, "unbiased": 1, "instance": 1},
            mistakes={"sampled": 1, "depends": 1},
            difficulties=("standard", "hard"),
        ),
        Part("variance", "compute", rubric={"table": 1, "second": 1, "value": 1}, mistakes={"no_square": 1}),
        Part(
            "baseline",
            "proof",
            rubric={"unbiased": 1, "optimum": 2, "formula": 1, "values": 2},
            mistakes={"mean": 1, "depends": 1},
            difficulties=("hard",),
        ),
    ),
    demo="D2",
    version=2,
)
