"""Draws for gradients through plain and residual networks: layers that do not commute, with whole singular values."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from itertools import combinations, product
from math import inf, isqrt

from blattwerk.solvers import residual_backprop as solver
from blattwerk.solvers.residual_backprop import Layer, Params
from blattwerk.vocabulary import MP, Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.matrices import multiply


@dataclass(frozen=True)
class Range:
    """How many layers there are, the entries of A_i, whether A_i is a multiple of an orthogonal matrix, and the rest.

    `orthogonal` None allows both; `factors` and `depths` are those of the network with W_i = c I; `radicand` is the
    largest one in the singular values of the residual product.
    """

    layers: int
    largest: int
    orthogonal: bool | None
    denominators: tuple[int, ...]
    factors: tuple[Fraction, ...]
    depths: tuple[int, int]
    radicand: float = inf


SIMPLE = tuple(Fraction(a, b) for a, b in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), (2, 5), (3, 5)))
RANGES: dict[Difficulty, Range] = {
    "easy": Range(2, 3, True, (3, 4), SIMPLE, (10, 20), 500),
    "standard": Range(3, 2, None, (4, 5), tuple(Fraction(k, 10) for k in range(2, 10)), (20, 50)),
    "hard": Range(4, 2, False, (4, 5), tuple(Fraction(k, 20) for k in range(3, 20)), (30, 50)),
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Layers whose order shows in every result, and in which the plain gradient is much the smaller one."""
    return draws.first(lambda attempt: _proposed(attempt, RANGES[difficulty]))


def _proposed(draws: Draws, given: Range) -> Params | None:
    denominator = draws.choice("denominator", given.denominators)
    pool = _pool(given.largest, given.orthogonal, denominator)
    params = Params(
        denominator,
        draws.integer("first", 1, 5),
        tuple(draws.choice(f"layer[{i}]", pool) for i in range(given.layers)),
        draws.choice("factor", given.factors),
        draws.integer("depth", *given.depths),
    )
    fits = _order_shows(params) and _separated(params) and _solved(params).residual_singular.plus <= given.radicand
    return params if fits else None


@cache
def _pool(largest: int, orthogonal: bool | None, below: int) -> tuple[Layer, ...]:
    """Regular integer matrices with whole singular values below a bound, except multiples of the identity."""
    entries = range(-largest, largest + 1)
    pool = []
    for a, b, c, d in product(entries, repeat=4):
        square, area = a * a + b * b + c * c + d * d, abs(a * d - b * c)
        plus, minus = square + 2 * area, square - 2 * area
        whole = isqrt(plus) ** 2 == plus and isqrt(minus) ** 2 == minus and (isqrt(plus) + isqrt(minus)) % 2 == 0
        scalar = b == c == 0 and a == d
        if (
            whole
            and area
            and not scalar
            and orthogonal in (None, minus == 0)
            and isqrt(plus) + isqrt(minus) < 2 * below
        ):
            pool.append(((a, b), (c, d)))
    return tuple(pool)


@lru_cache(maxsize=1)
def _solved(params: Params) -> solver.Solution:
    """The solution of the candidate that is looked at."""
    return solver.solve(params)


def _order_shows(params: Params) -> bool:
    """No two layers commute, and the layers in the wrong order give other products and other sums over paths."""
    if any(multiply(a, b) == multiply(b, a) for a, b in combinations(params.layers, 2)):
        return False
    right = _solved(params)
    wrong = solver.solve(Params(params.denominator, params.first, params.layers[::-1], params.factor, params.depth))
    vanishing = any(not any(map(any, s)) for s in right.lengths)
    different = all(s != t for s, t in zip(right.lengths[1:], wrong.lengths[1:], strict=True))
    return different and right.residual != wrong.residual and not vanishing


def _separated(params: Params) -> bool:
    """Even the least singular value of the residual product is more than twice the norm of the plain one."""
    solution = _solved(params)
    least, largest = solution.residual_singular.written(-1), solution.plain_singular.written(1)
    return bool(MP.convert(least.value()) > 2 * MP.convert(largest.value()))


EXERCISE = Exercise.of(
    solver,
    draw,
    id="residual_backprop",
    title=Localised("Gradients through plain and residual networks", "Gradienten in einfachen und in Residual-Netzen"),
    parts=(
        Part(
            "chain",
            "proof",
            rubric={"layer": 1, "chain": 2, "residual": 1, "check": 1},
            mistakes={"reverse": 2, "identity": 1},
            difficulties=("standard", "hard"),
        ),
        Part("products", "compute", rubric={"plain": 2, "residual": 2}, mistakes={"order": 2, "cross": 2}),
        Part("paths", "compute", rubric={"counts": 1, "sums": 2, "check": 1}, mistakes={"mixed": 1, "twice": 1}),
        Part(
            "norms",
            "compute",
            rubric={"layers": 1, "plain": 2, "residual": 2},
            mistakes={"norm": 2, "product": 1},
        ),
        Part(
            "scaling",
            "compute",
            rubric={"powers": 1, "scaled": 1, "bound": 2},
            mistakes={"once": 1, "unscaled": 1, "limit": 1},
        ),
        Part(
            "why",
            "discussion",
            rubric={"plain": 1, "below": 2, "above": 1, "remedy": 1, "numbers": 1},
            mistakes={"one_sided": 2, "no_norm": 1},
            difficulties=("hard",),
        ),
    ),
    demo="D8",
    version=3,
)
