"""The notebook on inpainting: its checks accept what is right, and find what students usually get wrong."""

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blattwerk.build.notebooks.writing import topic_cells
from tests.instances import instance
from tests.notebooks.course import code, graded, objection, run, solved

CELLS = solved("inpainting")


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """Everything that the solution defines, up to the last check."""
    return run(graded(CELLS))


def test_the_hole_lies_near_the_centre_and_differs_between_students() -> None:
    """It contains the four pixels in the middle, and there are many of them."""
    holes = set()
    for seed in range(60):
        (data,) = (cell for cell in topic_cells(instance("inpainting"), seed, "en") if cell.name == "data")
        line = next(line for line in data.source.splitlines() if line.startswith("HOLE"))
        top, left, height, width = eval(line.split("=")[1].split("#")[0])
        for start, size in ((top, height), (left, width)):
            assert 1 <= start <= 3 and 5 <= start + size <= 7
        holes.add((top, left, height, width))
    assert len(holes) >= 15


@pytest.mark.parametrize(
    ("task", "old", "new", "message"),
    [
        ("hole-task", "dtype=bool", "dtype=float", "truth values"),
        (
            "hole-task",
            "top : top + height, left : left + width",
            "left : left + width, top : top + height",
            "wrong place",
        ),
        (
            "hole-task",
            "top : top + height, left : left + width",
            "top : top + width, left : left + height",
            "wrong place",
        ),
        ("hole-task", "top : top + height", "top : top + height + 1", "height * width pixels"),
        ("hole-task", "return mask.ravel()", "return mask", "a vector"),
        ("hole-task", "return mask.ravel()", "return mask.ravel().tolist()", "a vector"),
        ("hole-task", "np.where(hole, image, x)", "np.where(hole, x, image)", "outside the hole have changed"),
        ("hole-task", "np.where(hole, image, x)", "np.where(hole, 0, x)", "does not show the other image"),
        ("hole-task", "return np.where(hole, image, x)", "x[:, hole] = image[..., hole]; return x", "x itself"),
        ("pca-task", "directions.T @ directions", "directions @ directions.T", "ValueError"),
        ("pca-task", "full_matrices=False)[2][:d]", "full_matrices=False)[2].T[:d]", "lose too much"),
        (
            "pca-task",
            "x - centre, full_matrices=False)[2][:d]",
            "(x - centre).T, full_matrices=False)[0][:d]",
            "lose too much",
        ),
        ("pca-task", "centre = x.mean(0)", "centre = 0 * x.mean(0)", "no component"),
        ("pca-task", "centre + (z - centre)", "(z - centre)", "come back as it was"),
        ("pca-task", "centre + (z - centre)", "centre + z", "come back as it was"),
        ("pca-task", "centre = x.mean(0)", "centre = z.mean(0)", "no component"),
        ("pca-task", "svd(x - centre", "svd(z - centre", "other rows of z"),
        ("pca-task", "svd(x - centre", "svd(x", "lose too much"),
        ("pca-task", "[:d]", "[::-1][:d]", "lose too much"),
        ("pca-task", "[:d]", "[: d + 1]", "no component"),
        ("pca-task", "centre = x.mean(0)", "centre = x.mean(0); x -= centre; x += centre", "must not change"),
        ("joint-task", "2 * t.detach() - t", "t", "gradient by -1"),
        ("joint-task", "2 * t.detach() - t", "-t", "values"),
        ("joint-task", "flip(inpainted)", "inpainted", "-1 times"),
        ("joint-task", "-energy(flip(inpainted))", "flip(-energy(inpainted))", "where does flip stand"),
        ("joint-task", "softplus(energy(x))", "flip(softplus(energy(x)))", "where does flip stand"),
        ("joint-task", "torch.where(hole, made, made.detach())", "made", "through known pixels"),
        (
            "joint-task",
            "torch.where(hole, made, made.detach())",
            "torch.where(hole, made.detach(), made)",
            "known pixels",
        ),
        ("joint-task", "torch.where(hole, made, made.detach())", "torch.where(hole, made, z)", "not the value of L"),
        ("joint-task", "torch.where(hole, made, made.detach())", "hole * made", "not the value of L"),
        ("joint-task", "torch.where(hole, made, made.detach())", "hole * made + (1 - hole) * made.detach()", "~hole"),
        (
            "joint-task",
            "torch.where(hole, made, made.detach())",
            "hole.double() * made + (1 - hole.double()) * made.detach()",
            "hole.float()",
        ),
        ("joint-task", "torch.where(hole, made, made.detach())", "made.detach()", "no gradient reaches"),
        ("joint-task", "softplus(-energy(", "softplus(energy(", "not the value of L"),
        ("joint-task", "softplus(energy(x)).mean()", "softplus(-energy(x)).mean()", "not the value of L"),
        ("joint-task", "(flip(inpainted))).mean()", "(flip(inpainted))).sum()", "not the value of L"),
        ("joint-task", "softplus(energy(x)).mean()", "softplus(energy(x))", "one number"),
    ],
)
def test_a_usual_mistake_meets_an_objection(task: str, old: str, new: str, message: str) -> None:
    """And one that tells where to look."""
    said = objection(CELLS, task, old, new)
    assert message in said, said


@pytest.mark.parametrize("mask", ["hole * made + ~hole * made.detach()", "M * made + (1 - M) * made.detach()"])
def test_the_hole_in_numbers_is_right_too(mask: str) -> None:
    """As the text of the task says."""
    new = mask.replace("M", "hole.float()")
    assert objection(CELLS, "joint-task", "torch.where(hole, made, made.detach())", new) == ""


def test_pca_agrees_with_scikit_learn(names: dict[str, Any]) -> None:
    """On the student's own digits, for few and many components."""
    from sklearn.decomposition import PCA

    for d in (1, 10, 64):
        pca = PCA(d, svd_solver="full").fit(names["train"])
        expected = pca.inverse_transform(pca.transform(names["masked"]))
        assert np.allclose(names["pca_reconstruct"](names["masked"], names["train"], d), expected)


def test_the_joint_error_has_the_gradients_of_two_separate_losses(names: dict[str, Any]) -> None:
    """The energy network's with the images held, the generator's with the energy network held, in the hole alone."""
    import torch
    from torch.nn.functional import softplus

    torch.manual_seed(3)
    pixels, hole = names["side"] ** 2, torch.tensor(names["hole"])
    energy = torch.nn.Sequential(torch.nn.Linear(pixels, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1))
    generator = torch.nn.Linear(pixels, pixels)
    x, z = torch.rand(2, 7, pixels)
    weights = [*energy.parameters(), *generator.parameters()]
    joint = torch.autograd.grad(names["joint_error"](energy, generator, x, z, hole), weights)
    held = generator(z).detach()
    first = softplus(energy(x)).mean() + softplus(-energy(held)).mean()
    second = -softplus(-energy(torch.where(hole, generator(z), held))).mean()
    separate = (*torch.autograd.grad(first, energy.parameters()), *torch.autograd.grad(second, generator.parameters()))
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(joint, separate, strict=True))


def test_mnist_is_read_from_a_folder(tmp_path: Path) -> None:
    """28 x 28 pixels from an idx file, packed or not; the hole grows with the images; a missing file is named."""
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    content = bytes.fromhex("00000803 00000028 0000001c 0000001c") + images.tobytes()
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(content))
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "train-images-idx3-ubyte").write_bytes(content)
    data = code(CELLS)[0]
    for folder in ("packed", "plain"):
        chosen = data.source.replace('MNIST = ""', f"MNIST = {str(tmp_path / folder)!r}")
        names = run([replace(data, source=chosen)])
        assert names["side"] == 28 and names["images"].shape == (40, 784)
        assert np.array_equal(names["images"][3], images[3].ravel() / 255)
        assert names["height"] == round(3.5 * names["HOLE"][2])
    nowhere = data.source.replace('MNIST = ""', f"MNIST = {str(tmp_path)!r}")
    with pytest.raises(AssertionError, match="no train-images-idx3-ubyte in"):
        run([replace(data, source=nowhere)])
