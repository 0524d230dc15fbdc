"""Squared error against cross-entropy, from a start at which every output is saturated.

Inputs are drawn around x and around -x, with the labels y and 1 - y. The network with one hidden layer of sigmoids
starts at w2 = 0, b2 = u, so that every output is u: right for one label, as wrong as can be for the other. With the
squared error, dl/du = (p - y) p (1 - p) for the prediction p = sigma(u); with the cross-entropy it is p - y, larger by
the factor 1/(p (1 - p)) (Bishop, Pattern Recognition and Machine Learning, 2006, section 5.3). Both networks get the
same batches and the same learning rate, and are judged by the same two measures on further inputs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from blattwerk.solvers.binary_classifier import Params
from blattwerk.solvers.demos.lanes import Ensemble, seeded, together
from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised

TRAINING, TEST = 400, 100  # inputs, half of them with the label 1
BATCH, STEPS, LEARNING_RATE = 20, 1500, 0.5
REPORTED = 100  # steps of gradient descent in one reported step
GUESS = 1 / 8  # the squared error of the prediction 1/2
GOOD = 3 / 4  # of the predictions are right
OBJECTIVES = ("squared", "entropy")
NAMES = (
    Localised("squared error", "quadratischer Fehler"),
    Localised("cross-entropy", "Kreuzentropie"),
)


@dataclass(frozen=True)
class Setting:
    """The network's first W1 (by rows) and b1 and the saturated output, all in log 2; an input and its label."""

    w1: tuple[tuple[int, ...], ...]
    b1: tuple[int, ...]
    saturated: int
    x: tuple[int, ...]
    label: int
    seed: int


@dataclass(frozen=True)
class Sample:
    """Inputs (lanes, rows, features) and labels (lanes, rows)."""

    inputs: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Course:
    """After 0, 1, ..., STEPS steps: the mean squared error and the share of right predictions, (STEPS + 1, lanes)."""

    errors: Tensor
    shares: Tensor


def setting(params: Params, start: Start) -> Setting:
    """The student's own network with sigmoids, its input and label, and the saturated output."""
    own = params.smooth
    return Setting(own.w1, own.b1, params.saturated, own.x, own.label, start.seed)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """Two networks a student, with equal first weights and equal batches, one for each objective."""
    training, test = (_for_each_objective([clouds(s, part, rows) for s in settings]) for part, rows in PARTS)
    networks = saturated_networks([*settings] * len(OBJECTIVES))
    optimiser = torch.optim.SGD(networks.weights(), lr=LEARNING_RATE, fused=True)
    inputs, labels = training.inputs.split(BATCH, 1), training.labels.split(BATCH, 1)
    course = [_judged(networks, test)]
    for step in range(STEPS):
        batch = step % len(inputs)
        optimiser.zero_grad()
        losses(networks(inputs[batch])[..., 0], labels[batch]).sum().backward()
        optimiser.step()
        course.append(_judged(networks, test))
        if (step + 1) % REPORTED == 0:
            advance(1)
    errors, shares = (torch.stack(values).unflatten(1, (len(OBJECTIVES), -1)) for values in zip(*course, strict=True))
    return tuple(_finding(Course(errors[..., i], shares[..., i])) for i in range(len(settings)))


PARTS = ((0, TRAINING), (1, TEST))


def clouds(s: Setting, part: int, rows: int) -> Sample:
    """One of a student's two samples, without lanes: N(x, I) with the label y and N(-x, I) with 1 - y, in turns."""
    sides = 1 - 2 * (torch.arange(rows, dtype=torch.float64) % 2)
    noise = torch.randn(rows, len(s.x), generator=seeded(s.seed + part), dtype=torch.float64)
    centres = sides[:, None] * torch.tensor(s.x, dtype=torch.float64)
    return Sample(centres + noise, torch.where(sides > 0, float(s.label), 1.0 - s.label).double())


def saturated_networks(settings: Sequence[Setting]) -> Ensemble:
    """The networks with the given W1 and b1, with w2 = 0, and with b2 = u."""
    hidden, features = len(settings[0].b1), len(settings[0].x)
    networks = together(
        [s.seed for s in settings],
        lambda: nn.Sequential(nn.Linear(features, hidden), nn.Sigmoid(), nn.Linear(hidden, 1)),
    )
    networks.load(
        {
            "0.weight": _in_log_2([s.w1 for s in settings]),
            "0.bias": _in_log_2([s.b1 for s in settings]),
            "2.weight": _in_log_2([((0,) * hidden,) for s in settings]),
            "2.bias": _in_log_2([(s.saturated,) for s in settings]),
        }
    )
    return networks


def _in_log_2(values: Sequence[object]) -> Tensor:
    return log(2) * torch.tensor(values, dtype=torch.float64)


def losses(u: Tensor, y: Tensor) -> Tensor:
    """The mean loss of each lane; the first half of the lanes has the squared error, the second the cross-entropy."""
    squared, entropy = zip(u.chunk(2), y.chunk(2), strict=True)
    return torch.cat([squared_error(*squared), cross_entropy(*entropy)]).mean(-1)


def squared_error(u: Tensor, y: Tensor) -> Tensor:
    """(sigma(u) - y)^2 / 2."""
    return (torch.sigmoid(u) - y) ** 2 / 2


def cross_entropy(u: Tensor, y: Tensor) -> Tensor:
    """-log sigma(u) for y = 1 and -log(1 - sigma(u)) for y = 0."""
    return softplus((1 - 2 * y) * u)


def _for_each_objective(samples: Sequence[Sample]) -> Sample:
    """The students' samples stacked, and repeated for each objective."""
    inputs, labels = torch.stack([s.inputs for s in samples]), torch.stack([s.labels for s in samples])
    return Sample(inputs.repeat(len(OBJECTIVES), 1, 1), labels.repeat(len(OBJECTIVES), 1))


@torch.no_grad()
def _judged(networks: Ensemble, test: Sample) -> tuple[Tensor, Tensor]:
    """The mean squared error and the share of right predictions of each lane."""
    u = networks(test.inputs)[..., 0]
    return squared_error(u, test.labels).mean(-1), ((u > 0) == (test.labels == 1)).double().mean(-1)


def first(reached: Tensor) -> Tensor:
    """For (STEPS + 1, ...) truths: the number of steps after which it is true for the first time, or STEPS + 1."""
    return torch.where(reached.any(0), reached.int().argmax(0), STEPS + 1)


def _finding(course: Course) -> Findings:
    """The steps that each objective takes to leave the plateau by both measures, and where it ends."""
    counts = {"left": first(course.errors < GUESS), "good": first(course.shares >= GOOD)}
    numbers: dict[str, Decimal] = {}
    for i, name in enumerate(OBJECTIVES):
        numbers |= {f"{name}_{what}": measured(steps[i].item(), 0) for what, steps in counts.items()}
        numbers[f"{name}_right"] = measured(course.shares[-1, i].item(), 2)
    numbers["factor"] = measured((counts["left"][0] / counts["left"][1]).item(), 1)
    return Findings(numbers, Panels(ALT, (_errors(course), _shares(course))))


ALT = Localised(
    "Left: the mean squared error on test inputs against the number of steps, for the network trained with the squared "
    "error and for the one trained with the cross-entropy; the grey line is the error of the prediction 1/2. Right: "
    "the share of test inputs that are classified correctly, for both networks.",
    "Links: der mittlere quadratische Fehler auf Testeingaben über der Anzahl der Schritte, für das mit dem "
    "quadratischen Fehler und das mit der Kreuzentropie trainierte Netz; die graue Linie ist der Fehler der Vorhersage "
    "1/2. Rechts: der Anteil der richtig klassifizierten Testeingaben, für beide Netze.",
)
SHOWN = sorted({round(STEPS ** (i / 59)) for i in range(60)})
STEPS_AXIS = Localised("steps of gradient descent", "Schritte des Gradientenabstiegs")


def _errors(course: Course) -> Plot:
    level = Mark("line", (1.0, float(STEPS)), (GUESS, GUESS), style=-1)
    label = Localised("mean of $\\frac{1}{2}(\\hat{y} - y)^2$", "Mittel von $\\frac{1}{2}(\\hat{y} - y)^2$")
    return Plot((level, *_lines(course.errors)), STEPS_AXIS, label, log_x=True)


def _shares(course: Course) -> Plot:
    label = Localised("share classified correctly", "Anteil richtig klassifiziert")
    return Plot(_lines(course.shares), STEPS_AXIS, label, log_x=True)


def _lines(values: Tensor) -> tuple[Mark, ...]:
    """A line for each objective through the values after the steps that are shown."""
    steps = tuple(map(float, SHOWN))
    return tuple(
        Mark("line", steps, thinned(values[SHOWN, i].tolist(), 3), label=name, style=i) for i, name in enumerate(NAMES)
    )


DEMO = Demo("D7", lanes=50, steps=STEPS // REPORTED, setting=setting, train=train)
