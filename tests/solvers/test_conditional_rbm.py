"""The conditional RBM: a machine worked out by hand, planted errors, and the properties of both normalisers."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.conditional_rbm import Params, Row, derivations, oracles, solve
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exact.binary import states
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from tests.instances import instance

# One input, two outputs, two hidden units, all on paper: W = (1, -1), U = ((1, 0), (-1, 2)), times log 2.
SMALL = Params(((1, -1),), ((1, 0), (-1, 2)), (1,), (1, 1), (1, 0))


def test_a_small_machine_by_hand() -> None:
    """a = (1, 1) for x = 1 and y = (1, 1); exp(-F) is 9/2, 6, 15/2, 9 in the order of y, and Z(x) = 27."""
    s = solve(SMALL)
    assert s.hidden == (Fraction(2, 3), Fraction(2, 3))
    assert s.visible == (Fraction(2, 3), Fraction(1, 3))
    assert s.weight == 9
    assert [row.weight for row in s.outputs] == [Fraction(9, 2), Fraction(6), Fraction(15, 2), Fraction(9)]
    assert s.normaliser == 27
    assert s.posterior == Fraction(1, 3)
    # x = 0 adds 4 + (3/2)(5) + (3)(2) + (2)(5) = 55/2.
    assert s.partition == 27 + Fraction(55, 2)
    assert s.joint == Fraction(18, 109)
    assert s.marginal == Fraction(54, 109)


def test_without_weights_everything_is_uniform() -> None:
    """All conditionals are 1/2, Z = 2^(n + m + K)."""
    s = solve(Params(((0, 0), (0, 0)), ((0, 0), (0, 0), (0, 0)), (1, 0), (1, 0, 1), (0, 1)))
    assert set(s.hidden + s.visible) == {Fraction(1, 2)}
    assert set(s.probabilities) == {Fraction(1, 8)}
    assert s.partition == 2**7 and s.joint == Fraction(1, 2**5)


weights = st.tuples(st.integers(-2, 2), st.integers(-2, 2))
bits = st.tuples(st.integers(0, 1), st.integers(0, 1))


@settings(deadline=None, max_examples=40)
@given(st.tuples(weights, weights), st.tuples(weights, weights), bits)
def test_the_normalisers_fit_together(w: tuple[Any, ...], u: tuple[Any, ...], h: tuple[int, int]) -> None:
    """Z = sum_x Z(x), sum_y p(y|x) = 1, and sum_{x, y} p(x, y) = 1."""
    solved = {(x, y): solve(Params(w, u, x, y, h)) for x, y in product(states(2), repeat=2)}
    assert sum(s.joint for s in solved.values()) == 1
    for x in states(2):
        assert sum(solved[x, y].posterior for y in states(2)) == 1
    assert sum(solved[x, (0, 0)].normaliser for x in states(2)) == solved[h, h].partition


@pytest.mark.parametrize(
    "wrong",
    [
        {"posterior": solve(SMALL).joint},  # Z for Z(x)
        {"joint": solve(SMALL).posterior},
        {"hidden": tuple(1 - p for p in solve(SMALL).hidden)},  # the sign of the energy
        {"visible": (Fraction(2, 3), Fraction(2, 3))},
        {"weight": Fraction(1, 9)},  # the sign of F
    ],
)
def test_planted_errors_are_found(wrong: dict[str, Any]) -> None:
    """A wrong normaliser and wrong signs: both oracles object."""
    planted = replace(solve(SMALL), **wrong)
    assert all(any(not c.agrees for c in oracle(SMALL, planted)) for oracle in oracles)


def test_a_wrong_summand_is_found_in_a_derivation() -> None:
    """The displayed sum starts from Z(x) by the energies of all states."""
    s = solve(SMALL)
    outputs = (Row((0, 0), (1, -1), Fraction(4)), *s.outputs[1:])
    with pytest.raises(ProofFailure, match="'normaliser', step 1"):
        verify_all(derivations(SMALL, replace(s, outputs=outputs)))


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_instances_can_be_worked_out_by_hand(difficulty: Difficulty) -> None:
    """No conditional of the state is 1/2, the denominators are small, and all relations are checked."""
    for seed in range(15):
        one = instance("conditional_rbm", seed, difficulty)
        s = one.solution
        assert Fraction(1, 2) not in s.hidden + s.visible
        assert s.normaliser.denominator <= 16
        assert difficulty != "hard" or s.partition.denominator <= 16
    assert prove(one).relations.cited == 0


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_units_are_told_apart(difficulty: Difficulty) -> None:
    """No two inputs weigh alike, no two outputs are as probable, and a matrix read by columns gives another value."""
    for seed in range(40):
        one = instance("conditional_rbm", seed, difficulty)
        assert len(set(one.params.input_weights)) == len(one.params.input_weights)
        assert len(set(one.solution.visible)) == len(one.solution.visible)
        assert one.slips["rows"] is not None
