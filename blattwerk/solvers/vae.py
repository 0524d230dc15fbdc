"""The loss of a variational autoencoder with normal encoder and prior, and what its two summands do to the encoder.

D(N(mu, diag(s^2)) || N(0, I)) = 1/2 sum_i (s_i^2 + mu_i^2 - 1 - log s_i^2), with the derivatives mu_i and s_i - 1/s_i
(Kingma and Welling, Auto-Encoding Variational Bayes, 2014, appendix B). For a linear decoder w z in one dimension,
E(x - w z)^2 + beta D is minimal at mu = 2 w x/(2 w^2 + beta), s^2 = beta/(2 w^2 + beta). The Bhattacharyya coefficient
of N(m1, s1^2) and N(m2, s2^2) is sqrt(2 s1 s2/(s1^2 + s2^2)) exp(-(m1 - m2)^2/(4 (s1^2 + s2^2))) (Kailath, IEEE
Transactions on Communication Technology 15, 1967). Codes: van den Oord, Vinyals and Kavukcuoglu, 2017.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from math import prod
from random import Random
from typing import Any

import numpy as np

from blattwerk.vocabulary import (
    MP,
    Answer,
    Comparison,
    Derivation,
    Env,
    Localised,
    LogSum,
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
    exp,
    holds,
    log,
    log_of,
    matrix_term,
    number,
    positive,
    rational,
    real,
    rightly,
    sqrt,
    total,
    vector,
)
from blattwerk.vocabulary.figures import Figure, OverlappingDensities
from blattwerk.vocabulary.functions import NormalMean
from blattwerk.vocabulary.slopes import partial_derivative, slope

Vector = tuple[Fraction, ...]
Pair = tuple[Fraction, Fraction]
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Params:
    """The numbers of all parts, each part with its own."""

    mean: Vector
    deviation: Vector
    """mu and s of the encoder's q = N(mu, diag(s^2)) for one input, of the same length; s is positive."""
    weight: Fraction
    """w of the linear decoder, other than 0."""
    observation: Fraction
    """x."""
    beta: Fraction
    """The factor of D in the loss, positive."""
    centres: Pair
    widths: Pair
    """Means and deviations of the two posteriors q_1 and q_2 that overlap."""
    codes: tuple[Vector, ...]
    encodings: tuple[Vector, ...]
    """e_k and y_i, points of the plane."""


@dataclass(frozen=True)
class Solution:
    """The results of all parts."""

    divergence: LogSum
    """D(q||N(0, I)), in nats."""
    gradient: Vector
    """dD/ds_i for all i."""
    mean: Fraction
    """mu*, with which the loss of the linear decoder is minimal."""
    variance: Fraction
    """s*^2, likewise."""
    radicand: Fraction
    exponent: Fraction
    """The overlap of q_1 and q_2 is sqrt(radicand) exp(-exponent)."""
    distances: tuple[Vector, ...]
    """|y_i - e_k|^2, one row for each encoding, one column for each code."""
    assignment: tuple[int, ...]
    """For each encoding its nearest code, counted from 1."""

    @property
    def rising(self) -> tuple[int, ...]:
        """The s_i that a step of gradient descent on D raises, counted from 1."""
        return tuple(i for i, g in enumerate(self.gradient, 1) if g < 0)


def solve(params: Params, step: Step = rightly) -> Solution:
    """The results of all parts."""
    stiffness = 2 * params.weight**2 + params.beta
    (m1, m2), (s1, s2) = params.centres, params.widths
    whole = s1**2 + s2**2
    distances = tuple(tuple(squared_distance(y, e) for e in params.codes) for y in params.encodings)
    return Solution(
        divergence=_divergence(params.mean, params.deviation, step),
        gradient=tuple(s - 1 / s for s in params.deviation),
        mean=2 * params.weight * params.observation / stiffness,
        variance=params.beta / stiffness,
        radicand=2 * s1 * s2 / whole,
        exponent=(m1 - m2) ** 2 / (4 * whole),
        distances=distances,
        assignment=tuple(1 + row.index(min(row)) for row in distances),
    )


def _divergence(mean: Vector, deviation: Vector, step: Step) -> LogSum:
    """1/2 sum_i (s_i^2 + mu_i^2 - 1) - log prod_i s_i."""
    moments = sum((x**2 - HALF for x in mean + deviation), Fraction(0))
    logs = log_of(prod(deviation, start=Fraction(1)))
    return step(
        "divergence",
        lambda: rational(HALF * moments) - logs,
        variance=lambda: (
            rational(HALF * sum(m**2 + s - 1 for m, s in zip(mean, deviation, strict=True))) - logs.times(HALF)
        ),
        sign=lambda: rational(HALF * moments) + logs,
    )


def squared_distance(y: Vector, e: Vector) -> Fraction:
    """|y - e|^2."""
    return sum(((a - b) ** 2 for a, b in zip(y, e, strict=True)), Fraction(0))


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """D, its gradient by s, the optimum for the linear decoder, the overlap, and the codes of the encodings."""
    return (
        Answer("divergence", "kl", solution.divergence.term(), symbol="D(q\\|p)"),
        Answer("gradient", "properties", matrix_term([solution.gradient]), symbol="\\nabla_{\\!s} D"),
        Answer("mean", "tradeoff", number(solution.mean), symbol="\\mu^*"),
        Answer("variance", "tradeoff", number(solution.variance), symbol="(s^*)^2"),
        Answer("overlap", "overlap", _overlap(solution), symbol="B(q_1, q_2)"),
        Answer("assignment", "codes", matrix_term([solution.assignment]), symbol="(k_i)_i"),
    )


def _overlap(solution: Solution) -> Term:
    decay = exp(number(-solution.exponent))
    return decay if solution.radicand == 1 else sqrt(solution.radicand) * decay


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What a step of gradient descent does to the widths: those below 1 are raised, all others are above 1."""
    below = tuple(i for i, s in enumerate(params.deviation, 1) if s < 1)
    return {"towards_one": solution.rising == below and 1 not in params.deviation}


def figures(params: Params, solution: Solution) -> Mapping[str, Figure]:
    """The two posteriors and their overlap."""
    one, two = (f"N({m}, ({s})^2)" for m, s in zip(params.centres, params.widths, strict=True))
    alt = Localised(
        f"The densities q_1 of {one} and q_2 of {two}; the area below sqrt(q_1 q_2) is shaded",
        f"Die Dichten q_1 von {one} und q_2 von {two}; die Fläche unter sqrt(q_1 q_2) ist schattiert",
    )
    return {"overlap": OverlappingDensities(alt, params.centres, params.widths, "z")}


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The derivatives, the optimum and the overlap for all parameters, and the instance."""
    return {
        **_encoder(),
        **_decoder(),
        **_overlaps(),
        **_scores(),
        **_encoder_instance(params, solution),
        **_decoder_instance(params, solution),
        **_codes_instance(params, solution),
    }


# The loss from its definition, for parameters that may be complex, so that `slope` can differentiate it.


def _log_normal(z: Value, mean: Value, deviation: Value) -> Value:
    z, mean, deviation = map(MP.convert, (z, mean, deviation))
    return -(((z - mean) / deviation) ** 2) / 2 - MP.log(deviation * MP.sqrt(2 * MP.pi))


def _mean(body: Term) -> NormalMean:
    """E_q[body] for z ~ N(mu, s^2)."""
    return NormalMean(body, Sym("z"), Sym("mu"), Sym("s"), "q")


def _kl(mean: Value, deviation: Value) -> Value:
    """D(N(mean, deviation^2) || N(0, 1)) by quadrature of the logarithms of both densities."""
    ratio = Named("", "", lambda env: _log_normal(env["z"], mean, deviation) - _log_normal(env["z"], 0, 1))
    return _mean(ratio).value({"mu": mean, "s": deviation})


_ERROR = (Sym("x") - Sym("w") * Sym("z")) ** 2


def _loss(env: Env) -> Value:
    """E(x - w z)^2 + beta D."""
    return _mean(_ERROR).value(env) + MP.convert(env["beta"]) * _kl(env["mu"], env["s"])


def _slope_by(name: str, function: Callable[[Env], Value]) -> Callable[[Env], Value]:
    return lambda env: slope(lambda value: function({**env, name: value}), env[name])


@cache
def _encoder() -> Mapping[str, Derivation]:
    """The derivatives of D by mu_i and s_i: only the i-th summand depends on them."""
    mu, s = Sym("mu", "\\mu_i"), Sym("s", "s_i")

    def by(name: str, printed: str) -> Named:
        return partial_derivative("D", printed, _slope_by(name, lambda env: _kl(env["mu"], env["s"])))

    return {
        "half_log": derive(HALF * log(s**2), s=positive).eq(log(s)),
        "by_mu": derive(by("mu", "\\mu_i"), mu=real, s=positive).eq(HALF * (2 * mu)).eq(mu),
        "by_s": derive(by("s", "s_i"), mu=real, s=positive)
        .eq(HALF * (2 * s - 2 / s))
        .eq(s - 1 / s)
        .eq((s - 1) * (s + 1) / s),
    }


@cache
def _decoder() -> Mapping[str, Derivation]:
    """The loss with a linear decoder, its derivatives in factors, and mu* as a part of x/w."""
    w, x, beta, z, mu, s = Sym("w"), Sym("x"), Sym("beta", "\\beta"), Sym("z"), Sym("mu", "\\mu"), Sym("s")
    domain = {"w": _nonzero, "x": real, "beta": positive, "mu": real, "s": positive}
    stiffness = 2 * w**2 + beta
    error = (x - w * mu) ** 2 + w**2 * s**2
    return {
        "reconstruction": derive(_mean(_ERROR), **domain)
        .eq(_mean(((x - w * mu) - w * (z - mu)) ** 2))
        .eq((x - w * mu) ** 2 - 2 * w * (x - w * mu) * _mean(z - mu) + w**2 * _mean((z - mu) ** 2), "linearity")
        .eq(error, "moments"),
        "loss": derive(Named("L(\\mu, s)", "L(mu, s)", _loss), **domain).eq(
            error + beta / 2 * (s**2 + mu**2 - 1 - log(s**2))
        ),
        "loss_by_mu": derive(partial_derivative("L", "\\mu", _slope_by("mu", _loss)), **domain)
        .eq(-(2 * w * (x - w * mu)) + beta * mu)
        .eq(stiffness * (mu - 2 * w * x / stiffness)),
        "loss_by_s": derive(partial_derivative("L", "s", _slope_by("s", _loss)), **domain)
        .eq(2 * w**2 * s + beta * (s - 1 / s))
        .eq(stiffness / s * (s**2 - beta / stiffness)),
        "shrinks": derive(2 * w * x / stiffness, **domain).eq((1 - beta / stiffness) * (x / w)),
        **_optimum(w, x, beta),
    }


def _optimum(w: Sym, x: Sym, beta: Sym) -> Mapping[str, Derivation]:
    """mu* and s*^2 for all parameters, and how fast s*^2 tends to 0 and to 1."""
    domain, stiffness = {"w": _nonzero, "x": real, "beta": positive}, 2 * w**2 + beta
    mean = Named("\\mu^*", "mu*", lambda env: _conditioned(env["w"], env["x"], env["beta"])[0])
    variance = Named("(s^*)^2", "s*^2", lambda env: _conditioned(env["w"], env["x"], env["beta"])[1])
    return {
        "best_mean": derive(mean, **domain).eq(2 * w * x / stiffness),
        "best_variance": derive(variance, **domain).eq(beta / stiffness),
        "small_beta": derive(variance, **domain).eq(beta / stiffness).then("<", beta / (2 * w**2)),
        "large_beta": derive(1 - variance, **domain).eq(2 * w**2 / stiffness).then("<", 2 * w**2 / beta),
    }


def _nonzero(random: Random) -> Fraction:
    """A domain: the real numbers but 0."""
    return random.choice((-1, 1)) * positive(random)


def _density(printed: str, *names: str) -> Named:
    """N(z; m, s^2) for the m and the s of these names."""
    return Named(printed, printed, lambda env: MP.exp(_log_normal(env["z"], *(env[name] for name in names))))


def _overlap_by_quadrature(env: Env) -> Value:
    """The integral of sqrt(q_1 q_2), by the trapezoidal rule with steps of 0.4 of its width; error below 10^-50."""
    m1, s1, m2, s2 = (MP.convert(env[name]) for name in ("m1", "s1", "m2", "s2"))
    middle = (s2**2 * m1 + s1**2 * m2) / (s1**2 + s2**2)
    step = MP.mpf("0.4") * s1 * s2 * MP.sqrt(2 / (s1**2 + s2**2))
    places = (middle + k * step for k in range(-40, 41))
    roots = (MP.exp(-(((z - m1) / s1) ** 2 + ((z - m2) / s2) ** 2) / 4) for z in places)
    return step * sum(roots) / MP.sqrt(2 * MP.pi * s1 * s2)


@cache
def _overlaps() -> Mapping[str, Derivation]:
    """sqrt(q_1 q_2) as a multiple of a density; the overlap of two posteriors at the optimum of the linear decoder."""
    z, m1, s1, m2, s2 = Sym("z"), Sym("m1", "m_1"), Sym("s1", "s_1"), Sym("m2", "m_2"), Sym("s2", "s_2")
    domain = {"z": real, "m1": real, "s1": positive, "m2": real, "s2": positive}
    whole = s1**2 + s2**2
    m = Named("m", "m", ((s2**2 * m1 + s1**2 * m2) / whole).value)
    s = Named("s", "s", (s1 * s2 * sqrt(2 / whole)).value)
    q1, q2 = _density("q_1(z)", "m1", "s1"), _density("q_2(z)", "m2", "s2")
    density = Named(
        "\\mathcal{N}(z; m, s^2)", "N(z)", lambda env: MP.exp(_log_normal(*(t.value(env) for t in (z, m, s))))
    )
    constant = 1 / sqrt(2 * Named("\\pi", "pi", lambda env: MP.pi) * s1 * s2)
    distance = (m1 - m2) ** 2 / (4 * whole)
    overlap = sqrt(2 * s1 * s2 / whole) * exp(-distance)
    w, beta, x1, x2 = Sym("w"), Sym("beta", "\\beta"), Sym("x1", "x_1"), Sym("x2", "x_2")
    stiffness = 2 * w**2 + beta

    def best(place: int, x: str) -> Callable[[Env], Value]:
        return lambda env: _conditioned(env["w"], env[x], env["beta"])[place]

    mu1, mu2 = (Named(f"\\mu^*_{i}", f"mu_{i}", best(0, f"x{i}")) for i in (1, 2))
    variance = Named("(s^*)^2", "s**2", best(1, "x1"))
    return {
        "square": derive((z - m1) ** 2 / s1**2 + (z - m2) ** 2 / s2**2, **domain).eq(
            2 * (z - m) ** 2 / s**2 + (m1 - m2) ** 2 / whole
        ),
        "product": derive(sqrt(q1 * q2), **domain)
        .eq(constant * exp(-((z - m1) ** 2 / (4 * s1**2)) - (z - m2) ** 2 / (4 * s2**2)), "densities")
        .eq(constant * exp(-distance) * exp(-((z - m) ** 2 / (2 * s**2))), "square")
        .eq(overlap * density, "normalised"),
        "coefficient": derive(Named("B(q_1, q_2)", "B", _overlap_by_quadrature), **domain).eq(overlap, "one"),
        "at_optimum": derive(exp(-((mu1 - mu2) ** 2 / (8 * variance))), w=_nonzero, beta=positive, x1=real, x2=real).eq(
            exp(-(w**2 * (x1 - x2) ** 2 / (2 * beta * stiffness)))
        ),
    }


@cache
def _scores() -> Mapping[str, Derivation]:
    """The score function's identity, for four codes with probabilities proportional to exp(a_k t)."""

    def shares(env: Env) -> list[Value]:
        weights = [MP.exp(MP.convert(a) * MP.convert(env["t"])) for a in env["a"]]
        return [weight / sum(weights) for weight in weights]

    def mean(env: Env) -> Value:
        return sum(p * MP.convert(loss) for p, loss in zip(shares(env), env["losses"], strict=True))

    def weighted_scores(env: Env) -> Value:
        shared = list(zip(shares(env), map(MP.convert, env["a"]), map(MP.convert, env["losses"]), strict=True))
        middle = sum(p * a for p, a, _ in shared)
        return sum(p * loss * (a - middle) for p, a, loss in shared)

    left = Named("\\nabla\\,\\mathbb{E}[\\ell_k]", "grad E", _slope_by("t", mean))
    right = Named("\\mathbb{E}[\\ell_k \\nabla\\log\\pi_k]", "E[loss grad log]", weighted_scores)
    return {"score": derive(left, t=real, a=vector(real, 4), losses=vector(real, 4)).eq(right)}


def _integrated(printed: str, value: Callable[[], Value]) -> Named:
    """A quantity of the instance by quadrature, which takes its time and is left to who asks for the value."""
    return Named(printed, printed, lambda _: value())


def _encoder_instance(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """D and its gradient by s."""
    pairs = list(zip(params.mean, params.deviation, strict=True))
    summands = ((HALF * (number(s) ** 2 + number(m) ** 2 - 1), -log(s)) for m, s in pairs)
    return {
        "divergence": derive(_integrated("D(q\\|p)", lambda: sum(_kl(m, s) for m, s in pairs)))
        .eq(total(t for pair in summands for t in pair), "insert")
        .eq(solution.divergence.term())
        .approx(),
        "gradient": derive(_integrated("\\nabla_{s} D", lambda: (tuple(slope(partial(_kl, m), s) for m, s in pairs),)))
        .eq(matrix_term([[number(s) - 1 / s for s in params.deviation]]))
        .eq(matrix_term([solution.gradient])),
    }


def _decoder_instance(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """mu* and s*^2, and the overlap of the two posteriors of the figure."""
    w, x, beta = number(params.weight), number(params.observation), number(params.beta)
    stiffness, (mean, variance) = 2 * w**2 + beta, _bayes(params)
    (m1, m2), (s1, s2) = params.centres, params.widths
    whole = number(s1**2 + s2**2)
    overlap = sqrt(number(2 * s1 * s2) / whole) * exp(-((number(m1) - m2) ** 2 / (4 * whole)))
    env = {"m1": m1, "s1": s1, "m2": m2, "s2": s2}
    return {
        "optimum_mean": derive(called("\\mu^*", mean)).eq(2 * w * x / stiffness).eq(solution.mean),
        "optimum_variance": derive(called("(s^*)^2", variance)).eq(beta / stiffness).eq(solution.variance),
        "overlap": derive(_integrated("B(q_1, q_2)", lambda: _overlap_by_quadrature(env)))
        .eq(overlap, "insert")
        .eq(_overlap(solution))
        .approx(),
    }


def _bayes(params: Params) -> tuple[Fraction, Fraction]:
    return _conditioned(params.weight, params.observation, params.beta)


def _conditioned(w: Fraction, x: Fraction, beta: Fraction) -> tuple[Fraction, Fraction]:
    """Mean and variance of z ~ N(0, 1) given x = w z + N(0, beta/2): -L/beta is its ELBO but for a constant."""
    gain = w / (w**2 + beta / 2)  # covariance of z and x over variance of x
    return gain * x, 1 - gain * w


def _codes_instance(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """All squared distances, and how far y_1 can move at least before another code is nearer."""
    y, k = params.encodings[0], solution.assignment[0]
    first, second, *_ = sorted(solution.distances[0])
    table = tuple(tuple(_expanded(point, e) for e in params.codes) for point in params.encodings)
    near, far, *_ = sorted(MP.sqrt(MP.convert(x)) for x in table[0])
    return {
        "nearest": derive(called(f"\\|y_1 - e_{k}\\|^2", _expanded(y, params.codes[k - 1])))
        .eq(total((number(a) - b) ** 2 for a, b in zip(y, params.codes[k - 1], strict=True)))
        .eq(first),
        "distances": derive(called("\\bigl( \\|y_i - e_k\\|^2 \\bigr)_{i,k}", table)).eq(
            matrix_term(solution.distances)
        ),
        "slack": derive(called("r", (far - near) / 2)).eq(HALF * (sqrt(second) - sqrt(first))).approx(),
    }


def _expanded(y: Vector, e: Vector) -> Fraction:
    """|y|^2 - 2 y'e + |e|^2."""
    return sum((a * a - 2 * a * b + b * b for a, b in zip(y, e, strict=True)), Fraction(0))


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: torch.distributions, and autograd, with expectations by Gauss-Hermite quadrature.

    The overlap is that of the convolution theorem: sqrt(N(m, s^2)) is (8 pi s^2)^(1/4) N(m, 2 s^2).
    """
    import torch
    from torch.distributions import Normal, kl_divergence

    def variable(values: Any) -> Any:
        return torch.tensor(np.array(values, dtype=float), requires_grad=True)

    prior = Normal(*torch.tensor((0.0, 1.0), dtype=torch.float64))
    deviation = variable(params.deviation)
    divergence: Any = kl_divergence(Normal(variable(params.mean), deviation), prior).sum()
    yield close("divergence", solution.divergence, divergence.item())
    divergence.backward()
    yield all_close("gradient", solution.gradient, deviation.grad)

    nodes, weights = (torch.from_numpy(a) for a in np.polynomial.hermite_e.hermegauss(3))
    mu, s2 = variable(solution.mean), variable(solution.variance)
    z = mu + s2.sqrt() * nodes
    error = (weights / weights.sum() * (float(params.observation) - float(params.weight) * z) ** 2).sum()
    (error + float(params.beta) * kl_divergence(Normal(mu, s2.sqrt()), prior)).backward()
    yield holds("mean", abs(mu.grad.item()) < 1e-9, f"dL/dmu = {mu.grad.item()}")
    yield holds("variance", abs(s2.grad.item()) < 1e-9, f"dL/ds^2 = {s2.grad.item()}")

    (m1, m2), widths = variable(params.centres), variable(params.widths)
    density: Any = Normal(m1, (2 * (widths**2).sum()).sqrt())
    factor = (8 * torch.pi * widths**2).prod() ** 0.25
    yield close("overlap", _overlap(solution), (factor * density.log_prob(m2).exp()).item())


def by_quadrature(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the trapezoidal rule for the divergence, its central differences, and the overlap."""
    unit = np.linspace(-12, 12, 401)

    def log_density(z: Any, mean: Any, deviation: Any) -> Any:
        return -(((z - mean) / deviation) ** 2) / 2 - np.log(deviation * np.sqrt(2 * np.pi))

    def divergence(mean: Any, deviation: Any) -> Any:
        z = mean + deviation * unit[:, None]
        own = log_density(z, mean, deviation)
        return np.trapezoid(np.exp(own) * (own - log_density(z, 0, 1)), z, axis=0)

    m, s = np.array(params.mean, dtype=float), np.array(params.deviation, dtype=float)
    yield close("divergence", solution.divergence, divergence(m, s).sum())
    h = 1e-5
    yield all_close("gradient", solution.gradient, (divergence(m, s + h) - divergence(m, s - h)) / (2 * h), 1e-7)
    (m1, m2), (s1, s2) = map(float, params.centres), map(float, params.widths)
    z = (m1 + m2) / 2 + (abs(m1 - m2) + max(s1, s2)) * unit
    root = np.exp((log_density(z, m1, s1) + log_density(z, m2, s2)) / 2)
    yield close("overlap", _overlap(solution), np.trapezoid(root, z))


def by_complex_steps(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the Bregman divergence of the log-normaliser; slopes by steps in the complex direction; scipy's density.

    At the optimum, both slopes of E(x - w z)^2 + beta D are 0; the overlap is one value of a convolution.
    """
    from scipy.stats import norm

    def log_normaliser(a: Any, b: Any) -> Any:  # of exp(a z + b z^2)
        return -(a**2) / (4 * b) - np.log(-2 * b) / 2

    def divergence(mean: Any, variance: Any) -> Any:  # from the standard normal distribution, and moments of z, z^2
        moments, a, b = (mean, variance + mean**2), mean / variance, -1 / (2 * variance)
        return log_normaliser(0, -0.5) - log_normaliser(a, b) + a * moments[0] + (b + 0.5) * moments[1]

    step = 1e-30
    m, s = np.array(params.mean, dtype=float), np.array(params.deviation, dtype=float)
    yield close("divergence", solution.divergence, divergence(m, s**2).sum())
    yield all_close("gradient", solution.gradient, divergence(m, (s + 1j * step) ** 2).imag / step)

    x, w, beta = map(float, (params.observation, params.weight, params.beta))

    def loss(mean: Any, variance: Any) -> Any:
        return x**2 - 2 * x * w * mean + w**2 * (mean**2 + variance) + beta * divergence(mean, variance)

    mu, s2 = float(solution.mean), float(solution.variance)
    for name, slope_there in (("mean", loss(mu + 1j * step, s2)), ("variance", loss(mu, s2 + 1j * step))):
        yield holds(name, abs(slope_there.imag) < 1e-9 * step, f"slope {slope_there.imag / step}")
    (m1, m2), (s1, s2) = map(float, params.centres), map(float, params.widths)
    density = norm(m1, np.sqrt(2 * (s1**2 + s2**2))).pdf(m2)
    yield close("overlap", _overlap(solution), np.sqrt(8 * np.pi * s1 * s2) * density)


def by_conditioning(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the optimum is Bayes' posterior of a model whose ELBO is -L/beta."""
    mean, variance = _bayes(params)
    yield equal("mean", solution.mean, mean)
    yield equal("variance", solution.variance, variance)


def by_search(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: scipy's distances."""
    from scipy.spatial.distance import cdist

    encodings, codes = (np.array(points, dtype=float) for points in (params.encodings, params.codes))
    distances = cdist(encodings, codes, "sqeuclidean")
    yield all_close("distances", solution.distances, distances)
    yield equal("assignment", solution.assignment, tuple(int(k) + 1 for k in distances.argmin(axis=1)))


def by_projection(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle, exact: the nearest code is the one with the largest y'e - |e|^2/2."""
    scores = [[sum((2 * a - b) * b for a, b in zip(y, e, strict=True)) for e in params.codes] for y in params.encodings]
    yield equal("assignment", solution.assignment, tuple(1 + row.index(max(row)) for row in scores))


oracles = (by_torch, by_quadrature, by_complex_steps, by_conditioning, by_search, by_projection)
