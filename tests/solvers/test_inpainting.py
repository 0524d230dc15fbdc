"""Inpainting: points worked out by hand, planted errors, the limits, and that no linear prediction is better."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.inpainting import Params, by_slopes, by_svd, claims, derivations, solve
from blattwerk.vocabulary import matrices
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.language import LANGUAGES, Lang
from blattwerk.vocabulary.mistakes import Slip
from tests.instances import instance, placed

# C = 2 I + 4 (2, 1)(2, 1)': eigenvalues 22 and 2.
PLANE = Params((1, 3), ((18, 8), (8, 6)), ((1, -2), (2, 1)), (6,), 2, 1)
# C = 3 I + (1, 2, 2)(1, 2, 2)' + 2 (2, 1, -2)(2, 1, -2)': eigenvalues 21, 12, 3.
SPACE = Params((0, 1, 2), ((12, 6, -6), (6, 9, 0), (-6, 0, 15)), ((1, 2, 2), (2, 1, -2), (2, -2, 1)), (3, 5), 3, 1)


def test_a_point_in_the_plane_by_hand() -> None:
    """y = (5, 0), c_1 = 10/5 = 2: x^ = (1, 3) + 2 (2, 1); fit: 5/2 of the slope 1/2; regression: 8/18 of 5."""
    s = solve(PLANE)
    assert s.eigenvalues == (22, 2) and s.components == ((2, 1), (1, -2))
    assert s.share == Fraction(22, 24)
    assert s.coefficients == (2, 1)
    assert s.reconstruction == (5, 5)
    assert s.values == (3, 5, 3)
    assert s.copies == (3, 5 - Fraction(3, 5), 0)
    assert s.errors == (6, 6 - 2 * Fraction(2, 5) * 8 + Fraction(4, 25) * 18, 6)
    assert (s.fit, s.fit_error) == (3 + Fraction(5, 2), 6 - 8 + Fraction(18, 4))
    assert (s.best, s.best_error) == (3 + Fraction(40, 18), 6 - Fraction(64, 18))


def test_a_point_in_space_by_hand() -> None:
    """y = (3, 4, 0) lies along 10/9 of (2, 1, -2); the observed coordinates fit 2 of it: (2 * 3 + 1 * 4) / 5."""
    s = solve(SPACE)
    assert s.eigenvalues == (21, 12, 3) and s.components[0] == (2, 1, -2)
    assert s.coefficients == (Fraction(10, 9), Fraction(11, 9), Fraction(-2, 9))
    assert s.values == (2, 2 - Fraction(20, 9), 2 + Fraction(2, 9), 2)
    assert s.fit == 2 - 4
    # C_oo^-1 = (9, -6; -6, 12) / 72 and C_om = (-6, 0): a = (-3/4, 1/2).
    assert s.best == 2 - Fraction(9, 4) + 2
    assert s.best_error == 15 - Fraction(9, 2)


def test_repeating_the_procedure_leads_to_the_fit() -> None:
    """r -> PCA inpainting of the point with r in its hole, 200 times."""
    mean, v, r = np.array(SPACE.mean, dtype=float), np.array([2.0, 1.0, -2.0]), 2.0
    for _ in range(200):
        y = np.array([3.0, 5.0, r]) - mean
        r = float((mean + (v @ y) / (v @ v) * v)[2])
    assert r == pytest.approx(float(solve(SPACE).fit))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2), st.integers(1, 2), st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
def test_no_linear_prediction_is_better(hole: int, d: int, a: tuple[int, int]) -> None:
    """w'Cw is at least the conditional mean's error; no and all components give the mean's."""
    s = solve(replace(SPACE, missing=hole + 1, components=d))
    w = [-Fraction(x, 6) for x in a]
    w.insert(hole, Fraction(1))
    row, C, column = matrices.matrix([w]), matrices.matrix(SPACE.covariance), matrices.column(w)
    ((error,),) = matrices.multiply(row, matrices.multiply(C, column))
    assert s.best_error <= min(error, s.fit_error, *s.errors)
    assert s.errors[0] == s.errors[-1] == SPACE.covariance[hole][hole]
    assert s.values[0] == s.values[-1] == s.copies[0] == SPACE.mean[hole]
    assert s.copies[-1] == 0


PLANTED: list[dict[str, Any]] = [
    {"values": (Fraction(2), Fraction(-14, 9), Fraction(2), Fraction(2))},  # projected without centring, and others
    {"fit": solve(SPACE).values[1]},  # the mean in the hole taken for the fit
    {"best": solve(SPACE).fit},
    {"fit_error": solve(SPACE).errors[1]},
    {"copies": solve(SPACE).values},
    {"share": Fraction(12, 36)},
    {"errors": (Fraction(15), Fraction(0), Fraction(0), Fraction(0))},  # more components, smaller errors
]


@pytest.mark.parametrize("wrong", PLANTED)
def test_planted_errors_are_found(wrong: dict[str, Any]) -> None:
    """The usual mistakes: both oracles object under the answer's name."""
    planted = replace(solve(SPACE), **wrong)
    (name,) = wrong
    for oracle in (by_svd, by_slopes):
        assert name in [word.what for word in oracle(SPACE, planted) if not word.agrees]


def test_a_wrong_step_is_found_in_a_derivation() -> None:
    """The displayed chains start from values found by other means."""
    with pytest.raises(ProofFailure, match="'fit'"):
        verify_all(derivations(SPACE, replace(solve(SPACE), fit=Fraction(2))))


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_instances_are_worth_computing(difficulty: Difficulty) -> None:
    """d components beat the mean by a tenth, the three predictions differ, the covariance stays small."""
    for seed in range(20):
        one = instance("inpainting", seed, difficulty)
        s, d = one.solution, one.params.components
        assert s.errors[d] <= s.errors[0] * Fraction(9, 10)
        assert s.best_error < min(s.errors[d], s.fit_error)
        assert len({s.values[0], s.values[d], s.fit, s.best}) >= 3
        assert max(max(row) for row in one.params.covariance) <= 60
        assert prove(one).relations.cited == 0


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_errors_have_the_shape_of_a_u(difficulty: Difficulty) -> None:
    """Between no and all components, every number is better than the mean, and one is best; 0 in the hole is worse."""
    for seed in range(300):
        one = instance("inpainting", seed, difficulty)
        _, *between, _ = errors = one.solution.errors
        assert max(between) < errors[0] == errors[-1]
        assert errors.count(min(errors)) == 1
        assert all(a < b for a, b in zip(errors[1:], one.solution.copy_errors[1:], strict=True))


def test_a_hole_filled_with_0_by_hand() -> None:
    """P_22 = 1/5 and mu_2 = 3 for the first component, P_22 = 1 for both."""
    s = solve(PLANE)
    assert s.copy_errors == (6, s.errors[1] + Fraction(9, 25), 6 + 9)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["limits", "compare"])
def test_the_mean_squared_error_is_defined_without_the_other_parts(part: str, lang: Lang) -> None:
    """Also on a sheet with this part alone."""
    one = instance("inpainting", 7, "hard")
    others = [other.id for other in one.exercise.parts if other.id != part]
    view = exercise_view(1, Item(one, placed(one, without=others)), lang, {})
    assert "\\mathbb{E}\\bigl[(x_m - r)^2\\bigr]" in view.intro


def test_usual_mistakes_by_hand() -> None:
    """PLANE has y = (5, 0): c_1 is 10/5, (2 * 6 + 3)/5 without centring, and 10 without the division."""
    assert solve(PLANE, Slip("order")).share == Fraction(2, 24)
    assert solve(PLANE, Slip("uncentred")).reconstruction == (6, 3)
    assert solve(PLANE, Slip("norm")).reconstruction == (21, 13)
    assert solve(PLANE, Slip("back")).reconstruction == (4, 2)


def test_claims_by_hand() -> None:
    """PLANE's errors are 6, 2.48 and 6, and the fit has 2.5; with 7 in the middle there is no U."""
    s = solve(PLANE)
    assert claims(PLANE, s)["dips"] and claims(PLANE, s)["fit_worse"]
    bent = replace(s, errors=(s.errors[0], Fraction(7), s.errors[2]))
    assert claims(PLANE, bent)["does_not_dip"] and not claims(PLANE, bent)["copied_worse"]
    assert not claims(PLANE, replace(s, errors=(Fraction(6), Fraction(3), Fraction(5))))["ends"]
