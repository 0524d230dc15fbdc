"""CD-1 on bars and stripes and on digits, followed by the exact log-likelihood.

That the log-likelihood rises under CD-1 and may then fall was seen on such patterns by Fischer and Igel (Empirical
analysis of the divergence of Gibbs sampling based learning algorithms for restricted Boltzmann machines, ICANN 2010).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import isqrt, log

import torch
from torch import Generator, Tensor

from blattwerk.solvers.demos.boltzmann import (
    Machine,
    Weights,
    log_probability,
    reconstruction,
    samples,
    surrogate,
    tidy,
)
from blattwerk.solvers.demos.digits import small_digits
from blattwerk.solvers.demos.lanes import Ensemble, seeded, together
from blattwerk.solvers.rbm_cd import Params
from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Gallery, Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised

SIDE = 4  # pixels along an edge of a pattern
TRAINING, TEST = 1000, 400  # digits
DIGIT_RATE = 0.2


@dataclass(frozen=True)
class Setting:
    """The learning rate for the patterns, the source of all random numbers, and the folder of MNIST, if any."""

    rate: Fraction
    seed: int
    mnist: str


@dataclass(frozen=True)
class Plan:
    """A training: an epoch takes each example once; the log-likelihood is computed after every `stride` epochs."""

    hidden: int
    batch: int
    epochs: int
    stride: int

    @property
    def reports(self) -> int:
        """How often the log-likelihood is computed, not counting the start."""
        return self.epochs // self.stride


PATTERNS, DIGITS = Plan(8, 5, 1000, 20), Plan(10, 8, 10, 1)


@dataclass(frozen=True)
class Course:
    """The log-likelihoods in the course of a training (reports + 1, lanes), and the first, best and last weights."""

    likelihoods: Tensor
    first: Weights
    best: Weights
    last: Weights


def setting(params: Params, start: Start) -> Setting:
    """The student's own learning rate."""
    return Setting(params.rate, start.seed, start.mnist)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """Two machines a student: one for the patterns, one for the digits."""
    sources = [seeded(s.seed) for s in settings]
    rates = torch.tensor([float(s.rate) for s in settings], dtype=torch.float64)
    patterns = bars_and_stripes().expand(len(settings), -1, -1)
    examples = torch.stack([binary_digits(s.mnist, source) for s, source in zip(settings, sources, strict=True)])
    training, test = examples.split([TRAINING, TEST], 1)
    first, second = (machines(settings, plan, data) for plan, data in ((PATTERNS, patterns), (DIGITS, training)))
    on_patterns = fit(PATTERNS, first, patterns, patterns, rates, sources, advance)
    on_digits = fit(DIGITS, second, training, test, torch.full_like(rates, DIGIT_RATE), sources, advance)
    return tuple(
        _finding(bool(s.mnist), sources[i], _lane(on_patterns, i), _lane(on_digits, i), test[i])
        for i, s in enumerate(settings)
    )


def bars_and_stripes() -> Tensor:
    """All patterns (30, 16) whose rows are constant, or whose columns are."""
    lines = list(product((0.0, 1.0), repeat=SIDE))
    stripes = {line * SIDE for line in lines}
    bars = {tuple(pixel for pixel in line for _ in range(SIDE)) for line in lines}
    return torch.tensor(sorted(stripes | bars), dtype=torch.float64)


def binary_digits(mnist: str, source: Generator) -> Tensor:
    """Different digits as 8 x 8 pixels that are 0 or 1: (TRAINING + TEST, 64)."""
    images = torch.from_numpy(small_digits(mnist).images)
    chosen = images[torch.randperm(len(images), generator=source)[: TRAINING + TEST]]
    return (chosen >= 0.5).double().flatten(1)


def machines(settings: Sequence[Setting], plan: Plan, training: Tensor) -> Ensemble:
    """Machines with small weights; by a alone, units are on as often as in the examples and two more, on and off."""
    made = together([s.seed for s in settings], lambda: Machine(training.shape[2], plan.hidden))
    with torch.no_grad():
        made.parameters["a"].copy_(torch.logit((training.sum(1, keepdim=True) + 1) / (training.shape[1] + 2)))
    tidy(made.weights())
    return made


def fit(
    plan: Plan,
    trained: Ensemble,
    training: Tensor,
    test: Tensor,
    rates: Tensor,
    sources: Sequence[Generator],
    advance: Advance,
) -> Course:
    """CD-1. Each lane has a rate of its own, which stands in the loss, so that the optimiser's rate is 1."""
    weights, optimiser = trained.parameters, torch.optim.SGD(trained.weights(), lr=1.0, fused=True)
    likelihoods, first, best = [log_probability(weights, test).mean(1)], trained.snapshot(), trained.snapshot()
    for _ in range(plan.reports):
        for v0, uniforms in _batches(plan, training, sources):
            v1 = reconstruction(weights, v0, uniforms)
            optimiser.zero_grad()
            surrogate(weights, v0, v1, rates).backward()
            optimiser.step()
            tidy(trained.weights())
        now = log_probability(weights, test).mean(1)
        trained.keep(best, now > torch.stack(likelihoods).amax(0))
        likelihoods.append(now)
        advance(1)
    return Course(torch.stack(likelihoods), first, best, trained.snapshot())


def _batches(plan: Plan, training: Tensor, sources: Sequence[Generator]) -> Iterator[tuple[Tensor, Tensor]]:
    """The mini-batches of `stride` epochs, each with uniform numbers for its hidden and its visible units."""
    lanes, rows, visible = training.shape
    everyone, steps = torch.arange(lanes)[:, None], plan.stride * rows // plan.batch
    order = _uniform(sources, plan.stride, rows).argsort(2).reshape(lanes, steps, plan.batch)
    uniforms = _uniform(sources, steps, plan.batch, plan.hidden + visible)
    for step in range(steps):
        yield training[everyone, order[:, step]], uniforms[:, step]


def _uniform(sources: Sequence[Generator], *shape: int) -> Tensor:
    """Each lane's own uniform numbers: (lanes, *shape)."""
    numbers = torch.empty(len(sources), *shape, dtype=torch.float64)
    for lane, source in zip(numbers, sources, strict=True):
        lane.uniform_(generator=source)
    return numbers


def _lane(course: Course, i: int) -> Course:
    """What belongs to one student, still with a first dimension of size 1 in the weights."""
    kept = ({k: w[i : i + 1] for k, w in weights.items()} for weights in (course.first, course.best, course.last))
    return Course(course.likelihoods[:, i], *kept)


def _finding(mnist: bool, source: Generator, first: Course, second: Course, test: Tensor) -> Findings:
    numbers = {**_summary("patterns", PATTERNS, first), **_covered(first), **_summary("digits", DIGITS, second)}
    figure = Panels(ALT, (_pattern_curve(first), _digit_curve(second), _gallery(source, first, second, test)))
    return Findings(numbers, figure, mnist)


def _summary(name: str, plan: Plan, course: Course) -> dict[str, Decimal]:
    """The log-likelihood at the start, at its best, and at the end, and the epoch of the best."""
    values, best = course.likelihoods, int(course.likelihoods.argmax())
    numbers = {"start": values[0], "best": values[best], "end": values[-1]}
    rounded = {f"{name}_{when}": measured(value.item(), 2) for when, value in numbers.items()}
    return {**rounded, f"{name}_epoch": measured(best * plan.stride, 0)}


def _covered(course: Course) -> dict[str, Decimal]:
    """The probability of all patterns together, and how many have less than a tenth of their share of the data."""
    patterns, numbers = bars_and_stripes(), {}
    for when, weights in (("start", course.first), ("best", course.best), ("end", course.last)):
        p = log_probability(weights, patterns[None])[0].exp()
        numbers[f"share_{when}"] = measured(p.sum().item(), 4)
        numbers[f"rare_{when}"] = measured((p < 0.1 / len(patterns)).sum().item(), 0)
    return numbers


ALT = Localised(
    "Left and middle: the log-likelihood of the patterns and of the test digits in the course of training, with the "
    "best epoch. Right: for the patterns, samples of the machine of the best epoch and of the last, and filters; for "
    "the digits, examples, samples of the machine of the best epoch, and filters.",
    "Links und Mitte: die Log-Likelihood der Muster und der Testziffern im Lauf des Trainings, mit der besten Epoche. "
    "Rechts: für die Muster Stichproben der RBM aus der besten Epoche und aus der letzten sowie Filter; für die "
    "Ziffern Beispiele, Stichproben der RBM aus der besten Epoche und Filter.",
)
ROWS = (
    Localised("best epoch", "beste Epoche"),
    Localised("last epoch", "letzte Epoche"),
    Localised("filters", "Filter"),
    Localised("digits", "Ziffern"),
    Localised("samples", "Stichproben"),
    Localised("filters", "Filter"),
)
BOUND = Localised("$-\\log\\,30$", "$-\\log\\,30$")
EPOCH, LIKELIHOOD = Localised("epoch", "Epoche"), Localised("log-likelihood", "Log-Likelihood")
SHOWN = 4  # pictures in a row


def _pattern_curve(course: Course) -> Plot:
    bound = -log(len(bars_and_stripes()))
    limit = Mark("line", (0.0, float(PATTERNS.epochs)), thinned([bound] * 2), label=BOUND, style=-1)
    marks = (*_curve(PATTERNS, course, Localised("bars and stripes", "Streifenmuster")), limit)
    return Plot(marks, EPOCH, LIKELIHOOD)


def _digit_curve(course: Course) -> Plot:
    best = Localised("maximum", "Maximum")
    return Plot(_curve(DIGITS, course, Localised("digits", "Ziffern"), best), EPOCH, LIKELIHOOD)


def _curve(plan: Plan, course: Course, name: Localised, best: Localised | None = None) -> tuple[Mark, ...]:
    """The log-likelihood after every `stride` epochs, and a rule at the best."""
    values = course.likelihoods.tolist()
    epochs = [float(i * plan.stride) for i in range(len(values))]
    return (
        Mark("line", tuple(epochs), thinned(values), label=name),
        Mark("rule", (epochs[values.index(max(values))],), label=best, style=1),
    )


def _gallery(source: Generator, first: Course, second: Course, test: Tensor) -> Gallery:
    """Samples and filters; of a sampled digit, the probabilities of its pixels."""
    rows = (
        samples(first.best, SHOWN, source)[0],
        samples(first.last, SHOWN, source)[0],
        _filters(first.best),
        test[:SHOWN],
        samples(second.best, SHOWN, source)[1],
        _filters(second.best),
    )
    return Gallery(tuple(tuple(_picture(values) for values in row) for row in rows), ROWS)


def _filters(weights: Weights) -> Tensor:
    """The longest columns of W as grey values: white for the most negative weight, grey for 0, black for positive."""
    columns = weights["W"][0].T
    columns = columns[columns.norm(dim=1).argsort(descending=True)[:SHOWN]]
    return 0.5 + 0.5 * columns / columns.abs().amax(1, keepdim=True)


def _picture(values: Tensor) -> tuple[tuple[int, ...], ...]:
    """A square picture from values between 0 and 1."""
    side = isqrt(len(values))
    return tuple(tuple(round(255 * x) for x in row) for row in values.reshape(side, side).tolist())


DEMO = Demo("D4", lanes=50, steps=PATTERNS.reports + DIGITS.reports, setting=setting, train=train)
