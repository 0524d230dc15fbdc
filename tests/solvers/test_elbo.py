"""The evidence lower bound: values by hand, published ones, planted errors, and the theorems on drawn models."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.page.view import ExerciseView, Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.elbo import Params, Restricted, claims, derivations, oracles, solve
from blattwerk.vocabulary.derivation import derive, verify, verify_all
from blattwerk.vocabulary.exact.discrete import Distribution, relative_entropy
from blattwerk.vocabulary.exact.log_sums import log_of
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang, decimal_tex
from blattwerk.vocabulary.mistakes import Slip
from tests.instances import instance, placed


def shares(*counts: int) -> Distribution:
    return tuple(Fraction(k, sum(counts)) for k in counts)


# p(x, z) = 1/8, 3/8, so that p(x) = 1/2 and the posterior is (1/4, 3/4)
TWO = Params(shares(1, 1), (Fraction(1, 4), Fraction(3, 4)), shares(1, 2))
# p(x, z) = 1/10, 1/5, 3/10, so that p(x) = 3/5 and the posterior is (1/6, 1/3, 1/2)
THREE = Params(shares(1, 2, 2), (Fraction(1, 2), Fraction(1, 2), Fraction(3, 4)), shares(1, 1, 2), (1, 3))


def restricted(params: Params) -> Restricted:
    found = solve(params).restricted
    assert found is not None
    return found


def test_two_values_by_hand() -> None:
    """L = 1/3 log 3/8 + 2/3 log 9/16, and D = 1/3 log 4/3 + 2/3 log 8/9, which add up to -log 2."""
    s = solve(TWO)
    third = Fraction(1, 3)
    assert s.joint == (Fraction(1, 8), Fraction(3, 8))
    assert s.evidence == Fraction(1, 2) and s.log_evidence == -log_of(2)
    assert s.posterior == shares(1, 3)
    assert s.bound == log_of(Fraction(3, 8)).times(third) + log_of(Fraction(9, 16)).times(2 * third)
    assert s.divergence == log_of(Fraction(4, 3)).times(third) + log_of(Fraction(8, 9)).times(2 * third)
    assert s.entropy == log_of(3) - log_of(2).times(2 * third)
    assert s.uniform_gap == log_of(2) - log_of(3).times(Fraction(1, 2))  # D(1/2 || 1/4), as in Cover and Thomas, 2.3.1


def test_the_restricted_optimum_by_hand() -> None:
    """On S = {1, 3}: Z_S = 2/5, q_S = (1/4, 0, 3/4), and a gap of log 3/2, since P(S|x) = 2/3."""
    r = restricted(THREE)
    assert r.mass == Fraction(2, 5)
    assert r.best == (Fraction(1, 4), Fraction(0), Fraction(3, 4))
    assert r.bound == log_of(Fraction(2, 5))
    assert r.gap == log_of(Fraction(3, 2))


def test_a_restriction_to_one_value_is_the_map_bound() -> None:
    """With a single value the entropy is 0, and the bound is log p(x, z)."""
    assert restricted(replace(THREE, kept=(2,))).bound == log_of(Fraction(1, 5))


def test_the_posterior_of_the_two_cookie_bowls() -> None:
    """Downey, Think Bayes, chapter 1: bowls with 3/4 and 1/2 vanilla cookies have the posterior (3/5, 2/5)."""
    s = solve(Params(shares(1, 1), (Fraction(3, 4), Fraction(1, 2)), shares(1, 2)))
    assert s.evidence == Fraction(5, 8)
    assert s.posterior == shares(3, 2)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_instances_are_designed(difficulty: Difficulty) -> None:
    """The posterior is nowhere q or uniform; all p(x|z) differ; S leaves out at least a tenth of the posterior."""
    for seed in range(25):
        one = instance("elbo", seed, difficulty)
        p, s = one.params, one.solution
        assert len(set(p.likelihood)) == len(p.likelihood) and max(p.likelihood) < 1
        assert all(a not in (b, c) for a, b, c in zip(s.posterior, p.q, p.uniform, strict=True))
        assert p.q != p.uniform
        assert len(p.kept) == (2 if difficulty == "hard" else 0)
        assert s.restricted is None or s.restricted.mass <= s.evidence * Fraction(9, 10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"posterior": shares(1, 2, 3, 3)[:3]},
        {"posterior": THREE.prior},
        {"log_evidence": log_of(2)},
        {"bound": solve(THREE).expected},  # entropy forgotten
        {"bound": solve(THREE).expected - solve(THREE).entropy},
        {"divergence": relative_entropy(solve(THREE).posterior, THREE.q)},  # arguments exchanged
        {"uniform_gap": solve(THREE).divergence},
    ],
)
def test_planted_errors_are_found(wrong: dict[str, Any]) -> None:
    """The usual mistakes as planted errors: at least two oracles object."""
    planted = replace(solve(THREE), **wrong)
    objections = {oracle.__name__ for oracle in oracles for c in oracle(THREE, planted) if not c.agrees}
    assert len(objections) >= 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"best": (Fraction(1, 6), Fraction(0), Fraction(1, 2))},  # cut off, not normalised
        {"best": shares(1, 0, 1)},
        {"bound": log_of(Fraction(2, 3))},
        {"gap": log_of(2)},
    ],
)
def test_planted_errors_of_the_restricted_optimum_are_found(wrong: dict[str, Any]) -> None:
    """A posterior that is cut off but not normalised, another q on S, and wrong values: at least two oracles object."""
    planted = replace(solve(THREE), restricted=replace(restricted(THREE), **wrong))
    objections = {oracle.__name__ for oracle in oracles for c in oracle(THREE, planted) if not c.agrees}
    assert len(objections) >= 2


def test_a_planted_sign_is_found_in_a_derivation() -> None:
    """The displayed chain starts from the definition, so a wrong value does not survive it."""
    wrong = replace(solve(TWO), divergence=-solve(TWO).divergence)
    with pytest.raises(ProofFailure, match="'divergence', step 2"):
        verify_all(derivations(TWO, wrong))


def test_jensens_step_is_strict_in_general() -> None:
    """The chain of the proof holds with >=; with = in its place it fails."""
    chain = derivations(TWO, solve(TWO))["jensen"]
    assert verify("jensen", chain).checked == 5
    at = next(i for i, step in enumerate(chain.steps) if step.reason == "jensen")
    assert chain.steps[at].relation == ">="
    equality = derive(chain.start, **dict(chain.domain)).eq(chain.steps[at].term)
    with pytest.raises(ProofFailure):
        verify("jensen", equality)


counts = st.lists(st.integers(1, 9), min_size=3, max_size=3).map(lambda k: shares(*k))
likelihoods = st.lists(st.integers(1, 9).map(lambda k: Fraction(k, 10)), min_size=3, max_size=3).map(tuple)


@settings(deadline=None, max_examples=60)
@given(counts, likelihoods, counts)
def test_the_identity_holds_exactly(prior: Distribution, likelihood: tuple[Fraction, ...], q: Distribution) -> None:
    """log p(x) = L(q) + D(q||p(.|x)) in canonical form, and L <= log p(x) with equality for the posterior only."""
    s = solve(Params(prior, likelihood, q))
    assert s.bound + s.divergence == s.log_evidence
    assert (s.log_evidence - s.bound).sign() == (q != s.posterior)
    assert solve(Params(prior, likelihood, s.posterior)).bound == s.log_evidence
    assert s.uniform_bound + s.uniform_gap == s.log_evidence


@settings(deadline=None, max_examples=60)
@given(counts, likelihoods, st.integers(1, 9), st.integers(1, 9))
def test_no_distribution_on_the_set_is_better(
    prior: Distribution, likelihood: tuple[Fraction, ...], first: int, third: int
) -> None:
    """L(q) <= log Z_S for q on S = {1, 3}, by the divergence from the best one."""
    r = restricted(Params(prior, likelihood, prior, (1, 3)))
    q, joint = shares(first, third), (prior[0] * likelihood[0], prior[2] * likelihood[2])
    bound = -relative_entropy(q, joint)
    assert r.bound - bound == relative_entropy(q, (r.best[0], r.best[2]))
    assert not r.bound < bound


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
    assert question.count("\\sum_{z=1}^{K} q(z) \\log") == 2  # in H(q) and in the divergence


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["evidence", "bound", "optimal", "restricted"])
def test_the_evidence_is_computed_where_no_other_part_does(part: str, lang: Lang) -> None:
    """The sum over z stands in the solution of each part alone, and once on a whole sheet."""
    one, view = alone(part, "hard", lang)
    inserted = one.derivations["evidence"].steps[0].term.tex(lang)
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


def test_usual_mistakes_by_hand() -> None:
    """The likelihoods 1/2, 1/2, 3/4 normalised; the bound without its entropy."""
    assert solve(THREE, Slip("normalised")).posterior == shares(2, 2, 3)
    assert solve(THREE, Slip("entropy")).bound == solve(THREE).expected


def test_claims_by_hand() -> None:
    """The bound lies below the evidence; a posterior in the wrong order has other quotients."""
    s = solve(TWO)
    assert claims(TWO, s) == {"below": True, "equal_quotients": True}
    assert not claims(TWO, replace(s, posterior=s.posterior[::-1]))["equal_quotients"]
    assert not claims(TWO, replace(s, bound=s.log_evidence))["below"]
