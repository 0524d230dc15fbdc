"""Imported in a thread of its own when the server starts: what most checks ask takes seconds to load."""

import scipy.special
import scipy.stats

from blattwerk.build.libraries import torch_is_there

__all__ = ["scipy"]

if torch_is_there():
    import torch

    torch.set_num_threads(1)  # the tensors are tiny
