"""Draws for the gradients of a mixture density network."""

from fractions import Fraction
from math import lcm

from blattwerk.solvers import mixture_density as solver
from blattwerk.solvers.mixture_density import Params, Solution, Vector
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part

# The largest denominators: the common one of the responsibilities; those of the gradient by the means, and of `share`.
LIMITS: dict[Difficulty, tuple[int, int]] = {"easy": (20, 100), "standard": (60, 400), "hard": (60, 500)}
# |t - mu_i|/s_i on the line (at 1, all dE/dw_i would vanish), and vectors by which t and mu_i may differ, with the
# deviation for each (in the plane, all dE/dw_i vanish at a quotient of the root of 2)
QUOTIENTS = tuple(Fraction(k, 2) for k in (1, 3, 4))
OFFSETS = (((1, 2), 1), ((1, 2), 2), ((1, 2), 3), ((1, 3), 2), ((2, 3), 2), ((3, 4), 4), ((3, 4), 5), ((1, 1), 2))


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Means that all lie equally many deviations from the target, in different directions."""
    return draws.first(lambda attempt: _proposed(attempt, difficulty))


def _proposed(draws: Draws, difficulty: Difficulty) -> Params | None:
    params = {"easy": _two, "standard": _three, "hard": _plane}[difficulty](draws)
    return params if _pleasant(params, *LIMITS[difficulty]) else None


def _two(draws: Draws) -> Params:
    """Two components, one either side of the target; whole numbers but for the weights."""
    parts = draws.choice("parts", (4, 5, 6, 8, 10))
    weight = draws.fraction("weight", 1, parts - 1, parts)
    deviations = draws.sample("deviations", tuple(map(Fraction, (2, 4, 6))), 2)
    sign = draws.sign("sign")
    return _on_line(draws, (weight, 1 - weight), deviations, (sign, -sign), Fraction(draws.integer("target", -5, 5)))


def _three(draws: Draws) -> Params:
    """Three components, not all on one side of the target; halves."""
    weights = tuple(Fraction(k, 20) for k in draws.composition("weights", 20, 3, least=2))
    deviations = draws.sample("deviations", tuple(Fraction(k, 2) for k in range(1, 7)), 3)
    signs = draws.choice("signs", ((1, 1, -1), (1, -1, 1), (-1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)))
    return _on_line(draws, weights, deviations, signs, draws.fraction("target", -30, 30, 2))


def _on_line(draws: Draws, weights: Vector, deviations: Vector, signs: tuple[int, ...], target: Fraction) -> Params:
    quotient = draws.choice("quotient", QUOTIENTS)
    means = tuple((target + sign * quotient * s,) for sign, s in zip(signs, deviations, strict=True))
    return Params(weights, means, deviations, (target,))


def _plane(draws: Draws) -> Params:
    """Three components in the plane: t - mu_i is the same vector, with its entries exchanged, negated and stretched."""
    weights = tuple(Fraction(k, 20) for k in draws.composition("weights", 20, 3, least=2))
    (a, b), deviation = draws.choice("offset", OFFSETS)
    turns = sorted({(x * p, y * q) for x, y in ((a, b), (b, a)) for p in (1, -1) for q in (1, -1)})
    directions = draws.sample("directions", turns, 3)
    stretches = draws.integers("stretches", 3, 1, 3)
    target = draws.integers("target", 2, -6, 6)
    means = tuple(
        tuple(Fraction(t - k * d) for t, d in zip(target, direction, strict=True))
        for k, direction in zip(stretches, directions, strict=True)
    )
    return Params(weights, means, tuple(Fraction(k * deviation) for k in stretches), tuple(map(Fraction, target)))


def _pleasant(params: Params, gamma_limit: int, mean_limit: int) -> bool:
    """Fractions of few digits, and responsibilities that differ visibly from the weights."""
    s = solver.solve(params)
    return (
        lcm(*(g.denominator for g in s.gamma)) <= gamma_limit
        and all(x.denominator <= mean_limit for vector in s.by_means for x in vector)
        and s.share.denominator <= mean_limit
        and all(s.by_logits)
        and max(map(abs, s.by_logits)) >= Fraction(1, 20)
        and min(s.gamma) >= Fraction(1, 50)
        and (params.size == 1 or _differs_elsewhere(s))
    )


def _differs_elsewhere(s: Solution) -> bool:
    """At the other target the exponentials matter, by a factor of 1.3 at least and 20 at most, and are short."""
    largest = max(map(abs, s.exponents))
    return Fraction(1, 4) <= largest <= 3 and all(x.denominator <= 50 for x in s.elsewhere)


EXERCISE = Exercise.of(
    solver,
    draw,
    id="mixture_density",
    title=Localised("Gradients of a mixture density network", "Gradienten eines Mixture-Density-Netzes"),
    parts=(
        Part(
            "mixture",
            "proof",
            rubric={"weight": 1, "mean": 2, "deviation": 2},
            mistakes={"posterior": 1, "dimension": 1, "sign": 1},
        ),
        Part(
            "outputs",
            "proof",
            rubric={"softmax": 1, "chain": 2, "exponential": 1},
            mistakes={"diagonal": 2, "factor": 1},
        ),
        Part(
            "loss", "compute", rubric={"distance": 1, "gamma": 2, "value": 1}, mistakes={"normalisation": 1, "prior": 1}
        ),
        Part(
            "gradient",
            "compute",
            rubric={"logits": 1, "means": 1, "widths": 1, "reading": 1},
            mistakes={"direction": 1, "square": 1},
        ),
        Part(
            "moved",
            "compute",
            rubric={"distances": 1, "value": 2},
            mistakes={"exponentials": 2, "half": 1},
            difficulties=("hard",),
        ),
        Part(
            "collapse",
            "proof",
            rubric={"bound": 1, "limit": 1, "threshold": 1, "training": 1},
            mistakes={"other_components": 1, "remedy": 1},
            difficulties=("hard",),
        ),
    ),
    demo="D3",
    version=2,
)
