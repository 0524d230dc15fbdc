"""Deep linear networks with weights of norm c: gradients on their way back, and what gradient descent makes of them.

Plain, h_i = W_i h_{i-1}; residual, h_i = h_{i-1} + W_i h_{i-1}; and residual with scaled branches, where V_i = W_i / L
takes the place of W_i and is trained itself. At first W_i = c Q_i in all three, with random orthogonal matrices Q_i, so
that its spectral norm is c. Then |dl/dh_0| / |dl/dh_L| is c^L in the plain network; in the residual one it lies between
(1 - c)^L and (1 + c)^L, and with scaled branches between 1 - c and e^c.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log10

import torch
from torch import Tensor

from blattwerk.solvers.demos.lanes import seeded
from blattwerk.solvers.residual_backprop import Params
from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised

WIDTH = 4
DEEPEST = 50  # layers that are computed for each network; those behind its own pass everything on
STEPS, LEARNING_RATE, LARGEST = 200, 0.01, 1.0  # LARGEST: to which norm a larger gradient is shortened
REPORTS = 10
LEAST = 1e-6  # smaller losses count as this one: they are rounding errors in the end
KINDS = ("plain", "residual", "scaled")
NAMES = (Localised("plain", "einfach"), Localised("residual", "residual"), Localised("scaled", "skaliert"))


@dataclass(frozen=True)
class Setting:
    """c, L, and the source of all random numbers."""

    factor: Fraction
    depth: int
    seed: int


@dataclass(frozen=True)
class Networks:
    """All networks of all students: weights (layers, networks, width, width), and what they are to compute.

    skips   (layers, networks, 1, 1): by what h_{i-1} is multiplied before it is added to W_i h_{i-1}
    trained (layers, networks, 1, 1): 1 for the layers that the network has, 0 for the others
    targets (networks, width, width): in its columns the outputs that belong to the unit vectors as inputs
    """

    weights: Tensor
    skips: Tensor
    trained: Tensor
    targets: Tensor


def setting(params: Params, start: Start) -> Setting:
    """The student's own factor and depth."""
    return Setting(params.factor, params.depth, start.seed)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """Gradient descent with three networks a student; the learning rate falls linearly to 0."""
    networks = joined([network(s, kind) for s in settings for kind in KINDS])
    gradients = gradient_norms(networks)
    optimiser = torch.optim.SGD([networks.weights.requires_grad_()], lr=LEARNING_RATE)
    decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, STEPS)
    inputs, course = unit_vectors(networks), []
    for step in range(STEPS):
        now = losses(states(networks, inputs)[-1], networks.targets)
        course.append(now.detach())
        (networks.weights.grad,) = torch.autograd.grad(now.sum(), networks.weights)
        shorten(networks.weights.grad, networks.trained)
        optimiser.step()
        decay.step()
        if step % (STEPS // REPORTS) == 0:
            advance(1)
    with torch.no_grad():
        course.append(losses(states(networks, inputs)[-1], networks.targets))
    curves = torch.stack(course, -1).clamp(min=LEAST).reshape(len(settings), len(KINDS), -1)
    norms = gradients.reshape(len(settings), len(KINDS), -1)
    return tuple(_finding(norms[i, :, : s.depth + 1], curves[i]) for i, s in enumerate(settings))


def network(s: Setting, kind: str) -> Networks:
    """One of a student's three networks; they differ in nothing but skips and scale."""
    source = seeded(s.seed)
    own = (torch.arange(DEEPEST) < s.depth).double()[:, None, None, None]
    scale = float(s.factor / s.depth if kind == "scaled" else s.factor)
    weights = scale * own * torch.stack([orthogonal(source) for _ in range(DEEPEST)])[:, None]
    return Networks(weights, 1 - own if kind == "plain" else torch.ones_like(own), own, rotation(source)[None])


def orthogonal(source: torch.Generator) -> Tensor:
    """A random orthogonal matrix with the distribution that no rotation changes.

    It is the Q of a normal matrix, where the diagonal of R is positive (Mezzadri, How to generate random matrices from
    the classical compact groups, Notices of the AMS 54, 2007).
    """
    q, r = torch.linalg.qr(torch.randn(WIDTH, WIDTH, generator=source, dtype=torch.float64))
    result: Tensor = q * r.diagonal().sign()
    return result


def rotation(source: torch.Generator) -> Tensor:
    """A rotation by 90 degrees in two random planes that are orthogonal to each other: Q K Q^T."""
    q, turn = orthogonal(source), torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
    result: Tensor = q @ torch.block_diag(turn, turn) @ q.T
    return result


def states(networks: Networks, inputs: Tensor) -> list[Tensor]:
    """h_0 = inputs, h_1, ..., of all networks; each has shape (networks, width, inputs)."""
    h = [inputs]
    for skip, weights in zip(networks.skips, networks.weights, strict=True):
        h.append(skip * h[-1] + weights @ h[-1])
    return h


def unit_vectors(networks: Networks) -> Tensor:
    """The inputs of all networks, as columns."""
    return torch.eye(WIDTH, dtype=torch.float64).repeat(len(networks.targets), 1, 1)


def losses(outputs: Tensor, targets: Tensor) -> Tensor:
    """l = sum |h_L - t|^2 / sum |t|^2 over the inputs, for each network; |t| is 1."""
    return ((outputs - targets) ** 2).sum((1, 2)) / WIDTH


def gradient_norms(networks: Networks) -> Tensor:
    """|dl/dh_i|, over all inputs together, by automatic differentiation: shape (networks, layers + 1)."""
    h = states(networks, unit_vectors(networks).requires_grad_())
    gradients = torch.autograd.grad(losses(h[-1], networks.targets).sum(), h)
    return torch.stack([torch.linalg.vector_norm(g, dim=(1, 2)) for g in gradients], -1)


@torch.no_grad()
def shorten(gradients: Tensor, trained: Tensor) -> None:
    """Multiply each network's gradient by min(1, LARGEST / norm), without the layers that the network does not have.

    (Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks, ICML 2013.)
    """
    gradients *= trained
    norms = torch.linalg.vector_norm(gradients, dim=(0, 2, 3), keepdim=True)
    gradients *= LARGEST / norms.clamp(min=LARGEST)


def joined(networks: Sequence[Networks]) -> Networks:
    """All of them side by side."""
    weights, skips, trained = (
        torch.cat([getattr(n, name) for n in networks], 1) for name in ("weights", "skips", "trained")
    )
    return Networks(weights, skips, trained, torch.cat([n.targets for n in networks]))


def _finding(gradients: Tensor, course: Tensor) -> Findings:
    """Decimal logarithms of |dl/dh_0| / |dl/dh_L| before training, and of the losses before and after."""
    numbers = {}
    for kind, norms, loss in zip(KINDS, gradients.tolist(), course.log10().tolist(), strict=True):
        numbers[f"{kind}_gradient"] = measured(log10(norms[0] / norms[-1]), 2)
        numbers[f"{kind}_start"] = measured(loss[0], 1)
        numbers[f"{kind}_end"] = measured(loss[-1], 1)
    return Findings(numbers, Panels(ALT, (_gradients(gradients), _course(course))))


ALT = Localised(
    "Left: the norms of the gradient by layer before training, on a logarithmic axis. In the plain network they fall "
    "on the way from the last layer back to the first; with scaled branches they hardly change. Right: the losses of "
    "the three networks during training, on a logarithmic axis.",
    "Links: die Normen des Gradienten je Schicht vor dem Training, logarithmisch aufgetragen. Im einfachen Netz fallen "
    "sie von der letzten zur ersten Schicht; mit skalierten Zweigen ändern sie sich kaum. Rechts: die Verluste der "
    "drei Netze während des Trainings, logarithmisch aufgetragen.",
)
EVERY = 4  # steps from point to point of a curve


def _gradients(norms: Tensor) -> Plot:
    """|dl/dh_i| over i, in units of |dl/dh_L|."""
    layers = tuple(map(float, range(norms.shape[1])))
    marks = (
        Mark("line", layers, thinned((row / row[-1]).tolist()), label=name, style=style)
        for style, (row, name) in enumerate(zip(norms, NAMES, strict=True))
    )
    y = "$|\\partial\\ell/\\partial h_i|\\,/\\,|\\partial\\ell/\\partial h_L|$"
    return Plot(tuple(marks), Localised("layer $i$", "Schicht $i$"), Localised(y, y), log_y=True)


def _course(losses: Tensor) -> Plot:
    steps = tuple(map(float, range(0, STEPS + 1, EVERY)))
    marks = (
        Mark("line", steps, thinned(row[::EVERY].tolist()), label=name, style=style)
        for style, (row, name) in enumerate(zip(losses, NAMES, strict=True))
    )
    return Plot(tuple(marks), Localised("step", "Schritt"), Localised("loss $\\ell$", "Verlust $\\ell$"), log_y=True)


DEMO = Demo("D8", lanes=100, steps=REPORTS, setting=setting, train=train)
