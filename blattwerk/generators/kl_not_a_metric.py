"""Draws for three distributions that violate the triangle inequality."""

from fractions import Fraction
from math import gcd

from blattwerk.solvers import kl_not_a_metric as solver
from blattwerk.solvers.kl_not_a_metric import Params
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, LogSum, Part
from blattwerk.vocabulary.exact.discrete import distributions, is_smooth

# The denominators of the probabilities. At `hard` all three distributions have the same one.
DENOMINATORS: dict[Difficulty, tuple[int, ...]] = {
    "easy": (2, 3, 4, 5, 6, 8, 9, 10),
    "standard": (8, 9, 10, 12, 15, 16, 18, 20),
    "hard": (15, 16, 18, 20, 24, 30, 36, 40),
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Two outcomes with q between p and r (easy), three outcomes (standard), or Q a mixture of P and R (hard)."""
    return draws.first(lambda attempt: _proposed(attempt, difficulty))


def _proposed(draws: Draws, difficulty: Difficulty) -> Params | None:
    params = {"easy": _ordered, "standard": _free, "hard": _mixture}[difficulty](draws)
    return params if params and _distinct(params) and _visible(params) else None


def _ordered(draws: Draws) -> Params | None:
    """Three Bernoulli distributions in ascending or descending order: then the inequality is always violated."""
    known = distributions(DENOMINATORS["easy"], 2)
    p, q, r = sorted(draws.sample("coins", known, 3))
    return Params(r, q, p) if draws.flag("descending") else Params(p, q, r)


def _free(draws: Draws) -> Params | None:
    known = distributions(DENOMINATORS["standard"], 3)
    p, q, r = (draws.choice(name, known) for name in ("p", "q", "r"))
    return Params(p, q, r)


def _mixture(draws: Draws) -> Params | None:
    """P and R on a grid, and Q one of the grid's points between them: then the inequality is always violated."""
    denominator = draws.choice("denominator", DENOMINATORS["hard"])
    known = distributions((denominator,), 3)
    p, r = ([int(denominator * x) for x in draws.choice(name, known)] for name in "pr")
    steps = gcd(*(b - a for a, b in zip(p, r, strict=True)))
    between = [[a + k * (b - a) // steps for a, b in zip(p, r, strict=True)] for k in range(1, steps)]
    points = [q for q in between if all(map(is_smooth, q))]
    if not points:
        return None
    q = draws.choice("q", points)
    return Params(*(tuple(Fraction(x, denominator) for x in v) for v in (p, q, r)))


def _distinct(params: Params) -> bool:
    """No outcome has the same probability twice, so that no summand is 0, and no two outcomes are alike."""
    columns = tuple(zip(params.p, params.q, params.r, strict=True))
    return all(len(set(column)) == 3 for column in columns) and len(set(columns)) == len(columns)


def _visible(params: Params) -> bool:
    """The violation and the asymmetry are at least a tenth of D(P||R), and no value is tiny, large or of long digits.

    All of it is decided exactly.
    """
    s = solver.solve(params)
    asymmetry = s.direct - s.reverse
    return (
        all(c.denominator <= 120 for value in (s.detour, s.excess) for _, c in value.coefficients)
        and _at_least(s.excess.times(10), s.direct)
        and (_at_least(asymmetry.times(10), s.direct) or _at_least(asymmetry.times(-10), s.direct))
        and all(_at_least(value.times(50), LogSum(Fraction(1))) for value in (s.first, s.second))
        and _at_least(LogSum(Fraction(2)), s.direct)
        and _at_least(LogSum(Fraction(2)), s.reverse)
    )


def _at_least(value: LogSum, bound: LogSum) -> bool:
    return not value < bound


EXERCISE = Exercise.of(
    solver,
    draw,
    id="kl_not_a_metric",
    title=Localised("The KL divergence is not a metric", "Die KL-Divergenz ist keine Metrik"),
    parts=(
        Part(
            "axioms",
            "discussion",
            rubric={"definite": 1, "symmetry": 1, "triangle": 1, "symmetrised": 1},
            mistakes={"no_reason": 1, "only_non_negative": 1},
        ),
        Part(
            "gibbs",
            "proof",
            rubric={"tangent": 1, "bound": 2, "equality": 2},
            mistakes={"direction": 1, "only_sufficient": 1, "zeros": 1},
        ),
        Part("symmetry", "compute", rubric={"forward": 1, "backward": 1, "conclusion": 1}, mistakes={"weights": 1}),
        Part(
            "triangle",
            "compute",
            rubric={"divergences": 3, "conclusion": 1},
            mistakes={"wrong_pair": 1, "reversed": 1},
        ),
        Part(
            "between",
            "proof",
            rubric={"identity": 2, "mixture": 2, "sign": 1, "instance": 1},
            mistakes={"equal": 1, "weight": 1},
            difficulties=("hard",),
        ),
    ),
)
