"""Noisy labels: values worked out by hand, planted errors, and the bounds on drawn noise rates and classifiers."""

from dataclasses import replace
from fractions import Fraction
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.noisy_labels import Case, Params, derivations, oracles, solve, solve_case
from blattwerk.vocabulary.derivation import verify, verify_all
from blattwerk.vocabulary.exact.log_sums import log_of, rational
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.language import LANGUAGES
from tests.instances import instance, placed

TENTH = Fraction(1, 10)
SIDES = tuple(Case(t, Fraction(2), TENTH, Fraction(3, 10)) for t in (1, -1))
BY_HAND = Params(
    TENTH,
    (Case(1, Fraction(2), TENTH, TENTH), Case(-1, Fraction(1, 3), TENTH, TENTH), Case(-1, Fraction(4), TENTH, TENTH)),
    3,
    Fraction(9, 10),
    SIDES,
)


def test_three_samples_by_hand() -> None:
    """For eps = 1/10 and q(t|x) = 2/3, 3/4, 1/5: p(t|x) = 19/30, 7/10, 13/50, worked out on paper."""
    s = solve(BY_HAND)
    assert [row.observed for row in s.rows] == [Fraction(19, 30), Fraction(7, 10), Fraction(13, 50)]
    assert s.log_likelihood == log_of(Fraction(19, 30) * Fraction(7, 10) * Fraction(13, 50))
    assert s.slope == -Fraction(8, 10) * Fraction(4, 25) / Fraction(13, 50) == Fraction(-32, 65)
    assert s.bound.times(10) == log_of(Fraction(1, 2**9 * 3 * 5**10))
    assert s.rows[0].gap == log_of(Fraction(19, 10)) - log_of(2).times(
        Fraction(9, 10)
    )  # log(0.9 * 2 + 0.1) - 0.9 log 2


def test_the_three_targets_by_hand() -> None:
    """For eps = 1/10 and eta = 0.9: 0.82 after one round of noise, 0.756 after two; the logit is log 9."""
    s = solve(BY_HAND)
    assert (s.plain, s.softened, s.logit) == (Fraction(82, 100), Fraction(756, 1000), log_of(9))


def test_asymmetric_noise_by_hand() -> None:
    """Rates 0.1 and 0.3, q(+1|x) = 2/3: C = 0.8 for t = -1, where log 0.3 = -1.20 < -0.81; C = 1.2 for t = +1."""
    low, high = solve(BY_HAND).sides
    assert (low.label, low.mass, low.observed) == (-1, Fraction(4, 5), Fraction(3, 10))
    assert low.bound == log_of(Fraction(2, 3)).times(TENTH) + log_of(Fraction(1, 3)).times(Fraction(7, 10))
    assert low.repaired < low.value and low.value < low.bound
    assert (high.label, high.mass, high.observed) == (1, Fraction(6, 5), Fraction(7, 10))
    assert high.bound < high.repaired and high.repaired < high.value


def test_the_bound_is_tight_for_an_undecided_classifier_only() -> None:
    """The gap vanishes at q = 1/2, and is positive at odds of 2, 1/2 and 9."""
    for odds, sign in ((1, 0), (2, 1), (Fraction(1, 2), 1), (9, 1)):
        assert solve_case(Case(1, Fraction(odds), TENTH, TENTH)).gap.sign() == sign


def test_a_violation_need_not_be_largest_for_an_undecided_classifier() -> None:
    """With p(t|k) = 0.6 and 0.1, the unrepaired bound fails at q = 1/2, and by more at q = 1/3."""
    half, third = (solve_case(Case(1, odds, Fraction(2, 5), TENTH)) for odds in (Fraction(1), Fraction(1, 2)))
    assert third.gap < half.gap and half.gap.sign() < 0
    assert half.gap == log_of(Fraction(7, 10)) - log_of(2).times(Fraction(3, 10))  # log C - (1 - C) log 2


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_instances_are_not_degenerate(difficulty: Difficulty) -> None:
    """Different logits, both labels, some but not most contradict the classifier; at `hard`, a visible violation."""
    for seed in range(25):
        one = instance("noisy_labels", seed, difficulty)
        samples, s = one.params.samples, one.solution
        wrong = sum(row.agreement < Fraction(1, 2) for row in s.rows)
        assert len({case.odds for case in samples}) == len(samples) == {"easy": 3, "standard": 4, "hard": 5}[difficulty]
        assert len({case.label for case in samples}) == 2
        assert 0 < wrong <= len(samples) // 2
        assert {case.plus for case in samples} == {case.minus for case in samples} == {one.params.noise}
        assert max(prime for prime, _ in s.log_likelihood.coefficients) <= 19
        assert bool(s.sides) == (difficulty == "hard")
        for low in s.sides[:1]:
            assert low.mass < 1
            assert float(low.gap.value()) < -0.1


@pytest.mark.parametrize(
    "wrong",
    [
        {"slope": Fraction(32, 65)},  # the factor t forgotten
        {"slope": Fraction(-8, 13)},  # the factor 1 - 2 eps forgotten
        {"log_likelihood": log_of(Fraction(1, 10))},  # the noise ignored: 2/3 * 3/4 * 1/5
        {"bound": solve(BY_HAND).log_likelihood},
        {"softened": Fraction(82, 100)},  # the noise applied once
        {"plain": Fraction(9, 10)},
        {"logit": log_of(3)},
    ],
)
def test_planted_errors_are_found(wrong: dict[str, object]) -> None:
    """At least two oracles object to each usual mistake."""
    planted = replace(solve(BY_HAND), **wrong)  # type: ignore[arg-type]
    assert len({o.__name__ for o in oracles for c in o(BY_HAND, planted) if not c.agrees}) >= 2


def test_planted_errors_in_the_rows_are_found() -> None:
    """A wrong bound under asymmetric noise, and a C of 1: two oracles object to each."""
    s = solve(BY_HAND)
    for wrong in ({"bound": s.sides[0].repaired}, {"mass": Fraction(1)}, {"bound": rational(-1)}):
        planted = replace(s, sides=(replace(s.sides[0], **wrong), s.sides[1]))  # type: ignore[arg-type]
        assert len({o.__name__ for o in oracles for c in o(BY_HAND, planted) if not c.agrees}) >= 2


def test_a_planted_value_is_found_in_a_derivation() -> None:
    """The displayed chain starts from the logits, so a wrong value does not survive it."""
    with pytest.raises(ProofFailure, match="'slope', step 2"):
        verify_all(derivations(BY_HAND, replace(solve(BY_HAND), slope=Fraction(32, 65))))


def test_the_unrepaired_bound_is_refused_under_asymmetric_noise() -> None:
    """The step by Jensen's inequality fails for weights that do not add up to 1; repaired, it passes."""
    all_derivations = derivations(BY_HAND, solve(BY_HAND))
    repair, jensen = all_derivations["repair"], all_derivations["jensen"]
    assert verify("repair", repair).checked == 2
    with pytest.raises(ProofFailure):
        verify("repair", replace(repair, steps=jensen.steps[1:]))


rates = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)
odds = st.fractions(Fraction(1, 20), 20, max_denominator=20)


@settings(deadline=None, max_examples=100)
@given(rates, rates, odds, st.sampled_from((1, -1)))
def test_both_bounds_on_drawn_classifiers(plus: Fraction, minus: Fraction, ratio: Fraction, label: int) -> None:
    """The repaired bound always holds; the unrepaired one holds for C >= 1; C_+ + C_- = 2."""
    row, other = (solve_case(Case(t, ratio, plus, minus)) for t in (label, -label))
    assert row.mass + other.mass == 2
    assert not row.value < row.repaired
    assert row.mass < 1 or row.gap.sign() >= 0
    q = float(row.agreement)
    right, wrong = (1 - plus, minus) if label == 1 else (1 - minus, plus)
    assert float(row.bound.value()) == pytest.approx(float(right) * log(q) + float(wrong) * log(1 - q))


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full, without a cited step."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("noisy_labels", 3, difficulty)).relations.cited == 0


def test_the_hint_counts_the_cases_of_the_lemma() -> None:
    """Weights of log u and log(1-u), u = q or (for the likelihood) p: strictly between 0 and 1 in four cases of six."""
    one = instance("noisy_labels", 1)
    noise, posterior = one.params.noise, one.params.posterior
    noisy = (1 - noise) * posterior + noise * (1 - posterior)
    objectives = ((Fraction(1), Fraction(0)), (1 - noise, noise), (Fraction(1), Fraction(0)))
    weights = [a for a, _ in objectives] + [noisy * a + (1 - noisy) * b for a, b in objectives]
    assert [0 < a < 1 for a in weights] == [False, True, False, True, True, True]
    for lang, words in zip(LANGUAGES, ("Four of the six cases", "Vier der sechs Fälle"), strict=True):
        view = exercise_view(1, Item(one, placed(one), hints=True), lang, {})
        assert words in view.parts[-1].hint
