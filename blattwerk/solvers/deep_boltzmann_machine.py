"""The deep Boltzmann machine, E(v, g, h) = -v'Wg - g'Uh - a'v - b'g - c'h on binary vectors: two hidden layers.

Given v and h the units of g are independent, p(g_j = 1 | v, h) = sigma(v'W_j + U_j h + b_j); given g, so are those of
v and h. In a deep belief net of the same parameters the normaliser of p(v | g), V(g) = prod_i (1 + exp(s_i)), couples
the units of g: with two of them p(00) p(11) / (p(01) p(10)) = V(01) V(10) / (V(00) V(11)), where independent units
give 1. In the machine itself only the sums over v and h factorise, so that
p(v) Z = exp(a'v) sum_g exp((b + W'v)'g) prod_k (1 + exp(t_k)) and
Z = sum_g exp(b'g) prod_i (1 + exp(s_i)) prod_k (1 + exp(t_k)) with s = a + Wg and t = c + U'g. Mean field puts
means in the place of neighbours, mu_j = sigma(v'W_j + U_j nu + b_j) and nu_k = sigma(mu'U_k + c_k) (Salakhutdinov and
Hinton, Deep Boltzmann machines, AISTATS 2009).
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
    number,
    product,
    real,
    rightly,
    summed,
    total,
    unit,
    vector,
)
from blattwerk.vocabulary.exact.binary import (
    Bits,
    Enumerated,
    OverStates,
    bit,
    dot,
    input_term,
    joint_probability,
    layer_derivation,
    power_of_two,
    sigma,
    sigmoid,
    states,
    two_to,
)
from blattwerk.vocabulary.functions import multiplied
from blattwerk.vocabulary.matrices import transpose
from blattwerk.vocabulary.slopes import partial_derivative, slope

Units = tuple[Fraction, ...]
Rows = tuple[tuple[int, ...], ...]
HALF = Fraction(1, 2)  # where mean field starts


@dataclass(frozen=True)
class Params:
    """A machine with n, K = 2 and L units in its layers v, g and h, and one state of it."""

    W: Rows
    """n x K, in units of log 2, as all parameters are."""
    U: Rows
    """K x L."""
    a: tuple[int, ...]
    b: tuple[int, ...]
    c: tuple[int, ...]
    """The biases of v, g and h."""
    v: Bits
    g: Bits
    h: Bits
    """The state."""


@dataclass(frozen=True)
class Row:
    """A state of g and its exponents, all in units of log 2."""

    g: Bits
    evidence: int
    """(b + W'v)'g for the v of the instance."""
    bias: int
    """b'g."""
    s: tuple[int, ...]
    """a + Wg, of length n."""
    t: tuple[int, ...]
    """c + U'g, of length L."""

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
    """The conditionals of the state, one sweep of mean field, and the model given v and without it."""

    coupling: Fraction
    """p(00) p(11) / (p(01) p(10)) for g given v and h in the deep belief net of the same parameters."""
    first: Units
    """p(g_j = 1 | v, h) for all j."""
    upward: Units
    """sigma(v'W_j + b_j) for all j, which takes no notice of h."""
    visible: Units
    """p(v_i = 1 | g) for all i."""
    second: Units
    """p(h_k = 1 | g) for all k."""
    mu: Units
    """The means of g by mean field for the given v, from means of 1/2 for h."""
    nu_inputs: Units
    """c + U'mu, in units of log 2; sigma of it gives the means of h that follow."""
    rows: tuple[Row, ...]
    """All g, in the order of `states`."""
    mass: Fraction
    """p(v) Z."""
    partition: Fraction
    """Z."""
    probability: Fraction
    """p(v)."""
    first_means: Units
    """p(g_j = 1 | v) for all j, exactly."""
    second_means: Units
    """p(h_k = 1 | v) for all k, exactly."""
    together: Fraction
    """p(g_1 = g_2 = 1 | v)."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """The conditionals, mean field, and sums over g in which v and h are already summed out."""
    p = params
    rows = step("rows", lambda: _rows(p), no_b=lambda: _rows(replace(p, b=(0,) * len(p.b))))
    evidence = sum((row.given_v for row in rows), Fraction(0))
    mass = step(
        "mass",
        lambda: power_of_two(dot(p.a, p.v)) * evidence,
        hidden=lambda: power_of_two(_exponent(p.W, p.U, p.a, p.b, p.c, p.v, p.g, p.h)),
    )
    partition = step("partition", lambda: sum((row.weight for row in rows), Fraction(0)))
    shares = [row.given_v / evidence for row in rows]
    v_00, v_01, v_10, v_11 = (row.below for row in rows)
    first, upward, visible, second = _of_the_state(p, step)
    mu, nu_inputs = _mean_field(p, step)
    return Solution(
        coupling=v_01 * v_10 / (v_00 * v_11),
        first=first,
        upward=upward,
        visible=visible,
        second=second,
        mu=mu,
        nu_inputs=nu_inputs,
        rows=rows,
        mass=mass,
        partition=partition,
        probability=step("probability", lambda: mass / partition),
        first_means=tuple(dot([row.g[j] for row in rows], shares) for j in range(len(p.b))),
        second_means=tuple(dot([sigmoid(row.t[k]) for row in rows], shares) for k in range(len(p.c))),
        together=shares[-1],
    )


def _from_v(p: Params) -> tuple[int, ...]:
    """W'v, what the units of g receive from v."""
    return tuple(dot(w, p.v) for w in transpose(p.W))


def _of_the_state(p: Params, step: Step) -> tuple[Units, Units, Units, Units]:
    """p(g_j = 1 | v, h), the same without h, p(v_i = 1 | g) and p(h_k = 1 | g)."""
    a, b, c = step("biases", lambda: (p.a, p.b, p.c), bias=lambda: tuple((0,) * len(x) for x in (p.a, p.b, p.c)))
    below = tuple(x + bias for x, bias in zip(_from_v(p), b, strict=True))
    upward = step("upward", lambda: tuple(map(sigmoid, below)))
    first = step(
        "first",
        lambda: tuple(sigmoid(x + dot(u, p.h)) for x, u in zip(below, p.U, strict=True)),
        without_h=lambda: upward,
    )
    visible = step("visible", lambda: tuple(sigmoid(x + dot(w, p.g)) for x, w in zip(a, p.W, strict=True)))
    return (
        first,
        upward,
        visible,
        step("second", lambda: tuple(sigmoid(x + dot(u, p.g)) for x, u in zip(c, transpose(p.U), strict=True))),
    )


def _mean_field(p: Params, step: Step) -> tuple[Units, Units]:
    """mu from means of 1/2 for h, and what the units of h receive from it."""
    below = tuple(x + bias for x, bias in zip(_from_v(p), p.b, strict=True))
    mu = step(
        "mu",
        lambda: tuple(sigmoid(int(x + HALF * sum(u))) for x, u in zip(below, p.U, strict=True)),
        from_below=lambda: tuple(map(sigmoid, below)),
    )
    used = step(
        "inserted",
        lambda: mu,
        rounded=lambda: tuple(Fraction(x > HALF) for x in mu),
        half=lambda: (HALF,) * len(mu),
    )
    return mu, tuple(c + dot(u, used) for c, u in zip(p.c, transpose(p.U), strict=True))


def _rows(p: Params) -> tuple[Row, ...]:
    """All states of g."""
    upward = tuple(x + bias for x, bias in zip(_from_v(p), p.b, strict=True))
    return tuple(_row(p, upward, g) for g in states(len(p.b)))


def _row(params: Params, upward: tuple[int, ...], g: Bits) -> Row:
    s = tuple(a + dot(w, g) for a, w in zip(params.a, params.W, strict=True))
    t = tuple(c + dot(u, g) for c, u in zip(params.c, transpose(params.U), strict=True))
    return Row(g, dot(upward, g), dot(params.b, g), s, t)


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """The quotient of the deep belief net, the conditionals, mu and nu, p(v) and Z, and how g_1 and g_2 depend on v."""
    s = solution
    nu = (sigma(_multiple(x)) for x in s.nu_inputs)
    return (
        Answer("coupling", "conditionals", number(s.coupling), symbol="\\kappa"),
        Answer("first", "state", column_term(s.first), symbol="\\bigl(p(g_j=1\\mid v,h)\\bigr)_j"),
        Answer("visible", "state", column_term(s.visible), symbol="\\bigl(p(v_i=1\\mid g)\\bigr)_i"),
        Answer("second", "state", column_term(s.second), symbol="\\bigl(p(h_k=1\\mid g)\\bigr)_k"),
        Answer("upward", "state", column_term(s.upward), symbol="\\bigl(\\sigma(v^\\top W_{:,j}+b_j)\\bigr)_j"),
        Answer("mu", "mean_field", column_term(s.mu), symbol="\\mu"),
        *(Answer(f"nu_{k}", "mean_field", value, symbol=f"\\nu_{k}") for k, value in enumerate(nu, 1)),
        Answer("mass", "probability", number(s.mass), symbol="Z\\,p(v)"),
        Answer("partition", "probability", number(s.partition), symbol="Z"),
        Answer("probability", "probability", number(s.probability), symbol="p(v)"),
        Answer("together", "training", number(s.together), symbol="p(g_1=1,g_2=1\\mid v)"),
        Answer("product", "training", product(s.first_means), symbol="p(g_1=1\\mid v)\\,p(g_2=1\\mid v)"),
    )


def _multiple(x: Fraction) -> Term:
    """x log 2."""
    return number(x) * log(2)


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The proofs, and the instance; a name's value comes from the energies of all states."""
    p, s, model = params, solution, _enumerated(params)
    columns, on, off = transpose(p.W), (1,) * len(p.b), (0,) * len(p.c)
    given_v, everything, shares = model.mass(v=p.v), model.mass(), [row.given_v for row in s.rows]
    means = [called(f"p(g_{j}=1\\mid v)", x) for j, x in enumerate(model.units("g", v=p.v), 1)]
    quotients = [total(x for x, row in zip(shares, s.rows, strict=True) if row.g[j]) / total(shares) for j in (0, 1)]
    to_g = [(b, w + u) for b, w, u in zip(p.b, columns, p.U, strict=True)]
    half_way = [(b, (*w, sum(u) // 2)) for b, w, u in zip(p.b, columns, p.U, strict=True)]
    to_h, first = list(zip(p.c, transpose(p.U), strict=True)), model.units("g", v=p.v, h=p.h)

    def layer(unit: str, values: Iterable[Fraction], inputs: Iterable[Any], by: Bits, result: Units) -> Derivation:
        return layer_derivation(unit, values, (_input(bias, weights, by) for bias, weights in inputs), result)

    return {
        **_general(),
        **_coupling(params, solution),
        "state_first": layer("\\bigl(p(g_j=1\\mid v,h)\\bigr)_j", first, to_g, p.v + p.h, s.first),
        "state_visible": layer(
            "\\bigl(p(v_i=1\\mid g)\\bigr)_i", model.units("v", g=p.g), zip(p.a, p.W, strict=True), p.g, s.visible
        ),
        "state_second": layer("\\bigl(p(h_k=1\\mid g)\\bigr)_k", model.units("h", g=p.g), to_h, p.g, s.second),
        "state_upward": layer(  # what a unit receives from below is what it receives while h = 0
            "\\bigl(\\sigma(v^{\\top}W_{:,j}+b_j)\\bigr)_j",
            model.units("g", v=p.v, h=off),
            zip(p.b, columns, strict=True),
            p.v,
            s.upward,
        ),
        "mu": layer("\\mu", map(_exact_sigma, _mean_log_odds(p, v=p.v)), half_way, (*p.v, 1), s.mu),
        **_second_layer_by_mean_field(params, solution),
        "evidence": derive(called("p(v)\\,Z", given_v))
        .eq(number(power_of_two(dot(p.a, p.v))) * total(shares))
        .eq(s.mass),
        "partition": derive(called("Z", everything)).eq(total(row.weight for row in s.rows)).eq(s.partition),
        "probability": derive(called("p(v)", given_v / everything))
        .eq(number(s.mass) / s.partition)
        .eq(s.probability)
        .approx(),
        "together": derive(called("p(g_1=1,g_2=1\\mid v)", model.mass(v=p.v, g=on) / given_v))
        .eq(number(shares[-1]) / total(shares))
        .eq(s.together)
        .approx(),
        "dependent": derive(called("p(g_1=1,g_2=1\\mid v)", model.mass(v=p.v, g=on) / given_v))
        .eq(s.together)
        .then("!=", product(s.first_means))
        .eq(means[0] * means[1]),
        "product": derive(means[0] * means[1]).eq(quotients[0] * quotients[1]).eq(product(s.first_means)).approx(),
    }


def _coupling(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """Whether two units of g are dependent given v and h in the deep belief net, for these parameters.

    Version 1 of this topic has draws where they are not.
    """
    s, table, net = solution, _enumerated(params), _belief_net(params)
    nothing = (0,) * len(params.a), (0,) * len(params.c)
    sums = {g: table.mass(g=g, h=nothing[1]) / table.weights[nothing[0], g, nothing[1]] for g in states(len(params.b))}
    names = [called(f"V_{{{''.join(map(str, g))}}}", x) for g, x in sums.items()]
    v_00, v_01, v_10, v_11 = (number(row.below) for row in s.rows)
    kappa = derive(called("\\kappa", _cross_ratio({g: net.mass(v=params.v, g=g, h=params.h) for g in sums})))
    kappa = kappa.eq(v_01 / v_00 * (v_10 / v_11)).eq(s.coupling)
    side, chance = ">" if s.coupling > 1 else "<", {g: net.mass(v=params.v, g=g, h=params.h) for g in sums}
    name = called("\\kappa", _cross_ratio(chance))
    compared = {
        "coupling": kappa.then(side, 1),
        "side": derive(name).then(side, 1),
        "coupled_here": derive(name).then("!=", 1),
    }
    return {
        "normalisers": derive(column_term(names))
        .eq(column_term(product(1 + two_to(m) for m in row.s) for row in s.rows), "insert")
        .eq(column_term(row.below for row in s.rows)),
        **(compared if s.coupling != 1 else {"coupling": kappa, "side": derive(name).eq(1), **_independent(chance)}),
    }


def _independent(masses: Mapping[Bits, Value]) -> Mapping[str, Derivation]:
    """For any four numbers: where they add up to 1, the left side is p(11) minus the product of two probabilities."""
    p_00, p_01, p_10, p_11 = (Sym(f"p_{g}", f"p_{{{g}}}") for g in ("00", "01", "10", "11"))
    apart = p_11 * (p_00 + p_01 + p_10 + p_11) - (p_10 + p_11) * (p_01 + p_11)
    everything = sum(masses.values())
    here = {g: called(f"p_{{{g[0]}{g[1]}}}", mass / everything) for g, mass in masses.items()}
    of_one, of_two = (
        called(f"p(g_{j + 1}=1\\mid v,h)", 1 - sum(x for g, x in masses.items() if not g[j]) / everything)
        for j in (0, 1)
    )
    return {
        "independent": derive(apart, p_00=real, p_01=real, p_10=real, p_11=real).eq(p_00 * p_11 - p_01 * p_10),
        "whole": derive(total(here.values())).eq(1),
        "of_one": derive(of_one).eq(here[1, 0] + here[1, 1]),
        "of_two": derive(of_two).eq(here[0, 1] + here[1, 1]),
    }


def _cross_ratio(p: Mapping[Bits, Value]) -> Value:
    """p(00) p(11) / (p(01) p(10)); a factor common to all of them cancels."""
    return p[0, 0] * p[1, 1] / (p[0, 1] * p[1, 0])


def _input(bias: int, weights: tuple[int, ...], by: Bits) -> Term:
    """The weights from the units that are on, and the bias if there is one."""
    received = [w for w, on in zip(weights, by, strict=True) if on]
    return input_term(received + [bias] * (bias != 0))


def _second_layer_by_mean_field(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """nu from mu; the names are evaluated by mean log-odds."""
    chains, mean_log_odds = {}, _mean_log_odds(params, mu=solution.mu)
    for k, (c, u) in enumerate(zip(params.c, transpose(params.U), strict=True)):
        summands = [_scaled(w, m) for w, m in zip(u, solution.mu, strict=True) if w] + [number(c)] * (c != 0)
        start = called(f"\\nu_{k + 1}", sigma(_multiple(mean_log_odds[k])).value())
        chain = derive(start).eq(sigma(total(summands) * log(2)), "insert")
        if len(summands) > 1:
            chain = chain.eq(sigma(_multiple(solution.nu_inputs[k])))
        chains[f"nu_{k + 1}"] = chain.approx()
    return chains


def _scaled(weight: int, x: Fraction) -> Term:
    """weight x, where a weight of 1 is not written."""
    return number(x) if weight == 1 else -number(x) if weight == -1 else weight * number(x)


def _exact_sigma(exponent: Fraction) -> Fraction:
    """sigma(exponent log 2) for a whole exponent."""
    return 1 / (1 + 1 / Fraction(2) ** int(exponent))


def _mean_log_odds(params: Params, v: Bits = (), mu: Units = ()) -> Units:
    """Mean field by its definition: the mean of log_2 p/(1-p) for each unit if the units beside it are independent.

    For g, given v, with means 1/2 for h; for h, with means mu for g.
    """
    layer, beside, fixed = ("g", "h", {"v": v}) if v else ("h", "g", {})
    means, model = (HALF,) * len(params.c) if v else mu, _enumerated(params)
    result = [Fraction(0)] * model.sizes[layer]
    for state in states(len(means)):
        share = joint_probability(means, state)
        for position, odds in enumerate(model.odds(layer, **fixed, **{beside: state})):
            result[position] += share * (odds.numerator.bit_length() - odds.denominator.bit_length())
    return tuple(result)


@lru_cache(maxsize=8)
def _enumerated(params: Params) -> Enumerated:
    """exp(-E) of every state, in exact arithmetic."""
    fixed = (params.W, params.U, params.a, params.b, params.c)
    sizes = dict(zip("vgh", map(len, fixed[2:]), strict=True))
    return Enumerated.of(sizes, lambda *state: power_of_two(_exponent(*fixed, *state)))


@lru_cache(maxsize=8)
def _belief_net(params: Params) -> Enumerated:
    """The deep belief net p(v | g) q(g, h) of the same parameters, up to a factor, in exact arithmetic."""
    p, no_v, no_h = params, (0,) * len(params.a), (0,) * len(params.c)
    below = Enumerated.of(  # p(v, g), up to a factor that depends on g
        {"v": len(p.a), "g": len(p.b)},
        lambda v, g: power_of_two(_exponent(p.W, p.U, p.a, p.b, p.c, v, g, no_h)),
    )

    def weight(v: Bits, g: Bits, h: Bits) -> Fraction:
        chance: Fraction = below.mass(v=v, g=g) / below.mass(g=g)
        return chance * power_of_two(_exponent(p.W, p.U, p.a, p.b, p.c, no_v, g, h))

    return Enumerated.of({"v": len(p.a), "g": len(p.b), "h": len(p.c)}, weight)


def _exponent(W: Any, U: Any, a: Any, b: Any, c: Any, v: Bits, g: Bits, h: Bits) -> Any:
    """-E = v'Wg + g'Uh + a'v + b'g + c'h."""
    pairs = [(W[i][j], v[i] * g[j]) for i in range(len(v)) for j in range(len(g))]
    pairs += [(U[j][k], g[j] * h[k]) for j in range(len(g)) for k in range(len(h))]
    return sum(x for x, on in [*pairs, *zip(a, v, strict=True), *zip(b, g, strict=True), *zip(c, h, strict=True)] if on)


@lru_cache(maxsize=64)
def _enumerated_real(*fixed: Any) -> Enumerated:
    """exp(-E) of every state of a machine with two units in each layer and real (or complex) parameters."""
    return Enumerated.of(dict.fromkeys("vgh", 2), lambda *state: MP.exp(MP.convert(_exponent(*fixed, *state))))


def _machine(env: Env) -> Enumerated:
    return _enumerated_real(*(env[name] for name in "WUabc"))


def _whole(random: Random) -> int:
    """A domain: whole numbers."""
    return random.randint(-9, 9)


@cache
def _general() -> Mapping[str, Derivation]:
    """The proofs for all machines; checked with two units in each layer."""
    n, K, L, r = (Sym(name) for name in ("n", "K", "L", "r"))
    domain = {name: vector(vector(real, 2), 2) for name in "WU"} | {name: vector(real, 2) for name in "abc"}
    domain |= {name: vector(bit, 2) for name in "vgh"} | {name: exactly(Fraction(2)) for name in "nKL"}
    domain |= dict.fromkeys("ij", lambda random: random.randint(1, 2))

    def named(printed: str, value: Callable[[Env], Value]) -> Named:
        return Named(printed, printed.replace("\\mid ", "|"), value)

    def given(names: str, condition: str) -> Callable[[Env], Value]:
        def value(env: Env) -> Value:
            known, asked = ({name: env[name] for name in letters} for letters in (condition, condition + names))
            return _machine(env).mass(**asked) / _machine(env).mass(**known)

        return value

    def received(printed: str, index: str, layer: str, beside: str) -> Named:
        """The input of a unit, as its log-odds given the layers beside it."""
        return named(
            printed,
            lambda env: MP.log(_machine(env).odds(layer, **{name: env[name] for name in beside})[int(env[index]) - 1]),
        )

    def each(index: str, size: Sym, body: Term) -> Term:
        return multiplied(index, 1, size, body)

    def on(x: Term, name: str, index: str) -> Term:
        return exp(x * At(name, Sym(index)))

    def over_g(body: Term) -> Term:
        return OverStates("g", K, body)

    def all_units(g: str) -> Term:
        return exp(summed("j", 1, K, r_j * At(g, Sym("j"))))

    r_j, s_i, t_k = received("r_j", "j", "g", "vh"), received("s_i", "i", "v", "g"), received("t_k", "k", "h", "g")
    below, above = each("i", n, 1 + exp(s_i)), each("k", L, 1 + exp(t_k))
    Z = named("Z", lambda env: _machine(env).mass())
    a_v = named("a^{\\top}v", lambda env: dot(env["a"], env["v"]))
    b_g = named("b^{\\top}g", lambda env: dot(env["b"], env["g"]))
    v_W_g = named(
        "v^{\\top}Wg", lambda env: sum(x * dot(row, env["g"]) for x, row in zip(env["v"], env["W"], strict=True))
    )
    scale = named("C(v,h)", lambda env: sum((all_units("g") / below).value({**env, "g": g}) for g in states(2)))
    data = named("p(g_j=1\\mid v)", lambda env: _machine(env).units("g", v=env["v"])[env["j"] - 1])
    kappa = named("\\kappa", lambda env: _cross_ratio({g: _belief_posterior({**env, "g": g}) for g in states(2)}))
    v_00, v_01, v_10, v_11 = (
        named(f"V_{{{''.join(map(str, g))}}}", lambda env, g=g: below.value({**env, "g": g}))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        for g in states(2)
    )
    belief = named("p_{\\mathrm{DBN}}(g\\mid v,h)", _belief_posterior)
    by_weight = partial_derivative("\\log p(v)", "W_{ij}", _log_slope)
    outer = each("i", n, on(s_i, "v", "i") / (1 + exp(s_i))) * each("k", L, on(t_k, "h", "k") / (1 + exp(t_k)))
    energy = named("E(v,g,h)", lambda env: -_exponent(*(env[name] for name in "WUabcvgh")))
    c_h = named("c^{\\top}h", lambda env: dot(env["c"], env["h"]))

    def all_inputs(x: Term, name: str, index: str, size: Sym) -> Term:
        return summed(index, 1, size, x * At(name, Sym(index)))

    cross = named("\\kappa", lambda env: _cross_ratio({g: joint_probability(env["x"], g) for g in states(2)}))
    m = Sym("m")
    return {
        "energy_g": derive(-energy, **domain).eq(all_inputs(r_j, "g", "j", K) + a_v + c_h),
        "energy_vh": derive(-energy, **domain).eq(all_inputs(s_i, "v", "i", n) + all_inputs(t_k, "h", "k", L) + b_g),
        "below": derive(named("p(v\\mid g)", given("v", "g")), **domain).eq(
            each("i", n, on(s_i, "v", "i") / (1 + exp(s_i)))
        ),
        "no_coupling": derive(cross, x=vector(unit, 2)).eq(1),
        "power": derive(exp(m * log(2)), m=_whole).eq(number(2) ** m),
        "sigmoid_of_power": derive(sigma(m * log(2)), m=_whole).eq(number(2) ** m / (number(2) ** m + 1)),
        "first": derive(named("p(g\\mid v,h)", given("g", "vh")), **domain)
        .eq(all_units("g") / OverStates("g'", K, all_units("g'")), "cancel")
        .eq(each("j", K, on(r_j, "g", "j")) / each("j", K, 1 + exp(r_j)), "factorise")
        .eq(each("j", K, on(r_j, "g", "j") / (1 + exp(r_j)))),
        "sigmoid": derive(exp(r) / (1 + exp(r)), r=real).eq(sigma(r)),
        "outer": derive(named("p(v,h\\mid g)", given("vh", "g")), **domain).eq(outer, "likewise"),
        "belief": derive(belief, **domain).eq(1 / scale * (all_units("g") / below)),
        "coupled": derive(kappa, **domain).eq(v_01 * v_10 / (v_00 * v_11), "cancel"),
        "mass": derive(named("p(v)", given("v", "")), **domain).eq(1 / Z * exp(a_v) * over_g(exp(b_g + v_W_g) * above)),
        "order": derive(Z, **domain).eq(over_g(exp(b_g) * below * above)),
        "gradient": derive(by_weight, **domain).eq(At("v", Sym("i")) * data - named("p(v_i=1,g_j=1)", _both_on)),
    }


def _belief_posterior(env: Env) -> Value:
    """p(g | v, h) of the deep belief net p(g, h) p(v | g), where p(g, h) is the RBM of the upper two layers."""
    flat = ((0, 0), (0, 0))
    above, below = _enumerated_real(flat, env["U"], (0, 0), env["b"], env["c"]), _machine(env)
    joint = [above.mass(g=g, h=env["h"]) * below.mass(v=env["v"], g=g) / below.mass(g=g) for g in states(2)]
    return joint[states(2).index(env["g"])] / sum(joint)


def _both_on(env: Env) -> Value:
    """p(v_i = 1, g_j = 1)."""
    model, i, j = _machine(env), env["i"] - 1, env["j"] - 1
    return sum(weight for (v, g, _), weight in model.weights.items() if v[i] and g[j]) / model.mass()


def _log_slope(env: Env) -> Value:
    """The derivative of log p(v) by W_ij, without a formula."""

    def log_p(x: Value) -> Value:
        W = [list(row) for row in env["W"]]
        W[env["i"] - 1][env["j"] - 1] = x
        model = _machine({**env, "W": tuple(map(tuple, W))})
        return MP.log(model.mass(v=env["v"])) - MP.log(model.mass())

    return slope(log_p, env["W"][env["i"] - 1][env["j"] - 1])


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of the units of g in the net, given v and h, and in the machine, given v."""
    net, given = _belief_net(params), {"v": params.v, "h": params.h}
    one, two = net.units("g", **given)
    both = net.mass(g=(1, 1), **given) / net.mass(**given)
    in_the_net = {"support": both > one * two, "independent": both == one * two, "compete": both < one * two}
    said = "support" if solution.coupling > 1 else "compete" if solution.coupling < 1 else "independent"
    return {said: in_the_net[said], "no_product": solution.together != prod(solution.first_means)}


def by_enumeration(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: every state's exp(-E) in exact arithmetic, and sums over the table; mean field by mean log-odds."""
    p, s, model = params, solution, _enumerated(params)
    given_v, everything, off = model.mass(v=p.v), model.mass(), [(0,) * size for size in model.sizes.values()]
    means, inputs = model.units("g", v=p.v), _mean_log_odds(p, v=p.v)
    at = model.weights
    rows = [
        [at[p.v, g, off[2]] / at[p.v, *off[1:]], at[off[0], g, off[2]], *model.odds("v", g=g), *model.odds("h", g=g)]
        for g in states(len(p.b))
    ]
    powers = [[*map(power_of_two, (row.evidence, row.bias, *row.s, *row.t))] for row in s.rows]
    net = _belief_net(p)
    yield equal("coupling", s.coupling, _cross_ratio({g: net.mass(v=p.v, g=g, h=p.h) for g in states(len(p.b))}))
    yield equal("rows", [row.g for row in s.rows], [*states(len(p.b))])
    yield equal("exponents", powers, rows)
    yield equal("first", s.first, model.units("g", v=p.v, h=p.h))
    yield equal("visible", s.visible, model.units("v", g=p.g))
    yield equal("second", s.second, model.units("h", g=p.g))
    yield equal("upward", s.upward, model.units("g", v=p.v, h=off[2]))
    yield equal("mu", s.mu, tuple(map(_exact_sigma, inputs)))
    for k, (x, y) in enumerate(zip(s.nu_inputs, _mean_log_odds(p, mu=s.mu), strict=True), 1):
        yield equal(f"nu_{k}", x, y)
    yield equal("mass", s.mass, given_v)
    yield equal("partition", s.partition, everything)
    yield equal("probability", s.probability, given_v / everything)
    yield equal("first_means", s.first_means, means)
    yield equal("second_means", s.second_means, model.units("h", v=p.v))
    yield equal("together", s.together, model.mass(v=p.v, g=(1,) * len(p.b)) / given_v)
    yield equal("product", prod(s.first_means), prod(means))


def by_slopes(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: log-sum-exp over all states in double precision; probabilities of units are its slopes by biases.

    A slope is a step in the complex direction. Mean field by E_q[-E], which is linear in each unit's mean.
    """
    import numpy as np
    from scipy.special import expit, log_softmax, logsumexp

    p, s = params, solution
    W, U, a, b, c = (np.log(2) * np.array(x, dtype=float) for x in (p.W, p.U, p.a, p.b, p.c))
    V, G, H = (np.array(states(len(x))) for x in (p.a, p.b, p.c))
    v, g, h = (states(len(x)).index(x) for x in (p.v, p.g, p.h))
    exponent = (V @ W @ G.T + (V @ a)[:, None])[:, :, None] + (G @ U @ H.T + (G @ b)[:, None] + H @ c)[None]

    def slopes(of: np.ndarray, by: np.ndarray) -> list[float]:
        """By the bias of each unit, whose states along the axes of `of` are the columns of `by`."""
        return [float(logsumexp(of + 1e-30j * unit).imag / 1e-30) for unit in np.moveaxis(by, -1, 0)]

    first_means = slopes(exponent[v], G[:, None])
    at_v, everything = logsumexp(exponent[v]), logsumexp(exponent)
    both = G[:, 0] * G[:, 1] > 0
    from_v = log_softmax(V @ W @ G.T + (V @ a)[:, None], axis=0)[v]  # log p(v | g) of the deep belief net
    net = from_v + G @ (U @ H[h] + b)
    mu = expit(V[v] @ W + U @ np.full(len(c), 0.5) + b)
    yield close("coupling", s.coupling, np.exp(net[0] + net[3] - net[1] - net[2]))
    yield all_close("first", s.first, slopes(exponent[v, :, h], G))
    yield all_close("visible", s.visible, slopes(exponent[:, g], V[:, None]))
    yield all_close("second", s.second, slopes(exponent[:, g], H[None]))
    yield all_close("upward", s.upward, slopes(exponent[v, :, 0], G))
    yield all_close("mu", s.mu, mu)
    for k, (x, y) in enumerate(zip(s.nu_inputs, (mu @ U + c) / np.log(2), strict=True), 1):
        yield close(f"nu_{k}", x, y)
    yield close("mass", s.mass, np.exp(at_v))
    yield close("partition", s.partition, np.exp(everything))
    yield close("probability", s.probability, np.exp(at_v - everything))
    yield all_close("first_means", s.first_means, first_means)
    yield all_close("second_means", s.second_means, slopes(exponent[v], H[None]))
    yield close("together", s.together, np.exp(logsumexp(exponent[v][both]) - at_v))
    yield close("product", prod(s.first_means), first_means[0] * first_means[1])


oracles = (by_enumeration, by_slopes)
