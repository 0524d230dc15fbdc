"""Many small networks trained together: equal modules stacked, one lane each, each lane with its own seed."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

R = TypeVar("R")


def seeded(seed: int) -> torch.Generator:
    """A lane's own source of random numbers."""
    return torch.Generator().manual_seed(seed)


def stacked(seeds: Sequence[int], one: Callable[[torch.Generator], Tensor]) -> Tensor:
    """What `one` makes of each lane's own random numbers, stacked: shape (lanes, ...)."""
    return torch.stack([one(seeded(seed)) for seed in seeds])


def together(seeds: Sequence[int], make: Callable[[], nn.Module]) -> "Ensemble":
    """A module for each lane, its weights drawn by torch's own initialisation from the seed.

    They are drawn in double precision, too: in single precision they are not the same on every processor.
    """
    modules, usual = [], torch.get_default_dtype()
    with torch.random.fork_rng(devices=[]):
        try:
            torch.set_default_dtype(torch.float64)
            for seed in seeds:
                torch.manual_seed(seed)
                modules.append(make())
        finally:
            torch.set_default_dtype(usual)
    return Ensemble(modules)


class Ensemble:
    """Equal modules as one function of stacked inputs.

    `parameters` hold the stacked weights by name, each of shape (lanes, ...). An optimiser that works element by
    element (SGD, Adam) on these, with the sum of the lanes' losses, trains each lane as if it were alone.
    """

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        stack, self._buffers = stack_module_state(list(modules))
        self.parameters = {name: value.detach().clone().requires_grad_() for name, value in stack.items()}
        self._module = modules[0]

    def __call__(self, inputs: Tensor) -> Tensor:
        """Outputs of all lanes: (lanes, rows, features in) to (lanes, rows, features out)."""
        return vmap(self._one)(self.parameters, self._buffers, inputs)

    def _one(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], inputs: Tensor) -> Tensor:
        output: Tensor = functional_call(self._module, (parameters, buffers), (inputs,))
        return output

    def weights(self) -> list[Tensor]:
        """The stacked weights, for an optimiser."""
        return list(self.parameters.values())

    def snapshot(self) -> dict[str, Tensor]:
        """A copy of all weights."""
        return {name: value.detach().clone() for name, value in self.parameters.items()}

    @torch.no_grad()
    def keep(self, held: dict[str, Tensor], lanes: Tensor) -> None:
        """Overwrite the held weights of the lanes marked True by today's: for early stopping, lane by lane."""
        for name, value in self.parameters.items():
            held[name][lanes] = value[lanes]

    @torch.no_grad()
    def load(self, held: dict[str, Tensor]) -> None:
        """Take the held weights."""
        for name, value in self.parameters.items():
            value.copy_(held[name])
