"""The restricted Boltzmann machine, E(v, h) = -v'Wh - a'v - b'h on binary vectors, and contrastive divergence.

With G(v) = v p(h = 1 | v)' the gradient is d log p(v)/dW = G(v) - M, where M = sum_v p(v) G(v). CD-1 puts a sampled
reconstruction v1 of the example v0 in place of the model: W moves by rate (G(v0) - G(v1)), a by rate (v0 - v1), b by
rate (p(h = 1 | v0) - p(h = 1 | v1)) (Hinton, Training products of experts by minimizing contrastive divergence, Neural
Computation 14, 2002). On average it misses the gradient by sum_v q(v) d log p(v)/dW, where q is the distribution of v1
(Bengio and Delalleau, Justifying and generalizing contrastive divergence, Neural Computation 21, 2009).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
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
    log,
    matrix_term,
    number,
    product,
    real,
    rightly,
    summed,
    total,
    vector,
)
from blattwerk.vocabulary.exact.binary import (
    Bits,
    Enumerated,
    OverStates,
    bit,
    dot,
    enumerated_rbm,
    input_term,
    joint_probability,
    layer_derivation,
    matrix_sum,
    outer,
    power_of_two,
    rbm_energy,
    sigma,
    sigmoid,
    states,
)
from blattwerk.vocabulary.functions import multiplied, rounded_to
from blattwerk.vocabulary.matrices import Matrix, scale, subtract, transpose
from blattwerk.vocabulary.slopes import partial_derivative, slope

Units = tuple[Fraction, ...]


@dataclass(frozen=True)
class Params:
    """A machine with n visible and K hidden units, and what a step of CD-1 needs."""

    weights: tuple[tuple[int, ...], ...]
    """W, n x K, in units of log 2, as the biases are."""
    visible_bias: tuple[int, ...]
    """a."""
    hidden_bias: tuple[int, ...]
    """b."""
    v0: Bits
    """The example."""
    hidden_uniforms: Units
    """For each hidden unit a number from [0, 1): its h0 is 1 iff the number is less than p(h = 1 | v0)."""
    visible_uniforms: Units
    """Likewise for v1 and p(v = 1 | h0)."""
    rate: Fraction
    """The learning rate, positive."""


@dataclass(frozen=True)
class Row:
    """One hidden state, with the visible units summed out."""

    h: Bits
    exponents: tuple[int, ...]
    """b'h, then a_i + W_i h for all i, in units of log 2."""
    visible: Units
    """p(v_i = 1 | h) for all i."""
    weight: Fraction
    """Z p(h) = exp(b'h) prod_i (1 + exp(a_i + W_i h))."""


@dataclass(frozen=True)
class CDStep:
    """A step of CD-1, from v0 over h0 to v1."""

    h0: Bits
    visible: Units
    """p(v_i = 1 | h0) for all i."""
    v1: Bits
    hidden: Units
    """p(h_j = 1 | v1) for all j."""
    weights: Matrix
    """What is added to W, n x K; the rate is in it, as in the next two."""
    visible_bias: Units
    """What is added to a."""
    hidden_bias: Units
    """What is added to b."""


@dataclass(frozen=True)
class Solution:
    """The machine as a distribution, the gradient of log p(v0), a step of CD-1 and what it subtracts on average."""

    hidden: Units
    """p(h_j = 1 | v0) for all j."""
    weight: Fraction
    """exp(-F(v0))."""
    rows: tuple[Row, ...]
    """All hidden states, in the order of `states`."""
    partition: Fraction
    """Z, the sum of the rows' weights."""
    probability: Fraction
    """p(v0)."""
    statistics: Matrix
    """Z M, n x K."""
    gradient: Matrix
    """d log p(v0)/dW = G(v0) - M, n x K."""
    step: CDStep
    expected: Fraction
    """sum_v q(v) G_11(v)."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """All quantities from the conditionals; Z and the model's statistics are sums over the hidden states."""
    hidden, rows = tuple(map(sigmoid, hidden_inputs(params, params.v0))), _rows(params)
    everything = _summed(rows)
    statistics = matrix_sum(outer([row.weight * p for p in row.visible], row.h) for row in rows)
    gradient = step("gradient", lambda: subtract(outer(params.v0, hidden), scale(1 / everything, statistics)))
    unbiased = replace(params, visible_bias=(0,) * len(params.v0))
    weight = step(
        "weight",
        lambda: _weight(params),
        bias=lambda: _weight(unbiased),
        hidden=lambda: power_of_two(sum(hidden_inputs(params, params.v0)) + dot(params.visible_bias, params.v0)),
    )
    partition = step(
        "partition", lambda: everything, bias=lambda: _summed(_rows(unbiased)), hidden=lambda: rows[-1].weight
    )
    probability = step("probability", lambda: weight / partition)
    chain, expected = _chain(params, hidden, step), _expected(params, hidden)
    return Solution(hidden, weight, rows, partition, probability, statistics, gradient, chain, expected)


def _rows(params: Params) -> tuple[Row, ...]:
    return tuple(_row(params, h) for h in states(len(params.hidden_bias)))


def _summed(rows: tuple[Row, ...]) -> Fraction:
    return sum((row.weight for row in rows), Fraction(0))


def _weight(params: Params) -> Fraction:
    """exp(-F(v0))."""
    inputs = hidden_inputs(params, params.v0)
    return power_of_two(dot(params.visible_bias, params.v0)) * prod(1 + power_of_two(m) for m in inputs)


def hidden_inputs(params: Params, v: Bits) -> tuple[int, ...]:
    """b + W'v in units of log 2."""
    return tuple(b + dot(w, v) for b, w in zip(params.hidden_bias, transpose(params.weights), strict=True))


def visible_inputs(params: Params, h: Bits) -> tuple[int, ...]:
    """a + Wh in units of log 2."""
    return tuple(a + dot(w, h) for a, w in zip(params.visible_bias, params.weights, strict=True))


def _row(params: Params, h: Bits) -> Row:
    bias, inputs = dot(params.hidden_bias, h), visible_inputs(params, h)
    visible = tuple(map(sigmoid, inputs))
    return Row(h, (bias, *inputs), visible, power_of_two(bias) * prod(1 + power_of_two(m) for m in inputs))


def _chain(params: Params, hidden: Units, step: Step) -> CDStep:
    """CD-1 from the example on."""
    h0 = _sampled("h0", hidden, params.hidden_uniforms, step)
    visible = tuple(map(sigmoid, visible_inputs(params, h0)))
    v1 = _sampled("v1", visible, params.visible_uniforms, step)
    after, v0 = tuple(map(sigmoid, hidden_inputs(params, v1))), params.v0
    weights = step(
        "update_weights",
        lambda: scale(params.rate, subtract(outer(v0, hidden), outer(v1, after))),
        sampled=lambda: scale(params.rate, subtract(outer(v0, h0), outer(v1, after))),
        transposed=lambda: scale(params.rate, subtract(outer(hidden, v0), outer(after, v1))),
    )
    a = step("update_visible", lambda: _difference(params.rate, v0, v1))
    b = step(
        "update_hidden",
        lambda: _difference(params.rate, hidden, after),
        sampled=lambda: _difference(params.rate, h0, after),
    )
    return CDStep(h0, visible, v1, after, weights, a, b)


def _difference(rate: Fraction, before: Iterable[Fraction | int], after: Iterable[Fraction | int]) -> Units:
    return tuple(rate * (x - y) for x, y in zip(before, after, strict=True))


def _sampled(name: str, probabilities: Units, uniforms: Units, step: Step) -> Bits:
    drawn = _drawn(probabilities, uniforms)
    return step(name, lambda: drawn, convention=lambda: tuple(1 - x for x in drawn))


def _drawn(probabilities: Units, uniforms: Units) -> Bits:
    """A unit is 1 iff its uniform number is less than its probability."""
    return tuple(int(u < p) for p, u in zip(probabilities, uniforms, strict=True))


def _expected(params: Params, hidden: Units) -> Fraction:
    """sum_v q(v) G_11(v) with q(v) = sum_h p(h | v0) p(v | h); only v with v_1 = 1 contribute."""
    chance, all_h = joint_probability, states(len(hidden))
    ways = [(chance(hidden, h), tuple(map(sigmoid, visible_inputs(params, h)))) for h in all_h]
    on = (v for v in states(len(params.v0)) if v[0])
    reached = ((v, sum(weight * chance(units, v) for weight, units in ways)) for v in on)
    return sum((q * sigmoid(hidden_inputs(params, v)[0]) for v, q in reached), Fraction(0))


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """F(v0), Z and p(v0), the gradient, both samples, and the three updates."""
    s, step = solution, solution.step
    return (
        Answer("free_energy", "model", -log(s.weight), symbol="F\\bigl(v^{(0)}\\bigr)"),
        Answer("partition", "model", number(s.partition), symbol="Z"),
        Answer("probability", "model", number(s.probability), symbol="p\\bigl(v^{(0)}\\bigr)"),
        Answer(
            "gradient", "gradient", matrix_term(s.gradient), symbol="\\frac{\\partial \\log p(v^{(0)})}{\\partial W}"
        ),
        Answer("h0", "step", column_term(step.h0), symbol="h^{(0)}"),
        Answer("v1", "step", column_term(step.v1), symbol="v^{(1)}"),
        Answer("update_weights", "step", matrix_term(step.weights), symbol="\\Delta W"),
        Answer("update_visible", "step", column_term(step.visible_bias), symbol="\\Delta a"),
        Answer("update_hidden", "step", column_term(step.hidden_bias), symbol="\\Delta b"),
    )


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What a step of CD-1 subtracts on average is another number than in the gradient, also on paper."""
    error = solution.expected - solution.statistics[0][0] / solution.partition
    return {"biased": abs(error) > Fraction(1, 10**4)}


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The general formulas, and the instance; a name's value comes from the energies of all states."""
    s, v0, brute = solution, params.v0, _enumerated(params)
    at_v0, everything, data, model = brute.mass(v=v0), brute.mass(), brute.moments(v=v0), brute.moments()
    inputs, bias = hidden_inputs(params, v0), dot(params.visible_bias, v0)
    linear, power = ([input_term([-bias])], [power_of_two(bias)]) if bias else ([], [])
    reached, data_term = _after_a_step(brute, v0), matrix_term(outer(v0, s.hidden))
    p_v0, modelled = called("p(v^{(0)})", at_v0 / everything), number(1 / s.partition) * matrix_term(s.statistics)
    return {
        **_general(),
        "free": derive(called("F(v^{(0)})", -MP.log(MP.convert(at_v0))))
        .eq(total([*linear, *(-log(1 + number(2) ** m) for m in inputs)]), "insert")
        .eq(-log(product([*power, *(1 + power_of_two(m) for m in inputs)])))
        .eq(-log(s.weight))
        .approx(),
        "partition": derive(called("Z", everything)).eq(total(row.weight for row in s.rows)).eq(s.partition),
        "mass": derive(exp(-called("F\\bigl(v^{(0)}\\bigr)", -MP.log(MP.convert(at_v0))))).eq(s.weight),
        "probability": derive(p_v0).eq(number(s.weight) / s.partition).eq(s.probability).approx(),
        "data": derive(called("G(v^{(0)})", data)).eq(_outer_term(v0, s.hidden)).eq(data_term),
        "model": derive(called("M", model)).eq(modelled),
        "gradient": derive(called("\\frac{\\partial\\log p(v^{(0)})}{\\partial W}", subtract(data, model)))
        .eq(data_term - modelled)
        .eq(matrix_term(s.gradient)),
        **_step_derivations(params, s, brute),
        "on_average": _as_decimal(called("\\sum_{v} q(v) G_{11}(v)", reached), s.expected),
        "wanted": _as_decimal(called("M_{11}", model[0][0]), s.statistics[0][0] / s.partition),
    }


def _as_decimal(start: Term, value: Fraction) -> Derivation:
    """A name and its decimal value, with equality where that is short."""
    short = (value * 10**4).denominator == 1
    return derive(start).eq(value) if short else derive(start).then("~", rounded_to(value))


def _outer_term(v: Bits, p: Units) -> Term:
    return column_term(v) * matrix_term([p])


def _step_derivations(params: Params, solution: Solution, brute: Enumerated) -> Mapping[str, Derivation]:
    """The conditionals along the chain, and the three updates."""
    v0, v1, step, columns = params.v0, solution.step.v1, solution.step, transpose(params.weights)
    up, down, again = brute.units("h", v=v0), brute.units("v", h=step.h0), brute.units("h", v=v1)

    def layer(printed: str, values: Units, biases: Bits, rows: Matrix, before: Bits, result: Units) -> Derivation:
        selected = [[w for w, on in zip(row, before, strict=True) if on] for row in rows]
        inputs = (input_term([b, *weights]) for b, weights in zip(biases, selected, strict=True))
        return layer_derivation(printed, values, inputs, result)

    def update(of: str, change: Callable[[Units, Units], Term], result: Term) -> Derivation:
        start = called(f"\\Delta {of}", (number(params.rate) * change(up, again)).value())
        return derive(start).eq(number(params.rate) * change(solution.hidden, step.hidden), "insert").eq(result)

    return {
        "up": layer("p(h=1\\mid v^{(0)})", up, params.hidden_bias, columns, v0, solution.hidden),
        "down": layer("p(v=1\\mid h^{(0)})", down, params.visible_bias, params.weights, step.h0, step.visible),
        "again": layer("p(h=1\\mid v^{(1)})", again, params.hidden_bias, columns, v1, step.hidden),
        "weights": update("W", lambda p, q: _outer_term(v0, p) - _outer_term(v1, q), matrix_term(step.weights)),
        "visible_bias": update("a", lambda p, q: column_term(v0) - column_term(v1), column_term(step.visible_bias)),
        "hidden_bias": update("b", lambda p, q: column_term(p) - column_term(q), column_term(step.hidden_bias)),
    }


def _enumerated(params: Params) -> Enumerated:
    return enumerated_rbm(params.weights, params.visible_bias, params.hidden_bias, power_of_two)


def _after_a_step(brute: Enumerated, v0: Bits) -> Value:
    """sum_v q(v) G_11(v)."""
    return sum(brute.reconstruction(v0, v) * v[0] * brute.units("h", v=v)[0] for v in states(len(v0)))


@cache
def _general() -> Mapping[str, Derivation]:
    """The proofs for all weights and biases; checked on machines with two units in each layer."""
    n, K, shown = Sym("n"), Sym("K"), {"v": "v", "v'": "v'", "v0": "v^{(0)}"}
    domain = {"W": vector(vector(real, 2), 2), "a": vector(real, 2), "b": vector(real, 2), "v": vector(bit, 2)}
    domain |= {"v0": vector(bit, 2), "n": exactly(Fraction(2)), "K": exactly(Fraction(2))}
    domain |= dict.fromkeys("ij", lambda random: random.randint(1, 2)) | {"h": vector(bit, 2)}

    def named(printed: str, value: Callable[[Enumerated, Env], Value]) -> Named:
        return Named(printed, printed, lambda env: value(_machine(env["W"], env["a"], env["b"]), env))

    def entry(matrix: Matrix, env: Env) -> Value:
        return matrix[env["i"] - 1][env["j"] - 1]

    def p(layer: str, state: str) -> Named:
        return named(f"p({state})", lambda machine, env: machine.mass(**{layer: env[state]}) / machine.mass())

    def derivative(of: str, function: Callable[[Enumerated, Env], Value]) -> Named:
        def value(env: Env) -> Value:
            return entry(slope(lambda W: function(_machine(W, env["a"], env["b"]), env), env["W"]), env)

        return partial_derivative(of, "W_{ij}", value)

    def statistic(v: str) -> Named:
        return named(f"G_{{ij}}({shown[v]})", lambda machine, env: entry(machine.moments(v=env[v]), env))

    def free(v: str) -> Named:
        return derivative(f"F({shown[v]})", lambda machine, env: -MP.log(machine.mass(v=env[v])))

    def score(v: str) -> Named:
        return derivative(f"\\log p({shown[v]})", lambda m, env: MP.log(m.mass(v=env[v])) - MP.log(m.mass()))

    Z, M = named("Z", lambda m, env: m.mass()), named("M_{ij}", lambda m, env: entry(m.moments(), env))
    q = named("q(v)", lambda machine, env: machine.reconstruction(env["v0"], env["v"]))
    h_part = Named("b^{\\top}h", "b'h", lambda env: dot(env["b"], env["h"]))
    energy = Named("E(v,h)", "E(v,h)", lambda env: rbm_energy(*(env[name] for name in "Wabvh")))
    v_given_h = named("p(v_{i}=1\\mid h)", lambda machine, env: machine.units("v", h=env["h"])[env["i"] - 1])
    to_v = named("a_{i}+W_{i,:}h", lambda machine, env: MP.log(machine.odds("v", h=env["h"])[int(env["i"]) - 1]))
    to_h = named(
        "b_{j}+v^{\\top}W_{:,j}", lambda machine, env: MP.log(machine.odds("h", v=env["v"])[int(env["j"]) - 1])
    )
    free_v, free_w = (named(f"F({shown[v]})", _free_energy(v)) for v in ("v", "v'"))
    a_part = Named("a^{\\top}v", "a'v", lambda env: dot(env["a"], env["v"]))
    inner = summed("j", 1, K, log(1 + exp(to_h)))
    conditioned = exp(h_part) * multiplied("i", 1, n, 1 + exp(to_v))
    return {
        "order": derive(Z, **domain)
        .eq(OverStates("h", K, OverStates("v", n, exp(-energy))), "definition")
        .eq(OverStates("h", K, conditioned)),
        "log_p": derive(log(p("v", "v")), **domain).eq(-free_v - log(Z)),
        "free_by_units": derive(free_v, **domain).eq(-a_part - inner),
        "by_free": derive(Z, **domain).eq(OverStates("v'", n, exp(-free_w))),
        "row": derive(Z * p("h", "h"), **domain).eq(conditioned),
        "entries": derive(score("v"), **domain).eq(statistic("v") - M),
        "mean": derive(M, **domain).eq(OverStates("v'", n, p("v", "v'") * statistic("v'"))),
        "whole": derive(OverStates("v", n, q), **domain).eq(1),
        "vanishing": derive(OverStates("v", n, p("v", "v") * (statistic("v") - M)), **domain).eq(M - M).eq(0),
        **_powers(),
        "slope": derive(-free("v"), **domain).eq(At("v", Sym("i")) * sigma(to_h)).eq(statistic("v")),
        "score": derive(score("v"), **domain)
        .eq(-free("v") + OverStates("v'", n, p("v", "v'") * free("v'")), "log")
        .eq(statistic("v") - OverStates("v'", n, p("v", "v'") * statistic("v'")))
        .eq(statistic("v") - M),
        "moment": derive(M, **domain)
        .eq(OverStates("v", n, p("v", "v") * statistic("v")))
        .eq(OverStates("h", K, p("h", "h") * At("h", Sym("j")) * v_given_h), "both"),
        "bias": derive(statistic("v0") - OverStates("v", n, q * statistic("v")), **domain)
        .eq((statistic("v0") - M) - OverStates("v", n, q * (statistic("v") - M)), "weights")
        .eq(score("v0") - OverStates("v", n, q * score("v")), "gradient"),
    }


def _free_energy(v: str) -> Callable[[Enumerated, Env], Value]:
    return lambda machine, env: -MP.log(machine.mass(v=env[v]))


def _powers() -> Mapping[str, Derivation]:
    """exp and sigma of the multiples of log 2."""
    m = Sym("m")
    return {
        "power": derive(exp(m * log(2)), m=_whole).eq(number(2) ** m),
        "sigmoid": derive(sigma(m * log(2)), m=_whole).eq(number(2) ** m / (number(2) ** m + 1)),
    }


def _whole(random: Random) -> Fraction:
    """A domain: whole numbers."""
    return Fraction(random.randint(-9, 9))


@lru_cache(maxsize=64)
def _machine(W: Any, a: Any, b: Any) -> Enumerated:
    return enumerated_rbm(W, a, b, lambda x: MP.exp(MP.convert(x)))


def by_enumeration(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: every state's exp(-E) in exact arithmetic; conditionals, moments and the chain as sums over the table."""
    s, step, v0, rate, brute = solution, solution.step, params.v0, params.rate, _enumerated(params)
    up, data, model = brute.units("h", v=v0), brute.moments(v=v0), brute.moments()
    h0 = tuple(int(p > u) for p, u in zip(up, params.hidden_uniforms, strict=True))
    down = brute.units("v", h=h0)
    v1 = tuple(int(p > u) for p, u in zip(down, params.visible_uniforms, strict=True))
    again, zero, all_h = brute.units("h", v=v1), (0,) * len(v0), states(len(up))
    exponents = [(brute.weights[zero, h], *brute.odds("v", h=h)) for h in all_h]
    rows = [(h, brute.units("v", h=h), brute.mass(h=h)) for h in all_h]
    yield equal("rows", [(row.h, row.visible, row.weight) for row in s.rows], rows)
    yield equal("exponents", [tuple(map(power_of_two, row.exponents)) for row in s.rows], exponents)
    yield equal("conditionals", (s.hidden, step.visible, step.hidden), (up, down, again))
    yield equal("free_energy", s.weight, brute.mass(v=v0))
    yield equal("partition", s.partition, brute.mass())
    yield equal("probability", s.probability, brute.mass(v=v0) / brute.mass())
    yield equal("statistics", s.statistics, scale(brute.mass(), model))
    yield equal("gradient", s.gradient, subtract(data, model))
    yield equal("expected", s.expected, _after_a_step(brute, v0))
    yield equal("h0", step.h0, h0)
    yield equal("v1", step.v1, v1)
    yield equal("update_weights", step.weights, scale(rate, subtract(data, brute.moments(v=v1))))
    yield equal("update_visible", step.visible_bias, tuple(rate * (x - y) for x, y in zip(v0, v1, strict=True)))
    yield equal("update_hidden", step.hidden_bias, tuple(rate * (x - y) for x, y in zip(up, again, strict=True)))


def by_slopes(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: log p(v0) by log-sum-exp over all states in double precision, and its slope by each weight.

    A slope is a step in the complex direction.
    """
    import numpy as np
    from scipy.special import logsumexp

    W, a, b = (np.log(2) * np.array(x) for x in (params.weights, params.visible_bias, params.hidden_bias))
    V, H = (np.array(states(len(x))) for x in (a, b))
    v0 = states(len(a)).index(params.v0)

    def logs(W: np.ndarray) -> tuple[Any, Any]:
        log_weights = V @ W @ H.T + (V @ a)[:, None] + H @ b
        return logsumexp(log_weights[v0]), logsumexp(log_weights)

    log_v0, log_z = logs(W)
    ways = 1e-30j * np.eye(W.size).reshape(W.size, *W.shape)
    slopes = [(one - whole).imag / 1e-30 for one, whole in (logs(W + way) for way in ways)]
    yield close("free_energy", -MP.log(MP.convert(solution.weight)), -log_v0)
    yield close("partition", solution.partition, np.exp(log_z))
    yield close("probability", solution.probability, np.exp(log_v0 - log_z))
    yield all_close("gradient", solution.gradient, np.reshape(slopes, W.shape))


def by_arrays(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: CD-1 as a program on float arrays, for a batch of one example."""
    import numpy as np
    from scipy.special import expit

    W, a, b = (np.log(2) * np.array(x) for x in (params.weights, params.visible_bias, params.hidden_bias))
    v0, step, rate = np.array([params.v0]), solution.step, float(params.rate)
    up = expit(v0 @ W + b)
    h0 = 1 * (np.array(params.hidden_uniforms, dtype=float) < up)
    v1 = 1 * (np.array(params.visible_uniforms, dtype=float) < expit(h0 @ W.T + a))
    again = expit(v1 @ W + b)
    yield all_close("h0", step.h0, h0[0])
    yield all_close("v1", step.v1, v1[0])
    yield all_close("update_weights", step.weights, rate * (v0.T @ up - v1.T @ again))
    yield all_close("update_visible", step.visible_bias, rate * (v0 - v1)[0])
    yield all_close("update_hidden", step.hidden_bias, rate * (up - again)[0])


oracles = (by_enumeration, by_slopes, by_arrays)
