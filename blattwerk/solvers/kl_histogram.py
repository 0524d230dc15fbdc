"""KL divergence of two histograms P and Q over the same outcomes, read off a bar chart.

D(P||Q) = sum_x P(x) log(P(x) / Q(x)), with 0 log(0/q) = 0 and p log(p/0) = infinity for p > 0
(Cover and Thomas, Elements of Information Theory, 2nd ed. 2006, section 2.3).
Laplace's rule adds one observation to each bin: (k + 1) / (n + m) for k of n observations and m bins.
Jensen-Shannon divergence: J = D(P||M)/2 + D(Q||M)/2 with M = (P + Q)/2, at most one bit
(Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37, 1991).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import inf, isinf, prod
from random import Random
from string import ascii_lowercase
from typing import Any

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
    called,
    close,
    derive,
    equal,
    exactly,
    holds,
    log,
    log_of,
    number,
    positive,
    product,
    rightly,
    simplex,
    sqrt,
    sum_of,
    summed,
    total,
    unit,
)
from blattwerk.vocabulary.derivation import Domain
from blattwerk.vocabulary.exact.discrete import Distribution, by_entropies, exp_of_multiple, relative_entropy
from blattwerk.vocabulary.exact.log_sums import InBits
from blattwerk.vocabulary.figures import BarChart, Figure
from blattwerk.vocabulary.terms import NOWHERE, Infinity
from blattwerk.vocabulary.writers import Writer

Divergence = LogSum | InBits | Infinity
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Params:
    """Two histograms P and Q over the same outcomes, at most one of them with an empty bin."""

    counts_p: tuple[int, ...]
    """The heights of P's bars, in units of 1/denominator."""
    counts_q: tuple[int, ...]
    denominator: int
    """The sum of the counts of P, and of those of Q."""
    bits: bool
    """Whether logarithms have base 2; natural ones if not."""

    @property
    def outcomes(self) -> tuple[Sym, ...]:
        """a, b, c, ..."""
        return tuple(map(Sym, ascii_lowercase[: len(self.counts_p)]))

    @property
    def p(self) -> Distribution:
        return _shares(self.counts_p)

    @property
    def q(self) -> Distribution:
        return _shares(self.counts_q)

    @property
    def m(self) -> Distribution:
        """The mixture (P + Q)/2."""
        return _mixture(self.p, self.q)

    @property
    def empty(self) -> str:
        """The histogram with an empty bin: P, Q, or neither."""
        return "P" if 0 in self.counts_p else "Q" if 0 in self.counts_q else ""

    @property
    def holed(self) -> tuple[int, ...]:
        """The counts of the histogram with the empty bin."""
        return self.counts_p if self.empty == "P" else self.counts_q

    @property
    def full(self) -> tuple[int, ...]:
        """The counts of the other histogram."""
        return self.counts_q if self.empty == "P" else self.counts_p

    @property
    def hole(self) -> Sym:
        """The outcome of the empty bin."""
        return self.outcomes[self.holed.index(0)]

    @property
    def over_hole(self) -> Fraction:
        """The height of the other bar over that outcome."""
        return _shares(self.full)[self.holed.index(0)]

    @property
    def laplace(self) -> Distribution:
        """The histogram with the empty bin after Laplace's rule."""
        return _shares(tuple(k + 1 for k in self.holed))


@dataclass(frozen=True)
class Solution:
    """The divergences, in nats or in bits as the params say."""

    forward: Divergence
    """D(P||Q)."""
    backward: Divergence
    """D(Q||P)."""
    smoothed: LogSum | InBits | None
    """The one that is infinite, after Laplace's rule; None without an empty bin."""
    mixture: InBits | None
    """The Jensen-Shannon divergence; None in nats."""


def _shares(counts: tuple[int, ...]) -> Distribution:
    return tuple(Fraction(k, sum(counts)) for k in counts)


def solve(params: Params, step: Step = rightly) -> Solution:
    """All divergences, in nats or in bits."""
    p, q, bits = params.p, params.q, params.bits
    forward = step(
        "forward",
        lambda: _divergence(p, q, bits),
        weights=lambda: _measured(_weighted_by(q, p, q), bits),
        evaluation=lambda: _measured(_weighted_by(p, p, q), bits if params.empty == "Q" else not bits),
    )
    return Solution(
        forward,
        step("backward", lambda: _divergence(q, p, bits), symmetry=lambda: forward),
        _smoothed(params, step) if params.empty else None,
        InBits(_jensen_shannon(p, q)) if bits else None,
    )


def _smoothed(params: Params, step: Step) -> LogSum | InBits:
    full, n, bits = _shares(params.full), params.denominator, params.bits
    return step(
        "smoothed",
        lambda: _measured(relative_entropy(full, params.laplace), bits),
        total=lambda: _measured(relative_entropy(full, [Fraction(k + 1, n) for k in params.holed]), bits),
        only_hole=lambda: _measured(relative_entropy(full, _shares(tuple(k or 1 for k in params.holed))), bits),
    )


def _weighted_by(weights: Distribution, p: Distribution, q: Distribution) -> LogSum:
    """A usual mistake: sum_x w(x) log(P(x)/Q(x)) with other weights, or without the outcomes where it is not finite."""
    return sum_of(log_of(a / b).times(w) for w, a, b in zip(weights, p, q, strict=True) if w and a and b)


def _divergence(p: Distribution, q: Distribution, bits: bool) -> Divergence:
    if any(a > 0 == b for a, b in zip(p, q, strict=True)):
        return Infinity()
    return _measured(relative_entropy(p, q), bits)


def _measured(nats: LogSum, bits: bool) -> LogSum | InBits:
    return InBits(nats) if bits else nats


def _jensen_shannon(p: Distribution, q: Distribution) -> LogSum:
    m = _mixture(p, q)
    return (relative_entropy(p, m) + relative_entropy(q, m)).times(HALF)


def _mixture(p: Distribution, q: Distribution) -> Distribution:
    return tuple((a + b) / 2 for a, b in zip(p, q, strict=True))


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """D(P||Q), D(Q||P), and those of the smoothed and of the Jensen-Shannon divergence that there are."""
    symbols = {
        "forward": "D(P\\|Q)",
        "backward": "D(Q\\|P)",
        "smoothed": "D(Q\\|\\tilde P)" if params.empty == "P" else "D(P\\|\\tilde Q)",
        "mixture": "J(P, Q)",
    }
    named = ((name, symbol, getattr(solution, name)) for name, symbol in symbols.items())
    return tuple(Answer(name, name, _term(value), symbol=symbol) for name, symbol, value in named if value is not None)


def _term(value: Divergence) -> Term:
    return value if isinstance(value, Infinity) else value.term()


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The sums of both histograms, all divergences, the two limits, and the bound for the mixture."""
    p, q, bits = params.p, params.q, params.bits
    chains = {
        "sum_p": derive(total(params.counts_p)).eq(params.denominator),
        "sum_q": derive(total(params.counts_q)).eq(params.denominator),
        "forward": _instance(_named("P", "Q", p, q, bits), p, q, solution.forward, bits),
        "backward": _instance(_named("Q", "P", q, p, bits), q, p, solution.backward, bits),
    }
    if params.empty:
        chains |= _at_the_hole(params)
    if solution.smoothed is not None:
        chains |= {"smoothed": _smoothing(params, solution.smoothed), **_counted_again(params)}
    if solution.mixture is not None:
        chains |= _mixing(p, q, solution.mixture)
    return {**chains, **_general()}


def _named(first: str, second: str, p: Distribution, q: Distribution, bits: bool) -> Named:
    """D(first||second), evaluated as cross-entropy minus entropy."""
    one = MP.log(2) if bits else MP.one  # a bit or a nat, in nats
    return Named(f"D({first}\\|{second})", f"D({first}||{second})", lambda env: by_entropies(p, q) / one)


def _entropy(p: Distribution) -> Value:
    """H(P), in bits."""
    return -sum(MP.convert(a) * MP.log(MP.convert(a), 2) for a in p if a)


def _at_the_hole(params: Params) -> dict[str, Derivation]:
    """The heights of both bars over the outcome of the empty bin."""
    holed, full = ("P", "Q") if params.empty == "P" else ("Q", "P")
    at = params.outcomes.index(params.hole)
    none, bar = (
        called(f"{name}({params.hole})", Fraction(counts[at], params.denominator))
        for name, counts in ((holed, params.holed), (full, params.full))
    )
    return {
        "zero_height": derive(none).eq(0).then("<", bar),
        "over_zero": derive(bar).then(">", 0).eq(none),
    }


def _instance(start: Named, p: Distribution, q: Distribution, result: Divergence, bits: bool) -> Derivation:
    """Insert, factorise, collect; or only insert where a summand is infinite."""
    inserted = derive(start).eq(total(Summand(a, b, _base(bits)) for a, b in zip(p, q, strict=True)), "insert")
    if isinstance(result, Infinity):
        return inserted.eq(result, "infinite")
    pairs = [(a, a / b) for a, b in zip(p, q, strict=True) if a]
    return _collected(inserted, _factorised(pairs, bits), result.term())


def _collected(inserted: Derivation, factorised: Term, result: Term) -> Derivation:
    """The rest of the chain; where nothing is left to collect, the factorised sum is the result."""
    chain = inserted if str(factorised) == str(result) else inserted.eq(factorised)
    return chain.eq(result, "primes").approx()


def _base(bits: bool) -> int | None:
    return 2 if bits else None


def _factorised(pairs: list[tuple[Fraction, Fraction]], bits: bool) -> Term:
    """sum_i c_i log r_i for pairs (c, r), each log r by its prime factors, without those that are 0."""
    return total(_weighted(c, log_of(r), bits) for c, r in pairs if r != 1)


def _weighted(factor: Fraction, nats: LogSum, bits: bool) -> Term:
    """A sum of logarithms keeps its bracket behind the factor; a single one is multiplied out."""
    if len(nats.coefficients) > 1 and factor != 1:
        return product((factor, _measured(nats, bits).term()))
    return _measured(nats.times(factor), bits).term()


def _smoothing(params: Params, result: LogSum | InBits) -> Derivation:
    """The common factor (n + m)/n of all ratios is taken out: the weights of its logarithm add up to 1."""
    names = ("Q", "\\tilde P") if params.empty == "P" else ("P", "\\tilde Q")
    full, base = _shares(params.full), _base(params.bits)
    common = Fraction(params.denominator + len(full), params.denominator)
    pairs = [(c, Fraction(k, j + 1)) for c, k, j in zip(full, params.full, params.holed, strict=True)]
    inserted = derive(_named(*names, full, params.laplace, params.bits)).eq(
        total([log(common, base), *(number(c) * log(r, base) for c, r in pairs)]), "insert"
    )
    return _collected(inserted, _factorised([(Fraction(1), common), *pairs], params.bits), result.term())


def _counted_again(params: Params) -> dict[str, Derivation]:
    """The new denominator, and the weights of the histogram without an empty bin."""
    more, name = called("n + m", sum(k + 1 for k in params.holed)), "Q" if params.empty == "P" else "P"
    return {
        "size": derive(more).eq(params.denominator + len(params.holed)),
        "weights": derive(called(f"\\sum_x {name}(x)", sum(_shares(params.full)))).eq(1),
    }


def _mixing(p: Distribution, q: Distribution, result: InBits) -> dict[str, Derivation]:
    """Both divergences from the mixture, and their mean, which is H(M) - H(P)/2 - H(Q)/2 too."""
    m = _mixture(p, q)
    from_p, from_q = _named("P", "M", p, m, True), _named("Q", "M", q, m, True)
    mean = called("J(P, Q)", _entropy(m) - (_entropy(p) + _entropy(q)) / 2)
    return {
        "mixture_p": _instance(from_p, p, m, InBits(relative_entropy(p, m)), True),
        "mixture_q": _instance(from_q, q, m, InBits(relative_entropy(q, m)), True),
        "mixture": derive(mean).eq(HALF * from_p + HALF * from_q, "definition").eq(result.term()).approx(),
    }


@dataclass(frozen=True)
class Summand(Term):
    """p log(p/q) with the conventions for 0; written 0 log 0 for p = 0, and with q = 0 under the fraction."""

    p: Fraction
    q: Fraction
    base: int | None

    def value(self, env: Env = NOWHERE) -> Value:
        if self.p == 0:
            return Fraction(0)
        return self._written().value() if self.q else MP.inf

    def write(self, w: Writer) -> str:
        return self._written().write(w)

    def level(self, w: Writer) -> int:
        return self._written().level(w)

    def _written(self) -> Term:
        ratio = number(self.p / self.q) if self.q else number(self.p) / 0
        return number(self.p) * log(ratio, self.base)


@cache
def _general() -> Mapping[str, Derivation]:
    """t log t -> 0 with t = s^2, p log(p/t) -> infinity along t = p/2^k, and D(P||M) <= 1 bit."""
    s, u, q, p, k, i = map(Sym, "suqpki")
    t = Named("t", "t", lambda env: env["s"] ** 2)
    p_i, q_i = At("p", i, "P"), At("q", i, "Q")
    m_i = Named("M_i", "M_i", lambda env: (p_i.value(env) + q_i.value(env)) / 2)
    n, two = Sym("n", "m"), number(2)
    index: dict[str, Domain] = {"p": simplex(4), "q": simplex(4), "i": _whole_to_4}

    def from_mixture(env: Env) -> Value:
        return by_entropies(env["p"], _mixture(env["p"], env["q"])) / MP.log(2)

    return {
        "vanishing": derive(-(s**2) * log(s**2), s=unit)
        .eq(2 * s**2 * log(1 / s))
        .then("<=", 2 * s**2 * (1 / s), "logarithm")
        .eq(2 * s),
        "log_below": derive(log(u), u=positive).then("<=", u),
        "log_inverse": derive(log(1 / s), s=unit).then("<=", 1 / s),
        "root": derive(2 * s, s=unit).eq(2 * sqrt(t)),
        "split": derive(t * log(t / q), s=unit, q=positive).eq(t * log(t) - t * log(q)),
        "half": derive(m_i, **index).eq(number(HALF) * (p_i + q_i)).then(">=", number(HALF) * p_i),
        "ratio": derive(p_i / m_i, **index).then("<=", 2),
        "growth": derive(p * log(p / (two ** (-k) * p)), p=positive, k=_whole).eq(p * log(two**k)).eq(k * p * log(2)),
        "bound": derive(Named("D(P\\|M)", "D(P||M)", from_mixture), p=simplex(4), q=simplex(4), n=exactly(4))
        .eq(summed("i", 1, n, p_i * log(p_i / m_i, 2)), "definition")
        .then("<=", summed("i", 1, n, p_i * log(2, 2)), "ratio")
        .eq(summed("i", 1, n, p_i))
        .eq(1),
    }


def _whole_to_4(random: Random) -> int:
    """A domain: the indices of four outcomes."""
    return random.randint(1, 4)


def _whole(random: Random) -> Fraction:
    """A domain: positive whole numbers."""
    return Fraction(random.randint(1, 40))


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of these histograms."""
    if not params.empty:
        return {"differ": solution.forward != solution.backward, "positive": 0 not in params.counts_p + params.counts_q}
    infinite = [isinstance(d, Infinity) for d in (solution.forward, solution.backward)]
    below = [relative_entropy(h, params.m) < log_of(2) for h in (params.p, params.q)]
    return {
        "one_finite": sum(infinite) == 1,
        "one_hole": params.holed.count(0) == 1 and 0 not in params.full,
        **({"below_one_bit": all(below)} if params.bits else {}),
    }


def figures(params: Params, solution: Solution) -> Mapping[str, Figure]:
    """Both histograms in one bar chart."""
    heights = "; ".join(f"{name} = {', '.join(map(str, h))}" for name, h in (("P", params.p), ("Q", params.q)))
    labels = tuple(outcome.name for outcome in params.outcomes)
    over = ", ".join(labels)
    alt = Localised(
        f"Bar chart with the outcomes {over} and two bars over each. Heights in this order: {heights}.",
        f"Säulendiagramm mit den Ergebnissen {over} und je zwei Säulen. Höhen in dieser Reihenfolge: {heights}.",
    )
    return {"histograms": BarChart(alt, labels, (("P", params.p), ("Q", params.q)), params.denominator)}


def by_scipy(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: scipy's relative entropies and its Jensen-Shannon distance, in floating point."""
    import numpy as np
    from scipy.spatial.distance import jensenshannon
    from scipy.special import rel_entr

    p, q = (np.array(counts) / params.denominator for counts in (params.counts_p, params.counts_q))
    unit = np.log(2) if params.bits else 1.0
    yield _agreeing("forward", solution.forward, rel_entr(p, q).sum() / unit)
    yield _agreeing("backward", solution.backward, rel_entr(q, p).sum() / unit)
    if solution.smoothed is not None:
        holed, full = (p, q) if not p.all() else (q, p)
        more = holed * params.denominator + 1
        yield _agreeing("smoothed", solution.smoothed, rel_entr(full, more / more.sum()).sum() / unit)
    if solution.mixture is not None:
        yield _agreeing("mixture", solution.mixture, jensenshannon(p, q, base=2) ** 2)


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: divergences of torch's categorical distributions, in double precision."""
    import torch
    from torch.distributions import Categorical, kl_divergence

    def divergence(p: Any, q: Any) -> float:
        """Of the distributions proportional to p and q."""
        nats = kl_divergence(Categorical(probs=p / p.sum()), Categorical(probs=q / q.sum())).item()
        return float(nats / torch.log(torch.tensor(2.0, dtype=torch.float64)).item() if params.bits else nats)

    p, q = (torch.tensor(counts, dtype=torch.float64) for counts in (params.counts_p, params.counts_q))
    yield _agreeing("forward", solution.forward, divergence(p, q))
    yield _agreeing("backward", solution.backward, divergence(q, p))
    if solution.smoothed is not None:
        holed, full = (p, q) if not p.all() else (q, p)
        yield _agreeing("smoothed", solution.smoothed, divergence(full, holed + 1))
    if solution.mixture is not None:
        yield _agreeing("mixture", solution.mixture, (divergence(p, p + q) + divergence(q, p + q)) / 2)


def _agreeing(what: str, solver: Divergence, oracle: float) -> Comparison:
    """`close`, but infinity agrees with infinity only."""
    if isinf(oracle) or isinstance(solver, Infinity):
        return holds(what, oracle == inf and isinstance(solver, Infinity), f"solver {solver}, oracle {oracle}")
    return close(what, solver, oracle)


def by_powers(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: exp(n D) = prod_x (P(x)/Q(x))^(n P(x)) is a rational number, compared exactly."""
    p, q, n = params.counts_p, params.counts_q, params.denominator
    yield equal("forward", _power(solution.forward, n), _ratios(p, q))
    yield equal("backward", _power(solution.backward, n), _ratios(q, p))
    if solution.smoothed is not None:
        holed, full = (p, q) if 0 in p else (q, p)
        more = tuple(k + 1 for k in holed)
        expected = _ratios(full, more) * Fraction(sum(more), n) ** n
        yield equal("smoothed", _power(solution.smoothed, n), expected)
    if solution.mixture is not None:
        sums = tuple(a + b for a, b in zip(p, q, strict=True))
        yield equal("mixture", _power(solution.mixture, 2 * n), _ratios(p, sums) * _ratios(q, sums) * 4**n)


def _power(value: Divergence, n: int) -> Fraction | float | None:
    """exp(n value), from the value in nats, where it is infinite or rational."""
    if isinstance(value, Infinity):
        return inf
    return exp_of_multiple(value.nats if isinstance(value, InBits) else value, n)


def _ratios(counts: tuple[int, ...], others: tuple[int, ...]) -> Any:
    """prod_x (k_x / j_x)^k_x, with 0^0 = 1 and k/0 = infinity."""
    if any(k > 0 == j for k, j in zip(counts, others, strict=True)):
        return inf
    return prod((Fraction(k, j) ** k for k, j in zip(counts, others, strict=True) if k), start=Fraction(1))


def by_gibbs(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: what is finite is positive, since P and Q differ (Gibbs), and J is below one bit; decided exactly."""
    found = (solution.forward, solution.backward, solution.smoothed, solution.mixture)
    yield holds("positive", all(d.sign() > 0 for d in found if d is not None and not isinstance(d, Infinity)))
    if solution.mixture is not None:
        yield holds("below one bit", solution.mixture.nats < log_of(2))


oracles = (by_scipy, by_torch, by_powers, by_gibbs)
