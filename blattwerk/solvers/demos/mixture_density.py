"""The inverse-sine problem: a mixture density network, and a network that is trained by least squares.

The targets t lie between 0 and 1; the inputs are x = t + 0.3 sin(2 pi t) + noise, with noise that is uniform in +-0.1
(Bishop, Mixture density networks, report NCRG/94/004, Aston, 1994). To inputs around 1/2 belong up to three branches of
targets. Least squares leads to the conditional mean E[t|x], which may lie between them; a mixture keeps them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log, pi

import torch
from torch import Tensor, nn

from blattwerk.solvers.demos.lanes import Ensemble, seeded, together
from blattwerk.solvers.mixture_density import Params
from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised

TRAINING, TEST = 1000, 1000
NOISE = 0.1
HIDDEN, COMPONENTS = 20, 3
WIDTH = 0.1  # s of all components at first
BATCH, EPOCHS, LEARNING_RATE = 20, 30, 0.005
CELLS = (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000  # targets of the midpoint rule
PLACES = torch.linspace(0, 1, 101, dtype=torch.float64)  # inputs for the conditional mean and the curves
LOG_TWO_PI = log(2 * pi)


@dataclass(frozen=True)
class Setting:
    """The probabilities of equally long parts of (0, 1), and the source of all random numbers."""

    weights: tuple[Fraction, ...]
    seed: int


@dataclass(frozen=True)
class Pairs:
    """Inputs x and targets t, each of shape (..., rows)."""

    inputs: Tensor
    targets: Tensor


@dataclass(frozen=True)
class Mixture:
    """Outputs (..., 3) of a mixture density network: log alpha_i, mu_i and w_i = log s_i."""

    log_weights: Tensor
    means: Tensor
    log_widths: Tensor


@dataclass(frozen=True)
class Predictions:
    """What both networks of a student say of some inputs: the mixtures, and the outputs y (rows) of least squares."""

    mixture: Mixture
    squares: Tensor

    @property
    def predicted(self) -> tuple[Tensor, Tensor]:
        """One target for each input: by least squares, and by the mixture."""
        return self.squares, likeliest(self.mixture)


def setting(params: Params, start: Start) -> Setting:
    """The student's own weights alpha."""
    return Setting(params.weights, start.seed)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """Both networks of each student, on the same pairs; the learning rate falls linearly, from epoch to epoch."""
    training, test = (_stacked([pairs(s, part, rows) for s in settings]) for part, rows in ((0, TRAINING), (1, TEST)))
    seeds = [s.seed for s in settings]
    mixtures, squares = together(seeds, mixture_network), together(seeds, squares_network)
    optimiser = torch.optim.Adam(mixtures.weights() + squares.weights(), lr=LEARNING_RATE, fused=True)
    decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 1 / EPOCHS, EPOCHS - 1)
    for _ in range(EPOCHS):
        for x, t in zip(training.inputs.split(BATCH, 1), training.targets.split(BATCH, 1), strict=True):
            optimiser.zero_grad()
            losses = error(mixture(mixtures(scaled(x))), t) + (squares(scaled(x))[..., 0] - t) ** 2
            losses.mean(-1).sum().backward()
            optimiser.step()
        decay.step()
        advance(1)
    return _findings(settings, training, test, mixtures, squares)


def squares_network() -> nn.Module:
    """y(x): one input, one output, one hidden layer."""
    return _network(torch.full((1,), 0.5))


def mixture_network() -> nn.Module:
    """(z, mu, w) as a function of x.

    At first, the components are spread over the targets, for otherwise two of them may share a branch for good.
    """
    centres = (torch.arange(COMPONENTS) + 0.5) / COMPONENTS
    return _network(torch.cat([torch.zeros(COMPONENTS), centres, torch.full((COMPONENTS,), log(WIDTH))]))


def _network(start: Tensor) -> nn.Module:
    """One hidden layer; the outputs are about `start` at first, whatever the input is."""
    last = nn.Linear(HIDDEN, len(start))
    with torch.no_grad():
        last.weight *= 0.1
        last.bias.copy_(start)
    return nn.Sequential(nn.Linear(1, HIDDEN), nn.Tanh(), last)


def scaled(inputs: Tensor) -> Tensor:
    """The inputs as the networks see them, from about -4 to 4: shape (..., rows, 1)."""
    return ((inputs - 0.5) / 0.15)[..., None]


def pairs(s: Setting, part: int, rows: int) -> Pairs:
    """One of a student's two samples: t is uniform in part i of (0, 1) with probability alpha_i."""
    source = seeded(s.seed + part)
    chances, within, noise = torch.rand(3, rows, generator=source, dtype=torch.float64)
    borders = torch.tensor([float(sum(s.weights[:i])) for i in range(1, len(s.weights))], dtype=torch.float64)
    targets = (torch.bucketize(chances, borders) + within) / len(s.weights)
    return Pairs(forward(targets) + NOISE * (2 * noise - 1), targets)


def forward(targets: Tensor) -> Tensor:
    """The input that belongs to a target without noise."""
    return targets + 0.3 * torch.sin(2 * pi * targets)


def mixture(outputs: Tensor) -> Mixture:
    """The parameters in the last dimension (z, mu, w), with alpha = softmax(z)."""
    z, means, log_widths = outputs.chunk(3, -1)
    return Mixture(torch.log_softmax(z, -1), means, log_widths)


def error(m: Mixture, t: Tensor) -> Tensor:
    """E = -log p(t), p(t) = sum_i alpha_i N(t; mu_i, s_i^2)."""
    squares = ((t[..., None] - m.means) / m.log_widths.exp()) ** 2
    return LOG_TWO_PI / 2 - torch.logsumexp(m.log_weights - m.log_widths - squares / 2, -1)


def normal_error(squares: Tensor, variance: Tensor) -> Tensor:
    """-log N(t; y, v), for squares (t - y)^2 and the variance v."""
    return (LOG_TWO_PI + variance.log() + squares / variance) / 2


def likeliest(m: Mixture) -> Tensor:
    """The mean with the largest alpha_i / s_i, where p(t) is about largest (Bishop 1994, for c = 1)."""
    best = (m.log_weights - m.log_widths).argmax(-1, keepdim=True)
    return m.means.gather(-1, best)[..., 0]


def impossible(inputs: Tensor, predicted: Tensor) -> Tensor:
    """The share of predictions that no noise within +-0.1 leads from to their inputs."""
    return ((forward(predicted) - inputs).abs() > NOISE).double().mean(-1)


def conditional(s: Setting, inputs: Tensor) -> Tensor:
    """The probabilities of the cells of targets, given each of the inputs: shape (inputs, cells)."""
    prior = torch.tensor([float(a) for a in s.weights], dtype=torch.float64)[(CELLS * len(s.weights)).long()]
    joint = prior * ((forward(CELLS) - inputs[:, None]).abs() < NOISE)
    return joint / joint.sum(-1, keepdim=True)


def _stacked(samples: Sequence[Pairs]) -> Pairs:
    return Pairs(torch.stack([p.inputs for p in samples]), torch.stack([p.targets for p in samples]))


@torch.no_grad()
def _findings(
    settings: Sequence[Setting], training: Pairs, test: Pairs, mixtures: Ensemble, squares: Ensemble
) -> tuple[Findings, ...]:
    """What both networks say of the test inputs, and of equally spaced ones, for each student."""
    variances = ((squares(scaled(training.inputs))[..., 0] - training.targets) ** 2).mean(-1)
    at_test, at_places = (
        [Predictions(mixture(m), y) for m, y in zip(mixtures(scaled(x)), squares(scaled(x))[..., 0], strict=True)]
        for x in (test.inputs, PLACES.expand(len(settings), -1))
    )
    return tuple(
        _finding(s, Pairs(test.inputs[i], test.targets[i]), at_test[i], at_places[i], variances[i])
        for i, s in enumerate(settings)
    )


def _finding(s: Setting, test: Pairs, at_test: Predictions, at_places: Predictions, variance: Tensor) -> Findings:
    """Mean errors E, shares of impossible predictions in per cent, and root mean squared distances from E[t|x]."""
    mean = conditional(s, PLACES) @ CELLS
    squares = (test.targets - at_test.squares) ** 2
    errors = {"squares": normal_error(squares, variance), "mixture": error(at_test.mixture, test.targets)}
    numbers = {name: measured(values.mean().item(), 2) for name, values in errors.items()}
    for name, predicted, along in zip(errors, at_test.predicted, at_places.predicted, strict=True):
        distance = ((along - mean) ** 2).mean().sqrt()
        numbers[f"{name}_impossible"] = measured(100 * impossible(test.inputs, predicted).item(), 1)
        numbers[f"{name}_distance"] = measured(distance.item(), 2)
    return Findings(numbers, Panels(ALT, (_curves(test, at_places), _densities(s, at_places, variance))))


ALT = Localised(
    "Left: targets over inputs, with up to three branches in the middle; the output of least squares runs between "
    "them, the means of the mixture density network's components run along them. Right: the densities of the target "
    "at one input. The true one has two blocks far from each other, that of the mixture density network two peaks, the "
    "normal density of least squares a single broad one.",
    "Links: Zielgrößen über Eingaben, in der Mitte mit bis zu drei Ästen. Die Ausgabe der kleinsten Quadrate "
    "läuft zwischen ihnen, die Mittelwerte der Komponenten des Mixture-Density-Netzes laufen an ihnen entlang. Rechts: "
    "die Dichten der Zielgröße bei einer Eingabe. Die wahre hat zwei Blöcke weit voneinander, die des "
    "Mixture-Density-Netzes zwei Gipfel, die Normaldichte der kleinsten Quadrate einen einzigen breiten.",
)
SHOWN = 150  # test pairs
LEAST_WEIGHT = 0.15  # of a component whose mean is drawn
GRID = 100  # targets at which densities are drawn


def _curves(test: Pairs, at: Predictions) -> Plot:
    """The test pairs, y(x), and mu_i(x) wherever alpha_i(x) is large."""
    x, t = test.inputs[:SHOWN].tolist(), test.targets[:SHOWN].tolist()
    marks = [Mark("dots", thinned(x, 3), thinned(t, 3), label=Localised("test pairs", "Testpaare"), style=2)]
    label: Localised | None = Localised("$\\mu_i(x)$", "$\\mu_i(x)$")
    for weights, means in zip(at.mixture.log_weights.exp().T, at.mixture.means.T, strict=True):
        for run in _runs(weights > LEAST_WEIGHT):
            marks.append(_line(PLACES[run], means[run], label, 0))
            label = None  # one entry in the legend is enough
    marks.append(_line(PLACES, at.squares, Localised("$y(x)$", "$y(x)$"), 1))
    return Plot(tuple(marks), Localised("$x$", "$x$"), Localised("$t$", "$t$"))


def _runs(wanted: Tensor) -> list[slice]:
    """The longest slices with nothing but True, of two elements at least."""
    edges = torch.diff(wanted.long(), prepend=torch.zeros(1), append=torch.zeros(1)).nonzero()[:, 0].tolist()
    return [slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]


def _densities(s: Setting, at: Predictions, variance: Tensor) -> Plot:
    """p(t|x): the true one, the mixture, and the normal density around y(x), where the branches differ most."""
    fifths, t = _ambiguous(s), (torch.arange(GRID, dtype=torch.float64) + 0.5) / GRID
    i = fifths * (len(PLACES) - 1) // 5
    one = Mixture(at.mixture.log_weights[i], at.mixture.means[i], at.mixture.log_widths[i])
    truth = conditional(s, PLACES[i, None]).reshape(GRID, -1).sum(-1) * GRID
    normal = (-normal_error((t - at.squares[i]) ** 2, variance)).exp()
    marks = (
        _line(t, truth, Localised("true", "wahr"), -1),
        _line(t, (-error(one, t)).exp(), Localised("MDN", "MDN"), 0),
        _line(t, normal, Localised("least squares", "kleinste Quadrate"), 1),
    )
    label = (f"$p(t)$ {at} $x = {fifths}/5$" for at in ("at", "bei"))
    return Plot(marks, Localised("$t$", "$t$"), Localised(*label))


def _ambiguous(s: Setting) -> int:
    """2 or 3: whether the target's variance is larger at x = 2/5 or at 3/5, where two or three branches meet."""
    probabilities = conditional(s, torch.tensor([0.4, 0.6], dtype=torch.float64))
    variances = probabilities @ CELLS**2 - (probabilities @ CELLS) ** 2
    return 2 if variances[0] >= variances[1] else 3


def _line(x: Tensor, y: Tensor, label: Localised | None, style: int) -> Mark:
    return Mark("line", thinned(x.tolist()), thinned(y.tolist()), label=label, style=style)


DEMO = Demo("D3", lanes=50, steps=EPOCHS, setting=setting, train=train)
