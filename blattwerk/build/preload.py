"""What the server imports from which workers are forked: what most oracles and all figures import when they run.

Nothing else imports this module.
"""

import atexit
import os
import sys

import matplotlib.backends.backend_pdf
import numpy
import scipy.linalg
import scipy.spatial.distance
import scipy.special

from blattwerk.build.drawing import figures
from blattwerk.build.libraries import torch_is_there

__all__ = ["figures", "matplotlib", "numpy", "scipy"]

if torch_is_there():
    import torch.distributions
    import torch.func

    # Workers are as many as there are cores; threads of torch's own, also where the environment asks for them, would
    # fight for these.
    torch.set_num_threads(1)

# The server holds the command's output open. It has nothing to tidy up, and unloading these libraries takes a second
# for which whoever reads the output would wait.
if any("multiprocessing.forkserver" in word for word in sys.orig_argv):
    atexit.register(os._exit, 0)
