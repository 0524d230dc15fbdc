"""Draws for the loss of a variational autoencoder."""

from fractions import Fraction
from functools import cache
from itertools import product
from math import ceil, prod

from blattwerk.solvers import vae as solver
from blattwerk.solvers.vae import Pair, Params, Vector
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part


def _fractions(text: str) -> Vector:
    return tuple(map(Fraction, text.split()))


# The size of z, the means, and the deviations.
ENCODERS: dict[Difficulty, tuple[int, Vector, Vector]] = {
    "easy": (2, _fractions("-3 -2 -1 1 2 3"), _fractions("1/5 1/4 1/3 1/2 2 3")),
    "standard": (
        3,
        tuple(Fraction(k, 2) for k in range(-5, 6) if k),
        _fractions("1/5 1/4 1/3 2/5 1/2 3/5 2/3 3/4 4/3 3/2 2 5/2"),
    ),
    "hard": (
        3,
        tuple(Fraction(k, 3) for k in range(-8, 9) if k % 3),
        _fractions("1/6 1/5 1/4 1/3 2/5 1/2 3/5 2/3 3/4 5/6 6/5 5/4 4/3 3/2"),
    ),
}
# Weights w and factors beta.
DECODERS: dict[Difficulty, tuple[Vector, Vector]] = {
    "easy": (_fractions("1 2 3"), _fractions("1 2 3 4 6 8 9 12")),
    "standard": (_fractions("-3 -2 -3/2 -1 -1/2 1/2 1 3/2 2 3"), _fractions("1/4 1/2 1 3/2 2 5/2 3 4 6 8")),
    "hard": (
        _fractions("-5/2 -5/3 -3/2 -4/3 -2/3 -1/2 1/2 2/3 4/3 3/2 5/3 5/2"),
        _fractions("1/9 1/8 1/4 1/3 1/2 2/3 1 3/2 2 5/2 3"),
    ),
}
# Units, and the deviations of the two posteriors in these units.
POSTERIORS: dict[Difficulty, tuple[Vector, tuple[tuple[int, int], ...]]] = {
    "easy": (_fractions("1/4 1/3 2/5 1/2 3/5 2/3 3/4"), ((1, 1),)),
    "standard": (_fractions("1/5 1/4 1/3"), ((1, 2), (2, 1), (1, 3), (3, 1))),
    "hard": (_fractions("1/6 1/5 1/4"), ((2, 3), (3, 2), (1, 4), (4, 1), (3, 4), (4, 3))),
}
# How many codes and encodings, and how many places per unit for the encodings.
CODES: dict[Difficulty, tuple[int, int, int]] = {"easy": (3, 2, 1), "standard": (4, 3, 1), "hard": (5, 3, 2)}
LARGEST_DENOMINATOR: dict[Difficulty, int] = {"easy": 12, "standard": 25, "hard": 41}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """The numbers of each part, drawn independently."""
    mean, deviation = draws.first(lambda attempt: _encoder(attempt, *ENCODERS[difficulty]))
    weight, beta, observation = draws.choice("decoder", _decoders(difficulty))
    centres, widths = _posteriors(draws, difficulty)
    codes, encodings = draws.first(lambda attempt: _codes(attempt, *CODES[difficulty]))
    return Params(mean, deviation, weight, observation, beta, centres, widths, codes, encodings)


def _encoder(draws: Draws, size: int, means: Vector, deviations: Vector) -> tuple[Vector, Vector] | None:
    """Different s_i on both sides of 1, so that the derivatives have both signs; their logarithms do not cancel."""
    deviation, mean = draws.sample("deviation", deviations, size), draws.sample("mean", means, size)
    short = sum((x**2 for x in mean + deviation), Fraction(0)).denominator <= 200
    fits = min(deviation) < 1 < max(deviation) and prod(deviation) != 1 and short
    return (mean, deviation) if fits else None


@cache
def _decoders(difficulty: Difficulty) -> tuple[tuple[Fraction, Fraction, Fraction], ...]:
    """All (w, beta, x) with s*^2 and mu* of few digits, mu* neither 0 nor far away; x is whole or (if hard) a half."""
    largest = LARGEST_DENOMINATOR[difficulty]
    halves = range(-12, 13) if difficulty == "hard" else range(-12, 13, 2)
    found = []
    for w, beta, k in product(*DECODERS[difficulty], halves):
        variance = beta / (2 * w * w + beta)
        mean = (1 - variance) * Fraction(k, 2) / w
        short = max(variance.denominator, mean.denominator) <= largest
        if short and Fraction(1, 20) <= variance <= Fraction(4, 5) and Fraction(1, 4) <= abs(mean) <= 3:
            found.append((w, beta, Fraction(k, 2)))
    return tuple(found)


def _posteriors(draws: Draws, difficulty: Difficulty) -> tuple[Pair, Pair]:
    """Means between -2 and 2, in whole units of the smaller width, and the widths."""
    widths, distance = draws.choice("overlap", _overlaps(difficulty))
    unit = min(widths)
    room = int(2 / unit)
    low = draws.integer("place", -room, room - ceil(distance / unit)) * unit
    return ((low, low + distance) if draws.flag("order") else (low + distance, low)), widths


@cache
def _overlaps(difficulty: Difficulty) -> tuple[tuple[Pair, Fraction], ...]:
    """All (s1, s2) and |m1 - m2| whose overlap is a short expression, between about 1/20 and 9/10."""
    found = []
    for unit, (a, b), k in product(*POSTERIORS[difficulty], range(1, 17)):
        s1, s2, distance = a * unit, b * unit, k * unit
        exponent = distance**2 / (4 * (s1**2 + s2**2))
        short = exponent.denominator <= LARGEST_DENOMINATOR[difficulty] and s1**2 + s2**2 != 1
        if short and max(s1, s2) <= 1 and distance <= 3 and Fraction(1, 10) <= exponent <= Fraction(9, 4):
            found.append(((s1, s2), distance))
    return tuple(found)


def _codes(draws: Draws, size: int, count: int, grid: int) -> tuple[tuple[Vector, ...], tuple[Vector, ...]] | None:
    """Codes and encodings in the plane: no ties, at least two codes in use, and no encoding on a code."""
    codes = tuple(_point(draws, f"code[{i}]", 4, 1) for i in range(size))
    encodings = tuple(_point(draws, f"encoding[{i}]", 4, grid) for i in range(count))
    rows = [[solver.squared_distance(y, e) for e in codes] for y in encodings]
    nearest = {row.index(min(row)) for row in rows}
    # The second nearest code is not far off, so that the distances have to be computed.
    doubtful = all(0 < first < second <= 4 * first for first, second, *_ in map(sorted, rows))
    fits = doubtful and len(set(codes)) == size and len(set(encodings)) == count and len(nearest) > 1
    return (codes, encodings) if fits else None


def _point(draws: Draws, name: str, largest: int, units: int) -> Vector:
    return tuple(Fraction(k, units) for k in draws.integers(name, 2, -largest * units, largest * units))


EXERCISE = Exercise.of(
    solver,
    draw,
    id="vae",
    title=Localised("The loss of a variational autoencoder", "Die Verlustfunktion eines Variational Autoencoders"),
    parts=(
        Part("kl", "compute", rubric={"insert": 2, "value": 1}, mistakes={"variance": 1, "sign": 1}),
        Part(
            "properties",
            "proof",
            rubric={"derivatives": 1, "centred": 1, "unit": 2, "gradient": 1},
            mistakes={"stationary": 1, "ascent": 1, "centre": 1},
        ),
        Part(
            "tradeoff",
            "proof",
            rubric={"loss": 2, "optimum": 2, "global": 1, "values": 1, "limits": 2},
            mistakes={"noise": 2, "moment": 1, "exchanged": 1},
        ),
        Part(
            "overlap",
            "proof",
            rubric={"square": 2, "value": 1, "support": 1, "architectures": 2},
            mistakes={"disjoint": 1, "practical": 1},
            difficulties=("standard", "hard"),
        ),
        Part(
            "codes",
            "discussion",
            rubric={"assignment": 2, "gradient": 2, "remedies": 2},
            mistakes={"sparse": 3, "soft": 1},
        ),
    ),
    version=3,
)
