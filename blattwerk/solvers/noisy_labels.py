"""Learning a binary classifier q(k|x) = sigma(k f(x)) from labels t that differ from the true k with probability eps.

Labels are -1 and +1. The observed label has p(t|x) = sum_k p(t|k) q(k|x) = (1-eps) q(t|x) + eps q(-t|x); its
log-likelihood takes the noise into account (Mnih and Hinton, Learning to label aerial images, ICML 2012; Patrini et
al., Making deep neural networks robust to label noise, CVPR 2017). By Jensen's inequality it is at least
sum_k p(t|k) log q(k|x), the negative cross-entropy with softened labels, if the weights p(t|k) add up to 1 over k; if
they add up to C, at least log C + (1/C) sum_k p(t|k) log q(k|x).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import product
from math import lcm, prod
from random import Random
from typing import Any

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
    log_of,
    number,
    real,
    rightly,
    sum_of,
    summed,
    total,
    unit,
    vector,
)
from blattwerk.vocabulary.derivation import Domain
from blattwerk.vocabulary.derivation import Step as Comparing
from blattwerk.vocabulary.exact.binary import sigma
from blattwerk.vocabulary.exact.discrete import exp_of_multiple
from blattwerk.vocabulary.slopes import partial_derivative, slope
from blattwerk.vocabulary.steps import computed
from blattwerk.vocabulary.terms import NOWHERE, Operand, term, within
from blattwerk.vocabulary.writers import PREFIX, PRODUCT, Writer

LABELS = (1, -1)
VALUES = ("value", "bound", "repaired")
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Case:
    """An input with an observed label, as the classifier and the noise see it."""

    label: int
    """t, -1 or +1."""
    odds: Fraction
    """q(+1|x)/q(-1|x) = exp(f(x)), positive."""
    plus: Fraction
    """The noise rate p(-1|+1), between 0 and 1."""
    minus: Fraction
    """The noise rate p(+1|-1), between 0 and 1."""

    @property
    def logit(self) -> LogSum:
        """f(x)."""
        return log_of(self.odds)

    @property
    def weights(self) -> tuple[Fraction, Fraction]:
        """p(t|k) for k = t and for k = -t."""
        return (1 - self.plus, self.minus) if self.label == 1 else (1 - self.minus, self.plus)


@dataclass(frozen=True)
class Params:
    """A sample with symmetric noise, a population with the same, and one more input with asymmetric noise."""

    noise: Fraction
    """eps, above 0 and below 1/2."""
    samples: tuple[Case, ...]
    """All with the noise rates eps."""
    chosen: int
    """The sample, counted from 1, at whose f(x) the likelihood is differentiated."""
    posterior: Fraction
    """eta, the probability of the true label +1 in the population, other than 1/2."""
    sides: tuple[Case, ...]
    """Both labels of the one more input, +1 first; empty unless the exercise is hard."""


@dataclass(frozen=True)
class Row:
    """What follows from a case."""

    label: int
    """t, -1 or +1."""
    agreement: Fraction
    """q(t|x)."""
    mass: Fraction
    """C = sum_k p(t|k), 1 if the noise is symmetric."""
    observed: Fraction
    """p(t|x)."""
    bound: LogSum
    """sum_k p(t|k) log q(k|x)."""

    @property
    def value(self) -> LogSum:
        """log p(t|x)."""
        return log_of(self.observed)

    @property
    def gap(self) -> LogSum:
        """By how much log p(t|x) exceeds the bound."""
        return self.value - self.bound

    @property
    def repaired(self) -> LogSum:
        """The bound for any C."""
        return log_of(self.mass) + self.bound.times(1 / self.mass)


@dataclass(frozen=True)
class Solution:
    """Both objectives on the sample, where they lead, and how the bound fares under asymmetric noise."""

    rows: tuple[Row, ...]
    """Of the samples, in their order."""
    log_likelihood: LogSum
    """The sum of log p(t|x) over the samples."""
    slope: Fraction
    """d log p(t|x) / df at the chosen sample."""
    bound: LogSum
    """The sum of the bounds over the samples."""
    logit: LogSum
    """t f(x) where the softened cross-entropy of one sample is least."""
    plain: Fraction
    """q(+1|x) where the plain cross-entropy of the population is least."""
    softened: Fraction
    """The same with softened labels."""
    sides: tuple[Row, ...]
    """Under asymmetric noise, by ascending C: the one with C < 1 first."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """Both objectives on the sample, the slope, the optima, and both labels under asymmetric noise."""
    noise, found = params.noise, tuple(map(solve_case, params.samples))
    rows = step("observed", lambda: found, plain=lambda: tuple(replace(row, observed=row.agreement) for row in found))
    shrink = 1 - 2 * noise
    return Solution(
        rows,
        step("log_likelihood", lambda: sum_of(row.value for row in rows)),
        _slope(rows[params.chosen - 1], shrink, step),
        sum_of(row.bound for row in rows),
        log_of((1 - noise) / noise),
        HALF + shrink * (params.posterior - HALF),
        HALF + shrink**2 * (params.posterior - HALF),
        tuple(sorted(map(solve_case, params.sides), key=lambda row: row.mass)),
    )


def _slope(at: Row, shrink: Fraction, step: Step) -> Fraction:
    """d log p(t|x) / df; who forgets a factor forgets t where it is -1, or else 1 - 2 eps."""
    spread = at.agreement * (1 - at.agreement) / at.observed
    return step(
        "slope",
        lambda: at.label * shrink * spread,
        plain=lambda: at.label * (1 - at.agreement),
        sign=lambda: spread * (shrink if at.label == -1 else 1),
    )


def solve_case(case: Case) -> Row:
    """What follows from one label, the classifier and the noise."""
    (right, wrong), odds = case.weights, case.odds**case.label
    q = odds / (1 + odds)
    bound = log_of(q).times(right) + log_of(1 - q).times(wrong)
    return Row(case.label, q, right + wrong, right * q + wrong * (1 - q), bound)


SLOPE = "\\frac{\\partial \\log p(t_%d\\mid x_%d)}{\\partial f(x_%d)}"
SYMBOLS = {
    "value": "\\log p(t\\mid x_0)",
    "bound": "S",
    "repaired": "\\log C_t + \\frac{1}{C_t} S",
    "plain": "\\tilde\\eta",
    "softened": "a",
    "likelihood": "\\eta",
}


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """Likelihood and slope, bound and gaps, the label that breaks the bound under asymmetric noise, and the optima."""
    s, low = solution, [(name, getattr(row, name)) for row in solution.sides[:1] for name in VALUES]
    optima = (("plain", s.plain), ("softened", s.softened), ("likelihood", params.posterior))
    return (
        Answer("log_likelihood", "likelihood", s.log_likelihood.term(), symbol="L"),
        Answer("slope", "likelihood", number(s.slope), symbol=SLOPE % ((params.chosen,) * 3)),
        Answer("lower_bound", "bound", s.bound.term(), symbol="-\\mathrm{CE}"),
        Answer("gaps", "bound", column_term(row.gap.term() for row in s.rows), symbol="(\\Delta_i)_i"),
        *(Answer("mass", "asymmetric", number(row.mass), symbol="C_t") for row in s.sides[:1]),
        *(Answer(name, "asymmetric", value.term(), symbol=SYMBOLS[name]) for name, value in low),
        Answer("logit", "objectives", s.logit.term(), symbol="t f(x)"),
        *(Answer(name, "objectives", number(value), symbol=SYMBOLS[name]) for name, value in optima),
    )


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The proofs for all noise rates and classifiers, and the instance."""
    instance = {**_sums(params, solution), **_targets(params, solution)}
    sides = _lower_side(params, solution.sides[0]) if solution.sides else {}
    general = {**_symmetric_noise(), **_samples(len(params.samples)), **_asymmetric_noise(), **_optima(), **_peaks()}
    return {**general, **instance, **sides}


def _conditional(printed: str, value: Value) -> Named:
    """A name with a condition, in TeX, for a value of the instance."""
    return Named(printed, printed.replace("\\mid ", "|"), lambda env: value)


def _observed(t: int, f: Value, noise: Value) -> Value:
    """p(t|x) under symmetric noise to 60 digits, from sigma(f) = (1 + tanh(f/2))/2."""
    return (1 + t * (1 - 2 * MP.convert(noise)) * MP.tanh(MP.convert(f) / 2)) / 2


def _by_logit(case: Case) -> tuple[Value, Value]:
    """log p(t|x) and sum_k p(t|k) log q(k|x) to 60 digits, from log q(k|x) = -log(1 + exp(-k f))."""
    logs = [-MP.log1p(MP.exp(-k * MP.convert(case.logit.value()))) for k in (case.label, -case.label)]
    pairs = list(zip(map(MP.convert, case.weights), logs, strict=True))
    return MP.log(sum(w * MP.exp(x) for w, x in pairs)), sum(w * x for w, x in pairs)


def _sums(p: Params, s: Solution) -> dict[str, Derivation]:
    """Log-likelihood and bound of the sample, and one slope."""
    noise, i, at, f = p.noise, p.chosen, s.rows[p.chosen - 1], p.samples[p.chosen - 1].logit.value()
    likelihood, bound = (sum(values) for values in zip(*map(_by_logit, p.samples), strict=True))
    L, loss = called("L", likelihood), called("\\mathrm{CE}", -bound)
    weighted = [(w, log(q)) for r in s.rows for w, q in ((1 - noise, r.agreement), (noise, 1 - r.agreement))]
    by_f = slope(lambda v: MP.log(_observed(at.label, v, noise)), f)
    formula = at.label * number(1 - 2 * noise) * at.agreement * (1 - at.agreement) / at.observed
    start = _conditional(f"\\frac{{\\partial \\log p(t_{i}\\mid x_{i})}}{{\\partial f(x_{i})}}", by_f)
    logs, weighted_logs = total(log(r.observed) for r in s.rows), total(number(w) * t for w, t in weighted)
    return {
        "log_likelihood": derive(L).eq(logs).eq(s.log_likelihood.term(), "primes").approx(),
        "slope": derive(start).eq(formula, "insert").eq(s.slope),
        "lower_bound": derive(-loss).eq(weighted_logs, "insert").eq(s.bound.term(), "primes").approx(),
        "gap": derive(L + loss).eq((s.log_likelihood - s.bound).term()).approx().then(">", 0),
    }


def _noisy(posterior: Value, noise: Value) -> Value:
    """P(t=+1|x), from E[t|x] = (1 - 2 eps) E[k|x]."""
    return (1 + (1 - 2 * noise) * (2 * posterior - 1)) / 2


def _targets(p: Params, s: Solution) -> dict[str, Derivation]:
    """The optima for the instance's noise and clean posterior."""
    noise, eta, shrink, noisy = p.noise, number(p.posterior), number(1 - 2 * p.noise), _noisy(p.posterior, p.noise)
    logit, target = called("t f(x)", 2 * MP.atanh(1 - 2 * MP.convert(noise))), called("a", _noisy(noisy, noise))
    fitted = _conditional("p(+1\\mid x)", _observed(1, log_of(p.posterior / (1 - p.posterior)).value(), noise))
    softest = _conditional("q(t\\mid x)", _argmax(lambda u: (1 - noise) * MP.log(u) + noise * MP.log(1 - u)))
    return {
        "shrink": computed("1 - 2\\varepsilon", 1 - 2 * number(noise), shrink),
        "softest": derive(softest).eq(1 - number(noise)).eq(1 - noise),
        "logit": derive(logit).eq(log(number(1 - noise) / number(noise))).eq(s.logit.term()),
        "plain": derive(called("\\tilde\\eta", noisy)).eq(HALF + shrink * (eta - HALF)).eq(s.plain),
        "softened": derive(target).eq(HALF + shrink**2 * (eta - HALF)).eq(s.softened),
        "fitted": derive(fitted).eq(number(1 - noise) * eta + number(noise) * (1 - p.posterior)).eq(s.plain),
    }


def _lower_side(p: Params, low: Row) -> dict[str, Derivation]:
    """C, log p(t|x) and its two bounds for the label with C < 1."""
    case = next(case for case in p.sides if case.label == low.label)
    right, wrong, q, t = *map(number, case.weights), low.agreement, f"{low.label:+d}"
    value, bound = _by_logit(case)
    formula, C = _conditional(f"\\sum_k p({t}\\mid k) \\log q(k\\mid x_0)", bound), f"C_{t[0]}"
    repaired = log(called(C, low.mass)) + 1 / called(C, low.mass) * formula
    mixture, logs = log(right * q + wrong * (1 - q)), right * log(q) + wrong * log(1 - q)
    scaled = log(low.mass) + number(1 / low.mass) * low.bound.term()
    weights = 1 - number(case.plus) + case.minus if low.label == 1 else number(case.plus) + 1 - case.minus
    return {
        "at_risk": derive(called(C, 1 - low.label * (case.plus - case.minus))).then("<", 1),
        "lower_mass": derive(called(C, 1 - low.label * (case.plus - case.minus))).eq(weights).eq(low.mass).then("<", 1),
        "value": derive(_conditional(f"\\log p({t}\\mid x_0)", value))
        .eq(mixture, "insert")
        .eq(log(low.observed))
        .approx(),
        "bound": derive(formula).eq(logs, "insert").eq(low.bound.term(), "primes").approx(),
        "repaired": derive(repaired).eq(scaled, "insert").eq(low.repaired.term(), "primes").approx(),
    }


@dataclass(frozen=True)
class OverLabels(Term):
    """The sum of a body over the true label k = +1 and k = -1."""

    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        return sum((self.body.value({**env, "k": k}) for k in LABELS), Fraction(0))

    def write(self, w: Writer) -> str:
        body = within(self.body, w, PRODUCT)
        return w.symbol(f"\\sum_{{k=\\pm1}} {body}", f"Sum({body}, k)")

    def level(self, w: Writer) -> int:
        return PREFIX


def _q(printed: str, label: Operand) -> Named:
    """q(label|x), evaluated from f."""
    return Named(f"q({printed}\\mid x)", f"q({printed}|x)", sigma(term(label) * Sym("f")).value)


def _noise(env: Env) -> Fraction:
    """p(t|k) under either kind of noise."""
    wrong = env["eps"] if "eps" in env else env["plus" if env["k"] == 1 else "minus"]
    return Fraction(1 - wrong if env["t"] == env["k"] else wrong)


EPS, ETA, T, F = Sym("eps", "\\varepsilon"), Sym("eta", "\\eta"), Sym("t"), Sym("f")
Q_K, Q_T, Q_OTHER, Q_PLUS, Q_MINUS = _q("k", Sym("k")), _q("t", T), _q("-t", -T), _q("+1", 1), _q("-1", -1)
P_TK = Named("p(t\\mid k)", "p(t|k)", _noise)
P_T = Named("p(t\\mid x)", "p(t|x)", lambda env: _observed(env["t"], env["f"], env["eps"]))
MIXTURE, BOUND = OverLabels(P_TK * Q_K), OverLabels(P_TK * log(Q_K))


def either(random: Random) -> int:
    """A domain: both labels."""
    return random.choice(LABELS)


@cache
def _symmetric_noise() -> dict[str, Derivation]:
    """The model, its slope, the bound by Jensen's inequality, and its gap."""
    domain = {"f": real, "eps": unit, "t": either}

    def by_f(env: Env) -> Value:
        return slope(lambda f: MP.log(_observed(env["t"], f, env["eps"])), env["f"])

    return {
        "model": derive(P_T, **domain).eq(MIXTURE, "true_label").eq((1 - EPS) * Q_T + EPS * Q_OTHER),
        "by_f": derive(partial_derivative("\\log p(t\\mid x)", "f", by_f), **domain)
        .eq(((1 - EPS) * T * Q_PLUS * Q_MINUS - EPS * T * Q_PLUS * Q_MINUS) / P_T, "chain")
        .eq(T * (1 - 2 * EPS) * Q_PLUS * Q_MINUS / P_T),
        "share": derive(Q_T, f=real, t=either).eq(exp(T * F) / (1 + exp(T * F))),
        "odds": derive(Q_T, f=real, t=either).eq(exp(T * F) * Q_OTHER),
        "logistic": derive(
            Named("\\partial q(k\\mid x)/\\partial f", "dq(k|x)/df", _logistic_slope), f=real, k=either
        ).eq(Sym("k") * Q_PLUS * Q_MINUS),
        "mean": derive(P_T, **domain).eq(MIXTURE),
        "weights": derive(OverLabels(P_TK), eps=unit, t=either).eq((1 - EPS) + EPS).eq(1),
        "jensen": derive(log(P_T), **domain).eq(log(MIXTURE)).then(">=", BOUND, "jensen"),
        "sample_gap": derive(log(P_T) - BOUND, **domain)
        .eq(log((1 - EPS) * Q_T + EPS * Q_OTHER) - (1 - EPS) * log(Q_T) - EPS * log(Q_OTHER))
        .eq(log((1 - EPS) * exp(T * F) + EPS) - (1 - EPS) * T * F, "odds"),
    }


def _logistic_slope(env: Env) -> Value:
    return slope(lambda f: _observed(env["k"], f, 0), env["f"])


@cache
def _samples(count: int) -> dict[str, Derivation]:
    """The log-likelihood of so many data points, and its bound."""
    domain = {"f": vector(real, count), "t": vector(either, count), "eps": unit}
    i, t, f = Sym("i"), At("t", Sym("i")), Named("f(x_i)", "f(x[i])", At("f", Sym("i")).value)
    observed = Named("p(t_i\\mid x_i)", "p(t[i]|x[i])", lambda e: _observed(t.value(e), f.value(e), e["eps"]))
    mixture = (1 - EPS) * sigma(t * f) + EPS * sigma(-t * f)

    def each(body: Term) -> Any:
        return lambda e: sum(body.value({**e, "t": a, "f": b}) for a, b in zip(e["t"], e["f"], strict=True))

    of_theta, likelihood = (Named(name, name, each(log(P_T))) for name in ("L(\\theta)", "L"))
    bound = Named("-\\mathrm{CE}", "-CE", each(BOUND))
    return {
        "objective": _naming(of_theta, summed(i.name, 1, count, log(observed)), **domain).eq(
            summed(i.name, 1, count, log(mixture))
        ),
        "summed": derive(likelihood, **domain).then(">=", bound),
    }


@cache
def _asymmetric_noise() -> dict[str, Derivation]:
    """The sums of the weights, the repaired bound, and for which label the unrepaired one can fail."""
    plus, minus, C, S = Sym("plus", "\\varepsilon_+"), Sym("minus", "\\varepsilon_-"), Sym("C"), Sym("S")
    mass = Named("C_t", "C[t]", lambda env: 1 - env["t"] * (env["plus"] - env["minus"]))
    other = Named("C_-", "C[-1]", lambda env: mass.value({**env, "t": -1}))
    domain = {"f": real, "t": either, "plus": unit, "minus": unit}
    first = Named("C_+", "C[+1]", lambda env: mass.value({**env, "t": 1}))
    unrepaired = Named("S", "S", BOUND.value)
    weights = OverLabels(P_TK / mass * Q_K)
    above, below = {"C": lambda r: 1 + unit(r)}, {"S": lambda r: -unit(r)}
    return {
        "first_mass": derive(first, plus=unit, minus=unit).eq(1 - plus + minus),
        "mass": derive(other, plus=unit, minus=unit).eq(plus + 1 - minus).eq(2 - (1 - plus + minus)),
        "masses": derive(other, plus=unit, minus=unit).eq(2 - first),
        "unrepaired": _naming(unrepaired, BOUND, **domain).then("<", 0),
        "log_above": derive(log(C), **above).then(">", 0),
        "scaled": derive(1 / C * S, **above, **below).then(">", S),
        "repair": derive(log(MIXTURE), **domain)
        .eq(log(mass) + log(weights), "weights")
        .then(">=", log(mass) + 1 / mass * BOUND, "jensen"),
        "kept": derive(log(C) + 1 / C * S, **above, **below).then(">=", S),
        "broken": derive(log(MIXTURE) - BOUND, **domain | {"f": exactly(Fraction(0))})
        .eq(log(mass / 2) - mass * log(HALF))
        .eq(log(mass) - (1 - mass) * log(2)),
    }


def _naming(name: Named, of: Term, **domain: Domain) -> Derivation:
    """A name for a term, from which a chain goes on."""
    return replace(derive(name, **domain), steps=(Comparing("=", of, named=True),))


def _argmax(objective: Callable[[Value], Value]) -> Value:
    """Where an objective is largest on the unit interval, to 55 digits: the zero of its slope."""
    ends = (MP.mpf(10) ** -3, 1 - MP.mpf(10) ** -3)
    return MP.findroot(lambda u: u * (1 - u) * slope(objective, u), ends, solver="anderson", tol=MP.mpf(10) ** -110)


def below_half(random: Random) -> Fraction:
    """A domain: noise rates."""
    return unit(random) / 2


NOISY = Named("\\tilde\\eta", "noisy", lambda env: _noisy(env["eta"], env["eps"]))
TARGET = Named("a", "a", lambda env: _noisy(NOISY.value(env), env["eps"]))


@cache
def _peaks() -> dict[str, Derivation]:
    """Where the objectives are largest, found from their slopes."""

    def best(weight: Term, at: Named, by_q: Callable[[Value, Env], Value], **domain: Domain) -> Derivation:
        """Largest is w log v(q) + (1 - w) log (1 - v(q)), for a weight w and the value v that belongs to q."""

        def objective(env: Env) -> Callable[[Value], Value]:
            w = MP.convert(weight.value(env))
            return lambda q: w * MP.log(by_q(q, env)) + (1 - w) * MP.log(1 - by_q(q, env))

        return derive(Named(at.printed, at.name, lambda env: _argmax(objective(env))), **domain)

    def itself(q: Value, env: Env) -> Value:
        return q

    def flipped(q: Value, env: Env) -> Value:
        return env["eps"] + (1 - 2 * env["eps"]) * q

    u, plus, domain = Named("u", "u", lambda env: env["u"]), Q_PLUS, {"eps": below_half, "eta": unit}
    seen = Named("p(+1\\mid x)", "p(+1|x)", lambda env: flipped(env["eta"], env))
    return {
        "peak": best(Sym("a"), u, itself, a=unit).eq(Sym("a")),
        "plain_peak": best(NOISY, plus, itself, **domain).eq(NOISY),
        "seen_peak": best(NOISY, seen, itself, **domain).eq(NOISY),
        "likelihood_peak": best(NOISY, plus, flipped, **domain).eq(ETA),
        "softened_peak": best(TARGET, plus, itself, **domain).eq(TARGET),
        "seen": derive(seen, **domain).eq(NOISY),
    }


@cache
def _optima() -> dict[str, Derivation]:
    """Slopes of the objectives for one sample, and the targets that they have in the population."""
    a, u, domain = Sym("a"), Sym("u"), {"eps": unit, "eta": unit}
    mixed, shrink = (1 - EPS) * u + EPS * (1 - u), 1 - 2 * EPS
    kept, turned = (_given(f"p(t{{=}}{{{t}1}}\\mid k{{=}}{{+1}})", t) for t in ("+", "-"))
    fitted = Named("p(+1\\mid x)", "p(+1|x)", lambda env: _observed(1, env["f"], env["eps"]))

    def by_u(body: Term) -> Named:
        printed = f"\\frac{{\\mathrm{{d}}}}{{\\mathrm{{d}}u}} \\bigl({body.tex('en')}\\bigr)"
        return Named(printed, f"Derivative({body}, u)", lambda e: slope(lambda v: body.value({**e, "u": v}), e["u"]))

    return {
        "concave": derive(by_u(a * log(u) + (1 - a) * log(1 - u)), a=unit, u=unit)
        .eq(a / u - (1 - a) / (1 - u))
        .eq((a - u) / (u * (1 - u))),
        "keeping": derive(shrink, eps=below_half).then(">", 0),
        "weight": derive(TARGET, **domain).eq(NOISY * kept + (1 - NOISY) * turned),
        "growth": derive(by_u(log(mixed)), eps=below_half, u=unit).eq(shrink / mixed).then(">", 0),
        "noisy": derive(NOISY, **domain).eq((1 - EPS) * ETA + EPS * (1 - ETA)).eq(HALF + shrink * (ETA - HALF)),
        "matched": derive(fitted - NOISY, f=real, **domain).eq(shrink * (Q_PLUS - ETA)),
        "twice": derive(TARGET, **domain)
        .eq((1 - EPS) * NOISY + EPS * (1 - NOISY))
        .eq(HALF + shrink * (NOISY - HALF))
        .eq(HALF + shrink**2 * (ETA - HALF)),
    }


def _given(printed: str, sign: str) -> Named:
    """The probability of a noisy label +1 or -1 under the true label +1."""
    return Named(printed, f"p(t={sign}1|k=+1)", lambda env: 1 - env["eps"] if sign == "+" else env["eps"])


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of this sample and these noise rates."""
    s, rows = solution, solution.rows
    found = {
        "gaps_positive": all(case.odds != 1 for case in params.samples) and all(row.gap > LogSum() for row in rows),
        "only_likelihood": params.posterior not in (s.plain, s.softened),
    }
    if s.sides:
        low, high = s.sides
        kept = all(row.repaired < row.value for row in s.sides)
        found["one_violated"] = low.mass < 1 < high.mass and low.bound > low.value and high.bound < high.value and kept
    return found


def by_enumeration(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: sums over the true label and its flips, and exp(n v) for sums v of logarithms; all in fractions."""
    s, eps, count = solution, params.noise, len(params.samples)
    exact = [_exactly(case) for case in (*params.samples, *_by_mass(params.sides))]
    for (t, q, mass, observed, n, power, repaired), row in zip(exact, (*s.rows, *s.sides), strict=True):
        which = "" if mass < 1 else "other "
        yield equal(f"{which}mass", (row.label, row.agreement, row.mass), (t, q, mass))
        yield equal(f"{which}value", (row.observed, exp_of_multiple(row.value, 1)), (observed, observed))
        yield equal(f"{which}bound", exp_of_multiple(row.bound, n), power)
        yield equal(f"{which}repaired", exp_of_multiple(row.repaired, n), repaired)
        yield holds("the repaired bound", repaired < observed**n)
        yield holds("the unrepaired bound, unless C < 1", (power < observed**n) == (mass >= 1))
    gaps = [observed**n / power for *_, observed, n, power, _ in exact[:count]]
    yield equal("gaps", [exp_of_multiple(row.gap, eps.denominator) for row in s.rows], gaps)
    yield equal("log_likelihood", exp_of_multiple(s.log_likelihood, 1), prod(row[3] for row in exact[:count]))
    yield equal("lower_bound", exp_of_multiple(s.bound, eps.denominator), prod(row[5] for row in exact[:count]))
    clean, flip = {1: params.posterior, -1: 1 - params.posterior}, {1: 1 - eps, -1: eps}
    once = sum(clean[k] * flip[a] for k, a in product(LABELS, repeat=2) if k * a == 1)
    twice = sum(clean[k] * flip[a] * flip[b] for k, a, b in product(LABELS, repeat=3) if k * a * b == 1)
    yield equal("plain", s.plain, once)
    yield equal("softened", s.softened, twice)
    yield equal("likelihood", params.posterior, (once - eps) / (1 - 2 * eps))  # p(+1|x) is linear in q(+1|x)
    yield equal("logit", exp_of_multiple(s.logit, 1), flip[1] / flip[-1])


def _by_mass(sides: tuple[Case, ...]) -> list[Case]:
    return sorted(sides, key=lambda case: case.label * (case.minus - case.plus))


def _exactly(case: Case) -> tuple[Any, ...]:
    """t, q(t|x), C, p(t|x), an n that makes all exponents whole, and exp(n v) for both bounds v."""
    t, q = case.label, {1: case.odds / (case.odds + 1), -1: 1 / (case.odds + 1)}
    wrong = {1: case.plus, -1: case.minus}
    weights = {k: 1 - wrong[k] if k == t else wrong[k] for k in LABELS}
    mass, observed = sum(weights.values()), sum(weights[k] * q[k] for k in LABELS)
    n = lcm(*(x.denominator for w in weights.values() for x in (w, w / mass)))
    power, scaled = (prod(q[k] ** int(n * weights[k] / c) for k in LABELS) for c in (1, mass))
    return t, q[t], mass, observed, n, power, mass**n * scaled


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: losses of torch in double precision, from the logits, and their gradient by automatic differentiation."""
    import torch
    from torch.nn.functional import binary_cross_entropy, softplus

    s, count = solution, len(params.samples)
    cases = (*params.samples, *_by_mass(params.sides))
    numbers = [[float(x) for x in (c.label, c.odds, c.plus, c.minus)] for c in cases]
    t, odds, plus, minus = torch.tensor(numbers, dtype=torch.float64).T
    f = odds.log().requires_grad_()
    weights = torch.where(t > 0, torch.stack((1 - plus, minus)), torch.stack((plus, 1 - minus)))  # of k = +1 and -1
    masses = weights.sum(0)
    values = (weights.log() + torch.stack((-softplus(-f), -softplus(f)))).logsumexp(0)
    bounds = -masses * binary_cross_entropy(f.sigmoid(), weights[0] / masses, reduction="none")
    (gradient,) = torch.autograd.grad(values.sum(), f)
    yield close("log_likelihood", s.log_likelihood, values[:count].sum().item())
    yield close("slope", s.slope, gradient[params.chosen - 1].item())
    yield close("lower_bound", s.bound, bounds[:count].sum().item())
    yield all_close("gaps", [row.gap.value() for row in s.rows], (values - bounds)[:count].detach())
    for row, mass, value, bound in zip(s.sides[:1], masses[count:], values[count:], bounds[count:], strict=False):
        yield close("mass", row.mass, mass.item())
        yield close("value", row.value, value.item())
        yield close("bound", row.bound, bound.item())
        yield close("repaired", row.repaired, (mass.log() + bound / mass).item())


def by_logits(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: cross-entropies as arrays of log-probabilities, and the slope by a step in the complex direction."""
    import numpy as np

    s, count = solution, len(params.samples)
    cases = (*params.samples, *_by_mass(params.sides))
    t, odds, plus, minus = np.array([[float(x) for x in (c.label, c.odds, c.plus, c.minus)] for c in cases]).T
    weights = np.where(t > 0, (1 - plus, minus), (plus, 1 - minus))  # of k = +1 and -1
    masses, f = weights.sum(0), np.log(odds)

    def log_law(f: Any) -> Any:
        return -np.log(1 + np.exp(np.array((-f, f))))

    values = np.logaddexp(*(np.log(weights) + log_law(f)))
    bounds = (weights * log_law(f)).sum(0)
    yield close("log_likelihood", s.log_likelihood, values[:count].sum())
    yield close("lower_bound", s.bound, bounds[:count].sum())
    yield all_close("gaps", [row.gap.value() for row in s.rows], (values - bounds)[:count])
    one = params.chosen - 1
    yield close("slope", s.slope, np.log((weights[:, one] * np.exp(log_law(f[one] + 1e-30j))).sum()).imag / 1e-30)
    for row, mass, value, bound in zip(s.sides[:1], masses[count:], values[count:], bounds[count:], strict=False):
        yield close("mass", row.mass, mass)
        yield close("value", row.value, value)
        yield close("bound", row.bound, bound)
        yield close("repaired", row.repaired, np.log(mass) + bound / mass)


def by_grid(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the objectives are maximised over q(+1|x) on a grid, where the bound is tried too; and a difference."""
    import numpy as np

    s, eps, eta = solution, float(params.noise), float(params.posterior)
    q = np.linspace(0, 1, 20001)[1:-1]
    log_q, log_other, likelihood = np.log(q), np.log1p(-q), np.log(eps + q - 2 * eps * q)
    noisy, soft = eta + eps - 2 * eps * eta, (1 - eps) * log_q + eps * log_other
    # in the population, the objective for t = -1 is the mirror image of that for t = +1
    for name, ours, objective in (
        ("plain", s.plain, log_q),
        ("softened", s.softened, soft),
        ("likelihood", params.posterior, likelihood),
    ):
        best = q[np.argmax(noisy * objective + (1 - noisy) * objective[::-1])]
        yield close(name, ours, float(best), 1e-4)
    yield close("logit", s.logit, float((log_q - log_other)[np.argmax(soft)]), 1e-3)
    yield holds("the likelihood of one sample grows", bool(np.all(np.diff(likelihood) > 0)))
    yield holds("the bound", bool(np.all(likelihood >= soft - 1e-12)))
    chosen = params.samples[params.chosen - 1]
    near = 1 / (1 + np.exp(-chosen.label * (np.log(float(chosen.odds)) + np.array([-1e-5, 1e-5]))))
    yield close("slope", s.slope, np.diff(np.log(eps + near - 2 * eps * near)).item() / 2e-5, 1e-7)


oracles = (by_enumeration, by_torch, by_logits, by_grid)
