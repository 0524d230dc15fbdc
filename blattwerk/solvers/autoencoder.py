"""Autoencoders: the sizes and parameters of the layers, what a decoder generates, and the linear one as PCA.

A convolution with kernel k, stride s and padding p takes the side n to floor((n + 2p - k)/s) + 1; its transpose takes m
to (m - 1)s - 2p + k + r with 0 <= r < s (Dumoulin and Visin, arXiv:1603.07285). From c to c' channels, both have
(c k^2 + 1) c' parameters. For W'W = I and centred x with covariance C, E|x - WW'x|^2 = tr C - tr W'CW, and this is at
least the sum of the discarded eigenvalues of C (Baldi and Hornik, Neural Networks 2, 1989; the bound: Ky Fan, 1949).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from fractions import Fraction
from functools import cache, reduce
from itertools import pairwise
from math import prod
from random import Random
from typing import Any

from blattwerk.vocabulary import (
    Answer,
    At,
    Comparison,
    Derivation,
    Env,
    Named,
    Step,
    Sym,
    Term,
    Value,
    all_close,
    called,
    close,
    derive,
    equal,
    exactly,
    holds,
    matrices,
    matrix_term,
    number,
    positive,
    real,
    rightly,
    sqrt,
    summed,
    total,
    vector,
)
from blattwerk.vocabulary.functions import NormalMean, entry, norm, square_root, trace, transposed
from blattwerk.vocabulary.terms import NOWHERE
from blattwerk.vocabulary.writers import QUOTIENT, Writer


@dataclass(frozen=True)
class Convolution:
    """A convolution with a square kernel."""

    channels: int
    """Of its output."""
    kernel: int
    stride: int
    padding: int
    """Sides of the kernel, steps, and zeros at each edge, in pixels."""


@dataclass(frozen=True)
class Network:
    """An encoder; the decoder mirrors it."""

    channels: int
    """Of the image; the number of inputs where there are no convolutions."""
    side: int
    """Of the square image, in pixels; 1 where there are no convolutions."""
    convolutions: tuple[Convolution, ...]
    hidden: tuple[int, ...]
    """Widths of the fully connected layers between the convolutions and the code."""
    code: int
    """d, the number of code units."""

    @property
    def windows(self) -> tuple[Convolution | None, ...]:
        """For each layer the convolution that it is, or that it transposes; None for a fully connected layer."""
        return (*self.convolutions, *[None] * 2 * (len(self.hidden) + 1), *reversed(self.convolutions))


@dataclass(frozen=True)
class Line:
    """Data x = t u with t ~ N(0, variance), and the two autoencoders with the decoders g_1 and g_2.

    The encoders invert the decoders on the line: f(x) = u'x / (a |u|^2) + b.
    """

    direction: tuple[int, ...]
    """u, of the dimension of the data, without 0."""
    variance: int
    """Of t."""
    scales: tuple[Fraction, Fraction]
    """a_1 and a_2, positive, in g_1(z) = a_1 z u and g_2(z) = a_2 (z - b) u."""
    shift: int
    """b."""


@dataclass(frozen=True)
class Tied:
    """A linear autoencoder x -> WW'x with tied weights: the covariance of its data, and W = weights / denominator."""

    covariance: tuple[tuple[int, ...], ...]
    """C, 4 x 4."""
    eigenvectors: tuple[tuple[int, ...], ...]
    """4 x 4: eigenvectors of C as columns, in any order, all of one length."""
    weights: tuple[tuple[int, ...], ...]
    """4 x 2."""
    denominator: int
    """Makes the columns of W orthonormal, W'W = I."""


@dataclass(frozen=True)
class Params:
    """A network, data on a line, and a linear autoencoder; none depends on another."""

    network: Network
    line: Line
    tied: Tied | None
    """In a hard exercise only."""


@dataclass(frozen=True)
class Layer:
    """A layer of the encoder or the decoder."""

    kind: str
    """convolution, linear or transposed."""
    inputs: int
    outputs: int
    """Channels, or features of a linear layer."""
    side: int
    """Of its output, in pixels; 1 for a vector."""
    output_padding: int
    """r, 0 for all but transposed convolutions."""
    parameters: int
    """Weights and biases."""


@dataclass(frozen=True)
class Samples:
    """Moments of the data on the line, and of what the decoders make of z ~ N(0, 1)."""

    data: Fraction
    """E|x|^2."""
    first: Fraction
    """E|g_1(z)|^2."""
    second: Fraction
    """E|g_2(z)|^2."""
    code_variance: Fraction
    """Var f_2(x)."""


@dataclass(frozen=True)
class Linear:
    """What follows from the tied weights."""

    eigenvalues: tuple[Fraction, ...]
    """Of C, in the order of the eigenvectors."""
    error: Fraction
    """The least E|x - WW'x|^2 for two code units."""
    captured: tuple[tuple[Fraction, ...], ...]
    """W'CW, 2 x 2."""


@dataclass(frozen=True)
class Solution:
    """The sizes of the network, and what follows from the line and from the tied weights."""

    layers: tuple[Layer, ...]
    """From the image to its reconstruction."""
    encoder: int
    decoder: int
    total: int
    connected: int
    """Numbers of parameters: of the encoder, the decoder, both, and all fully connected layers."""
    inputs: int
    """D, the numbers that an image consists of."""
    compression: Fraction
    """D/d."""
    widest: int
    """The size of the largest output of an encoder's layer."""
    samples: Samples
    linear: Linear | None


def solve(params: Params, step: Step = rightly) -> Solution:
    """Everything that the parts ask for."""
    net, right = params.network, _layers(params.network)
    layers = step(
        "layers",
        lambda: right,
        bias=lambda: tuple(replace(layer, parameters=layer.parameters - layer.outputs) for layer in right),
        inputs=lambda: _counted_wrongly(net, right),
    )
    half, inputs = len(layers) // 2, net.channels * net.side**2
    encoder = step("encoder", lambda: sum(layer.parameters for layer in layers[:half]))
    decoder = step("decoder", lambda: sum(layer.parameters for layer in layers[half:]))
    return Solution(
        layers,
        encoder,
        decoder,
        step("total", lambda: encoder + decoder),
        connected=sum(layer.parameters for layer in layers if layer.kind == "linear"),
        inputs=inputs,
        compression=step("compression", lambda: Fraction(inputs, net.code)),
        widest=max(layer.outputs * layer.side**2 for layer in layers[:half]),
        samples=_samples(params.line),
        linear=_linear(params.tied) if params.tied else None,
    )


def _counted_wrongly(net: Network, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """A usual mistake: k^2 weights for a filter, whatever its inputs; without convolutions, a layer's units."""
    if not net.convolutions:
        return tuple(replace(layer, parameters=layer.outputs) for layer in layers)
    filters = (
        (conv.kernel**2 + 1 if conv else layer.inputs + 1) for layer, conv in zip(layers, net.windows, strict=True)
    )
    return tuple(replace(layer, parameters=n * layer.outputs) for layer, n in zip(layers, filters, strict=True))


def _layers(net: Network) -> tuple[Layer, ...]:
    """Convolutions, fully connected layers down and up, transposed convolutions in mirror order."""
    side, channels, down, up = net.side, net.channels, [], []
    for conv in net.convolutions:
        strides, rest = divmod(side + 2 * conv.padding - conv.kernel, conv.stride)
        area, after = conv.kernel**2, conv.channels
        down.append(Layer("convolution", channels, after, strides + 1, 0, (channels * area + 1) * after))
        up.append(Layer("transposed", after, channels, side, rest, (after * area + 1) * channels))
        side, channels = strides + 1, after
    widths = (channels * side**2, *net.hidden, net.code)
    connected = (*pairwise(widths), *pairwise(reversed(widths)))
    return (*down, *(Layer("linear", n, m, 1, 0, (n + 1) * m) for n, m in connected), *reversed(up))


def _samples(line: Line) -> Samples:
    length = Fraction(sum(u * u for u in line.direction))
    first, second = (a**2 * length for a in line.scales)
    return Samples(line.variance * length, first, second * (1 + line.shift**2), line.variance / line.scales[1] ** 2)


def _linear(tied: Tied) -> Linear:
    C, W = matrices.matrix(tied.covariance), _weights(tied)
    V = matrices.matrix(tied.eigenvectors)
    stretched, square, captured = (_form(A, X) for A, X in ((C, V), (matrices.identity(4), V), (C, W)))
    values = tuple(stretched[i][i] / square[i][i] for i in range(4))
    return Linear(values, sum(sorted(values)[:-2], Fraction(0)), captured)


def _form(A: matrices.Matrix, X: matrices.Matrix) -> matrices.Matrix:
    """X'AX."""
    return matrices.multiply(matrices.transpose(X), matrices.multiply(A, X))


def _weights(tied: Tied) -> matrices.Matrix:
    return matrices.scale(Fraction(1, tied.denominator), matrices.matrix(tied.weights))


SYMBOLS = {
    "encoder": "P_f",
    "decoder": "P_g",
    "total": "P",
    "data": "\\mathbb{E}\\|x\\|^2",
    "first": "\\mathbb{E}\\|g_1(z)\\|^2",
    "second": "\\mathbb{E}\\|g_2(z)\\|^2",
    "code_variance": "\\operatorname{Var}(f_2(x))",
    "error": "\\min_W\\,\\mathbb{E}\\|x - WW^\\top x\\|^2",
}


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """D/d, parameters and (hard) output paddings, the moments of the samples, and (hard) the linear autoencoder."""

    def listed(part: str, source: Any, *names: str) -> list[Answer]:
        return [Answer(name, part, number(getattr(source, name)), symbol=SYMBOLS[name]) for name in names]

    found = [Answer("compression", "structure", number(solution.compression), 2, symbol="\\frac{D}{d}")]
    found += listed("shapes", solution, "encoder", "decoder", "total")
    found += listed("generative", solution.samples, "data", "first", "second", "code_variance")
    if linear := solution.linear:
        paddings = [layer.output_padding for layer in solution.layers if layer.kind == "transposed"]
        found += [
            Answer("output_padding", "shapes", matrix_term([paddings]), symbol="p_{\\text{out}}"),
            Answer(
                "eigenvalues", "linear", matrix_term([linear.eigenvalues]), symbol="(\\mu_1, \\mu_2, \\mu_3, \\mu_4)"
            ),
            *listed("linear", linear, "error"),
            Answer("captured", "linear", matrix_term(linear.captured), symbol="W_0^{\\top}CW_0"),
        ]
    return tuple(found)


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The chains of all parts; those of the sides are numbered like the layers."""
    chains = (
        _counts(params.network, solution) | _sides(params, solution.layers) | _moments(params.line, solution.samples)
    )
    chains |= {**_restored(), **_example(), "input_size": _input_size(params.network, solution)}
    if params.network.convolutions:
        chains |= _compression(params.network, solution)
    if params.tied and solution.linear:
        chains |= {**_least_error(), **_linear_relations(), **_tied_instance(params.tied, solution.linear)}
    return chains


def _counts(net: Network, solution: Solution) -> dict[str, Derivation]:
    """The parameters of encoder, decoder and network."""
    layers, windows, half = solution.layers, net.windows, len(solution.layers) // 2
    whole = derive(called("P", Fraction(_entries(layers, windows))))
    return {
        "encoder": _count("P_f", layers[:half], windows[:half]),
        "decoder": _count("P_g", layers[half:], windows[half:]),
        "total": whole.eq(number(solution.encoder) + solution.decoder).eq(solution.total),
    }


def _count(printed: str, layers: tuple[Layer, ...], windows: tuple[Convolution | None, ...]) -> Derivation:
    """The parameters of some layers: first as formulas, then as numbers."""
    formulas = []
    for layer, conv in zip(layers, windows, strict=True):
        into = number(layer.inputs) * number(conv.kernel) ** 2 if conv else number(layer.inputs)
        formulas.append((into + 1) * number(layer.outputs))
    chain = derive(called(printed, Fraction(_entries(layers, windows)))).eq(total(formulas))
    return chain.eq(total(layer.parameters for layer in layers)).eq(sum(layer.parameters for layer in layers))


def _entries(layers: tuple[Layer, ...], windows: tuple[Convolution | None, ...]) -> int:
    """How many entries the bias and weight arrays have."""
    shapes: list[tuple[int, ...]] = [(layer.outputs,) for layer in layers]
    for layer, conv in zip(layers, windows, strict=True):
        shapes.append((layer.outputs, layer.inputs, *((conv.kernel, conv.kernel) if conv else ())))
    return sum(map(prod, shapes))


@dataclass(frozen=True)
class Floor(Term):
    """The largest whole number that is not above a rational term."""

    inner: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return Fraction(self.inner.value(env) // 1)

    def write(self, w: Writer) -> str:
        body = self.inner.write(w)
        return f"\\left\\lfloor {body}\\right\\rfloor" if w.quotient_level == QUOTIENT else f"floor({body})"


def _sides(params: Params, layers: tuple[Layer, ...]) -> dict[str, Derivation]:
    """The side after each convolution; for its transpose the side, or (hard) the output padding that leads to it."""
    chains, before = {}, params.network.side
    for index, (layer, conv) in enumerate(zip(layers, params.network.windows, strict=True), 1):
        if conv is None:
            continue
        k, s, p, given = map(number, (conv.kernel, conv.stride, conv.padding, before))
        if layer.kind == "convolution":
            chain = derive(called(f"n_{{{index}}}", Fraction(_fitting_windows(conv, before))))
            chain = chain.eq(Floor((given + 2 * p - k) / s) + 1).eq(layer.side)
        elif params.tied:
            chain = derive(called(f"r_{{{index}}}", Fraction(_preimages(conv, before).index(layer.side))))
            chain = chain.eq(layer.side - ((given - 1) * s - 2 * p + k)).eq(layer.output_padding)
        else:
            chain = derive(called(f"n_{{{index}}}", Fraction(_preimages(conv, before)[layer.output_padding])))
            chain = chain.eq((given - 1) * s - 2 * p + k + layer.output_padding).eq(layer.side)
        chains[f"side_{index}"], before = chain, layer.side
    return chains


def _compression(net: Network, solution: Solution) -> dict[str, Derivation]:
    """D/d from the image, and the length of the flattened feature maps."""
    last, flattened = solution.layers[len(net.convolutions) - 1], solution.layers[len(net.convolutions)].inputs
    return {
        "compression": derive(called("\\frac{D}{d}", solution.compression))
        .eq(number(net.channels) * number(net.side) ** 2 / number(net.code))
        .eq(number(solution.compression)),
        "flattened": derive(called("N", Fraction(flattened)))
        .eq(number(last.outputs) * number(last.side) ** 2)
        .eq(flattened),
    }


def _input_size(net: Network, solution: Solution) -> Derivation:
    """D, counted pixel by pixel."""
    chain = derive(called("D", Fraction(len([0 for _ in range(net.channels) for _ in range(net.side**2)]))))
    if net.convolutions:
        chain = chain.eq(number(net.channels) * number(net.side) ** 2)
    return chain.eq(solution.inputs)


def _fitting_windows(conv: Convolution, side: int) -> int:
    """How many windows fit on a padded row, counted one by one."""
    return len(range(-conv.padding, side + conv.padding - conv.kernel + 1, conv.stride))


def _preimages(conv: Convolution, side: int) -> list[int]:
    """The sides that the convolution takes to `side`, ascending: those of its transpose for r = 0, 1, ..., s - 1."""
    return [n for n in range(1, (side + 1) * conv.stride + conv.kernel) if _fitting_windows(conv, n) == side]


@cache
def _restored() -> Mapping[str, Derivation]:
    """f(t u) = t/a + b and g(f(t u)) = t u, for all a, b and u."""
    t, a, b, u = Sym("t"), Sym("a"), Sym("b"), Sym("u")
    domain = {"t": real, "a": positive, "b": real, "u": lambda random: matrices.column(map(positive, [random] * 3))}

    def code(env: Env) -> Value:
        inner, square = (sum(factor * x * x for (x,) in env["u"]) for factor in (env["t"], 1))
        return inner / (env["a"] * square) + env["b"]

    def decoded(env: Env) -> Value:
        return tuple((env["a"] * (code(env) - env["b"]) * x,) for (x,) in env["u"])

    return {
        "code": derive(Named("f(tu)", "f(t*u)", code), **domain).eq(t / a + b),
        "restored": derive(Named("g(f(tu))", "g(f(t*u))", decoded), **domain).eq(a * ((t / a + b) - b) * u).eq(t * u),
    }


@cache
def _example() -> Mapping[str, Derivation]:
    """Both autoencoders of the example: how the second one comes from the first, and the moments of their codes."""
    t, a_2, b, y = Sym("t"), Sym("a_2"), Sym("b"), Sym("y")

    def code(env: Env, scale: str, shift: Value) -> Value:
        inner, square = (sum(u * v for u, v in zip(env["u"], env[name], strict=True)) for name in ("x", "u"))
        return inner / (env[scale] * square) + shift

    def on_line(env: Env) -> Env:
        return {**env, "x": [env["t"] * u for u in env["u"]]}

    first = Named("T(f_1(x))", "T(f_1(x))", lambda e: e["a_1"] / e["a_2"] * code(e, "a_1", Fraction(0)) + e["b"])
    second = Named("f_2(x)", "f_2(x)", lambda e: code(e, "a_2", e["b"]))
    coded = Named("f_2(tu)", "f_2(t*u)", lambda e: code(on_line(e), "a_2", e["b"]))
    around = Named("\\mathbb{E}[(z-b)^2]", "E[(z-b)**2]", NormalMean((y - b) ** 2, y, number(0), number(1), "").value)
    domain = {"x": vector(real, 3), "u": vector(positive, 3), "a_1": positive, "a_2": positive, "b": real, "t": real}
    return {
        "transported": derive(first, **domain).eq(second),
        "second_code": derive(coded, **domain).eq(t / a_2 + b),
        "around_b": derive(around, b=real).eq(1 + b**2),
    }


def _moments(line: Line, samples: Samples) -> dict[str, Derivation]:
    """The mean squared lengths of data and samples, the variance of the second code, and its way back."""
    y, (first, second), b = Sym("y"), map(number, line.scales), number(line.shift)
    variance, code_variance = number(line.variance), number(samples.code_variance)
    length = total(number(x) ** 2 for x in line.direction)

    def mean(printed: str, body: Term, centre: int, spread: Term) -> Derivation:
        """A chain that begins with E[body], y ~ N(centre, spread), by quadrature."""
        return derive(called(printed, NormalMean(body, y, number(centre), sqrt(spread), "").value()))

    def squares(factor: Term) -> Term:
        return total((factor * x) ** 2 for x in line.direction)

    code = total(x * (y * x) for x in line.direction) / (second * length)
    data, g1, g2 = ("\\mathbb{E}\\|" + name + "\\|^2" for name in ("x", "g_1(z)", "g_2(z)"))
    return {
        "mean_t": mean("\\mathbb{E}[t^2]", y**2, 0, variance).eq(line.variance),
        "mean_z": mean("\\mathbb{E}[z^2]", y**2, 0, number(1)).eq(1),
        "data": mean(data, squares(y), 0, variance).eq(variance * length).eq(samples.data),
        "first": mean(g1, squares(first * y), 0, number(1)).eq(first**2 * length).eq(samples.first),
        "second": mean(g2, squares(second * (y - b)), 0, number(1))
        .eq(second**2 * (1 + b**2) * length)
        .eq(samples.second),
        "code_variance": mean("\\operatorname{Var}(f_2(x))", code**2, 0, variance)
        .eq(variance / second**2)
        .eq(code_variance),
        "repaired": mean("\\operatorname{Var}(a_2(z-b))", (second * (y - b)) ** 2, line.shift, code_variance)
        .eq(second**2 * code_variance)
        .eq(variance),
    }


ERROR = "\\mathbb{E}\\|x-WW^{\\top}x\\|^2"


def _error(values: Iterable[Fraction], axes: matrices.Matrix, W: matrices.Matrix) -> Value:
    """E|x - WW'x|^2 = sum_i values_i |q_i - WW'q_i|^2 for orthonormal eigenvectors q_i, the columns of `axes`."""
    coded = matrices.multiply(W, matrices.multiply(matrices.transpose(W), axes))
    rest = matrices.subtract(axes, coded)
    return sum(value * sum(x * x for x in q) for value, q in zip(values, zip(*rest, strict=True), strict=True))


@dataclass(frozen=True)
class Column(Term):
    """A column of a matrix, by its number (counted from 1)."""

    name: str
    index: Term
    printed: str

    def value(self, env: Env = NOWHERE) -> Value:
        return tuple((row[int(self.index.value(env)) - 1],) for row in env[self.name])

    def write(self, w: Writer) -> str:
        index = self.index.write(w)
        return w.symbol(f"{self.printed}_{{{index}}}", f"{self.name}[{index}]")


def _orthogonal(random: Random) -> matrices.Matrix:
    """A random rational orthogonal 4 x 4 matrix: a product of two reflections I - 2vv'/|v|^2."""
    result = matrices.identity(4)
    for _ in range(2):
        v = matrices.column((1, *(random.randint(-2, 2) for _ in range(3))))
        mirror = matrices.scale(Fraction(-2) / sum(x * x for (x,) in v), matrices.multiply(v, matrices.transpose(v)))
        result = matrices.multiply(result, matrices.add(matrices.identity(4), mirror))
    return result


@cache
def _least_error() -> Mapping[str, Derivation]:
    """For all 4 x 2 matrices with W'W = I: the error as a trace, the trace by eigenvectors, and the trace's bound."""
    W, i, d, D = Sym("W"), Sym("i"), Sym("d"), Sym("D")
    value, last, share = At("values", i, "\\lambda"), At("values", d, "\\lambda"), At("p", i)

    def covariance(env: Env) -> Value:
        Q = env["Q"]
        return matrices.multiply(matrices.multiply(Q, matrices.diagonal(env["values"])), matrices.transpose(Q))

    C, one = Named("C", "C", covariance), Named("I", "I", lambda env: matrices.identity(4))
    rest, captured = one - W * transposed(W), transposed(W) * C * W
    error = Named(ERROR, "error", lambda env: _error(env["values"], env["Q"], env["W"]))
    domain = {
        "W": lambda random: tuple(row[:2] for row in _orthogonal(random)),
        "Q": _orthogonal,
        "values": lambda random: tuple(sorted(vector(positive, 4)(random), reverse=True)),
        "p": lambda random: tuple(x * x + y * y for x, y, *_ in _orthogonal(random)),
        "d": exactly(Fraction(2)),
        "D": exactly(Fraction(4)),
    }
    return {
        "trace": derive(error, **domain)
        .eq(trace(rest * C * rest), "covariance")
        .eq(trace(C) - 2 * trace(captured) + trace(captured * transposed(W) * W), "cyclic")
        .eq(trace(C) - trace(captured), "orthonormal"),
        "spectral": derive(trace(captured), **domain).eq(
            summed("i", 1, D, value * norm(transposed(W) * Column("Q", i, "q")) ** 2), "spectral"
        ),
        "bound": derive(summed("i", 1, d, value) - summed("i", 1, D, value * share), **domain)
        .eq(summed("i", 1, d, value * (1 - share)) - summed("i", d + 1, D, value * share))
        .then(">=", last * summed("i", 1, d, 1 - share) - last * summed("i", d + 1, D, share), "order")
        .eq(last * (d - summed("i", 1, D, share)))
        .eq(0, "shares"),
    }


@cache
def _linear_relations() -> Mapping[str, Derivation]:
    """Single relations of the proof about the linear autoencoder."""
    W, A, B, M, R = (Sym(name) for name in "WABMR")
    d, D, x = Sym("d"), Sym("D"), Named("x", "x", lambda env: matrices.column(env["x"]))
    q, share = Column("Q", number(1), "q"), At("p", Sym("i"))
    captured = transposed(W) * Named("C", "C", _covariance) * W
    bare_q = Named("q", "q", q.value)
    second_moment = Named("C", "C", lambda env: _mean(env["X"], lambda v: _outer(v, v)))

    def mapped(env: Env, v: matrices.Matrix) -> matrices.Matrix:
        return matrices.multiply(env["M"], v)

    squared = Named(
        "\\mathbb{E}\\|Mx\\|^2",
        "E|Mx|**2",
        lambda env: sum(sum(y * y for (y,) in mapped(env, v)) for v in env["X"]) / Fraction(len(env["X"])),
    )
    traces = Named(
        "\\mathbb{E}\\operatorname{tr}(Mxx^\\top M^\\top)",
        "E tr(Mxx'M')",
        lambda env: matrices.trace(_mean(env["X"], lambda v: _outer(mapped(env, v), mapped(env, v)))),
    )
    p_i = Named("p_i", "p[i]", lambda env: norm(transposed(W) * q).value(env) ** 2)
    narrow = {"W": lambda random: tuple(row[:2] for row in _orthogonal(random))}
    square, any_vector = vector(vector(real, 4), 4), vector(real, 4)
    sizes = {"d": exactly(Fraction(2)), "D": exactly(Fraction(4))}
    spectrum = {"Q": _orthogonal, "values": lambda random: tuple(sorted(vector(positive, 4)(random), reverse=True))}
    spanned = Named("W", "W", lambda env: matrices.multiply(env["U"], env["R"]))
    U, wide = Sym("U"), {"W": vector(vector(real, 2), 4), "R": _turn}
    w_1, w_2 = Named("w_1", "w_1", q.value), Named("w_2", "w_2", _askew)
    C, mu = Named("C", "C", _covariance), Named("\\mu", "mu", lambda env: env["values"][0])
    largest = summed("i", 1, d, At("values", Sym("i"), "\\lambda"))
    return {
        "mean_square": derive(squared, M=square, X=_data).eq(traces).eq(trace(M * second_moment * transposed(M))),
        "commuted": derive(trace(A * B), A=vector(vector(real, 2), 4), B=vector(vector(real, 4), 2)).eq(trace(B * A)),
        "projected": derive(trace(transposed(W) * bare_q * transposed(bare_q) * W), **narrow, Q=_orthogonal).eq(
            norm(transposed(W) * bare_q) ** 2
        ),
        "share": derive(number(0), **narrow, Q=_orthogonal).then("<=", p_i).then("<=", 1),
        "width": derive(trace(transposed(W) * W), **narrow, **sizes).eq(d),
        "shares": derive(summed("i", 1, D, share), p=_shares, **sizes).eq(d),
        "at_most": derive(trace(captured), **narrow, **spectrum, **sizes).then("<=", largest),
        "closest": derive(
            norm(x - spanned * transposed(spanned) * x), U=narrow["W"], R=vector(vector(real, 2), 2), x=any_vector
        ).then(">=", norm(x - U * transposed(U) * x)),
        "no_eigenvector": derive(entry(transposed(w_1) * C * w_2), **spectrum)
        .eq(mu * entry(transposed(w_1) * w_2))
        .eq(0),
        "turned": derive(W * R * transposed(W * R), **wide)
        .eq(W * R * transposed(R) * transposed(W))
        .eq(W * transposed(W)),
    }


def _covariance(env: Env) -> matrices.Matrix:
    """Q diag(values) Q'."""
    return matrices.multiply(
        matrices.multiply(env["Q"], matrices.diagonal(env["values"])), matrices.transpose(env["Q"])
    )


def _outer(a: matrices.Matrix, b: matrices.Matrix) -> matrices.Matrix:
    return matrices.multiply(a, matrices.transpose(b))


def _mean(data: Sequence[Any], of: Callable[[Any], matrices.Matrix]) -> matrices.Matrix:
    """The mean of matrices over the data."""
    return matrices.scale(Fraction(1, len(data)), reduce(matrices.add, map(of, data)))


def _data(random: Random) -> tuple[matrices.Matrix, ...]:
    """A domain: five vectors with four entries."""
    return tuple(matrices.column(vector(real, 4)(random)) for _ in range(5))


def _shares(random: Random) -> tuple[Fraction, ...]:
    """A domain: |W'q_i|^2 for orthonormal columns of W, and q_i the unit vectors."""
    return tuple(x * x + y * y for x, y, *_ in _orthogonal(random))


def _turn(random: Random) -> matrices.Matrix:
    """A domain: orthogonal 2 x 2 matrices."""
    m, n = random.randint(1, 5), random.randint(1, 5)
    c, s = Fraction(m * m - n * n, m * m + n * n), Fraction(2 * m * n, m * m + n * n)
    return ((c, -s), (s, c))


def _askew(env: Env) -> matrices.Matrix:
    """A unit vector that is orthogonal to q_1 and between q_2 and q_3."""
    return tuple((Fraction(3, 5) * row[1] + Fraction(4, 5) * row[2],) for row in env["Q"])


def _tied_instance(tied: Tied, linear: Linear) -> dict[str, Derivation]:
    """The eigenvalues, the least error, W'W, W'CW and the error of W for the given numbers."""
    C, V, w = map(matrix_term, (tied.covariance, tied.eigenvectors, tied.weights))
    W, one, ordered = _weights(tied), Fraction(1, tied.denominator), sorted(linear.eigenvalues, reverse=True)
    axes = matrices.scale(1 / square_root(sum(row[0] ** 2 for row in tied.eigenvectors)), V.value())
    image, variance = matrices.multiply(C.value(), w.value()), matrices.trace(C.value())
    error = _error(linear.eigenvalues, axes, W)
    kept, left = (called(f"\\lambda_{{{name}}}", ordered[k]) for name, k in (("d", 1), ("d+1", 2)))
    return {
        "gap": derive(kept).then(">", left),
        "eigenvectors": derive(C * V)
        .eq(matrix_term(matrices.multiply(C.value(), V.value())))
        .eq(V * matrix_term(matrices.diagonal(linear.eigenvalues))),
        "least": derive(called("\\lambda_3+\\lambda_4", variance - ordered[0] - ordered[1]))
        .eq(number(ordered[2]) + ordered[3])
        .eq(linear.error),
        "gram": derive(called("W_0^{\\top}W_0", _form(matrices.identity(4), W)))
        .eq(one**2 * transposed(w) * w)
        .eq(matrix_term(matrices.identity(2))),
        "image": derive(called("CW_0", matrices.scale(one, image))).eq(one * C * w).eq(one * matrix_term(image)),
        "captured": derive(called("W_0^{\\top}CW_0", _form(C.value(), W)))
        .eq(one**2 * transposed(w) * matrix_term(image))
        .eq(matrix_term(linear.captured)),
        "error": derive(called(ERROR.replace("W", "W_0"), error))
        .eq(total(tied.covariance[i][i] for i in range(4)) - total(linear.captured[i][i] for i in range(2)))
        .eq(number(variance) - matrices.trace(linear.captured))
        .eq(linear.error),
    }


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of this network, these moments and these weights."""
    net, layers, samples = params.network, solution.layers, solution.samples
    sizes = [layer.outputs * layer.side**2 for layer in layers]
    found = {
        "undercomplete": net.code < solution.inputs,
        "bottleneck": all(net.code < size for k, size in enumerate(sizes, 1) if k != len(layers) // 2),
        "three_values": len({samples.data, samples.first, samples.second}) == 3,
    }
    if solution.widest > solution.inputs:
        found["wider"] = max(sizes[: len(layers) // 2]) > solution.inputs
    if net.convolutions:
        found["mirrored"] = (layers[-1].outputs, layers[-1].side) == (net.channels, net.side)
    return found | (_of_plane(params.tied, solution.linear) if params.tied and solution.linear else {})


def _of_plane(tied: Tied, linear: Linear) -> dict[str, bool]:
    """What is said of C and W_0."""
    least, *_, last = sorted(linear.eigenvalues)
    (a, b), (c, d) = linear.captured
    return {
        "least_reached": sum(tied.covariance[i][i] for i in range(4)) - a - d == linear.error,
        "no_axes": b != 0 and c != 0,
        "positive": 0 < least <= last,
    }


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the network built of torch modules, its parameters counted and its forward pass run."""
    import torch
    from torch import nn

    net, found, sizes = params.network, [], []

    def run(kind: str, module: nn.Module, x: torch.Tensor, padding: int = 0) -> torch.Tensor:
        y: torch.Tensor = module.double()(x)  # single precision compiles a kernel for every new shape
        side = y.shape[2] if y.dim() > 2 else 1
        found.append((kind, x.shape[1], y.shape[1], side, padding, sum(p.numel() for p in module.parameters())))
        sizes.append(y.numel())
        return y

    with torch.random.fork_rng(devices=[]), torch.no_grad():
        image = x = torch.zeros(1, net.channels, net.side, net.side, dtype=torch.float64)
        shapes = []
        for conv in net.convolutions:
            shapes.append(x.shape)
            x = run("convolution", nn.Conv2d(x.shape[1], conv.channels, conv.kernel, conv.stride, conv.padding), x)
        folded, x = x.shape, x.flatten(1)
        for width in (*net.hidden, net.code, *reversed(net.hidden), x.shape[1]):
            x = run("linear", nn.Linear(x.shape[1], width), x)
        x = x.reshape(folded)
        for conv, shape in zip(reversed(net.convolutions), reversed(shapes), strict=True):
            for padding in range(conv.stride):  # the one that brings the side back
                transpose = nn.ConvTranspose2d(x.shape[1], shape[1], conv.kernel, conv.stride, conv.padding, padding)
                if transpose.double()(x).shape == shape:
                    x = run("transposed", transpose, x, padding)
                    break
    half = len(found) // 2
    yield equal("layers", tuple(map(astuple, solution.layers)), tuple(found))
    yield holds("restored", x.shape == image.shape)
    yield equal(
        "output_padding", tuple(layer.output_padding for layer in solution.layers), tuple(row[4] for row in found)
    )
    yield from _compared(solution, [row[5] for row in found], [row[5] for row in found if row[0] == "linear"])
    yield equal("compression", solution.compression, Fraction(image.numel(), sizes[half - 1]))
    yield equal("inputs", solution.inputs, image.numel())
    yield equal("widest", solution.widest, max(sizes[:half]))


def by_listing(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: windows listed one by one, parameters as the entries of the weight and bias arrays."""
    net, sides = params.network, [params.network.side]
    channels = [net.channels, *(conv.channels for conv in net.convolutions)]
    down, up, paddings = [], [], []
    for conv, (c, after) in zip(net.convolutions, pairwise(channels), strict=True):
        sides.append(_fitting_windows(conv, sides[-1]))
        paddings.append(_preimages(conv, sides[-1]).index(sides[-2]))
        weights = (after, c, conv.kernel, conv.kernel)
        down.append(prod(weights) + after)
        up.append(prod(weights) + c)
    pixels = [c * n * n for c, n in zip(channels, sides, strict=True)]
    widths = [pixels[-1], *net.hidden, net.code]
    connected = [prod(shape) + shape[1] for shape in (*pairwise(widths), *pairwise(reversed(widths)))]
    yield from _compared(solution, [*down, *connected, *reversed(up)], connected)
    found = [layer.output_padding for layer in solution.layers if layer.kind == "transposed"]
    yield equal("output_padding", found, paddings[::-1])
    yield equal("sides", [layer.side for layer in solution.layers], [*sides[1:], *[1] * len(connected), *sides[-2::-1]])
    yield equal("compression", solution.compression * net.code, pixels[0])
    yield equal("widest", solution.widest, max(pixels[1:] + widths[1:]))


def by_arrays(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the network run on arrays of zeros; its weights are arrays too, and their entries are counted.

    A transposed convolution gets the smallest image whose windows are its input, and as many rows more as are missing.
    """
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    def windows(size: int, conv: Any) -> int:
        return len(sliding_window_view(np.zeros(size + 2 * conv.padding), conv.kernel)[:: conv.stride])

    net, counts, up, paddings = params.network, [], [], []
    x = np.zeros((net.channels, net.side, net.side))
    images = [x]
    for conv in net.convolutions:
        after = windows(x.shape[1], conv)
        weights = np.zeros((conv.channels, len(x), conv.kernel, conv.kernel))
        counts.append(weights.size + len(weights))
        up.append(weights.size + len(x))
        least = next(
            size
            for size in range(max(1, conv.kernel - 2 * conv.padding), x.shape[1] + 1)
            if windows(size, conv) == after
        )
        paddings.append(x.shape[1] - least)
        x = np.zeros((conv.channels, after, after))
        images.append(x)
    units = [np.ones(n) for n in (x.size, *net.hidden, net.code, *reversed(net.hidden), x.size)]
    connected = [np.outer(b, np.append(a, 1)).size for a, b in pairwise(units)]
    yield from _compared(solution, [*counts, *connected, *reversed(up)], connected)
    found = [layer.output_padding for layer in solution.layers if layer.kind == "transposed"]
    yield equal("output_padding", found, paddings[::-1])
    yield equal("compression", solution.compression, Fraction(images[0].size, len(units[len(net.hidden) + 1])))


def _compared(solution: Solution, counts: list[int], connected: list[int]) -> Iterator[Comparison]:
    """The sums of an oracle's parameter counts, layer by layer, against the solver's."""
    half = len(counts) // 2
    yield equal("encoder", solution.encoder, sum(counts[:half]))
    yield equal("decoder", solution.decoder, sum(counts[half:]))
    yield equal("total", solution.total, sum(counts))
    yield equal("connected", solution.connected, sum(connected))


def by_quadrature(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: moments of samples and codes by the trapezoidal rule; the linear autoencoder by eigh."""
    import numpy as np

    u, samples = np.array(params.line.direction, dtype=float)[:, None], solution.samples
    (a, c), b = map(float, params.line.scales), params.line.shift
    z, step = np.linspace(-12, 12, 2401, retstep=True)
    weights = step * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    x = np.sqrt(params.line.variance) * z * u
    code = np.sum(u * x, axis=0) / (c * np.sum(u**2)) + b
    yield close("data", samples.data, np.sum(weights * x**2))
    yield close("first", samples.first, np.sum(weights * (a * z * u) ** 2))
    yield close("second", samples.second, np.sum(weights * (c * (z - b) * u) ** 2))
    yield close("code_variance", samples.code_variance, np.sum(weights * code**2) - np.sum(weights * code) ** 2)
    if params.tied and solution.linear:
        C, V = (np.array(x, dtype=float) for x in (params.tied.covariance, params.tied.eigenvectors))
        W, (values, Q) = np.array(params.tied.weights) / params.tied.denominator, np.linalg.eigh(C)
        shares = (V.T @ Q) ** 2 / np.sum(V**2, axis=0)[:, None]
        yield all_close("eigenvalues", solution.linear.eigenvalues, shares @ values)
        yield close("error", solution.linear.error, values[:2].sum())
        yield all_close("captured", solution.linear.captured, (Q.T @ W).T @ np.diag(values) @ (Q.T @ W))


def by_points(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: exact means over two points with the moments of a code; arrays of eight points with the covariance."""
    import numpy as np

    line, samples = params.line, solution.samples
    u, square = line.direction, sum(x * x for x in line.direction)
    for name, a, b in zip(("first", "second"), line.scales, (0, line.shift), strict=True):
        decoded = [[a * (z - b) * x for x in u] for z in (-1, 1)]
        coded = [sum(x * y for x, y in zip(u, g, strict=True)) / (a * square) + b for g in decoded]
        yield equal(name, 2 * getattr(samples, name), sum(x * x for g in decoded for x in g))
        yield equal("codes restored", coded, [-1, 1])
    c, b = line.scales[1], line.shift
    spread = sum((c * (z - b)) ** 2 for z in (b - 1, b + 1)) / 2
    yield equal("code_variance", spread * samples.code_variance, line.variance)
    yield equal("data", samples.data, sum(line.variance * x * x for x in u))
    if params.tied and solution.linear:
        C, V, w = (np.array(x, dtype=float) for x in astuple(params.tied)[:3])
        root = np.linalg.cholesky(C)
        X, W = 2 * np.hstack((root, -root)), w / params.tied.denominator  # XX'/8 = C

        def loss(W: Any) -> Any:
            return np.square(X - W @ W.T @ X).sum(0).mean()

        ways = 1e-30j * np.eye(W.size).reshape(W.size, *W.shape)  # a step in the complex direction for each weight
        codes = W.T @ X
        yield close("error", solution.linear.error, loss(W))
        yield close("error", solution.linear.error, np.square(np.linalg.svd(X)[1][2:]).sum() / 8)
        yield holds("stationary", max(abs(loss(W + way).imag) for way in ways) < 1e-38)
        yield all_close("eigenvalues", solution.linear.eigenvalues, np.square(V.T @ X).mean(1) / np.square(V).sum(0))
        yield all_close("captured", solution.linear.captured, codes @ codes.T / 8)


oracles = (by_torch, by_listing, by_arrays, by_quadrature, by_points)
