"""Draws for inpainting: an orthogonal basis of small whole numbers first, then the covariance made of it."""

from functools import cache
from itertools import combinations, product
from math import gcd

from blattwerk.solvers import inpainting as solver
from blattwerk.solvers.inpainting import Params, Solution
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.exact.binary import dot
from blattwerk.vocabulary.exact.weights import Vector, up_to

# difficulty: (dimension, largest entry of a direction, largest denominator)
RANGES: dict[Difficulty, tuple[int, int, int]] = {"easy": (2, 3, 13), "standard": (3, 2, 27), "hard": (3, 3, 66)}
NOT_ZERO = up_to(9)


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """C = s I + sum_i k_i v_i v_i', where one k_i is 0; a point, its missing coordinate, and how many components."""
    return draws.first(lambda attempt: _proposed(attempt, difficulty, *RANGES[difficulty]))


def _proposed(draws: Draws, difficulty: Difficulty, size: int, largest: int, denominator: int) -> Params | None:
    basis = draws.sample("basis", draws.choice("bases", _bases(size, largest)), size)
    scales = (*draws.integers("scale", size - 1, 1, 4), 0)
    mean = tuple(draws.choice(f"mean[{j}]", NOT_ZERO) for j in range(size))
    # Every component shall see the hole.
    missing = draws.choice("missing", [j for j in range(size) if all(v[j] for v in basis)])
    params = Params(
        mean,
        _covariance(basis, scales, draws.integer("noise", 1, 9)),
        draws.shuffle("order", basis),
        tuple(mu + draws.choice(f"shift[{j}]", NOT_ZERO) for j, mu in enumerate(mean) if j != missing),
        missing + 1,
        draws.integer("components", 1, size - 1),
    )
    solution = solver.solve(params)
    return params if _worth(params, solution) and _by_hand(params, solution, denominator, difficulty) else None


@cache
def _bases(size: int, largest: int) -> tuple[tuple[Vector, ...], ...]:
    """All orthogonal bases of primitive vectors with no entry above `largest`, none of them along an axis.

    The first entry of a vector that is not 0 is positive.
    """
    canonical = [
        v for v in product(range(-largest, largest + 1), repeat=size) if gcd(*v) == 1 and next(filter(None, v)) > 0
    ]
    vectors = [v for v in canonical if v.count(0) < size - 1]
    pairs = [(a, b) for a, b in combinations(vectors, 2) if not dot(a, b)]
    if size == 2:
        return tuple(pairs)
    return tuple((a, b, c) for a, b in pairs for c in vectors if c > b and not dot(a, c) and not dot(b, c))


def _covariance(basis: tuple[Vector, ...], scales: Vector, noise: int) -> tuple[Vector, ...]:
    """s I + sum_i k_i v_i v_i'."""
    indices = range(len(basis))
    return tuple(
        tuple(sum(k * v[i] * v[j] for k, v in zip(scales, basis, strict=True)) + noise * (i == j) for j in indices)
        for i in indices
    )


def _worth(params: Params, s: Solution) -> bool:
    """The eigenvalues differ, every component moves the hole, and d components are clearly better than the mean.

    The errors form a U: neither no nor all components are as good as any number in between.
    """
    d, hole = params.components, params.mean[params.missing - 1]
    inner, between = s.values[1:-1], s.errors[1:-1]
    return (
        len(set(s.eigenvalues)) == len(s.eigenvalues)
        and len({hole, *inner}) == len(inner) + 1
        and all(s.coefficients[:d])
        and max(between) < s.errors[0]
        and len(set(between)) == len(between)
        and 10 * s.errors[d] <= 9 * s.errors[0]
        and len({s.values[d], s.fit, s.best}) == 3
        and s.fit_error != s.errors[d]
    )


def _by_hand(params: Params, s: Solution, largest: int, difficulty: Difficulty) -> bool:
    """The variances have two digits, and the denominators that the difficulty's parts show are small."""
    shown = [*s.coefficients, *s.values, *s.copies, *s.reconstruction]
    if difficulty == "hard":
        shown += [s.fit, s.best]
    small = all(row[i] <= 60 for i, row in enumerate(params.covariance))
    return small and all(x.denominator <= largest for x in shown)


EXERCISE = Exercise.of(
    solver,
    draw,
    id="inpainting",
    title=Localised("Inpainting with PCA", "Inpainting mit PCA"),
    parts=(
        Part("components", "compute", rubric={"values": 2, "order": 1, "share": 1}, mistakes={"order": 1}),
        Part(
            "fill",
            "compute",
            rubric={"centre": 1, "coefficients": 2, "value": 1},
            mistakes={"uncentred": 2, "norm": 1, "back": 1},
        ),
        Part(
            "limits",
            "proof",
            rubric={"values": 2, "proof": 1, "errors": 2, "shape": 2},
            mistakes={"more": 2, "hole": 1},
            difficulties=("standard", "hard"),
        ),
        Part(
            "compare",
            "proof",
            rubric={"fit": 2, "conditional": 2, "errors": 2, "optimal": 2},
            mistakes={"same": 2, "single": 1},
            difficulties=("hard",),
        ),
        Part(
            "adversarial",
            "discussion",
            rubric={"losses": 1, "flip": 2, "stop": 2, "limits": 1},
            mistakes={"place": 1, "zero": 1},
        ),
    ),
    demo="D9",
    version=3,
)
