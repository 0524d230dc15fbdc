"""The Gaussian-Bernoulli RBM, with energy E(v, h) = |v - a|^2/2 - v'Wh - b'h on v in R^D and h in {0, 1}^d.

p(v | h) = N(a + Wh, I) and p(h_j = 1 | v) = sigma(v'W_j + b_j) with the columns W_j of W, so that v is distributed as
a mixture of 2^d normals: p(v) = sum_h pi_h N(v; a + Wh, I), where pi_h = c_h / sum_h c_h and
c_h = exp(b'h + a'Wh + |Wh|^2/2) (Melchior, Wang and Wiskott, Gaussian-binary restricted Boltzmann machines for modeling
natural image statistics, PLoS ONE 12, 2017, with unit variance). The biases b_j = m_j log 2 - a'W_j - |W_j|^2/2 make
c_h = 2^(m'h) exp(sum_{i<j} W_i'W_j h_i h_j), and v is put at the middle of the means, a + W1/2.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import prod
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
    LogSum,
    Named,
    Step,
    Sym,
    Term,
    Value,
    all_close,
    called,
    column_term,
    derive,
    equal,
    exactly,
    exp,
    log,
    log_of,
    matrix_term,
    number,
    rational,
    real,
    rightly,
    sum_of,
    summed,
    total,
    vector,
)
from blattwerk.vocabulary.exact.binary import Bits, OverStates, bit, dot, power_of_two, sigma, states
from blattwerk.vocabulary.figures import Figure, MixtureDensity
from blattwerk.vocabulary.functions import entry, multiplied, norm, normal_density, transposed
from blattwerk.vocabulary.matrices import Matrix, add, column, multiply, scale, transpose

Vector = tuple[Fraction, ...]
HALF = Fraction(1, 2)
TWO_PI = 2 * Named("\\pi", "pi", lambda env: MP.pi)


@dataclass(frozen=True)
class Params:
    """A machine with D visible and d hidden units."""

    offset: tuple[int, ...]
    """a, of length D."""
    columns: tuple[tuple[int, ...], ...]
    """The d columns of W (D x d)."""
    exponents: tuple[int, ...]
    """m, of length d: if h_j alone is on, c_h = 2^m_j."""

    @property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """W by rows."""
        return transpose(self.columns)

    @property
    def biases(self) -> tuple[LogSum, ...]:
        """b_j = m_j log 2 - a'W_j - |W_j|^2/2."""
        return tuple(
            log_of(2).times(m) - rational(dot(self.offset, w) + HALF * dot(w, w))
            for m, w in zip(self.exponents, self.columns, strict=True)
        )

    @property
    def point(self) -> Vector:
        """The given v = a + W1/2."""
        return tuple(a + HALF * sum(row) for a, row in zip(self.offset, self.rows, strict=True))


@dataclass(frozen=True)
class Component:
    """One component of the mixture."""

    state: Bits
    """h, of length d."""
    mean: Vector
    """a + Wh, of length D."""
    log_weight: LogSum
    """log c_h."""

    @property
    def weight(self) -> Term:
        """c_h as a term."""
        return boltzmann(self.log_weight)


@dataclass(frozen=True)
class Solution:
    """The conditionals of the hidden units at the given v, and the mixture."""

    inputs: tuple[LogSum, ...]
    """v'W_j + b_j for all j."""
    components: tuple[Component, ...]
    """One for each h, in the order of `states`."""
    normalised: bool = True
    """Whether the weights are divided by their sum, as they should be."""

    @property
    def total(self) -> Term:
        """sum_h c_h, its rational summands put together; what the weights are divided by."""
        if not self.normalised:
            return number(1)
        powers = (power_of_two(_exponent_of_two(c.log_weight)) for c in self.components if not c.log_weight.rational)
        return total([sum(powers, HALF * 0), *(c.weight for c in self.components if c.log_weight.rational)])

    @property
    def shares(self) -> tuple[Term, ...]:
        """pi_h as terms."""
        quotients = (c.weight / self.total for c in self.components)
        return tuple(number(q.value()) if isinstance(q.value(), Fraction) else q for q in quotients)


def solve(params: Params, step: Step = rightly) -> Solution:
    """The hidden units' inputs at the given v, and the mixture by the closed form of c_h."""
    inputs = (rational(dot(params.point, w)) + b for w, b in zip(params.columns, params.biases, strict=True))
    components = step(
        "components",
        lambda: tuple(_component(params, h) for h in states(len(params.columns))),
        bias_only=lambda: tuple(_component(params, h, HALF * 0) for h in states(len(params.columns))),
    )
    return Solution(tuple(inputs), components, step("normalised", lambda: True, sum=lambda: False))


def _component(params: Params, h: Bits, moved: Fraction = HALF * 2) -> Component:
    """The component of h; what its mean adds to log c_h may be weighted."""
    shift = [Fraction(dot(row, h)) for row in params.rows]
    mean = tuple(a + s for a, s in zip(params.offset, shift, strict=True))
    added = rational(dot(params.offset, shift) + HALF * dot(shift, shift))
    return Component(h, mean, _bias(params, h) + added.times(moved))


def _bias(params: Params, h: Bits) -> LogSum:
    """b'h."""
    return sum_of(b for b, on in zip(params.biases, h, strict=True) if on)


def _exponent_of_two(x: LogSum) -> int:
    return int(dict(x.coefficients).get(2, 0))


def boltzmann(x: LogSum) -> Term:
    """exp(m log 2 + r) as 2^m exp(r)."""
    factor, rest = number(power_of_two(_exponent_of_two(x))), exp(x.rational)
    return factor if not x.rational else rest if factor.number == 1 else factor * rest


def _probability(x: LogSum) -> Term:
    """sigma(m log 2 + r) as 2^m exp(r)/(1 + 2^m exp(r)), extended by 2^-m if m < 0."""
    lift = power_of_two(max(0, -_exponent_of_two(x)))
    over = boltzmann(x + log_of(lift))
    quotient = over / (number(lift) + over)
    return quotient if x.rational else number(quotient.value())


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """p(h_j = 1 | v) for all j, the means as columns, and the weights pi_h."""
    return (
        Answer(
            "hidden",
            "conditionals",
            column_term(map(_probability, solution.inputs)),
            symbol="\\bigl(p(h_j=1\\mid v)\\bigr)_j",
        ),
        Answer(
            "means", "weights", matrix_term(transpose(tuple(c.mean for c in solution.components))), symbol="(a+Wh)_h"
        ),
        Answer("weights", "weights", _weights(solution), symbol="(\\pi_h)_h"),
    )


def _weights(solution: Solution) -> Term:
    if any(c.log_weight.rational for c in solution.components):
        return 1 / solution.total * matrix_term(([c.weight for c in solution.components],))
    return matrix_term((solution.shares,))


def figures(params: Params, solution: Solution) -> Mapping[str, Figure]:
    """The density of the mixture, if v is a number."""
    if len(params.offset) > 1:
        return {}
    # A picture needs no more than six digits of weights that are irrational.
    weights = tuple(Fraction(str(MP.nstr(MP.convert(share.value()), 6))) for share in solution.shares)
    means = tuple(c.mean[0] for c in solution.components)
    at = ", ".join(map(str, means))
    alt = Localised(
        f"The density of the mixture as a thick curve, its weighted components with means {at} as thin ones",
        f"Die Dichte der Mischverteilung als dicke Kurve, ihre gewichteten Komponenten um {at} als dünne Kurven",
    )
    return {"mixture": MixtureDensity(alt, weights, means, tuple(Fraction(1) for _ in means), "v")}


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The proofs, and the instance; a name's value comes from the energies."""
    env, parts = _environment(params), solution.components
    peaks, point, w = _peaks(env), params.point, params.columns[-1]
    exponent = total([params.biases[-1].term(), dot(parts[-2].mean, w), HALF * dot(w, w)])
    inputs = zip(params.columns, params.biases, strict=True)
    by_units: Term = exp(-HALF * _distance(point, params.offset))
    for x in solution.inputs:
        by_units = by_units * (1 + boltzmann(x))
    by_components = total(boltzmann(c.log_weight - rational(HALF * _distance(point, c.mean))) for c in parts)
    row = matrix_term(([c.weight for c in parts],))
    return {
        **_general(),
        "hidden": derive(called("\\bigl(p(h_j=1\\mid v)\\bigr)_j", _posterior(env)))
        .eq(column_term(sigma(total([dot(point, column), b.term()])) for column, b in inputs), "insert")
        .eq(column_term(sigma(x.term()) for x in solution.inputs))
        .eq(column_term(map(_probability, solution.inputs))),
        "both_forms": derive(called("\\sum_h \\exp(-E(v,h))", sum(_boltzmann_factors(env))))
        .eq(by_units, "units")
        .eq(by_components, "components")
        .approx(6),
        "split": derive(called("\\frac{c_{(h',1)}}{c_{h'}}", peaks[-1] / peaks[-2]))
        .eq(exp(exponent))
        .eq(boltzmann(parts[-1].log_weight - parts[-2].log_weight)),
        "logs": derive(called("\\bigl(\\log c_h\\bigr)_h", column(map(MP.log, peaks))))
        .eq(column_term(_log_weight(params, c.state) for c in parts), "insert")
        .eq(column_term(c.log_weight.term() for c in parts)),
        "none_on": derive(called("c_h", peaks[0])).eq(1),
        **({"orthogonality": _orthogonality(params, solution)} if len(params.columns) > 1 else {}),
        "weights": derive(called("\\bigl(\\pi_h\\bigr)_h", scale(1 / sum(peaks), (peaks,))))
        .eq(1 / total(c.weight for c in parts) * row)
        .eq(_weights(solution)),
    }


def _orthogonality(params: Params, solution: Solution) -> Derivation:
    """W_1'W_2 by the matrices, and by what log c_h has beyond its summands for each unit."""
    ((_, both), _) = multiply(params.columns, params.rows)
    return derive(called("W_1^\\top W_2", both)).eq(number(solution.components[3].log_weight.rational))


def _distance(x: Vector, y: Iterable[int | Fraction]) -> Fraction:
    """|x - y|^2."""
    return sum(((p - q) ** 2 for p, q in zip(x, y, strict=True)), Fraction(0))


def _log_weight(params: Params, h: Bits) -> Term:
    """b'h + a'Wh + |Wh|^2/2 with its numbers."""
    if not any(h):
        return number(0)
    shift = [dot(row, h) for row in params.rows]
    return total([_bias(params, h).term(), dot(params.offset, shift), HALF * dot(shift, shift)])


# The model by its definition in an environment: v, a, b columns, W a matrix, h a tuple of bits.


def _environment(params: Params) -> Env:
    biases = column(MP.convert(b.value()) for b in params.biases)
    return {"v": column(params.point), "a": column(params.offset), "W": params.rows, "b": biases}


def _inputs(env: Env, v: Matrix) -> list[Value]:
    """v'W_j + b_j for all j."""
    return [x + b for x, (b,) in zip(multiply(transpose(v), env["W"])[0], env["b"], strict=True)]


def _energy(env: Env, h: Matrix) -> Value:
    """E(v, h), by products of matrices."""
    moved = add(env["v"], scale(-1, env["a"]))
    forms = (multiply(transpose(moved), moved), multiply(transpose(env["v"]), multiply(env["W"], h)))
    ((square,),), ((both,),) = forms
    ((bias,),) = multiply(transpose(env["b"]), h)
    return square / 2 - both - bias


def _factor(env: Env, v: Matrix, h: Bits) -> Value:
    """exp(-E(v, h))."""
    squares = sum((x - y) ** 2 for (x,), (y,) in zip(v, env["a"], strict=True))
    return MP.exp(MP.convert(dot(_inputs(env, v), h) - squares / 2))


def _boltzmann_factors(env: Env) -> list[Value]:
    return [_factor(env, env["v"], h) for h in states(len(env["b"]))]


def _posterior(env: Env) -> Matrix:
    """p(h_j = 1 | v) for all j, by sums over all h."""
    size, factors = len(env["b"]), _boltzmann_factors(env)
    on = (dot([h[j] for h in states(size)], factors) for j in range(size))
    return column(x / sum(factors) for x in on)


def _mean(env: Env, h: Bits) -> Matrix:
    return add(env["a"], multiply(env["W"], column(h)))


def _peak(env: Env, h: Bits) -> Value:
    """c_h: the value of exp(-E(v, h)) at the place of its maximum in v, a + Wh."""
    return _factor(env, _mean(env, h), h)


def _peaks(env: Env) -> tuple[Value, ...]:
    return tuple(_peak(env, h) for h in states(len(env["b"])))


def _integral(env: Env, h: Bits) -> Value:
    """The integral of exp(-E(v, h)) over v, by the trapezoidal rule in each coordinate.

    For a step of 3/8 the error is of the order of exp(-2 pi^2 / step^2) = 10^-61, relative to the integral.
    """
    step, value = MP.mpf(3) / 8, MP.exp(dot([MP.convert(b) for (b,) in env["b"]], h))
    for row, (a,) in zip(env["W"], env["a"], strict=True):
        slope, middle = MP.convert(dot(row, h)), MP.convert(a)
        grid = (middle + slope + k * step for k in range(-45, 46))
        value *= step * sum(MP.exp(x * slope - (x - middle) ** 2 / 2) for x in grid)
    return value


def _without_last(env: Env) -> Env:
    """The machine without its last hidden unit."""
    return {**env, "W": tuple(row[:-1] for row in env["W"]), "b": env["b"][:-1]}


def _halved(x: Term) -> Term:
    """|x|^2/2."""
    return number(HALF) * norm(x) ** 2


def _inner(x: Term, y: Term) -> Term:
    """x'y."""
    return entry(transposed(x) * y)


@cache
def _general() -> Mapping[str, Derivation]:
    """The proofs for all machines; checked in two dimensions with two hidden units."""
    v, a, u, w, W, r = (Sym(name) for name in ("v", "a", "u", "w", "W", "r"))
    mu, beta, d, j = Sym("mu", "\\mu"), Sym("beta", "\\beta"), Sym("d"), Sym("j")
    columns = {name: vector(vector(real, 1), 2) for name in ("v", "a", "b")}
    domain = {**columns, "W": vector(vector(real, 2), 2), "h": vector(bit, 2), "d": exactly(Fraction(2))}
    domain |= {"D": exactly(Fraction(2))}
    vectors = dict.fromkeys(("v", "a", "mu", "u", "w"), columns["v"]) | {"beta": real}

    def of_h(printed: str, name: str, value: Callable[[Env, Bits], Value]) -> Named:
        return Named(printed, name, lambda env: value(env, env["h"]))

    mean = a + W * Named("h", "h", lambda env: column(env["h"]))
    factor = exp(-of_h("E(v,h)", "E(v, h)", lambda env, h: -MP.log(_factor(env, env["v"], h))))
    weight, normal = of_h("c_h", "c[h]", _peak), of_h("\\mathcal{N}(v;\\,a+Wh,\\,I)", "N(v, a + Wh, I)", _density)
    share = of_h("\\pi_h", "pi[h]", lambda env, h: _peak(env, h) / sum(_peaks(env)))
    given_h = of_h("p(v\\mid h)", "p(v|h)", lambda env, h: _factor(env, env["v"], h) / _integral(env, h))
    given_v = of_h("p(h\\mid v)", "p(h|v)", lambda env, h: _factor(env, env["v"], h) / sum(_boltzmann_factors(env)))
    whole = of_h("\\int \\exp(-E(v',h))\\,\\mathrm{d}v'", "Integral(exp(-E(v', h)), v')", _integral)
    bell_mass = of_h(
        "\\int \\exp\\bigl(-\\tfrac12\\|v'-a-Wh\\|^2\\bigr)\\,\\mathrm{d}v'",
        "Integral(exp(-|v'-a-Wh|**2/2), v')",
        lambda env, h: _integral(env, h) / _peak(env, h),
    )
    Z = Named("Z", "Z", lambda env: sum(_integral(env, h) for h in states(2)))
    p_v = Named("p(v)", "p(v)", lambda env: sum(_boltzmann_factors(env)) / Z.value(env))
    r_j = Named("r_j", "r[j]", lambda env: _inputs(env, env["v"])[int(env["j"]) - 1])
    unit = Named("v^{\\top}W_d+b_d", "v'W[d] + b[d]", lambda env: _inputs(env, env["v"])[-1])
    f_d = Named("f_d(v)", "f[d](v)", lambda env: sum(_boltzmann_factors(env)))
    f_before = Named("f_{d-1}(v)", "f[d-1](v)", lambda env: f_d.value(_without_last(env)))
    old_mean = Named("\\mu_{h'}", "mu[h']", lambda env: _mean(_without_last(env), env["h'"]))
    old_weight = Named("c_{h'}", "c[h']", lambda env: _peak(_without_last(env), env["h'"]))
    new_weight = Named("c_{(h',1)}", "c[h', 1]", lambda env: _peak(env, (*env["h'"], 1)))
    last = Named("W_d", "W[d]", lambda env: column(row[-1] for row in env["W"]))

    h, none = Named("h", "h", lambda env: column(env["h"])), (0, 0)
    f_0 = Named("f_0(v)", "f[0](v)", lambda env: _factor(env, env["v"], none))
    f_1 = Named("f_1(v)", "f[1](v)", lambda env: sum(_boltzmann_factors(_without_last(env))))
    first_unit = Named("v^{\\top}W_1+b_1", "v'W[1] + b[1]", lambda env: _inputs(env, env["v"])[0])
    energy = of_h("E(v,h)", "E(v, h)", lambda env, h: _energy(env, column(h)))
    p_h = of_h("p(h)", "p(h)", lambda env, h: _integral(env, h) / sum(_integral(env, other) for other in states(2)))
    last_bias = Named("b_d", "b[d]", lambda env: env["b"][-1][0])
    with_twin = W * Named("h", "h", lambda env: column((*env["h'"], 1)))
    apart = Named("u", "u", lambda env: add(old_mean.value(env), scale(-1, env["a"])))
    twin = {**domain, "h'": vector(bit, 1)}

    def bell(centre: Term) -> Term:
        return exp(-_halved(v - centre))

    def over_h(body: Term) -> Term:
        return OverStates("h", d, body)

    def over_old(body: Term) -> Term:
        return OverStates("h'", d - 1, body)

    def on(h: str) -> Term:
        return exp(summed("j", 1, d, r_j * At(h, j)))

    one = exp(r_j * At("h", j))
    return {
        "given_h": derive(given_h, **domain)
        .eq(factor / whole, "definition")
        .eq(bell(mean) / bell_mass, "cancel")
        .eq(normal),
        "given_v": derive(given_v, **domain)
        .eq(on("h") / OverStates("h'", d, on("h'")), "cancel")
        .eq(multiplied("j", 1, d, one) / multiplied("j", 1, d, 1 + exp(r_j)), "factorise")
        .eq(multiplied("j", 1, d, one / (1 + exp(r_j)))),
        "sigmoid": derive(exp(r) / (1 + exp(r)), r=real).eq(sigma(r)),
        "shift": derive(bell(mu) * exp(_inner(v, w) + beta), **vectors)
        .eq(exp(-_halved(v - mu) + _inner(v - mu, w) + _inner(mu, w) + beta))
        .eq(exp(beta + _inner(mu, w) + _halved(w)) * bell(mu + w), "square"),
        "mixture": derive(p_v, **domain)
        .eq(1 / Z * over_h(factor), "definition")
        .eq(1 / Z * over_h(weight * bell(mean)), "square")
        .eq(TWO_PI ** (Sym("D") / 2) / Z * over_h(weight * normal), "density")
        .eq(over_h(share * normal), "normalise"),
        "step": derive(f_d, **domain)
        .eq(f_before * (1 + exp(unit)), "unit")
        .eq(over_old(old_weight * bell(old_mean) * (1 + exp(unit))), "hypothesis")
        .eq(over_old(old_weight * bell(old_mean)) + over_old(new_weight * bell(old_mean + last)), "shift"),
        "energy": derive(-energy, **domain).eq(summed("j", 1, d, r_j * At("h", j)) - _halved(v - a)),
        "f_0": derive(f_0, **domain).eq(bell(a)),
        "f_1": derive(f_1, **domain).eq(f_0 * (1 + exp(first_unit))),
        "twin_weight": derive(new_weight, **twin).eq(
            old_weight * exp(last_bias + _inner(old_mean, last) + _halved(last))
        ),
        "twin_mean": derive(old_mean + last, **twin).eq(a + with_twin),
        "moved": derive(apart + Named("w", "w", last.value), **twin).eq(with_twin),
        "first_mean": derive(Named("\\mu_{h'}", "mu[h']", lambda env: _mean(env, none)), **domain).eq(a),
        "first_weight": derive(Named("c_{h'}", "c[h']", lambda env: _peak(env, none)), **domain).eq(1),
        "closed": derive(weight, **domain).eq(exp(_inner(Sym("b"), h) + entry(transposed(a) * W * h) + _halved(W * h))),
        "prior": derive(p_h, **domain).eq(share),
        "power": derive(exp(Sym("m") * log(2)), m=lambda random: random.randint(-9, 9)).eq(number(2) ** Sym("m")),
        "exponent": derive(_inner(a, u) + _halved(u) + _inner(a + u, w) + _halved(w), **vectors).eq(
            _inner(a, u + w) + _halved(u + w)
        ),
    }


def _density(env: Env, h: Bits) -> Value:
    """N(v; a + Wh, I)."""
    pairs = zip(env["v"], _mean(env, h), strict=True)
    return prod((normal_density(MP.convert(x), MP.convert(m), MP.one) for (x,), (m,) in pairs), start=MP.mpf(1))


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """Whether both hidden units are independent: whether c_h of both is the product of those of each."""
    if len(params.columns) == 1:
        return {}
    _, second, first, both = (c.log_weight for c in solution.components)
    if dot(*params.columns):
        return {"dependent": both != first + second}
    return {"independent": both == first + second}


def by_quadrature(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: mass and first moment of exp(-E(v, h)) for every h, on a grid; p(h_j = 1 | v) as a ratio of sums."""
    W, a, b, H, v = _arrays(params)
    reach = [(x + np.minimum(row, 0).sum(), x + np.maximum(row, 0).sum()) for x, row in zip(a, W, strict=True)]
    axes = np.meshgrid(*(np.arange(low - 8, high + 8, 0.4) for low, high in reach))
    grid = np.stack(axes, -1).reshape(-1, len(a))

    def factors(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(x @ W @ H.T + H @ b - ((x - a) ** 2).sum(-1, keepdims=True) / 2))

    density, at_v = factors(grid), factors(v[None])[0]
    mass = density.sum(0)
    yield equal("states", tuple(c.state for c in solution.components), states(len(b)))
    yield all_close("means", [c.mean for c in solution.components], (density.T @ grid) / mass[:, None])
    yield all_close("weights", [share.value() for share in solution.shares], mass / mass.sum())
    yield all_close("log_weights", [c.log_weight.value() for c in solution.components], np.log(mass / mass[0]))
    yield all_close("hidden", [_probability(x).value() for x in solution.inputs], at_v @ H / at_v.sum())


def _arrays(params: Params) -> list[np.ndarray]:
    """W, a, b, all h as rows, and v, in double precision."""
    biases = [float(b.value()) for b in params.biases]
    return [np.array(x, dtype=float) for x in (params.rows, params.offset, biases, states(len(biases)), params.point)]


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: log sum_h exp(-E(v, h)), whose gradient by b is p(h|v), against a mixture of torch.distributions.

    Their difference, log Z, must be the same everywhere; no other mixture of unit normals has the same density.
    """
    import torch
    from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

    W, a, b, H, v = map(torch.from_numpy, _arrays(params))
    b.requires_grad_()
    points = v + torch.cat([torch.arange(-2.0, 3.0, dtype=v.dtype)[:, None] * W.T[j] for j in range(len(b))])
    log_sum = torch.logsumexp(-((points - a) ** 2).sum(1, keepdim=True) / 2 + points @ W @ H.T + H @ b, 1)
    means = torch.tensor([[float(x) for x in c.mean] for c in solution.components], dtype=v.dtype)
    shares = torch.tensor([float(share.value()) for share in solution.shares], dtype=v.dtype)
    mixture = MixtureSameFamily(Categorical(shares), Independent(Normal(means, torch.ones_like(means)), 1))
    log_density = mixture.log_prob(points)
    log_partition = (log_sum - log_density).detach()
    yield all_close("hidden", [_probability(x).value() for x in solution.inputs], torch.autograd.grad(log_sum[2], b)[0])
    for name in ("means", "weights"):
        yield all_close(name, log_partition.tolist(), log_partition.mean().expand(len(points)))


def by_modes(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: for every h, -E(v, h) is a parabola in v; its top is the mean, and the heights of the tops the weights.

    The top is found from differences of E; p(h_j = 1 | v) is the slope of log sum_h exp(-E) by b_j.
    """
    from scipy.special import logsumexp, softmax

    W, a, b, H, v = _arrays(params)

    def height(v: np.ndarray, h: np.ndarray) -> Any:
        return v @ W @ h + b @ h - np.square(v - a).sum() / 2

    units = np.eye(len(a))
    tops = []
    for h in H:
        slopes = [(height(e, h) - height(-e, h)) / 2 for e in units]
        bends = [2 * height(0 * e, h) - height(e, h) - height(-e, h) for e in units]
        tops.append(np.divide(slopes, bends))
    shares = softmax([height(top, h) for top, h in zip(tops, H, strict=True)])
    heights = np.array([height(v, h) for h in H])
    hidden = [logsumexp(heights + 1e-30j * unit).imag / 1e-30 for unit in H.T]
    yield all_close("means", [c.mean for c in solution.components], tops)
    yield all_close("weights", [share.value() for share in solution.shares], shares)
    yield all_close("hidden", [_probability(x).value() for x in solution.inputs], hidden)


oracles = (by_quadrature, by_torch, by_modes)
