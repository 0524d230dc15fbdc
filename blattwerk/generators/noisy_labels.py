"""Draws for learning a classifier from noisy labels."""

from fractions import Fraction
from functools import cache
from itertools import product

from blattwerk.solvers import noisy_labels as solver
from blattwerk.solvers.noisy_labels import LABELS, Case, Params
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part

NOISES = tuple(Fraction(1, n) for n in (10, 8, 5, 4, 3))
RATES = (*NOISES, Fraction(3, 10), Fraction(2, 5))  # of asymmetric noise
# difficulty: (noise rates, number of samples, odds exp(|f|) of the samples, denominators of the clean posterior)
SHAPES: dict[Difficulty, tuple[tuple[Fraction, ...], int, tuple[int, ...], tuple[int, ...]]] = {
    "easy": (NOISES[2:], 3, (2, 3, 4), (10,)),
    "standard": (NOISES, 4, (2, 3, 4, 8, 9), (10, 12, 16, 20)),
    "hard": (NOISES, 5, (2, 3, 4, 8, 9), (10, 12, 16, 20)),
}
LARGEST_PRIME = 19
VISIBLE = 0.1  # by how much the unrepaired bound exceeds the log-likelihood, at least


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Different logits; the classifier agrees with most of the labels, but not with all; both labels are there."""
    noises, count, sizes, denominators = SHAPES[difficulty]
    noise = draws.choice("noise", noises)
    samples = draws.first(lambda attempt: _samples(attempt, _fitting(noise, sizes), count))
    posteriors = {Fraction(k, d) for d in denominators for k in range(1, d)} - {Fraction(1, 2)}
    chosen, posterior = draws.integer("chosen", 1, count), draws.choice("posterior", sorted(posteriors))
    return Params(noise, samples, chosen, posterior, _sides(draws) if difficulty == "hard" else ())


def _samples(draws: Draws, fitting: tuple[Case, ...], count: int) -> tuple[Case, ...] | None:
    samples = draws.sample("samples", fitting, count)
    wrong = sum((case.odds > 1) != (case.label == 1) for case in samples)
    labels, logits = ({getattr(case, name) for case in samples} for name in ("label", "odds"))
    return samples if 0 < wrong <= count // 2 and len(labels) == 2 and len(logits) == count else None


@cache
def _fitting(noise: Fraction, sizes: tuple[int, ...]) -> tuple[Case, ...]:
    """All samples with these odds, either way, whose p(t|x) has small prime factors."""
    odds = [Fraction(size) ** k for size in sizes for k in LABELS]
    return tuple(case for t, r in product(LABELS, odds) if _is_smooth(case := Case(t, r, noise, noise)))


def _is_smooth(case: Case) -> bool:
    """Whether p(t|x) and C have small prime factors only."""
    row = solver.solve_case(case)
    primes = [prime for value in (row.value, row.repaired) for prime, _ in value.coefficients]
    return max(primes, default=0) <= LARGEST_PRIME


def _sides(draws: Draws) -> tuple[Case, ...]:
    """Both labels of one input, at which the unrepaired bound is clearly violated for one of them."""
    plus, minus, odds = draws.choice("sides", _violated())
    return tuple(Case(t, odds, plus, minus) for t in LABELS)


@cache
def _violated() -> tuple[tuple[Fraction, Fraction, Fraction], ...]:
    """All noise rates and odds with small prime factors and a visible violation."""
    every = product(RATES, RATES, (Fraction(size) ** k for size in (2, 3, 4) for k in LABELS))

    def fits(plus: Fraction, minus: Fraction, odds: Fraction) -> bool:
        sides = [Case(t, odds, plus, minus) for t in LABELS]
        return all(map(_is_smooth, sides)) and min(solver.solve_case(s).gap.value() for s in sides) < -VISIBLE

    return tuple(choice for choice in every if fits(*choice))


EXERCISE = Exercise.of(
    solver,
    draw,
    id="noisy_labels",
    title=Localised("Learning a classifier from noisy labels", "Lernen eines Klassifikators aus verrauschten Labels"),
    parts=(
        Part(
            "likelihood",
            "compute",
            rubric={"model": 2, "value": 2, "derivative": 2},
            mistakes={"plain": 2, "sign": 1},
        ),
        Part(
            "bound",
            "proof",
            rubric={"weights": 1, "jensen": 2, "equality": 1, "instance": 2},
            mistakes={"direction": 1, "reason": 1},
        ),
        Part(
            "asymmetric",
            "proof",
            rubric={"break": 1, "repair": 2, "labels": 2, "instance": 2},
            mistakes={"constant": 1, "both": 1},
            difficulties=("hard",),
        ),
        Part(
            "objectives",
            "proof",
            rubric={"sample": 2, "population": 3, "instance": 1},
            mistakes={"once": 1, "attained": 1},
        ),
    ),
    demo="D1",
)
