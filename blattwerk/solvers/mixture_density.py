r"""Gradients of a mixture density network, whose outputs for an input are the parameters of a mixture of normals.

E = -log sum_i alpha_i phi_i(t) with phi_i = N(mu_i, s_i^2 I) in c dimensions, alpha = softmax(z), s_i = exp(w_i), and
gamma_i = alpha_i phi_i / sum_j alpha_j phi_j (Bishop, Mixture density networks, report NCRG/94/004, Aston, 1994):
dE/dz_i = alpha_i - gamma_i, dE/dmu_i = gamma_i (mu_i - t)/s_i^2, dE/dw_i = -gamma_i (|t-mu_i|^2/s_i^2 - c).
If |t-mu_i|/s_i is the same for all components, they share the exponential, and gamma_i is alpha_i/s_i^c normalised.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
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
    Localised,
    Named,
    Step,
    Sym,
    Term,
    Value,
    all_close,
    called,
    close,
    derive,
    exactly,
    exp,
    log,
    matrix_term,
    number,
    positive,
    real,
    rightly,
    simplex,
    sqrt,
    summed,
    total,
    unit,
    vector,
)
from blattwerk.vocabulary.figures import Figure, MixtureDensity
from blattwerk.vocabulary.functions import norm
from blattwerk.vocabulary.matrices import column, transpose
from blattwerk.vocabulary.slopes import partial_derivative, slope

Vector = tuple[Fraction, ...]
_error_by = partial(partial_derivative, "E")
TWO_PI = 2 * Named("\\pi", "pi", lambda env: MP.pi)


@dataclass(frozen=True)
class Params:
    """A mixture of normal distributions in c dimensions, and a target t; all |t - mu_i|/s_i are the same."""

    weights: Vector
    """alpha_i, positive, with the sum 1."""
    means: tuple[Vector, ...]
    """mu_i, a vector of size c for each component."""
    deviations: Vector
    """s_i, positive."""
    target: Vector
    """t, of size c."""

    @property
    def size(self) -> int:
        """c, the target's dimension."""
        return len(self.target)

    @property
    def places(self) -> Vector:
        """The means on the line (c = 1)."""
        return tuple(mean for (mean,) in self.means)

    @property
    def moved(self) -> Vector:
        """t', another target in the plane: t, moved by 1 to the right."""
        return (self.target[0] + 1, *self.target[1:])


@dataclass(frozen=True)
class Solution:
    """The responsibilities, and the gradient of E."""

    distance: Fraction
    """|t-mu_i|^2/s_i^2, the same for all i."""
    shares: Vector
    """alpha_i/s_i^c for all i."""
    share: Fraction
    """Their sum."""
    gamma: Vector
    """The responsibility gamma_i of each component."""
    by_logits: Vector
    """dE/dz_i for all i."""
    by_means: tuple[Vector, ...]
    """dE/dmu_i, a vector of size c for each component."""
    by_widths: Vector
    """dE/dw_i for all i."""
    elsewhere: Vector
    """|t'-mu_i|^2/s_i^2 for all i, in the plane."""
    exponents: Vector
    """Half of how much elsewhere_1 is above each elsewhere_i."""

    @property
    def rising(self) -> tuple[int, ...]:
        """The components whose z_i a step of gradient descent raises, counted from 1."""
        return tuple(i for i, slope in enumerate(self.by_logits, 1) if slope < 0)


def solve(params: Params, step: Step = rightly) -> Solution:
    """The responsibilities, the loss, and its gradient by the network's outputs."""
    distance = sum(((t - m) ** 2 for t, m in zip(params.target, params.means[0], strict=True)), Fraction(0))
    distance /= params.deviations[0] ** 2
    volumes = tuple(s**params.size for s in params.deviations)
    shares = step(
        "shares",
        lambda: tuple(a / v for a, v in zip(params.weights, volumes, strict=True)),
        prior=lambda: tuple(1 / v for v in volumes),
    )
    share = sum(shares, Fraction(0))
    gamma = step("gamma", lambda: tuple(x / share for x in shares), normalisation=lambda: params.weights)
    elsewhere = _elsewhere(params)
    return Solution(
        distance=distance,
        shares=shares,
        share=share,
        gamma=gamma,
        by_logits=step("by_logits", lambda: tuple(a - g for a, g in zip(params.weights, gamma, strict=True))),
        by_means=step("by_means", lambda: _by_means(params, gamma, 2), square=lambda: _by_means(params, gamma, 1)),
        by_widths=step("by_widths", lambda: tuple(-g * (distance - params.size) for g in gamma)),
        elsewhere=elsewhere,
        exponents=step(
            "exponents",
            lambda: tuple((elsewhere[0] - d) / 2 for d in elsewhere),
            exponentials=lambda: tuple(Fraction(0) for _ in elsewhere),
            half=lambda: tuple(elsewhere[0] - d for d in elsewhere),
        ),
    )


def _elsewhere(params: Params) -> Vector:
    """|t'-mu_i|^2/s_i^2 for all i; nothing on the line, where no second target is asked for."""
    squares = (sum((t - m) ** 2 for t, m in zip(params.moved, mean, strict=True)) for mean in params.means)
    return tuple(x / s**2 for x, s in zip(squares, params.deviations, strict=True)) if params.size == 2 else ()


def _by_means(params: Params, gamma: Vector, power: int) -> tuple[Vector, ...]:
    """gamma_i (mu_i - t)/s_i^2, or with another power of s_i."""
    return tuple(
        tuple(g * (m - t) / s**power for m, t in zip(mean, params.target, strict=True))
        for g, mean, s in zip(gamma, params.means, params.deviations, strict=True)
    )


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """gamma, E, its gradients, and in two dimensions the width below which a component on the target makes E < 0."""
    plane = (
        (
            Answer("moved", "moved", _moved(solution), symbol="\\gamma'_1"),
            Answer("threshold", "collapse", _threshold(params), symbol="r"),
        )
        if params.size == 2
        else ()
    )
    return (
        Answer("gamma", "loss", _row(solution.gamma), symbol="\\gamma"),
        Answer("loss", "loss", _loss(params, solution), symbol="E"),
        Answer("by_logits", "gradient", _row(solution.by_logits), symbol="\\frac{\\partial E}{\\partial z}"),
        Answer(
            "by_means",
            "gradient",
            matrix_term(transpose(solution.by_means)),
            symbol="\\frac{\\partial E}{\\partial\\mu}",
        ),
        Answer("by_widths", "gradient", _row(solution.by_widths), symbol="\\frac{\\partial E}{\\partial w}"),
        *plane,
    )


def _row(entries: Vector) -> Term:
    return matrix_term((entries,))


def _loss(params: Params, solution: Solution) -> Term:
    """distance/2 + (c/2) log(2 pi) - log share."""
    constant = log(TWO_PI) if params.size == 2 else number(Fraction(params.size, 2)) * log(TWO_PI)
    return number(solution.distance / 2) + constant - log(solution.share)


def _moved(solution: Solution) -> Term:
    """gamma'_1 = 1 / (1 + sum_i (share_i / share_1) exp(exponent_i)), i > 1."""
    odds = (x / solution.shares[0] for x in solution.shares[1:])
    return 1 / total([1, *(_times_exp(x, e) for x, e in zip(odds, solution.exponents[1:], strict=True))])


def _times_exp(factor: Fraction, exponent: Fraction) -> Term:
    """A number times a power of e, without what is 1."""
    if not exponent:
        return number(factor)
    return exp(number(exponent)) if factor == 1 else number(factor) * exp(number(exponent))


def _threshold(params: Params) -> Term:
    """The s with alpha_1 / (2 pi s^2) = 1."""
    weight = params.weights[0]
    return sqrt(called(str(weight), MP.convert(weight)) / TWO_PI)


def figures(params: Params, solution: Solution) -> Mapping[str, Figure]:
    """The mixture with the target marked, if the target is a number."""
    if params.size > 1:
        return {}
    parts, (t,) = (params.weights, params.places, params.deviations), params.target
    en, de = (", ".join(f"{a} N({m}{sep} {s**2})" for a, m, s in zip(*parts, strict=True)) for sep in ",;")
    alt = Localised(
        f"The weighted densities {en} as thin curves, their sum as a thick one, and a line at t = {t}",
        f"Die gewichteten Dichten {de} als dünne Kurven, ihre Summe als dicke Kurve, dazu eine Linie bei t = {t}",
    )
    return {"mixture": MixtureDensity(alt, *parts, "t", t)}


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The gradients for all mixtures, and the instance."""
    plane = _moved_chains(params, solution) if params.size == 2 else {}
    return {**_general(), **_values(params, solution), **_gradients(params, solution), **plane}


def _values(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The common distance, the density at the target, the responsibilities and the loss."""
    env, size = _environment(params), params.size
    squares = (total((number(t) - m) ** 2 for t, m in zip(params.target, mean, strict=True)) for mean in params.means)
    first, *others = (square / number(s) ** 2 for square, s in zip(squares, params.deviations, strict=True))
    distance = derive(Named("\\frac{\\|t-\\mu_i\\|^2}{s_i^2}", "|t-mu_i|**2/s_i**2", first.value)).eq(first)
    for other in others:
        distance = distance.eq(other)
    powers = [number(s) ** size if size > 1 else number(s) for s in params.deviations]
    shares = [number(a) / power for a, power in zip(params.weights, powers, strict=True)]
    constant = exp(number(-solution.distance / 2)) / (TWO_PI if size == 2 else sqrt(TWO_PI))
    share, i = number(solution.share), Sym("i")
    constant_part = MP.convert(solution.distance) / 2 + size * MP.log(2 * MP.pi) / 2
    share_j = At("alpha", Sym("j"), "\\alpha") / (At("s", Sym("j")) ** size if size > 1 else At("s", Sym("j")))
    count = len(params.weights)
    given = {name: exactly(value) for name, value in env.items()}
    from_target = Named("\\|t-\\mu_i\\|^2", "|t-mu_i|**2", _squared_distance)
    return {
        "first_gamma": derive(called("\\gamma_1", _posterior(env)[0])).eq(solution.gamma[0]),
        "by_share": derive(Named("E", "E", _error), **given).eq(
            called("\\text{const}", constant_part) - log(summed("j", 1, count, share_j))
        ),
        "widths": derive(from_target, **given, i=lambda random: Fraction(random.randint(1, count))).then(
            ">" if solution.distance > size else "<", size * At("s", i) ** 2 if size > 1 else At("s", i) ** 2
        ),
        "distance": distance.eq(solution.distance),
        "density": derive(called("p(t)", _mixture(env))).eq(constant * total(shares), "factor").eq(constant * share),
        "gamma": derive(Named("\\gamma", "gamma", lambda _: (_posterior(env),)))
        .eq(number(1 / solution.share) * matrix_term((shares,)), "cancels")
        .eq(_row(solution.gamma)),
        "loss": derive(called("E", _error(env)))
        .eq(-log(constant * share), "definition")
        .eq(_loss(params, solution))
        .approx(),
    }


def _moved_chains(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The distances from t', and the first responsibility there."""
    env, chains = {**_environment(params), "t": params.moved}, {}
    rows = zip(params.means, params.deviations, solution.elsewhere, strict=True)
    for i, (mean, s, value) in enumerate(rows, 1):
        square = total((number(t) - m) ** 2 for t, m in zip(params.moved, mean, strict=True))
        start = Named(f"\\frac{{\\|t'-\\mu_{i}\\|^2}}{{s_{i}^2}}", f"|t'-mu_{i}|**2/s_{i}**2", _units_off(env, i - 1))
        chains[f"elsewhere_{i}"] = derive(start).eq(square / number(s) ** 2).eq(value)
    powers = [number(s) ** params.size for s in params.deviations]
    shares = [number(a) / power for a, power in zip(params.weights, powers, strict=True)]
    parts = [share * exp(number(-d / 2)) for share, d in zip(shares, solution.elsewhere, strict=True)]
    start = called("\\gamma'_1", _posterior(env)[0])
    return {**chains, "moved": derive(start).eq(parts[0] / total(parts), "common").eq(_moved(solution)).approx()}


def _units_off(env: Env, i: int) -> Callable[[Env], Value]:
    """|t-mu_i|^2/s_i^2 in this environment, by the density: its logarithm falls by half of that from the mean to t."""
    return lambda _: 2 * MP.log(_density(i, {**env, "t": env["mu"][i]}) / _density(i, env))


def _squared_distance(env: Env) -> Value:
    """|t - mu_i|^2, i counted from 1."""
    return sum((t - m) ** 2 for t, m in zip(env["t"], env["mu"][int(env["i"]) - 1], strict=True))


def _gradients(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The gradient by each kind of output, and confirmations of the general formulas."""
    env, gamma = _environment(params), solution.gamma
    weight, share = params.weights[0], number(solution.share)
    products = (
        [number(g) * (number(m - t) / number(s) ** 2) for m, t in zip(mean, params.target, strict=True)]
        for g, mean, s in zip(gamma, params.means, params.deviations, strict=True)
    )
    return {
        "by_logits": derive(_error_by("z", lambda _: (_through("alpha", _softmax, env),)))
        .eq(_row(params.weights) - _row(gamma))
        .eq(_row(solution.by_logits)),
        "by_means": derive(_error_by("\\mu", lambda _: transpose(_gradient("mu", env))))
        .eq(matrix_term(zip(*products, strict=True)))
        .eq(matrix_term(transpose(solution.by_means))),
        "by_widths": derive(_error_by("w", lambda _: (_through("s", _exponentials, env),)))
        .eq(-((number(solution.distance) - params.size) * _row(gamma)))
        .eq(_row(solution.by_widths)),
        "directly": derive(_error_by("\\alpha_1", lambda _: _gradient("alpha", env)[0]))
        .eq(-(number(solution.shares[0] / weight) / share), "directly")
        .eq(-(number(gamma[0]) / number(weight)), "formula")
        .eq(-gamma[0] / weight),
        "no_net_change": derive(total(solution.by_logits)).eq(0),
    }


def _environment(params: Params) -> Env:
    return {"alpha": params.weights, "mu": params.means, "s": params.deviations, "t": params.target}


# E from its definition in an environment (alpha, mu, s, t), and its derivatives without formulas.


def _density(i: int, env: Env) -> Value:
    """phi_i(t) = N(t; mu_i, s_i^2 I), i counted from 0."""
    s = MP.convert(env["s"][i])
    distance = sum((MP.convert(t) - m) ** 2 for t, m in zip(env["t"], env["mu"][i], strict=True))
    return MP.exp(-distance / (2 * s**2)) / (MP.sqrt(2 * MP.pi) * s) ** len(env["t"])


def _mixture(env: Env) -> Value:
    return sum(a * _density(i, env) for i, a in enumerate(env["alpha"]))


def _posterior(env: Env) -> tuple[Value, ...]:
    whole = _mixture(env)
    return tuple(a * _density(i, env) / whole for i, a in enumerate(env["alpha"]))


def _error(env: Env) -> Value:
    return -MP.log(_mixture(env))


def _gradient(name: str, env: Env, function: Callable[[Env], Value] = _error) -> Any:
    """The derivatives by alpha, mu or s."""
    return slope(lambda x: function({**env, name: x}), env[name])


def _through(name: str, link: Callable[[Any], Any], env: Env) -> Any:
    """The derivatives of E by x, where env[name] = link(x); for both links, x may be the logarithm of env[name]."""
    return slope(lambda x: _error({**env, name: link(x)}), _logarithms(env[name]))


def _logarithms(entries: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(MP.log(MP.convert(x)) for x in entries)


def _exponentials(entries: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(MP.exp(x) for x in entries)


def _softmax(z: tuple[Value, ...]) -> tuple[Value, ...]:
    weights = _exponentials(z)
    return tuple(w / sum(weights) for w in weights)


def _entry(function: Callable[[Env], Any], index: str = "i") -> Callable[[Env], Value]:
    """The entry of a function's value that an index of the environment picks; a vector becomes a column."""

    def value(env: Env) -> Value:
        entry = function(env)[int(env[index]) - 1]
        return column(entry) if isinstance(entry, tuple) else entry

    return value


@cache
def _general() -> Mapping[str, Derivation]:
    """The partial derivatives of E for all mixtures, checked with three components in two dimensions."""

    def phi_i(env: Env) -> Value:
        return _density(int(env["i"]) - 1, env)

    def on_target(env: Env) -> Env:
        return {**env, "mu": (env["t"], *env["mu"][1:]), "i": 1}

    def narrow(env: Env) -> Env:
        """The first component on the target, with a width below the threshold."""
        return on_target({**env, "s": (env["u"] * _radius(env), *env["s"][1:])})

    def softmax_slope(of: Callable[[Value], Value]) -> Callable[[Env], Value]:
        """The derivative of a function of alpha_j by z_i."""
        return _entry(lambda env: slope(lambda z: of(_softmax(z)[int(env["j"]) - 1]), _logarithms(env["alpha"])))

    def d_log(by: str) -> Callable[[Env], Value]:
        return _entry(lambda env: _gradient(by, env, lambda inner: MP.log(phi_i(inner))))

    def log_phi_slope(by: str, name: str) -> Named:
        return partial_derivative("\\log\\phi_i(t)", by, d_log(name))

    def z(index: str) -> Named:
        # Logits that do not happen to be log-probabilities: a constant more, for which the softmax does not care.
        return Named(f"z_{index}", f"z[{index}]", lambda env: 1 + _entry(lambda e: _logarithms(e["alpha"]), index)(env))

    def over_j(body: Term) -> Term:
        return summed("j", 1, Sym("K"), body)

    i, j, c, k = Sym("i"), Sym("j"), Sym("c"), Sym("k")
    logits = {"z": vector(real, 3), "j": _index, "K": exactly(Fraction(3))}
    softmax_j = Named(
        "\\alpha_j", "alpha[j]", lambda env: _softmax(tuple(map(MP.convert, env["z"])))[int(env["j"]) - 1]
    )
    first_slope = Named(
        "\\partial E/\\partial w_1",
        "dE/dw[1]",
        lambda env: _through("s", _exponentials, on_target(env))[0],
    )
    gamma_1 = Named("\\gamma_1", "gamma[1]", lambda env: _posterior(on_target(env))[0])
    to_first = norm(Named("t", "t", lambda env: column(env["t"])) - Named("\\mu_1", "mu[1]", lambda e: column(e["t"])))
    phi_alone = Named("\\phi_i", "phi[i]", phi_i)
    d_phi = Named("\\partial\\phi_i", "d(phi[i])", _entry(lambda env: _gradient("mu", env, phi_i)))
    d_log_phi = Named("\\partial\\log\\phi_i", "d(log(phi[i]))", d_log("mu"))
    d_alpha = Named("\\partial\\alpha_j", "d(alpha[j])", softmax_slope(lambda x: x))
    d_log_alpha = Named("\\partial\\log\\alpha_j", "d(log(alpha[j]))", softmax_slope(MP.log))
    alpha, alpha_j, s = At("alpha", i, "\\alpha"), At("alpha", j, "\\alpha"), At("s", i)
    alpha_1, s_1 = At("alpha", number(1), "\\alpha"), At("s", number(1))
    mu = Named("\\mu_i", "mu[i]", _entry(lambda env: env["mu"]))
    t = Named("t", "t", lambda env: column(env["t"]))
    distance = norm(t - mu) ** 2
    p, phi = Named("p(t)", "p(t)", _mixture), Named("\\phi_i(t)", "phi[i](t)", phi_i)
    phi_1 = Named("\\phi_1(t)", "phi[1](t)", lambda env: phi_i(on_target(env)))
    gamma, gamma_j = (Named(f"\\gamma_{x}", f"gamma[{x}]", _entry(_posterior, x)) for x in "ij")
    delta = Named("\\delta_{ij}", "KroneckerDelta(i, j)", lambda env: Fraction(int(env["i"] == env["j"])))
    phi_by_mu = partial_derivative("\\phi_i(t)", "\\mu_i", _entry(lambda env: _gradient("mu", env, phi_i)))
    e_by_s = _error_by("s_i", _entry(partial(_gradient, "s")))
    alpha_j_by_z = partial_derivative("\\alpha_j", "z_i", softmax_slope(lambda x: x))
    s_by_w = partial_derivative("s_i", "w_i", lambda env: slope(MP.exp, MP.log(MP.convert(s.value(env)))))
    domain = {"alpha": _weights, "mu": vector(vector(real, 2), 3), "s": vector(positive, 3), "t": vector(real, 2)}
    domain |= {"i": _index, "j": _index, "c": exactly(Fraction(2)), "K": exactly(Fraction(3))}
    return {
        "bayes": derive(gamma, **domain).eq(alpha * phi / p),
        "phi_by_log": derive(d_phi, **domain).eq(phi_alone * d_log_phi),
        "log_softmax": derive(log(softmax_j), **logits).eq(At("z", j) - log(summed("k", 1, Sym("K"), exp(At("z", k))))),
        "alpha_by_log": derive(d_alpha, **domain).eq(alpha_j * d_log_alpha),
        "all_gamma": derive(over_j(gamma_j), **domain).eq(1),
        "first_density": derive(phi_1, **domain).eq(1 / (TWO_PI * s_1**2)),
        "radius": derive(Named("r", "r", _radius), **domain).eq(sqrt(alpha_1 / TWO_PI)),
        "negative": derive(Named("E", "E", lambda env: _error(narrow(env))), u=unit, **domain).then("<", 0),
        "first_width": derive(first_slope, **domain).eq(-(gamma_1 * (to_first**2 / s_1**2 - c))).eq(2 * gamma_1),
        "alpha": derive(_error_by("\\alpha_i", _entry(partial(_gradient, "alpha"))), **domain)
        .eq(-(phi / p), "linear")
        .eq(-(gamma / alpha), "bayes"),
        "log_density": derive(log(phi), **domain).eq(-(c / 2 * log(TWO_PI)) - c * log(s) - distance / (2 * s**2)),
        "mu": derive(_error_by("\\mu_i", _entry(partial(_gradient, "mu"))), **domain)
        .eq(-(alpha / p * phi_by_mu), "chain")
        .eq(-(alpha * phi / p * log_phi_slope("\\mu_i", "mu")), "log")
        .eq(-(gamma * log_phi_slope("\\mu_i", "mu")), "bayes")
        .eq(gamma / s**2 * (mu - t)),
        "s": derive(e_by_s, **domain)
        .eq(-(gamma * log_phi_slope("s_i", "s")), "likewise")
        .eq(-(gamma * (distance / s**3 - c / s))),
        "softmax": derive(alpha_j_by_z, **domain)
        .eq(alpha_j * partial_derivative("\\log\\alpha_j", "z_i", softmax_slope(MP.log)), "log")
        .eq(alpha_j * (delta - exp(z("i")) / summed("k", 1, Sym("K"), exp(z("k")))))
        .eq(alpha_j * (delta - alpha)),
        "z": derive(_error_by("z_i", _entry(partial(_through, "alpha", _softmax))), **domain)
        .eq(over_j(_error_by("\\alpha_j", _entry(partial(_gradient, "alpha"), "j")) * alpha_j_by_z), "chain")
        .eq(-over_j(gamma_j / alpha_j * alpha_j * (delta - alpha)))
        .eq(-over_j(gamma_j * delta) + alpha * over_j(gamma_j))
        .eq(alpha - gamma, "one"),
        "w": derive(_error_by("w_i", _entry(partial(_through, "s", _exponentials))), **domain)
        .eq(e_by_s * s_by_w, "chain")
        .eq(e_by_s * s, "exponential")
        .eq(-(gamma * (distance / s**2 - c))),
        "collapse": derive(Named("E", "E", lambda env: _error(on_target(env))), **domain)
        .then("<", -log(alpha_1 * phi_1), "others")
        .eq(-log(alpha_1 / (TWO_PI * s_1**2)), "on_target")
        .eq(2 * log(s_1) + log(TWO_PI) - log(alpha_1)),
    }


def _radius(env: Env) -> Value:
    """The width at which the bound of E, 2 log s_1 + log(2 pi) - log alpha_1, is 0."""
    return MP.exp((MP.log(MP.convert(env["alpha"][0])) - MP.log(2 * MP.pi)) / 2)


def _index(random: Random) -> Fraction:
    """A domain: the components."""
    return Fraction(random.randint(1, 3))


def _weights(random: Random) -> tuple[Value, ...]:
    """A domain: three positive weights that add up to 1, as numbers of 60 digits."""
    return tuple(map(MP.convert, simplex(3)(random)))


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of this mixture."""
    c, parts = params.size, list(zip(params.weights, params.means, params.deviations, strict=True))
    distances = {sum((t - m) ** 2 for t, m in zip(params.target, mean, strict=True)) / s**2 for _, mean, s in parts}
    shares = [a / s**c for a, _, s in parts]
    above = [i for i, (a, x) in enumerate(zip(params.weights, shares, strict=True), 1) if x > a * sum(shares)]
    return {
        "equally_far": len(distances) == 1,
        **({"not_equally_far": len(set(solution.elsewhere)) > 1} if c == 2 else {}),
        "rising": solution.rising == tuple(above),
        "to_the_target": all(mean != params.target for mean in params.means),
        **({"widths_rise": min(distances) > c} if solution.distance > c else {"widths_fall": max(distances) < c}),
    }


def _answer(name: str, params: Params, solution: Solution) -> Term:
    """What we answer, to be compared."""
    return next(answer.value for answer in answers(params, solution) if answer.name == name)


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: torch's mixture distribution in double precision, and autograd."""
    import torch
    from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

    alpha, mu, s, t = (
        torch.from_numpy(np.array(x, dtype=float))
        for x in (params.weights, params.means, params.deviations, params.target)
    )
    z, mu, w = (x.requires_grad_() for x in (alpha.log(), mu, s.log()))
    parts: Any = Independent(Normal(mu, w.exp()[:, None].expand_as(mu)), 1)
    mixture: Any = MixtureSameFamily(Categorical(logits=z), parts)
    loss = -mixture.log_prob(t)
    loss.backward()
    yield close("loss", _answer("loss", params, solution), loss.item())
    yield all_close("gamma", solution.gamma, torch.softmax(z + parts.log_prob(t), 0).detach())
    yield all_close("by_logits", solution.by_logits, z.grad)
    yield all_close("by_means", solution.by_means, mu.grad)
    yield all_close("by_widths", solution.by_widths, w.grad)
    if len(params.target) == 2:
        height = parts.log_prob(mu)[0] + 2 * w[0]  # log phi_1(mu_1) + 2 log s_1
        yield close("threshold", _answer("threshold", params, solution), ((height.exp() * alpha[0]) ** 0.5).item())
        there = torch.from_numpy(np.array(params.moved, dtype=float))
        yield close("moved", _answer("moved", params, solution), torch.softmax(z + parts.log_prob(there), 0)[0].item())


def by_differences(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: densities in floating point, and differences in the complex direction through all outputs."""
    count, size = len(params.weights), len(params.target)
    t, flat = np.array(params.target, dtype=float), [m for mean in params.means for m in mean]
    given = np.array([*params.weights, *params.deviations, *flat], dtype=float)
    raw = np.concatenate([np.log(given[: 2 * count]), given[2 * count :]])

    def parts(x: Any, t: Any = t) -> Any:
        """alpha_i phi_i(t) for outputs (z, w, mu) along the last axis."""
        z, s, mu = np.exp(x[..., :count]), np.exp(x[..., count : 2 * count]), x[..., 2 * count :]
        squares = ((mu.reshape(*x.shape[:-1], count, size) - t) ** 2).sum(-1)
        return z / z.sum(-1, keepdims=True) * np.exp(-squares / (2 * s**2)) / (2 * np.pi * s**2) ** (size / 2)

    here = parts(raw)
    slopes = -np.log(parts(raw + 1e-20j * np.eye(len(raw))).sum(-1)).imag / 1e-20
    shares = here * (2 * np.pi) ** (size / 2) * np.exp(float(solution.distance) / 2)
    yield close("loss", _answer("loss", params, solution), -np.log(here.sum()))
    yield all_close("gamma", solution.gamma, here / here.sum())
    yield all_close("shares", solution.shares, shares)
    yield close("share", solution.share, shares.sum())
    yield all_close("by_logits", solution.by_logits, slopes[:count])
    yield all_close("by_widths", solution.by_widths, slopes[count : 2 * count])
    yield all_close("by_means", solution.by_means, slopes[2 * count :].reshape(count, size))
    if size == 2:
        from scipy.optimize import brentq

        yield close(
            "threshold",
            _answer("threshold", params, solution),
            brentq(lambda s: np.log(2 * np.pi * s**2 / given[0]), 1e-3, 10),
        )
        there = parts(raw, t + np.array([1, 0]))
        yield close("moved", _answer("moved", params, solution), there[0] / there.sum())
        powers = there * 2 * np.pi * given[count : 2 * count] ** 2 / given[:count]  # exp(-|t'-mu_i|^2/(2 s_i^2))
        yield all_close("elsewhere", solution.elsewhere, -2 * np.log(powers))
        yield all_close("exponents", solution.exponents, np.log(powers / powers[0]))


def by_many_digits(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the loss to fifty digits, and central differences; a responsibility is a slope of the log-density too."""
    count, size = len(params.weights), len(params.target)
    step = MP.mpf(10) ** -20
    flat = (m for mean in params.means for m in mean)
    z, w = ([MP.log(MP.convert(x)) for x in row] for row in (params.weights, params.deviations))
    raw = [*z, *w, *map(MP.convert, flat)]

    def log_density(x: Sequence[Any], extra: int = -1, shift: Any = 0, right: int = 0) -> Any:
        """log sum_i alpha_i phi_i(t), with the logarithm of one part shifted, and the target moved to the right."""
        target, mixed = (params.target[0] + right, *params.target[1:]), MP.zero
        for i in range(count):
            mean = x[2 * count + i * size : 2 * count + (i + 1) * size]
            square = MP.fsum((MP.convert(t) - m) ** 2 for t, m in zip(target, mean, strict=True))
            power = x[i] - square / (2 * MP.exp(2 * x[count + i])) - size * x[count + i]
            mixed += MP.exp(power + (shift if i == extra else 0))
        total = MP.fsum(map(MP.exp, x[:count]))
        return MP.log(mixed / total) - MP.mpf(size) / 2 * MP.log(2 * MP.pi)

    def slope(k: int) -> Any:
        ends = ([x + sign * step * (i == k) for i, x in enumerate(raw)] for sign in (1, -1))
        above, below = map(log_density, ends)
        return (below - above) / (2 * step)

    slopes = [slope(k) for k in range(len(raw))]
    shares = [(log_density(raw, i, step) - log_density(raw, i, -step)) / (2 * step) for i in range(count)]
    yield close("loss", _answer("loss", params, solution), -log_density(raw))
    yield all_close("gamma", solution.gamma, shares)
    yield all_close("by_logits", solution.by_logits, slopes[:count])
    yield all_close("by_widths", solution.by_widths, slopes[count : 2 * count])
    yield all_close("by_means", solution.by_means, np.reshape(slopes[2 * count :], (count, size)))
    if size == 2:
        from scipy.stats import multivariate_normal

        height = float(params.weights[0]) * multivariate_normal((0, 0)).pdf((0, 0))
        yield close("threshold", _answer("threshold", params, solution), height**0.5)
        ends = [log_density(raw, 0, sign * step, right=1) for sign in (1, -1)]
        yield close("moved", _answer("moved", params, solution), (ends[0] - ends[1]) / (2 * step))


oracles = (by_torch, by_differences, by_many_digits)
