"""Imports what the oracles import when they run, so that workers forked from a process that has it need not load it."""

import numpy
import scipy.linalg
import scipy.optimize
import scipy.spatial.distance
import scipy.special
import sympy
import torch.distributions
import torch.func

from blattwerk.generators import catalogue

__all__ = ["numpy", "scipy", "sympy", "torch"]

catalogue()
