"""Gradients through binary latent variables: values by hand, planted errors, and the identities for drawn tables."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.bernoulli_vae import Params, derivations, oracles, solve
from blattwerk.vocabulary import number
from blattwerk.vocabulary.derivation import verify, verify_all
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.instances import instance, placed

# p = (2/3, 1/2), f(00) = -4, f(01) = -2, f(10) = -1, f(11) = -3, estimator for the first unit.
TWO = Params((1, 0), (-4, -2, -1, -3), 1, 10)


def fractions(*values: int | str) -> tuple[Fraction, ...]:
    return tuple(Fraction(v) for v in values)


def test_two_units_by_hand() -> None:
    """Worked out on paper.

    d_1 = (3 - 1)/2 = 1 and d_2 = 2/3 (-2) + 1/3 2 = -2/3; g_1 = (8/3, 4/3, -1/3, -1) with q = (1/6, 1/6, 1/3, 1/3), so
    E[g_1] = 2/9, E[g_1^2] = (64 + 16)/54 + (1 + 9)/27 = 50/27 and Var[g_1] = 50/27 - 4/81 = 146/81.
    """
    s = solve(TWO)
    assert s.probabilities == fractions("2/3", "1/2")
    assert s.differences == fractions(1, "-2/3")
    assert s.gradient == fractions("2/9", "-1/6")
    assert s.weights == fractions("1/6", "1/6", "1/3", "1/3")
    assert s.estimates == fractions("8/3", "4/3", "-1/3", -1)
    assert (s.second, s.variance, s.calls) == (Fraction(50, 27), Fraction(146, 81), 1024)
    assert s.samples == 3650  # 100 * 146/81 * 81/4


def test_baseline_by_hand() -> None:
    """E[f|1] = -2 and E[f|0] = -3, so b = -2/3 - 2 = -8/3, and the variance left is 146/81 - 2/9 * 64/9 = 18/81."""
    s = solve(TWO)
    assert (s.given_one, s.given_zero, s.baseline) == (-2, -3, Fraction(-8, 3))
    assert (s.reduced, s.factor) == (Fraction(2, 9), Fraction(73, 9))


def test_one_unit_has_no_variance_left() -> None:
    """For n = 1 the best baseline makes the estimator constant, which is why it is not drawn."""
    s = solve(Params((2,), (-7, -3), 1, 8))
    assert s.baseline == Fraction(1, 5) * -3 + Fraction(4, 5) * -7
    assert s.reduced == 0 and s.variance > 0
    for difficulty in DIFFICULTIES:
        assert instance("bernoulli_vae", 1, difficulty).params.size >= 2


@pytest.mark.parametrize(
    ("wrong", "objectors"),
    [
        ({"gradient": fractions(1, "-2/3")}, 4),  # p (1-p) forgotten
        ({"variance": Fraction(50, 27)}, 3),  # the second moment
        ({"baseline": Fraction(-7, 3)}, 3),  # E[f]
        ({"reduced": Fraction(1, 3)}, 3),
        ({"samples": 3649}, 3),
        ({"calls": 512}, 3),
    ],
)
def test_planted_errors_are_found(wrong: dict[str, object], objectors: int) -> None:
    """A usual mistake in place of a value: three oracles object, and for the gradient a fourth."""
    planted = replace(solve(TWO), **wrong)  # type: ignore[arg-type]
    objections = {o.__name__ for o in oracles for c in o(TWO, planted) if not c.agrees}
    assert len(objections) == objectors


def test_a_planted_error_is_found_in_a_derivation() -> None:
    """The displayed chains start from definitions, so a wrong variance does not survive them."""
    with pytest.raises(ProofFailure, match="'variance', step 2"):
        verify_all(derivations(TWO, replace(solve(TWO), variance=Fraction(2))))


tables = st.lists(st.integers(-20, -1), min_size=8, max_size=8)
exponents = st.lists(st.integers(-3, 3), min_size=3, max_size=3)


@settings(deadline=None, max_examples=40)
@given(exponents, tables, st.integers(1, 3))
def test_the_estimator_is_unbiased_and_no_baseline_is_better(logits: list[int], table: list[int], unit: int) -> None:
    """E[(z_j-p_j) f] is the gradient, exactly, and baselines either side of the best one leave more variance."""
    s = solve(Params(tuple(logits), tuple(table), unit, 8))
    assert sum(w * g for w, g in zip(s.weights, s.estimates, strict=True)) == s.gradient[unit - 1]
    p = s.probabilities[unit - 1]
    bits = [z[unit - 1] for z in product((0, 1), repeat=3)]
    for b, same in ((s.baseline, True), (s.baseline + 1, False), (s.baseline - 1, False)):
        squares = [((z - p) * (f - b)) ** 2 for z, f in zip(bits, table, strict=True)]
        left = sum(w * x for w, x in zip(s.weights, squares, strict=True)) - s.gradient[unit - 1] ** 2
        assert (left == s.reduced) if same else (left > s.reduced)


def test_instances_are_worth_the_work() -> None:
    """No gradient is 0, and the baseline removes at least half of the variance but not all."""
    for difficulty in DIFFICULTIES:
        for seed in range(40):
            s = instance("bernoulli_vae", seed, difficulty).solution
            assert all(s.gradient) and 0 < s.reduced <= s.variance / 2


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("bernoulli_vae", 3, difficulty)).relations.cited == 0


def test_the_variance_alone_needs_no_gradient() -> None:
    """Without the parts that are about the gradient, the mean is computed, and no gradient is spoken of."""
    one = instance("bernoulli_vae")
    for lang, gradient in zip(LANGUAGES, ("gradient", "Gradient"), strict=True):
        alone = placed(one, without=("enumerate", "identity"))
        (part,) = exercise_view(1, Item(one, alone, hints=True), lang, {}).parts
        assert gradient not in part.question + part.hint + part.solution + part.rubric


def test_the_identity_holds_for_distributions_that_do_not_factorise() -> None:
    """Four values with arbitrary weights: the chain of (i) is true, and its last line without f is not."""
    chain = derivations(TWO, solve(TWO))["any_q"]
    verify("any_q", chain)
    with pytest.raises(ProofFailure):
        verify("any_q", chain.eq(number(0)))  # what the score alone has for its mean


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_question_asks_for_any_distribution_first(lang: Lang) -> None:
    """The score function stands there for a q with a parameter theta, before that of the Bernoulli variables."""
    one = instance("bernoulli_vae")
    question = exercise_view(1, Item(one, placed(one)), lang, {}).parts[1].question
    assert question.index("\\partial}{\\partial\\theta} \\log q(z)") < question.index("\\partial\\phi_j")
