"""The evidence lower bound of a model with a discrete latent variable z, for one observation x.

log p(x) = L(q) + D(q||p(.|x)) with L(q) = E_q[log p(x, z)] + H(q), for every distribution q of z (Jordan, Ghahramani,
Jaakkola and Saul, An introduction to variational methods for graphical models, Machine Learning 37, 1999; Neal and
Hinton, A view of the EM algorithm, 1998). If q may use only the values in a set S, the best q is the posterior given
z in S, and the gap is -log P(z in S | x) (Lücke and Eggert, Expectation truncation, JMLR 11, 2010).
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
    log_of,
    matrix_term,
    number,
    rightly,
    simplex,
    sum_of,
    summed,
    total,
    unit,
    vector,
)
from blattwerk.vocabulary.derivation import Domain
from blattwerk.vocabulary.exact.discrete import Distribution, by_entropies, exp_of_multiple, relative_entropy
from blattwerk.vocabulary.functions import rounded_to
from blattwerk.vocabulary.terms import Over, within
from blattwerk.vocabulary.writers import PRODUCT, Writer


@dataclass(frozen=True)
class Params:
    """A model with a latent variable z = 1, 2, ..., and a distribution q of z; all probabilities are positive."""

    prior: Distribution
    """p(z) for all z."""
    likelihood: tuple[Fraction, ...]
    """p(x|z) for all z."""
    q: Distribution
    """q(z) for all z."""
    kept: tuple[int, ...] = ()
    """At `hard`, the values of z in S, in ascending order."""

    @property
    def values(self) -> tuple[int, ...]:
        """1, 2, ..."""
        return tuple(range(1, len(self.prior) + 1))

    @property
    def uniform(self) -> Distribution:
        """The uniform distribution of z."""
        return (Fraction(1, len(self.prior)),) * len(self.prior)


@dataclass(frozen=True)
class Restricted:
    """What follows where q may use S only."""

    mass: Fraction
    """p(x, z in S)."""
    best: Distribution
    """The best such q, q_S(z) for all z."""
    bound: LogSum
    """L(q_S), in nats."""
    gap: LogSum
    """log p(x) - L(q_S), in nats."""


@dataclass(frozen=True)
class Solution:
    """The posterior, and the summands of the identity, in nats."""

    joint: tuple[Fraction, ...]
    """p(x, z) for all z."""
    evidence: Fraction
    """p(x)."""
    log_evidence: LogSum
    posterior: Distribution
    """p(z|x) for all z."""
    expected: LogSum
    """E_q[log p(x, z)]."""
    entropy: LogSum
    """H(q)."""
    bound: LogSum
    """L(q)."""
    divergence: LogSum
    """D(q||p(.|x))."""
    uniform_bound: LogSum
    """L(u) for the uniform distribution u."""
    uniform_gap: LogSum
    """D(u||p(.|x))."""
    restricted: Restricted | None
    """None without S."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """The posterior by Bayes' rule, and both summands of the identity from their definitions."""
    q, u, likelihood = params.q, params.uniform, params.likelihood
    joint = tuple(a * b for a, b in zip(params.prior, likelihood, strict=True))
    evidence = sum(joint, Fraction(0))
    posterior = step(
        "posterior",
        lambda: tuple(value / evidence for value in joint),
        normalised=lambda: tuple(value / sum(likelihood) for value in likelihood),
    )
    expected, entropy = _mean_log(q, joint), -_mean_log(q, q)
    bound = step("bound", lambda: expected + entropy, entropy=lambda: expected)
    own = (expected, entropy, bound, step("divergence", lambda: relative_entropy(q, posterior)))
    uniform = (_mean_log(u, joint) - _mean_log(u, u), relative_entropy(u, posterior))
    restricted = _restricted(params, joint, evidence) if params.kept else None
    log_evidence = step("log_evidence", lambda: log_of(evidence))
    return Solution(joint, evidence, log_evidence, posterior, *own, *uniform, restricted)


def _mean_log(weights: Distribution, values: tuple[Fraction, ...]) -> LogSum:
    """sum_z w(z) log v(z)."""
    return sum_of(log_of(v).times(w) for w, v in zip(weights, values, strict=True))


def _restricted(params: Params, joint: tuple[Fraction, ...], evidence: Fraction) -> Restricted:
    mass = sum((joint[z - 1] for z in params.kept), Fraction(0))
    best = tuple(joint[z - 1] / mass if z in params.kept else Fraction(0) for z in params.values)
    return Restricted(mass, best, log_of(mass), log_of(evidence / mass))


SYMBOLS = {
    "log_evidence": "\\log p(x)",
    "posterior": "\\bigl(p(z\\mid x)\\bigr)_z",
    "bound": "\\mathcal{L}(q)",
    "divergence": "D(q\\|p(\\cdot\\mid x))",
    "uniform_bound": "\\mathcal{L}(u)",
    "uniform_gap": "\\log p(x) - \\mathcal{L}(u)",
    "best": "q_S",
    "restricted_bound": "\\mathcal{L}(q_S)",
    "restricted_gap": "\\log p(x) - \\mathcal{L}(q_S)",
}


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """log p(x) and the posterior; both summands of the identity, for q and for the uniform distribution; S."""
    s, r = solution, solution.restricted
    found = [("log_evidence", "evidence", s.log_evidence.term()), ("posterior", "evidence", matrix_term([s.posterior]))]
    found += [("bound", "bound", s.bound.term()), ("divergence", "bound", s.divergence.term())]
    found += [("uniform_bound", "optimal", s.uniform_bound.term()), ("uniform_gap", "optimal", s.uniform_gap.term())]
    if r is not None:
        found += [("best", "restricted", matrix_term([r.best])), ("restricted_bound", "restricted", r.bound.term())]
        found += [("restricted_gap", "restricted", r.gap.term())]
    return tuple(Answer(*entry, symbol=SYMBOLS[entry[0]]) for entry in found)


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """Jensen's bound and the identity for all models, and both sides of the identity for the instance."""
    on_set = _on_set(params, solution, solution.restricted) if solution.restricted is not None else {}
    return {**_general(), **_evidence(params, solution), **_both_sides(params, solution), **on_set}


def _evidence(params: Params, s: Solution) -> dict[str, Derivation]:
    """p(x) and its logarithm."""
    products = (number(a) * number(b) for a, b in zip(params.prior, params.likelihood, strict=True))
    p_x = called("p(x)", _one_less_the_rest(params))
    return {
        "evidence": derive(p_x).eq(total(products), "insert").eq(total(s.joint)).eq(s.evidence),
        "log_evidence": derive(log(p_x)).eq(log(s.evidence), "insert").eq(s.log_evidence.term(), "primes").approx(),
    }


def _both_sides(params: Params, s: Solution) -> dict[str, Derivation]:
    """L and the divergence from the posterior, for q, for the posterior itself and for the uniform distribution u."""
    q, u, log_p_x = params.q, params.uniform, log(called("p(x)", _one_less_the_rest(params)))
    expected = Named("\\mathbb{E}_q[\\log p(x,z)]", "E_q[log p(x, z)]", lambda env: _log_power(q, s.joint))
    entropy = called("H(q)", -_log_power(q, q))
    bound, divergence = _bound("q", q, s.joint), _divergence("q", q, s.posterior)
    from_uniform = _divergence("u", u, s.posterior)
    return {
        "expected": _mean_chain(expected, q, s.joint, s.expected),
        "entropy": _mean_chain(entropy, q, tuple(1 / a for a in q), s.entropy),
        "bound": derive(bound).eq(expected + entropy, "definition").eq(s.bound.term()).approx(),
        "divergence": _mean_chain(divergence, q, _quotients(q, s.posterior), s.divergence),
        "sum": derive(bound + divergence)
        .eq(total((s.bound.term(), s.divergence.term())))
        .eq(s.log_evidence.term())
        .eq(log_p_x),
        "bound_near": derive(bound).then("~", rounded_to(s.bound.term())),
        "divergence_near": derive(divergence).then("~", rounded_to(s.divergence.term())),
        "log_evidence_near": derive(log_p_x).then("~", rounded_to(s.log_evidence.term())),
        "optimal_sum": derive(called("\\sum_z q^*(z)", sum(s.posterior))).eq(1),
        "optimal": derive(_bound("q^*", s.posterior, s.joint))
        .eq(_inserted(s.posterior, _quotients(s.joint, s.posterior)), "insert")
        .eq(log(s.evidence), "normalised")
        .approx(),
        "uniform_gap": _mean_chain(from_uniform, u, _quotients(u, s.posterior), s.uniform_gap),
        "uniform_bound": derive(_bound("u", u, s.joint))
        .eq(log_p_x - from_uniform, "identity")
        .eq(s.uniform_bound.term())
        .approx(),
    }


def _mean_chain(start: Named, weights: Distribution, values: tuple[Fraction, ...], result: LogSum) -> Derivation:
    """start = sum_z w(z) log v(z) = result."""
    return derive(start).eq(_inserted(weights, values), "insert").eq(result.term(), "primes").approx()


def _inserted(weights: Distribution, values: tuple[Fraction, ...]) -> Term:
    return total(number(w) * log(v) for w, v in zip(weights, values, strict=True))


def _quotients(a: tuple[Fraction, ...], b: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    return tuple(x / y for x, y in zip(a, b, strict=True))


def _one_less_the_rest(params: Params) -> Fraction:
    """p(x) as 1 - sum_z p(z) (1 - p(x|z))."""
    return 1 - sum((a * (1 - b) for a, b in zip(params.prior, params.likelihood, strict=True)), Fraction(0))


def _log_power(weights: Distribution, values: tuple[Fraction, ...]) -> Value:
    """sum_z w(z) log v(z), as the logarithm of a product of powers; 0 log 0 = 0."""
    pairs = [(MP.convert(w), MP.convert(v)) for w, v in zip(weights, values, strict=True) if w]
    return MP.log(prod((MP.power(v, w) for w, v in pairs), start=MP.mpf(1)))


def _bound(name: str, q: Distribution, joint: tuple[Fraction, ...]) -> Named:
    """L(q) = E_q[log p(x, z)] + H(q)."""
    printed = f"\\mathcal{{L}}({name})"
    return Named(printed, f"L({name})", lambda env: _log_power(q, joint) - _log_power(q, q))


def _divergence(name: str, q: Distribution, p: Distribution) -> Named:
    """D(q||p(.|x))."""
    return Named(f"D({name}\\|p(\\cdot\\mid x))", f"D({name}||p(.|x))", lambda env: by_entropies(q, p))


def _on_set(params: Params, s: Solution, r: Restricted) -> dict[str, Derivation]:
    """p(x, z in S), the best bound on S, and its gap."""
    mass = called("Z_S", s.evidence - sum(s.joint[z - 1] for z in params.values if not r.best[z - 1]))
    share = number(r.mass / s.evidence)
    gap = Named("\\log p(x) - \\mathcal{L}(q_S)", "log p(x) - L(q_S)", lambda env: by_entropies(r.best, s.posterior))
    return {
        "mass": derive(mass).eq(total(s.joint[z - 1] for z in params.kept)).eq(r.mass),
        "on_set": derive(_bound("q_S", r.best, s.joint)).eq(log(r.mass)).eq(r.bound.term(), "primes").approx(),
        "gap": derive(gap).eq(-log(share), "posterior_mass").eq(r.gap.term(), "primes").approx(),
    }


@dataclass(frozen=True)
class OverSet(Over):
    """The sum of a body over the z in S, here S = {1, 2} out of {1, 2, 3}."""

    def write(self, w: Writer) -> str:
        body = within(self.body, w, PRODUCT)
        return w.symbol(f"\\sum_{{z\\in S}} {body}", f"Sum({body}, z in S)")


def _joint(env: Env) -> tuple[Fraction, ...]:
    return tuple(a * b for a, b in zip(env["prior"], env["likelihood"], strict=True))


def _posterior(env: Env, size: int = 3) -> Distribution:
    """p(z|x); with size 2, the posterior given that z is in S."""
    kept = _joint(env)[:size]
    return (*(value / sum(kept) for value in kept), *(Fraction(0),) * (3 - size))


def _on_two(random: Random) -> Distribution:
    """A domain: distributions on S."""
    return (*simplex(2)(random), Fraction(0))


@cache
def _general() -> Mapping[str, Derivation]:
    """Jensen's bound, the identity, and both bounds that follow from it, for models with three values of z."""

    def at(printed: str, values: Callable[[Env], Distribution]) -> Named:
        return Named(printed, printed, lambda env: values(env)[int(env["z"]) - 1])

    q, p_xz, p_z_x = at("q(z)", lambda env: env["q"]), at("p(x,z)", _joint), at("p(z\\mid x)", _posterior)
    p_s, z_s = at("p_S(z)", lambda env: _posterior(env, 2)), Named("Z_S", "Z_S", lambda env: sum(_joint(env)[:2]))
    p_x = Named("p(x)", "p(x)", lambda env: sum(_joint(env)))
    bound = Named("\\mathcal{L}(q)", "L(q)", lambda env: _bound("q", env["q"], _joint(env)).value())
    to_posterior = Named("D(q\\|p(\\cdot\\mid x))", "D(q||p(.|x))", lambda env: by_entropies(env["q"], _posterior(env)))
    to_set = Named("D(q\\|p_S)", "D(q||p_S)", lambda env: by_entropies(env["q"], _posterior(env, 2)))
    domain = {"prior": simplex(3), "likelihood": vector(unit, 3), "K": exactly(Fraction(3))}

    def over(body: Term) -> Term:
        return summed("z", 1, Sym("K"), body)

    def over_set(body: Term) -> Term:
        return OverSet("z", number(1), number(2), body)

    best = Named("\\mathcal{L}(q^*)", "L(q*)", lambda env: _bound("q", _posterior(env), _joint(env)).value())
    on_set = Named("P(z\\in S\\mid x)", "P(z in S|x)", lambda env: sum(_posterior(env)[:2]))
    weights = Named("\\sum_z q(z)", "sum q(z)", lambda env: sum(env["q"]))
    weights_on_set = Named("\\sum_{z\\in S} q(z)", "sum q(z)", lambda env: sum(env["q"][:2]))

    def any_z(size: int) -> Mapping[str, Domain]:
        return {**domain, "z": lambda random: random.randint(1, size)}

    return {
        "product": derive(p_xz, **any_z(3)).eq(p_x * p_z_x),
        "product_on_set": derive(p_xz, **any_z(2)).eq(z_s * p_s),
        "weights": derive(weights, q=simplex(3)).eq(1),
        "weights_on_set": derive(weights_on_set, q=_on_two).eq(1),
        "best": derive(best, **domain).eq(log(p_x)),
        "mass_of_set": derive(z_s, **domain).eq(p_x * on_set),
        "decomposition": derive(log(p_x), q=simplex(3), **domain).eq(bound + to_posterior),
        "to_posterior": derive(to_posterior, q=simplex(3), **domain).eq(over(q * log(q / p_z_x)), "definition"),
        "jensen": derive(log(p_x), q=simplex(3), **domain)
        .eq(log(over(p_xz)), "marginal")
        .eq(log(over(q * (p_xz / q))), "expand")
        .then(">=", over(q * log(p_xz / q)), "jensen")
        .eq(over(q * log(p_xz)) - over(q * log(q)))
        .eq(bound, "definition"),
        "identity": derive(log(p_x), q=simplex(3), **domain)
        .eq(over(q * log(p_x)), "normalised")
        .eq(over(q * log(p_xz / p_z_x)), "product_rule")
        .eq(over(q * log(p_xz / q * (q / p_z_x))), "expand")
        .eq(over(q * log(p_xz / q)) + over(q * log(q / p_z_x)), "logarithm")
        .eq(bound + to_posterior, "definition"),
        "maximum": derive(bound, q=simplex(3), **domain)
        .eq(log(p_x) - to_posterior, "identity")
        .then("<=", log(p_x), "gibbs"),
        "restricted": derive(bound, q=_on_two, **domain)
        .eq(over_set(q * log(p_xz / q)), "zeros")
        .eq(over_set(q * log(z_s * p_s / q)), "expand")
        .eq(log(z_s) - to_set, "normalised")
        .then("<=", log(z_s), "gibbs"),
    }


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of these numbers."""
    quotients = {a / b for a, b in zip(solution.joint, solution.posterior, strict=True)}
    return {"below": solution.bound < solution.log_evidence, "equal_quotients": quotients == {solution.evidence}}


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: logits, softmax and torch.distributions in double precision."""
    import torch
    from torch.distributions import Categorical, kl_divergence

    s = solution
    rows = (params.prior, params.likelihood, params.q)
    prior, likelihood, q = (torch.tensor([float(x) for x in row], dtype=torch.float64) for row in rows)
    logits = prior.log() + likelihood.log()
    posterior, law, uniform = Categorical(logits=logits), Categorical(probs=q), Categorical(torch.ones_like(q))
    log_evidence, gap = logits.logsumexp(0).item(), kl_divergence(law, posterior).item()
    yield close("log_evidence", s.log_evidence, log_evidence)
    yield all_close("posterior", s.posterior, logits.softmax(0).numpy())
    yield close("expected", s.expected, (q * logits).sum().item())
    yield close("entropy", s.entropy, -(q * q.log()).sum().item())
    yield close("bound", s.bound, log_evidence - gap)
    yield close("divergence", s.divergence, gap)
    yield close("uniform_bound", s.uniform_bound, logits.mean().item() - uniform.logits[0].item())
    yield close("uniform_gap", s.uniform_gap, kl_divergence(uniform, posterior).item())
    if (r := s.restricted) is not None:
        masked = logits.masked_fill(torch.tensor([z not in params.kept for z in params.values]), float("-inf"))
        yield all_close("best", r.best, masked.softmax(0).numpy())
        yield close("mass", r.mass, masked.logsumexp(0).exp().item())
        yield close("restricted_bound", r.bound, masked.logsumexp(0).item())
        yield close("restricted_gap", r.gap, log_evidence - masked.logsumexp(0).item())


def by_gradient(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: autograd. At the solver's optimum, L as a function of q's logits has gradient 0 and the value log p(x).

    L is concave in q, so a point of gradient 0 in the interior is its maximum; the same on S alone.
    """
    import torch

    def slope_at(values: tuple[int, ...], start: Distribution) -> tuple[float, float]:
        pairs = [float(params.prior[z - 1] * params.likelihood[z - 1]) for z in values]
        joint = torch.tensor(pairs, dtype=torch.float64)
        logits = torch.tensor([float(start[z - 1]) for z in values], dtype=torch.float64).log().requires_grad_()
        q = logits.softmax(0)
        bound = (q * (joint.log() - q.log())).sum()
        (gradient,) = torch.autograd.grad(bound, logits)
        return bound.item(), gradient.norm().item()

    s = solution
    highest, slope = slope_at(params.values, s.posterior)
    yield holds("posterior", slope < 1e-9, f"gradient {slope}")
    yield close("log_evidence", s.log_evidence, highest)
    if (r := s.restricted) is not None:
        highest_on_set, slope = slope_at(params.kept, r.best)
        yield holds("best", slope < 1e-9, f"gradient {slope}")
        yield close("restricted_bound", r.bound, highest_on_set)
        yield close("restricted_gap", r.gap, highest - highest_on_set)


def by_powers(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: exp(N sum_z q(z) log v(z)) = prod_z v(z)^(N q(z)) is rational where all N q(z) are whole; exactly.

    The evidence is one less the probability of not observing x.
    """
    alike = [Fraction(1, len(params.prior))] * len(params.prior)
    s, count = solution, lcm(*(value.denominator for value in (*params.q, *alike)))
    joint = [a * b for a, b in zip(params.prior, params.likelihood, strict=True)]
    evidence = _one_less_the_rest(params)

    def power(weights: Distribution, values: list[Fraction]) -> Fraction:
        return prod((v ** int(count * w) for w, v in zip(weights, values, strict=True)), start=Fraction(1))

    def agrees(what: str, ours: LogSum, theirs: Fraction) -> Comparison:
        return equal(what, exp_of_multiple(ours, count), theirs)

    yield equal("joint", list(s.joint), joint)
    yield equal("evidence", s.evidence, evidence)
    yield equal("posterior", [value * evidence for value in s.posterior], joint)
    yield agrees("log_evidence", s.log_evidence, evidence**count)
    for q, bound, gap, names in (
        (params.q, s.bound, s.divergence, ("bound", "divergence")),
        (tuple(alike), s.uniform_bound, s.uniform_gap, ("uniform_bound", "uniform_gap")),
    ):
        lower = power(q, joint) / power(q, list(q))
        yield agrees(names[0], bound, lower)
        yield agrees(names[1], gap, evidence**count / lower)
    if (r := s.restricted) is not None:
        on_set = [joint[z - 1] for z in params.kept]
        yield equal("best", [value * sum(on_set) for value in r.best if value], on_set)
        yield agrees("restricted_bound", r.bound, sum(on_set, Fraction(0)) ** count)
        yield agrees("restricted_gap", r.gap, (evidence / sum(on_set, Fraction(0))) ** count)


def by_relative_entropies(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: scipy's relative entropies to the posterior, which is proportional to the joint probabilities."""
    import numpy as np
    from scipy.special import logsumexp, softmax
    from scipy.stats import entropy

    s = solution
    prior, likelihood, q = (np.array(row, dtype=float) for row in (params.prior, params.likelihood, params.q))
    logits = np.log(prior * likelihood)
    posterior, log_evidence, uniform = softmax(logits), logsumexp(logits), np.full(len(q), 1 / len(q))
    yield close("log_evidence", s.log_evidence, log_evidence)
    yield all_close("posterior", s.posterior, posterior)
    for law, bound, gap, names in (
        (q, s.bound, s.divergence, ("bound", "divergence")),
        (uniform, s.uniform_bound, s.uniform_gap, ("uniform_bound", "uniform_gap")),
    ):
        yield close(names[0], bound, log_evidence - entropy(law, posterior))
        yield close(names[1], gap, entropy(law, posterior))
    if (r := s.restricted) is not None:
        best = np.where([z in params.kept for z in params.values], posterior, 0.0)
        gap_on_set = entropy(best, posterior)
        yield all_close("best", r.best, best / best.sum())
        yield close("restricted_gap", r.gap, gap_on_set)
        yield close("restricted_bound", r.bound, log_evidence - gap_on_set)


oracles = (by_torch, by_gradient, by_powers, by_relative_entropies)
