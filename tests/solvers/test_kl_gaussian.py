"""KL divergence of multivariate normal distributions: values by hand, another library, planted errors, theorems."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.order.catalogue import find
from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.generators.kl_gaussian import COVARIANCES
from blattwerk.solvers.kl_gaussian import Pair, Params, derivations, oracles, solve, solve_pair
from blattwerk.vocabulary import matrices
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exact.closed import logarithm
from blattwerk.vocabulary.exact.log_sums import log_of, rational
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.instances import instance, placed

HALF = Fraction(1, 2)
PAIR = Pair((0, 0), ((2, 1), (1, 2)), (1, 1), ((2, -1), (-1, 1)))
PARAMS = Params((Fraction(1), Fraction(-1)), (Fraction(2), Fraction(1, 3)), PAIR)


def test_the_diagonal_case_by_hand() -> None:
    """mu = (1, -1), s = (2, 1/3): 1/2 (4 + 1/9 + 2 - 2) - log(2/3)."""
    s = solve(PARAMS)
    assert (s.squared_deviations, s.squared_means) == (Fraction(37, 9), 2)
    assert s.divergence == rational(Fraction(37, 18)) - log_of(Fraction(2, 3))
    assert s.gradient_mean == (1, -1)
    assert s.gradient_deviation == (Fraction(3, 2), Fraction(-8, 3))
    assert s.deviation_parts[0] == rational(Fraction(3, 2)) - log_of(2)
    assert s.deviation_parts[1] == rational(Fraction(-4, 9)) + log_of(3)


def test_the_pair_by_hand() -> None:
    """S2^-1 = (1 1; 1 2), S2^-1 S1 = (3 3; 4 5), d = (1, 1): 1/2 (8 + 5 - 2 - log 3)."""
    pair = solve_pair(PAIR)
    assert (pair.determinant_1, pair.determinant_2, pair.trace, pair.quadratic) == (3, 1, 8, 5)
    assert pair.divergence == rational(Fraction(11, 2)) - log_of(3).times(HALF)


def test_torch_agrees_on_independent_normals() -> None:
    """torch's Independent(Normal), another implementation than the multivariate normal of the oracle."""
    import torch
    from torch.distributions import Independent, Normal, kl_divergence

    for difficulty in DIFFICULTIES:
        one = instance("kl_gaussian", 11, difficulty)
        mean, deviation = (
            torch.tensor([float(x) for x in v], dtype=torch.float64) for v in (one.params.mean, one.params.deviation)
        )
        zero = torch.zeros_like(mean)
        p = Independent(Normal(zero, torch.ones_like(mean)), 1)
        theirs = kl_divergence(Independent(Normal(mean, deviation), 1), p).item()
        assert float(one.solution.divergence.value()) == pytest.approx(theirs, rel=1e-12)


numbers = st.fractions(-3, 3, max_denominator=6)
deviations = st.sampled_from([Fraction(k, 6) for k in (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 18)])
components = st.lists(st.tuples(numbers, deviations), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(components)
def test_the_divergence_is_the_sum_of_the_univariate_ones(drawn: list[tuple[Fraction, Fraction]]) -> None:
    """For independent components the divergences add up, exactly; 0 for the standard normal distribution only."""
    s = solve(Params(*(tuple(v) for v in zip(*drawn, strict=True))))  # type: ignore[arg-type]
    one = find("kl_normal_1d")
    parts = [one.solve(one.params(m, d, Fraction(0), Fraction(1))).forward for m, d in drawn]
    logs = (c * logarithm(prime) for prime, c in s.divergence.coefficients)
    assert s.divergence.rational + sum(logs) == sum(parts)
    assert s.divergence == sum(s.deviation_parts, rational(s.squared_means / 2))
    assert s.divergence.sign() == any(pair != (0, 1) for pair in drawn)


whole = st.integers(-4, 4)


@settings(deadline=None, max_examples=60)
@given(whole, whole, st.sampled_from(COVARIANCES))
def test_the_full_case_against_the_standard_normal_distribution(m: int, k: int, covariance: Any) -> None:
    """With S2 = I only the trace, the squared means and det S1 are left; with S1 = S2 only the quadratic form."""
    solved = solve_pair(Pair((m, k), covariance, (0, 0), ((1, 0), (0, 1))))
    rest = rational(HALF * (covariance[0][0] + covariance[1][1] + m * m + k * k - 2))
    assert solved.divergence == rest - log_of(matrices.determinant(covariance)).times(HALF)
    same = solve_pair(Pair((m, k), covariance, (0, 0), covariance))
    assert same.divergence == rational(HALF * same.quadratic)
    assert (same.trace, same.quadratic == 0) == (2, (m, k) == (0, 0))


@pytest.mark.parametrize(
    ("wrong", "step"),
    [
        ({"divergence": rational(Fraction(37, 18)) + log_of(Fraction(2, 3))}, "'evaluate', step 2"),  # sign of the logs
        ({"divergence": rational(Fraction(37, 18)) - log_of(Fraction(2, 3)).times(HALF)}, "'evaluate', step 2"),
        ({"gradient_deviation": (Fraction(5, 2), Fraction(10, 3))}, "'gradient_deviation', step 2"),  # s + 1/s
        ({"gradient_mean": (Fraction(2), Fraction(-2))}, "'gradient_mean', step 1"),
    ],
)
def test_planted_errors_are_found(wrong: dict[str, Any], step: str) -> None:
    """Two oracles object to the usual errors, and the displayed chain breaks at the step of the error."""
    planted = replace(solve(PARAMS), **wrong)
    objections = {o.__name__ for o in oracles for c in o(PARAMS, planted) if not c.agrees}
    assert len(objections) >= 2
    with pytest.raises(ProofFailure, match=step):
        verify_all(derivations(PARAMS, planted))


def test_exchanged_arguments_are_found_in_the_full_case() -> None:
    """D(N(m2, S2)||N(m1, S1)) in the place of D(N(m1, S1)||N(m2, S2))."""
    other = solve_pair(Pair(PAIR.mean_2, PAIR.covariance_2, PAIR.mean_1, PAIR.covariance_1))
    planted = replace(solve(PARAMS), pair=other)
    objections = {o.__name__ for o in oracles for c in o(PARAMS, planted) if c.what == "full" and not c.agrees}
    assert objections == {"by_torch", "by_whitening", "by_sigma_points"}
    with pytest.raises(ProofFailure, match="determinant_1"):
        verify_all(derivations(PARAMS, planted))


def test_instances_are_away_from_the_minimum() -> None:
    """No coordinate is at its minimum, and the gradient in s has both signs; hard pairs differ in everything."""
    for difficulty in DIFFICULTIES:
        for seed in range(25):
            one = instance("kl_gaussian", seed, difficulty)
            slopes = one.solution.gradient_deviation
            assert 0 not in one.params.mean and 0 not in slopes
            assert min(slopes) < 0 < max(slopes)
            assert one.solution.log_deviations.coefficients
            assert (one.params.pair is not None) == (difficulty == "hard")
            if one.params.pair:
                assert one.solution.pair.determinant_1 != one.solution.pair.determinant_2
                assert 0 < one.solution.pair.quadratic <= 12


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full, without an appeal to a theorem."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("kl_gaussian", 3, difficulty)).relations.cited == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_minimum_alone_adds_up_the_squared_means(lang: Lang) -> None:
    """Where no other part computes the sum, the last part does."""
    one = instance("kl_gaussian")
    inserted = one.derivations["squared_means"].steps[0].term.tex(lang)
    whole = exercise_view(1, Item(one, placed(one)), lang, {})
    alone = exercise_view(1, Item(one, placed(one, without=("derive", "evaluate"))), lang, {})
    assert inserted in alone.parts[-1].solution
    assert inserted not in whole.parts[-1].solution
