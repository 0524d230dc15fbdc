"""A deep belief net as the start of a classifier of digits, against a random start, with few labels.

The student's stack, no hidden layer wider than WIDTH, is trained layer by layer on images without labels, by CD-1. Its
weights and hidden biases are one start of a classifier with sigmoid units; the other has the biases 0 and weights that
are uniform on +-4 sqrt(6/(n + m)) (Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
networks, AISTATS 2010). Both are trained on the same few labels. All of it is done RESTARTS times, each time with new
random numbers, labels and test images; a student's restarts are neighbouring lanes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, pad

from blattwerk.solvers.demos.boltzmann import Weights
from blattwerk.solvers.demos.digits import SMALL, small_digits
from blattwerk.solvers.demos.lanes import seeded
from blattwerk.solvers.demos.stacks import Classifier, Layer, contrast, upwards
from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Gallery, Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised

PIXELS, WIDTH, DEPTH, CLASSES = SMALL**2, 16, 4, 10
RESTARTS, LABELLED, POOL, TEST = 4, 3, 400, 128  # labels a class, images without labels, test images
CD_STEPS, CD_BATCH, CD_RATE, FIRST = 400, 3, 0.4, 0.1  # FIRST: standard deviation of an RBM's first weights
STEPS, BATCH, LEARNING_RATE = 500, 4, 0.01
MEASURED = (0, 25, 50, 100, 150, 200, 300, 400, STEPS)  # steps after which the accuracy is measured
STARTS = (("stack", Localised("pre-trained", "vortrainiert")), ("random", Localised("random", "zufällig")))


class Stack(Protocol):
    """What the demo wants to know of the exercise."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """n_0 (the visible units), ..., n_L."""

    @property
    def classes(self) -> int:
        """K."""


@dataclass(frozen=True)
class Setting:
    """The sizes of the hidden layers, the number of classes, the source of all random numbers, and MNIST's folder."""

    sizes: tuple[int, ...]
    classes: int
    seed: int
    mnist: str


@dataclass(frozen=True)
class Sample:
    """Images (lanes, rows, 64) without labels, those with labels (lanes, rows), and those for testing, with theirs.

    A row of the labelled images that holds none has the label -1.
    """

    pool: Tensor
    images: Tensor
    labels: Tensor
    test: Tensor
    truth: Tensor


class Sources:
    """The students' random numbers for one purpose."""

    def __init__(self, settings: Sequence[Setting], purpose: int) -> None:
        self._sources = [seeded(s.seed + purpose) for s in settings]

    def uniform(self, *size: int) -> Tensor:
        """Uniform numbers for all restarts: (lanes, *size)."""
        return torch.cat([torch.rand(RESTARTS, *size, generator=s, dtype=torch.float64) for s in self._sources])

    def normal(self, *size: int) -> Tensor:
        """Numbers of the standard normal distribution for all restarts: (lanes, *size)."""
        return torch.cat([torch.randn(RESTARTS, *size, generator=s, dtype=torch.float64) for s in self._sources])


def setting(params: Stack, start: Start) -> Setting:
    """The student's stack, no layer wider than WIDTH, and the student's classes, of which there are ten at most."""
    sizes = tuple(min(n, WIDTH) for n in params.sizes[1:])
    return Setting(sizes, min(params.classes, CLASSES), start.seed, start.mnist)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """The stacks, and then both classifiers of each, all restarts of all students side by side."""
    data = sample(settings)
    stack = pretrained(data.pool, settings, advance)
    advance(DEPTH - len(stack))
    starts = zip(stack, random_start(settings), strict=True)
    classifier = Classifier(layers([*settings] * 2), [{k: torch.cat([a[k], b[k]]) for k in "Wb"} for a, b in starts])
    course = fine_tuned(classifier, data, Sources(settings, DEPTH + 2), advance)
    fit = accuracy(classifier, data.images, data.labels)
    filters = stack[0]["W"], *classifier.weights[0]["W"].detach().chunk(2)
    return tuple(
        _finding(bool(s.mnist), course[..., i], fit[..., i], _gallery(data.test[lane], [W[lane] for W in filters]))
        for i, (s, lane) in enumerate(zip(settings, range(0, len(data.pool), RESTARTS), strict=True))
    )


def sample(settings: Sequence[Setting]) -> Sample:
    """The images of all lanes."""
    restarts = [one for s in settings for one in _restarts(s)]
    return Sample(*(torch.stack([getattr(one, field.name) for one in restarts]) for field in fields(Sample)))


def _restarts(s: Setting) -> Iterator[Sample]:
    """The images of a student's restarts: LABELLED of each class; TEST others; the pool has the former and the rest."""
    source, digits = seeded(s.seed), small_digits(s.mnist)
    images, labels = torch.from_numpy(digits.images).flatten(1), torch.from_numpy(digits.labels)
    for _ in range(RESTARTS):
        order = torch.randperm(len(labels), generator=source)
        order = order[labels[order] < s.classes]
        chosen = torch.cat([order[labels[order] == k][:LABELLED] for k in range(s.classes)])
        others = order[~torch.isin(order, chosen)]
        test, pool = others[:TEST], torch.cat([chosen, others[TEST:]])[:POOL]
        room = (0, CLASSES * LABELLED - len(chosen))
        few, known = pad(images[chosen], (0, 0, *room)), pad(labels[chosen], room, value=-1)
        yield Sample(images[pool], few, known, images[test], labels[test])


def layers(settings: Sequence[Setting]) -> list[Layer]:
    """The layers of all lanes, from the images to the outputs, as many as the deepest stack needs."""
    depth = max(len(s.sizes) for s in settings)
    counts = [(PIXELS, *s.sizes, *[0] * (depth - len(s.sizes)), s.classes) for s in settings for _ in range(RESTARTS)]
    widths = (PIXELS, *[WIDTH] * depth, CLASSES)
    return [
        Layer(width, torch.tensor(count)[:, None, None])
        for width, count in zip(widths, zip(*counts, strict=True), strict=True)
    ]


def pretrained(pool: Tensor, settings: Sequence[Setting], advance: Advance) -> list[Weights]:
    """The RBMs from the bottom up, each trained on the probabilities that those below it make of the images."""
    stack, codes = list[Weights](), pool
    for below, layer in pairwise(layers(settings)[:-1]):
        sources = Sources(settings, 1 + len(stack))
        weights = FIRST * sources.normal(below.width, layer.width)
        machine = {"W": weights, "a": below.biases(), "b": layer.biases()}
        for v0, uniforms in _batches(codes, sources):
            contrast(machine, v0, uniforms, CD_RATE)
        codes = upwards(machine, layer, codes)
        stack.append(machine)
        advance(1)
    return stack


def _batches(codes: Tensor, sources: Sources) -> Iterator[tuple[Tensor, Tensor]]:
    """Rows of each lane, drawn with replacement, and the uniform numbers of the hidden units."""
    visits = (sources.uniform(CD_STEPS, CD_BATCH) * codes.shape[1]).long()
    uniforms = sources.uniform(CD_STEPS, CD_BATCH, WIDTH)
    for step in range(CD_STEPS):
        yield rows(codes, visits[:, step]), uniforms[:, step]


def rows(values: Tensor, chosen: Tensor) -> Tensor:
    """The chosen rows of each lane: (lanes, rows, ...) and (lanes, batch) to (lanes, batch, ...)."""
    offsets = torch.arange(len(values))[:, None] * values.shape[1]
    return values.flatten(0, 1).index_select(0, (offsets + chosen).flatten()).reshape(*chosen.shape, *values.shape[2:])


def random_start(settings: Sequence[Setting]) -> list[Weights]:
    """Weights that are uniform on +-4 sqrt(6/(n + m)) for layers of n and m units; the biases 0."""
    sources, start = Sources(settings, DEPTH + 1), list[Weights]()
    for below, layer in pairwise(layers(settings)[:-1]):
        limits = 4 * (6 / (below.units + layer.units).clamp(min=1)) ** 0.5
        weights = limits * (2 * sources.uniform(below.width, layer.width) - 1)
        start.append({"W": weights, "b": layer.biases()})
    return start


def fine_tuned(classifier: Classifier, data: Sample, sources: Sources, advance: Advance) -> Tensor:
    """Train all layers; the accuracies on the way: (measurements, starts, restarts, students)."""
    parameters = [w.requires_grad_() for weights in classifier.weights for w in weights.values()]
    optimiser = torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)
    visits = (sources.uniform(STEPS, BATCH) * (data.labels >= 0).sum(1)[:, None, None]).long()
    course = [accuracy(classifier, data.test, data.truth)]
    for step in range(STEPS):
        images, labels = (torch.cat([rows(one, visits[:, step])] * 2) for one in (data.images, data.labels))
        optimiser.zero_grad()
        (cross_entropy(classifier(images).flatten(0, 1), labels.flatten(), reduction="sum") / BATCH).backward()
        optimiser.step()
        if step + 1 in MEASURED:
            course.append(accuracy(classifier, data.test, data.truth))
            advance(1)
    return torch.stack(course)


@torch.no_grad()
def accuracy(classifier: Classifier, images: Tensor, labels: Tensor) -> Tensor:
    """The share of right answers from both starts: (starts, restarts, students)."""
    answers = classifier(images.repeat(2, 1, 1)).argmax(2).unflatten(0, (2, -1))
    right: Tensor = (answers == labels).sum(2) / (labels >= 0).sum(1).double()
    return right.reshape(2, -1, RESTARTS).mT


def _finding(mnist: bool, course: Tensor, fit: Tensor, gallery: Gallery) -> Findings:
    """course: (measurements, starts, restarts); fit, the accuracy on the labelled images: (starts, restarts)."""
    last, numbers = course[-1], {}
    for i, (name, _) in enumerate(STARTS):
        values = {"mean": last[i].mean(), "low": last[i].min(), "high": last[i].max(), "fit": fit[i].mean()}
        numbers.update({f"{name}_{key}": measured(value.item(), 3) for key, value in values.items()})
    numbers["gain"] = numbers["stack_mean"] - numbers["random_mean"]
    numbers["better"] = measured((last[0] > last[1]).sum().item(), 0)
    return Findings(numbers, Panels(ALT, (_curves(course), gallery)), mnist)


ALT = Localised(
    "Left: accuracy on test images in the course of fine-tuning, from the pre-trained and from the random start: mean "
    "and range of the restarts. Right: images, and weights of five units of the first layer: after CD-1, after "
    "fine-tuning, and after training from the random start.",
    "Links: Genauigkeit auf Testbildern im Lauf des Fine-Tunings, mit vortrainierten und mit zufälligen Startwerten, "
    "als Mittel und Spanne der Wiederholungen. Rechts: Bilder und die Gewichte von fünf Einheiten der ersten Schicht: "
    "nach CD-1, nach dem Fine-Tuning und nach dem Training mit zufälligen Startwerten.",
)
SHOWN = 5  # pictures in a row


def _curves(course: Tensor) -> Plot:
    """Mean and range of the restarts."""
    steps, marks = tuple(map(float, MEASURED)), []
    for style, (_, name) in enumerate(STARTS):
        low, mean, high = (thinned(f(course[:, style], 1).tolist(), 3) for f in (torch.amin, torch.mean, torch.amax))
        marks += [Mark("band", steps, low, high, style=style), Mark("line", steps, mean, label=name, style=style)]
    return Plot(tuple(marks), Localised("step", "Schritt"), Localised("accuracy", "Genauigkeit"))


def _gallery(images: Tensor, filters: Sequence[Tensor]) -> Gallery:
    """Images, and columns of W: white for the most negative weight, grey for 0, black for the most positive."""
    scaled = [0.5 + 0.5 * W.T[:SHOWN] / W.T[:SHOWN].abs().amax(1, keepdim=True) for W in filters]
    pixels = (255 * torch.stack([images[:SHOWN], *scaled])).round().int().unflatten(2, (SMALL, SMALL)).tolist()
    pictures = tuple(tuple(tuple(map(tuple, one)) for one in row) for row in pixels)
    labels = (
        Localised("images", "Bilder"),
        Localised("after CD-1", "nach CD-1"),
        Localised("fine-tuned", "Fine-Tuning"),
        Localised("random start", "Zufallsstart"),
    )
    return Gallery(pictures, labels)


DEMO = Demo("D6", lanes=50, steps=DEPTH + len(MEASURED) - 1, setting=setting, train=train)
