"""D3: what must hold over many seeds; the loss, its gradients and the conditional distribution by other means."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch import Tensor, nn
from torch.distributions import Categorical, MixtureSameFamily, Normal

from blattwerk.build.demos.training import setting_of
from blattwerk.build.numbers import sample
from blattwerk.solvers.demos.lanes import seeded, together
from blattwerk.solvers.demos.mixture_density import (
    CELLS,
    NOISE,
    Mixture,
    Setting,
    conditional,
    error,
    forward,
    impossible,
    likeliest,
    mixture,
    mixture_network,
    normal_error,
    pairs,
    squares_network,
)
from blattwerk.vocabulary.exercise import Difficulty
from tests.instances import instance
from tests.solvers.demos.findings import every_difficulty, findings, margin

LOPSIDED = Setting((Fraction(1, 5), Fraction(1, 2), Fraction(3, 10)), 11)


@every_difficulty
@pytest.mark.parametrize(
    ("worse", "better"),
    [("squares", "mixture"), ("squares_impossible", "mixture_impossible"), ("mixture_distance", "squares_distance")],
)
def test_the_mixture_is_likelier_and_least_squares_averages_the_branches(
    worse: str, better: str, difficulty: Difficulty
) -> None:
    """Over 40 seeds, by far more than the standard error; the lower E even for each of them."""
    found = [found.numbers for found in findings("mixture_density", 40, difficulty)]
    differences = [float(numbers[worse] - numbers[better]) for numbers in found]
    assert margin(differences) > 6
    assert worse != "squares" or min(differences) > 0.1


def test_nothing_is_likelier_than_the_true_density() -> None:
    """The mean E stays above the entropy of t given x, computed on a fine grid."""
    above = []
    for seed, found in enumerate(findings("mixture_density", 40)):
        entropy = _entropy([float(a) for a in instance("mixture_density", seed).params.weights])
        above.append(float(found.numbers["mixture"]) - entropy)
    assert margin(above) > 6
    assert max(above) < 0.5


def _entropy(weights: list[float]) -> float:
    """H(t|x) = -sum p(x,t) log p(t|x) over cells."""
    t, x = (np.arange(1000) + 0.5) / 1000, np.linspace(-0.1, 1.1, 1201)[:, None]
    joint = np.repeat(weights, -(-1000 // len(weights)))[:1000] * (abs(x - t - 0.3 * np.sin(2 * np.pi * t)) < NOISE)
    joint /= joint.sum()
    inside = np.where(joint > 0, joint / joint.sum(1, keepdims=True).clip(1e-300) * 1000, 1)
    return float(-(joint * np.log(inside)).sum())


def test_a_plain_loop_with_plain_modules_comes_to_the_same_numbers() -> None:
    """One student without lanes, with the densities of torch.distributions."""
    own = setting_of(sample("mixture_density", 7, "standard"))
    numbers = findings("mixture_density", 40)[7].numbers  # a student's are the same alone and in a class
    training, test = pairs(own, 0, 1000), pairs(own, 1, 1000)
    mixtures = _fitted(mixture_network, own, training.inputs, training.targets, lambda o, t: -_density(o).log_prob(t))
    squares = _fitted(squares_network, own, training.inputs, training.targets, lambda o, t: (o[:, 0] - t) ** 2)
    with torch.no_grad():
        nll = -_density(mixtures(_standard(test.inputs))).log_prob(test.targets).mean().item()
        variance = ((squares(_standard(training.inputs))[:, 0] - training.targets) ** 2).mean()
        predicted = squares(_standard(test.inputs))[:, 0]
        normal = -Normal(predicted, variance.sqrt()).log_prob(test.targets).mean().item()
    assert nll == pytest.approx(float(numbers["mixture"]), abs=0.0051)
    assert normal == pytest.approx(float(numbers["squares"]), abs=0.0051)


def _standard(inputs: Tensor) -> Tensor:
    return (inputs[:, None] - 0.5) / 0.15


def _density(outputs: Tensor) -> MixtureSameFamily:
    z, means, widths = outputs.split(3, -1)
    return MixtureSameFamily(Categorical(logits=z), Normal(means, widths.exp()))


def _fitted(
    make: Callable[[], nn.Module], s: Setting, x: Tensor, t: Tensor, loss: Callable[[Tensor, Tensor], Tensor]
) -> nn.Module:
    """30 epochs of Adam from the lane's first weights, in batches of 20, the learning rate falling from 0.005 to 0."""
    network = make().double()
    network.load_state_dict({name: values[0] for name, values in together([s.seed], make).snapshot().items()})
    optimiser = torch.optim.Adam(network.parameters())
    for epoch in range(30):
        optimiser.param_groups[0]["lr"] = 0.005 * (1 - epoch / 30)
        for rows in torch.arange(1000).split(20):
            optimiser.zero_grad()
            loss(network(_standard(x[rows])), t[rows]).mean().backward()
            optimiser.step()
    return network


@pytest.mark.parametrize("difficulty", ["easy", "standard"])
@pytest.mark.parametrize("seed", range(5))
def test_the_loss_and_its_gradients_are_those_of_the_exercise(difficulty: Difficulty, seed: int) -> None:
    """E and dE/dz, dE/dmu, dE/dw by autograd against the exact answers; K = 2 and K = 3, one dimension."""
    drawn = instance("mixture_density", seed, difficulty)
    p, s = drawn.params, drawn.solution
    given = (np.log(np.array(p.weights, float)), np.array(p.places, float), np.log(np.array(p.deviations, float)))
    outputs = torch.from_numpy(np.concatenate(given)).requires_grad_()
    loss = error(mixture(outputs), torch.tensor(float(p.target[0]), dtype=torch.float64))
    loss.backward()
    exact = next(answer for answer in drawn.answers if answer.name == "loss")
    assert loss.item() == pytest.approx(float(exact.value.value()))
    assert outputs.grad is not None
    expected = [*s.by_logits, *(x for (x,) in s.by_means), *s.by_widths]
    assert outputs.grad.tolist() == pytest.approx([float(x) for x in expected])


def test_the_normal_density_is_that_of_scipy() -> None:
    """-log N(t; y, v)."""
    t, y, v = torch.tensor([0.3, 0.9]), torch.tensor([0.5, 0.4]), torch.tensor(0.04)
    expected = -norm.logpdf(t.numpy(), y.numpy(), 0.2)
    assert normal_error((t - y) ** 2, v).numpy() == pytest.approx(expected, rel=1e-5)


def test_the_likeliest_mean_is_a_mode_of_separate_components() -> None:
    """Against the highest of many values of the density."""
    source = seeded(5)
    for _ in range(20):
        z = torch.randn(3, generator=source, dtype=torch.float64)
        w = -3 - torch.rand(3, generator=source, dtype=torch.float64)
        m = Mixture(torch.log_softmax(z, -1), torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64), w)
        grid = torch.linspace(0, 1, 2001, dtype=torch.float64)
        spread = Mixture(*(x.expand(2001, 3) for x in (m.log_weights, m.means, m.log_widths)))
        assert likeliest(m).item() == pytest.approx(grid[error(spread, grid).argmin()].item(), abs=1e-3)


def test_the_pairs_have_the_distribution_that_we_claim() -> None:
    """Shares of the parts, uniform noise, and E[t|x] as the mean of the targets near x."""
    sample = pairs(LOPSIDED, 0, 400_000)
    shares = torch.histc(sample.targets, 3, 0, 1) / 400_000
    assert shares.tolist() == pytest.approx([0.2, 0.5, 0.3], abs=0.004)
    noise = (sample.inputs - sample.targets - 0.3 * torch.sin(2 * torch.pi * sample.targets)).numpy()
    assert np.quantile(noise, [0, 0.25, 0.5, 0.75, 1]) == pytest.approx([-0.1, -0.05, 0, 0.05, 0.1], abs=0.001)
    places = torch.tensor([0.1, 0.4, 0.5, 0.65, 0.9], dtype=torch.float64)
    for x, mean in zip(places, conditional(LOPSIDED, places) @ CELLS, strict=True):
        near = sample.targets[(sample.inputs - x).abs() < 0.01]
        assert mean.item() == pytest.approx(near.mean().item(), abs=5 * near.std().item() / len(near) ** 0.5 + 0.002)


def test_only_predictions_off_the_branches_are_impossible() -> None:
    """None of the targets themselves; about the middle between two branches, all."""
    sample = pairs(LOPSIDED, 0, 1000)
    assert impossible(sample.inputs, sample.targets).item() == 0
    assert impossible(torch.tensor([0.35]), torch.tensor([0.4])).item() == 1
    assert forward(torch.tensor(0.25)).item() == pytest.approx(0.55)
