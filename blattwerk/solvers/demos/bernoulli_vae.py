"""Gradients through binary latent variables, exact, by the score function and straight through; training with each.

A decoder network whose values at the states are those of the table f continues the table between the states, which the
straight-through derivative needs. For q(z) = prod_j Bern(z_j; p_j), p = sigma(phi), the gradient of E[f] by phi_j is
- exactly: that of the sum of q(z) f(z) over all states;
- by the score function (Williams, Machine Learning 8, 1992): the mean of (z_j - p_j) (f(z) - b) over drawn states, with
  b = 0 or with the best baseline b_j = E[(z_j - p_j)^2 f]/E[(z_j - p_j)^2];
- straight through (Bengio, Leonard, Courville, arXiv:1308.3432, 2013): p_j (1 - p_j) times the decoder's derivative by
  z_j at drawn states. Its mean is the gradient if f is linear in each z_j, and another number in general.
Training by one drawn state a step raises the lower bound E[f] - D(q || p(z)) of log p(x), with p(z) = 2^-n.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, softplus

from blattwerk.solvers.bernoulli_vae import Params
from blattwerk.solvers.demos.lanes import Ensemble, seeded, stacked, together
from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised

Decoder = Callable[[Tensor], Tensor]
HIDDEN, FITTING, FITTING_RATE = 16, 200, 0.02
DRAWN = 10_000  # states, for the mean and variance at the first phi
RUNS, STEPS, LEARNING_RATE = 20, 300, 0.1
GRID = log(2) / 2**15  # phi is rounded to its multiples after each step
REPORTED = 5  # steps between two values of the bound
GRADIENTS = ("exact", "score", "baseline", "through")
NAMES = (
    Localised("exact", "exakt"),
    Localised("score function", "Score-Funktion"),
    Localised("with baseline", "mit Baseline"),
    Localised("straight-through", "Straight-Through"),
)


@dataclass(frozen=True)
class Setting:
    """phi in units of log 2, f(z) in the order of the states, the unit j whose gradient is estimated, and the seed."""

    exponents: tuple[int, ...]
    values: tuple[int, ...]
    unit: int
    seed: int


def setting(params: Params, start: Start) -> Setting:
    """The student's own logits and table."""
    return Setting(params.exponents, params.values, params.unit, start.seed)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """A decoder for each student's table; the estimates at the first phi; and 20 runs of ascent with each gradient."""
    values = torch.tensor([s.values for s in settings], dtype=torch.float64)
    phi = log(2) * torch.tensor([s.exponents for s in settings], dtype=torch.float64)
    decoder = decoders([s.seed for s in settings], values)
    estimates = estimates_by_state(decoder, values, phi)
    advance(1)
    uniform = stacked([s.seed + 1 for s in settings], lambda g: _uniform((STEPS, RUNS, phi.shape[-1]), g))
    gaps = ascents(decoder, values, phi, uniform, advance)
    draws = [draw_states(p, s.seed) for p, s in zip(phi, settings, strict=True)]
    return tuple(
        _finding(estimates[:, i, :, s.unit - 1], _weights(phi[i]), draws[i], gaps[:, i]) for i, s in enumerate(settings)
    )


def _uniform(shape: tuple[int, ...], source: torch.Generator) -> Tensor:
    return torch.rand(shape, generator=source, dtype=torch.float64)


def states(size: int) -> Tensor:
    """All binary vectors in the order of the numbers that they write: (2^size, size)."""
    return torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * size)


def place(z: Tensor) -> Tensor:
    """Where states (..., n) stand in that order: (...)."""
    size = z.shape[-1]
    return (z * 2.0 ** torch.arange(size - 1, -1, -1)).sum(-1).long()


def decoders(seeds: Sequence[int], values: Tensor) -> Ensemble:
    """A network for each table (lanes, 2^n), trained on it; the rest is taken up by the output layer, exactly."""
    corners = states((values.shape[-1] - 1).bit_length()).expand(len(seeds), -1, -1)
    networks = together(seeds, lambda: decoder_network(corners.shape[-1]))
    optimiser = torch.optim.Adam(networks.weights(), lr=FITTING_RATE, fused=True)
    for _ in range(FITTING):
        optimiser.zero_grad()
        ((networks(corners)[..., 0] - values) ** 2).mean(-1).sum().backward()
        optimiser.step()
    _meet(networks, corners, values)
    return networks


def decoder_network(size: int) -> nn.Module:
    """f(z): n inputs, one output, and one hidden layer; its first weights are drawn in double precision."""
    first, last = nn.Linear(size, HIDDEN, dtype=torch.float64), nn.Linear(HIDDEN, 1, dtype=torch.float64)
    return nn.Sequential(first, nn.Tanh(), last)


@torch.no_grad()
def _meet(networks: Ensemble, corners: Tensor, values: Tensor) -> None:
    """The smallest change of the output weights after which the network has these values at the corners."""
    first, bias, last = (networks.parameters[name] for name in ("0.weight", "0.bias", "2.weight"))
    hidden = torch.tanh(corners @ first.mT + bias[:, None])
    rest = values[..., None] - networks(corners)
    last += torch.linalg.lstsq(hidden, rest).solution.mT


def log_weights(phi: Tensor, z: Tensor) -> Tensor:
    """log q_j(z_j) for each unit, with log sigma((2 z_j - 1) phi_j)."""
    return logsigmoid((2 * z - 1) * phi)


def _weights(phi: Tensor) -> Tensor:
    """q(z) of all states: (..., n) to (..., 2^n)."""
    return log_weights(phi[..., None, :], states(phi.shape[-1])).sum(-1).exp()


def expected(values: Tensor, phi: Tensor) -> Tensor:
    """E[f], by enumeration: values (lanes, 2^n) and phi (lanes, rows, n) to (lanes, rows)."""
    return (_weights(phi) * values[:, None]).sum(-1)


def best_baselines(values: Tensor, phi: Tensor) -> Tensor:
    """b_j = E[(z_j - p_j)^2 f]/E[(z_j - p_j)^2], by enumeration: (lanes, rows, n)."""
    p = torch.sigmoid(phi)
    squares = (states(phi.shape[-1]) - p[..., None, :]) ** 2
    return ((_weights(phi) * values[:, None])[..., None] * squares).sum(-2) / (p * (1 - p))


def score_function(values: Tensor, phi: Tensor, z: Tensor, baseline: Tensor | float = 0.0) -> Tensor:
    """What has the derivative (z_j - p_j) (f(z) - b_j) by phi_j, for each row."""
    return ((values.gather(1, place(z))[..., None] - baseline) * log_weights(phi, z)).sum(-1)


def straight_through(decoder: Decoder, phi: Tensor, z: Tensor) -> Tensor:
    """f(z), with the derivative by z taken for one by p, for each row."""
    p = torch.sigmoid(phi)
    return decoder(z + p - p.detach())[..., 0]


def objectives(decoder: Decoder, values: Tensor, phi: Tensor, z: Tensor) -> Tensor:
    """What has the four gradients as its derivatives: phi and drawn states (4, lanes, rows, n) to (4, lanes, rows)."""
    exact, score, better, through = phi
    return torch.stack(
        [
            expected(values, exact),
            score_function(values, score, z[1]),
            score_function(values, better, z[2], best_baselines(values, better.detach())),
            straight_through(decoder, through, z[3]),
        ]
    )


def estimates_by_state(decoder: Decoder, values: Tensor, phi: Tensor) -> Tensor:
    """The four gradients (the last three: estimates) for each state drawn: (4, lanes, 2^n, n)."""
    z = states(phi.shape[-1]).expand(len(GRADIENTS), len(phi), -1, -1)
    rows = phi[:, None].expand_as(z).clone().requires_grad_()
    (slopes,) = torch.autograd.grad(objectives(decoder, values, rows, z).sum(), rows)
    return slopes


def divergence(phi: Tensor) -> Tensor:
    """D(q || p(z)) = sum_j (p_j phi_j - log(1 + exp(phi_j)) + log 2)."""
    return (torch.sigmoid(phi) * phi - softplus(phi) + log(2)).sum(-1)


def ascents(decoder: Decoder, values: Tensor, phi: Tensor, uniform: Tensor, advance: Advance) -> Tensor:
    """log p(x) minus the lower bound after 0, 5, 10, ... steps, the mean over all runs: (times, lanes, 4).

    `uniform`, (lanes, steps, runs, n), holds the random numbers that all gradients see: z_j = 1 where u < p_j.
    """
    runs = phi[:, None].expand(len(GRADIENTS), -1, uniform.shape[2], -1).clone().requires_grad_()
    optimiser = torch.optim.SGD([runs], lr=LEARNING_RATE, maximize=True, fused=True)
    gaps = [gap(values, runs)]
    for step, u in enumerate(uniform.unbind(1), 1):
        optimiser.zero_grad()
        z = (u < torch.sigmoid(runs.detach())).double()
        (objectives(decoder, values, runs, z) - divergence(runs)).sum().backward()
        optimiser.step()
        _rounded(runs)
        if step % REPORTED == 0:
            gaps.append(gap(values, runs))
            advance(1)
    return torch.stack(gaps)


@torch.no_grad()
def _rounded(runs: Tensor) -> None:
    """Round in place to multiples of the grid.

    Without baseline a step multiplies small differences of phi by about 1 - rate p (1 - p) f > 1. So the last bits,
    which are not the same on every machine, would grow to another training. The grid is irrational, as steps near
    phi = 0 are almost rational: with a rational grid, many would end halfway between two multiples.
    """
    runs.copy_((runs / GRID).round() * GRID)


@torch.no_grad()
def gap(values: Tensor, runs: Tensor) -> Tensor:
    """log p(x) - (E[f] - D(q || p(z))), the mean over the runs: (lanes, 4)."""
    log_evidence = values.logsumexp(-1) - log(values.shape[-1])
    bounds = torch.stack([expected(values, phi) - divergence(phi) for phi in runs], 1)
    return log_evidence[:, None] - bounds.mean(-1)


def draw_states(phi: Tensor, seed: int) -> Tensor:
    """The places of states drawn from q."""
    return place((_uniform((DRAWN, len(phi)), seeded(seed)) < torch.sigmoid(phi)).double())


def _finding(estimates: Tensor, weights: Tensor, drawn: Tensor, gaps: Tensor) -> Findings:
    """From the estimates for the unit j by state (4, 2^n), the weights of the states, and those that were drawn."""
    samples = estimates[:, drawn]
    variances, means = torch.var_mean(samples, -1)
    errors = (variances / DRAWN).sqrt()
    exact, expectation = (estimates[[0, 3]] * weights).sum(-1)
    numbers = {f"{name}_gap": measured(g.item(), 4) for name, g in zip(GRADIENTS, gaps[-1], strict=True)}
    for i, name in enumerate(GRADIENTS[1:], 1):
        numbers[f"{name}_mean"] = measured(means[i].item(), 4)
        numbers[f"{name}_error"] = measured(errors[i].item(), 4)
        numbers[f"{name}_variance"] = measured(variances[i].item(), 3)
    for i, name in enumerate(GRADIENTS[1:3], 1):
        numbers[f"{name}_away"] = measured(((means[i] - exact).abs() / errors[i]).item(), 1)
    numbers["factor"] = measured((variances[1] / variances[2]).item(), 1)
    numbers["through_expected"] = measured(expectation.item(), 4)
    numbers["through_spread"] = measured((weights * (estimates[3] - expectation) ** 2).sum().item(), 3)
    numbers["bias"] = measured((expectation - exact).item(), 4)
    return Findings(numbers, Panels(ALT, (_gaps(gaps), _running_means(samples))))


ALT = Localised(
    "Left: the distance of the lower bound from log p(x) against the number of training steps, for the exact gradient, "
    "the score function without and with baseline, and straight-through. Right: the mean of the first M estimates of "
    "an entry of the gradient against M, for the three estimators; the horizontal line is the exact gradient.",
    "Links: der Abstand der unteren Schranke von log p(x) über der Anzahl der Trainingsschritte, für den exakten "
    "Gradienten, die Score-Funktion ohne und mit Baseline und Straight-Through. Rechts: das Mittel der ersten M "
    "Schätzwerte eines Eintrags des Gradienten über M, für die drei Schätzer; die waagerechte Linie ist der exakte "
    "Gradient.",
)


def _gaps(gaps: Tensor) -> Plot:
    steps = tuple(float(REPORTED * i) for i in range(len(gaps)))
    return Plot(
        tuple(
            Mark("line", steps, thinned(gaps[:, i].tolist(), 3), label=name, style=i) for i, name in enumerate(NAMES)
        ),
        Localised("training steps", "Trainingsschritte"),
        Localised("$\\log p(x)\\,-$ bound", "$\\log p(x)\\,-$ Schranke"),
        log_y=True,
    )


FIRST, POINTS = 20, 60  # of the curve of running means


def _running_means(samples: Tensor) -> Plot:
    """The legend of the other panel holds for this one."""
    counts = sorted({round(FIRST * (DRAWN / FIRST) ** (i / (POINTS - 1))) for i in range(POINTS)})
    at = torch.tensor(counts)
    means = samples.cumsum(-1)[:, at - 1] / at
    marks = [Mark("line", (float(FIRST), float(DRAWN)), thinned([samples[0, 0].item()] * 2))]
    for style in (1, 2, 3):
        marks.append(Mark("line", tuple(map(float, counts)), thinned(means[style].tolist(), 3), style=style))
    return Plot(
        tuple(marks),
        Localised("draws $M$", "Ziehungen $M$"),
        Localised("mean of $M$ estimates", "Mittel von $M$ Schätzwerten"),
        log_x=True,
    )


DEMO = Demo("D2", lanes=100, steps=1 + STEPS // REPORTED, setting=setting, train=train)
