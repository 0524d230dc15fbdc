"""A binary classifier: an example worked out by hand, the published inequalities, planted errors, and the draws."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.errors import ProofFailure
from blattwerk.solvers.binary_classifier import (
    Classifier,
    Params,
    Solution,
    answers,
    attack,
    derivations,
    oracles,
    solve,
)
from blattwerk.vocabulary.derivation import derive, verify
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.terms import MP
from tests.instances import instance

SMOOTH = Classifier(((1, 1), (1, 0)), (0, -2), (3, 3), Fraction(-2), x=(1, 0), label=1)  # z = (1, -1) log 2
HARD = Classifier(((3, 4), (1, 1)), (1, -9), (1, 2), Fraction(-5), x=(1, 1), label=0)  # z = (8, -7)
BY_HAND = Params(SMOOTH, -3, ((1, 2), (2, 2)), HARD, Fraction(1, 2))


def shown(params: Params) -> dict[str, Any]:
    return {a.name: a.value.value() for a in answers(params, solve(params))}


def test_sigmoids_by_hand() -> None:
    """h = (2/3, 1/3), u = (2 + 1 - 2) log 2, so the prediction is 2/3."""
    s = solve(BY_HAND).smooth
    assert s.u == 1
    assert s.delta2 == Fraction(-1, 3) * Fraction(2, 9)
    assert s.grad_w2 == (Fraction(-4, 81), Fraction(-2, 81))
    assert s.delta1 == (Fraction(-4, 81), Fraction(-4, 81))  # -2/27 * 3 * 2/9
    assert s.grad_w1 == ((Fraction(-4, 81), 0), (Fraction(-4, 81), 0))


def test_a_saturated_output_by_hand() -> None:
    """u = -3 log 2 with the label 1: the prediction is 1/9."""
    s = solve(BY_HAND)
    assert BY_HAND.saturated_label == 1
    assert (s.saturated_mse, s.saturated_bce) == (Fraction(-64, 729), Fraction(-8, 9))
    assert shown(BY_HAND)["ratio"] == Fraction(81, 8)


def test_bounds_by_hand() -> None:
    """Norms sqrt 5 and sqrt 8: 2 sqrt 10 with ReLUs, sqrt 10 / 8 with sigmoids."""
    values = shown(BY_HAND)
    assert abs(values["relu_bound"] - 2 * MP.sqrt(10)) < 1e-50
    assert abs(values["sigmoid_bound"] - MP.sqrt(10) / 8) < 1e-50


def test_hard_inputs_by_hand() -> None:
    """g = 8/9 (3, 4) log 2 at u = 3 log 2; u grows by 7/2 and 5/2 (in log 2)."""
    s = solve(BY_HAND).hard
    assert (s.u, s.error, s.direction) == (3, Fraction(8, 9), (3, 4))
    assert s.inputs[0] == (Fraction(3, 2), Fraction(3, 2))
    assert s.inputs[1] == (Fraction(13, 10), Fraction(14, 10))
    assert s.outputs == (Fraction(13, 2), Fraction(11, 2))
    assert MP.nstr(shown(BY_HAND)["loss"], 5) == "2.1972"  # log 9


def test_the_loss_can_fall() -> None:
    """u(x) = ReLU(x) - 2 ReLU(x - 1) at x = 1/2 (here in halves): the step of size 2 leads from 1/2 to -1/2."""
    bent = Classifier(((1,), (1,)), (0, -2), (1, -2), Fraction(0), x=(1,), label=0)
    s = attack(bent, Fraction(4))
    assert s.direction == (1,) and s.error > 0
    assert s.outputs == (-1, -1) and s.u == 1


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(*[st.floats(-3, 3)] * 6), min_size=1, max_size=5), st.tuples(*[st.floats(-3, 3)] * 2))
def test_the_bound_holds_for_all_biases_and_inputs(layers: list[tuple[float, ...]], x: tuple[float, float]) -> None:
    """The Jacobian matrix through L sigmoid layers has a norm of at most 4^-L prod |W_i|."""
    import numpy as np

    h, jacobian, bound = np.array(x), np.eye(2), 1.0
    for a, b, c, d, *biases in layers:
        weights = np.array(((a, b), (c, d)))
        h = 1 / (1 + np.exp(-(weights @ h + biases)))
        jacobian = np.diag(h * (1 - h)) @ weights @ jacobian
        bound *= np.linalg.norm(weights, 2) / 4
    assert np.linalg.norm(jacobian, 2) <= bound * (1 + 1e-12) + 1e-300


def objections(params: Params, wrong: Solution) -> set[str]:
    return {c.what for oracle in oracles for c in oracle(params, wrong) if not c.agrees}


def test_the_usual_mistakes_are_found() -> None:
    """A loss without its 1/2, a slope forgotten, a step against the gradient."""
    s = solve(BY_HAND)
    assert objections(BY_HAND, s) == set()
    assert objections(BY_HAND, replace(s, smooth=replace(s.smooth, delta2=2 * s.smooth.delta2))) == {"delta2"}
    assert objections(BY_HAND, replace(s, saturated_bce=s.saturated_mse)) == {"saturated_bce", "ratio"}
    downhill = tuple(2 * x - new for x, new in zip(HARD.x, s.hard.inputs[0], strict=True))
    assert objections(BY_HAND, replace(s, hard=replace(s.hard, inputs=(downhill, s.hard.inputs[1])))) == {"sign_input"}


def test_the_wrong_sign_of_the_source_is_found() -> None:
    """dl/dp of the cross-entropy is not y/p - (1 - y)/(1 - p)."""
    right = derivations(BY_HAND, solve(BY_HAND))["bce_prediction"]
    wrong = replace(derive(right.start).eq(-right.steps[0].term), domain=right.domain)
    with pytest.raises(ProofFailure, match="does not hold"):
        verify("wrong", wrong)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_what_the_draws_promise(difficulty: Difficulty) -> None:
    """A gradient without zeros and of whole length, units on and off, losses that grow, bounds on both sides of 1."""
    for seed in range(30):
        one = instance("binary_classifier", seed, difficulty)
        s, n = one.solution.hard, one.params.hard
        assert all(s.direction) and s.error
        assert min(n.z(n.x)) < 0 < max(n.z(n.x)) and all(n.z(n.x))
        uphill = 1 - 2 * n.label
        assert all(uphill * (u - s.u) >= Fraction(1, 4) for u in s.outputs)
        values = shown(one.params)
        assert values["sigmoid_bound"] < 1 < values["relu_bound"]
        assert len(set(one.solution.smooth.grad_w2)) > 1


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_longer_step_raises_the_loss_more(difficulty: Difficulty) -> None:
    """As the solution says, and in the decimals that it prints."""
    for seed in range(300):
        one = instance("binary_classifier", seed, difficulty)
        uphill, s = 1 - 2 * one.params.hard.label, one.solution.hard
        assert uphill * s.outputs[0] > uphill * s.outputs[1]
        values = shown(one.params)
        sign, ball = (MP.nint(10**4 * values[name]) for name in ("sign_loss", "ball_loss"))
        assert sign > ball


def test_results_are_worked_out() -> None:
    """log(3/2), not log(1 + 2^(-1)): a power stays where it is a root; the gradient is a vector times log 2."""
    for seed in range(30):
        terms = {a.name: str(a.value) for a in instance("binary_classifier", seed).answers if a.part == "attack"}
        for loss in ("loss", "sign_loss", "ball_loss"):
            assert re.fullmatch(r"log\(\d+(/\d+)?\)|log\(1 \+ 2\*\*\(-?\d+/\d+\)\)", terms[loss]), (seed, terms[loss])
        assert re.fullmatch(r"Matrix\(.*\)\*log\(2\)", terms["gradient"])
