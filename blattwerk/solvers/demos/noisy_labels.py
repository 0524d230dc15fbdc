"""Two moons with noisy labels: which of three objectives finds the clean posterior?

The inputs lie around two half circles with normal noise, so the clean posterior P(k = +1 | x) is known: the density of
a class is the mean over its half circle of normal densities. A small network is trained on labels of which a share
`noise_rate` is wrong, with three objectives: the plain cross-entropy, the cross-entropy with softened labels, and the
noise-aware likelihood. Each is stopped early, at the best value of its own objective on noisy validation data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import pi

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from blattwerk.solvers.demos.lanes import Ensemble, seeded, together
from blattwerk.solvers.noisy_labels import Params
from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised

TRAINING, VALIDATION, TEST = 1000, 400, 1000
SPREAD = 0.35  # standard deviation of the inputs around the half circles
BATCH, EPOCHS, LEARNING_RATE = 20, 15, 0.01
ARC = 100  # points of the midpoint rule along a half circle
BINS = 10
OBJECTIVES = ("plain", "softened", "aware")
NAMES = (
    Localised("plain", "gewöhnlich"),
    Localised("softened", "geglättet"),
    Localised("noise-aware", "Likelihood"),
)


@dataclass(frozen=True)
class Setting:
    """The share of wrong labels, and the source of all random numbers."""

    noise_rate: Fraction
    seed: int


@dataclass(frozen=True)
class Moons:
    """Inputs (rows, 2) and the labels -1 and +1 (rows) that were observed for them."""

    inputs: Tensor
    labels: Tensor


def setting(params: Params, start: Start) -> Setting:
    """The student's own noise rate."""
    return Setting(params.noise, start.seed)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """Three networks a student, with equal first weights and equal data, one for each objective."""
    samples = [[moons(s, part, rows) for s in settings] for part, rows in enumerate((TRAINING, VALIDATION, TEST))]
    training, validation, test = (_for_each_objective(sample) for sample in samples)
    rates = _repeated(torch.tensor([float(s.noise_rate) for s in settings], dtype=torch.float64))[:, None]
    networks = together([s.seed for s in settings] * len(OBJECTIVES), network)
    optimiser = torch.optim.Adam(networks.weights(), lr=LEARNING_RATE, fused=True)
    held, best = networks.snapshot(), torch.full((len(rates),), torch.inf, dtype=torch.float64)
    for _ in range(EPOCHS):
        for inputs, labels in zip(training.inputs.split(BATCH, 1), training.labels.split(BATCH, 1), strict=True):
            optimiser.zero_grad()
            losses(networks(inputs)[..., 0], labels, rates).sum().backward()
            optimiser.step()
        with torch.no_grad():
            now = losses(networks(validation.inputs)[..., 0], validation.labels, rates)
        networks.keep(held, now < best)
        best = torch.minimum(now, best)
        advance(1)
    networks.load(held)
    return _findings(settings, samples[0], samples[2], networks, test.inputs)


def network() -> nn.Module:
    """f(x): two inputs, one output, two hidden layers."""
    return nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))


def moons(s: Setting, part: int, rows: int) -> Moons:
    """One of a student's three samples: around the upper half circle for k = +1, around the lower one for k = -1."""
    source = seeded(s.seed + part)
    k = 2 * torch.randint(2, (rows,), generator=source) - 1
    angles = pi * torch.rand(rows, generator=source, dtype=torch.float64)
    noise = SPREAD * torch.randn(rows, 2, generator=source, dtype=torch.float64)
    wrong = torch.rand(rows, generator=source, dtype=torch.float64) < float(s.noise_rate)
    centres = torch.where((k == 1)[:, None], upper(angles), lower(angles))
    return Moons(centres + noise, torch.where(wrong, -k, k).double())


def upper(angles: Tensor) -> Tensor:
    """Points of the half circle of class +1."""
    return torch.stack([angles.cos(), angles.sin()], -1)


def lower(angles: Tensor) -> Tensor:
    """Points of the half circle of class -1."""
    return torch.stack([1 - angles.cos(), 0.5 - angles.sin()], -1)


def clean_posterior(inputs: Tensor) -> Tensor:
    """P(k = +1 | x) for equally frequent classes, by the midpoint rule along both half circles."""
    angles = pi * (torch.arange(ARC, dtype=torch.float64) + 0.5) / ARC
    plus, minus = (_density(inputs, centres) for centres in (upper(angles), lower(angles)))
    return plus / (plus + minus)


def _density(inputs: Tensor, centres: Tensor) -> Tensor:
    """The mean of normal densities around the centres, up to a factor that both classes share."""
    squares = (inputs[..., 0, None] - centres[:, 0]) ** 2 + (inputs[..., 1, None] - centres[:, 1]) ** 2
    return torch.exp(-squares / (2 * SPREAD**2)).mean(-1)


def losses(f: Tensor, t: Tensor, noise_rate: Tensor) -> Tensor:
    """The mean loss of each lane; the first third of the lanes has the plain objective, and so on in their order."""
    plain, softened, aware = zip(f.chunk(3), t.chunk(3), noise_rate.chunk(3), strict=True)
    return torch.cat([plain_loss(*plain[:2]), softened_loss(*softened), aware_loss(*aware)]).mean(-1)


def plain_loss(f: Tensor, t: Tensor) -> Tensor:
    """-log q(t|x)."""
    return softplus(-t * f)


def softened_loss(f: Tensor, t: Tensor, noise_rate: Tensor) -> Tensor:
    """-(1-eps) log q(t|x) - eps log q(-t|x)."""
    return (1 - noise_rate) * softplus(-t * f) + noise_rate * softplus(t * f)


def aware_loss(f: Tensor, t: Tensor, noise_rate: Tensor) -> Tensor:
    """-log p(t|x) = -log((1-eps) q(t|x) + eps q(-t|x))."""
    return -torch.log(noise_rate + (1 - 2 * noise_rate) * torch.sigmoid(t * f))


def _repeated(values: Tensor) -> Tensor:
    return values.repeat(len(OBJECTIVES), *[1] * (values.dim() - 1))


def _for_each_objective(sample: Sequence[Moons]) -> Moons:
    """The students' samples stacked, and repeated for each objective."""
    stacked = (torch.stack(tensors) for tensors in zip(*((m.inputs, m.labels) for m in sample), strict=True))
    return Moons(*map(_repeated, stacked))


@torch.no_grad()
def _findings(
    settings: Sequence[Setting], training: Sequence[Moons], test: Sequence[Moons], networks: Ensemble, inputs: Tensor
) -> tuple[Findings, ...]:
    """q(+1|x) on the test inputs against the clean posterior, for each student."""
    beliefs = torch.sigmoid(networks(inputs)[..., 0]).reshape(len(OBJECTIVES), len(settings), TEST)
    return tuple(_finding(training[i], clean_posterior(test[i].inputs), beliefs[:, i]) for i in range(len(settings)))


def _finding(training: Moons, posterior: Tensor, beliefs: Tensor) -> Findings:
    errors = ((beliefs - posterior) ** 2).mean(-1)
    numbers = {name: measured(error.item(), 3) for name, error in zip(OBJECTIVES, errors, strict=True)}
    return Findings(numbers, Panels(ALT, (_data(training), _calibration(posterior, beliefs))))


ALT = Localised(
    "Left: training inputs around two half circles, with their observed labels. Right: for each objective, the mean of "
    "q(+1|x) over test inputs with about the same clean posterior, against that posterior.",
    "Links: Trainingseingaben um zwei Halbkreise mit den beobachteten Labels. Rechts: für jede Zielfunktion das Mittel "
    "von q(+1|x) über Testeingaben mit etwa gleicher wahrer A-posteriori-Wahrscheinlichkeit, aufgetragen über dieser.",
)
SHOWN = 150  # training inputs


def _data(sample: Moons) -> Plot:
    marks = []
    for style, label in ((0, 1), (1, -1)):
        x, y = sample.inputs[:SHOWN][sample.labels[:SHOWN] == label].T.tolist()
        name = f"$t = {label:+d}$"
        marks.append(Mark("dots", thinned(x, 3), thinned(y, 3), label=Localised(name, name), style=style))
    return Plot(tuple(marks), Localised("$x_1$", "$x_1$"), Localised("$x_2$", "$x_2$"), square=True)


def _calibration(posterior: Tensor, beliefs: Tensor) -> Plot:
    """The mean belief in each of ten equal bins of the clean posterior; the diagonal is what should be."""
    bins = (posterior * BINS).long().clamp(max=BINS - 1)
    there = [b for b in range(BINS) if (bins == b).sum() >= 10]
    centres = [posterior[bins == b].mean().item() for b in there]
    marks = [Mark("line", (0.0, 1.0), (0.0, 1.0), style=-1)]
    for style, (name, belief) in enumerate(zip(NAMES, beliefs, strict=True)):
        means = [belief[bins == b].mean().item() for b in there]
        marks.append(Mark("line", thinned(centres, 3), thinned(means, 3), label=name, style=style))
    return Plot(
        tuple(marks),
        Localised("clean posterior $\\eta(x)$", "wahres $\\eta(x)$"),
        Localised("learnt $q(+1\\mid x)$", "gelerntes $q(+1\\mid x)$"),
    )


DEMO = Demo("D1", lanes=100, steps=EPOCHS, setting=setting, train=train)
