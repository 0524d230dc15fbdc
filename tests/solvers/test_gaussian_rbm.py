"""The Gaussian-Bernoulli RBM: a machine worked out by hand, a library's mixture, planted errors, and the theorem."""

from dataclasses import replace
from fractions import Fraction
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.gaussian_rbm import Params, answers, boltzmann, claims, derivations, figures, oracles, solve
from blattwerk.vocabulary.derivation import verify
from blattwerk.vocabulary.exact.log_sums import LogSum, log_of, rational
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.functions import exp as exp_term
from blattwerk.vocabulary.functions import matrix_term, number
from blattwerk.vocabulary.mistakes import Slip
from blattwerk.vocabulary.terms import MP
from tests.instances import instance

LINE = Params((3,), ((-2,),), (2,))
PLANE = Params((1, -2), ((1, 2), (-2, 1)), (1, -2))
COUPLED = Params((4,), ((1,), (-2,)), (1, 2))


def test_one_unit_by_hand() -> None:
    """a = 3, w = -2, b = 2 log 2 + 6 - 2: means 3 and 1 with weights 1 : 4, and p(h = 1 | v = 2) = 4/5."""
    s = solve(LINE)
    assert LINE.biases == (log_of(4) + rational(4),)
    assert LINE.point == (2,)
    assert s.inputs == (log_of(4),)
    assert [c.mean for c in s.components] == [(3,), (1,)]
    assert [share.value() for share in s.shares] == [Fraction(1, 5), Fraction(4, 5)]


def test_orthogonal_columns_by_hand() -> None:
    """The weights are 1, 1/4, 2 and 1/2 over 15/4, in the order (0,0), (0,1), (1,0), (1,1)."""
    s = solve(PLANE)
    assert [c.mean for c in s.components] == [(1, -2), (-1, -1), (2, 0), (0, 1)]
    assert [share.value() for share in s.shares] == [Fraction(k, 15) for k in (4, 1, 8, 2)]
    assert s.inputs == (log_of(2), -log_of(4))


def test_columns_on_the_line_are_coupled() -> None:
    """W_1 W_2 = -2: the weights are 1, 4, 2 and 8 exp(-2), and v = 7/2 adds -1 to both inputs."""
    s = solve(COUPLED)
    assert s.components[3].log_weight == log_of(8) - rational(2)
    assert s.total.value() == 7 + 8 * MP.exp(-2)
    assert s.inputs == (log_of(2) - rational(1), log_of(4) - rational(1))
    assert str(answers(COUPLED, s)[2].value) == "(1/(7 + 8*exp(-2)))*Matrix([[1, 4, 2, 8*exp(-2)]])"


def test_coinciding_means_are_allowed() -> None:
    """Two equal columns: four components with three means."""
    params = Params((0,), ((1,), (1,)), (1, 2))
    s = solve(params)
    assert [c.mean[0] for c in s.components] == [0, 1, 1, 2]
    assert all(word.agrees for oracle in oracles for word in oracle(params, s))


def test_scipy_s_normals_have_the_same_density() -> None:
    """sum_h pi_h N(v; a + Wh, I) by scipy.stats is exp(-|v-a|^2/2) prod_j (1 + exp(v'W_j + b_j)), up to Z."""
    import numpy as np
    from scipy.stats import multivariate_normal

    s = solve(PLANE)
    points = np.array([[0.0, 0.0], [1.5, -2.0], [-3.0, 1.0]])
    parts = zip(s.shares, s.components, strict=True)
    mixture = sum(
        float(share.value()) * multivariate_normal.pdf(points, list(map(float, c.mean))) for share, c in parts
    )
    W, a, b = np.array(PLANE.rows), np.array(PLANE.offset), np.array([float(x.value()) for x in PLANE.biases])
    product = np.exp(-((points - a) ** 2).sum(1) / 2) * (1 + np.exp(points @ W + b)).prod(1)
    assert np.ptp(np.log(product / mixture)) < 1e-9


@pytest.mark.parametrize(("value", "expected"), [(log_of(8), 8), (rational(2), exp(2)), (log_of(Fraction(1, 4)), 0.25)])
def test_boltzmann_factors(value: LogSum, expected: float) -> None:
    """exp(m log 2 + r) = 2^m exp(r)."""
    assert float(MP.convert(boltzmann(value).value())) == pytest.approx(expected)


def test_a_shift_in_the_wrong_direction_is_found() -> None:
    """The source's error, a mean of a - w in place of a + w, does not pass the oracles."""
    s = solve(LINE)
    wrong = replace(s, components=(s.components[0], replace(s.components[1], mean=(Fraction(5),))))
    assert {w.what for oracle in oracles for w in oracle(LINE, wrong) if not w.agrees} >= {"means"}


def test_a_forgotten_square_is_found() -> None:
    """A weight without |Wh|^2/2 is refused by both oracles, and so is a derivation that ends in it."""
    s = solve(COUPLED)
    last = s.components[3]
    wrong = replace(s, components=(*s.components[:3], replace(last, log_weight=last.log_weight - rational(1))))
    assert all(any(not w.agrees for w in oracle(COUPLED, wrong)) for oracle in oracles)
    row = matrix_term(((1, 4, 2, 8 * exp_term(-3)),))
    with pytest.raises(ProofFailure):
        verify("weights", derivations(COUPLED, s)["weights"].eq(number(Fraction(1, 7)) * row))


def test_only_the_line_has_a_figure() -> None:
    """The mixture is drawn for D = 1, with its exact means."""
    assert not figures(PLANE, solve(PLANE))
    assert figures(COUPLED, solve(COUPLED))["mixture"].means == (4, 2, 5, 3)  # type: ignore[attr-defined]


entries = st.integers(-4, 4)


@settings(deadline=None, max_examples=30)
@given(entries, entries, st.tuples(entries, entries), st.tuples(entries, entries), st.integers(-3, 3))
def test_every_pair_of_units_gives_the_designed_weights(
    x: int, y: int, first: tuple[int, int], second: tuple[int, int], m: int
) -> None:
    """c_h = 2^(m'h) exp(W_1'W_2 h_1 h_2), whatever a and W are."""
    s = solve(Params((x, y), (first, second), (m, 1)))
    both = first[0] * second[0] + first[1] * second[1]
    power = Fraction(2) ** m
    assert [c.log_weight for c in s.components] == [
        rational(0),
        log_of(2),
        log_of(power),
        log_of(2 * power) + rational(both),
    ]


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("gaussian_rbm", 3, difficulty)).relations.cited == 0


def test_usual_mistakes_by_hand() -> None:
    """LINE has b = 2 log 2 + 4 and c_1 = 4."""
    assert solve(LINE, Slip("bias_only")).components[1].log_weight == log_of(4) + rational(4)
    assert [share.value() for share in solve(LINE, Slip("sum")).shares] == [1, 4]


def test_claims_by_hand() -> None:
    """Orthogonal columns make independent units; weights that are no product are not called independent."""
    assert claims(LINE, solve(LINE)) == {}
    assert claims(PLANE, solve(PLANE)) == {"independent": True}
    assert claims(COUPLED, solve(COUPLED)) == {"dependent": True}
    *others, last = solve(PLANE).components
    moved = replace(last, log_weight=last.log_weight + log_of(2))
    assert claims(PLANE, replace(solve(PLANE), components=(*others, moved))) == {"independent": False}
