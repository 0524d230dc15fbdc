"""The conditional restricted Boltzmann machine, with energy E(x, y, h) = -x'Wh - y'Uh on binary vectors, no biases.

The hidden units are independent given x and y, with p(h_k = 1 | x, y) = sigma(a_k) for a = W'x + U'y; so are the
outputs given h, with p(y_j = 1 | h, x) = sigma(U_j h). With the free energy F(x, y) = -sum_k log(1 + exp(a_k)),
p(x, y) = exp(-F(x, y)) / Z and p(y | x) = exp(-F(x, y)) / Z(x), where Z(x) = sum_y exp(-F(x, y)) and Z = sum_x Z(x)
(Mnih, Larochelle and Hinton, Conditional restricted Boltzmann machines for structured output prediction, UAI 2011).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
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
    input_term,
    layer_derivation,
    power_of_two,
    sigma,
    sigmoid,
    states,
    two_to,
)
from blattwerk.vocabulary.functions import multiplied
from blattwerk.vocabulary.matrices import transpose

Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Params:
    """A machine with n inputs, m outputs and K hidden units, and one state of it."""

    input_weights: Rows
    """W, n x K, in units of log 2."""
    output_weights: Rows
    """U, m x K, in units of log 2."""
    x: Bits
    y: Bits
    h: Bits
    """The state: n inputs, m outputs, K hidden units."""


@dataclass(frozen=True)
class Row:
    """One state of the outputs or of the hidden units, with the layers beside it summed out."""

    state: Bits
    inputs: tuple[int, ...]
    """In units of log 2: a_k for all k if the state is a y; W_i h for all i, then U_j h for all j, if it is an h."""
    weight: Fraction
    """The product of 1 + exp(input): exp(-F(x, y)), or the sum of exp(-E(x, y, h)) over x and y."""


@dataclass(frozen=True)
class Solution:
    """The conditionals of the state, p(y|x), and the joint model."""

    hidden_inputs: tuple[int, ...]
    """a, in units of log 2."""
    hidden: tuple[Fraction, ...]
    """p(h_k = 1 | x, y) for all k."""
    visible_inputs: tuple[int, ...]
    """U_j h for all j, in units of log 2."""
    visible: tuple[Fraction, ...]
    """p(y_j = 1 | h, x) for all j."""
    weight: Fraction
    """exp(-F(x, y))."""
    outputs: tuple[Row, ...]
    """All y' for this x, in the order of `states`."""
    normaliser: Fraction
    """Z(x), the sum of the weights of `outputs`."""
    probabilities: tuple[Fraction, ...]
    """p(y' | x) for all y', in the order of `states`."""
    posterior: Fraction
    """p(y | x)."""
    hidden_states: tuple[Row, ...]
    """All h, in the order of `states`."""
    partition: Fraction
    """Z, the sum of the weights of `hidden_states`."""
    marginal: Fraction
    """p(x)."""
    joint: Fraction
    """p(x, y)."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """All quantities from the factorised sums; only Z(x) runs over the outputs, and Z over the hidden states."""
    x, y, h, W, U = params.x, params.y, params.h, params.input_weights, params.output_weights
    columns = transpose(W + U)
    hidden_inputs = step(
        "hidden_inputs",
        lambda: _inputs(columns, x + y),
        rows=lambda: _inputs(transpose(_turned(W) + _turned(U)), x + y),
        without_y=lambda: _inputs(transpose(W), x),
    )
    visible_inputs = step("visible_inputs", lambda: _inputs(U, h), rows=lambda: _inputs(_turned(U), h))
    rows = tuple(_row(columns, other, x) for other in states(len(y)))
    outputs = step("outputs", lambda: rows, hidden=lambda: tuple(_with_one(row, h) for row in rows))
    hidden_states = tuple(_row(W + U, other) for other in states(len(h)))
    weight = next(row.weight for row in outputs if row.state == y)
    over_y, over_all = (sum((row.weight for row in some), Fraction(0)) for some in (outputs, hidden_states))
    normaliser = step("normaliser", lambda: over_y, all_inputs=lambda: over_all)
    partition = step("partition", lambda: over_all, confused=lambda: over_y)
    return Solution(
        hidden_inputs,
        step("hidden", lambda: tuple(map(sigmoid, hidden_inputs))),
        visible_inputs,
        step("visible", lambda: tuple(map(sigmoid, visible_inputs))),
        weight,
        outputs,
        normaliser,
        tuple(row.weight / normaliser for row in outputs),
        step("posterior", lambda: weight / normaliser),
        hidden_states,
        partition,
        normaliser / partition,
        step("joint", lambda: weight / partition),
    )


def _turned(rows: Rows) -> Rows:
    """A usual mistake: the transposed matrix, where it is square."""
    return transpose(rows) if len(rows) == len(rows[0]) else rows


def _with_one(row: "Row", h: Bits) -> "Row":
    """A usual mistake: exp(-E(x, y', h)) for one h, instead of the sum over all."""
    return replace(row, weight=power_of_two(dot(row.inputs, h)))


def _inputs(rows: Rows, state: Bits) -> tuple[int, ...]:
    return tuple(dot(row, state) for row in rows)


def _row(rows: Rows, state: Bits, before: Bits = ()) -> Row:
    inputs = _inputs(rows, before + state)
    return Row(state, inputs, prod((1 + power_of_two(m) for m in inputs), start=Fraction(1)))


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """Both conditionals, the free energy, p(y|x) with its normaliser, and the joint model's Z and p(x, y)."""
    return (
        Answer("hidden", "state", column_term(solution.hidden), symbol="\\bigl(p(h_k=1\\mid x,y)\\bigr)_k"),
        Answer("visible", "state", column_term(solution.visible), symbol="\\bigl(p(y_j=1\\mid h,x)\\bigr)_j"),
        Answer("free_energy", "free_energy", -log(solution.weight), symbol="F(x,y)"),
        Answer("normaliser", "posterior", number(solution.normaliser), symbol="Z(x)"),
        Answer("posterior", "posterior", number(solution.posterior), symbol="p(y\\mid x)"),
        Answer("partition", "partition", number(solution.partition), symbol="Z"),
        Answer("joint", "partition", number(solution.joint), 6, symbol="p(x,y)"),
    )


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The general formulas, and the instance; a name's value comes from the energies of all states."""
    s, x, y, weight, brute = solution, params.x, params.y, number(solution.weight), _enumerated(params)
    everything, given_x, given_xy = brute.mass(), brute.mass(x=x), brute.mass(x=x, y=y)

    return {
        **_general(),
        **_single_relations(),
        **_units(params, solution, brute),
        "free_instance": derive(called("F(x,y)", -MP.log(MP.convert(given_xy))))
        .eq(total(-log(1 + two_to(m)) for m in s.hidden_inputs), "insert")
        .eq(-log(product(1 + power_of_two(m) for m in s.hidden_inputs)))
        .eq(-log(s.weight))
        .approx(),
        "normaliser": derive(called("Z(x)", given_x)).eq(total(row.weight for row in s.outputs)).eq(s.normaliser),
        "posterior": derive(called("p(y\\mid x)", given_xy / given_x))
        .eq(weight / s.normaliser)
        .eq(s.posterior)
        .approx(),
        "partition": derive(called("Z", everything)).eq(total(row.weight for row in s.hidden_states)).eq(s.partition),
        "state_weight": derive(called("\\exp(-F(x,y))", given_xy))
        .eq(product(1 + power_of_two(m) for m in s.hidden_inputs))
        .eq(weight),
        "normaliser_value": derive(called("Z(x)", given_x)).eq(s.normaliser),
        "marginal_value": derive(called("p(x)", given_x / everything)).eq(s.marginal),
        "joint": derive(called("p(x,y)", given_xy / everything)).eq(weight / s.partition).eq(s.joint).approx(6),
        "chain": derive(called("p(x)", given_x / everything) * called("p(y\\mid x)", given_xy / given_x))
        .eq(number(s.normaliser) / s.partition * (weight / s.normaliser))
        .eq(s.joint),
    }


def _units(params: Params, solution: Solution, brute: Enumerated) -> Mapping[str, Derivation]:
    """The conditional probabilities of all units, and that of h_1 once more from the energies."""
    x, y, h = params.x, params.y, params.h
    hidden, visible = brute.units("h", x=x, y=y), brute.units("y", x=x, h=h)
    rows, columns = params.output_weights, transpose(params.input_weights + params.output_weights)
    ways = [(state[0], two_to(dot(solution.hidden_inputs, state))) for state in states(len(h))]
    share = total(power for on, power in ways if on) / total(power for _, power in ways)
    odds = zip(brute.odds("h", x=x, y=y), solution.hidden_inputs, strict=True)
    powers = (derive(called(f"\\exp(a_{k})", odd)).eq(two_to(m)) for k, (odd, m) in enumerate(odds, 1))
    return {
        **{f"power_{k}": power for k, power in enumerate(powers, 1)},
        "hidden_units": layer_derivation(
            "\\bigl(p(h_k=1\\mid x,y)\\bigr)_k", hidden, [_input(c, x + y) for c in columns], solution.hidden
        ),
        "visible_units": layer_derivation(
            "\\bigl(p(y_j=1\\mid h,x)\\bigr)_j", visible, [_input(row, h) for row in rows], solution.visible
        ),
        "check": derive(called("p(h_1=1\\mid x,y)", hidden[0])).eq(share, "states").eq(solution.hidden[0]),
    }


def _input(weights: tuple[int, ...], by: Bits) -> Term:
    """The sum of the weights of the units that are on, in units of log 2."""
    return input_term(weight for weight, on in zip(weights, by, strict=True) if on)


def _enumerated(params: Params) -> Enumerated:
    """exp(-E) of every state (x, y, h), from the energy itself."""
    W, U = params.input_weights, params.output_weights
    sizes = {"x": len(params.x), "y": len(params.y), "h": len(params.h)}
    return Enumerated.of(sizes, lambda x, y, h: power_of_two(-_energy(W, U, x, y, h)))


def _energy(W: Any, U: Any, x: Any, y: Any, h: Any) -> Any:
    """-x'Wh - y'Uh."""
    units = [*zip(x, W, strict=True), *zip(y, U, strict=True)]
    return -sum(v * w * on for v, row in units for w, on in zip(row, h, strict=True))


@cache
def _general() -> Mapping[str, Derivation]:
    """The proofs for all weights; checked on machines with two units of each kind."""
    a, k, j, n, m, K = (Sym(name) for name in ("a", "k", "j", "n", "m", "K"))
    a_k = Named("a_{k}", "a[k]", lambda env: _activation(env, "y"))
    b_j = Named("b_{j}", "b[j]", lambda env: dot(env["U"][int(env["j"]) - 1], env["h"]))
    x_part = Named("x^{\\top}Wh", "x'Wh", lambda env: -_energy(env["W"], (), env["x"], (), env["h"]))
    y_part = Named("y^{\\top}Uh", "y'Uh", lambda env: -_energy((), env["U"], (), env["y"], env["h"]))
    input_i = Named("W_{i,:}h", "W[i]h", lambda env: dot(env["W"][int(env["i"]) - 1], env["h"]))
    input_j = Named("U_{j,:}h", "U[j]h", b_j.value)
    Z = Named("Z", "Z", lambda env: _weights(env).mass())
    Z_x = Named("Z(x)", "Z(x)", lambda env: _weights(env).mass(x=env["x"]))
    domain = {name: vector(vector(real, 2), 2) for name in "WU"} | {name: vector(bit, 2) for name in "xyh"}
    domain |= {name: exactly(Fraction(2)) for name in "nmK"}

    def probability(names: str, given: str = "") -> Named:
        printed = ",".join(names) + ("\\mid " + ",".join(given) if given else "")
        return Named(f"p({printed})", f"p({names}|{given})", lambda env: _conditional(env, names, given))

    def boltzmann(y: str, h: str) -> Term:
        state = ("W", "U", "x", y, h)
        return exp(-Named(f"E(x,{y},{h})", f"E(x, {y}, {h})", lambda env: _energy(*(env[v] for v in state))))

    def weight(y: str) -> Term:
        return exp(-Named(f"F(x,{y})", f"F(x, {y})", lambda env: _free_energy(env, y)))

    hidden = {h: exp(summed("k", 1, K, a_k * At(h, k))) for h in ("h", "h'")}
    visible = {y: exp(summed("j", 1, m, b_j * At(y, j))) for y in ("y", "y'")}
    at_other = Named("p(x,y')", "p(x, y')", lambda env: _conditional({**env, "y": env["y'"]}, "xy", ""))
    one_k, one_j = exp(a_k * At("h", k)), exp(b_j * At("y", j))
    on_or_off = multiplied("k", 1, K, 1 + exp(a_k))
    return {
        "hidden": derive(probability("h", "xy"), **domain)
        .eq(boltzmann("y", "h") / OverStates("h'", K, boltzmann("y", "h'")), "definition")
        .eq(hidden["h"] / OverStates("h'", K, hidden["h'"]))
        .eq(multiplied("k", 1, K, one_k) / on_or_off, "factorise")
        .eq(multiplied("k", 1, K, one_k / (1 + exp(a_k)))),
        "visible": derive(probability("y", "hx"), **domain)
        .eq(boltzmann("y", "h") / OverStates("y'", m, boltzmann("y'", "h")), "definition")
        .eq(exp(x_part) * visible["y"] / (exp(x_part) * OverStates("y'", m, visible["y'"])))
        .eq(multiplied("j", 1, m, one_j / (1 + exp(b_j))), "likewise"),
        "sigmoid": derive(exp(a) / (1 + exp(a)), a=real).eq((1 + exp(-a)) ** -1).eq(sigma(a)),
        "free": derive(probability("xy"), **domain)
        .eq(OverStates("h", K, boltzmann("y", "h")) / Z, "definition")
        .eq(on_or_off / Z, "factorise")
        .eq(exp(summed("k", 1, K, log(1 + exp(a_k)))) / Z)
        .eq(weight("y") / Z),
        "given_x": derive(probability("y", "x"), **domain)
        .eq(probability("xy") / OverStates("y'", m, at_other), "definition")
        .eq(weight("y") / OverStates("y'", m, weight("y'")), "cancel")
        .eq(weight("y") / Z_x),
        "order": derive(Z, **domain)
        .eq(OverStates("h", K, OverStates("x", n, exp(x_part)) * OverStates("y", m, exp(y_part))), "exchange")
        .eq(OverStates("h", K, multiplied("i", 1, n, 1 + exp(input_i)) * multiplied("j", 1, m, 1 + exp(input_j)))),
    }


@cache
def _single_relations() -> Mapping[str, Derivation]:
    """What the sentences between the proofs say, checked on the same machines."""
    k, j, n, m, K, a_1 = (Sym(name) for name in ("k", "j", "n", "m", "K", "a_1"))
    a_k = Named("a_{k}", "a[k]", lambda env: _activation(env, "y"))
    other_a_k = Named("a_{k}", "a[k]", lambda env: _activation(env, "y'"))
    b_j = Named("b_{j}", "b[j]", lambda env: dot(env["U"][int(env["j"]) - 1], env["h"]))
    x_part = Named("x^{\\top} W h", "x'Wh", lambda env: -_energy(env["W"], (), env["x"], (), env["h"]))
    minus = Named("-E(x,y,h)", "-E(x, y, h)", lambda env: -_energy(*(env[v] for v in ("W", "U", "x", "y", "h"))))
    Z = Named("Z", "Z", lambda env: _weights(env).mass())
    Z_x = Named("Z(x)", "Z(x)", lambda env: _weights(env).mass(x=env["x"]))
    weight = Named("F(x,y)", "F(x, y)", lambda env: _free_energy(env, "y"))
    other_weight = Named("F(x,y')", "F(x, y')", lambda env: _free_energy(env, "y'"))
    both = Named("p(x,y)", "p(x, y)", lambda env: _conditional(env, "xy", ""))
    alone = Named("p(x)", "p(x)", lambda env: _conditional(env, "x", ""))
    output = Named(
        "p(y_j=1\\mid h,x)",
        "p(y[j] = 1|h, x)",
        lambda env: _weights(env).units("y", h=env["h"], x=env["x"])[int(env["j"]) - 1],
    )
    domain = {name: vector(vector(real, 2), 2) for name in "WU"} | {name: vector(bit, 2) for name in "xyh"}
    domain |= {name: exactly(Fraction(2)) for name in "nmK"} | {"y'": vector(bit, 2), "j": _first_or_second}
    exponent: Term = Sym("m")
    return {
        "energy": derive(minus, **domain).eq(summed("k", 1, K, a_k * At("h", k))),
        "energy_outputs": derive(minus, **domain).eq(x_part + summed("j", 1, m, b_j * At("y", j))),
        "output": derive(output, **domain).eq(sigma(b_j)),
        "as_quotient": derive(sigma(a_1), a_1=real).eq(exp(a_1) / (1 + exp(a_1))),
        "power": derive(exp(exponent * log(2)), m=_whole).eq(number(2) ** exponent),
        "sigma_of_power": derive(sigma(exponent * log(2)), m=_whole).eq(
            number(2) ** exponent / (number(2) ** exponent + 1)
        ),
        "output_weight": derive(exp(-other_weight), **domain).eq(multiplied("k", 1, K, 1 + exp(other_a_k))),
        "joint_formula": derive(both, **domain).eq(exp(-weight) / Z),
        "sum_of_normalisers": derive(Z, **domain).eq(OverStates("x", n, Z_x)),
        "marginal_formula": derive(alone, **domain).eq(Z_x / Z),
    }


def _first_or_second(random: Random) -> Fraction:
    """A domain: the units of a layer of two."""
    return Fraction(random.randint(1, 2))


def _whole(random: Random) -> Fraction:
    """A domain: exponents of 2."""
    return Fraction(random.randint(-6, 6))


def _activation(env: Env, y: str) -> Value:
    """a_k = x'W_{:,k} + y'U_{:,k}."""
    return dot([row[int(env["k"]) - 1] for row in (*env["W"], *env["U"])], (*env["x"], *env[y]))


def _free_energy(env: Env, y: str) -> Value:
    """-sum_k log(1 + exp(a_k))."""
    return -sum(MP.log(1 + MP.exp(MP.convert(_activation({**env, "k": k}, y)))) for k in (1, 2))


def _weights(env: Env) -> Enumerated:
    """exp(-E) of every state, for matrices of real numbers."""
    energy = partial(_energy, env["W"], env["U"])
    return Enumerated.of({"x": 2, "y": 2, "h": 2}, lambda *state: MP.exp(-MP.convert(energy(*state))))


def _conditional(env: Env, names: str, given: str) -> Value:
    """The probability of the layers in `names` given those in `given`."""
    weights, condition = _weights(env), {name: env[name] for name in given}
    return weights.mass(**condition, **{name: env[name] for name in names}) / weights.mass(**condition)


def by_enumeration(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: every state's exp(-E) in exact arithmetic, and sums over the table."""
    s, x, y, h, brute = solution, params.x, params.y, params.h, _enumerated(params)
    everything, given_x, given_xy = brute.mass(), brute.mass(x=x), brute.mass(x=x, y=y)
    outputs = [(other, brute.odds("h", x=x, y=other), brute.mass(x=x, y=other)) for other in states(len(y))]
    beside = [(o, brute.odds("x", h=o) + brute.odds("y", h=o), brute.mass(h=o)) for o in states(len(h))]
    yield equal("hidden", s.hidden, brute.units("h", x=x, y=y))
    yield equal("visible", s.visible, brute.units("y", x=x, h=h))
    yield equal("hidden_inputs", _powers(s.hidden_inputs), brute.odds("h", x=x, y=y))
    yield equal("visible_inputs", _powers(s.visible_inputs), brute.odds("y", x=x, h=h))
    yield equal("free_energy", s.weight, given_xy)
    yield equal("outputs", [(row.state, _powers(row.inputs), row.weight) for row in s.outputs], outputs)
    yield equal("normaliser", s.normaliser, given_x)
    yield equal("probabilities", s.probabilities, tuple(weight / given_x for _, _, weight in outputs))
    yield equal("posterior", s.posterior, given_xy / given_x)
    yield equal("hidden_states", [(row.state, _powers(row.inputs), row.weight) for row in s.hidden_states], beside)
    yield equal("partition", s.partition, everything)
    yield equal("marginal", s.marginal, given_x / everything)
    yield equal("joint", s.joint, given_xy / everything)


def _powers(exponents: tuple[int, ...]) -> tuple[Fraction, ...]:
    return tuple(map(power_of_two, exponents))


def by_slopes(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: log-sum-exp over all states in double precision; conditionals are its slopes by biases put at 0.

    A slope is a step in the complex direction.
    """
    import numpy as np
    from scipy.special import logsumexp

    W, U = (np.array(rows, dtype=float) * np.log(2) for rows in (params.input_weights, params.output_weights))
    X, Y, H = (np.array(states(size)) for size in (len(W), len(U), len(params.h)))
    x, y, h = (states(len(v)).index(v) for v in (params.x, params.y, params.h))
    negative_energy = (X @ W @ H.T)[:, None, :] + (Y @ U @ H.T)[None]
    hidden = [logsumexp(negative_energy[x, y] + 1e-30j * unit).imag / 1e-30 for unit in H.T]
    visible = [logsumexp(negative_energy[x, :, h] + 1e-30j * unit).imag / 1e-30 for unit in Y.T]
    given_xy, given_x = logsumexp(negative_energy[x, y]), logsumexp(negative_energy[x])
    all_states = logsumexp(negative_energy)
    yield all_close("hidden", solution.hidden, hidden)
    yield all_close("visible", solution.visible, visible)
    yield close("free_energy", -MP.log(MP.convert(solution.weight)), -given_xy)
    yield close("normaliser", solution.normaliser, np.exp(given_x))
    yield close("posterior", solution.posterior, np.exp(given_xy - given_x))
    yield close("partition", solution.partition, np.exp(all_states))
    yield close("joint", solution.joint, np.exp(given_xy - all_states))


oracles = (by_enumeration, by_slopes)
