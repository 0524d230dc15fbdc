"""The deep Boltzmann machine, E(v, g, h) = -v'Wg - g'Uh - a'v - b'g - c'h on binary vectors: two hidden layers.

Given v and h the units of g are independent, p(g_j = 1 | v, h) = sigma(v'W_j + U_j h + b_j); given g, so are those of
v and h. Only the sums over v and h factorise, so that p(v) Z = exp(a'v) sum_g exp((b + W'v)'g) prod_k (1 + exp(t_k))
and Z = sum_g exp(b'g) prod_i (1 + exp(s_i)) prod_k (1 + exp(t_k)) with s = a + Wg and t = c + U'g. Mean field puts means
in the place of neighbours: mu_j = sigma(v'W_j + U_j nu + b_j), nu_k = sigma(mu'U_k + c_k) (Salakhutdinov and Hinton,
Deep Boltzmann machines, AISTATS 2009).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from math import prod
from typing import Any

from blattwerk.binary import (
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
from blattwerk.derivation import Derivation, derive, exactly, real, vector
from blattwerk.exercise import Answer, Comparison
from blattwerk.functions import column_term, exp, log, multiplied, number, summed
from blattwerk.matrices import transpose
from blattwerk.oracles import all_close, close, equal
from blattwerk.slopes import partial_derivative, slope
from blattwerk.terms import MP, At, Env, Named, Sym, Term, Value, total

Units = tuple[Fraction, ...]
Rows = tuple[tuple[int, ...], ...]
HALF = Fraction(1, 2)  # where mean field starts


@dataclass(frozen=True)
class Params:
    """W (n x K), U (K x L) and the biases a, b, c of v, g, h in units of log 2, and one state (v, g, h)."""

    W: Rows
    U: Rows
    a: tuple[int, ...]
    b: tuple[int, ...]
    c: tuple[int, ...]
    v: Bits
    g: Bits
    h: Bits


@dataclass(frozen=True)
class Row:
    """A state of g with its exponents, in units of log 2: (b + W'v)'g, b'g, s = a + Wg and t = c + U'g."""

    g: Bits
    evidence: int
    bias: int
    s: tuple[int, ...]
    t: tuple[int, ...]

    @property
    def below(self) -> Fraction:
        """prod_i (1 + exp(s_i)): the sum over v."""
        return prod((1 + power_of_two(m) for m in self.s), start=Fraction(1))

    @property
    def above(self) -> Fraction:
        """prod_k (1 + exp(t_k)): the sum over h."""
        return prod((1 + power_of_two(m) for m in self.t), start=Fraction(1))

    @property
    def given_v(self) -> Fraction:
        """exp((b + W'v)'g) prod_k (1 + exp(t_k)), to which p(g | v) is proportional."""
        return power_of_two(self.evidence) * self.above

    @property
    def weight(self) -> Fraction:
        """The sum of exp(-E) over v and h."""
        return power_of_two(self.bias) * self.below * self.above


@dataclass(frozen=True)
class Solution:
    """The conditionals of the state, one sweep of mean field, and the model given v and without it.

    first p(g_j = 1 | v, h), upward sigma(v'W_j + b_j), visible p(v_i = 1 | g), second p(h_k = 1 | g); mu, and the
    inputs of nu in units of log 2; the rows of all g; mass p(v) Z, partition Z, probability p(v); the exact means of g
    and h given v; together p(g_1 = g_2 = 1 | v).
    """

    first: Units
    upward: Units
    visible: Units
    second: Units
    mu: Units
    nu_inputs: Units
    rows: tuple[Row, ...]
    mass: Fraction
    partition: Fraction
    probability: Fraction
    first_means: Units
    second_means: Units
    together: Fraction


def solve(params: Params) -> Solution:
    """The conditionals, mean field, and sums over g in which v and h are already summed out."""
    p, columns = params, transpose(params.U)
    upward = tuple(b + dot(w, p.v) for b, w in zip(p.b, transpose(p.W), strict=True))
    rows = tuple(_row(p, upward, g) for g in states(len(p.b)))
    mu = tuple(sigmoid(int(x + HALF * sum(u))) for x, u in zip(upward, p.U, strict=True))
    evidence = sum((row.given_v for row in rows), Fraction(0))
    mass, partition = power_of_two(dot(p.a, p.v)) * evidence, sum((row.weight for row in rows), Fraction(0))
    shares = [row.given_v / evidence for row in rows]
    return Solution(
        first=tuple(sigmoid(x + dot(u, p.h)) for x, u in zip(upward, p.U, strict=True)),
        upward=tuple(map(sigmoid, upward)),
        visible=tuple(sigmoid(a + dot(w, p.g)) for a, w in zip(p.a, p.W, strict=True)),
        second=tuple(sigmoid(c + dot(u, p.g)) for c, u in zip(p.c, columns, strict=True)),
        mu=mu,
        nu_inputs=tuple(c + dot(u, mu) for c, u in zip(p.c, columns, strict=True)),
        rows=rows,
        mass=mass,
        partition=partition,
        probability=mass / partition,
        first_means=tuple(dot([row.g[j] for row in rows], shares) for j in range(len(p.b))),
        second_means=tuple(dot([sigmoid(row.t[k]) for row in rows], shares) for k in range(len(p.c))),
        together=shares[-1],
    )


def _row(params: Params, upward: tuple[int, ...], g: Bits) -> Row:
    s = tuple(a + dot(w, g) for a, w in zip(params.a, params.W, strict=True))
    t = tuple(c + dot(u, g) for c, u in zip(params.c, transpose(params.U), strict=True))
    return Row(g, dot(upward, g), dot(params.b, g), s, t)


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """The conditionals, mu and nu, p(v) with its numerator and Z, and the dependence of g_1 and g_2 given v."""
    s = solution
    nu = (sigma(_multiple(x)) for x in s.nu_inputs)
    return (
        Answer("first", "state", column_term(s.first)),
        Answer("visible", "state", column_term(s.visible)),
        Answer("second", "state", column_term(s.second)),
        Answer("upward", "state", column_term(s.upward)),
        Answer("mu", "mean_field", column_term(s.mu)),
        *(Answer(f"nu_{k}", "mean_field", value) for k, value in enumerate(nu, 1)),
        Answer("mass", "probability", number(s.mass)),
        Answer("partition", "probability", number(s.partition)),
        Answer("probability", "probability", number(s.probability)),
        Answer("together", "training", number(s.together)),
        Answer("product", "training", number(prod(s.first_means))),
    )


def _multiple(x: Fraction) -> Term:
    """x log 2."""
    return number(x) * log(2)


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The proofs, and the instance; a name's value comes from the energies of all states."""
    return {**_general(), **_layers(params, solution), **_sweep(params, solution), **_sums(params, solution)}


def _layers(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The conditional probabilities of the state's units."""
    p, s, model = params, solution, _table(params)
    first = [_input(b, w + u, p.v + p.h) for b, w, u in zip(p.b, transpose(p.W), p.U, strict=True)]
    visible = [_input(a, w, p.g) for a, w in zip(p.a, p.W, strict=True)]
    second = [_input(c, u, p.g) for c, u in zip(p.c, transpose(p.U), strict=True)]
    upward = [_input(b, w, p.v) for b, w in zip(p.b, transpose(p.W), strict=True)]
    without = Enumerated.of({"v": len(p.a), "g": len(p.b)}, lambda v, g: model.weights[v, g, (0,) * len(p.c)])
    return {
        "first": layer_derivation(
            "\\bigl(p(g_j=1\\mid v,h)\\bigr)_j", model.units("g", v=p.v, h=p.h), first, s.first
        ),
        "visible": layer_derivation("\\bigl(p(v_i=1\\mid g)\\bigr)_i", model.units("v", g=p.g), visible, s.visible),
        "second": layer_derivation("\\bigl(p(h_k=1\\mid g)\\bigr)_k", model.units("h", g=p.g), second, s.second),
        "upward": layer_derivation(
            "\\bigl(\\sigma(v^{\\top}W_{:,j}+b_j)\\bigr)_j", without.units("g", v=p.v), upward, s.upward
        ),
    }


def _input(bias: int, weights: tuple[int, ...], by: Bits) -> Term:
    """The weights from the units that are on, and the bias if there is one."""
    received = [w for w, on in zip(weights, by, strict=True) if on]
    return input_term(received + [bias] * (bias != 0))


def _sweep(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """mu and nu by the formula; the names are evaluated by mean log-odds."""
    p, mu = params, solution.mu
    inputs = _mean_inputs(p, "g", "h", (HALF,) * len(p.c), v=p.v)
    names = [Named(f"\\nu_{k}", f"nu[{k}]", _constant(x)) for k, x in enumerate(_mean_inputs(p, "h", "g", mu), 1)]
    received = [
        total([*(w for w, on in zip(weights, p.v, strict=True) if on), HALF * sum(u), *([b] if b else [])])
        for weights, u, b in zip(transpose(p.W), p.U, p.b, strict=True)
    ]
    sums = [
        total([*(w * number(m) for w, m in zip(u, mu, strict=True)), *([c] if c else [])])
        for u, c in zip(transpose(p.U), p.c, strict=True)
    ]
    return {
        "mu": derive(Named("\\mu", "mu", lambda env: tuple((_at(x),) for x in inputs)))
        .eq(column_term(sigma(x * log(2)) for x in received), "insert")
        .eq(column_term(mu)),
    } | {
        f"nu_{k}": derive(name).eq(sigma(x * log(2)), "insert").eq(sigma(_multiple(y))).approx()
        for k, (name, x, y) in enumerate(zip(names, sums, solution.nu_inputs, strict=True), 1)
    }


def _constant(x: Fraction) -> Callable[[Env], Value]:
    return lambda env: _at(x)


def _at(x: Fraction) -> Value:
    """sigma(x log 2)."""
    return 1 / (1 + MP.power(2, -MP.convert(x)))


def _mean_inputs(params: Params, layer: str, other: str, means: Units, **given: Bits) -> Units:
    """For each unit of a layer, its mean log-odds (to base 2) if the units of another layer are independent."""
    model, result = _table(params), [Fraction(0)] * len(params.b if layer == "g" else params.c)
    for state in states(len(means)):
        share = prod((m if on else 1 - m for m, on in zip(means, state, strict=True)), start=Fraction(1))
        for position, odds in enumerate(model.odds(layer, **{other: state}, **given)):
            result[position] += share * (odds.numerator.bit_length() - odds.denominator.bit_length())
    return tuple(result)


def _sums(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """p(v) and the two sums that it is made of, and the joint probability of g_1 and g_2 given v."""
    p, s, model = params, solution, _table(params)
    given_v, everything, on = model.mass(v=p.v), model.mass(), (1,) * len(p.b)
    weights = [row.given_v for row in s.rows]
    share = [total(w for w, row in zip(weights, s.rows, strict=True) if row.g[j]) / total(weights) for j in (0, 1)]
    units = [Named(f"p(g_{j}=1\\mid v)", f"p(g[{j}]=1|v)", _value(x)) for j, x in enumerate(model.units("g", v=p.v), 1)]
    together = model.mass(v=p.v, g=on) / given_v
    return {
        "mass": derive(Named("p(v)\\,Z", "p(v)*Z", _value(given_v)))
        .eq(two_to(dot(p.a, p.v)) * total(weights))
        .eq(s.mass),
        "partition": derive(Named("Z", "Z", _value(everything))).eq(total(row.weight for row in s.rows)).eq(s.partition),
        "probability": derive(Named("p(v)", "p(v)", _value(given_v / everything)))
        .eq(number(s.mass) / s.partition)
        .eq(s.probability)
        .approx(),
        "together": derive(Named("p(g_1=1,g_2=1\\mid v)", "p(g[1]=1, g[2]=1|v)", _value(together)))
        .eq(number(weights[-1]) / total(weights))
        .eq(s.together)
        .approx(),
        "product": derive(units[0] * units[1])
        .eq(share[0] * share[1])
        .eq(number(s.first_means[0]) * s.first_means[1])
        .eq(prod(s.first_means))
        .approx(),
    }


def _value(x: Value) -> Callable[[Env], Value]:
    return lambda env: x


@lru_cache(maxsize=8)
def _table(params: Params) -> Enumerated:
    """exp(-E) of every state, in exact arithmetic."""
    fixed = (params.W, params.U, params.a, params.b, params.c)
    sizes = dict(zip("vgh", map(len, fixed[2:]), strict=True))
    return Enumerated.of(sizes, lambda *state: power_of_two(_exponent(*fixed, *state)))


def _exponent(W: Any, U: Any, a: Any, b: Any, c: Any, v: Bits, g: Bits, h: Bits) -> Any:
    """-E = v'Wg + g'Uh + a'v + b'g + c'h."""
    pairs = [(W[i][j], v[i] * g[j]) for i in range(len(v)) for j in range(len(g))]
    pairs += [(U[j][k], g[j] * h[k]) for j in range(len(g)) for k in range(len(h))]
    return sum(x for x, on in [*pairs, *zip(a, v, strict=True), *zip(b, g, strict=True), *zip(c, h, strict=True)] if on)


@lru_cache(maxsize=64)
def _model(*fixed: Any) -> Enumerated:
    """exp(-E) of every state of a machine with two units in each layer and real (or complex) parameters."""
    return Enumerated.of(dict.fromkeys("vgh", 2), lambda *state: MP.exp(MP.convert(_exponent(*fixed, *state))))


def _of(env: Env) -> Enumerated:
    return _model(*(env[name] for name in "WUabc"))


@cache
def _general() -> Mapping[str, Derivation]:
    """The proofs for all machines; checked with two units in each layer."""
    i, j, k, n, K, L, r = (Sym(name) for name in ("i", "j", "k", "n", "K", "L", "r"))
    domain = {name: vector(vector(real, 2), 2) for name in "WU"} | {name: vector(real, 2) for name in "abc"}
    domain |= {name: vector(bit, 2) for name in "vgh"} | {name: exactly(Fraction(2)) for name in "nKL"}

    def received(printed: str, index: str, terms: Callable[[Env, int], Value]) -> Named:
        return Named(printed, printed, lambda env: terms(env, int(env[index]) - 1))

    def probability(names: str, given: str = "") -> Named:
        def value(env: Env) -> Value:
            condition = {name: env[name] for name in given}
            return _of(env).mass(**condition, **{name: env[name] for name in names}) / _of(env).mass(**condition)

        bar = "\\mid " + ",".join(given) if given else ""
        return Named(f"p({','.join(names)}{bar})", f"p({names}|{given})", value)

    r_j = received(
        "r_j", "j", lambda e, j: e["b"][j] + dot([row[j] for row in e["W"]], e["v"]) + dot(e["U"][j], e["h"])
    )
    s_i = received("s_i", "i", lambda e, i: e["a"][i] + dot(e["W"][i], e["g"]))
    t_k = received("t_k", "k", lambda e, k: e["c"][k] + dot([row[k] for row in e["U"]], e["g"]))
    q_j = received("q_j", "j", lambda e, j: e["b"][j] + dot([row[j] for row in e["W"]], e["v"]))
    Z = Named("Z", "Z", lambda env: _of(env).mass())
    a_v = Named("a^{\\top}v", "a'v", lambda env: dot(env["a"], env["v"]))
    b_g = Named("b^{\\top}g", "b'g", lambda env: dot(env["b"], env["g"]))

    def unit(x: Term, name: str, index: Sym) -> Term:
        return exp(x * At(name, index))

    def over_g(body: Term) -> Term:
        return OverStates("g", K, body)

    on = exp(summed("j", 1, K, r_j * At("g", j)))
    others = exp(summed("j", 1, K, r_j * At("g'", j)))
    v_units = multiplied("i", 1, n, unit(s_i, "v", i) / (1 + exp(s_i)))
    h_units = multiplied("k", 1, L, unit(t_k, "h", k) / (1 + exp(t_k)))
    below, above = multiplied("i", 1, n, 1 + exp(s_i)), multiplied("k", 1, L, 1 + exp(t_k))
    evidence = exp(summed("j", 1, K, q_j * At("g", j)))
    log_p = Named("\\log p(v)", "log p(v)", lambda env: MP.log(_of(env).mass(v=env["v"]) / _of(env).mass()))
    return {
        "first": derive(probability("g", "vh"), **domain)
        .eq(on / OverStates("g'", K, others), "cancel")
        .eq(multiplied("j", 1, K, unit(r_j, "g", j)) / multiplied("j", 1, K, 1 + exp(r_j)), "factorise")
        .eq(multiplied("j", 1, K, unit(r_j, "g", j) / (1 + exp(r_j)))),
        "sigmoid": derive(exp(r) / (1 + exp(r)), r=real).eq(sigma(r)),
        "outer": derive(probability("vh", "g"), **domain).eq(v_units * h_units),
        "belief": derive(Named("p_{\\mathrm{DBN}}(g\\mid v,h)", "p_DBN(g|v, h)", _belief), **domain).eq(
            on / below / OverStates("g'", K, others / _primed(below))
        ),
        "mass": derive(probability("v"), **domain)
        .eq(1 / Z * exp(a_v) * over_g(evidence * above)),
        "order": derive(Z, **domain).eq(over_g(exp(b_g) * below * above)),
        "gradient": derive(Named("", "", lambda env: log_p.value(env))),
    }
