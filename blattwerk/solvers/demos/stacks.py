"""Stacks of RBMs, and classifiers that begin with their weights, many at once and all of the same shape.

A unit that a lane's net lacks has the bias OFF: it is always 0, and so are the gradients of its weights. A layer that
it lacks is skipped. Weights are stacked as in `boltzmann`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from blattwerk.solvers.demos.boltzmann import Weights, hidden, visible

OFF = -1e9


@dataclass(frozen=True)
class Layer:
    """A layer of the common shape: its width, and how many units each lane has of it (lanes, 1, 1)."""

    width: int
    units: Tensor

    def biases(self) -> Tensor:
        """0 for the units that there are, OFF for the others: (lanes, 1, width)."""
        return OFF * torch.ge(torch.arange(self.width), self.units).double()


def contrast(machine: Weights, v0: Tensor, uniforms: Tensor, eta: float) -> None:
    """One step of CD-1, in place: W grows by eta (v0 p(h|v0)' - v1 p(h|v1)'), averaged over the rows; a and b alike.

    h0 is drawn, a unit being 1 iff its uniform number is less than its probability; v1 = p(v|h0) is not (Hinton, A
    practical guide to training restricted Boltzmann machines, 2010, section 3).
    """
    rate = eta / v0.shape[1]
    h0 = hidden(machine, v0)
    v1 = visible(machine, (uniforms < h0).double())
    h1 = hidden(machine, v1)
    machine["W"].baddbmm_(v0.mT, h0, alpha=rate).baddbmm_(v1.mT, h1, alpha=-rate)
    machine["a"].add_((v0 - v1).sum(1, keepdim=True), alpha=rate)
    machine["b"].add_((h0 - h1).sum(1, keepdim=True), alpha=rate)


def upwards(weights: Weights, layer: Layer, h: Tensor) -> Tensor:
    """The layer's probabilities; a lane that lacks the layer keeps what it has."""
    above, there = hidden(weights, h), layer.units > 0
    return above if there.all() else torch.where(there, above, h)


class Classifier:
    """Sigmoid layers with the given weights, and a layer of outputs whose weights are 0 at first."""

    def __init__(self, layers: Sequence[Layer], hidden_weights: Sequence[Weights]) -> None:
        _, *self.layers, outputs = layers
        zeros = torch.zeros(len(outputs.units), self.layers[-1].width, outputs.width, dtype=torch.float64)
        self.weights = [*hidden_weights, {"W": zeros, "b": outputs.biases()}]

    def __call__(self, images: Tensor) -> Tensor:
        """What the softmax makes probabilities of: (lanes, rows, inputs) to (lanes, rows, outputs)."""
        h, last = images, self.weights[-1]
        for weights, layer in zip(self.weights[:-1], self.layers, strict=True):
            h = upwards(weights, layer, h)
        return torch.baddbmm(last["b"], h, last["W"])
