"""KL divergence of two univariate normal distributions, p = N(mean_p, deviation_p^2) and q = N(mean_q, deviation_q^2).

D(p||q) = log(deviation_q / deviation_p) + (deviation_p^2 + (mean_p - mean_q)^2) / (2 deviation_q^2) - 1/2
(Bishop, Pattern Recognition and Machine Learning, 2006, exercise 1.30).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from blattwerk.vocabulary import (
    MP,
    Answer,
    Comparison,
    Derivation,
    Env,
    LogSum,
    Named,
    Sym,
    Term,
    Value,
    close,
    derive,
    holds,
    log,
    log_of,
    number,
    positive,
    rational,
    real,
)
from blattwerk.vocabulary.functions import NormalMean


@dataclass(frozen=True)
class Params:
    """Two normal distributions p = N(mean_p, deviation_p^2) and q = N(mean_q, deviation_q^2)."""

    mean_p: Fraction
    deviation_p: Fraction
    """Positive, and other than deviation_q."""
    mean_q: Fraction
    deviation_q: Fraction


@dataclass(frozen=True)
class Solution:
    """What follows from two normal distributions."""

    forward: LogSum
    """D(p||q), in nats."""
    backward: LogSum
    """D(q||p), in nats."""
    variance_ratio: Fraction
    """deviation_p^2 / deviation_q^2."""


def solve(params: Params) -> Solution:
    """Both directions of the divergence."""
    p, q = (params.mean_p, params.deviation_p), (params.mean_q, params.deviation_q)
    return Solution(_divergence(*p, *q), _divergence(*q, *p), (params.deviation_p / params.deviation_q) ** 2)


def _divergence(m1: Fraction, s1: Fraction, m2: Fraction, s2: Fraction) -> LogSum:
    return log_of(s2 / s1) + rational((s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - Fraction(1, 2))


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """D(p||q) and D(q||p)."""
    return (
        Answer("forward", "forward", solution.forward.term(), symbol="D(p\\|q)"),
        Answer("backward", "backward", solution.backward.term(), symbol="D(q\\|p)"),
    )


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The closed form, its derivation, its non-negative form, and both instances."""
    p, q = (params.mean_p, params.deviation_p), (params.mean_q, params.deviation_q)
    return {
        **_general(),
        "forward": _instance("D(p\\|q)", "D(p||q)", (*p, *q), solution.forward),
        "backward": _instance("D(q\\|p)", "D(q||p)", (*q, *p), solution.backward),
    }


def _instance(
    printed: str, name: str, given: tuple[Fraction, Fraction, Fraction, Fraction], result: LogSum
) -> Derivation:
    m1, s1, m2, s2 = map(number, given)
    start = Named(printed, name, lambda env: _by_moments(*given))
    formula = log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - Fraction(1, 2)
    return derive(start).eq(formula, "insert").eq(result.term()).approx()


def _by_moments(m1: Value, s1: Value, m2: Value, s2: Value) -> Value:
    """E_p[log p - log q] with the expectation taken by Gauss-Hermite quadrature."""
    x = Sym("x")
    env = {"m1": m1, "s1": s1, "m2": m2, "s2": s2}
    ratio = _log_density(x, Sym("m1"), Sym("s1")) - _log_density(x, Sym("m2"), Sym("s2"))
    return NormalMean(ratio, x, Sym("m1"), Sym("s1"), "p").value(env)


def _log_density(x: Term, mean: Sym, deviation: Sym) -> Named:
    """log N(x; mean, deviation^2), evaluated from the density itself."""

    def value(env: Env) -> Value:
        m, s = MP.convert(mean.value(env)), MP.convert(deviation.value(env))
        density = MP.exp(-((x.value(env) - m) ** 2) / (2 * s**2)) / MP.sqrt(2 * MP.pi * s**2)
        return MP.log(density)

    return Named("", "log_density", value)


@cache
def _general() -> Mapping[str, Derivation]:
    """The derivation for all means and deviations."""
    x = Sym("x")
    mp, sp = Sym("mean_p", "\\mu_p"), Sym("deviation_p", "\\sigma_p")
    mq, sq = Sym("mean_q", "\\mu_q"), Sym("deviation_q", "\\sigma_q")
    domain = {"mean_p": real, "deviation_p": positive, "mean_q": real, "deviation_q": positive}
    log_p = Named("\\log p(x)", "log p(x)", _log_density(x, mp, sp).value)
    log_q = Named("\\log q(x)", "log q(x)", _log_density(x, mq, sq).value)

    def mean(body: Term) -> Term:
        return NormalMean(body, x, mp, sp, "p")

    divergence = Named("D(p\\|q)", "D(p||q)", mean(log_p - log_q).value)
    second_moment = mean((x - mq) ** 2)
    ratio = Sym("t")
    half = number(Fraction(1, 2))
    result = log(sq / sp) + (sp**2 + (mp - mq) ** 2) / (2 * sq**2) - Fraction(1, 2)
    return {
        "closed_form": derive(divergence, **domain).eq(result),
        "general": derive(divergence, **domain)
        .eq(mean(log_p - log_q), "definition")
        .eq(mean(log(sq / sp) - (x - mp) ** 2 / (2 * sp**2) + (x - mq) ** 2 / (2 * sq**2)), "densities")
        .eq(log(sq / sp) - mean((x - mp) ** 2) / (2 * sp**2) + second_moment / (2 * sq**2), "linearity")
        .eq(log(sq / sp) - Fraction(1, 2) + (sp**2 + (mp - mq) ** 2) / (2 * sq**2), "moments"),
        "second_moment": derive(second_moment, **domain)
        .eq(mean(((x - mp) + (mp - mq)) ** 2))
        .eq(mean((x - mp) ** 2) + 2 * (mp - mq) * mean(x - mp) + (mp - mq) ** 2, "linearity")
        .eq(sp**2 + (mp - mq) ** 2, "centred"),
        "non_negative": derive(divergence, **domain)
        .eq(result)
        .eq(half * (sp**2 / sq**2 - 1 - log(sp**2 / sq**2)) + (mp - mq) ** 2 / (2 * sq**2), "split"),
        "tangent": derive(log(ratio), t=positive).then("<=", ratio - 1, "tangent"),
    }


def by_quadrature(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: both integrals numerically, from the densities.

    The trapezoidal rule on twelve deviations either side: for a function that is analytic and decays like exp(-x^2),
    its error falls exponentially (Trefethen and Weideman, SIAM Review 56, 2014).
    """
    import numpy as np

    p = float(params.mean_p), float(params.deviation_p)
    q = float(params.mean_q), float(params.deviation_q)
    for name, value, (m1, s1), (m2, s2) in (("forward", solution.forward, p, q), ("backward", solution.backward, q, p)):
        x = np.linspace(m1 - 12 * s1, m1 + 12 * s1, 601)
        density = np.exp(-(((x - m1) / s1) ** 2) / 2) / (s1 * np.sqrt(2 * np.pi))
        other = -(((x - m2) / s2) ** 2) / 2 - np.log(s2)
        own = -(((x - m1) / s1) ** 2) / 2 - np.log(s1)
        yield close(name, value, float(np.trapezoid(density * (own - other), x)))


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: torch.distributions, in double precision."""
    import torch
    from torch.distributions import Normal, kl_divergence

    def normal(mean: Fraction, deviation: Fraction) -> Normal:
        loc, scale = (torch.tensor(float(v), dtype=torch.float64) for v in (mean, deviation))
        return Normal(loc, scale)

    p, q = normal(params.mean_p, params.deviation_p), normal(params.mean_q, params.deviation_q)
    yield close("forward", solution.forward, kl_divergence(p, q).item())
    yield close("backward", solution.backward, kl_divergence(q, p).item())
    yield close("variance_ratio", solution.variance_ratio, (p.variance / q.variance).item())


def by_gibbs(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: both divergences are positive (Gibbs), decided exactly, since p and q differ."""
    yield holds("positive", solution.forward.sign() > 0 and solution.backward.sign() > 0)


oracles = (by_quadrature, by_torch, by_gibbs)
