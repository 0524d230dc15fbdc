"""D9: what must hold over many seeds; PCA, the joint error and its gradients by other means."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor
from torch.nn.functional import softplus

from blattwerk.solvers.demos import digits
from blattwerk.solvers.demos import inpainting as demo
from blattwerk.solvers.demos.adversarial import Generator, TwoLayers, flip, joint_error, slope_penalty, two_layers
from blattwerk.solvers.demos.inpainting import (
    COMPONENTS,
    DEMO,
    PIXELS,
    Images,
    component_errors,
    fill_hole,
    hole_error,
    hole_mask,
    pca_reconstruct,
    play,
    principal_components,
    setting,
)
from blattwerk.solvers.demos.lanes import together
from blattwerk.vocabulary.demo import Start
from tests.instances import instance
from tests.solvers.demos.findings import findings, margin, numbers

LANES, ROWS = 3, 5
HOLE = torch.stack([hole_mask(8, *place)[None] for place in ((2, 3, 3, 4), (1, 1, 4, 4), (3, 2, 3, 3))])


def random(*size: int, seed: int = 1) -> Tensor:
    return torch.rand(*size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def players() -> tuple[TwoLayers, Generator]:
    """Networks with a correction that is not 0."""
    mean = random(LANES, 1, PIXELS, seed=2)
    energy, generator = TwoLayers([1, 2, 3], 1, mean), Generator([4, 5, 6], mean)
    with torch.no_grad():
        for name in ("2.weight", "2.bias"):
            generator.weights[name].copy_(random(*generator.weights[name].shape, seed=3) - 0.5)
    return energy, generator


@pytest.mark.parametrize("few", [0, 2, 40, 64])
def test_a_moderate_number_of_components_is_best(few: int) -> None:
    """With the mean in the hole, by far more than the standard error."""
    best, other = numbers("inpainting", "mean_10", 48), numbers("inpainting", f"mean_{few}", 48)
    assert margin([o - b for b, o in zip(best, other, strict=True)]) > 10


def test_the_best_number_of_components_is_near_ten() -> None:
    chosen = numbers("inpainting", "d", 48)
    assert 8 <= np.mean(chosen) <= 11 and {4.0, 15.0} >= {*chosen} - {6.0, 8.0, 10.0, 12.0}


def test_all_components_copy_what_is_in_the_hole() -> None:
    """With the mean there, the error is that of the mean alone; with 0 it is far above."""
    assert numbers("inpainting", "mean_64", 48) == numbers("inpainting", "mean_0", 48)
    for found in findings("inpainting", 48):
        assert found.numbers["zero_64"] > 2 * found.numbers["mean_0"]


def test_with_0_in_the_hole_pca_is_soon_worse_than_the_mean() -> None:
    """For every student."""
    for d in (10, 20, 40):
        zero, mean = numbers("inpainting", f"zero_{d}", 48), numbers("inpainting", "mean_0", 48)
        assert all(z > 1.3 * m for z, m in zip(zero, mean, strict=True))


def test_the_generator_is_better_than_the_mean_alone() -> None:
    """Every time, and by far on average."""
    generator, mean = numbers("inpainting", "generator", 48), numbers("inpainting", "mean_0", 48)
    assert all(g < m for g, m in zip(generator, mean, strict=True))
    assert margin([0.85 * m - g for g, m in zip(generator, mean, strict=True)]) > 4


def test_between_generator_and_pca_runs_differ() -> None:
    """As the sheet says: neither wins always."""
    generator, pca = (np.array(numbers("inpainting", name, 48)) for name in ("generator", "best"))
    assert 0.1 < (generator < pca).mean() < 0.95


def by_scikit_learn(z: Tensor, x: Tensor, d: int) -> np.ndarray:
    """The rows z, projected on the mean and d components of the rows x (scikit-learn wants at least one)."""
    pca = PCA(max(d, 1), svd_solver="full").fit(x.numpy())
    coefficients = pca.transform(z.numpy())
    return pca.inverse_transform(coefficients if d else 0 * coefficients)


@pytest.mark.parametrize("d", [0, 1, 7, 30, 64])
def test_pca_is_that_of_scikit_learn(d: int) -> None:
    """On digits, lane by lane."""
    images = torch.from_numpy(digits.digits().images).flatten(1)
    x, z = images[:900].unflatten(0, (3, 300)), images[900:1200].unflatten(0, (3, 100))
    ours = pca_reconstruct(z, principal_components(x), d)
    for lane in range(3):
        assert np.allclose(ours[lane], by_scikit_learn(z[lane], x[lane], d), atol=1e-10)


def test_errors_are_counted_in_the_hole_alone() -> None:
    """For validation and test images, with the mean and with 0 in the hole, pixel by pixel."""
    data = torch.from_numpy(digits.digits().images).flatten(1)[:1500].reshape(LANES, 500, PIXELS)
    images = Images(*data.split([300, 80, 120], 1), HOLE)
    ours = component_errors(images, principal_components(images.training))
    for lane in range(LANES):
        hole = HOLE[lane, 0]
        training, validation, test = (one[lane] for one in (images.training, images.validation, images.test))
        mean = training.mean(0)
        for row, (real, filling) in enumerate(((validation, mean), (test, mean), (test, torch.zeros(PIXELS).double()))):
            holed = real.clone()
            holed[:, hole] = filling[hole]
            for i in (0, 5, 14):
                wrong = (by_scikit_learn(holed, training, COMPONENTS[i]) - real.numpy())[:, hole.numpy()]
                assert ours[row, i, lane].item() == pytest.approx((wrong**2).mean(), rel=1e-9)


def test_every_hole_lies_around_the_middle() -> None:
    """It has 3 or 4 pixels in either direction; students have different ones."""
    holes = set()
    for seed in range(60):
        top, left, height, width = setting(instance("inpainting").params, Start(seed)).hole
        mask = hole_mask(8, top, left, height, width).reshape(8, 8).numpy()
        rows, columns = np.nonzero(mask)
        assert (rows.min(), columns.min(), mask.sum()) == (top, left, height * width)
        assert {height, width} <= {3, 4} and mask[3:5, 3:5].all()
        holes.add((top, left, height, width))
    assert len(holes) > 12


def test_flip_turns_the_gradient_and_nothing_else() -> None:
    t = torch.tensor([0.1, -2.7, 1e-9], dtype=torch.float64, requires_grad=True)
    assert torch.equal(flip(t), t)
    assert torch.autograd.grad((flip(t) * torch.tensor([1.0, 2.0, 3.0])).sum(), t)[0].tolist() == [-1, -2, -3]


def test_the_joint_error_has_the_gradients_of_two_separate_losses() -> None:
    """The energy network descends on L with fixed images; the generator ascends on it, in the hole alone."""
    energy, generator = players()
    x, z = random(LANES, ROWS, PIXELS, seed=4), random(LANES, ROWS, PIXELS, seed=5)
    theta, phi = list(energy.weights.values()), list(generator.weights.values())
    joint = torch.autograd.grad(joint_error(energy, generator, x, z, HOLE).sum(), [*theta, *phi])

    fixed = generator(z).detach()
    loss = (softplus(energy(x)) + softplus(-energy(fixed))).sum() / ROWS
    for got, wanted in zip(joint[: len(theta)], torch.autograd.grad(loss, theta), strict=True):
        assert torch.allclose(got, wanted, atol=1e-13)

    inpainted = HOLE * generator(z) + ~HOLE * fixed
    loss = -softplus(-energy(inpainted)).sum() / ROWS
    for got, wanted in zip(joint[len(theta) :], torch.autograd.grad(loss, phi), strict=True):
        assert torch.allclose(got, wanted, atol=1e-13) and got.any()


def test_the_joint_error_has_the_value_of_the_formula() -> None:
    """The mean of log(1 + exp E(x)) + log(1 + exp(-E(G(z)))): flip and stop-gradient change no value."""
    energy, generator = players()
    x, z = random(LANES, ROWS, PIXELS, seed=4), random(LANES, ROWS, PIXELS, seed=5)
    real, made = energy(x).detach().numpy(), energy(generator(z)).detach().numpy()
    wanted = (np.log1p(np.exp(real)) + np.log1p(np.exp(-made))).mean((1, 2))
    assert np.allclose(joint_error(energy, generator, x, z, HOLE).detach(), wanted, atol=1e-14)


def test_the_slope_penalty_is_the_squared_gradient() -> None:
    """dE/dx = W1' (w2 * 1[a > 0]) for E = w2' relu(a) + b2, a = W1 (x - mean) + b1; and it trains E."""
    energy, _ = players()
    x, mean = random(LANES, ROWS, PIXELS, seed=4), random(LANES, 1, PIXELS, seed=2)
    W1, b1, w2 = (energy.weights[name] for name in ("0.weight", "0.bias", "2.weight"))
    on = ((x - mean) @ W1.mT + b1[:, None] > 0).double()
    wanted = (((on * w2) @ W1) ** 2).sum(2).mean(1)
    ours = slope_penalty(energy, x)
    assert torch.allclose(ours, wanted, atol=1e-14)
    gradients = (torch.autograd.grad(penalty.sum(), [W1, w2]) for penalty in (ours, wanted))
    for got, other in zip(*gradients, strict=True):
        assert torch.allclose(got, other, atol=1e-13)


def test_stacked_layers_are_torch_modules_side_by_side() -> None:
    """Against vmap of the same modules."""
    energy, _ = players()
    x, mean = random(LANES, ROWS, PIXELS, seed=4), random(LANES, 1, PIXELS, seed=2)
    assert torch.allclose(energy(x), together([1, 2, 3], lambda: two_layers(PIXELS, 1))(x - mean), atol=1e-14)


def test_the_generator_begins_with_the_given_image_and_never_touches_known_pixels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Because of the stop-gradient, to the last bit."""
    monkeypatch.setattr(demo, "STEPS", 24)
    monkeypatch.setattr(demo, "TRAINING", ROWS)
    x = random(LANES, ROWS, PIXELS, seed=4)
    mean = x.mean(1, keepdim=True)
    energy, generator = TwoLayers([1, 2, 3], 1, mean), Generator([4, 5, 6], mean)
    given = fill_hole(x, HOLE, mean)
    assert torch.equal(generator(given), given)
    play(energy, generator, Images(x, x, x, HOLE), [7, 8, 9], lambda steps: None)
    changed = generator(given) != given
    assert changed[HOLE.expand_as(changed)].all() and not changed[~HOLE.expand_as(changed)].any()


def test_the_error_of_the_hole_is_a_mean_over_its_pixels() -> None:
    images, other = random(LANES, ROWS, PIXELS, seed=6), random(LANES, ROWS, PIXELS, seed=7)
    for lane in range(LANES):
        mask = HOLE[lane, 0]
        wanted = ((images[lane] - other[lane])[:, mask] ** 2).mean()
        assert torch.isclose(hole_error(images, other, HOLE)[lane], wanted)


def test_mnist_is_used_where_there_is_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of 28 x 28 pixels, with a shorter training."""
    random_images = np.random.default_rng(1).random((1600, 28, 28))
    monkeypatch.setattr(digits, "digits", lambda folder: digits.Digits(random_images, np.zeros(1600, np.int64)))
    monkeypatch.setattr(demo, "STEPS", 12)
    (found,) = DEMO.train([setting(instance("inpainting").params, Start(3, "another folder"))], lambda steps: None)
    assert found.mnist and found.numbers["d"] in COMPONENTS
