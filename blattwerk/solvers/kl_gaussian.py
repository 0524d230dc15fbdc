"""KL divergence of multivariate normal distributions; the one between a VAE's encoder and its prior above all.

For q = N(mu, diag(s^2)) and p = N(0, I) in n dimensions,
D(q||p) = 1/2 sum_i (s_i^2 + mu_i^2 - 1 - log s_i^2)
(Kingma and Welling, Auto-Encoding Variational Bayes, 2014, appendix B), with the gradient mu_i and s_i - 1/s_i.
For any two normal distributions,
D(N(m1, S1)||N(m2, S2)) = 1/2 [tr(S2^-1 S1) + (m2-m1)' S2^-1 (m2-m1) - n + log(det S2 / det S1)]
(Murphy, Probabilistic Machine Learning: An Introduction, 2022, section 6.2.3).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod
from random import Random
from typing import Any

from blattwerk.vocabulary import (
    MP,
    Answer,
    At,
    Comparison,
    Derivation,
    Env,
    LogSum,
    Named,
    Step,
    Sym,
    Term,
    Value,
    all_close,
    called,
    close,
    column_term,
    derive,
    exactly,
    holds,
    log,
    log_of,
    matrices,
    matrix_term,
    number,
    positive,
    rational,
    real,
    rightly,
    summed,
    total,
    vector,
)
from blattwerk.vocabulary.functions import (
    det,
    entry,
    inverted,
    multiplied,
    normal_density,
    rounded_to,
    trace,
    transposed,
)
from blattwerk.vocabulary.slopes import slope
from blattwerk.vocabulary.terms import NOWHERE, Operand
from blattwerk.vocabulary.writers import PRODUCT, Writer

Vector = tuple[Fraction, ...]
Rows = tuple[tuple[int, ...], ...]
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Pair:
    """Two bivariate normal distributions q_1 = N(m1, S1) and q_2 = N(m2, S2) with whole numbers."""

    mean_1: tuple[int, ...]
    """m1, of size 2."""
    covariance_1: Rows
    """S1, two rows of two, symmetric and positive definite."""
    mean_2: tuple[int, ...]
    covariance_2: Rows


@dataclass(frozen=True)
class Params:
    """q = N(mu, diag(s^2)) in n dimensions, and at `hard` two distributions with full covariances."""

    mean: Vector
    """mu, of size n."""
    deviation: Vector
    """s, of size n, positive."""
    pair: Pair | None = None
    """None if it is not asked for."""


@dataclass(frozen=True)
class PairSolution:
    """What follows from a pair."""

    determinant_1: Fraction
    """det S1."""
    determinant_2: Fraction
    """det S2."""
    trace: Fraction
    """tr(S2^-1 S1)."""
    quadratic: Fraction
    """(m2-m1)' S2^-1 (m2-m1)."""
    divergence: LogSum
    """D(q_1||q_2), in nats."""


@dataclass(frozen=True)
class Solution:
    """The divergence of q from p = N(0, I), and its gradient."""

    squared_deviations: Fraction
    """sum_i s_i^2."""
    squared_means: Fraction
    """sum_i mu_i^2."""
    log_deviations: LogSum
    """sum_i log s_i."""
    divergence: LogSum
    """D(q||p), in nats."""
    gradient_mean: Vector
    """dD/dmu_i for all i."""
    gradient_deviation: Vector
    """dD/ds_i for all i."""
    deviation_parts: tuple[LogSum, ...]
    """g(s_i) = (s_i^2-1)/2 - log s_i for all i; with half of squared_means, they add up to the divergence."""
    pair: PairSolution | None
    """None without a pair."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """The divergence from the standard normal distribution, its gradient, and the divergence of the pair."""
    deviations, size = params.deviation, len(params.mean)
    logs_of_all = log_of(prod(deviations, start=Fraction(1)))
    squares = step("squared_deviations", lambda: _total(s**2 for s in deviations), variance=lambda: _total(deviations))
    means = step("squared_means", lambda: _total(m**2 for m in params.mean))
    logs = step("log_deviations", lambda: logs_of_all, variance=lambda: logs_of_all.times(HALF))
    outside = rational(HALF * (squares + means - size))
    return Solution(
        squared_deviations=squares,
        squared_means=means,
        log_deviations=logs,
        divergence=step("divergence", lambda: outside - logs, square=lambda: outside - logs.times(HALF)),
        gradient_mean=step("gradient_mean", lambda: params.mean),
        gradient_deviation=step("gradient_deviation", lambda: tuple(s - 1 / s for s in deviations)),
        deviation_parts=tuple(rational(HALF * (s**2 - 1)) - log_of(s) for s in deviations),
        pair=solve_pair(params.pair, step) if params.pair else None,
    )


def _total(numbers: Iterable[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0))


def solve_pair(pair: Pair, step: Step = rightly) -> PairSolution:
    """The divergence of two normal distributions with full covariances, and what it is made of."""
    first, second = matrices.matrix(pair.covariance_1), matrices.matrix(pair.covariance_2)
    inverse = step("inverse", lambda: matrices.inverse(second), exchanged=lambda: matrices.inverse(first))
    way = _way(pair)
    spread = matrices.trace(matrices.multiply(inverse, first))
    ((quadratic,),) = matrices.multiply(matrices.multiply(matrices.transpose(way), inverse), way)
    one, two = matrices.determinant(first), matrices.determinant(second)
    outside = rational(HALF * (spread + quadratic - len(first)))
    divergence = step(
        "full",
        lambda: outside + log_of(two / one).times(HALF),
        ratio=lambda: outside + log_of(one / two).times(HALF),
    )
    return PairSolution(one, two, spread, quadratic, divergence)


def _way(pair: Pair) -> matrices.Matrix:
    """m2 - m1 as a column."""
    return matrices.column(b - a for a, b in zip(pair.mean_1, pair.mean_2, strict=True))


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """D(q||p), the divergence of the pair, and both halves of the gradient."""
    pair = (Answer("full", "full", solution.pair.divergence.term(), symbol="D(q_1\\|q_2)"),) if solution.pair else ()
    return (
        Answer("divergence", "evaluate", solution.divergence.term(), symbol="D(q\\|p)"),
        *pair,
        Answer("gradient_mean", "minimum", _lying_column(solution.gradient_mean), symbol="\\nabla_{\\!\\mu} D"),
        Answer("gradient_deviation", "minimum", _lying_column(solution.gradient_deviation), symbol="\\nabla_{\\!s} D"),
    )


def _lying_column(entries: Iterable[Operand]) -> Term:
    """A column vector, printed as the transpose of a row to save room."""
    return transposed(matrix_term([entries]))


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The closed form for all n, its gradient and its minimum, and the instances."""
    return {
        **_general(),
        **_densities(),
        **_minimum(),
        **_where(),
        **_diagonal_instance(params, solution),
        **(_pair_instance(params.pair, solution.pair) if params.pair and solution.pair else {}),
    }


@dataclass(frozen=True)
class DiagonalMean(Term):
    """The expectation of a body under z ~ N(mu, diag(s^2)), for the first n entries of mu and s.

    Evaluated by the product of three-point Gauss-Hermite rules, exact for polynomials up to degree 5 in each z_i.
    """

    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        root = MP.sqrt(3)
        rule = ((-root, MP.mpf(1) / 6), (MP.mpf(0), MP.mpf(2) / 3), (root, MP.mpf(1) / 6))
        means, deviations = (list(map(MP.convert, env[name]))[: int(env["n"])] for name in ("mu", "s"))
        result = MP.mpf(0)
        for nodes in product(rule, repeat=len(means)):
            z = tuple(m + s * x for m, s, (x, _) in zip(means, deviations, nodes, strict=True))
            result += prod((w for _, w in nodes), start=MP.mpf(1)) * self.body.value({**env, "z": z})
        return result

    def write(self, w: Writer) -> str:
        body = self.body.write(w)
        return w.symbol(f"\\mathbb{{E}}_q\\!\\left[{body}\\right]", f"E_q[{body}]")


@dataclass(frozen=True)
class Half(Term):
    """Half of a big sum, without the brackets that a product would put around the sum."""

    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return self.body.value(env) / 2

    def write(self, w: Writer) -> str:
        return w.times([(number(HALF).write(w), True), (self.body.write(w), False)])

    def level(self, w: Writer) -> int:
        return PRODUCT


def _log_q(env: Env) -> Value:
    """log q(z) from the densities of the components."""
    return MP.log(prod(normal_density(z, m, s) for z, m, s in _components(env)))


def _log_p(env: Env) -> Value:
    """log p(z) from the densities of the components."""
    return MP.log(prod(normal_density(z, MP.zero, MP.one) for z, _, _ in _components(env)))


def _components(env: Env) -> Iterator[tuple[Any, Any, Any]]:
    means, deviations = (list(map(MP.convert, env[name]))[: int(env["n"])] for name in ("mu", "s"))
    return zip(env["z"], means, deviations, strict=True)


def _divergence(env: Env) -> Value:
    """D(q||p) as the sum of the divergences of the independent components, each by quadrature."""
    ratio = DiagonalMean(Named("", "log_ratio", lambda inner: _log_q(inner) - _log_p(inner)))
    components = zip(env["mu"], env["s"], range(int(env["n"])), strict=False)
    return sum(ratio.value({"n": 1, "mu": (m,), "s": (s,)}) for m, s, _ in components)


_DIVERGENCE = Named("D(q\\|p)", "D(q||p)", _divergence)


@dataclass(frozen=True)
class AtInstance(Term):
    """A term with symbols, at the instance's numbers."""

    general: Term
    params: Params

    def value(self, env: Env = NOWHERE) -> Value:
        return self.general.value({"n": len(self.params.mean), "mu": self.params.mean, "s": self.params.deviation})

    def write(self, w: Writer) -> str:
        return self.general.write(w)


def _one_or_two(random: Random) -> Fraction:
    """A domain: the dimensions 1 and 2 (the instance checks its own dimension)."""
    return Fraction(random.randint(1, 2))


_DOMAIN: dict[str, Callable[[Random], Any]] = {"n": _one_or_two, "mu": vector(real, 2), "s": vector(positive, 2)}


def _latent() -> Named:
    return Named("z", "z", lambda env: matrices.column(env["z"]))


def _square() -> Term:
    """z'z."""
    return entry(transposed(_latent()) * _latent())


@cache
def _general() -> Mapping[str, Derivation]:
    """The derivation of the closed form for all means, deviations and dimensions."""
    i, n, half = Sym("i"), Sym("n"), number(HALF)
    s, s2 = At("s", i), At("s", i, squared=True)
    mu2 = At("mu", i, "\\mu", squared=True)
    z, square = _latent(), _square()
    mu = Named("\\mu", "mu", lambda env: matrices.column(env["mu"][: int(env["n"])]))
    covariance = Named("S", "S", lambda env: matrices.diagonal([x**2 for x in env["s"][: int(env["n"])]]))
    one = Named("I", "I", lambda env: matrices.identity(int(env["n"])))
    centred = entry(transposed(z - mu) * inverted(covariance) * (z - mu))

    def over(body: Term) -> Term:
        return summed("i", 1, n, body)

    log_q, log_p = Named("\\log q(z)", "log q(z)", _log_q), Named("\\log p(z)", "log p(z)", _log_p)
    return {
        "centred": derive(DiagonalMean(centred), **_DOMAIN)
        .eq(trace(inverted(covariance) * covariance), "rule_centred")
        .eq(trace(one))
        .eq(n),
        "square": derive(DiagonalMean(square), **_DOMAIN)
        .eq(entry(transposed(mu) * mu) + trace(covariance), "rule_square")
        .eq(over(mu2) + over(s2)),
        "general": derive(_DIVERGENCE, **_DOMAIN)
        .eq(DiagonalMean(log_q - log_p), "definition")
        .eq(DiagonalMean(-over(log(s)) - centred / 2 + square / 2), "densities")
        .eq(-over(log(s)) - half * DiagonalMean(centred) + half * DiagonalMean(square), "linearity")
        .eq(-over(log(s)) - n / 2 + half * (over(mu2) + over(s2)), "moments")
        .eq(Half(over(s2 + mu2 - 1 - log(s2))), "collect"),
    }


@cache
def _densities() -> Mapping[str, Derivation]:
    """The logarithms of both densities, and of the deviations."""
    i, n, two_pi = Sym("i"), Sym("n"), 2 * Named("\\pi", "pi", lambda env: MP.pi)
    s, s2, z = At("s", i), At("s", i, squared=True), _latent()
    mu = Named("\\mu", "mu", lambda env: matrices.column(env["mu"]))
    covariance = Named("S", "S", lambda env: matrices.diagonal([x**2 for x in env["s"]]))
    log_q, log_p = Named("\\log q(z)", "log q(z)", _log_q), Named("\\log p(z)", "log p(z)", _log_p)
    centred = entry(transposed(z - mu) * inverted(covariance) * (z - mu))
    three: dict[str, Callable[[Random], Any]] = {  # not two: n/2 is 2/n there
        "n": exactly(Fraction(3)),
        "mu": vector(real, 3),
        "s": vector(positive, 3),
        "z": vector(lambda r: MP.convert(real(r)), 3),
    }
    each, constant = {"i": _one_or_two, "s": vector(positive, 2)}, -(n / 2 * log(two_pi))
    return {
        "det_s": derive(det(covariance), n=exactly(Fraction(3)), s=vector(positive, 3)).eq(multiplied("i", 1, n, s2)),
        "log_q": derive(log_q, **three).eq(constant - summed("i", 1, n, log(s)) - Half(centred)),
        "log_p": derive(log_p, **three).eq(constant - Half(_square())),
        "two_logs": derive(2 * log(s), **each).eq(log(s2)),
        "half_log": derive(number(HALF) * log(s2), **each).eq(log(s)),
    }


@cache
def _minimum() -> Mapping[str, Derivation]:
    """The gradient for all parameters, and the function g whose sum over s_i is left at mu = 0."""
    i, n, half, t = Sym("i"), Sym("n"), number(HALF), Sym("t")
    s, mu = At("s", i), At("mu", i, "\\mu")
    s2, mu2 = At("s", i, squared=True), At("mu", i, "\\mu", squared=True)
    g = half * (s2 - 1) - log(s)
    domain = {**_DOMAIN, "n": exactly(Fraction(2)), "i": _one_or_two}

    def slope(name: str, printed: str) -> Named:
        return Named(
            f"\\frac{{\\partial D}}{{\\partial {printed}_i}}",
            f"dD/d{name}[i]",
            lambda env: _slope(env["mu"], env["s"], name, int(env["i"])),
        )

    return {
        "slope_mean": derive(slope("mu", "\\mu"), **domain).eq(half * (2 * mu)).eq(mu),
        "slope_deviation": derive(slope("s", "s"), **domain).eq(half * (2 * s - 2 / s)).eq(s - 1 / s),
        "split": derive(_DIVERGENCE, **_DOMAIN)
        .eq(Half(summed("i", 1, n, s2 + mu2 - 1 - log(s2))))
        .eq(summed("i", 1, n, mu2 / 2) + summed("i", 1, n, g), "sort"),
        "slope_g": derive(t - 1 / t, t=positive).eq((t - 1) * (t + 1) / t),
        "g": derive(half * (t**2 - 1) - log(t), t=positive).then(">=", 0, "only_at_one"),
    }


@cache
def _where() -> Mapping[str, Derivation]:
    """The function g of the deviations: where it is least, and what the divergence is there."""
    t = Sym("t")

    def g(x: Value) -> Value:
        return (x**2 - 1) / 2 - MP.log(x)

    def zero(env: Env) -> Value:
        ends = (MP.mpf(1) / 3, MP.mpf(5))
        return MP.findroot(lambda x: slope(g, x), ends, solver="anderson", tol=MP.mpf(10) ** -110)

    return {
        "zero": derive(Named("t", "t", zero)).eq(1),
        "slope_of_g": derive(Named("g'(t)", "g'(t)", lambda env: slope(g, env["t"])), t=positive).eq(t - 1 / t),
        "g_at_one": derive(Named("g(1)", "g(1)", lambda env: g(MP.one))).eq(0),
        "non_negative": derive(_DIVERGENCE, **_DOMAIN).then(">=", 0),
    }


def _slope(mean: Vector, deviation: Vector, name: str, i: int) -> Value:
    """A partial derivative of D(q||p), by numerical differentiation; only the i-th component depends on it."""
    component = {"mu": mean[i - 1], "s": deviation[i - 1]}

    def at(x: Value) -> Value:
        return _divergence({"n": 1} | {key: (v,) for key, v in (component | {name: x}).items()})

    return MP.diff(at, MP.convert(component[name]))


def _diagonal_instance(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The divergence of the instance from its three sums, and its gradient."""
    i, size, half = Sym("i"), len(params.mean), number(HALF)
    means, deviations = tuple(map(number, params.mean)), tuple(map(number, params.deviation))
    squares = solution.squared_deviations, solution.squared_means

    def given(general: Term) -> Derivation:
        return derive(AtInstance(general, params))

    def gradient(name: str, printed: str) -> Named:
        def value(env: Env) -> Value:
            return matrices.column(_slope(params.mean, params.deviation, name, k) for k in range(1, size + 1))

        return Named(f"\\nabla_{{{printed}}} D", f"gradient_{name} D", value)

    def part(k: int, s: Fraction) -> Named:
        alone = {"n": 1, "mu": (Fraction(0),), "s": (s,)}
        return Named(f"g(s_{{{k}}})", f"g(s[{k}])", lambda env: _divergence(alone))

    parts = zip(params.deviation, solution.deviation_parts, strict=True)
    return {
        "squared_deviations": given(summed("i", 1, size, At("s", i, squared=True)))
        .eq(total(s**2 for s in deviations))
        .eq(squares[0]),
        "squared_means": given(summed("i", 1, size, At("mu", i, "\\mu", squared=True)))
        .eq(total(m**2 for m in means))
        .eq(squares[1]),
        "log_deviations": given(summed("i", 1, size, log(At("s", i))))
        .eq(total(map(log, deviations)))
        .eq(solution.log_deviations.term(), "primes"),
        "square_instance": given(DiagonalMean(_square()))
        .eq(total((*(m**2 for m in means), *(s**2 for s in deviations))))
        .eq(squares[0] + squares[1]),
        "evaluate": given(_DIVERGENCE)
        .eq(half * (number(squares[0]) + squares[1] - size) - solution.log_deviations.term(), "insert")
        .eq(solution.divergence.term())
        .approx(),
        "gradient_mean": derive(gradient("mu", "\\mu")).eq(_lying_column(solution.gradient_mean)),
        "gradient_deviation": derive(gradient("s", "s"))
        .eq(_lying_column(s - 1 / s for s in deviations))
        .eq(_lying_column(solution.gradient_deviation)),
        **{f"part_{k}": derive(part(k, s)).then("~", rounded_to(g.term())) for k, (s, g) in enumerate(parts, 1)},
        "mean_part": given(Half(summed("i", 1, size, At("mu", i, "\\mu", squared=True)))).eq(number(squares[1] / 2)),
        "divergence_about": given(_DIVERGENCE).then("~", rounded_to(solution.divergence.term())),
    }


def _pair_instance(pair: Pair, solved: PairSolution) -> Mapping[str, Derivation]:
    """The divergence of two normal distributions with full covariances, piece by piece."""
    half, way = number(HALF), _way(pair)
    first = called("S_1", matrices.matrix(pair.covariance_1))
    second = called("S_2", matrices.matrix(pair.covariance_2))
    difference = called("d", way)
    (a, b), (c, d) = pair.covariance_2
    adjugate = matrices.matrix(((d, -b), (-c, a)))
    factor = number(1) / solved.determinant_2
    multiplied = matrices.multiply(adjugate, matrices.matrix(pair.covariance_1))
    lying, turned = matrix_term(matrices.transpose(way)), matrices.multiply(adjugate, way)
    divergence = Named("D(q_1\\|q_2)", "D(q_1||q_2)", lambda env: _by_quadrature(pair))
    return {
        "determinant_1": _determinant(first, pair.covariance_1, solved.determinant_1),
        "determinant_2": _determinant(second, pair.covariance_2, solved.determinant_2),
        "inverse": derive(inverted(second)).eq(factor * matrix_term(adjugate)),
        "trace": derive(trace(inverted(second) * first))
        .eq(factor * trace(matrix_term(adjugate) * matrix_term(pair.covariance_1)), "insert")
        .eq(factor * total(multiplied[k][k] for k in range(2)))
        .eq(solved.trace),
        "difference": derive(difference).eq(column_term(pair.mean_2) - column_term(pair.mean_1)).eq(matrix_term(way)),
        "quadratic": derive(entry(transposed(difference) * inverted(second) * difference))
        .eq(entry(factor * lying * matrix_term(adjugate) * matrix_term(way)), "insert")
        .eq(entry(factor * lying * matrix_term(turned)))
        .eq(solved.quadratic),
        "full": derive(divergence)
        .eq(
            half
            * (number(solved.trace) + solved.quadratic - 2 + log(number(solved.determinant_2) / solved.determinant_1)),
            "insert",
        )
        .eq(solved.divergence.term())
        .approx(),
    }


def _determinant(name: Named, rows: Rows, value: Fraction) -> Derivation:
    (a, b), (c, d) = rows
    return derive(det(name)).eq(number(a) * d - number(b) * c).eq(value)


def _by_quadrature(pair: Pair) -> Value:
    """E_1[log q_1(x) - log q_2(x)] for x = m1 + L e with S1 = L L' and e standard normal, from both densities."""
    (a, b), (_, d) = ((MP.convert(x) for x in row) for row in pair.covariance_1)
    low = b / MP.sqrt(a)
    spread = (MP.sqrt(a), MP.mpf(0)), (low, MP.sqrt(d - low**2))

    def log_density(x: tuple[Value, Value], mean: tuple[int, ...], rows: Rows) -> Value:
        (p, q), (_, r) = rows
        u, v = x[0] - mean[0], x[1] - mean[1]
        determinant = MP.convert(p * r - q * q)
        form = (r * u * u - 2 * q * u * v + p * v * v) / determinant
        return MP.log(MP.exp(-form / 2) / (2 * MP.pi * MP.sqrt(determinant)))

    def ratio(env: Env) -> Value:
        e = env["z"]
        x = tuple(m + row[0] * e[0] + row[1] * e[1] for m, row in zip(pair.mean_1, spread, strict=True))
        return log_density(x, pair.mean_1, pair.covariance_1) - log_density(x, pair.mean_2, pair.covariance_2)

    return DiagonalMean(Named("", "log_ratio", ratio)).value({"n": 2, "mu": (0, 0), "s": (1, 1)})


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of the parts of the divergence."""
    return {"parts_positive": solution.squared_means > 0 and all(g > LogSum() for g in solution.deviation_parts)}


def by_components(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the components are independent, so univariate divergences add up; each by Gauss-Hermite quadrature."""
    mean, deviation = [float(m) for m in params.mean], [float(s) for s in params.deviation]
    yield close("divergence", solution.divergence, sum(map(_univariate, mean, deviation)))
    parts = [part.value() for part in solution.deviation_parts]
    yield all_close("deviation_parts", parts, [_univariate(0, s) for s in deviation])
    step = 1e-5
    by_mean = [_univariate(m + step, s) - _univariate(m - step, s) for m, s in zip(mean, deviation, strict=True)]
    by_deviation = [_univariate(m, s + step) - _univariate(m, s - step) for m, s in zip(mean, deviation, strict=True)]
    yield all_close("gradient_mean", solution.gradient_mean, [x / (2 * step) for x in by_mean], 1e-6)
    yield all_close("gradient_deviation", solution.gradient_deviation, [x / (2 * step) for x in by_deviation], 1e-6)


def _univariate(mean: float, deviation: float) -> float:
    """D(N(mean, deviation^2)||N(0, 1)) from both log densities, with 12 nodes."""
    import numpy as np

    nodes, weights = _rule()
    z = mean + deviation * nodes
    ratio = (z**2 - nodes**2) / 2 - np.log(deviation)
    return float(weights @ ratio / weights.sum())


@cache
def _rule() -> Any:
    """The nodes and weights of Gauss-Hermite quadrature that `_univariate` uses."""
    import numpy as np

    return np.polynomial.hermite_e.hermegauss(12)


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: torch's multivariate normal distributions in double precision, and automatic differentiation."""
    import numpy as np
    import torch
    from torch.distributions import MultivariateNormal, kl_divergence

    def tensor(values: Any) -> torch.Tensor:
        return torch.tensor(np.array(values, dtype=float))

    mean, deviation = tensor(params.mean).requires_grad_(), tensor(params.deviation).requires_grad_()
    q = MultivariateNormal(mean, torch.diag(deviation**2))
    p = MultivariateNormal(torch.zeros_like(mean), torch.eye(len(mean), dtype=torch.float64))
    divergence = kl_divergence(q, p)
    by_mean, by_deviation = torch.autograd.grad(divergence, (mean, deviation))
    yield close("divergence", solution.divergence, divergence.item())
    yield all_close("gradient_mean", solution.gradient_mean, by_mean)
    yield all_close("gradient_deviation", solution.gradient_deviation, by_deviation)
    yield close("squared_deviations", solution.squared_deviations, q.variance.sum().item())
    yield close("squared_means", solution.squared_means, q.mean.square().sum().item())
    yield close("log_deviations", solution.log_deviations, q.scale_tril.logdet().item())
    if params.pair and solution.pair:
        one = MultivariateNormal(tensor(params.pair.mean_1), tensor(params.pair.covariance_1))
        two = MultivariateNormal(tensor(params.pair.mean_2), tensor(params.pair.covariance_2))
        yield close("full", solution.pair.divergence, kl_divergence(one, two).item())


def by_sigma_points(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: scipy's entropy, and quadratics averaged over 2n points with the mean and the covariance of q.

    The gradient is that of a sample z = mu + s e: E[z] by the mean, and E[z e] - 1/s by the deviation.
    """
    import numpy as np

    mean, deviation = np.array(params.mean, dtype=float), np.array(params.deviation, dtype=float)
    e = _points(len(mean))
    z = mean + deviation * e
    yield close(
        "divergence", solution.divergence, _from_points(mean, np.diag(deviation**2), 0 * mean, np.eye(len(z.T)))
    )
    yield all_close("gradient_mean", solution.gradient_mean, z.mean(0))
    yield all_close("gradient_deviation", solution.gradient_deviation, (z * e).mean(0) - 1 / deviation)
    if params.pair and solution.pair:
        yield close(
            "full", solution.pair.divergence, _from_points(*(np.array(x, dtype=float) for x in _rows(params.pair)))
        )


def _rows(pair: Pair) -> tuple[Any, ...]:
    return pair.mean_1, pair.covariance_1, pair.mean_2, pair.covariance_2


def _points(size: int) -> Any:
    """2n points with mean 0 and covariance 1."""
    import numpy as np

    return np.sqrt(size) * np.vstack((np.eye(size), -np.eye(size)))


def _from_points(mean: Any, covariance: Any, other: Any, its_covariance: Any) -> float:
    """D = -H(q) - E_q[log p]."""
    import numpy as np
    from scipy.stats import multivariate_normal

    points = mean + _points(len(mean)) @ np.linalg.cholesky(covariance).T
    entropy = multivariate_normal(mean, covariance).entropy()
    return float(-entropy - multivariate_normal(other, its_covariance).logpdf(points).mean())


def by_whitening(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: in the coordinates where S2 is the identity and S1 is diagonal, the pair is a diagonal case again."""
    import numpy as np
    from scipy.linalg import eigh

    yield holds("positive", solution.divergence.sign() > 0 and all(g.sign() > 0 for g in solution.deviation_parts))
    if params.pair and solution.pair:
        first, second = (np.array(v, dtype=float) for v in (params.pair.covariance_1, params.pair.covariance_2))
        variances, basis = eigh(first, second)  # basis' S2 basis = I and basis' S1 basis = diag(variances)
        way = basis.T @ (np.array(params.pair.mean_1, dtype=float) - np.array(params.pair.mean_2, dtype=float))
        yield close("full", solution.pair.divergence, sum(map(_univariate, way, np.sqrt(variances))))
        yield close("trace", solution.pair.trace, variances.sum())
        yield close("quadratic", solution.pair.quadratic, way @ way)
        yield close("determinant_1", solution.pair.determinant_1, np.linalg.eigvalsh(first).prod())
        yield close("determinant_2", solution.pair.determinant_2, np.linalg.eigvalsh(second).prod())


oracles = (by_components, by_torch, by_sigma_points, by_whitening)
