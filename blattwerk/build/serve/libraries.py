"""Imported beforehand, because it takes seconds: what most checks ask."""

import scipy.special
import scipy.stats

from blattwerk.build.libraries import torch_is_there

__all__ = ["scipy"]

if torch_is_there():
    import torch

    torch.set_num_threads(1)  # the tensors are tiny
