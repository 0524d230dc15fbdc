"""D7: what must hold over many seeds, and the same training by backpropagation written out by hand."""

from math import log

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from blattwerk.solvers.binary_classifier import solve
from blattwerk.solvers.demos.binary_classifier import (
    BATCH,
    DEMO,
    GOOD,
    GUESS,
    LEARNING_RATE,
    OBJECTIVES,
    STEPS,
    TEST,
    TRAINING,
    Setting,
    clouds,
    cross_entropy,
    first,
    losses,
    saturated_networks,
    squared_error,
)
from blattwerk.vocabulary.demo import Findings, trained
from blattwerk.vocabulary.exercise import Difficulty
from tests.instances import instance
from tests.solvers.demos.findings import every_difficulty, findings, margin

ONE = Setting(((2, -1), (1, 3)), (-1, 2), -5, (1, 2), 1, 11)
TWO = Setting(((-3, 1), (1, 1)), (2, -1), 6, (-1, 2), 0, 12)


def counts(found: tuple[Findings, ...], name: str) -> list[float]:
    return [float(f.numbers[name]) for f in found]


@every_difficulty
@pytest.mark.parametrize("measure", ["left", "good"])
def test_the_cross_entropy_leaves_the_plateau_first(measure: str, difficulty: Difficulty) -> None:
    """By both measures, for each of 50 seeds, and on average at least five times as early, by far more than the error.

    Both leave it at last.
    """
    found = findings("binary_classifier", 50, difficulty)
    squared, entropy = counts(found, f"squared_{measure}"), counts(found, f"entropy_{measure}")
    assert all(e < s <= STEPS for s, e in zip(squared, entropy, strict=True))
    assert margin([log(s / e) - log(5) for s, e in zip(squared, entropy, strict=True)]) > 4


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_both_networks_learn_the_task(objective: str) -> None:
    """In the end they classify nearly as well as Bayes' rule, which is right with probability Phi(|x|)."""
    found = findings("binary_classifier", 50)
    best = [norm.cdf(np.linalg.norm(instance("binary_classifier", seed).params.smooth.x)) for seed in range(50)]
    assert np.mean(counts(found, f"{objective}_right")) == pytest.approx(np.mean(best), abs=0.02)


def test_every_first_output_is_saturated_with_the_gradients_of_the_exercise() -> None:
    """All outputs are u, and dl/du is delta2 of the exercise, exactly, for both losses."""
    params = instance("binary_classifier", 3).params
    own, solution = params.smooth, solve(params)
    s = Setting(own.w1, own.b1, params.saturated, own.x, own.label, 3)
    inputs = clouds(s, 0, 50).inputs[None]
    u = saturated_networks([s])(inputs)[..., 0].detach().repeat(2, 1).requires_grad_()
    assert torch.allclose(u, torch.tensor(params.saturated * log(2), dtype=torch.float64))
    wrong = torch.full((2, 50), float(params.saturated_label), dtype=torch.float64)
    (slopes,) = torch.autograd.grad(losses(u, wrong).sum() * 50, u)
    for row, exact in zip(slopes, (solution.saturated_mse, solution.saturated_bce), strict=True):
        assert row.numpy() == pytest.approx(float(exact), rel=1e-12)


def test_the_losses_are_those_of_torch() -> None:
    """Squared error with its factor 1/2, and the cross-entropy."""
    u, y = torch.linspace(-6, 6, 14, dtype=torch.float64), torch.tensor([0.0, 1.0], dtype=torch.float64).repeat(7)
    assert torch.allclose(squared_error(u, y), mse_loss(torch.sigmoid(u), y, reduction="none") / 2)
    assert torch.allclose(cross_entropy(u, y), binary_cross_entropy_with_logits(u, y, reduction="none"))


def test_the_inputs_lie_around_x_and_minus_x() -> None:
    """Half of them each, with the label y around x and 1 - y around -x, and with unit covariance."""
    sample = clouds(ONE, 0, 100_000)
    for label, centre in ((1, (1, 2)), (0, (-1, -2))):
        there = sample.inputs[sample.labels == label]
        assert len(there) == 50_000
        assert there.mean(0).numpy() == pytest.approx(centre, abs=0.02)
        assert torch.cov(there.T).numpy() == pytest.approx(np.eye(2), abs=0.03)


def test_training_and_test_inputs_differ() -> None:
    """They come from different random numbers."""
    assert not torch.equal(clouds(ONE, 0, TEST).inputs, clouds(ONE, 1, TEST).inputs)


def test_first() -> None:
    """The first time, and one step more than there are where it never comes."""
    reached = torch.zeros(STEPS + 1, 3, dtype=torch.bool)
    reached[4:, 0] = reached[7, 2] = True
    assert first(reached).tolist() == [4, STEPS + 1, 7]


def by_hand(s: Setting, objective: str) -> tuple[int, int, float]:
    """Backpropagation written out, one network: the steps to both goals, and the share that is right at the end."""

    def outputs(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        h = 1 / (1 + np.exp(-(inputs @ w1.T + b1)))
        return h, h @ w2 + b2

    (x, y), (x_test, y_test) = (
        (sample.inputs.numpy(), sample.labels.numpy()) for sample in (clouds(s, 0, TRAINING), clouds(s, 1, TEST))
    )
    w1, b1 = np.array(s.w1) * log(2), np.array(s.b1) * log(2)
    w2, b2 = np.zeros(len(b1)), s.saturated * log(2)
    left = good = STEPS + 1
    for step in range(STEPS + 1):
        u = outputs(x_test)[1]
        right = np.mean((u > 0) == (y_test == 1))
        if np.mean((1 / (1 + np.exp(-u)) - y_test) ** 2) / 2 < GUESS:
            left = min(left, step)
        if right >= GOOD:
            good = min(good, step)
        rows = slice(step * BATCH % TRAINING, step * BATCH % TRAINING + BATCH)
        h, u = outputs(x[rows])
        p = 1 / (1 + np.exp(-u))
        delta2 = (p - y[rows]) * (p * (1 - p) if objective == "squared" else 1) / BATCH
        delta1 = delta2[:, None] * w2 * h * (1 - h)
        w2, b2 = w2 - LEARNING_RATE * delta2 @ h, b2 - LEARNING_RATE * delta2.sum()
        w1, b1 = w1 - LEARNING_RATE * delta1.T @ x[rows], b1 - LEARNING_RATE * delta1.sum(0)
    return left, good, float(right)


def test_the_training_is_gradient_descent() -> None:
    """For two students and both objectives: step by step the same as by hand."""
    for s, found in zip((ONE, TWO), trained(DEMO, [ONE, TWO]), strict=True):
        for objective in OBJECTIVES:
            names = (f"{objective}_{what}" for what in ("left", "good", "right"))
            assert tuple(float(found.numbers[name]) for name in names) == pytest.approx(by_hand(s, objective))
