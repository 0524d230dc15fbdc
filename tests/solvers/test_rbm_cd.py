"""The RBM and CD-1: a machine worked out by hand, planted errors, and the theorems on small machines."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.rbm_cd import Params, claims, derivations, hidden_inputs, oracles, solve, visible_inputs
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exact.binary import enumerated_rbm, power_of_two, states
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.mistakes import Slip
from tests.instances import instance


def percent(*numbers: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(k, 100) for k in numbers)


# Three visible and two hidden units, on paper: see the numbers in the tests.
SMALL = Params(
    ((2, -1), (-2, 1), (2, 1)), (0, 0, -2), (1, 1), (0, 1, 1), percent(61, 12), percent(93, 11, 87), Fraction(1, 2)
)


def test_the_distribution_by_hand() -> None:
    """exp(-F) = 1/4 (1 + 2)(1 + 8); Z = 5 + 27/2 + 25 + 54, one summand for each hidden state."""
    s = solve(SMALL)
    assert s.weight == Fraction(27, 4)
    assert [row.weight for row in s.rows] == [5, Fraction(27, 2), 25, 54]
    assert s.partition == Fraction(195, 2)
    assert s.probability == Fraction(9, 130)


def test_the_gradient_by_hand() -> None:
    """Z E[v_1 h_1] = 25 * 4/5 + 54 * 2/3 = 56, and v_1 = 0; Z E[v_2 h_1] = 25/5 + 54/3 = 23, and p(h_1 = 1) = 2/3."""
    s = solve(SMALL)
    assert s.statistics[0][0] == 56 and s.statistics[1][0] == 23
    assert s.gradient[0][0] == -Fraction(112, 195)
    assert s.gradient[1][0] == Fraction(2, 3) - Fraction(46, 195)


def test_a_step_by_hand() -> None:
    """0.61 < 2/3 and 0.12 < 8/9; 0.93 > 2/3, 0.11 < 1/3, 0.87 > 2/3; then p(h = 1 | v1) = (1/3, 4/5)."""
    step = solve(SMALL).step
    assert step.h0 == (1, 1) and step.v1 == (0, 1, 0)
    assert step.visible == (Fraction(2, 3), Fraction(1, 3), Fraction(2, 3))
    assert step.hidden == (Fraction(1, 3), Fraction(4, 5))
    assert step.weights == ((0, 0), (Fraction(1, 6), Fraction(2, 45)), (Fraction(1, 3), Fraction(4, 9)))
    assert step.visible_bias == (0, 0, Fraction(1, 2))
    assert step.hidden_bias == (Fraction(1, 6), Fraction(2, 45))


@pytest.mark.parametrize(
    "wrong",
    [
        {"gradient": solve(SMALL).statistics},
        {"probability": solve(SMALL).weight},
        {"partition": Fraction(75, 2)},
        {"step": replace(solve(SMALL).step, h0=(0, 0))},  # u > p
        {"step": replace(solve(SMALL).step, weights=((0, 0), (0, Fraction(1, 10)), (Fraction(1, 2), Fraction(1, 2))))},
    ],
)
def test_planted_errors_are_found(wrong: dict[str, Any]) -> None:
    """The model's term alone, a missing normaliser, the convention reversed, samples in the update: two object."""
    planted = replace(solve(SMALL), **wrong)
    assert sum(any(not c.agrees for c in oracle(SMALL, planted)) for oracle in oracles) >= 2


def test_a_planted_error_is_found_in_a_derivation() -> None:
    """The chains begin with values from the table of all states."""
    wrong = replace(solve(SMALL), statistics=((Fraction(1), Fraction(1)),) * 3)
    with pytest.raises(ProofFailure, match="'model', step 1"):
        verify_all(derivations(SMALL, wrong))


small = st.integers(-2, 2)
row = st.tuples(small, small)


@settings(deadline=None, max_examples=25)
@given(st.tuples(row, row), row, row)
def test_theorems_on_small_machines(W: tuple[Any, ...], a: tuple[int, int], b: tuple[int, int]) -> None:
    """sum_v p(v) = 1, the mean score is 0, and so is the bias of CD-1 if the examples come from the model."""
    params = {v: Params(W, a, b, v, percent(50, 50), percent(50, 50), Fraction(1)) for v in states(2)}
    solved = {v: solve(p) for v, p in params.items()}
    assert sum(s.probability for s in solved.values()) == 1
    for i in range(2):
        for j in range(2):
            assert sum(s.probability * s.gradient[i][j] for s in solved.values()) == 0
    model = next(iter(solved.values()))
    assert sum(s.probability * s.expected for s in solved.values()) == model.statistics[0][0] / model.partition


def test_a_step_of_the_chain_is_a_distribution_that_leaves_the_model_unchanged() -> None:
    """sum_v q(v | v0) = 1, and sum_v0 p(v0) q(v | v0) = p(v)."""
    brute = enumerated_rbm(((3, 0), (0, -2)), (1, 0), (0, -1), power_of_two)
    for v in states(2):
        assert sum(brute.reconstruction(v, other) for other in states(2)) == 1
        assert sum(brute.mass(v=o) * brute.reconstruction(o, v) for o in states(2)) == brute.mass(v=v)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_samples_do_not_hang_on_a_tie(difficulty: Difficulty) -> None:
    """No uniform number equals its probability, no conditional along the chain is 1/2, and v1 differs from v0."""
    for seed in range(20):
        one = instance("rbm_cd", seed, difficulty)
        p, s = one.params, one.solution
        pairs = zip(p.hidden_uniforms + p.visible_uniforms, s.hidden + s.step.visible, strict=True)
        assert all(u != probability for u, probability in pairs)
        assert 0 not in hidden_inputs(p, p.v0) + visible_inputs(p, s.step.h0) + hidden_inputs(p, s.step.v1)
        assert s.step.v1 != p.v0 and any(s.step.h0) and s.partition.numerator < 4000
    assert prove(one).relations.cited == 0


def test_mistakes_by_hand() -> None:
    """Without a, 27 and 8 + 27 + 125/2 + 162; h = (1, 1) alone, 4 and 54; u >= p; h0 for its probabilities."""
    bias, hidden, convention, sampled = (solve(SMALL, Slip(k)) for k in ("bias", "hidden", "convention", "sampled"))
    assert (bias.weight, bias.partition, bias.probability) == (27, Fraction(519, 2), Fraction(18, 173))
    assert (hidden.weight, hidden.partition) == (4, 54)
    assert (convention.step.h0, convention.step.v1) == ((0, 0), (1, 0, 1))
    assert sampled.step.weights[1:] == ((Fraction(1, 3), Fraction(1, 10)), (Fraction(1, 2), Fraction(1, 2)))
    assert sampled.step.hidden_bias == (Fraction(1, 3), Fraction(1, 10))
    turned = tuple(zip(*solve(SMALL).step.weights, strict=True))
    assert solve(SMALL, Slip("transposed")).step.weights == turned


def test_the_claim_of_the_bias() -> None:
    """It is true of the draws, and false where the mean of CD-1 is that of the model."""
    solution = instance("rbm_cd", 3, "standard").solution
    assert claims(SMALL, solution) == {"biased": True}
    right = replace(solution, expected=solution.statistics[0][0] / solution.partition)
    assert claims(SMALL, right) == {"biased": False}
