"""Draws for the KL divergence of distributions that factorise."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import product
from math import lcm

from blattwerk.solvers import kl_factorised as solver
from blattwerk.solvers.kl_factorised import Params
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from blattwerk.vocabulary.exact.discrete import Distribution, distributions, is_smooth

# The numbers of values of the components, the denominators of p's components by these numbers, and those of q's.
SHAPES: dict[Difficulty, tuple[tuple[int, ...], ...]] = {
    "easy": ((2, 2),),
    "standard": ((2, 2, 2), (2, 3), (3, 2)),
    "hard": ((2, 3),),
}
DENOMINATORS = {2: (2, 3, 4, 5, 6), 3: (3, 4, 5, 6, 8, 9, 10, 12)}
DENOMINATORS_Q = {2: (2, 3, 4, 5, 6, 8, 9, 10, 12, 15), 3: (3, 4, 5, 6, 8, 9, 10, 12)}
LARGEST_DENOMINATOR = 120  # of p(x), and of the coefficients of a logarithm
LARGEST_RATIO = 100  # in the numerator or the denominator of p(x)/q(x)
LARGEST_UNIT = 48  # the denominator of a dependent table
SHIFTS = tuple(s for s in range(-6, 7) if s)  # of a table's entries, in units
SMOOTH = frozenset(k for k in range(1, LARGEST_DENOMINATOR) if is_smooth(k))


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Two Bernoulli components (easy), 6 or 8 values of x (standard), 6 values and a dependent table (hard)."""
    shape = draws.choice("shape", SHAPES[difficulty])
    return draws.first(lambda attempt: _proposed(attempt, shape, difficulty == "hard"))


def _proposed(draws: Draws, shape: tuple[int, ...], dependent: bool) -> Params | None:
    r = draws.choice("r", _tables()) if dependent else ()
    p = marginals(r) if r else _components(draws, "p", shape, DENOMINATORS)
    params = Params(p, _components(draws, "q", shape, DENOMINATORS_Q), r)
    return params if _distinct(params) and _towards(params) and _short(params) and _visible(params) else None


def _components(
    draws: Draws, name: str, shape: tuple[int, ...], denominators: dict[int, tuple[int, ...]]
) -> tuple[Distribution, ...]:
    return tuple(draws.choice(f"{name}[{i}]", distributions(denominators[k], k)) for i, k in enumerate(shape))


@cache
def _tables() -> tuple[tuple[Distribution, ...], ...]:
    """Tables of 2 rows and 3 columns: products of two distributions, shifted so that the marginals stay."""
    known = product(distributions((2, 3, 4), 2), distributions(DENOMINATORS[3], 3))
    return tuple(table for rows, columns in known for table in _shifted(rows, columns))


def _shifted(rows: Distribution, columns: Distribution) -> Iterator[tuple[Distribution, ...]]:
    """The tables (p_i + s_i, p_i - s_i) with smooth entries, sum_i s_i = 0, no s_i = 0, and sum_i |s_i| >= 1/6.

    The last sum is the total variation; by Pinsker's inequality the total correlation is at least 2/36.
    """
    unit = lcm(*(x.denominator for x in rows)) * lcm(*(x.denominator for x in columns))
    if unit > LARGEST_UNIT:
        return
    first, second = ([int(unit * x * y) for y in columns] for x in rows)
    for a, b in product(SHIFTS, SHIFTS):
        shifts = (a, b, -a - b)
        if a + b and 6 * sum(map(abs, shifts)) >= unit:
            top = tuple(k + s for k, s in zip(first, shifts, strict=True))
            bottom = tuple(k - s for k, s in zip(second, shifts, strict=True))
            if SMOOTH.issuperset(top + bottom):
                yield tuple(tuple(Fraction(k, unit) for k in row) for row in (top, bottom))


def marginals(table: Sequence[Distribution]) -> tuple[Distribution, Distribution]:
    """The sums of the rows and those of the columns of a table."""
    rows, columns = (tuple(sum(line, Fraction(0)) for line in lines) for lines in (table, zip(*table, strict=True)))
    return rows, columns


def _distinct(params: Params) -> bool:
    """No logarithm of 1 in the sum over a component, and no component twice."""
    pairs = tuple(zip(params.p, params.q, strict=True))
    values = [pair for p, q in pairs for pair in zip(p, q, strict=True)]
    return len(set(pairs)) == len(pairs) and all(a != b for a, b in values)


def _towards(params: Params) -> bool:
    """Whether q lies where r exceeds p: sum_x q(x) (r(x)/p(x) - 1) > 0 is needed for sum_x q(x) log(r(x)/p(x)) > 0."""
    p, q = solver.joint(params.p), solver.joint(params.q)
    return not params.r or sum(c * b / a for a, b, c in zip(p, params.flat, q, strict=True)) > 1


def _short(params: Params) -> bool:
    """Numbers of few digits in the joint tables, and no logarithm of 1."""
    p, q = solver.joint(params.p), solver.joint(params.q)
    ratios = [a / b for a, b in (*zip(p, q, strict=True), *zip(params.flat, q, strict=False))]
    return all(value.denominator <= LARGEST_DENOMINATOR for value in p) and all(
        ratio != 1 and max(ratio.numerator, ratio.denominator) <= LARGEST_RATIO for ratio in ratios
    )


def _visible(params: Params) -> bool:
    """No divergence is tiny or large; with the arguments exchanged, the joint one is visibly below the sum."""
    s = solver.solve(params)
    values = [*s.components]
    if s.dependent is not None:
        values += [s.dependent.correlation, s.dependent.exchanged, -s.dependent.excess]
    short = all(c.denominator <= LARGEST_DENOMINATOR for v in (s.total, *values) for _, c in v.coefficients)
    return short and all(0.02 < value.value() < 1.5 for value in values)


EXERCISE = Exercise.of(
    solver,
    draw,
    id="kl_factorised",
    title=Localised("KL divergence of factorising distributions", "KL-Divergenz faktorisierender Verteilungen"),
    parts=(
        Part(
            "prove",
            "proof",
            rubric={"definition": 1, "logarithm": 1, "marginal": 2},
            mistakes={"weights": 1, "no_marginal": 1},
        ),
        Part(
            "densities",
            "proof",
            rubric={"split": 1, "exchange": 2},
            mistakes={"order": 1},
            difficulties=("hard",),
        ),
        Part("components", "compute", rubric={"divergences": 2, "sum": 1}, mistakes={"reversed": 1}),
        Part(
            "joint", "compute", rubric={"table": 2, "value": 2, "comparison": 1}, mistakes={"added": 2, "decimals": 1}
        ),
        Part(
            "correlated",
            "proof",
            rubric={"split": 2, "marginals": 1, "instance": 3},
            mistakes={"independent": 2, "sign": 1},
            difficulties=("hard",),
        ),
        Part(
            "exchanged",
            "discussion",
            rubric={"values": 2, "verdict": 1, "reason": 2},
            mistakes={"bound": 1},
            difficulties=("hard",),
        ),
    ),
    version=2,
)
