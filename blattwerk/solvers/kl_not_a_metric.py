"""The KL divergence is not a metric: Gibbs' inequality holds, symmetry and the triangle inequality do not.

D(P||Q) = sum_i p_i log(p_i / q_i) for distributions on a finite set (Cover and Thomas, Elements of Information Theory,
2nd edition, 2006, section 2.3; Gibbs' inequality is their theorem 2.6.3). The divergences of three distributions obey
D(P||R) - D(P||Q) - D(Q||R) = sum_i (p_i - q_i) log(q_i / r_i), so that the triangle inequality fails for every mixture
Q = (1-w) P + w R with 0 < w < 1, by w/(1-w) (D(Q||R) + D(R||Q)).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm, prod
from random import Random

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
    close,
    column_term,
    derive,
    equal,
    exactly,
    holds,
    log,
    number,
    positive,
    real,
    rightly,
    simplex,
    summed,
    total,
    unit,
)
from blattwerk.vocabulary.exact.discrete import Distribution, by_entropies, exp_of_multiple, relative_entropy
from blattwerk.vocabulary.functions import NormalMean, normal_density, rounded_to
from blattwerk.vocabulary.terms import NOWHERE, Infinity, within
from blattwerk.vocabulary.writers import PREFIX, PRODUCT, Writer


@dataclass(frozen=True)
class Params:
    """Three distributions P, Q and R on the same outcomes."""

    p: Distribution
    q: Distribution
    r: Distribution
    """All probabilities are positive, and those of P and R differ at every outcome."""


@dataclass(frozen=True)
class Solution:
    """The sides of the triangle, in nats."""

    direct: LogSum
    """D(P||R)."""
    reverse: LogSum
    """D(R||P)."""
    first: LogSum
    """D(P||Q)."""
    second: LogSum
    """D(Q||R)."""
    detour: LogSum
    """first + second."""
    excess: LogSum
    """direct - detour."""
    weight: Fraction | None
    """The w in Q = (1-w) P + w R; None if Q is no mixture of P and R."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """The four divergences, and by how much the triangle inequality is violated."""
    p, q, r = params.p, params.q, params.r
    direct = step("direct", lambda: relative_entropy(p, r))
    reverse = step("backward", lambda: relative_entropy(r, p), weights=lambda: -direct)
    first = step("first", lambda: relative_entropy(p, q), wrong_pair=lambda: relative_entropy(q, p))
    second = step("second", lambda: relative_entropy(q, r))
    detour = first + second
    excess = step("excess", lambda: direct - detour, reversed=lambda: detour - direct)
    return Solution(direct, reverse, first, second, detour, excess, _weight(p, q, r))


def _weight(p: Distribution, q: Distribution, r: Distribution) -> Fraction | None:
    """The w with q = (1-w) p + w r, if there is one; the first outcome where p and r differ determines it."""
    triples = tuple(zip(p, q, r, strict=True))
    w = next(((b - a) / (c - a) for a, b, c in triples if a != c), None)
    return w if w is not None and all(b == (1 - w) * a + w * c for a, b, c in triples) else None


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """Both directions between P and R, the three sides of the triangle, its excess, and the weight of the mixture."""
    weight = (
        () if solution.weight is None else (Answer("weight", "between", number(solution.weight), symbol="\\lambda"),)
    )
    return (
        Answer("forward", "symmetry", solution.direct.term(), symbol="D(P\\|R)"),
        Answer("backward", "symmetry", solution.reverse.term(), symbol="D(R\\|P)"),
        Answer("direct", "triangle", solution.direct.term(), symbol="D(P\\|R)"),
        Answer("first", "triangle", solution.first.term(), symbol="D(P\\|Q)"),
        Answer("second", "triangle", solution.second.term(), symbol="D(Q\\|R)"),
        Answer("excess", "triangle", solution.excess.term(), symbol="D(P\\|R) - D(P\\|Q) - D(Q\\|R)"),
        *weight,
    )


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """Gibbs' inequality and the identity of three points for all distributions, and the instance."""
    p, q, r = params.p, params.q, params.r
    return {
        **_general(),
        **_gibbs_steps(),
        **_mixture_steps(),
        **_examples(),
        **_decimals(params, solution),
        "gibbs_instance": _gibbs_instance(p, r),
        "direct": _instance(_divergence_of("P", "R", p, r), p, r, solution.direct),
        "reverse": _instance(_divergence_of("R", "P", r, p), r, p, solution.reverse),
        "first": _instance(_divergence_of("P", "Q", p, q), p, q, solution.first),
        "second": _instance(_divergence_of("Q", "R", q, r), q, r, solution.second),
        "excess": derive(_excess_of(params)).eq(solution.excess.term()).approx().then(">", 0),
        **_mixture_instance(params, solution),
    }


def _divergence_of(a: str, b: str, p: Distribution, q: Distribution) -> Named:
    """D(A||B) of two given distributions."""
    return Named(f"D({a}\\|{b})", f"D({a}||{b})", lambda env: by_entropies(p, q))


def _excess_of(params: Params) -> Term:
    """D(P||R) - D(P||Q) - D(Q||R) of the instance."""
    p, q, r = params.p, params.q, params.r
    return _divergence_of("P", "R", p, r) - _divergence_of("P", "Q", p, q) - _divergence_of("Q", "R", q, r)


def _decimals(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The values by which the sentences compare the ways."""
    p, q, r, s = params.p, params.q, params.r, solution
    detour = _divergence_of("P", "Q", p, q) + _divergence_of("Q", "R", q, r)
    return {
        "direct_about": derive(_divergence_of("P", "R", p, r)).then("~", rounded_to(s.direct.term())),
        "reverse_about": derive(_divergence_of("R", "P", r, p)).then("~", rounded_to(s.reverse.term())),
        "detour_about": derive(detour).then("~", rounded_to(s.detour.term())),
        "both_sides": derive(s.excess.term()).then("~", rounded_to(s.excess.term())),
    }


def _instance(divergence: Named, p: Distribution, q: Distribution, result: LogSum) -> Derivation:
    pairs = tuple(zip(p, q, strict=True))
    return (
        derive(divergence)
        .eq(total(number(a) * log(number(a) / number(b)) for a, b in pairs), "insert")
        .eq(total(number(a) * log(a / b) for a, b in pairs), "quotients")
        .eq(result.term(), "primes")
        .approx()
    )


def _gibbs_instance(p: Distribution, r: Distribution) -> Derivation:
    """The chain of Gibbs' inequality with the instance's numbers."""
    ratios = tuple((number(a), number(b / a)) for a, b in zip(p, r, strict=True))
    return (
        derive(-_divergence_of("P", "R", p, r))
        .eq(total(a * log(t) for a, t in ratios), "insert")
        .then("<", total(a * (t - 1) for a, t in ratios), "tangent")
        .eq(total(b - a for a, b in zip(p, r, strict=True)))
        .eq(0)
    )


def _mixture_instance(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The excess once more, by the formula for mixtures."""
    if solution.weight is None:
        return {}
    p, q, r = params.p, params.q, params.r
    weight = number(solution.weight)
    factor = solution.weight / (1 - solution.weight)
    both_ways = _divergence_of("Q", "R", q, r) + _divergence_of("R", "Q", r, q)
    sides = tuple(side.term() for side in (solution.direct, solution.first, solution.second))
    summands = tuple((number(b - c), number(b / c)) for b, c in zip(q, r, strict=True))
    return {
        "weight": derive(Named("\\lambda", "w", lambda env: _projected(params)))
        .eq((number(q[0]) - p[0]) / (number(r[0]) - p[0]), "first_coordinate")
        .eq(weight),
        "weighted": derive(number(1 - solution.weight) * column_term(p) + weight * column_term(r)).eq(column_term(q)),
        "left_side": derive(_excess_of(params))
        .eq(sides[0] - sides[1] - sides[2])
        .eq(solution.excess.term(), "collect"),
        "right_side": derive(_times(factor, both_ways))
        .eq(_times(factor, total(d * log(t) for d, t in summands)), "insert")
        .eq(solution.excess.term(), "primes")
        .approx(),
    }


def _times(factor: Fraction, t: Term) -> Term:
    """The scaled term, without a factor of 1."""
    return t if factor == 1 else number(factor) * t


def _projected(params: Params) -> Fraction:
    """The weight as the coefficient of Q - P along R - P, by least squares over all coordinates."""
    ways = [(b - a, c - a) for a, b, c in zip(params.p, params.q, params.r, strict=True)]
    return sum((x * y for x, y in ways), Fraction(0)) / sum((y * y for _, y in ways), Fraction(0))


@dataclass(frozen=True)
class OverSupport(Term):
    """The sum of a body over the i with p_i > 0, the set S."""

    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        support = (i for i, p in enumerate(env["p"], 1) if p > 0)
        return sum((self.body.value({**env, "i": Fraction(i)}) for i in support), Fraction(0))

    def write(self, w: Writer) -> str:
        body = within(self.body, w, PRODUCT)
        return w.symbol(f"\\sum_{{i\\in S}} {body}", f"Sum({body}, i in S)")

    def level(self, w: Writer) -> int:
        return PREFIX


def _partly_zero(size: int) -> Callable[[Random], Distribution]:
    """A domain: probability vectors whose last entry is 0 in half of all cases."""

    def sample(random: Random) -> Distribution:
        head = simplex(size - 1)(random)
        return (*head, Fraction(0)) if random.random() < 0.5 else simplex(size)(random)

    return sample


def _but_one(random: Random) -> Fraction:
    """A domain: the positive numbers without 1."""
    return positive(random) + Fraction(1, 32)


def _last_zero(random: Random) -> Distribution:
    """A domain: four probabilities, the last of which is 0."""
    return (*simplex(3)(random), Fraction(0))


def _index(random: Random) -> Fraction:
    """A domain: the outcomes, of which there are three."""
    return Fraction(random.randint(1, 3))


def _between(a: str, b: str) -> Named:
    """D(A||B) for the distributions of these names."""
    return Named(f"D({a}\\|{b})", f"D({a}||{b})", lambda env: by_entropies(env[a.lower()], env[b.lower()]))


@cache
def _gibbs_steps() -> Mapping[str, Derivation]:
    """What Gibbs' inequality is made of, and what follows from it."""
    t, i, n = Sym("t"), Sym("i"), Sym("n")
    p, q = At("p", i), At("q", i)
    both = {"p": _partly_zero(4), "q": simplex(4)}
    return {
        "log_below": derive(log(t), t=positive).then("<=", t - 1),
        "log_less": derive(log(t), t=_but_one).then("<", t - 1),
        "negated": derive(-_between("P", "Q"), p=simplex(4), q=simplex(4), n=exactly(Fraction(4))).eq(
            summed("i", 1, n, p * log(q / p))
        ),
        "all_of_q": derive(OverSupport(q), **both).then("<=", 1),
        "non_negative": derive(_between("P", "Q"), **both).then(">=", 0),
        "itself": derive(_between("P", "P"), p=_partly_zero(4)).eq(0),
        "infinite": derive(_between("P", "Q"), p=simplex(4), q=_last_zero).eq(Infinity()).then(">", 0),
    }


@cache
def _mixture_steps() -> Mapping[str, Derivation]:
    """How the entries of a mixture are related to those of P and R."""
    i, w = Sym("i"), Sym("w", "\\lambda")
    p, r = At("p", i), At("r", i)
    q = Named("q_{i}", "q[i]", lambda env: _mixed(env)[int(env["i"]) - 1])
    first_q = Named("q_{1}", "q[1]", lambda env: _mixed(env)[0])
    first_p, first_r = At("p", number(1)), At("r", number(1))
    domain = {"p": simplex(3), "r": simplex(3), "w": unit, "n": exactly(Fraction(3))}
    per_outcome = domain | {"i": _index}

    def over(body: Term) -> Term:
        return summed("i", 1, Sym("n"), body)

    return {
        "mixed": derive(q, **per_outcome).eq((1 - w) * p + w * r),
        "first_mixed": derive(first_q, **domain).eq((1 - w) * first_p + w * first_r),
        "from_p": derive(p - q, **per_outcome).eq(w * (p - r)),
        "to_r": derive(q - r, **per_outcome).eq((1 - w) * (p - r)),
        "p_by_r": derive(p - q, **per_outcome).eq(w / (1 - w) * (q - r)),
        "logs": derive(log(p / r) - log(p / q), **per_outcome).eq(log(q / r)),
        "both_ways": derive(over((q - r) * log(q / r)), **domain).eq(over(q * log(q / r)) + over(r * log(r / q))),
    }


@cache
def _general() -> Mapping[str, Derivation]:
    """Gibbs' inequality, and the identity of three points with the mixture put in."""
    i, t, n, w = Sym("i"), Sym("t"), Sym("n"), Sym("w", "\\lambda")
    p, q, r = At("p", i), At("q", i), At("r", i)
    mixed = Named("q_{i}", "q[i]", lambda env: _mixed(env)[int(env["i"]) - 1])
    divergence = Named("D(P\\|Q)", "D(P||Q)", lambda env: by_entropies(env["p"], env["q"]))

    def over(body: Term) -> Term:
        return summed("i", 1, n, body)

    def of(a: str, b: str) -> Named:
        def vector(env: Env, name: str) -> Distribution:
            return _mixed(env) if name == "Q" else tuple(env[name.lower()])

        return Named(f"D({a}\\|{b})", f"D({a}||{b})", lambda env: by_entropies(vector(env, a), vector(env, b)))

    domain = {"p": simplex(3), "r": simplex(3), "w": unit, "n": exactly(Fraction(3))}
    return {
        "tangent": derive(log(t), t=positive).then("<=", t - 1, "tangent"),
        "gibbs": derive(-divergence, p=_partly_zero(4), q=simplex(4))
        .eq(OverSupport(p * log(q / p)), "definition")
        .then("<=", OverSupport(p * (q / p - 1)), "tangent")
        .eq(OverSupport(q) - OverSupport(p))
        .then("<=", number(1) - 1, "all_of_q")
        .eq(0),
        "mixture": derive(of("P", "R") - of("P", "Q") - of("Q", "R"), **domain)
        .eq(over(p * log(p / r)) - over(p * log(p / mixed)) - over(mixed * log(mixed / r)), "definition")
        .eq(over(p * log(mixed / r)) - over(mixed * log(mixed / r)), "cancel")
        .eq(over((p - mixed) * log(mixed / r)), "collect")
        .eq(w / (1 - w) * over((mixed - r) * log(mixed / r)), "differences")
        .eq(w / (1 - w) * (of("Q", "R") + of("R", "Q")), "definition")
        .then(">", 0, "gibbs"),
    }


def _mixed(env: Env) -> Distribution:
    """(1-w) p + w r, entry by entry."""
    return tuple((1 - env["w"]) * a + env["w"] * b for a, b in zip(env["p"], env["r"], strict=True))


@cache
def _examples() -> Mapping[str, Derivation]:
    """Counterexamples that need no calculator: a fair and a certain coin, and normal distributions N_a = N(a, 1)."""
    fair, certain = (Fraction(1, 2), Fraction(1, 2)), (Fraction(1), Fraction(0))
    a, b, x = Sym("a"), Sym("b"), Sym("x")

    def mean(body: Term) -> Term:
        return NormalMean(body, x, a, number(1), "N_a")

    def ratio(env: Env) -> Value:
        """log of the quotient of both densities at x, from the densities themselves."""
        at, left, right = (MP.convert(env[name]) for name in ("x", "a", "b"))
        return MP.log(normal_density(at, left, MP.one) / normal_density(at, right, MP.one))

    @cache
    def from_to(start: int, end: int) -> Value:
        return mean(Named("", "log_ratio", ratio)).value({"a": Fraction(start), "b": Fraction(end)})

    def divergence(start: int, end: int) -> Named:
        return Named(f"D(N_{start}\\|N_{end})", f"D(N_{start}||N_{end})", lambda env: from_to(start, end))

    def both_ways(start: int, end: int) -> Named:
        printed = f"D_{{\\mathrm{{sym}}}}(N_{start}, N_{end})"
        return Named(printed, printed, lambda env: from_to(start, end) + from_to(end, start))

    general = Named("D(N_a\\|N_b)", "D(N_a||N_b)", mean(Named("", "log_ratio", ratio)).value)
    symmetrised = Named(
        "D_{\\mathrm{sym}}(N_a, N_b)",
        "D_sym(N_a, N_b)",
        lambda env: general.value(env) + general.value({"a": env["b"], "b": env["a"]}),
    )
    half = number(Fraction(1, 2))
    return {
        "coins": derive(_divergence_of("B", "A", certain, fair))
        .eq(number(1) * log(number(1) / fair[0]), "never")
        .eq(log(2))
        .then("<", Infinity())
        .eq(_divergence_of("A", "B", fair, certain)),
        "centred": derive(mean(x - a), a=real).eq(0),
        "symmetrised": derive(symmetrised, a=real, b=real).eq((a - b) ** 2),
        "unit_normals": derive(general, a=real, b=real)
        .eq(mean(half * (x - b) ** 2 - half * (x - a) ** 2), "definition")
        .eq(mean((a - b) * (x - a) + half * (a - b) ** 2))
        .eq(half * (a - b) ** 2, "centred"),
        "two_steps": derive(divergence(0, 2)).eq(2).then(">", half + half).eq(divergence(0, 1) + divergence(1, 2)),
        "two_steps_both_ways": derive(both_ways(0, 2))
        .eq(4)
        .then(">", number(1) + 1)
        .eq(both_ways(0, 1) + both_ways(1, 2)),
    }


FAR_ABOVE_ROUNDING = LogSum(Fraction(2, 1000))  # ten times the sum of the rounding errors


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of these three distributions."""
    s = solution
    return {
        "differ": s.direct != s.reverse,
        "violated": s.direct > s.first + s.second,
        "decisive": s.direct - s.first - s.second > FAR_ABOVE_ROUNDING,
        "no_zero": all(x > 0 for x in (*params.p, *params.r)),
    }


def by_scipy(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: scipy's relative entropies, and the mixture's weight by least squares."""
    import numpy as np
    from scipy.special import rel_entr

    p, q, r = (np.array(v, dtype=float) for v in (params.p, params.q, params.r))
    direct, reverse = rel_entr(p, r).sum(), rel_entr(r, p).sum()
    first, second = rel_entr(p, q).sum(), rel_entr(q, r).sum()
    yield from _compared(solution, direct, reverse, first, second)
    (weight,), (residual,), _, _ = np.linalg.lstsq((r - p)[:, None], q - p, rcond=None)
    if solution.weight is None:
        yield holds("weight", residual > 1e-12, f"residual {residual}")
    else:
        yield close("weight", solution.weight, weight)
        yield close("excess", solution.excess, weight / (1 - weight) * (second + rel_entr(r, q).sum()))


def _compared(
    solution: Solution, direct: float, reverse: float, first: float, second: float, tolerance: float = 1e-10
) -> Iterator[Comparison]:
    for what in ("forward", "direct"):
        yield close(what, solution.direct, direct, tolerance)
    yield close("backward", solution.reverse, reverse, tolerance)
    yield close("first", solution.first, first, tolerance)
    yield close("second", solution.second, second, tolerance)
    yield close("detour", solution.detour, first + second, tolerance)
    yield close("excess", solution.excess, direct - first - second, tolerance)


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: torch.distributions, in double precision."""
    import torch
    from torch.distributions import Categorical, kl_divergence

    def categorical(probabilities: Distribution) -> Categorical:
        return Categorical(probs=torch.tensor([float(x) for x in probabilities], dtype=torch.float64))

    p, q, r = categorical(params.p), categorical(params.q), categorical(params.r)
    pairs = ((p, r), (r, p), (p, q), (q, r))
    yield from _compared(solution, *(kl_divergence(a, b).item() for a, b in pairs))


def by_integers(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: exp(N D(P||Q)) = prod_i (p_i/q_i)^(N p_i) is rational where N p is whole; no logarithm is needed.

    So the values, and the strict inequalities D(P||R) > D(P||Q) + D(Q||R) and D(P||R) != D(R||P), are decided in whole
    numbers.
    """
    p, q, r = params.p, params.q, params.r
    count = lcm(*(x.denominator for x in (*p, *q, *r)))

    def power(a: Distribution, b: Distribution) -> Fraction:
        return prod(((x / y) ** int(count * x) for x, y in zip(a, b, strict=True)), start=Fraction(1))

    def agrees(what: str, ours: LogSum, theirs: Fraction) -> Comparison:
        return equal(what, exp_of_multiple(ours, count), theirs)

    direct, reverse, first, second = power(p, r), power(r, p), power(p, q), power(q, r)
    for what in ("forward", "direct"):
        yield agrees(what, solution.direct, direct)
    yield agrees("backward", solution.reverse, reverse)
    yield agrees("first", solution.first, first)
    yield agrees("second", solution.second, second)
    yield agrees("detour", solution.detour, first * second)
    yield agrees("excess", solution.excess, direct / (first * second))
    yield holds("asymmetric", direct != reverse)
    yield holds("violated", direct > first * second)
    if solution.weight is not None:
        w = solution.weight
        yield holds("weight", 0 < w < 1 and all(b == (1 - w) * a + w * c for a, b, c in zip(p, q, r, strict=True)))


oracles = (by_scipy, by_torch, by_integers)
