"""Draws for autoencoders: layers whose sizes come out sensible, data on a line, and a covariance with a known basis."""

from fractions import Fraction
from math import isqrt

from blattwerk.solvers import autoencoder as solver
from blattwerk.solvers.autoencoder import Convolution, Line, Network, Params, Tied
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part

# difficulty: image sides, channels after each convolution, (kernel, stride, padding), sides and numbers of code units
CONVOLUTIONAL: dict[
    Difficulty, tuple[range, tuple[tuple[int, ...], ...], tuple[tuple[int, int, int], ...], range, range]
]
CONVOLUTIONAL = {
    "standard": (
        range(16, 41),
        ((4, 5, 6, 7, 8, 9, 10, 12), (8, 10, 12, 14, 15, 16, 18, 20, 24)),
        ((3, 1, 0), (5, 1, 0), (3, 1, 1), (2, 2, 0), (3, 2, 0), (3, 2, 1), (4, 2, 1), (5, 2, 1), (5, 2, 2)),
        range(3, 9),
        range(4, 41),
    ),
    "hard": (
        range(24, 65),
        ((4, 5, 6, 8), (8, 10, 12, 15), (16, 18, 20, 24)),
        ((3, 1, 1), (3, 1, 0), (3, 2, 0), (3, 2, 1), (4, 2, 1), (5, 2, 1), (5, 2, 2), (4, 3, 0), (5, 3, 1), (5, 3, 2)),
        range(2, 6),
        range(6, 41),
    ),
}
# difficulty: length and largest entry of the direction, numerators, denominator of the scales, largest shift, variances
LINES: dict[Difficulty, tuple[int, int, range, int, int, range]] = {
    "easy": (2, 3, range(2, 5), 1, 1, range(2, 13)),
    "standard": (3, 5, range(1, 10), 2, 3, range(2, 21)),
    "hard": (4, 5, range(1, 9), 3, 3, range(2, 31)),
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """A network, data on a line, and at `hard` the linear autoencoder; these do not depend on one another."""
    network = _connected(draws) if difficulty == "easy" else _convolutional(draws, difficulty)
    return Params(network, _line(draws, difficulty), _tied(draws) if difficulty == "hard" else None)


def _connected(draws: Draws) -> Network:
    """Fully connected: inputs, a hidden layer of about half of them or fewer, a code of 2 to 4: few parameters."""
    return Network(
        draws.integer("inputs", 12, 24), 1, (), (draws.integer("hidden", 5, 8),), draws.integer("code", 2, 4)
    )


def _convolutional(draws: Draws, difficulty: Difficulty) -> Network:
    """Convolutions that shrink the image to a few pixels without losing it, with some rows cut off and some not."""
    return draws.first(lambda attempt: _proposed_network(attempt, *CONVOLUTIONAL[difficulty]))


def _proposed_network(
    draws: Draws,
    sides: range,
    channels: tuple[tuple[int, ...], ...],
    windows: tuple[tuple[int, int, int], ...],
    last: range,
    codes: range,
) -> Network | None:
    side, start = draws.choice("side", sides), draws.choice("channels", (1, 3))
    convolutions = tuple(
        Convolution(draws.choice(f"channels[{i}]", options), *draws.choice(f"window[{i}]", windows))
        for i, options in enumerate(channels)
    )
    network = Network(start, side, convolutions, (), draws.choice("code", codes))
    return network if _sensible(network, last) else None


def _sensible(network: Network, last: range) -> bool:
    """Ascending channels; two or more strides above 1; a small last image; rows cut off, but not by all of three."""
    convolutions, side, rests = network.convolutions, network.side, []
    for conv in convolutions:
        strides, rest = divmod(side + 2 * conv.padding - conv.kernel, conv.stride)
        if strides < 0:
            return False
        side = strides + 1
        rests.append(rest)
    channels = [network.channels, *(conv.channels for conv in convolutions)]
    shrinking = sum(conv.stride > 1 for conv in convolutions) >= 2
    small = side in last and convolutions[-1].channels * side**2 <= 800
    cut = 0 < sum(rest > 0 for rest in rests) < 3
    different = len({(conv.kernel, conv.stride, conv.padding) for conv in convolutions}) == len(convolutions)
    return small and channels == sorted(set(channels)) and shrinking and different and cut


def _line(draws: Draws, difficulty: Difficulty) -> Line:
    """Neither autoencoder's samples have the data's mean square, nor one another's."""
    return draws.first(lambda attempt: _proposed_line(attempt, *LINES[difficulty]))


def _proposed_line(
    draws: Draws, length: int, largest: int, numerators: range, denominator: int, shift: int, variances: range
) -> Line | None:
    direction = tuple(draws.sign(f"sign[{i}]") * draws.integer(f"entry[{i}]", 1, largest) for i in range(length))
    numerator_1, numerator_2 = draws.choice("scale_1", numerators), draws.choice("scale_2", numerators)
    scales = Fraction(numerator_1, denominator), Fraction(numerator_2, denominator)
    variance = draws.choice("variance", variances)
    line = Line(direction, variance, scales, draws.sign("shift_sign") * draws.integer("shift", 1, shift))
    squares = {scales[0] ** 2, scales[1] ** 2 * (1 + line.shift**2), Fraction(line.variance)}
    return line if len(squares) == 3 and 1 not in scales and scales[0] != scales[1] else None


def _tied(draws: Draws) -> Tied:
    """C = r I + sum m_i n_i n_i' with orthogonal n_i of the squared length n: eigenvalues r + n m_i, all different.

    The n_i are the columns of left multiplication by a quaternion of integers. W spans n_1 and n_2, those with the
    largest m_i, but its columns are these turned by an angle with cosine 3/5 or 4/5.
    """
    entries = draws.choice("quaternion", ((1, 1, 1, 1), (2, 2, 1, 0)))
    a, b, c, d = (draws.sign(f"turn[{i}]") * x for i, x in enumerate(draws.shuffle("order", entries)))
    basis = [_upright(n) for n in zip((a, -b, -c, -d), (b, a, -d, c), (c, d, a, -b), (d, -c, b, a), strict=True)]
    square = sum(x * x for x in entries)
    multiples = sorted(draws.sample("multiples", range(36 // square + 2), 4), reverse=True)
    rest = draws.integer("rest", 1, square)
    covariance = tuple(
        tuple(rest * (i == j) + sum(m * n[i] * n[j] for m, n in zip(multiples, basis, strict=True)) for j in range(4))
        for i in range(4)
    )
    cosine, sine = draws.choice("angle", ((3, 4), (4, 3), (3, -4), (4, -3)))
    weights = tuple((cosine * x + sine * y, cosine * y - sine * x) for x, y in zip(basis[0], basis[1], strict=True))
    shown = tuple(zip(*draws.shuffle("shown", basis), strict=True))
    return Tied(covariance, shown, weights, 5 * isqrt(square))


def _upright(n: tuple[int, ...]) -> tuple[int, ...]:
    """The vector or its negative: the one whose first entry that is not 0 is positive."""
    return n if next(x for x in n if x) > 0 else tuple(-x for x in n)


EXERCISE = Exercise.of(
    solver,
    draw,
    id="autoencoder",
    title=Localised("Autoencoders and what they can generate", "Autoencoder und was sie erzeugen können"),
    parts=(
        Part(
            "structure",
            "discussion",
            rubric={"pieces": 2, "auto": 1, "undercomplete": 2, "numbers": 1},
            mistakes={"labels": 1, "guarantee": 1},
        ),
        Part(
            "shapes",
            "compute",
            rubric={"sizes": 2, "parameters": 3, "total": 1},
            mistakes={"bias": 1, "inputs": 2},
        ),
        Part(
            "generative",
            "discussion",
            rubric={"meaning": 1, "missing": 2, "lossless": 1, "moments": 2, "variants": 2},
            mistakes={"decoder": 2, "verdict": 3, "variance": 1},
        ),
        Part(
            "linear",
            "proof",
            rubric={"trace": 2, "eigenvalues": 1, "bound": 3, "attained": 2, "rotation": 1},
            mistakes={"axes": 2, "kept": 1, "restricted": 1},
            difficulties=("hard",),
        ),
    ),
    version=2,
)
