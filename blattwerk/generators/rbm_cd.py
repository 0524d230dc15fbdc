"""Draws for the restricted Boltzmann machine and contrastive divergence."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import chain, product
from math import ceil, floor, inf

from blattwerk.solvers import rbm_cd as solver
from blattwerk.solvers.rbm_cd import Params, Solution
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.exact.binary import Bits, dot, sigmoid, states

HIDDEN = 2
# difficulty: (visible units, weights, biases), the last two in units of log 2
SIZES: dict[Difficulty, tuple[int, tuple[int, ...], tuple[int, ...]]] = {
    "easy": (2, (-1, 1, 2), (-1, 0, 1)),
    "standard": (3, (-2, -1, 1, 2), (-2, -1, 0, 1, 2)),
    "hard": (4, (-2, -1, 1, 2), (-2, -1, 0, 1, 2)),
}
# difficulty: (what the numerator of Z stays below, the largest denominator of an update)
DIGITS: dict[Difficulty, tuple[int, float]] = {"easy": (180, 100), "standard": (4000, inf), "hard": (4000, inf)}
RATES = tuple(Fraction(1, k) for k in (2, 4, 5, 10))


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """The samples v0, h0, v1 first; then a machine and uniform numbers that bring them about."""
    return draws.first(lambda attempt: _proposed(attempt, difficulty))


def _proposed(draws: Draws, difficulty: Difficulty) -> Params | None:
    size = SIZES[difficulty][0]
    v0 = draws.choice("v0", [v for v in states(size) if sum(v) == (size + 1) // 2])
    h0 = draws.choice("h0", states(HIDDEN)[1:])
    v1 = draws.choice("v1", [v for v in states(size) if v != v0 and dot(v, v0)])
    units = [draws.choice(f"visible[{i}]", _visible_units(difficulty, h0)) for i in range(size)]
    a, W = tuple(bias for bias, _ in units), tuple(weights for _, weights in units)
    options = [_hidden_biases(difficulty, column, v0, v1) for column in zip(*W, strict=True)]
    if all(h0 + v1) or not all(options):  # a sample without any 0 would be too easy
        return None
    b = tuple(draws.choice(f"b[{j}]", biases) for j, biases in enumerate(options))
    params = Params(W, a, b, v0, (), (), draws.choice("rate", RATES))
    if not _by_hand(params):
        return None
    params = _with_uniforms(draws, params, h0, v1)
    return params if _instructive(solver.solve(params), difficulty) else None


@cache
def _visible_units(difficulty: Difficulty, h0: Bits) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Biases and weights of a visible unit with inputs of -2 to 3 times log 2, and none of 0 for h0."""
    _, weights, biases = SIZES[difficulty]
    return tuple(
        (bias, row)
        for bias, row in product(biases, product(weights, repeat=HIDDEN))
        if bias + dot(row, h0) and all(-2 <= bias + dot(row, h) <= 3 for h in states(HIDDEN))
    )


def _hidden_biases(difficulty: Difficulty, column: tuple[int, ...], v0: Bits, v1: Bits) -> list[int]:
    """The biases by which v0 and v1 give a hidden unit two different inputs, of 1 to 3 times log 2 in size."""
    up, again = dot(column, v0), dot(column, v1)
    return [b for b in SIZES[difficulty][2] if up != again and 0 < abs(b + up) <= 3 and 0 < abs(b + again) <= 3]


def _by_hand(params: Params) -> bool:
    """No two units of a layer are alike, both layers have a bias, and the summands of Z have small denominators."""
    rows = [(dot(params.hidden_bias, h), *solver.visible_inputs(params, h)) for h in states(HIDDEN)]
    visible = set(zip(params.visible_bias, params.weights, strict=True))
    return (
        len(visible) == len(params.weights)
        and len(set(zip(*params.weights, strict=True))) == HIDDEN
        and len(set(solver.hidden_inputs(params, params.v0))) == HIDDEN
        and any(params.visible_bias)
        and any(params.hidden_bias)
        and all(sum(m for m in row if m < 0) >= -4 for row in rows)
    )


def _with_uniforms(draws: Draws, params: Params, h0: Bits, v1: Bits) -> Params:
    """The same with uniform numbers by which the samples come out as h0 and v1."""
    up, down = solver.hidden_inputs(params, params.v0), solver.visible_inputs(params, h0)
    hidden = tuple(_uniform(draws, f"u[{j}]", m, on) for j, (m, on) in enumerate(zip(up, h0, strict=True)))
    visible = tuple(_uniform(draws, f"w[{i}]", m, on) for i, (m, on) in enumerate(zip(down, v1, strict=True)))
    return replace(params, hidden_uniforms=hidden, visible_uniforms=visible)


def _uniform(draws: Draws, name: str, exponent: int, on: int) -> Fraction:
    """A number in hundredths below p = sigma(exponent log 2) for a unit that is on, above it for others; never p."""
    percent = 100 * sigmoid(exponent)
    low, high = (1, ceil(percent) - 1) if on else (floor(percent) + 1, 99)
    return draws.fraction(name, low, high, 100)


def _instructive(solution: Solution, difficulty: Difficulty) -> bool:
    """Z and the updates have few digits, and the bias of CD-1 in the first entry shows in the printed decimals."""
    largest, denominator = DIGITS[difficulty]
    error: Fraction = solution.expected - solution.statistics[0][0] / solution.partition
    updates = (*chain(*solution.step.weights), *solution.step.hidden_bias)
    return (
        solution.partition.numerator < largest
        and all(x.denominator <= denominator for x in updates)
        and abs(error) >= Fraction(1, 100)
    )


EXERCISE = Exercise.of(
    solver,
    draw,
    id="rbm_cd",
    title=Localised("Contrastive divergence for an RBM", "Contrastive Divergence für eine RBM"),
    parts=(
        Part(
            "model", "compute", rubric={"free_energy": 1, "order": 1, "partition": 2}, mistakes={"bias": 1, "hidden": 1}
        ),
        Part(
            "gradient",
            "proof",
            rubric={"slope": 1, "partition": 2, "data": 1, "model": 2},
            mistakes={"sign": 1, "samples": 1},
            difficulties=("standard", "hard"),
        ),
        Part(
            "step",
            "compute",
            rubric={"h0": 1, "v1": 1, "again": 1, "updates": 2},
            mistakes={"convention": 1, "sampled": 1, "transposed": 1},
        ),
        Part(
            "bias",
            "proof",
            rubric={"identity": 2, "biased": 1, "remedy": 1},
            mistakes={"variance": 1, "never": 1},
            difficulties=("hard",),
        ),
    ),
    demo="D4",
    version=3,
)
