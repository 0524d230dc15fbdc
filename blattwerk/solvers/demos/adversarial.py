"""A generator against an energy network, many pairs at once, for images with a hole.

E shall give low energies to real images x and high ones to inpainted images

    x~ = M G(z) + (1 - M) S(G(z))    (M is 1 in the hole; z is an image with a filled hole; S stops the gradient).

One optimiser trains both with the joint error log(1 + exp E(x)) + log(1 + exp(-E(R(x~)))), where R flips the gradient
(Ganin and Lempitsky, Unsupervised domain adaptation by backpropagation, ICML 2015).
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from blattwerk.solvers.demos.lanes import together

HIDDEN = 32
SHARE = 0.25  # of the correction: with one learning rate for both, the generator takes smaller steps

Network = Callable[[Tensor], Tensor]


class TwoLayers:
    """In each lane, a layer of ReLUs and a layer of outputs, for images from which the mean is subtracted.

    The weights are those of nn.Sequential(Linear, ReLU, Linear). For networks as small as these, products of stacked
    matrices take much less time than vmap.
    """

    def __init__(self, seeds: Sequence[int], outputs: int, mean: Tensor) -> None:
        self.weights = together(seeds, lambda: two_layers(mean.shape[2], outputs)).parameters
        self._mean = mean

    def __call__(self, x: Tensor) -> Tensor:
        """(lanes, rows, pixels) to (lanes, rows, outputs)."""
        return self._linear("2", torch.relu(self._linear("0", x - self._mean)))

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return torch.baddbmm(self.weights[f"{name}.bias"][:, None], x, self.weights[f"{name}.weight"].mT)


class Generator(TwoLayers):
    """A whole image: the given one plus a correction, which is 0 before training."""

    def __init__(self, seeds: Sequence[int], mean: Tensor) -> None:
        super().__init__(seeds, mean.shape[2], mean)
        for name in ("2.weight", "2.bias"):
            nn.init.zeros_(self.weights[name])

    def __call__(self, z: Tensor) -> Tensor:
        """(lanes, rows, pixels) to the same."""
        return z + SHARE * super().__call__(z)


def two_layers(inputs: int, outputs: int) -> nn.Module:
    """One lane of TwoLayers, but for the subtraction of the mean."""
    return nn.Sequential(nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, outputs))


def flip(t: Tensor) -> Tensor:
    """R: the values of t; the gradient that comes back is multiplied by -1."""
    return 2 * t.detach() - t


def joint_error(energy: Network, generator: Network, x: Tensor, z: Tensor, hole: Tensor) -> Tensor:
    """Each lane's mean of log(1 + exp E(x)) + log(1 + exp(-E(R(x~)))), for real images x, and z with a filled hole."""
    made = generator(z)
    inpainted = torch.where(hole, made, made.detach())
    return (softplus(energy(x)) + softplus(-energy(flip(inpainted)))).mean((1, 2))


def slope_penalty(energy: Network, x: Tensor) -> Tensor:
    """Each lane's mean of |dE/dx|^2 over real images x.

    Mescheder, Geiger and Nowozin, Which training methods for GANs do actually converge?, ICML 2018.
    """
    x = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(energy(x).sum(), x, create_graph=True)
    return (slope**2).sum(2).mean(1)
