"""Draws for the KL divergence of two histograms."""

from fractions import Fraction
from typing import NamedTuple

from blattwerk.solvers import kl_histogram as solver
from blattwerk.solvers.kl_histogram import Params
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, LogSum, Part, rational
from blattwerk.vocabulary.exact.log_sums import InBits


class Shape(NamedTuple):
    """What a difficulty looks like."""

    denominators: tuple[int, ...]
    bins: int
    tallest: int
    """The largest height of a bar, in units of 1/denominator."""
    hole: bool
    """Whether one histogram has an empty bin."""
    bits: bool
    prime: int
    """The largest prime in the answers."""
    equal: int
    """How many outcomes may be equally likely under both."""


SHAPES: dict[Difficulty, Shape] = {
    "easy": Shape((10, 12, 16), 4, 8, hole=False, bits=False, prime=3, equal=1),
    # With 5 (or 6) observations added to these denominators, the prime factors stay small.
    "standard": Shape((15, 16), 5, 9, hole=True, bits=False, prime=7, equal=1),
    "hard": Shape((12, 15), 6, 8, hole=True, bits=True, prime=7, equal=1),
}
LEAST = rational(Fraction(1, 20))


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Two different histograms, from `standard` on one of them with an empty bin where the other has none."""
    return draws.first(lambda attempt: _proposed(attempt, SHAPES[difficulty]))


def _proposed(draws: Draws, shape: Shape) -> Params | None:
    denominator = draws.choice("denominator", shape.denominators)
    holed = draws.composition("first", denominator, shape.bins - shape.hole)
    full = draws.composition("second", denominator, shape.bins)
    if shape.hole:
        at = draws.integer("hole", 0, shape.bins - 1)
        holed = (*holed[:at], 0, *holed[at:])
    p, q = (holed, full) if draws.flag("first_is_p") else (full, holed)
    params = Params(p, q, denominator, shape.bits)
    return params if _admissible(params, shape) else None


def _admissible(params: Params, shape: Shape) -> bool:
    """Bars of bounded height that differ; every answer with small primes only, not close to 0, no two of them close."""
    pairs = tuple(zip(params.counts_p, params.counts_q, strict=True))
    if max(map(max, pairs)) > shape.tallest or sum(k == j for k, j in pairs) > shape.equal:
        return False
    solution = solver.solve(params)
    found = (solution.forward, solution.backward, solution.smoothed, solution.mixture)
    finite = [d.nats if isinstance(d, InBits) else d for d in found if isinstance(d, LogSum | InBits)]
    primes = [prime for value in finite for prime, _ in value.coefficients]
    if max(primes, default=2) > shape.prime:
        return False
    return all(_far(a, b) for i, a in enumerate(finite) for b in (LogSum(), *finite[:i]))


def _far(a: LogSum, b: LogSum) -> bool:
    return a - b > LEAST or b - a > LEAST


EXERCISE = Exercise.of(
    solver,
    draw,
    id="kl_histogram",
    title=Localised("KL divergence of two histograms", "KL-Divergenz zweier Histogramme"),
    parts=(
        Part("read", "compute", rubric={"heights": 1, "sums": 1}, mistakes={"exchanged": 1}),
        Part("forward", "compute", rubric={"summands": 2, "value": 1}, mistakes={"weights": 1, "evaluation": 1}),
        Part("backward", "compute", rubric={"summands": 2, "value": 1}, mistakes={"symmetry": 2}),
        Part(
            "zero",
            "proof",
            rubric={"vanishing": 2, "growth": 1, "criterion": 2},
            mistakes={"product": 1, "directions": 1},
        ),
        Part(
            "smoothed",
            "compute",
            rubric={"smoothing": 1, "value": 2},
            mistakes={"total": 1, "only_hole": 1},
            difficulties=("standard", "hard"),
        ),
        Part(
            "mixture",
            "proof",
            rubric={"bound": 2, "summands": 2, "value": 1},
            mistakes={"infinite": 2},
            difficulties=("hard",),
        ),
    ),
)
