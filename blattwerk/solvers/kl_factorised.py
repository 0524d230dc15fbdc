"""KL divergence of distributions that factorise, p(x) = prod_i p_i(x_i) and q(x) = prod_i q_i(x_i).

D(p||q) = sum_i D(p_i||q_i), the chain rule for independent components (Cover and Thomas, Elements of Information
Theory, 2nd edition, 2006, theorem 2.5.3). If r does not factorise, D(r||q) = sum_i D(r_i||q_i) + C(r) with the total
correlation C(r) = D(r||prod_i r_i) (Watanabe, IBM Journal of Research and Development 4, 1960). With the arguments
exchanged, D(q||r) = sum_i D(q_i||r_i) + sum_x q(x) log(prod_i r_i(x_i) / r(x)), where the last sum can be negative.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, reduce
from itertools import product
from math import lcm, prod
from random import Random
from typing import Any

from blattwerk.vocabulary import (
    Answer,
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
    derive,
    equal,
    exactly,
    holds,
    log,
    matrix_term,
    number,
    positive,
    rightly,
    simplex,
    sum_of,
    summed,
    total,
    vector,
)
from blattwerk.vocabulary.exact.discrete import Distribution, by_entropies, exp_of_multiple, relative_entropy
from blattwerk.vocabulary.functions import multiplied, rounded_to
from blattwerk.vocabulary.terms import NOWHERE, within
from blattwerk.vocabulary.writers import PREFIX, PRODUCT, Writer

ORDINALS = ("first", "second", "third")


@dataclass(frozen=True)
class Params:
    """Two distributions that factorise, and at `hard` one that does not; all probabilities are positive."""

    p: tuple[Distribution, ...]
    """The components p_i, each on 0, 1, ..."""
    q: tuple[Distribution, ...]
    """The components q_i, of the same sizes as those of p."""
    r: tuple[Distribution, ...] = ()
    """A table, by rows x_1 and columns x_2, whose marginals are p_1 and p_2; empty if it is not asked for."""

    @property
    def states(self) -> tuple[tuple[int, ...], ...]:
        """All x, the last component fastest."""
        return tuple(product(*(range(len(component)) for component in self.p)))

    @property
    def outcomes(self) -> tuple[Sym, ...]:
        """All x as words such as 010."""
        return tuple(Sym("".join(map(str, x))) for x in self.states)

    @property
    def flat(self) -> Distribution:
        """r in the order of the states."""
        return tuple(value for row in self.r for value in row)


@dataclass(frozen=True)
class Dependent:
    """What follows from the table r, in nats."""

    correlation: LogSum
    """The total correlation C(r)."""
    forward: LogSum
    """D(r||q)."""
    exchanged: LogSum
    """D(q||r)."""
    exchanged_sum: LogSum
    """sum_i D(q_i||r_i)."""
    excess: LogSum
    """D(q||r) - sum_i D(q_i||r_i)."""


@dataclass(frozen=True)
class Solution:
    """Both sides of the theorem, the divergences in nats."""

    components: tuple[LogSum, ...]
    """D(p_i||q_i) for all i."""
    total: LogSum
    """Their sum."""
    joint_p: Distribution
    """p(x) in the order of `Params.states`."""
    joint_q: Distribution
    ratios: tuple[Fraction, ...]
    """p(x)/q(x) in the same order."""
    direct: LogSum
    """D(p||q) from the joint tables."""
    dependent: Dependent | None
    """None without r."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """Both sides of the theorem, each from its own definition, and the divergences of r if there is one."""
    p = step("joint_p", lambda: joint(params.p), added=lambda: _added(params.p))
    q = step("joint_q", lambda: joint(params.q), added=lambda: _added(params.q))
    components = step(
        "components",
        lambda: tuple(map(relative_entropy, params.p, params.q)),
        reversed=lambda: tuple(map(relative_entropy, params.q, params.p)),
    )
    ratios = tuple(a / b for a, b in zip(p, q, strict=True))
    dependent = _dependent(params, joint(params.p), joint(params.q)) if params.r else None
    whole = step("total", lambda: sum_of(components))
    return Solution(components, whole, p, q, ratios, step("direct", lambda: relative_entropy(p, q)), dependent)


def _added(components: Sequence[Distribution]) -> Distribution:
    """A usual mistake: sums instead of products."""
    return tuple(sum(values, Fraction(0)) for values in product(*components))


def joint(components: Sequence[Distribution]) -> Distribution:
    """The probabilities prod_i p_i(x_i), the last component fastest."""
    return tuple(prod(values, start=Fraction(1)) for values in product(*components))


def _dependent(params: Params, p: Distribution, q: Distribution) -> Dependent:
    r = params.flat
    exchanged, back = relative_entropy(q, r), sum_of(map(relative_entropy, params.q, params.p))
    return Dependent(relative_entropy(r, p), relative_entropy(r, q), exchanged, back, exchanged - back)


SYMBOLS = {name: f"D(p_{i}\\|q_{i})" for i, name in enumerate(ORDINALS, 1)} | {
    "total": "\\sum_i D(p_i\\|q_i)",
    "direct": "D(p\\|q)",
    "correlation": "C(r)",
    "dependent": "D(r\\|q)",
    "exchanged": "D(q\\|r)",
    "exchanged_sum": "\\sum_i D(q_i\\|r_i)",
    "excess": "D(q\\|r) - \\sum_i D(q_i\\|r_i)",
}


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """The component divergences and their sum, D(p||q) from the joint tables, and what there is with r."""
    named = [(name, "components", value) for name, value in zip(ORDINALS, solution.components, strict=False)]
    named += [("total", "components", solution.total), ("direct", "joint", solution.direct)]
    if (d := solution.dependent) is not None:
        named += [("correlation", "correlated", d.correlation), ("dependent", "correlated", d.forward)]
        named += [("exchanged", "exchanged", d.exchanged), ("exchanged_sum", "exchanged", d.exchanged_sum)]
        named += [("excess", "exchanged", d.excess)]
    return tuple(Answer(name, part, value.term(), symbol=SYMBOLS[name]) for name, part, value in named)


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The theorem for all distributions, and both of its sides for the instance."""
    named = _divergences("p", "q", params.p, params.q)
    ways = zip(ORDINALS, named, params.p, params.q, solution.components, strict=False)
    chains = {name: _instance(start, p, q, result) for name, start, p, q, result in ways}
    values = total(c.term() for c in solution.components)
    chains["total"] = derive(total(named)).eq(values).eq(solution.total.term()).approx()
    p, q = solution.joint_p, solution.joint_q
    chains["same_value"] = derive(solution.direct.term()).then("~", rounded_to(solution.direct.term()))
    chains["direct"] = _instance(_divergence("p", "q", p, q), p, q, solution.direct)
    if solution.dependent is not None:
        chains |= _with_table(params, solution, solution.dependent) | _marginals(params, solution)
    return {**_general(), **_for_densities(), **chains}


def _divergence(a: str, b: str, p: Distribution, q: Distribution) -> Named:
    """D(a||b) of two given distributions."""
    return Named(f"D({a}\\|{b})", f"D({a}||{b})", lambda env: by_entropies(p, q))


def _divergences(a: str, b: str, p: Sequence[Distribution], q: Sequence[Distribution]) -> tuple[Named, ...]:
    """D(a_i||b_i) for all components."""
    return tuple(_divergence(f"{a}_{i}", f"{b}_{i}", *pair) for i, pair in enumerate(zip(p, q, strict=True), 1))


def _instance(start: Term, p: Distribution, q: Distribution, result: LogSum) -> Derivation:
    return derive(start).eq(_inserted(p, q), "insert").eq(result.term(), "primes").approx()


def _inserted(p: Distribution, q: Distribution) -> Term:
    return total(number(a) * log(a / b) for a, b in zip(p, q, strict=True))


def _with_table(params: Params, solution: Solution, d: Dependent) -> dict[str, Derivation]:
    """The total correlation of r, D(r||q) in two ways, and the counterexample with the arguments exchanged."""
    r, p, q = params.flat, solution.joint_p, solution.joint_q
    correlation = called("C(r)", by_entropies(r, p))
    forward, backward = _divergence("r", "q", r, q), _divergence("q", "r", q, r)
    right = total((*_divergences("r", "q", params.p, params.q), correlation))
    back = total(_divergences("q", "r", params.q, params.p))
    return {
        "correlation": _instance(correlation, r, p, d.correlation),
        "dependent_sum": derive(right)
        .eq(total((solution.total.term(), d.correlation.term())))
        .eq(d.forward.term())
        .approx(),
        "dependent": _instance(forward, r, q, d.forward),
        "exchanged": _instance(backward, q, r, d.exchanged),
        "exchanged_sum": derive(back)
        .eq(total(map(_inserted, params.q, params.p)), "insert")
        .eq(d.exchanged_sum.term(), "primes")
        .approx(),
        "excess": derive(backward - back).eq(d.excess.term()).approx().then("<", 0),
        "over_p": derive(forward).eq(_divergence("r", "p", r, p) + _divergence("p", "q", p, q)),
        "correlation_about": derive(correlation).then("~", rounded_to(d.correlation.term())),
        "exchanged_about": derive(backward).then("~", rounded_to(d.exchanged.term())),
        "exchanged_sum_about": derive(called("\\sum_i D(q_i\\|r_i)", back.value())).then(
            "~", rounded_to(d.exchanged_sum.term())
        ),
    }


def _marginals(params: Params, solution: Solution) -> dict[str, Derivation]:
    """The sums of the rows and the columns of r are the components of p, so what is made of them is the same."""
    tables = (params.r, tuple(zip(*params.r, strict=True)))
    sums = tuple(tuple(sum(line, Fraction(0)) for line in lines) for lines in tables)
    (first, second), (p_1, p_2) = (
        tuple(called(f"{name}_{i}", (entries,)) for i, entries in enumerate(parts, 1))
        for name, parts in (("r", sums), ("p", params.p))
    )
    each_r, each_p = (called(f"{name}_i", (sum(parts, ()),)) for name, parts in (("r", sums), ("p", params.p)))
    products = called("\\prod_i r_i(x_i)", (tuple(a * b for a, b in product(*sums)),))
    divergences = called("D(r_i\\|q_i)", (tuple(map(by_entropies, sums, params.q)),))
    known = called("D(p_i\\|q_i)", (tuple(c.value() for c in solution.components),))
    return {
        "rows": derive(first).eq(matrix_term([params.p[0]])).eq(p_1),
        "columns": derive(second).eq(matrix_term([params.p[1]])).eq(p_2),
        "first_marginal": derive(first).eq(p_1),
        "second_marginal": derive(second).eq(p_2),
        "each_marginal": derive(each_r).eq(each_p),
        "products": derive(products).eq(called("p(x)", (solution.joint_p,))),
        "same_divergences": derive(divergences).eq(known),
    }


SHAPE = (2, 3, 2)  # the numbers of values of x_1, x_2, x_3 on which the chains for all distributions are checked
STATES = tuple(product(*map(range, SHAPE)))


@dataclass(frozen=True)
class WeightedSum(Term):
    """sum_x weight body over all x, or over the values of x_i only; the body finds x as a mapping of i to x_i."""

    weight: Term
    body: Term
    own: bool = False

    def value(self, env: Env = NOWHERE) -> Value:
        i = int(env.get("i", 0))
        points = [{i: k} for k in range(SHAPE[i - 1])] if self.own else [dict(enumerate(x, 1)) for x in STATES]
        inner = ({**env, "x": x} for x in points)
        return sum((self.weight.value(at) * self.body.value(at) for at in inner), Fraction(0))

    def write(self, w: Writer) -> str:
        x = "x_i" if self.own else "x"
        summand = w.times([(within(t, w, PRODUCT), False) for t in (self.weight, self.body)])
        return w.symbol(f"\\sum_{{{x}}} {summand}", f"Sum({summand}, {x})")

    def level(self, w: Writer) -> int:
        return PREFIX


def _whole(env: Env, name: str) -> Distribution:
    """The probabilities of all x: r as it is, p and q as the products of their components."""
    return env[name] if name == "r" else joint(env[name])


def _parts(env: Env, name: str) -> tuple[Distribution, ...]:
    """The components of p or q, the marginals of r."""
    if name != "r":
        return tuple(env[name])
    cells = tuple(zip(STATES, env[name], strict=True))
    return tuple(tuple(sum(v for x, v in cells if x[i] == k) for k in range(size)) for i, size in enumerate(SHAPE))


def _probabilities(name: str) -> tuple[Named, Named]:
    """p(x) and p_i(x_i)."""

    def whole(env: Env) -> Value:
        return _whole(env, name)[STATES.index(tuple(env["x"].values()))]

    def part(env: Env) -> Value:
        return _parts(env, name)[int(env["i"]) - 1][env["x"][int(env["i"])]]

    return Named(f"{name}(x)", f"{name}(x)", whole), Named(f"{name}_i(x_i)", f"{name}_i(x_i)", part)


def _between(a: str, b: str) -> tuple[Named, Term]:
    """D(a||b) and sum_i D(a_i||b_i)."""

    def part(env: Env) -> Value:
        return by_entropies(*(_parts(env, name)[int(env["i"]) - 1] for name in (a, b)))

    whole = Named(f"D({a}\\|{b})", f"D({a}||{b})", lambda env: by_entropies(_whole(env, a), _whole(env, b)))
    return whole, _over_i(Named(f"D({a}_i\\|{b}_i)", f"D({a}_i||{b}_i)", part))


def _over_i(body: Term) -> Term:
    return summed("i", 1, Sym("n"), body)


def _product(body: Term) -> Term:
    return multiplied("i", 1, Sym("n"), body)


def _components(random: Random) -> tuple[Distribution, ...]:
    """A domain: one distribution for each component."""
    return tuple(simplex(size)(random) for size in SHAPE)


@cache
def _general() -> Mapping[str, Derivation]:
    """The theorem, the marginal of a product, and both identities for an r that does not factorise."""
    (p, p_i), (q, q_i), (r, r_i) = map(_probabilities, "pqr")
    (p_q, p_q_i), (r_q, r_q_i), (q_r, q_r_i) = (_between(*names) for names in ("pq", "rq", "qr"))
    correlation = Named("C(r)", "C(r)", lambda env: by_entropies(env["r"], joint(_parts(env, "r"))))
    n = exactly(Fraction(len(SHAPE)))
    from_product = Named(
        "D(q\\|\\prod_i r_i)",
        "D(q||prod r_i)",
        lambda env: by_entropies(joint(env["q"]), joint(_parts(env, "r"))),
    )
    at = {"x": _state, "q": _components, "n": n}
    both = {"q": _components, "r": simplex(len(STATES)), "n": n}
    return {
        "theorem": derive(p_q, p=_components, q=_components, n=n)
        .eq(WeightedSum(p, log(p / q)), "definition")
        .eq(WeightedSum(p, log(_product(p_i / q_i))), "factorise")
        .eq(WeightedSum(p, _over_i(log(p_i / q_i))), "logarithm")
        .eq(_over_i(WeightedSum(p, log(p_i / q_i))), "exchange")
        .eq(_over_i(WeightedSum(p_i, log(p_i / q_i), own=True)), "marginal")
        .eq(p_q_i, "definition"),
        "marginal": _marginal(p_i),
        "normalised": _normalised(),
        "q_product": derive(q, **at).eq(_product(q_i)),
        "non_negative": derive(correlation, r=simplex(len(STATES))).then(">=", 0),
        "weighted_by_r": derive(-correlation, r=simplex(len(STATES))).then("<=", 0),
        "as_product": derive(q_r_i, **both).eq(from_product),
        "correlated": derive(r_q, **both)
        .eq(WeightedSum(r, log(r / q)), "definition")
        .eq(WeightedSum(r, log(r / _product(r_i))) + WeightedSum(r, log(_product(r_i / q_i))), "expand")
        .eq(correlation + _over_i(WeightedSum(r, log(r_i / q_i))), "logarithm")
        .eq(correlation + _over_i(WeightedSum(r_i, log(r_i / q_i), own=True)), "marginal")
        .eq(correlation + r_q_i, "definition"),
        "exchanged_general": derive(q_r - q_r_i, **both)
        .eq(WeightedSum(q, log(q / r)) - WeightedSum(q, log(q / _product(r_i))), "theorem")
        .eq(WeightedSum(q, log(_product(r_i) / r)), "collect"),
    }


@dataclass(frozen=True)
class Integral(Term):
    """The integral of a body over all x, or over x_i only, for densities that are constant on the cells of a grid."""

    body: Term
    own: bool = False

    def value(self, env: Env = NOWHERE) -> Value:
        i = int(env.get("i", 0))
        cells = [{i: k} for k in range(SHAPE[i - 1])] if self.own else [dict(enumerate(x, 1)) for x in STATES]
        sizes = (prod(env["w"][j - 1][k] for j, k in cell.items()) for cell in cells)
        return sum((size * self.body.value({**env, "x": cell}) for size, cell in zip(sizes, cells, strict=True)), 0)

    def write(self, w: Writer) -> str:
        x, body = "x_i" if self.own else "x", within(self.body, w, PRODUCT)
        return w.symbol(f"\\int {body} \\,\\mathrm{{d}}{x}", f"Integral({body}, {x})")

    def level(self, w: Writer) -> int:
        return PREFIX


def _densities(name: str) -> tuple[Named, Named]:
    """p(x) and p_i(x_i): the probability of a cell of the grid, divided by its size."""

    def part(env: Env, i: int) -> Value:
        return env[name][i - 1][env["x"][i]] / env["w"][i - 1][env["x"][i]]

    return (
        Named(f"{name}(x)", f"{name}(x)", lambda env: prod(part(env, i) for i in env["x"])),
        Named(f"{name}_i(x_i)", f"{name}_i(x_i)", lambda env: part(env, int(env["i"]))),
    )


@cache
def _for_densities() -> Mapping[str, Derivation]:
    """The theorem for densities, checked with densities that are constant on the cells of arbitrary grids."""
    (p, p_i), (q, q_i) = map(_densities, "pq")
    sizes: dict[str, Any] = {"w": lambda random: tuple(vector(positive, size)(random) for size in SHAPE)}
    of_i: dict[str, Any] = {**sizes, "p": _components, "q": _components, "i": lambda r: Fraction(r.randint(1, 3))}
    whole, parts = _between("p", "q")
    ratio = Named("\\ell_i(x_i)", "l_i(x_i)", log(p_i / q_i).value)
    size = Named("|\\ell_i(x_i)|", "abs(l_i(x_i))", lambda env: abs(log(p_i / q_i).value(env)))

    def mass(env: Env, j: int) -> Value:
        return sum(x / w * w for x, w in zip(env["p"][j], env["w"][j], strict=True))

    def mass_of_others(env: Env) -> Value:
        return prod(mass(env, j) for j in range(len(SHAPE)) if j != int(env["i"]) - 1)

    others = Named("\\prod_{j\\ne i} \\int p_j(x_j)\\,\\mathrm{d}x_j", "Product(Integral(p_j), j != i)", mass_of_others)
    one = Named("\\int p_j(x_j)\\,\\mathrm{d}x_j", "Integral(p_j(x_j), x_j)", lambda env: mass(env, env["j"] - 1))
    return {
        "mass": derive(one, p=_components, **sizes, j=lambda random: random.randint(1, len(SHAPE))).eq(1),
        "densities": derive(whole, p=_components, q=_components, n=exactly(Fraction(len(SHAPE))), **sizes)
        .eq(Integral(p * log(p / q)), "definition")
        .eq(Integral(p * _over_i(ratio)), "logarithm")
        .eq(_over_i(Integral(p * ratio)), "linearity")
        .eq(_over_i(Integral(p_i * ratio, own=True) * others), "fubini")
        .eq(parts, "normalised"),
        "integrable": derive(Integral(p * size), **of_i)
        .eq(Integral(p_i * size, own=True) * others, "tonelli")
        .eq(Integral(p_i * size, own=True), "normalised"),
        "negative_part": derive(-(p_i * ratio), **of_i, x=_state).then("<=", q_i - p_i),
    }


def _state(random: Random) -> dict[int, int]:
    """A domain: the values of x."""
    return dict(enumerate(random.choice(STATES), 1))


def _normalised() -> Derivation:
    """Each component of p adds up to 1."""

    def value(env: Env) -> Value:
        return sum(env["p"][int(env["j"]) - 1])

    start = Named("\\sum_{x_j} p_j(x_j)", "Sum(p_j(x_j), x_j)", value)
    return derive(start, p=_components, j=lambda random: random.randint(1, len(SHAPE))).eq(1)


def _marginal(p_i: Term) -> Derivation:
    """p(x) summed over all components but x_i, here the second one."""

    def summed_out(env: Env) -> Value:
        cells = zip(STATES, joint(env["p"]), strict=True)
        return sum(value for x, value in cells if x[1] == env["x"][2])

    others = Named(
        "\\prod_{j\\ne i} \\left(\\sum_{x_j} p_j(x_j)\\right)",
        "Product(Sum(p_j(x_j), x_j), j != i)",
        lambda env: sum(env["p"][0]) * sum(env["p"][2]),
    )
    start = Named("\\sum_{x_j:\\, j\\ne i} p(x)", "Sum(p(x), x_j, j != i)", summed_out)
    domain = {"p": _components, "i": exactly(Fraction(2)), "x": lambda random: {2: random.randrange(SHAPE[1])}}
    return derive(start, **domain).eq(p_i * others, "distributive").eq(p_i, "normalised")


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of these distributions."""
    found = {"same": solution.total == solution.direct and sum_of(solution.components) == solution.direct}
    if (d := solution.dependent) is not None:
        found["smaller"] = d.exchanged < d.exchanged_sum and d.correlation > LogSum()
    return found


def by_tables(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the joint tables as arrays; everything by brute-force sums over them and over their marginals."""
    import numpy as np
    from numpy.typing import NDArray

    def outer(components: Sequence[Distribution]) -> NDArray[np.float64]:
        return reduce(np.multiply.outer, (np.array(c, dtype=float) for c in components))

    def sums(table: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        axes = range(table.ndim)
        return [table.sum(axis=tuple(a for a in axes if a != i)) for i in axes]

    def divergence(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        return float((a * (np.log(a) - np.log(b))).sum())

    p, q = outer(params.p), outer(params.q)
    parts = [divergence(a, b) for a, b in zip(sums(p), sums(q), strict=True)]
    for name, ours, theirs in zip(ORDINALS, solution.components, parts, strict=False):
        yield close(name, ours, theirs)
    yield close("total", solution.total, divergence(p, q))
    yield close("direct", solution.direct, sum(parts))
    for name, table in (("joint_p", p), ("joint_q", q), ("ratios", p / q)):
        yield all_close(name, getattr(solution, name), table.ravel())
    if (d := solution.dependent) is not None:
        r = np.array(params.r, dtype=float)
        yield close("correlation", d.correlation, sum(-(m * np.log(m)).sum() for m in sums(r)) + (r * np.log(r)).sum())
        yield close("dependent", d.forward, divergence(r, q))
        yield close("exchanged", d.exchanged, divergence(q, r))
        yield close("exchanged_sum", d.exchanged_sum, sum(map(divergence, sums(q), sums(r))))
        yield close("excess", d.excess, (q * (np.log(p) - np.log(r))).sum())


def by_powers(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: exp(N D(p||q)) = prod_x (p(x)/q(x))^(N p(x)) is rational where all N p(x) are whole; compared exactly."""
    p, q = ([prod(x, start=Fraction(1)) for x in product(*parts)] for parts in (params.p, params.q))
    r = [params.r[x][y] for x, y in product(range(len(params.r)), range(len(params.r[0])))] if params.r else []
    count = lcm(*(value.denominator for value in (*p, *q, *r)))

    def ratios(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
        return prod(((x / y) ** int(count * x) for x, y in zip(a, b, strict=True)), start=Fraction(1))

    def agrees(what: str, ours: LogSum, theirs: Fraction) -> Comparison:
        return equal(what, exp_of_multiple(ours, count), theirs)

    for name, ours, a, b in zip(ORDINALS, solution.components, params.p, params.q, strict=False):
        yield agrees(name, ours, ratios(a, b))
    yield agrees("total", solution.total, ratios(p, q))
    yield agrees("direct", solution.direct, prod(map(ratios, params.p, params.q), start=Fraction(1)))
    if (d := solution.dependent) is not None:
        back = prod(map(ratios, params.q, params.p), start=Fraction(1))
        sums: Any = [tuple(map(sum, lines)) for lines in (params.r, zip(*params.r, strict=True))]
        yield holds("marginals", sums == list(params.p))
        yield agrees("correlation", d.correlation, ratios(r, p))
        yield agrees("dependent", d.forward, ratios(r, q))
        yield agrees("exchanged", d.exchanged, ratios(q, r))
        yield agrees("exchanged_sum", d.exchanged_sum, back)
        yield agrees("excess", d.excess, ratios(q, r) / back)
        yield holds("no equality, not even a bound", ratios(q, r) < back and ratios(r, p) > 1)


oracles = (by_tables, by_powers)
