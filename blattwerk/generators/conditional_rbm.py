"""Draws for the conditional restricted Boltzmann machine."""

from blattwerk.solvers import conditional_rbm as solver
from blattwerk.solvers.conditional_rbm import Params, Rows, Solution
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.exact.binary import dot, states
from blattwerk.vocabulary.matrices import transpose

HIDDEN = 2
# difficulty: (inputs, outputs, weights in units of log 2, where 1 twice keeps the sums small)
SIZES: dict[Difficulty, tuple[int, int, tuple[int, ...]]] = {
    "easy": (2, 2, (-1, 1, 2)),
    "standard": (3, 2, (-2, -1, 0, 1, 1, 2)),
    "hard": (2, 3, (-2, -1, 1, 1, 2)),
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Weights with few zeros, and a state in which one input is off."""
    return draws.first(lambda attempt: _proposed(attempt, difficulty, *SIZES[difficulty]))


def _proposed(
    draws: Draws, difficulty: Difficulty, inputs: int, outputs: int, weights: tuple[int, ...]
) -> Params | None:
    params = Params(
        tuple(_row(draws, f"W[{i}]", weights) for i in range(inputs)),
        tuple(_row(draws, f"U[{j}]", weights) for j in range(outputs)),
        draws.choice("x", [x for x in states(inputs) if sum(x) == inputs - 1]),
        draws.choice("y", states(outputs)[1:]),
        draws.choice("h", states(HIDDEN)[1:]),
    )
    told = _varied(params) and _decided(params) and _told_apart(params)
    fits = told and _by_hand(solver.solve(params), difficulty)
    return params if fits else None


def _row(draws: Draws, name: str, weights: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(draws.choice(f"{name}[{k}]", weights) for k in range(HIDDEN))


def _varied(params: Params) -> bool:
    """At most two weights are 0, no unit is cut off, no two hidden units and no two outputs have the same weights."""
    rows = params.input_weights + params.output_weights
    columns = tuple(zip(*rows, strict=True))
    return (
        sum(row.count(0) for row in rows) <= 2
        and all(map(any, rows))
        and len(set(columns)) == HIDDEN
        and len(set(params.output_weights)) == len(params.output_weights)
    )


def _decided(params: Params) -> bool:
    """The asked conditionals of a layer are not all the same, and none is 1/2."""
    columns = zip(*params.input_weights, *params.output_weights, strict=True)
    hidden = [dot(column, params.x + params.y) for column in columns]
    visible = [dot(row, params.h) for row in params.output_weights]
    return 0 not in hidden + visible and len(set(hidden)) > 1 and len(set(visible)) > 1


def _told_apart(params: Params) -> bool:
    """No two inputs have the same weights, no two outputs the same input; a square matrix turned gives other values."""
    rows, visible = params.input_weights, [dot(row, params.h) for row in params.output_weights]
    right, turned = (
        [dot(column, params.x + params.y) for column in zip(*W, *U, strict=True)]
        for W, U in (
            (rows, params.output_weights),
            (_turned(rows), _turned(params.output_weights)),
        )
    )
    return len(set(rows)) == len(rows) and len(set(visible)) == len(visible) and right != turned


def _turned(rows: Rows) -> Rows:
    return transpose(rows) if len(rows) == HIDDEN else rows


def _by_hand(solution: Solution, difficulty: Difficulty) -> bool:
    """The inputs are -3 to 4 times log 2, the summands have small denominators, those of Z(x) three values or more.

    At `easy`, p(y|x) has few digits.
    """
    rows = solution.outputs + (solution.hidden_states if difficulty == "hard" else ())
    return (
        all(-3 <= m <= 4 for row in rows for m in row.inputs)
        and all(row.weight.denominator <= 16 for row in rows)
        and len({row.weight for row in solution.outputs}) >= 3
        and (difficulty != "easy" or max(solution.normaliser.numerator, solution.posterior.denominator) <= 128)
    )


EXERCISE = Exercise.of(
    solver,
    draw,
    id="conditional_rbm",
    title=Localised("The conditional RBM", "Die bedingte RBM"),
    parts=(
        Part(
            "conditionals",
            "proof",
            rubric={"bayes": 1, "factorise": 2, "sigmoid": 1, "outputs": 1, "confirm": 1},
            mistakes={"independence": 1, "inputs": 1},
        ),
        Part("state", "compute", rubric={"hidden": 2, "visible": 1}, mistakes={"rows": 1, "without_y": 1}),
        Part(
            "free_energy",
            "proof",
            rubric={"marginal": 2, "normalisers": 1, "value": 1},
            mistakes={"one_normaliser": 1, "sign": 1},
            difficulties=("standard", "hard"),
        ),
        Part("posterior", "compute", rubric={"weights": 2, "value": 1}, mistakes={"all_inputs": 2, "hidden": 1}),
        Part(
            "partition",
            "compute",
            rubric={"order": 2, "value": 1, "normalisers": 1},
            mistakes={"confused": 2},
            difficulties=("hard",),
        ),
    ),
    version=3,
)
