"""D8: what must hold over many seeds; states, gradients and the training itself by other means."""

from fractions import Fraction
from functools import reduce
from itertools import pairwise
from math import e, log10

import numpy as np
import numpy.typing as npt
import pytest
import torch

from blattwerk.build.demos.training import setting_of
from blattwerk.build.numbers import sample
from blattwerk.generators.residual_backprop import RANGES
from blattwerk.solvers.demos.lanes import seeded
from blattwerk.solvers.demos.residual_backprop import (
    DEEPEST,
    DEMO,
    KINDS,
    Networks,
    Setting,
    gradient_norms,
    joined,
    network,
    orthogonal,
    rotation,
    states,
    unit_vectors,
)
from blattwerk.vocabulary.demo import trained
from blattwerk.vocabulary.exercise import Difficulty
from tests.instances import instance
from tests.solvers.demos.findings import every_difficulty, findings, margin

Array = npt.NDArray[np.float64]


def measurements(name: str, difficulty: Difficulty) -> list[float]:
    """One number of the findings, for 40 seeds."""
    return [float(found.numbers[name]) for found in findings("residual_backprop", 40, difficulty)]


@every_difficulty
def test_the_gradient_keeps_to_its_bounds(difficulty: Difficulty) -> None:
    """c^L in the plain network; (1-c)^L to (1+c)^L in the residual one; 1-c to e^c with scaled branches."""
    for seed in range(40):
        params = instance("residual_backprop", seed, difficulty).params
        c, depth = float(params.factor), params.depth
        plain, residual, scaled = (measurements(f"{kind}_gradient", difficulty)[seed] for kind in KINDS)
        assert plain == pytest.approx(depth * log10(c), abs=0.0051)
        assert depth * log10(1 - c) < residual < depth * log10(1 + c)
        assert log10(1 - c) - 0.005 < scaled < c * log10(e) + 0.005


@every_difficulty
def test_only_the_plain_gradient_vanishes_and_only_the_residual_one_grows(difficulty: Difficulty) -> None:
    """On average, by far more than the standard error; with scaled branches the factor is near 1 every time."""
    plain, residual, scaled = (measurements(f"{kind}_gradient", difficulty) for kind in KINDS)
    assert margin([-x - 1 for x in plain]) > 6
    assert margin(residual) > 6
    assert margin([r - abs(s) for r, s in zip(residual, scaled, strict=True)]) > 6
    assert max(map(abs, scaled)) < 0.2


def test_growth_and_decay_go_on_with_the_depth() -> None:
    """For c = 1/2 and 30 seeds: from 10 to 30 to 50 layers, in pairs."""
    depths = (10, 30, 50)
    norms = {
        (depth, seed): gradient_norms(joined([network(Setting(Fraction(1, 2), depth, seed), k) for k in KINDS]))
        for depth in depths
        for seed in range(30)
    }
    factors = {key: (n[:, 0] / n[:, key[0]]).log10().tolist() for key, n in norms.items()}
    for short, long in pairwise(depths):
        steps = np.array([np.subtract(factors[long, seed], factors[short, seed]) for seed in range(30)])
        assert steps[:, 0] == pytest.approx(-20 * log10(2))
        assert margin(steps[:, 1].tolist()) > 6
        assert abs(steps[:, 2]).max() < 0.2


@every_difficulty
@pytest.mark.parametrize("other", ["plain", "residual"])
def test_scaled_branches_end_with_the_smallest_loss(other: str, difficulty: Difficulty) -> None:
    """Over 40 seeds; they are trained to less than a tenth of the error of the output 0."""
    scaled = measurements("scaled_end", difficulty)
    assert margin([o - s for o, s in zip(measurements(f"{other}_end", difficulty), scaled, strict=True)]) > 6
    assert max(scaled) < -1


@pytest.mark.parametrize("seed", range(5))
def test_states_are_those_of_the_exercise(seed: int) -> None:
    """The student's own layers, each twice along the diagonal: J and J' against the exact answers."""
    drawn = instance("residual_backprop", seed)
    for skip, exact in ((0, drawn.solution.plain), (1, drawn.solution.residual)):
        layers = [np.kron(np.eye(2), np.array(w, float)) for w in drawn.params.weights]
        h = states(*_of(np.array(layers), skip))
        assert h[-1][0].numpy() == pytest.approx(np.kron(np.eye(2), np.array(exact, float)))


@every_difficulty
def test_gradients_through_multiples_of_the_identity_are_those_of_the_exercise(difficulty: Difficulty) -> None:
    """W_i = c I: the factors c^L, (1+c)^L and (1+c/L)^L against the exact answers."""
    drawn = instance("residual_backprop", 7, difficulty)
    c, depth, solution = drawn.params.factor, drawn.params.depth, drawn.solution
    exact = (solution.plain_power, solution.residual_power, solution.scaled_power)
    for (scale, skip), power in zip(((c, 0), (c, 1), (c / depth, 1)), exact, strict=True):
        networks, _ = _of(float(scale) * np.repeat(np.eye(4)[None], depth, 0), skip)
        norms = gradient_norms(networks)[0]
        assert (norms[0] / norms[-1]).item() == pytest.approx(float(power))


def _of(weights: Array, skip: int) -> tuple[Networks, torch.Tensor]:
    """One network with these weights, and its inputs."""
    ones = torch.ones(len(weights), 1, 1, 1, dtype=torch.float64)
    networks = Networks(torch.from_numpy(weights)[:, None], skip * ones, ones, rotation(seeded(1))[None])
    return networks, unit_vectors(networks)


def test_a_plain_loop_with_products_of_matrices_comes_to_the_same_numbers() -> None:
    """One student in numpy, layers of the own depth only, the gradients by the product rule."""
    own = setting_of(sample("residual_backprop", 7, "standard"))
    numbers = trained(DEMO, [own])[0].numbers
    for kind in KINDS:
        start = network(own, kind)
        identity = np.zeros((4, 4)) if kind == "plain" else np.eye(4)
        losses = _descended(start.weights[: own.depth, 0].numpy().copy(), identity, start.targets[0].numpy())
        assert log10(losses[0]) == pytest.approx(float(numbers[f"{kind}_start"]), abs=0.051)
        assert log10(max(losses[-1], 1e-6)) == pytest.approx(float(numbers[f"{kind}_end"]), abs=0.051)


def _descended(weights: Array, identity: Array, target: Array) -> list[float]:
    """Losses l = |J - R|^2 / 4 in 200 steps, with dl/dW_i = (F_L ... F_{i+1})^T (J - R) (F_{i-1} ... F_1)^T / 2."""
    losses = []
    for step in range(201):
        below, above = [np.eye(4)], [np.eye(4)]
        for w in weights:
            below.append((identity + w) @ below[-1])
        for w in weights[::-1]:
            above.append(above[-1] @ (identity + w))
        error = below[-1] - target
        losses.append(float((error**2).sum() / 4))
        gradient = np.array([a.T @ error @ b.T / 2 for a, b in zip(above[-2::-1], below, strict=False)])
        weights = weights - 0.01 * (1 - step / 200) * gradient / max(1.0, float(np.sqrt((gradient**2).sum())))
    return losses


def test_orthogonal_matrices_have_the_invariant_distribution() -> None:
    """Orthogonal; the entries have the moments 0, 1/4 and 1/8 (= 3/(d(d+2))), the determinants both signs."""
    source = seeded(3)
    q = torch.stack([orthogonal(source) for _ in range(20_000)])
    assert torch.allclose(q.mT @ q, torch.eye(4, dtype=torch.float64).expand_as(q))
    for power, moment in ((1, 0.0), (2, 1 / 4), (3, 0.0), (4, 1 / 8)):
        assert (q**power).mean(0).numpy() == pytest.approx(np.full((4, 4), moment), abs=0.02)
    assert torch.linalg.det(q).mean().item() == pytest.approx(0, abs=0.03)


def test_the_rotation_turns_by_a_right_angle() -> None:
    """Orthogonal, and -1 when done twice."""
    r = rotation(seeded(4))
    assert torch.allclose(r @ r, -torch.eye(4, dtype=torch.float64))
    assert torch.allclose(r.T @ r, torch.eye(4, dtype=torch.float64))
    assert torch.linalg.det(r).item() == pytest.approx(1)


def test_layers_behind_the_last_one_change_nothing() -> None:
    """Enough layers for every draw; the states behind the last layer are bit by bit the output."""
    assert max(given.depths[1] for given in RANGES.values()) <= DEEPEST
    for kind in KINDS:
        networks = network(Setting(Fraction(3, 5), 12, 9), kind)
        h = states(networks, unit_vectors(networks))
        factors = networks.weights[:12, 0] + networks.skips[:12, 0] * torch.eye(4, dtype=torch.float64)
        product = reduce(lambda a, b: b @ a, factors)
        assert all(torch.equal(state, h[12]) for state in h[12:])
        assert torch.allclose(h[12][0], product)
