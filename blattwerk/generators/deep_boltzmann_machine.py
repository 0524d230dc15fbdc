"""Draws for the deep Boltzmann machine."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod

from blattwerk.solvers import deep_boltzmann_machine as solver
from blattwerk.solvers.deep_boltzmann_machine import Params, Rows, Solution
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.exact.binary import Bits, dot, states

UNITS_OF_G = 2
# difficulty: (visible units, units of h, weights W, weights U, biases), the latter three in units of log 2
SIZES: dict[Difficulty, tuple[int, int, tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = {
    "easy": (2, 2, (-1, 1, 2), (-2, -1, 1, 2, 3), (-1, 0, 1)),
    "standard": (3, 2, (-2, -1, 1, 2), (-2, -1, 0, 1, 2, 3), (-2, -1, 0, 1, 2)),
    "hard": (3, 3, (-2, -1, 1, 2), (-2, -1, 0, 1, 2), (-1, 0, 1, 2)),
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """A state and weights; then biases that leave no unit undecided."""
    return draws.first(lambda attempt: _proposed(attempt, *SIZES[difficulty]))


def _proposed(
    draws: Draws,
    visible: int,
    second: int,
    to_visible: tuple[int, ...],
    to_second: tuple[int, ...],
    biases: tuple[int, ...],
) -> Params | None:
    W = draws.choice("W", _matrices(visible, UNITS_OF_G, to_visible))
    U = draws.choice("U", _couplings(second, to_second))
    v = draws.choice("v", [v for v in states(visible) if sum(v) == (visible + 1) // 2])
    g, h = draws.choice("g", states(UNITS_OF_G)[1:]), draws.choice("h", states(second)[1:])
    if not all(dot(u, h) for u in U):  # h must make a difference to both units of g
        return None
    options = [[[x for x in biases if fits(x)] for fits in layer] for layer in _conditions(W, U, v, g, h)]
    if not all(map(all, options)):
        return None
    a, b, c = (
        tuple(draws.choice(f"{name}[{i}]", fitting) for i, fitting in enumerate(layer))
        for name, layer in zip("abc", options, strict=True)
    )
    params = Params(W, U, a, b, c, v, g, h)
    return params if any(b) and any(c) and dot(a, v) and _by_hand(solver.solve(params)) else None


@cache
def _matrices(height: int, width: int, entries: tuple[int, ...]) -> tuple[Rows, ...]:
    """All matrices of these entries in which no two rows and no two columns are alike."""
    rows = product(product(entries, repeat=width), repeat=height)
    return tuple(m for m in rows if len(set(m)) == height and len(set(zip(*m, strict=True))) == width)


@cache
def _couplings(width: int, entries: tuple[int, ...]) -> tuple[Rows, ...]:
    """Those with two rows that have even sums (mean field adds half of them), at most one 0, and are not orthogonal."""
    return tuple(
        m
        for m in _matrices(UNITS_OF_G, width, entries)
        if not any(sum(row) % 2 for row in m) and sum(row.count(0) for row in m) <= 1 and abs(dot(*m)) >= 2
    )


def _conditions(W: Rows, U: Rows, v: Bits, g: Bits, h: Bits) -> tuple[list[Callable[[int], bool]], ...]:
    """For each unit of v, g and h, which biases keep its asked inputs away from 0 and all of them small."""

    def fits(asked: Iterable[int], others: Iterable[int] = ()) -> Callable[[int], bool]:
        first, rest = list(asked), list(others)
        return lambda bias: all(0 < abs(x + bias) <= 3 for x in first) and all(-3 <= x + bias <= 4 for x in rest)

    def beside_g(rows: Rows) -> list[Callable[[int], bool]]:
        return [fits([dot(row, g)], [dot(row, other) for other in states(UNITS_OF_G)]) for row in rows]

    from_v = [dot(column, v) for column in zip(*W, strict=True)]
    of_g = [fits([x, x + dot(u, h), x + sum(u) // 2]) for x, u in zip(from_v, U, strict=True)]
    return beside_g(W), of_g, beside_g(tuple(zip(*U, strict=True)))


def _by_hand(solution: Solution) -> bool:
    """Small fractions, mean field that ends in decimals, g_1 and g_2 visibly dependent given v.

    And dependent given v and h in the deep belief net, which a few W and a rule out.
    """
    s = solution
    return (
        len(set(s.first)) == UNITS_OF_G
        and all(x.denominator > 1 for x in s.nu_inputs)
        and all(row.given_v.denominator <= 16 and row.weight.denominator <= 32 for row in s.rows)
        and s.partition < 10000
        and s.coupling != 1
        and abs(s.together - prod(s.first_means)) >= Fraction(1, 200)
    )


EXERCISE = Exercise.of(
    solver,
    draw,
    id="deep_boltzmann_machine",
    title=Localised("The deep Boltzmann machine", "Die tiefe Boltzmann-Maschine"),
    parts=(
        Part(
            "conditionals",
            "proof",
            rubric={"first": 3, "outer": 1, "belief": 1, "coupled": 1},
            mistakes={"one_neighbour": 1, "independence": 1},
        ),
        Part(
            "state",
            "compute",
            rubric={"first": 2, "outer": 1, "upward": 1},
            mistakes={"without_h": 1, "bias": 1},
        ),
        Part("mean_field", "compute", rubric={"mu": 2, "nu": 2}, mistakes={"rounded": 1, "half": 1, "from_below": 1}),
        Part(
            "probability",
            "compute",
            rubric={"factorise": 2, "mass": 2, "partition": 2},
            mistakes={"hidden": 2, "no_b": 1},
            difficulties=("standard", "hard"),
        ),
        Part(
            "training",
            "discussion",
            rubric={"gradient": 1, "data": 2, "model": 1, "greedy": 1, "confirm": 1},
            mistakes={"partition_only": 1},
            difficulties=("hard",),
        ),
    ),
    version=4,
)
