"""Restricted Boltzmann machines with few hidden units, many at once: CD-1, and exact sums over all hidden states.

The weights of all lanes are stacked: W (lanes, n, K), a (lanes, 1, n), b (lanes, 1, K), as `lanes.together` makes them.
Z = sum_h exp(b'h) prod_i (1 + exp(a_i + W_i h)) is a sum of 2^K numbers.
"""

from collections.abc import Iterable, Mapping
from itertools import product

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import softplus

SMALL = 0.1  # standard deviation of the first weights

Weights = Mapping[str, Tensor]


class Machine(nn.Module):
    """W (n, K), a (1, n) and b (1, K); all functions below take the stacked weights of many, (lanes, n, K) etc."""

    def __init__(self, visible: int, hidden: int) -> None:
        super().__init__()
        self.W = nn.Parameter(SMALL * torch.randn(visible, hidden, dtype=torch.float64))
        self.a = nn.Parameter(torch.zeros(1, visible))
        self.b = nn.Parameter(torch.zeros(1, hidden))


@torch.no_grad()
def tidy(weights: Iterable[Tensor]) -> None:
    """Round to multiples of a millionth, in place.

    After each step this removes the rounding errors, in which machines differ. Otherwise they grow in the course of
    training until a unit, somewhere, is drawn differently, and from there on everything is.
    """
    for w in weights:
        w.round_(decimals=6)


def hidden(weights: Weights, v: Tensor) -> Tensor:
    """p(h = 1 | v): (lanes, rows, n) to (lanes, rows, K)."""
    return torch.sigmoid(torch.baddbmm(weights["b"], v, weights["W"]))


def visible(weights: Weights, h: Tensor) -> Tensor:
    """p(v = 1 | h): (lanes, rows, K) to (lanes, rows, n)."""
    return torch.sigmoid(torch.baddbmm(weights["a"], h, weights["W"].mT))


@torch.no_grad()
def reconstruction(weights: Weights, v0: Tensor, uniforms: Tensor) -> Tensor:
    """v1 by way of h0: a unit is 1 iff its uniform number is less than its probability.

    The uniform numbers (lanes, rows, K + n) are those of the hidden units, then those of the visible ones.
    """
    up = hidden(weights, v0)
    first, second = uniforms.split([up.shape[2], v0.shape[2]], 2)
    h0: Tensor = (first < up).double()
    v1: Tensor = (second < visible(weights, h0)).double()
    return v1


def free_energy(weights: Weights, v: Tensor) -> Tensor:
    """F(v) = -a'v - sum_j log(1 + exp(b_j + v'W_j)): (lanes, rows, n) to (lanes, rows, 1)."""
    inputs = torch.baddbmm(weights["b"], v, weights["W"])
    return -torch.baddbmm(softplus(inputs).sum(2, keepdim=True), v, weights["a"].mT)


def surrogate(weights: Weights, v0: Tensor, v1: Tensor, rates: Tensor) -> Tensor:
    """The sum over the lanes of rate times mean F(v0) - F(v1); its negative gradient is the update of CD-1."""
    rows = v0.shape[1]
    signs = torch.ones(2 * rows, 1, dtype=torch.float64)
    signs[rows:] = -1
    return ((rates / rows)[:, None, None] * signs * free_energy(weights, torch.cat([v0, v1], 1))).sum()


@torch.no_grad()
def log_probability(weights: Weights, v: Tensor) -> Tensor:
    """log p(v) = -F(v) - log Z: (lanes, rows, n) to (lanes, rows)."""
    return -free_energy(weights, v)[..., 0] - log_weights(weights).logsumexp(1, keepdim=True)


def log_weights(weights: Weights) -> Tensor:
    """log(Z p(h)) = b'h + sum_i log(1 + exp(a_i + W_i h)) for all h: (lanes, 2^K)."""
    W, a, b = (weights[name].detach() for name in "Wab")
    h = all_states(W.shape[2])
    # lane by lane, because the table of 2^K times n numbers of one lane stays in the cache
    return torch.stack([h @ b[i, 0] + softplus(a[i] + h @ W[i].T).sum(1) for i in range(len(W))])


def all_states(size: int) -> Tensor:
    """All binary vectors of this size: (2^size, size)."""
    return torch.tensor(list(product((0.0, 1.0), repeat=size)), dtype=torch.float64)


@torch.no_grad()
def samples(weights: Weights, count: int, source: Generator) -> tuple[Tensor, Tensor]:
    """Independent v from one machine, and the p(v = 1 | h) that they were drawn with: h from the table of all p(h)."""
    steps = log_weights(weights).softmax(1)[0].cumsum(0)
    drawn = torch.searchsorted(steps, torch.rand(count, generator=source, dtype=torch.float64) * steps[-1], right=True)
    probabilities = visible(weights, all_states(weights["W"].shape[2])[None, drawn])[0]
    uniforms = torch.rand(probabilities.shape, generator=source, dtype=torch.float64)
    return (uniforms < probabilities).double(), probabilities
