"""The Gaussian-Bernoulli RBM in the plane: CD-1 and the exact gradient from the same starts, and the modes they cover.

With F(v) = |v - a|^2/2 - sum_j log(1 + exp(v'W_j + b_j)) the density is p(v) = exp(-F(v))/Z, where Z = 2 pi sum_h c_h
and c_h = exp(b'h + a'Wh + |Wh|^2/2) (Melchior, Wang and Wiskott, Gaussian-binary restricted Boltzmann machines for
modeling natural image statistics, PLoS ONE 12, 2017, with unit variance). The exact gradient is that of mean F(v0) +
log Z; CD-1 replaces log Z by -mean F(v1), with reconstructions v1 that are held fixed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import cos, log, pi, sin, sqrt

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import softplus

from blattwerk.solvers.demos.boltzmann import tidy
from blattwerk.solvers.demos.lanes import seeded, together
from blattwerk.solvers.gaussian_rbm import Params
from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised

ROWS, RESTARTS, BATCH, STEPS, RATE = 200, 10, 5, 2000, 0.03
NEAR = 0.5  # distance of a mode and a mean
BLOCK = 50  # steps whose random numbers are drawn at once
STATES = torch.tensor(list(product((0.0, 1.0), repeat=2)), dtype=torch.float64)
MODES = len(STATES)
MEAN = torch.full((BATCH, 2), 1 / BATCH, dtype=torch.float64)  # the factors of a mean over a mini-batch

Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class Setting:
    """The offset a and the columns of W, both in the plane, and the source of all random numbers."""

    offset: tuple[int, int]
    columns: tuple[tuple[int, int], tuple[int, int]]
    seed: int

    @property
    def modes(self) -> Tensor:
        """a + Wh for all h: (4, 2)."""
        columns = torch.tensor(self.columns, dtype=torch.float64)
        return torch.tensor(self.offset, dtype=torch.float64) + STATES @ columns


@dataclass(frozen=True)
class Machines:
    """What was learnt by one method from all starts of a student, in the student's coordinates: the mixtures.

    log pi_h (restarts, 4), the means a + Wh (restarts, 4, 2), the mean log-likelihood of the data (restarts), and which
    of the data's modes are covered, and which have a mean nearby (restarts, 4).
    """

    log_shares: Tensor
    means: Tensor
    likelihoods: Tensor
    covered: Tensor
    near: Tensor


def setting(params: Params, start: Start) -> Setting:
    """The student's own a and W; what lies on a line is brought into the plane, one hidden unit for each coordinate."""
    if len(params.offset) == 2:
        (x, y), (first, second) = params.offset, params.columns
        return Setting((x, y), ((first[0], first[1]), (second[0], second[1])), start.seed)
    (x,), widths = params.offset, [w for (w,) in params.columns]
    return Setting((x, x), ((widths[0], 0), (0, widths[-1])), start.seed)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """RESTARTS machines a student and method; both methods have the same starts and the same mini-batches."""
    sources = [seeded(s.seed) for s in settings]
    data = torch.stack([sample(s, source) for s, source in zip(settings, sources, strict=True)])
    centres = data.mean(1, keepdim=True)
    seeds = [s.seed + 1 + restart for s in settings for restart in range(RESTARTS)]
    cd, exact = together(seeds, Machine), together(seeds, Machine)
    weights = [*cd.weights(), *exact.weights()]
    tidy(weights)
    optimiser = torch.optim.SGD(weights, lr=RATE, fused=True)
    for _ in range(STEPS // BLOCK):
        for v0, uniform, normal in _batches(data - centres, sources):
            v1 = reconstruction(cd.parameters, v0, uniform, normal)
            optimiser.zero_grad()
            (cd_loss(cd.parameters, v0, v1) + exact_loss(exact.parameters, v0)).backward()
            optimiser.step()
            tidy(weights)
        advance(1)
    learnt = [_by_student(machines.parameters, data, centres, settings) for machines in (cd, exact)]
    return tuple(_finding(s, data[i], learnt[0][i], learnt[1][i]) for i, s in enumerate(settings))


def sample(s: Setting, source: Generator) -> Tensor:
    """Points a + Wh with normal noise, each h with probability 1/4: (ROWS, 2)."""
    states = torch.randint(MODES, (ROWS,), generator=source)
    return s.modes[states] + torch.randn(ROWS, 2, generator=source, dtype=torch.float64)


class Machine(nn.Module):
    """W (2, 2), a (1, 2) and b (1, 2); all functions below take the stacked weights of many, (machines, 2, 2) etc.

    At the start W_j is normal, and b_j = -|W_j|^2/2, so that c_h = 1 if not more than one hidden unit is on.
    """

    def __init__(self) -> None:
        super().__init__()
        W = torch.randn(2, 2, dtype=torch.float64)
        self.W, self.a = nn.Parameter(W), nn.Parameter(torch.zeros(1, 2))
        self.b = nn.Parameter(-0.5 * (W**2).sum(0, keepdim=True))


def _batches(data: Tensor, sources: Sequence[Generator]) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """For BLOCK steps, a mini-batch (lanes * RESTARTS, BATCH, 2) of each machine, uniform numbers, and normal ones."""
    shape = (RESTARTS, BATCH)
    picked = torch.stack([torch.randint(ROWS, (BLOCK, *shape), generator=source) for source in sources], 1)
    uniform, normal = (torch.empty(len(sources), BLOCK, *shape, 2, dtype=torch.float64) for _ in range(2))
    for i, source in enumerate(sources):
        uniform[i].uniform_(generator=source)
        normal[i].normal_(generator=source)
    lanes = torch.arange(len(sources))[:, None, None]
    for step in range(BLOCK):
        numbers = (data[lanes, picked[step]], uniform[:, step], normal[:, step])
        yield numbers[0].flatten(0, 1), numbers[1].flatten(0, 1), numbers[2].flatten(0, 1)


@torch.no_grad()
def reconstruction(weights: Weights, v0: Tensor, uniform: Tensor, normal: Tensor) -> Tensor:
    """v1 = a + W h0 + noise; a unit of h0 is 1 iff its uniform number is less than p(h_j = 1 | v0)."""
    h0 = (uniform < torch.sigmoid(torch.baddbmm(weights["b"], v0, weights["W"]))).double()
    return torch.baddbmm(weights["a"], h0, weights["W"].mT) + normal


def energies(weights: Weights, v: Tensor, factors: Tensor) -> Tensor:
    """The sum of factor times F(v) - |v|^2/2 over all machines and rows; the factors are in two equal columns."""
    a, mean = weights["a"], (factors * v).sum(1, keepdim=True)
    hidden = factors * softplus(torch.baddbmm(weights["b"], v, weights["W"]))
    return (0.5 * factors.sum(0) * a**2 - mean * a).sum() - hidden.sum()


def log_peaks(weights: Weights) -> Tensor:
    """log c_h = b'h + a'Wh + |Wh|^2/2: (machines, 4)."""
    shifts = STATES @ weights["W"].mT
    return (weights["b"] @ STATES.T)[:, 0] + (shifts * (weights["a"] + 0.5 * shifts)).sum(2)


def cd_loss(weights: Weights, v0: Tensor, v1: Tensor) -> Tensor:
    """The sum over the machines of mean F(v0) - F(v1); its negative gradient is the update of CD-1."""
    return energies(weights, torch.cat([v0, v1], 1), torch.cat([MEAN, -MEAN]))


def exact_loss(weights: Weights, v0: Tensor) -> Tensor:
    """The sum over the machines of -mean log p(v0), up to a constant."""
    return energies(weights, v0, MEAN) + log_peaks(weights).logsumexp(1).sum()


def log_density(log_shares: Tensor, means: Tensor, v: Tensor) -> Tensor:
    """log sum_h pi_h N(v; mu_h, I): (..., 4), (..., 4, 2) and (..., rows, 2) to (..., rows)."""
    squares = ((v[..., :, None, :] - means[..., None, :, :]) ** 2).sum(-1)
    return (log_shares[..., None, :] - 0.5 * squares).logsumexp(-1) - log(2 * pi)


@torch.no_grad()
def _by_student(weights: Weights, data: Tensor, centres: Tensor, settings: Sequence[Setting]) -> list[Machines]:
    """The mixtures, moved back to where the data were before they were centred."""
    log_shares = log_peaks(weights).log_softmax(1).unflatten(0, (len(settings), RESTARTS))
    means = (weights["a"] + STATES @ weights["W"].mT).unflatten(0, (len(settings), RESTARTS)) + centres[:, None]
    return [_judged(log_shares[i], means[i], data[i], s.modes) for i, s in enumerate(settings)]


def _judged(log_shares: Tensor, means: Tensor, data: Tensor, modes: Tensor) -> Machines:
    """A mode is covered if the learnt density there is at least half of that of the data's mixture."""
    likelihoods = log_density(log_shares, means, data.expand(len(means), -1, -1)).mean(1)
    learnt, true = log_density(log_shares, means, modes.expand(len(means), -1, -1)), true_density(modes, modes)
    near = (modes[:, None] - means[:, None]).norm(dim=3).amin(2) < NEAR
    return Machines(log_shares, means, likelihoods, learnt >= true - log(2), near)


def true_density(modes: Tensor, v: Tensor) -> Tensor:
    """The log-density of the data: the mixture in which each mode has the share 1/4."""
    return log_density(torch.full((MODES,), -log(MODES), dtype=torch.float64), modes, v)


def _finding(s: Setting, data: Tensor, cd: Machines, exact: Machines) -> Findings:
    """What both methods found; the picture shows the first of the restarts in which CD-1 covers the fewest modes."""
    truth = measured(true_density(s.modes, data).mean().item(), 2)
    numbers = {**_summary("cd", cd), **_summary("exact", exact), "data_likelihood": truth}
    shown = int(cd.covered.sum(1).argmin())
    left, right = (_plot(s, data, machines, shown, name) for machines, name in ((cd, CD), (exact, EXACT)))
    return Findings(numbers, Panels(ALT, (left, right)))


def _summary(name: str, machines: Machines) -> dict[str, Decimal]:
    """In how many restarts 0, 1, ... modes are covered, and the mean log-likelihood of the data.

    Of all modes that are missed, in all restarts together, `near` have a mean nearby.
    """
    covered, missed = machines.covered.sum(1), ~machines.covered
    counts = {f"{name}_{k}": covered == k for k in range(MODES + 1)}
    counts |= {f"{name}_missed": missed, f"{name}_near": missed & machines.near}
    numbers = {key: measured(int(found.sum()), 0) for key, found in counts.items()}
    return {**numbers, f"{name}_likelihood": measured(machines.likelihoods.mean().item(), 2)}


CD, EXACT = Localised("CD-1", "CD-1"), Localised("exact gradient", "exakter Gradient")
DATA, TRUTH = Localised("data", "Daten"), Localised("true modes", "wahre Modi")
ALT = Localised(
    "The data in the plane, circles around the modes of their mixture, and circles around the means of the mixture "
    "that was learnt, their areas proportional to the mixture coefficients; left with CD-1, right with the exact "
    "gradient.",
    "Die Daten in der Ebene, Kreise um die Modi ihrer Mischverteilung und Kreise um die Erwartungswerte der gelernten "
    "Komponenten, deren Flächen proportional zu den Mischungskoeffizienten sind; links mit CD-1, rechts mit dem "
    "exakten Gradienten.",
)
SHOWN = 150  # points
CORNERS = 32  # of a circle
INVISIBLE = 0.001  # mixture coefficients


def _plot(s: Setting, data: Tensor, machines: Machines, shown: int, name: Localised) -> Plot:
    """A mixture coefficient of 1/4 has a circle of radius 1, one standard deviation."""
    x, y = data[:SHOWN].T.tolist()
    shares = machines.log_shares[shown].exp().tolist()
    known = name is CD  # what both pictures hold has its name in the first one only
    marks = [Mark("dots", thinned(x), thinned(y), label=DATA if known else None, style=0)]
    marks += _circles(s.modes, [1 / MODES] * MODES, TRUTH if known else None, -1)
    marks += _circles(machines.means[shown], shares, name, 1)
    return Plot(tuple(marks), Localised("$v_1$", "$v_1$"), Localised("$v_2$", "$v_2$"), square=True)


def _circles(centres: Tensor, shares: Sequence[float], name: Localised | None, style: int) -> list[Mark]:
    visible = [(centre, share) for centre, share in zip(centres.tolist(), shares, strict=True) if share > INVISIBLE]
    angles = [2 * pi * k / CORNERS for k in range(CORNERS + 1)]
    return [
        Mark(
            "line",
            thinned([x + 2 * sqrt(share) * cos(angle) for angle in angles]),
            thinned([y + 2 * sqrt(share) * sin(angle) for angle in angles]),
            label=name if i == 0 else None,
            style=style,
        )
        for i, ((x, y), share) in enumerate(visible)
    ]


DEMO = Demo("D5", lanes=50, steps=STEPS // BLOCK, setting=setting, train=train)
