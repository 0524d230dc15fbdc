"""Draws for the KL divergence of multivariate normal distributions."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from blattwerk.solvers import kl_gaussian as solver
from blattwerk.solvers.kl_gaussian import Pair, Params, Rows
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.matrices import determinant


@dataclass(frozen=True)
class Grid:
    """Numbers k / units: the means with |k| up to `largest`, the deviations with k from a list without `units`."""

    units: int
    largest: int
    deviations: tuple[int, ...]


# No deviation is 1 and no mean is 0: no coordinate is at the minimum already. All logarithms are of 2, 3 and 5.
EASY = Grid(60, 5, (12, 15, 20, 30, 120, 180, 240, 300))  # 1/5, 1/4, 1/3, 1/2, 2, 3, 4, 5; the means are whole
STANDARD = Grid(4, 12, (1, 2, 3, 5, 6, 8, 9, 10, 12, 15, 16))
HARD = (
    Grid(3, 6, (1, 2, 4, 5, 6, 8, 9, 10)),
    Grid(5, 10, (1, 2, 3, 4, 6, 8, 9, 10, 12, 15)),
    Grid(6, 12, (1, 2, 3, 4, 5, 8, 9, 10, 12, 15)),
)


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """n = 2, 3 or 4 coordinates; at `hard` two bivariate distributions with full covariances besides."""
    pair = draws.first(_proposed_pair) if difficulty == "hard" else None
    return draws.first(lambda attempt: _proposed(attempt, difficulty, pair))


def _proposed(draws: Draws, difficulty: Difficulty, pair: Pair | None) -> Params | None:
    size = {"easy": 2, "standard": 3, "hard": 4}[difficulty]
    grid = {"easy": EASY, "standard": STANDARD, "hard": draws.choice("grid", HARD)}[difficulty]
    deviation = tuple(Fraction(k, grid.units) for k in draws.sample("deviation", grid.deviations, size))
    signs = tuple(draws.sign(f"sign[{i}]") for i in range(size))
    lengths = draws.integers("length", size, 1, grid.largest)
    units = 1 if difficulty == "easy" else grid.units
    mean = tuple(Fraction(sign * length, units) for sign, length in zip(signs, lengths, strict=True))
    # Deviations on both sides of 1 give the gradient both signs; their logarithms must not cancel.
    fits = min(deviation) < 1 < max(deviation) and prod(deviation) != 1 and len(set(map(abs, mean))) > 1
    squares = sum(x * x for x in (*mean, *deviation))
    return Params(mean, deviation, pair) if fits and (difficulty != "easy" or squares.numerator <= 500) else None


def _proposed_pair(draws: Draws) -> Pair | None:
    """Two covariance matrices with different small determinants, and means that differ in both coordinates."""
    first, second = draws.choice("covariance_1", COVARIANCES), draws.choice("covariance_2", COVARIANCES)
    mean_1, way = draws.integers("mean_1", 2, -4, 4), draws.integers("way", 2, -3, 3)
    if 0 in way or determinant(first) == determinant(second):
        return None
    pair = Pair(mean_1, first, tuple(m + w for m, w in zip(mean_1, way, strict=True)), second)
    solved = solver.solve_pair(pair)
    return pair if solved.trace <= 12 and solved.quadratic <= 12 else None


# Symmetric, not diagonal, positive definite, entries up to 6, determinant 2 to 6.
COVARIANCES: tuple[Rows, ...] = tuple(
    ((a, b), (b, d)) for a in range(1, 7) for d in range(1, 7) for b in (-3, -2, -1, 1, 2, 3) if 2 <= a * d - b * b <= 6
)


EXERCISE = Exercise.of(
    solver,
    draw,
    id="kl_gaussian",
    title=Localised(
        "KL divergence of multivariate normal distributions", "KL-Divergenz mehrdimensionaler Normalverteilungen"
    ),
    parts=(
        Part(
            "derive",
            "proof",
            rubric={"definition": 1, "densities": 1, "moments": 2, "collect": 1},
            mistakes={"sign": 1, "sum": 1, "expectation": 1, "unevaluated": 1},
        ),
        Part("evaluate", "compute", rubric={"sums": 2, "value": 1}, mistakes={"variance": 1, "square": 1}),
        Part(
            "full",
            "compute",
            rubric={"inverse": 1, "trace": 1, "quadratic": 1, "determinants": 1, "value": 1},
            mistakes={"exchanged": 2, "ratio": 1},
            difficulties=("hard",),
        ),
        Part(
            "minimum",
            "proof",
            rubric={"gradient": 2, "stationary": 1, "global": 2},
            mistakes={"only_stationary": 2, "log_variance": 1, "negative": 1},
        ),
    ),
    version=2,
)
