"""The evidence lower bound: by hand, the designed draws, planted errors, the identity, and what each part needs."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.order.catalogue import find
from blattwerk.build.page.view import ExerciseView, Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.vocabulary.derivation import derive, verify
from blattwerk.vocabulary.exact.closed import logarithm as log
from blattwerk.vocabulary.exact.discrete import Distribution
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang, decimal_tex
from blattwerk.vocabulary.mistakes import Slip
from tests.instances import instance, placed

EXERCISE = find("elbo")
solve = EXERCISE.solve


def shares(*counts: int) -> Distribution:
    return tuple(Fraction(k, sum(counts)) for k in counts)


def params(prior: Distribution, likelihood: tuple[Fraction, ...], q: Distribution, kept: tuple[int, ...] = ()) -> Any:
    return EXERCISE.params(prior=prior, likelihood=likelihood, q=q, kept=kept)


# p(x, z) = 1/8, 3/8, so that p(x) = 1/2 and the posterior is (1/4, 3/4)
TWO = params(shares(1, 1), (Fraction(1, 4), Fraction(3, 4)), shares(1, 2))
# p(x, z) = 1/10, 1/5, 3/10, so that p(x) = 3/5 and the posterior is (1/6, 1/3, 1/2)
THREE = params(shares(1, 2, 2), (Fraction(1, 2), Fraction(1, 2), Fraction(3, 4)), shares(1, 1, 2), (1, 3))


def divergence(p: Distribution, q: Distribution) -> Any:
    return sum(a * log(a / b) for a, b in zip(p, q, strict=True))


def test_two_values_by_hand() -> None:
    """L = 1/3 log 3/8 + 2/3 log 9/16, and D = 1/3 log 4/3 + 2/3 log 8/9, which add up to -log 2."""
    s = solve(TWO)
    third = Fraction(1, 3)
    assert s.joint == (Fraction(1, 8), Fraction(3, 8))
    assert s.evidence == Fraction(1, 2) and s.log_evidence == -log(2)
    assert s.posterior == shares(1, 3)
    assert s.bound == third * log(Fraction(3, 8)) + 2 * third * log(Fraction(9, 16))
    assert s.divergence == third * log(Fraction(4, 3)) + 2 * third * log(Fraction(8, 9))
    assert s.entropy == log(3) - 2 * third * log(2)
    assert s.uniform_gap == log(2) - Fraction(1, 2) * log(3)  # D(1/2 || 1/4), as in Cover and Thomas, 2.3.1


def test_the_restricted_optimum_by_hand() -> None:
    """On S = {1, 3}: Z_S = 2/5, q_S = (1/4, 0, 3/4), and a gap of log 3/2, since P(S|x) = 2/3."""
    s = solve(THREE)
    assert s.mass == Fraction(2, 5)
    assert s.best == ((Fraction(1, 4), Fraction(0), Fraction(3, 4)),)
    assert s.restricted_bound == log(Fraction(2, 5))
    assert s.restricted_gap == log(Fraction(3, 2))


def test_a_restriction_to_one_value_is_the_map_bound() -> None:
    """With a single value the entropy is 0, and the bound is log p(x, z)."""
    assert solve(replace(THREE, kept=(2,))).restricted_bound == log(Fraction(1, 5))


def test_the_posterior_of_the_two_cookie_bowls() -> None:
    """Downey, Think Bayes, chapter 1: bowls with 3/4 and 1/2 vanilla cookies have the posterior (3/5, 2/5)."""
    s = solve(params(shares(1, 1), (Fraction(3, 4), Fraction(1, 2)), shares(1, 2)))
    assert s.evidence == Fraction(5, 8)
    assert s.posterior == shares(3, 2)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_instances_are_designed(difficulty: Difficulty) -> None:
    """The posterior is nowhere q or uniform; all p(x|z) differ; S leaves out at least a tenth of the posterior."""
    for seed in range(25):
        one = instance("elbo", seed, difficulty)
        p, s = one.params, one.solution
        uniform = Fraction(1, len(p.q))
        assert len(set(p.likelihood)) == len(p.likelihood) and max(p.likelihood) < 1
        assert all(a not in (b, uniform) for a, b in zip(s.posterior, p.q, strict=True))
        assert len(set(p.q)) > 1
        assert len(p.kept) == (2 if difficulty == "hard" else 0)
        assert not p.kept or s.mass <= s.evidence * Fraction(9, 10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"posterior": shares(1, 2, 3, 3)[:3]},
        {"posterior": THREE.prior},
        {"log_evidence": log(2)},
        {"bound": solve(THREE).expected},  # entropy forgotten
        {"bound": solve(THREE).expected - solve(THREE).entropy},
        {"divergence": divergence(solve(THREE).posterior, THREE.q)},  # arguments exchanged
        {"uniform_gap": solve(THREE).divergence},
        {"best": ((Fraction(1, 6), Fraction(0), Fraction(1, 2)),)},  # cut off, not normalised
        {"best": (shares(1, 0, 1),)},
        {"restricted_bound": log(Fraction(2, 3))},
        {"restricted_gap": log(2)},
    ],
)
def test_planted_errors_are_found(wrong: dict[str, Any]) -> None:
    """The usual mistakes as planted errors: at least two oracles object, and without torch one does."""
    planted = replace(solve(THREE), **wrong)
    objections = {oracle.__name__ for oracle in EXERCISE.oracles for c in oracle(THREE, planted) if not c.agrees}
    assert len(objections) >= 2
    assert objections & {"powers", "relative_entropies"}


def test_a_planted_sign_is_found_in_a_derivation() -> None:
    """The displayed chain holds the formula against the value."""
    wrong = replace(solve(TWO), divergence=-solve(TWO).divergence)
    with pytest.raises(ProofFailure, match="'divergence', step 1"):
        verify("divergence", EXERCISE.derivations(TWO, wrong)["divergence"])


def test_jensens_step_is_strict_in_general() -> None:
    """The chain of the proof holds with >=; with = in its place it fails."""
    chain = EXERCISE.derivations(TWO, solve(TWO))["jensen"]
    assert verify("jensen", chain).checked == 5
    step = next(step for step in chain.steps if step.relation != "=")
    assert step.relation == ">="
    equality = derive(chain.start, **dict(chain.domain)).eq(step.term)
    with pytest.raises(ProofFailure):
        verify("jensen", equality)


counts = st.lists(st.integers(1, 9), min_size=3, max_size=3).map(lambda k: shares(*k))
likelihoods = st.lists(st.integers(1, 9).map(lambda k: Fraction(k, 10)), min_size=3, max_size=3).map(tuple)


@settings(deadline=None, max_examples=40)
@given(counts, likelihoods, counts)
def test_the_identity_holds_exactly(prior: Distribution, likelihood: tuple[Fraction, ...], q: Distribution) -> None:
    """log p(x) = L(q) + D(q||p(.|x)) in canonical form, and L <= log p(x) with equality for the posterior only."""
    s = solve(params(prior, likelihood, q))
    assert s.bound + s.divergence == s.log_evidence
    assert (s.log_evidence > s.bound) == (q != s.posterior)
    assert solve(params(prior, likelihood, s.posterior)).bound == s.log_evidence
    assert s.uniform_bound + s.uniform_gap == s.log_evidence


@settings(deadline=None, max_examples=40)
@given(counts, likelihoods, st.integers(1, 9), st.integers(1, 9))
def test_no_distribution_on_the_set_is_better(
    prior: Distribution, likelihood: tuple[Fraction, ...], first: int, third: int
) -> None:
    """L(q) <= log Z_S for q on S = {1, 3}, by the divergence from the best one."""
    s = solve(params(prior, likelihood, prior, (1, 3)))
    q, joint = shares(first, third), (prior[0] * likelihood[0], prior[2] * likelihood[2])
    bound = -divergence(q, joint)
    assert s.restricted_bound - bound == divergence(q, (s.best[0][0], s.best[0][2]))
    assert s.restricted_bound >= bound


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full, and nothing is cited."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("elbo", 3, difficulty)).relations.cited == 0


def alone(part: str, difficulty: Difficulty, lang: Lang) -> tuple[Instance, ExerciseView]:
    """The exercise on a sheet that keeps only one of its parts."""
    one = instance("elbo", 7, difficulty)
    others = {p.id for p in one.exercise.parts} - {part}
    return one, exercise_view(1, Item(one, placed(one, without=others), hints=True), lang, {})


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["identity", "bound", "optimal", "restricted"])
def test_the_divergence_from_the_posterior_is_defined_wherever_it_is_used(part: str, lang: Lang) -> None:
    """Each of these parts alone has its definition in the question."""
    _, view = alone(part, "hard", lang)
    question = view.intro + view.parts[0].question
    assert "D(q\\|p(\\cdot\\mid x))" in question
    assert question.count("q(z) \\log q(z)") == 1
    assert question.replace("\\log\\frac", "\\log \\frac").count("q(z) \\log \\frac{q(z)}{p(z\\mid x)}") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["evidence", "bound", "optimal", "restricted"])
def test_the_evidence_is_computed_where_no_other_part_does(part: str, lang: Lang) -> None:
    """The sum over z stands in the solution of each part alone, and once on a whole sheet."""
    one, view = alone(part, "hard", lang)
    inserted = f"{one.derivations['evidence'].steps[1].term.tex(lang)} = "
    assert view.parts[0].solution.count(inserted) == 1
    whole = exercise_view(1, Item(one, placed(one)), lang, {})
    assert sum(p.solution.count(inserted) for p in whole.parts) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["jensen", "identity"])
def test_the_proofs_alone_print_no_value(part: str, lang: Lang) -> None:
    """They confirm themselves by the given numbers only where the sheet computes them."""
    one, view = alone(part, "standard", lang)
    value = decimal_tex(one.solution.bound.value(), 4, lang)
    assert value not in view.parts[0].solution
    whole = exercise_view(1, Item(one, placed(one)), lang, {})
    assert sum(value in p.solution for p in whole.parts[:2]) == 2


def test_the_bound_for_normal_distributions_is_the_integral() -> None:
    """By scipy's quadrature; the gap is what is missing to log p(x), and the divergence from the posterior."""
    from scipy import integrate, stats

    x, m, s, u = 0.75, -0.25, 0.5, 1.25
    chains = EXERCISE.derivations(TWO, solve(TWO))
    env = {name: Fraction(value) for name, value in (("x", x), ("m", m), ("s", s), ("u", u))}
    q = stats.norm(m, u)

    def integrand(z: float) -> float:
        joint = stats.norm(0, 1).logpdf(z) + stats.norm(z, s).logpdf(x)
        return float(q.pdf(z) * (joint - q.logpdf(z)))

    bound, _ = integrate.quad(integrand, m - 12 * u, m + 12 * u)
    assert float(chains["normal_bound"].steps[-1].term.value(env)) == pytest.approx(bound, abs=1e-8)
    v, m_x = Fraction(1, 5), Fraction(3, 5)  # v^2 of the posterior N(3/5, 1/5)
    gap = float(chains["normal_gap"].steps[1].term.value(env))
    squared = (Fraction(u) ** 2 + (Fraction(m) - m_x) ** 2) / (2 * v)
    assert gap == pytest.approx(float(log(v / Fraction(u) ** 2) / 2 + squared - Fraction(1, 2)), abs=1e-12)
    evidence = stats.norm(0, (1 + s**2) ** 0.5).logpdf(x)
    assert gap == pytest.approx(evidence - bound, abs=1e-8)


def test_usual_mistakes_by_hand() -> None:
    """The likelihoods 1/2, 1/2, 3/4 normalised; the bound without its entropy; p(z|x) on S as it is."""
    assert solve(THREE, Slip("evidence_1")).posterior == shares(2, 2, 3)
    assert solve(THREE, Slip("bound_1")).bound == solve(THREE).expected
    assert solve(THREE, Slip("restricted_1")).best == ((Fraction(1, 6), 0, Fraction(1, 2)),)


def test_claims_by_hand() -> None:
    """The bound lies below the evidence; a posterior in the wrong order has other quotients."""
    s = solve(TWO)
    below, quotients = "bound < log_evidence", "all([a == evidence * b for a, b in zip(joint, posterior)])"
    assert all(EXERCISE.claims(TWO, s).values())
    assert not EXERCISE.claims(TWO, replace(s, posterior=s.posterior[::-1]))[quotients]
    assert not EXERCISE.claims(TWO, replace(s, bound=s.log_evidence))[below]
