"""D2: what must hold over many seeds, and the estimators and the training against enumeration and by hand."""

from math import log

import numpy as np
import pytest
import torch
from scipy.special import expit, rel_entr
from scipy.stats import chi2, chisquare
from torch import Tensor
from torch.distributions import Bernoulli, kl_divergence

from blattwerk.solvers.bernoulli_vae import Params, Solution, solve
from blattwerk.solvers.demos.bernoulli_vae import (
    GRADIENTS,
    GRID,
    LEARNING_RATE,
    REPORTED,
    Decoder,
    ascents,
    best_baselines,
    decoders,
    divergence,
    draw_states,
    estimates_by_state,
    gap,
    objectives,
    place,
    states,
)
from blattwerk.vocabulary.exercise import Difficulty
from tests.instances import instance
from tests.solvers.demos.findings import every_difficulty, findings, margin

COUNT = 100


def column(name: str, difficulty: Difficulty) -> np.ndarray:
    return np.array([float(found.numbers[name]) for found in findings("bernoulli_vae", COUNT, difficulty)])


def drawn(difficulty: Difficulty) -> list[tuple[Params, Solution]]:
    chosen = [instance("bernoulli_vae", seed, difficulty).params for seed in range(COUNT)]
    return [(params, solve(params)) for params in chosen]


def gradients(difficulty: Difficulty) -> np.ndarray:
    return np.array([float(solution.gradient[params.unit - 1]) for params, solution in drawn(difficulty)])


@every_difficulty
@pytest.mark.parametrize("name", ["score", "baseline"])
def test_score_function_estimates_agree_with_the_enumerated_gradient(name: str, difficulty: Difficulty) -> None:
    """Over 100 seeds, the squared deviations in standard errors are what chance makes of them; n is at least 2."""
    away = (column(f"{name}_mean", difficulty) - gradients(difficulty)) / column(f"{name}_error", difficulty)
    low, high = chi2.ppf((0.0005, 0.9995), COUNT)
    assert low < (away**2).sum() < high
    assert np.abs(away).max() < 5
    assert abs(away.mean()) < 4 / np.sqrt(COUNT)
    assert min(params.size for params, _ in drawn(difficulty)) >= 2


@every_difficulty
def test_the_baseline_lowers_the_variance_by_the_predicted_factor(difficulty: Difficulty) -> None:
    """Within a tenth for each seed, and on average within a hundredth."""
    ratio = column("factor", difficulty) / [float(solution.factor) for _, solution in drawn(difficulty)]
    assert np.abs(ratio - 1).max() < 0.1
    assert ratio.mean() == pytest.approx(1, abs=0.01)
    measured = column("score_variance", difficulty)
    assert measured / [float(solution.variance) for _, solution in drawn(difficulty)] == pytest.approx(1, abs=0.1)


@every_difficulty
def test_straight_through_is_biased(difficulty: Difficulty) -> None:
    """Its mean misses the gradient by more than three standard errors, and agrees with its own expectation."""
    mean, error = column("through_mean", difficulty), column("through_error", difficulty)
    missed = np.abs(mean - gradients(difficulty)) - 3 * error
    assert margin(missed.tolist()) > 3
    assert (missed > 0).mean() > 0.85
    assert np.all(np.abs(mean - column("through_expected", difficulty)) < 5 * error + 1e-4)
    assert column("bias", difficulty) == pytest.approx(
        column("through_expected", difficulty) - gradients(difficulty), abs=2e-4
    )


@every_difficulty
def test_the_baseline_brings_the_bound_closer(difficulty: Difficulty) -> None:
    """In training, over 100 seeds."""
    closer = column("score_gap", difficulty) - column("baseline_gap", difficulty)
    assert margin(closer.tolist()) > 3


P, F, UNIT = (1, -2, 1), (-7, -2, -9, -4, -3, -8, -1, -6), 1
VALUES = torch.tensor([F], dtype=torch.float64)
PHI = log(2) * torch.tensor([P], dtype=torch.float64)


def corner_slopes(decoder: Decoder, step: float = 1e-5) -> np.ndarray:
    """The decoder's derivatives at all states, by central differences: (2^n, n)."""
    z, shifts = states(3), step * torch.eye(3, dtype=torch.float64)
    with torch.no_grad():
        sides = [[decoder((z + sign * e)[None])[0, :, 0] for e in shifts] for sign in (1, -1)]
    return ((torch.stack(sides[0], 1) - torch.stack(sides[1], 1)) / (2 * step)).numpy()


def test_the_decoder_meets_the_table_and_is_bent_between_the_states() -> None:
    """Exactly at the states; along an edge of the cube it is no straight line."""
    decoder = decoders([5], VALUES)
    assert decoder(states(3)[None])[0, :, 0].detach().numpy() == pytest.approx(np.array(F), abs=1e-9)
    edge = torch.linspace(0, 1, 3, dtype=torch.float64)[:, None] * torch.tensor([1.0, 0, 0], dtype=torch.float64)
    low, middle, high = decoder(edge[None])[0, :, 0].tolist()
    assert abs(middle - (low + high) / 2) > 0.01


def test_the_estimates_are_those_of_the_exercise() -> None:
    """For each state: the exact gradient, (z_j - p_j) (f - b_j), and p_j (1 - p_j) times the decoder's slope."""
    decoder = decoders([5], VALUES)
    exact, score, better, through = estimates_by_state(decoder, VALUES, PHI)[:, 0].numpy()
    z, slopes = states(3).numpy(), corner_slopes(decoder)
    for unit in (1, 2, 3):
        s, j = solve(Params(P, F, unit, 8)), unit - 1
        p = float(s.probabilities[j])
        assert exact[:, j] == pytest.approx(float(s.gradient[j]))
        assert score[:, j] == pytest.approx(np.array(s.estimates, dtype=float))
        assert better[:, j] == pytest.approx((z[:, j] - p) * (np.array(F) - float(s.baseline)))
        assert through[:, j] == pytest.approx(p * (1 - p) * slopes[:, j], rel=1e-6)
        assert float(best_baselines(VALUES, PHI[:, None])[0, 0, j]) == pytest.approx(float(s.baseline))


def expectation_straight_through(decoder: Decoder) -> np.ndarray:
    weights = np.array(solve(Params(P, F, UNIT, 8)).weights, dtype=float)
    estimates = estimates_by_state(decoder, VALUES, PHI)[3, 0].numpy()
    return np.asarray(weights @ estimates)


def test_straight_through_is_unbiased_for_a_multilinear_decoder() -> None:
    """f(z) = sum_s f(s) prod_j z_j^s_j (1 - z_j)^(1 - s_j) continues the table; the slopes are then the differences."""

    def multilinear(z: Tensor) -> Tensor:
        factors = torch.where(states(3) == 1, z[..., None, :], 1 - z[..., None, :])
        return (factors.prod(-1) * VALUES[:, None]).sum(-1, keepdim=True)

    exact = [float(g) for g in solve(Params(P, F, UNIT, 8)).gradient]
    assert expectation_straight_through(multilinear) == pytest.approx(exact)


def test_straight_through_has_a_known_bias_for_squares() -> None:
    """For f = sum_j z_j^2, as good as sum_j z_j at the states, it is p_j (1 - p_j) 2 p_j instead of p_j (1 - p_j)."""
    p = expit(np.array(P) * log(2))
    through = expectation_straight_through(lambda z: (z**2).sum(-1, keepdim=True))
    assert through == pytest.approx(2 * p**2 * (1 - p))


def test_the_gap_is_the_divergence_from_the_posterior() -> None:
    """log p(x) - (E[f] - D(q || p(z))) = D(q || p(z|x)), by enumeration; D(q || p(z)) by torch.distributions."""
    q = np.array(solve(Params(P, F, UNIT, 8)).weights, dtype=float)
    posterior = np.exp(F) / np.exp(F).sum()
    runs = PHI.expand(len(GRADIENTS), 1, 1, 3)
    assert gap(VALUES, runs).numpy() == pytest.approx(rel_entr(q, posterior).sum())
    prior = kl_divergence(Bernoulli(logits=PHI), Bernoulli(torch.tensor(0.5, dtype=torch.float64))).sum(-1)
    assert torch.allclose(divergence(PHI), prior)


def test_states_are_drawn_from_q() -> None:
    """Their frequencies, by a chi-squared test; and `place` inverts `states`."""
    assert place(states(3)).tolist() == list(range(8))
    weights = np.array(solve(Params(P, F, UNIT, 8)).weights, dtype=float)
    found = np.bincount(draw_states(PHI[0], 17).numpy(), minlength=8)
    assert chisquare(found, weights * found.sum()).pvalue > 0.001


def by_hand(phi: np.ndarray, uniform: np.ndarray, name: str, slopes: np.ndarray) -> np.ndarray:
    """phi after one run of ascent with the gradients written out."""
    for u in uniform:
        p = expit(phi)
        z = (u < p).astype(float)
        weights = np.prod(np.where(states(3).numpy() == 1, p, 1 - p), -1)
        k = int(z @ (4, 2, 1))
        one, zero = (
            np.array([np.average(F, weights=weights * (states(3).numpy()[:, j] == b)) for j in range(3)])
            for b in (1, 0)
        )
        estimate = {
            "exact": p * (1 - p) * (one - zero),
            "score": (z - p) * F[k],
            "baseline": (z - p) * (F[k] - (1 - p) * one - p * zero),
            "through": p * (1 - p) * slopes[k],
        }[name]
        phi = np.round((phi + LEARNING_RATE * (estimate - p * (1 - p) * phi)) / GRID) * GRID
    return phi


@pytest.mark.parametrize("name", GRADIENTS)
def test_the_training_is_stochastic_gradient_ascent(name: str) -> None:
    """The gap of two runs of 20 steps, against the gradients written out; dD/dphi_j = p_j (1 - p_j) phi_j."""
    decoder = decoders([5], VALUES)
    uniform = torch.rand(1, 20, 2, 3, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    gaps = ascents(decoder, VALUES, PHI, uniform, lambda steps: None)
    assert len(gaps) == 1 + 20 // REPORTED
    ends = [by_hand(PHI[0].numpy(), u.numpy(), name, corner_slopes(decoder)) for u in uniform[0].unbind(1)]
    runs = torch.from_numpy(np.array(ends)).expand(len(GRADIENTS), 1, -1, -1)
    i = GRADIENTS.index(name)
    assert gaps[-1, 0, i].item() == pytest.approx(gap(VALUES, runs)[0, i].item(), rel=1e-6)


def test_the_four_trainings_do_not_mix() -> None:
    """Each objective depends on its own phi alone."""
    decoder = decoders([5], VALUES)
    phi = PHI.expand(len(GRADIENTS), 1, 1, 3).clone().requires_grad_()
    z = torch.ones(len(GRADIENTS), 1, 1, 3, dtype=torch.float64)
    for i, objective in enumerate(objectives(decoder, VALUES, phi, z)):
        (slopes,) = torch.autograd.grad(objective.sum(), phi, retain_graph=True)
        assert [bool(s.abs().sum() > 0) for s in slopes] == [k == i for k in range(len(GRADIENTS))]
