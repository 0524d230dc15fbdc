"""Inpainting of digits: the training mean, principal components, and a generator that plays against an energy network.

The hole is a rectangle around the middle of the image. PCA projects the image with a filled hole on the mean and the
first d principal components of the training images. The generator gets the image with the mean in the hole; the loss
of generator and energy network is their joint error plus PENALTY times the mean of |dE/dx|^2 over real images.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import torch
from torch import Tensor

from blattwerk.solvers.demos.adversarial import Generator, TwoLayers, joint_error, slope_penalty
from blattwerk.solvers.demos.digits import SMALL, small_digits
from blattwerk.solvers.demos.lanes import seeded
from blattwerk.solvers.inpainting import Params
from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Gallery, Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised

PIXELS = SMALL**2
TRAINING, VALIDATION, TEST = 1000, 200, 320
COMPONENTS = (0, 1, 2, 3, 4, 6, 8, 10, 12, 15, 20, 30, 40, 50, PIXELS)
PRINTED = (0, 2, 6, 10, 20, 40, PIXELS)
STEPS, BATCH, LEARNING_RATE, BETAS, PENALTY = 1200, 8, 0.007, (0.0, 0.99), 10.0
REPORTS = 12


@dataclass(frozen=True)
class Setting:
    """The hole (first row and column, from 0; height; width), the source of all random numbers, and MNIST's folder."""

    hole: tuple[int, int, int, int]
    seed: int
    mnist: str


@dataclass(frozen=True)
class Images:
    """Each lane's images as rows, (lanes, rows, 64); and whether a pixel lies in its hole, (lanes, 1, 64)."""

    training: Tensor
    validation: Tensor
    test: Tensor
    hole: Tensor


@dataclass(frozen=True)
class Components:
    """The mean (lanes, 1, 64) of rows, and their principal components as columns, the first one first."""

    mean: Tensor
    directions: Tensor


def setting(params: Params, start: Start) -> Setting:
    """A hole of 3 or 4 pixels in either direction that contains the four pixels in the middle."""
    source = seeded(start.seed)
    height, width = (int(torch.randint(3, 5, (), generator=source)) for _ in range(2))
    top, left = (int(torch.randint(5 - size, 4, (), generator=source)) for size in (height, width))
    return Setting((top, left, height, width), start.seed, start.mnist)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """PCA with each number of components, and a generator against an energy network, for each student."""
    images = Images(*map(torch.stack, zip(*map(_images, settings), strict=True)))
    components = principal_components(images.training)
    energy = TwoLayers([s.seed + 1 for s in settings], 1, components.mean)
    generator = Generator([s.seed + 2 for s in settings], components.mean)
    play(energy, generator, images, [s.seed + 3 for s in settings], advance)
    with torch.no_grad():
        made = generator(fill_hole(images.test, images.hole, components.mean))
    errors, generated = component_errors(images, components), hole_error(images.test, made, images.hole)
    return tuple(
        _finding(
            s, errors[..., i].tolist(), generated[i].item(), _lane(images, i), _lane(components, i), made[i : i + 1]
        )
        for i, s in enumerate(settings)
    )


def _images(s: Setting) -> tuple[Tensor, ...]:
    """Different images for training, validation and test, and the hole."""
    images = torch.from_numpy(small_digits(s.mnist).images).flatten(1)
    order = torch.randperm(len(images), generator=seeded(s.seed + 4))[: TRAINING + VALIDATION + TEST]
    return *images[order].split([TRAINING, VALIDATION, TEST]), hole_mask(SMALL, *s.hole)[None]


def hole_mask(side: int, top: int, left: int, height: int, width: int) -> Tensor:
    """For each pixel of side x side, row by row: whether it lies in the hole."""
    mask = torch.zeros(side, side, dtype=torch.bool)
    mask[top : top + height, left : left + width] = True
    return mask.flatten()


def fill_hole(x: Tensor, hole: Tensor, image: Tensor) -> Tensor:
    """The rows x with the pixels of `image` in the hole."""
    return torch.where(hole, image, x)


def hole_error(images: Tensor, inpainted: Tensor, hole: Tensor) -> Tensor:
    """Each lane's mean squared error over the pixels in the hole."""
    return ((images - inpainted) ** 2 * hole).sum((1, 2)) / (images.shape[1] * hole.sum((1, 2)))


def principal_components(x: Tensor) -> Components:
    """Mean and eigenvectors of the covariance matrix of the rows x, by descending eigenvalue."""
    mean = x.mean(1, keepdim=True)
    return Components(mean, torch.linalg.eigh((x - mean).mT @ (x - mean)).eigenvectors.flip(2))


def pca_reconstruct(z: Tensor, x: Components, d: int) -> Tensor:
    """The rows z, projected on the mean and the first d principal components of the training rows."""
    directions = x.directions[..., :d]
    return x.mean + (z - x.mean) @ directions @ directions.mT


def component_errors(images: Images, x: Components) -> Tensor:
    """The error for each number of components, (3, len(COMPONENTS), lanes).

    First on the validation images with the mean in the hole, then on the test images with the mean and with 0.
    """
    real = (images.validation, images.test, images.test)
    fillings = (x.mean, x.mean, torch.zeros_like(x.mean))
    given = [fill_hole(one, images.hole, filling) for one, filling in zip(real, fillings, strict=True)]
    return torch.stack(
        [
            torch.stack([hole_error(one, pca_reconstruct(z, x, d), images.hole) for d in COMPONENTS])
            for one, z in zip(real, given, strict=True)
        ]
    )


def play(energy: TwoLayers, generator: Generator, images: Images, seeds: Sequence[int], advance: Advance) -> None:
    """Train both networks with one optimiser, in place; the learning rate falls linearly to 0."""
    optimiser = torch.optim.Adam(
        [*energy.weights.values(), *generator.weights.values()], lr=LEARNING_RATE, betas=BETAS, fused=True
    )
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1, 0, STEPS)
    mean, lanes = images.training.mean(1, keepdim=True), torch.arange(len(seeds))[:, None]
    visits = torch.stack([torch.randint(TRAINING, (STEPS, BATCH), generator=seeded(seed)) for seed in seeds])
    for step in range(STEPS):
        x = images.training[lanes, visits[:, step]]
        error = joint_error(energy, generator, x, fill_hole(x, images.hole, mean), images.hole)
        optimiser.zero_grad()
        (error + PENALTY * slope_penalty(energy, x)).sum().backward()
        optimiser.step()
        schedule.step()
        if (step + 1) % (STEPS // REPORTS) == 0:
            advance(1)


Lanes = TypeVar("Lanes", Images, Components)


def _lane(values: Lanes, i: int) -> Lanes:
    """What belongs to one student, still with a first dimension of size 1."""
    return type(values)(*(getattr(values, field.name)[i : i + 1] for field in fields(values)))


def _finding(
    s: Setting,
    errors: Sequence[Sequence[float]],
    generated: float,
    images: Images,
    components: Components,
    made: Tensor,
) -> Findings:
    """The number of components that is best on the validation images, and the errors on the test images."""
    validation, with_mean, with_zero = errors
    best = min(range(len(COMPONENTS)), key=validation.__getitem__)
    top, left, height, width = s.hole
    places = {"top": top + 1, "bottom": top + height, "left": left + 1, "right": left + width, "d": COMPONENTS[best]}
    found = {"best": with_mean[best], "generator": generated}
    for d in PRINTED:
        found |= {f"mean_{d}": with_mean[COMPONENTS.index(d)], f"zero_{d}": with_zero[COMPONENTS.index(d)]}
    numbers = {name: measured(place, 0) for name, place in places.items()}
    numbers |= {name: measured(error, 4) for name, error in found.items()}
    figure = Panels(
        ALT, (_curves(with_mean, with_zero, generated), _gallery(images, components, COMPONENTS[best], made))
    )
    return Findings(numbers, figure, bool(s.mnist))


ALT = Localised(
    "Left: mean squared error in the hole against the number of components, with the mean and with 0 in the hole, the "
    "latter as far as it is not much worse; and the errors of the mean alone and of the generator. Right: test images, "
    "with the hole, and inpainted by PCA with few, the best number of, and all components, and by the generator.",
    "Links: mittlerer quadratischer Fehler in der Lücke über der Anzahl der Komponenten, mit dem Mittelwert und mit 0 "
    "in der Lücke (dies nur, solange es nicht viel schlechter ist), dazu die Fehler des bloßen Mittelwerts und des "
    "Generators. Rechts: Testbilder, mit Lücke, und ergänzt durch PCA mit wenigen, mit der besten Anzahl und mit allen "
    "Komponenten sowie durch den Generator.",
)
WORST = 1.6  # the curve for 0 in the hole ends at this multiple of the mean's error
SHOWN = 5  # test images


def _curves(with_mean: Sequence[float], with_zero: Sequence[float], generated: float) -> Plot:
    near = [i for i in range(len(COMPONENTS)) if max(with_zero[: i + 1]) < WORST * with_mean[0]]
    ends, d = (0.0, float(PIXELS)), tuple(map(float, COMPONENTS))
    return Plot(
        (
            Mark("line", d, thinned(with_mean), label=Localised("mean in the hole", "Mittelwert in der Lücke")),
            Mark(
                "line",
                tuple(d[i] for i in near),
                thinned([with_zero[i] for i in near]),
                label=Localised("0 in the hole", "0 in der Lücke"),
                style=1,
            ),
            Mark("line", ends, thinned([generated] * 2), label=Localised("generator", "Generator"), style=2),
            Mark("line", ends, thinned([with_mean[0]] * 2), label=Localised("mean alone", "nur Mittelwert"), style=-1),
        ),
        Localised("components $d$", "Komponenten $d$"),
        Localised("error in the hole", "Fehler in der Lücke"),
    )


def _gallery(images: Images, components: Components, best: int, made: Tensor) -> Gallery:
    real, hole, few = images.test[:, :SHOWN], images.hole, min(2, best)
    given = fill_hole(real, hole, components.mean)
    projected = [fill_hole(real, hole, pca_reconstruct(given, components, d)) for d in (few, best, PIXELS)]
    rows = (real, fill_hole(real, hole, torch.zeros(())), *projected, fill_hole(real, hole, made[:, :SHOWN]))
    pixels = (255 * torch.cat(rows).double().clamp(0, 1)).round().int().unflatten(2, (SMALL, SMALL)).tolist()
    pictures = tuple(tuple(tuple(map(tuple, one)) for one in row) for row in pixels)
    names = (f"PCA, $d = {d}$" for d in (few, best, PIXELS))
    labels = (Localised("original", "Original"), Localised("hole", "Lücke"), *(Localised(n, n) for n in names))
    return Gallery(pictures, (*labels, Localised("generator", "Generator")))


DEMO = Demo("D9", lanes=48, steps=REPORTS, setting=setting, train=train)
