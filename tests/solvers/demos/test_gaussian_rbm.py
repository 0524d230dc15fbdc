"""D5: what must hold over many seeds; the density, its gradient and CD-1 by other means than torch."""

from math import exp, log, pi

import numpy as np
import numpy.typing as npt
import pytest
import torch
from scipy.stats import multivariate_normal
from torch import Tensor

from blattwerk.solvers.demos import gaussian_rbm as demo
from blattwerk.solvers.demos.lanes import seeded
from blattwerk.solvers.gaussian_rbm import Params, solve
from blattwerk.vocabulary.demo import Start
from blattwerk.vocabulary.exercise import Difficulty
from tests.instances import instance
from tests.solvers.demos.findings import every_difficulty, findings, margin

Array = npt.NDArray[np.float64]
STATES = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)


def numbers(name: str, difficulty: Difficulty) -> Array:
    return np.array([float(found.numbers[name]) for found in findings("gaussian_rbm", 40, difficulty)])


@every_difficulty
def test_cd_misses_more_modes_than_the_exact_gradient(difficulty: Difficulty) -> None:
    """Over 40 seeds."""
    missed = numbers("cd_missed", difficulty)
    assert margin((missed - numbers("exact_missed", difficulty)).tolist()) > 3


@pytest.mark.parametrize("difficulty", [pytest.param("easy", marks=pytest.mark.long), "standard"])
def test_cd_misses_them_because_of_their_weight(difficulty: Difficulty) -> None:
    """Most of the missed modes have a mean nearby; and the log-likelihood is lower."""
    missed, near = numbers("cd_missed", difficulty), numbers("cd_near", difficulty)
    assert margin((near[missed > 0] / missed[missed > 0] - 0.5).tolist()) > 3
    gains = numbers("exact_likelihood", difficulty) - numbers("cd_likelihood", difficulty)
    assert margin(np.sign(gains).tolist()) > 4  # signs, because a single bad start can outweigh everything else


def test_the_table_counts_all_restarts() -> None:
    """The restarts by covered modes add up to ten, and to the number of missed modes."""
    for method in ("cd", "exact"):
        counts = np.array([numbers(f"{method}_{k}", "standard") for k in range(5)])
        assert (counts.sum(0) == 10).all()
        assert (np.array([4, 3, 2, 1, 0]) @ counts == numbers(f"{method}_missed", "standard")).all()
        assert (numbers(f"{method}_near", "standard") <= numbers(f"{method}_missed", "standard")).all()


def machine(seed: int) -> tuple[dict[str, Tensor], tuple[Array, Array, Array]]:
    """Weights W, a and b of one machine, stacked for torch and as they are for numpy."""
    random = np.random.default_rng(seed)
    W, a, b = random.normal(size=(2, 2)), random.normal(size=2), random.normal(size=2)
    stacked = {name: torch.tensor(values[None]) for name, values in zip("Wab", (W, a[None], b[None]), strict=True)}
    return stacked, (W, a, b)


def energy(W: Array, a: Array, b: Array, v: Array, h: Array) -> float:
    return float(np.sum((v - a) ** 2) / 2 - v @ W @ h - b @ h)


def on_a_grid(W: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Points of the plane, and sum_h exp(-E(v, h)) there; sums over the grid times 1/16 are integrals."""
    axis = np.arange(-40, 41) / 4
    points = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    return points, np.array([sum(np.exp(-energy(W, a, b, v, h)) for h in STATES) for v in points])


def mixture(weights: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """log pi_h and a + Wh of one machine."""
    return demo.log_peaks(weights)[0].log_softmax(0), (weights["a"] + demo.STATES @ weights["W"].mT)[0]


def test_the_density_is_the_normalised_sum_over_the_hidden_states() -> None:
    """With the integral of exp(-E) by the trapezoidal rule, and against scipy's normal densities."""
    for seed in range(3):
        weights, (W, a, b) = machine(seed)
        points, heights = on_a_grid(W, a, b)
        ours = demo.log_density(*mixture(weights), torch.tensor(points))
        np.testing.assert_allclose(ours, np.log(heights) - np.log(heights.sum() / 16), rtol=0, atol=1e-9)
        log_shares, means = (x.tolist() for x in mixture(weights))
        scipys = sum(
            exp(x) * multivariate_normal(m, np.eye(2)).pdf(points) for x, m in zip(log_shares, means, strict=True)
        )
        np.testing.assert_allclose(ours.exp(), scipys, rtol=1e-9)


def test_the_peaks_are_those_of_the_exercise() -> None:
    """log c_h of a student's machine against the solver's closed form."""
    for seed in range(5):
        params: Params = instance("gaussian_rbm", seed).params
        W, a = torch.tensor([params.rows], dtype=torch.float64), torch.tensor([[params.offset]], dtype=torch.float64)
        b = torch.tensor([[[float(b.value()) for b in params.biases]]], dtype=torch.float64)
        parts = {part.state: part for part in solve(params).components}
        expected = [float(parts[int(h[0]), int(h[1])].log_weight.value()) for h in STATES]
        assert demo.log_peaks({"W": W, "a": a, "b": b})[0].tolist() == pytest.approx(expected, abs=1e-9)


def gradients(weights: dict[str, Tensor]) -> dict[str, Array]:
    found = {}
    for name, w in weights.items():
        assert w.grad is not None
        found[name] = w.grad[0].numpy()
    return found


def sigma(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def test_the_exact_gradient_is_data_minus_model() -> None:
    """Means over the data minus expectations under the model, the latter by the trapezoidal rule."""
    weights, (W, a, b) = machine(4)
    v0 = np.random.default_rng(5).normal(size=(demo.BATCH, 2))
    for w in weights.values():
        w.requires_grad_()
    demo.exact_loss(weights, torch.tensor(v0[None])).backward()
    points, heights = on_a_grid(W, a, b)
    p = heights / heights.sum()
    data, model = sigma(v0 @ W + b), sigma(points @ W + b)
    expected = {"W": v0.T @ data / len(v0) - (points * p[:, None]).T @ model, "a": v0.mean(0) - p @ points}
    expected["b"] = data.mean(0) - p @ model
    for name, gradient in gradients(weights).items():
        np.testing.assert_allclose(-gradient.squeeze(), expected[name], rtol=0, atol=1e-9)


def test_the_surrogate_has_the_updates_of_cd() -> None:
    """Mean v0 p(h=1|v0)' - v1 p(h=1|v1)' for W, v0 - v1 for a, and the difference of the p(h=1|v) for b."""
    weights, (W, _, b) = machine(6)
    v0, v1 = np.random.default_rng(7).normal(size=(2, demo.BATCH, 2))
    for w in weights.values():
        w.requires_grad_()
    demo.cd_loss(weights, torch.tensor(v0[None]), torch.tensor(v1[None])).backward()
    before, after = sigma(v0 @ W + b), sigma(v1 @ W + b)
    expected = {"W": (v0.T @ before - v1.T @ after) / len(v0), "a": (v0 - v1).mean(0), "b": (before - after).mean(0)}
    for name, gradient in gradients(weights).items():
        np.testing.assert_allclose(-gradient.squeeze(), expected[name], rtol=0, atol=1e-12)


def test_reconstructions_are_a_step_of_the_gibbs_chain() -> None:
    """Mean and covariance of 100 000 reconstructions of one point, against sum_h p(h|v0) N(a + Wh, I)."""
    weights, (W, a, b) = machine(12)
    v0, rows, source = np.array([0.7, -1.1]), 100_000, seeded(9)
    uniform = torch.rand(1, rows, 2, generator=source, dtype=torch.float64)
    normal = torch.randn(1, rows, 2, generator=source, dtype=torch.float64)
    found = demo.reconstruction(weights, torch.tensor(v0).expand(1, rows, 2), uniform, normal)[0].numpy()
    p = sigma(v0 @ W + b)
    np.testing.assert_allclose(found.mean(0), a + W @ p, atol=0.03)
    np.testing.assert_allclose(np.cov(found.T), np.eye(2) + W @ np.diag(p * (1 - p)) @ W.T, atol=0.05)


def test_the_data_lie_around_all_modes_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mean a + W1/2 and covariance I + WW'/4, for 100 000 points."""
    monkeypatch.setattr(demo, "ROWS", 100_000)
    s = demo.Setting((3, -5), ((2, 1), (-1, 4)), 1)
    W, points = np.array(s.columns, dtype=float).T, demo.sample(s, seeded(2)).numpy()
    np.testing.assert_allclose(points.mean(0), np.array(s.offset) + W.sum(1) / 2, atol=0.05)
    np.testing.assert_allclose(np.cov(points.T), np.eye(2) + W @ W.T / 4, atol=0.12)


def test_what_lies_on_a_line_is_brought_into_the_plane() -> None:
    """One unit twice; two units each with a coordinate; what lies in the plane stays as it is."""
    start = Start(1)
    assert demo.setting(Params((2,), ((-3,),), (1,)), start) == demo.Setting((2, 2), ((-3, 0), (0, -3)), 1)
    assert demo.setting(Params((2,), ((1,), (4,)), (1, 2)), start) == demo.Setting((2, 2), ((1, 0), (0, 4)), 1)
    plane = demo.setting(Params((2, 7), ((1, 3), (4, -2)), (1, 2)), start)
    assert plane == demo.Setting((2, 7), ((1, 3), (4, -2)), 1)
    assert plane.modes.tolist() == [[2, 7], [6, 5], [3, 10], [7, 8]]


def test_subtracting_the_mean_of_the_data_changes_a_and_b_only() -> None:
    """A machine at v - m is the one with a + m and b - W'm at v."""
    weights, (W, a, b) = machine(10)
    m, points = np.array([4.0, -9.0]), np.random.default_rng(11).normal(size=(6, 2))
    moved = {
        "W": torch.tensor(W[None]),
        "a": torch.tensor((a + m)[None, None]),
        "b": torch.tensor((b - W.T @ m)[None, None]),
    }
    here = demo.log_density(*mixture(weights), torch.tensor(points))
    torch.testing.assert_close(demo.log_density(*mixture(moved), torch.tensor(points + m)), here)


def test_a_mode_is_covered_from_half_of_its_density() -> None:
    """Four distant modes of which the learnt mixture has one with a weight just too small, and one too far away."""
    modes = demo.Setting((0, 0), ((40, 0), (0, 40)), 1).modes
    shares = torch.tensor([0.52, 0.124, 0.126, 0.23], dtype=torch.float64)
    means = modes + torch.tensor([[0.0, 0.0], [0.0, 0.4], [0.0, 0.0], [1.2, 0.0]], dtype=torch.float64)
    learnt = demo._judged(shares.log()[None], means[None], modes, modes)
    assert learnt.covered.tolist() == [[True, False, True, False]]
    assert learnt.near.tolist() == [[True, True, True, False]]
    exponents = [0, 0.08, 0, 0.72]
    expected = np.mean([log(p) - e - log(2 * pi) for p, e in zip(shares.tolist(), exponents, strict=True)])
    assert learnt.likelihoods.tolist() == pytest.approx([expected])
