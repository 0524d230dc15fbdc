"""Draws for one step of gradient descent: which units are on, and what they output, is drawn before the biases."""

from dataclasses import dataclass
from fractions import Fraction

from blattwerk.solvers import train_from_scratch as solver
from blattwerk.solvers.train_from_scratch import Params
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.exact.weights import Vector, biases, nonzero, up_to


@dataclass(frozen=True)
class Range:
    """Shapes (inputs, hidden units, outputs), the largest weight, input, bias and target, and the learning rates.

    `above_and_below` is the largest numerator and denominator of the loss after the step, where they are limited.
    """

    shapes: tuple[tuple[int, int, int], ...]
    weight: int
    input: int
    bias: int
    target: int
    rates: tuple[Fraction, ...]
    above_and_below: int | None = None


RANGES: dict[Difficulty, Range] = {
    "easy": Range(((2, 2, 1),), 2, 2, 4, 4, (Fraction(1, 10), Fraction(1, 5)), above_and_below=200),
    "standard": Range(((2, 3, 2), (3, 3, 2)), 3, 3, 5, 6, (Fraction(1, 20), Fraction(1, 25), Fraction(1, 50))),
    "hard": Range(((3, 4, 2), (3, 3, 3), (2, 4, 3)), 3, 3, 6, 6, (Fraction(1, 40), Fraction(1, 50), Fraction(1, 100))),
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """A hidden unit on and one off, a negative output for a positive target, and a step that lowers the loss."""
    return draws.first(lambda attempt: _proposed(attempt, RANGES[difficulty]))


def _proposed(draws: Draws, given: Range) -> Params | None:
    inputs, hidden, outputs = draws.choice("shape", given.shapes)
    x = nonzero(draws, "x", inputs, given.input)
    z = _mixed(draws, "z", hidden, 4)
    u = _mixed(draws, "u", outputs, 3)
    w1, b1 = _layer(draws, "1", z, x, given)
    w2, b2 = _layer(draws, "2", u, tuple(max(a, 0) for a in z), given)
    y = draws.integers("y", outputs, 1, given.target)
    params = Params(w1, b1, w2, b2, x, y, draws.choice("rate", given.rates))
    return params if max(map(abs, (*b1, *b2))) <= given.bias and _telling(params, given) else None


def _mixed(draws: Draws, name: str, count: int, largest: int) -> tuple[int, ...]:
    """Numbers other than 0: a negative one, then up to two positive ones, then any, in random order."""
    signs = (-1, 1, 1, draws.sign(f"{name}.sign"))[:count]
    sizes = draws.integers(name, count, 1, largest)
    return tuple(s * n for s, n in zip(draws.shuffle(f"{name}.order", signs), sizes, strict=True))


def _layer(draws: Draws, name: str, results: Vector, before: Vector, given: Range) -> tuple[tuple[Vector, ...], Vector]:
    """Weights W and biases b with W v + b = z; the weight of the largest v keeps the bias small where one can."""
    main = max(range(len(before)), key=lambda i: abs(before[i]))
    rows = []
    for j, z in enumerate(results):
        row = list(nonzero(draws, f"w{name}[{j}]", len(before), given.weight))
        rest = z - sum(w * v for i, (w, v) in enumerate(zip(row, before, strict=True)) if i != main)
        fitting = [w for w in up_to(given.weight) if abs(rest - w * before[main]) <= given.bias]
        if fitting:
            row[main] = draws.choice(f"w{name}[{j}].main", fitting)
        rows.append(tuple(row))
    return tuple(rows), biases(results, rows, before)


def _telling(params: Params, given: Range) -> bool:
    """Every output is wrong, every hidden unit matters (so that the ReLU's slope does), and the loss falls."""
    solution, most = solver.solve(params), given.above_and_below
    if most and max(solution.new_loss.as_integer_ratio()) > most:
        return False
    everywhere = all(d for (d,) in (*solution.gradient.b2, *solution.back))
    return everywhere and solution.new_loss < solution.loss


EXERCISE = Exercise.of(
    solver,
    draw,
    id="train_from_scratch",
    title=Localised("One training step from scratch", "Ein Trainingsschritt von Hand"),
    parts=(
        Part(
            "equations",
            "proof",
            rubric={"steps": 2, "output": 1, "hidden": 2},
            mistakes={"products": 1, "slope_of_relu": 1, "whole": 1, "circular": 1, "clear": 1},
            difficulties=("standard", "hard"),
        ),
        Part(
            "forward",
            "compute",
            rubric={"hidden": 1, "output": 1, "loss": 1},
            mistakes={"relu": 1, "output": 1, "mean": 1},
        ),
        Part(
            "backward",
            "compute",
            rubric={"output": 2, "hidden": 2, "input": 1},
            mistakes={"outer": 2, "off": 1, "transposed": 1},
        ),
        Part("update", "compute", rubric={"weights": 2, "biases": 1}, mistakes={"random": 3, "sign": 1}),
        Part(
            "positive",
            "compute",
            rubric={"gradient": 1, "values": 2, "relu": 1, "compare": 2},
            mistakes={"slope": 2, "zero": 1},
            difficulties=("standard", "hard"),
        ),
    ),
    version=3,
)
