"""Draws for the Gaussian-Bernoulli RBM."""

from fractions import Fraction

from blattwerk.solvers import gaussian_rbm as solver
from blattwerk.solvers.gaussian_rbm import Params
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.exact.binary import dot

Column = tuple[int, ...]

OFFSETS = tuple(k for k in range(-13, 14) if k)
# difficulty: the exponents m of the hidden units
EXPONENTS: dict[Difficulty, Column] = {
    "easy": (-4, -3, -2, -1, 1, 2, 3, 4),
    "standard": (-3, -2, -1, 1, 2, 3),
    "hard": (-2, -1, 1, 2),
}
DIRECTIONS = ((1, 1), (1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2), (1, 4), (3, 4), (4, 1), (4, 3))
LARGEST_WEIGHT = 5  # of two orthogonal columns


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """One unit on the line; two with orthogonal columns in the plane; two that are not orthogonal, in either."""
    return draws.first(lambda attempt: _proposed(attempt, difficulty))


def _proposed(draws: Draws, difficulty: Difficulty) -> Params | None:
    columns = _columns(draws, difficulty)
    offset = tuple(draws.choice(f"a[{i}]", OFFSETS) for i in range(len(columns[0])))
    exponents = tuple(draws.choice(f"m[{j}]", EXPONENTS[difficulty]) for j in range(len(columns)))
    distinct = len({abs(m) for m in exponents}) == len(exponents)  # then so are the weights of the mixture
    fits = distinct and _apart(columns) and (difficulty != "hard" or _balanced(columns, exponents))
    return Params(offset, columns, exponents) if fits else None


def _columns(draws: Draws, difficulty: Difficulty) -> tuple[Column, ...]:
    """The columns of W."""
    if difficulty == "easy":
        return ((draws.sign("sign") * draws.integer("w", 2, 6),),)
    if difficulty == "hard":
        visible, largest = draws.choice("visible", ((1, 4), (2, 3), (2, 3)))
        return tuple(draws.integers(f"W[{j}]", visible, -largest, largest) for j in range(2))
    x, y = draws.choice("direction", DIRECTIONS)
    first, second = draws.sign("mirror") * x, y
    lengths = [
        draws.sign(f"sign[{j}]") * draws.integer(f"length[{j}]", 1, LARGEST_WEIGHT // max(x, y)) for j in range(2)
    ]
    columns = ((lengths[0] * first, lengths[0] * second), (-lengths[1] * second, lengths[1] * first))
    return draws.shuffle("order", columns)


def _apart(columns: tuple[Column, ...]) -> bool:
    """All means are at least a deviation apart, and the columns are not parallel (in the plane)."""
    if len(columns) == 1:
        return True
    (first, second), lengths = columns, [dot(w, w) for w in columns]
    both = dot(first, second)
    parallel = len(first) > 1 and both**2 == lengths[0] * lengths[1]
    return min(lengths) > 0 and lengths[0] + lengths[1] > 2 * abs(both) and not parallel


def _balanced(columns: tuple[Column, ...], exponents: Column) -> bool:
    """W_1'W_2 is 2 or 4 in size, and c_(1,1) = 2^(m_1+m_2) exp(W_1'W_2) lies between 1/32 and 32."""
    both = dot(*columns)
    return abs(both) in (2, 4) and abs(both + Fraction(7, 10) * sum(exponents)) <= Fraction(7, 2)


EXERCISE = Exercise.of(
    solver,
    draw,
    id="gaussian_rbm",
    title=Localised("The Gaussian-Bernoulli RBM", "Die Gauß-Bernoulli-RBM"),
    parts=(
        Part(
            "conditionals",
            "proof",
            rubric={"given_h": 2, "given_v": 2, "value": 1},
            mistakes={"covariance": 1, "offset": 1},
        ),
        Part(
            "mixture",
            "proof",
            rubric={"square": 2, "normalise": 1, "confirm": 1},
            mistakes={"weights": 1, "components": 2},
        ),
        Part(
            "induction",
            "proof",
            rubric={"start": 1, "shift": 2, "step": 2, "confirm": 1},
            mistakes={"direction": 1, "factor": 1},
            difficulties=("standard", "hard"),
        ),
        Part("weights", "compute", rubric={"means": 1, "logs": 2, "value": 1}, mistakes={"bias_only": 2, "sum": 1}),
    ),
    demo="D5",
    version=2,
)
