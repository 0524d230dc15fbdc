"""Draws for a binary classifier: its logits and the direction of its gradient are drawn before its parameters."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product
from math import prod

from blattwerk.solvers import binary_classifier as solver
from blattwerk.solvers.binary_classifier import Classifier, Params
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.exact.binary import dot, sigmoid
from blattwerk.vocabulary.exact.weights import Vector, biases, nonzero, up_to


@dataclass(frozen=True)
class Range:
    """Inputs, hidden sigmoids, their largest logit and the output's, saturated logits, layers, ReLUs on, step sizes."""

    inputs: int
    sigmoids: int
    logit: int
    output: int
    saturated: tuple[int, int]
    layers: int
    on: int
    sizes: tuple[Fraction, ...]


HALF, QUARTER, FIFTH, TENTH = (Fraction(1, k) for k in (2, 4, 5, 10))
RANGES: dict[Difficulty, Range] = {
    "easy": Range(2, 2, 1, 1, (4, 7), 2, 1, (HALF, FIFTH)),
    "standard": Range(2, 2, 2, 2, (5, 7), 3, 2, (HALF, QUARTER, FIFTH, TENTH)),
    "hard": Range(3, 3, 2, 2, (6, 8), 5, 2, (HALF, QUARTER, FIFTH, TENTH)),
}
PAIRS = tuple((p, q) for p in up_to(3) for q in up_to(3))
SIDES = {2: ((3, 4), (6, 8)), 3: ((1, 2, 2), (2, 3, 6), (2, 4, 4))}  # whole vectors of whole length
DIRECTIONS: dict[int, tuple[Vector, ...]] = {
    n: tuple(
        tuple(s * v for s, v in zip(signs, order, strict=True))
        for sides in SIDES[n]
        for order in sorted(set(permutations(sides)))
        for signs in product((-1, 1), repeat=n)
    )
    for n in SIDES
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Friendly logits in both networks, bounds on both sides of 1, and steps that raise the loss."""
    given = RANGES[difficulty]
    saturated = draws.sign("saturated.sign") * draws.integer("saturated", *given.saturated)
    smooth = draws.first(lambda attempt: _smooth(attempt, given))
    layers = draws.first(lambda attempt: _layers(attempt, given))
    return Params(smooth, saturated, layers, *draws.first(lambda attempt: _attacked(attempt, given)))


def _smooth(draws: Draws, given: Range) -> Classifier | None:
    """Sigmoids with whole logits (in log 2) and small biases."""
    x = nonzero(draws, "x", given.inputs, 3)
    w1 = tuple(nonzero(draws, f"w1[{j}]", given.inputs, 3) for j in range(given.sigmoids))
    z = nonzero(draws, "z", given.sigmoids, given.logit)
    b1 = biases(z, w1, x)
    w2, u = nonzero(draws, "w2", given.sigmoids, 3), draws.choice("u", up_to(given.output))
    b2 = u - dot(w2, map(sigmoid, z))
    # nobody writes 0 log 2 or 1 log 2
    fits = max(map(abs, b1)) <= 6 and len(set(z)) > 1 and b2 not in (-1, 0, 1)
    return Classifier(w1, b1, w2, b2, x, draws.integer("label", 0, 1)) if fits else None


def _layers(draws: Draws, given: Range) -> tuple[tuple[int, int], ...] | None:
    """Layers of different norms, whose bound is below 3/4 with sigmoids and above 2 with ReLUs."""
    layers = tuple(draws.choice(f"layer[{i}]", PAIRS) for i in range(given.layers))
    squares = [p * p + q * q for p, q in layers]
    return layers if 4 < prod(squares) < 9 * 16 ** (given.layers - 1) and len(set(squares)) > 1 else None


def _attacked(draws: Draws, given: Range) -> tuple[Classifier, Fraction] | None:
    """A classifier with ReLUs, and a step size with which its loss grows."""
    hard, size = _hard(draws, given), draws.choice("size", given.sizes)
    return (hard, size) if hard is not None and _grows(hard, size) else None


def _hard(draws: Draws, given: Range) -> Classifier | None:
    """ReLUs of which one is off, and whose gradient by x has a whole length; None if some number gets too large."""
    v, on = draws.choice("direction", DIRECTIONS[given.inputs]), given.on
    w2 = list(nonzero(draws, "hard.w2", on, 2))
    rows = [nonzero(draws, "hard.w1", given.inputs, 3)] if on == 2 else []
    rest = [a - sum(w2[0] * row[i] for row in rows) for i, a in enumerate(v)]
    if any(a % w2[-1] or not 0 < abs(a // w2[-1]) <= 4 for a in rest):
        return None
    rows.append(tuple(a // w2[-1] for a in rest))
    z = list(draws.integers("hard.z", on, 1, 4))
    place = draws.integer("off", 0, on)
    rows.insert(place, nonzero(draws, "off.w1", given.inputs, 3))
    z.insert(place, -draws.integer("off.z", 1, 4))
    w2.insert(place, draws.choice("off.w2", up_to(2)))
    x = nonzero(draws, "hard.x", given.inputs, 2)
    b1 = biases(z, rows, x)
    b2 = draws.choice("hard.u", up_to(2)) - dot(w2, (max(a, 0) for a in z))
    if max(map(abs, (*b1, b2))) > 8 or abs(b2) <= 1:
        return None
    return Classifier(tuple(rows), b1, tuple(w2), Fraction(b2), x, draws.integer("hard.label", 0, 1))


def _grows(hard: Classifier, size: Fraction) -> bool:
    """Both steps move u by at least log(2)/4 away from the label's side, so that the loss grows visibly.

    The step by signs moves it farther. Otherwise both might switch off all units and lead to the same loss, or the
    longer step to the smaller one.
    """
    found = solver.attack(hard, size)
    by_sign, by_ball = ((1 - 2 * hard.label) * (u - found.u) for u in found.outputs)
    return by_ball >= QUARTER and by_sign - by_ball >= TENTH


EXERCISE = Exercise.of(
    solver,
    draw,
    id="binary_classifier",
    title=Localised("A binary classifier and its gradients", "Ein binärer Klassifikator und seine Gradienten"),
    parts=(
        Part(
            "mse",
            "compute",
            rubric={"derive": 2, "forward": 1, "output": 1, "hidden": 2},
            mistakes={"slope": 1, "outer": 1, "half": 1},
        ),
        Part(
            "bce",
            "compute",
            rubric={"prediction": 1, "delta": 1, "ratio": 1, "meaning": 1},
            mistakes={"sign": 1, "chain": 1},
        ),
        Part(
            "depth",
            "proof",
            rubric={"layer": 1, "bound": 2, "norms": 1, "relu": 1},
            mistakes={"once": 1, "promise": 1},
            difficulties=("hard",),
        ),
        Part(
            "attack",
            "compute",
            rubric={"gradient": 2, "steps": 2, "losses": 1, "growth": 2},
            mistakes={"noise": 3, "against": 1, "always": 1},
            difficulties=("standard", "hard"),
        ),
    ),
    demo="D7",
    version=4,
)
