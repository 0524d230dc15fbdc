"""D1: what must hold over many seeds, and the known posterior of the two moons by other means."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from blattwerk.solvers.demos.noisy_labels import (
    SPREAD,
    Setting,
    aware_loss,
    clean_posterior,
    moons,
    plain_loss,
    softened_loss,
)
from tests.solvers.demos.findings import margin, numbers


@pytest.mark.parametrize("other", ["plain", "softened"])
def test_the_noise_aware_likelihood_comes_closest_to_the_clean_posterior(other: str) -> None:
    """Over 40 seeds, by far more than the standard error."""
    aware, worse = numbers("noisy_labels", "aware", 40), numbers("noisy_labels", other, 40)
    assert margin([w - a for a, w in zip(aware, worse, strict=True)]) > 4


def test_the_clean_posterior_is_bayes_rule() -> None:
    """Against adaptive quadrature along the half circles."""
    points = np.random.default_rng(3).normal(size=(8, 2))
    ours = clean_posterior(torch.from_numpy(points))
    for (x, y), posterior in zip(points, ours, strict=True):

        def density(cx: float, cy: float, x: float = x, y: float = y) -> float:
            return float(np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * SPREAD**2)))

        plus = quad(lambda a: density(np.cos(a), np.sin(a)), 0, np.pi)[0]
        minus = quad(lambda a: density(1 - np.cos(a), 0.5 - np.sin(a)), 0, np.pi)[0]
        assert posterior.item() == pytest.approx(plus / (plus + minus), abs=1e-4)


def test_the_labels_have_the_posterior_and_the_noise_that_we_claim() -> None:
    """Among 200 000 labels, those near a posterior eta are +1 with the share eps + (1 - 2 eps) eta."""
    noise_rate = Fraction(1, 5)
    sample = moons(Setting(noise_rate, 5), 0, 200_000)
    posterior = clean_posterior(sample.inputs)
    for low in (0.1, 0.4, 0.8):
        there = (posterior > low) & (posterior < low + 0.05)
        eta, share = posterior[there].mean().item(), (sample.labels[there] == 1).double().mean().item()
        error = 0.5 / there.sum().item() ** 0.5
        assert share == pytest.approx(0.2 + 0.6 * eta, abs=4 * error)


def test_the_losses_are_those_of_the_exercise() -> None:
    """Against the definitions, term by term, by torch.distributions."""
    f, t, eps = torch.tensor([0.7, -1.2]), torch.tensor([1.0, 1.0]), torch.tensor(0.2)
    q = torch.distributions.Bernoulli(logits=f).probs
    assert torch.allclose(plain_loss(f, t), -q.log())
    assert torch.allclose(softened_loss(f, t, eps), -(0.8 * q.log() + 0.2 * (1 - q).log()))
    assert torch.allclose(aware_loss(f, t, eps), -(0.8 * q + 0.2 * (1 - q)).log())
