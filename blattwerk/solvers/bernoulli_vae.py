"""Gradients of an expectation over binary latent variables, exactly and by the score-function estimator.

q(z) = prod_j Bern(z_j; p_j) with p_j = sigma(phi_j), and f(z) = log p(x|z) does not depend on phi. Then
d/dphi_j E[f] = E[(z_j - p_j) f(z)] = p_j (1-p_j) (E[f|z_j=1] - E[f|z_j=0]) (Williams, Machine Learning 8, 1992).
The estimator (z_j - p_j)(f(z) - b) has this mean for every constant b, and its smallest variance for
b = E[(z_j-p_j)^2 f]/E[(z_j-p_j)^2] = (1-p_j) E[f|z_j=1] + p_j E[f|z_j=0].
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil, comb
from random import Random
from typing import Any

import numpy as np

from blattwerk.vocabulary import (
    MP,
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
    column_term,
    derive,
    equal,
    exactly,
    exp,
    holds,
    log,
    matrix_term,
    number,
    product,
    real,
    rightly,
    summed,
    total,
    unit,
    vector,
)
from blattwerk.vocabulary.exact.binary import Bits, bit, joint_probability, sigma, sigmoid, states
from blattwerk.vocabulary.slopes import partial_derivative, slope
from blattwerk.vocabulary.terms import NOWHERE, within
from blattwerk.vocabulary.writers import PREFIX, PRODUCT, Writer

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class Params:
    """n binary latent units, a function of them, and what is looked at."""

    exponents: tuple[int, ...]
    """phi, of length n, in units of log 2."""
    values: tuple[int, ...]
    """f(z) = log p(x|z) for all 2^n states z, in the order of `states`."""
    unit: int
    """j, the unit whose estimator is looked at, counted from 1."""
    many: int
    """A larger number of units, for which the calls of the decoder are counted."""

    @property
    def size(self) -> int:
        """n."""
        return len(self.exponents)

    @property
    def logits(self) -> tuple[Term, ...]:
        """phi, as it is printed."""
        scaled = {0: number(0), 1: log(2), -1: -log(2)}
        return tuple(scaled.get(m) or m * log(2) for m in self.exponents)

    @property
    def names(self) -> tuple[str, ...]:
        """The states as strings of bits, in math mode."""
        return tuple(f"\\({''.join(map(str, z))}\\)" for z in states(self.size))


@dataclass(frozen=True)
class Solution:
    """The gradient, and for the unit j the estimator g(z) = (z_j-p_j) f(z) with its moments and its best baseline."""

    probabilities: Vector
    """p, of length n."""
    differences: Vector
    """d_k = E[f|z_k=1] - E[f|z_k=0] for all k."""
    gradient: Vector
    """d E[f]/d phi_k for all k."""
    calls: int
    """2^many."""
    weights: Vector
    """q(z) for all z, in the order of `states`."""
    estimates: Vector
    """g(z) for all z, in the order of `states`."""
    second: Fraction
    """E[g^2]."""
    variance: Fraction
    """Var[g]."""
    samples: int
    """How many draws of g bring the standard error of their mean to a tenth of E[g]; 0 if none does, as E[g] = 0."""
    given_one: Fraction
    """E[f|z_j=1]."""
    given_zero: Fraction
    """E[f|z_j=0]."""
    baseline: Fraction
    """The b with the smallest variance."""
    reduced: Fraction
    """The variance that this b leaves."""

    @property
    def factor(self) -> Fraction:
        """By which factor the best baseline lowers the variance."""
        return self.variance / self.reduced


def solve(params: Params, step: Step = rightly) -> Solution:
    """The exact gradient, and the moments of its estimator."""
    p, j = tuple(map(sigmoid, params.exponents)), params.unit - 1
    given = [tuple(sum(w * f for w, f in _others(params, p, k, b)) for b in (1, 0)) for k in range(params.size)]
    differences = tuple(Fraction(one - zero) for one, zero in given)
    gradient = step(
        "gradient",
        lambda: tuple(x * (1 - x) * d for x, d in zip(p, differences, strict=True)),
        sigmoid=lambda: differences,
    )
    weights = _weights(p)
    estimates = tuple((z[j] - p[j]) * f for z, f in zip(states(params.size), params.values, strict=True))
    second = step("second", lambda: sum((w * g**2 for w, g in zip(weights, estimates, strict=True)), Fraction(0)))
    mean = p[j] * (1 - p[j]) * differences[j]
    variance = step("variance", lambda: second - mean**2, no_square=lambda: second)
    one, zero = map(Fraction, given[j])
    baseline = step("baseline", lambda: (1 - p[j]) * one + p[j] * zero)
    return Solution(
        probabilities=p,
        differences=differences,
        gradient=gradient,
        calls=step("calls", lambda: 2**params.many),
        weights=weights,
        estimates=estimates,
        second=second,
        variance=variance,
        samples=step("samples", lambda: ceil(100 * variance / mean**2) if mean else 0),
        given_one=one,
        given_zero=zero,
        baseline=baseline,
        reduced=step("reduced", lambda: variance - p[j] * (1 - p[j]) * baseline**2),
    )


def _weights(p: Vector) -> Vector:
    """The probabilities of all states, in the order of `states`: each unit splits those of the units before it."""
    weights: Vector = (Fraction(1),)
    for x in p:
        weights = tuple(w * y for w in weights for y in (1 - x, x))
    return weights


def _others(params: Params, p: Vector, k: int, value: int) -> list[tuple[Fraction, int]]:
    """For each state with z_k = value: the probability of its other units, and f."""
    table = zip(states(params.size), params.values, strict=True)
    return list(zip(_weights(p[:k] + p[k + 1 :]), (f for z, f in table if z[k] == value), strict=True))


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """The gradient, the calls of the decoder, the variance, the draws, the best baseline and what it leaves."""
    return (
        Answer(
            "gradient", "enumerate", column_term(solution.gradient), symbol="\\nabla_{\\!\\phi}\\, \\mathbb{E}_q[f]"
        ),
        Answer("calls", "enumerate", number(solution.calls), symbol=f"2^{{{params.many}}}"),
        Answer("variance", "variance", number(solution.variance), symbol=f"\\operatorname{{Var}}[g_{{{params.unit}}}]"),
        Answer("samples", "variance", number(solution.samples), symbol="M"),
        Answer("baseline", "baseline", number(solution.baseline), symbol=f"b_{{{params.unit}}}"),
        Answer("reduced", "baseline", number(solution.reduced), symbol="V"),
    )


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The identities for all p and f, and the instance."""
    steps = {
        **_general(),
        **_reasons(),
        **_for_any_q(),
        "probabilities": _probabilities(params, solution),
        **_moments(params, solution),
    }
    for k in range(params.size):
        steps |= {
            f"difference_{k + 1}": _difference(params, solution, k),
            f"gradient_{k + 1}": _gradient(params, solution, k),
        }
    return steps


def _environment(params: Params, solution: Solution) -> Env:
    return {"p": solution.probabilities, "f": params.values, "j": Fraction(params.unit), "b": solution.baseline}


def _probabilities(params: Params, solution: Solution) -> Derivation:
    p = Named("p", "p", lambda _: (tuple(_logistic(m * MP.log(2)) for m in params.exponents),))
    return derive(p).eq(matrix_term((map(sigma, params.logits),))).eq(matrix_term((solution.probabilities,)))


def _difference(params: Params, solution: Solution, k: int) -> Derivation:
    """d_k from the values of f for each state of the other units."""
    env = _environment(params, solution)
    ones, zeros = (_others(params, solution.probabilities, k, value) for value in (1, 0))
    pairs = ((w, f, g) for (w, f), (_, g) in zip(ones, zeros, strict=True))
    return (
        derive(Named(f"d_{k + 1}", f"d_{k + 1}", lambda _: _given(env, k, 1) - _given(env, k, 0)))
        .eq(total(number(w) * (number(f) - g) for w, f, g in pairs))
        .eq(solution.differences[k])
    )


def _gradient(params: Params, solution: Solution, k: int) -> Derivation:
    env, p = _environment(params, solution), solution.probabilities[k]
    return (
        derive(partial_derivative("\\mathbb{E}_q[f]", f"\\phi_{k + 1}", lambda _: _by_phi(_expected, env, k)))
        .eq(product((p, 1 - p, solution.differences[k])))
        .eq(solution.gradient[k])
    )


def _moments(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """Mean and variance of the estimator for the unit j, and the best baseline."""
    j, env = params.unit, _environment(params, solution)
    p, gradient = number(solution.probabilities[j - 1]), number(solution.gradient[j - 1])
    terms = [(number(w), number(g)) for w, g in zip(solution.weights, solution.estimates, strict=True)]
    given = {}
    for name, value, result in (("given_one", 1, solution.given_one), ("given_zero", 0, solution.given_zero)):
        rows = _others(params, solution.probabilities, j - 1, value)
        given[name] = derive(_conditional(str(j), value, env)).eq(total(number(w) * f for w, f in rows)).eq(result)
    one, zero = number(solution.given_one), number(solution.given_zero)
    p_named = Named("p", "p", lambda _: (tuple(_logistic(m * MP.log(2)) for m in params.exponents),))
    p_j = Named(f"p_{{{j}}}", f"p_{j}", lambda _: _logistic(params.exponents[j - 1] * MP.log(2)))
    mean = Named(f"\\mathbb{{E}}_q[g_{{{j}}}]", f"E[g_{j}]", lambda _: _moment(env, 1, 1))
    return {
        **given,
        "all_p": derive(p_named).eq(matrix_term((solution.probabilities,))),
        "own_p": derive(p_j).eq(p),
        "mean_value": derive(mean).eq(gradient),
        "mean": derive(Named(f"\\mathbb{{E}}_q[g_{j}]", f"E[g_{j}]", lambda _: _by_phi(_expected, env, j - 1)))
        .eq(total(w * g for w, g in terms))
        .eq(gradient),
        "second": derive(Named(f"\\mathbb{{E}}_q[g_{j}^2]", f"E[g_{j}**2]", lambda _: _moment(env, 2, 2)))
        .eq(total(w * g**2 for w, g in terms))
        .eq(solution.second),
        "variance": derive(Named(f"\\operatorname{{Var}}[g_{j}]", f"Var[g_{j}]", lambda _: _variance(env, Fraction(0))))
        .eq(number(solution.second) - gradient**2)
        .eq(solution.variance)
        .approx(),
        "samples": _draws_needed(
            called(f"100\\operatorname{{Var}}[g_{j}]/\\mathbb{{E}}_q[g_{j}]^2", _needed(env)),
            number(100) * number(solution.variance) / gradient**2,
        ),
        "baseline": derive(Named(f"b_{j}", f"b_{j}", lambda _: _best(env)))
        .eq((1 - p) * one + p * zero)
        .eq(solution.baseline)
        .approx(),
        "reduced": derive(Named("V", "V", lambda _: _variance(env, solution.baseline)))
        .eq(number(solution.variance) - p * (1 - p) * number(solution.baseline) ** 2)
        .eq(solution.reduced)
        .approx(),
    }


def _draws_needed(name: Term, bound: Term) -> Derivation:
    """The value of a lower bound for a whole number, with enough decimals to see which one is the next above it."""
    value, chain = bound.value(), derive(name).eq(bound)
    if value.denominator == 1:
        return chain.eq(value)
    return chain.approx(2 if value % 1 > Fraction(1, 100) else 5)


# Sums over all states from their definitions in an environment (p, f, j), and slopes by phi without formulas.


def _logistic(x: Value) -> Value:
    return 1 / (1 + MP.exp(-x))


def _f(env: Env, z: Bits) -> Value:
    return env["f"][states(len(z)).index(z)]


def _mean(env: Env, function: Callable[[Bits], Value]) -> Value:
    return sum(joint_probability(env["p"], z) * function(z) for z in states(len(env["p"])))


def _expected(env: Env) -> Value:
    """E[f]."""
    return _mean(env, lambda z: _f(env, z))


def _moment(env: Env, power: int, of_f: int) -> Value:
    """E[(z_j - p_j)^power f^of_f]."""
    k = int(env["j"]) - 1
    return _mean(env, lambda z: (z[k] - env["p"][k]) ** power * _f(env, z) ** of_f)


def _needed(env: Env) -> Value:
    """100 Var[g_j] / E[g_j]^2, from the moments."""
    return 100 * (_moment(env, 2, 2) / _moment(env, 1, 1) ** 2 - 1)


def _best(env: Env) -> Value:
    """The best baseline as the ratio of two moments."""
    return _moment(env, 2, 1) / _moment(env, 2, 0)


def _given(env: Env, k: int, value: int) -> Value:
    """E[f | z_k = value]: z_k is made certain."""
    return _expected({**env, "p": (*env["p"][:k], Fraction(value), *env["p"][k + 1 :])})


def _variance(env: Env, b: Fraction) -> Value:
    """The variance of (z_j - p_j)(f - b), as half the mean squared difference of two independent draws."""
    k = int(env["j"]) - 1
    table = [(joint_probability(env["p"], z), (z[k] - env["p"][k]) * (_f(env, z) - b)) for z in states(len(env["p"]))]
    return sum(w * v * (g - h) ** 2 for w, g in table for v, h in table) / 2


def _by_phi(function: Callable[[Env], Value], env: Env, k: int) -> Value:
    """The derivative by phi_k, k counted from 0."""
    logits = tuple(MP.log(MP.convert(p / (1 - p))) for p in env["p"])
    return slope(lambda phi: function({**env, "p": tuple(map(_logistic, phi))}), logits)[k]


def _by_phi_j(function: Callable[[Env], Value]) -> Callable[[Env], Value]:
    """The derivative by phi_j, with j from the environment."""
    return lambda env: _by_phi(function, env, int(env["j"]) - 1)


def _conditional(j: str, value: int, env: Env = NOWHERE) -> Named:
    """E[f | z_j = value] in a given environment, or in that of the evaluation."""
    name = f"E[f | z_{j} = {value}]"
    return Named(
        f"\\mathbb{{E}}_q[f \\mid z_{j} {{=}} {value}]",
        name,
        lambda other: _given(env or other, int((env or other)["j"]) - 1, value),
    )


@dataclass(frozen=True)
class BernoulliMean(Term):
    """The expectation of a body under q, by enumeration."""

    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return _mean(env, lambda z: self.body.value({**env, "z": z}))

    def write(self, w: Writer) -> str:
        body = self.body.write(w)
        return w.symbol(f"\\mathbb{{E}}_q\\!\\left[{body}\\right]", f"E[{body}]")


@dataclass(frozen=True)
class AnyMean(BernoulliMean):
    """The expectation of a body under any q on finitely many values (of an environment of `_ANY`)."""

    def value(self, env: Env = NOWHERE) -> Value:
        return sum(_any_q({**env, "z": z}) * self.body.value({**env, "z": z}) for z in range(VALUES))


@dataclass(frozen=True)
class OverValues(Term):
    """The sum of a body over all values of z."""

    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return sum(self.body.value({**env, "z": z}) for z in range(VALUES))

    def write(self, w: Writer) -> str:
        body = within(self.body, w, PRODUCT)
        return w.symbol(f"\\sum_z {body}", f"Sum({body}, z)")

    def level(self, w: Writer) -> int:
        return PREFIX


# Any q: with weights exp(a_z + c_z theta + d_z theta^2), where a, c and d are arbitrary, it has every value and slope.
VALUES = 4
_ANY: Mapping[str, Callable[[Random], Any]] = {name: vector(real, VALUES) for name in "acdf"} | {"theta": real}


def _any_q(env: Env) -> Value:
    """q(z), by its logits."""
    theta = MP.convert(env["theta"])
    numbers = ([MP.convert(x) for x in of_z] for of_z in zip(env["a"], env["c"], env["d"], strict=True))
    weights = [MP.exp(a + c * theta + d * theta**2) for a, c, d in numbers]
    return weights[int(env["z"])] / sum(weights)


def _by_theta(function: Callable[[Env], Value]) -> Callable[[Env], Value]:
    return lambda env: slope(lambda theta: function({**env, "theta": theta}), env["theta"])


@cache
def _for_any_q() -> Mapping[str, Derivation]:
    """The derivative of an expectation by a parameter of q, whatever q is."""
    f = Named("f(z)", "f(z)", lambda env: env["f"][int(env["z"])])
    q, by_q = Named("q(z)", "q(z)", _any_q), partial_derivative("q(z)", "\\theta", _by_theta(_any_q))
    score = partial_derivative("\\log q(z)", "\\theta", _by_theta(lambda env: MP.log(_any_q(env))))
    small = Named("\\partial q(z)/\\partial\\theta", "dq(z)/dtheta", by_q.value)  # for a reason in small print
    small_score = Named("\\partial\\log q(z)/\\partial\\theta", "dlog(q(z))/dtheta", score.value)
    by_mean = partial_derivative("\\mathbb{E}_q[f(z)]", "\\theta", _by_theta(AnyMean(f).value))
    return {
        "log_derivative": derive(small, **_ANY, z=lambda random: random.randrange(VALUES)).eq(q * small_score),
        "any_q": derive(by_mean, **_ANY)
        .eq(OverValues(by_q * f), "finite")
        .eq(OverValues(q * score * f), "log")
        .eq(AnyMean(f * score)),
    }


@cache
def _reasons() -> Mapping[str, Derivation]:
    """Single relations that the sentences and the reasons name, checked with three units."""

    def log_q(env: Env) -> Value:
        return MP.log(MP.convert(joint_probability(env["p"], env["z"])))

    j, k, n = Sym("j"), Sym("k"), Sym("n")
    z, p, z_k, p_k = At("z", j), At("p", j), At("z", k), At("p", k)
    domain = {"p": vector(unit, 3), "j": _index, "n": exactly(Fraction(3))}
    state = {**domain, "z": vector(bit, 3)}
    p_by_phi = Named("\\partial p_j/\\partial\\phi_j", "dp[j]/dphi[j]", _by_phi_j(p.value))
    log_q_by_phi = Named("\\partial\\log q(z)/\\partial\\phi_j", "dlog(q(z))/dphi[j]", _by_phi_j(log_q))
    return {
        "log_q": derive(Named("\\log q(z)", "log(q(z))", log_q), **state).eq(
            summed("k", 1, n, z_k * log(p_k) + (1 - z_k) * log(1 - p_k))
        ),
        "p_by_phi": derive(p_by_phi, **domain).eq(p * (1 - p)),
        "own_score": derive(log_q_by_phi, **state).eq(z - p),
        "mean_z": derive(BernoulliMean(z), **domain).eq(p),
        "spread_z": derive(BernoulliMean((z - p) ** 2), **domain).eq(p * (1 - p)),
    }


@cache
def _general() -> Mapping[str, Derivation]:
    """The identities for all p and f, checked with three units."""

    def log_q(env: Env) -> Value:
        return MP.log(joint_probability(env["p"], env["z"]))

    def by_probability(env: Env) -> Value:
        return slope(lambda x: _expected({**env, "p": x}), env["p"])[int(env["j"]) - 1]

    j, b = Sym("j"), Sym("b")
    z, p = At("z", j), At("p", j)
    f = Named("f(z)", "f(z)", lambda env: _f(env, env["z"]))
    phi = Named("\\phi_j", "phi[j]", lambda env: MP.log(MP.convert(p.value(env) / (1 - p.value(env)))))
    best = Named("b_j", "b[j]", _best)
    by_phi = partial_derivative("\\mathbb{E}_q[f]", "\\phi_j", _by_phi_j(_expected))
    p_by_phi = partial_derivative("p_j", "\\phi_j", _by_phi_j(p.value))
    score = partial_derivative("\\log q(z)", "\\phi_j", _by_phi_j(log_q))
    one, zero = _conditional("j", 1), _conditional("j", 0)
    by_p = partial_derivative("\\mathbb{E}_q[f]", "p_j", by_probability)
    domain = {"p": vector(unit, 3), "f": vector(real, 8), "j": _index, "n": exactly(Fraction(3))}
    state, constant = {"z": vector(bit, 3)}, {"b": real}
    left = BernoulliMean((z - p) ** 2 * f**2)
    return {
        "sigmoid": derive(p_by_phi, **domain).eq(exp(-phi) / (1 + exp(-phi)) ** 2).eq(p * (1 - p)),
        "linear": derive(BernoulliMean(f), **domain).eq(p * one + (1 - p) * zero),
        "by_phi": derive(by_phi, **domain).eq(by_p * p_by_phi, "chain").eq(p * (1 - p) * (one - zero), "linear"),
        "score": derive(score, **domain, **state)
        .eq((z / p - (1 - z) / (1 - p)) * p_by_phi, "only_j")
        .eq(z * (1 - p) - (1 - z) * p, "sigmoid")
        .eq(z - p),
        "identity": derive(by_phi, **domain)
        .eq(BernoulliMean(f * score), "any_q")
        .eq(BernoulliMean((z - p) * f), "score"),
        "unbiased": derive(BernoulliMean((z - p) * (f - b)), **domain, **constant)
        .eq(BernoulliMean((z - p) * f) - b * BernoulliMean(z - p), "linearity")
        .eq(BernoulliMean((z - p) * f), "centred"),
        "square": derive(BernoulliMean((z - p) ** 2 * (f - b) ** 2), **domain, **constant)
        .eq(left - 2 * b * BernoulliMean((z - p) ** 2 * f) + b**2 * BernoulliMean((z - p) ** 2), "linearity")
        .eq(left - 2 * b * p * (1 - p) * best + b**2 * p * (1 - p), "definition_b")
        .eq(left - p * (1 - p) * best**2 + p * (1 - p) * (b - best) ** 2, "complete"),
        "best": derive(best, **domain)
        .eq(BernoulliMean((z - p) ** 2 * f) / BernoulliMean((z - p) ** 2), "definition")
        .eq((p * (1 - p) ** 2 * one + (1 - p) * p**2 * zero) / (p * (1 - p)), "cases")
        .eq((1 - p) * one + p * zero),
    }


def _index(random: Random) -> Fraction:
    """A domain: the units."""
    return Fraction(random.randint(1, 3))


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of the best baseline."""
    return {"baseline_helps": 0 < solution.reduced < solution.variance}


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: autograd of the enumerated expectation, and of log q(z) for the estimator; baseline by least squares."""
    import torch
    from torch.distributions import Bernoulli

    phi = (torch.tensor(params.exponents, dtype=torch.float64) * np.log(2)).requires_grad_()
    z = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * params.size).reshape(-1, params.size)
    f = torch.tensor(params.values, dtype=torch.float64)

    rows = phi.expand_as(z)  # one copy of phi a state, so that a single backward pass brings all scores
    log_q = Bernoulli(logits=rows).log_prob(z).sum(1)
    score = torch.autograd.grad(log_q.sum(), rows, retain_graph=True)[0][:, params.unit - 1]
    (gradient,) = torch.autograd.grad((log_q.exp() * f).sum(), phi)
    q, g = log_q.detach().exp(), score * f
    yield all_close("gradient", solution.gradient, gradient)
    yield all_close("p", solution.probabilities, torch.sigmoid(phi).detach())
    yield all_close("q", solution.weights, q)
    yield all_close("g", solution.estimates, g)
    yield close("second", solution.second, (q * g**2).sum().item())
    mean = (q * g).sum()
    variance = (q * (g - mean) ** 2).sum()
    yield close("variance", solution.variance, variance.item())
    yield equal("samples", solution.samples, ceil((100 * variance / mean**2).item() * (1 - 1e-12)))
    root = (q.sqrt() * score).numpy()
    baseline = float(np.linalg.lstsq(root[:, None], root * params.values, rcond=None)[0][0])
    left = score * (f - baseline)
    yield close("baseline", solution.baseline, baseline)
    yield close("reduced", solution.reduced, (q * (left - (q * left).sum()) ** 2).sum().item())
    yield equal("calls", solution.calls, 1 << params.many)


def by_states(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: every state's log q(z) as an array; scores by steps in the complex direction; least squares by numpy."""
    z = np.indices((2,) * params.size).reshape(params.size, -1).T
    phi, f = np.log(2) * np.array(params.exponents), np.array(params.values, dtype=float)

    def log_q(phi: Any) -> Any:
        return z @ phi - np.log1p(np.exp(phi)).sum()

    ways = 1e-30j * np.eye(params.size)
    q, scores = np.exp(log_q(phi)), np.array([log_q(phi + way).imag / 1e-30 for way in ways])
    g = scores[params.unit - 1] * f
    mean, root, score = q @ g, np.sqrt(q), scores[params.unit - 1]
    yield all_close("gradient", solution.gradient, scores @ (q * f))
    yield all_close("p", solution.probabilities, q @ z)
    yield all_close("q", solution.weights, q)
    yield all_close("g", solution.estimates, g)
    yield close("second", solution.second, np.square(root * g).sum())
    variance = float(np.cov(g, aweights=q, ddof=0))
    yield close("variance", solution.variance, variance)
    yield equal("samples", solution.samples, ceil((100 * variance / mean**2) * (1 - 1e-12)))
    baseline = np.linalg.lstsq((root * score)[:, None], root * g, rcond=None)[0][0]
    yield close("baseline", solution.baseline, baseline)
    yield close("reduced", solution.reduced, float(np.cov(score * (f - baseline), aweights=q, ddof=0)))
    yield equal("calls", solution.calls, np.ones((2,) * params.many).size)


def by_polynomials(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: E[f] is linear in each p_k and the variance is a quadratic in b, so a few exact values determine both."""
    env = _environment(params, solution)
    ends = [(_given(env, k, 1), _given(env, k, 0)) for k in range(params.size)]
    slopes = tuple(p * (1 - p) * (one - zero) for p, (one, zero) in zip(solution.probabilities, ends, strict=True))
    yield equal("gradient", solution.gradient, slopes)
    yield equal("differences", solution.differences, tuple(one - zero for one, zero in ends))
    yield equal("given", (solution.given_one, solution.given_zero), ends[params.unit - 1])
    low, middle, high = (_variance(env, Fraction(b)) for b in (-1, 0, 1))
    curvature, tilt = (low + high) / 2 - middle, (high - low) / 2
    yield equal("variance", solution.variance, middle)
    error, draws = (slopes[params.unit - 1] / 10) ** 2, solution.samples
    yield holds("samples", draws > 1 and middle / draws <= error < middle / (draws - 1))
    yield equal("baseline", solution.baseline, -tilt / (2 * curvature))
    yield equal("reduced", solution.reduced, middle - tilt**2 / (4 * curvature))
    yield equal("calls", solution.calls, sum(comb(params.many, ones) for ones in range(params.many + 1)))


def by_sampling(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the estimator's mean over a fixed sample lies within six standard errors of the gradient."""
    rng = np.random.default_rng(0)
    p = np.array(solution.probabilities, dtype=float)
    z = rng.random((20_000, params.size)) < p
    f = np.array(params.values, dtype=float)[z @ (1 << np.arange(params.size)[::-1])]
    g = (z - p) * f[:, None]
    off = np.abs(g.mean(0) - np.array(solution.gradient, dtype=float)) / (g.std(0) / np.sqrt(len(g)))
    yield holds("gradient", bool(np.all(off < 6)), f"{off.tolist()} standard errors")


oracles = (by_torch, by_states, by_polynomials, by_sampling)
