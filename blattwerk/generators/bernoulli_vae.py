"""Draws for gradients through binary latent variables."""

from fractions import Fraction

from blattwerk.solvers import bernoulli_vae as solver
from blattwerk.solvers.bernoulli_vae import Params, Solution
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part

# difficulty: (units, phi in units of log 2, smallest f, largest denominators of the gradient and of the variance)
RANGES: dict[Difficulty, tuple[int, tuple[int, ...], int, int, int]] = {
    "easy": (2, (-1, 1), -9, 27, 729),
    "standard": (2, (-2, -1, 0, 1, 2), -20, 125, 5625),
    "hard": (3, (-1, 0, 1), -9, 81, 6561),
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Negative whole numbers for f, and units that matter, none of them on its own."""
    return draws.first(lambda attempt: _proposed(attempt, *RANGES[difficulty]))


def _proposed(draws: Draws, size: int, exponents: tuple[int, ...], lowest: int, *limits: int) -> Params | None:
    params = Params(
        exponents=tuple(draws.choice(f"exponent {k}", exponents) for k in range(size)),
        values=draws.integers("values", 2**size, lowest, -1),
        unit=draws.integer("unit", 1, size),
        many=draws.integer("many", 8, 16),
    )
    return params if any(params.exponents) and _interesting(solver.solve(params), *limits) else None


def _interesting(s: Solution, gradient_limit: int, variance_limit: int) -> bool:
    """Few digits, no gradient near 0, and a baseline that removes a good part of the variance but not all of it."""
    return (
        all(x.denominator <= gradient_limit for x in s.gradient)
        and s.variance.denominator <= variance_limit
        and s.reduced.denominator <= variance_limit
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
)
