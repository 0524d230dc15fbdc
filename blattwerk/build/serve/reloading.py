"""A file was saved: what was made of it is forgotten, so that it is made again from what is there now.

Topics on one page and templates are read again by themselves once the catalogue is. Python's modules are not: those of
the saved file's package are taken out of Python, all together, so that no class is left in two versions. Of our own
package only the rooms of topics can be left like that; a change elsewhere needs a restart, and is told.
"""

import importlib
import sys
from collections.abc import Iterable
from pathlib import Path

from blattwerk.build.order.catalogue import whole_catalogue

OURS = "blattwerk"
ROOMS = ("blattwerk.generators.", "blattwerk.solvers.")


def forget(saved: Iterable[Path]) -> tuple[str, ...]:
    """Forget what was made of these files; the modules that cannot be forgotten, for which a restart is needed."""
    paths = {str(path) for path in saved if path.suffix == ".py"}
    touched = [name for name, module in tuple(sys.modules.items()) if getattr(module, "__file__", None) in paths]
    fixed = tuple(name for name in touched if _top(name) == OURS and not name.startswith(ROOMS))
    tops = {_top(name) for name in touched}
    for name in tuple(sys.modules):
        if _top(name) in tops and (_top(name) != OURS or name.startswith(ROOMS)):
            _take_out(name)
    importlib.invalidate_caches()
    whole_catalogue.cache_clear()
    return fixed


def _top(name: str) -> str:
    return name.partition(".")[0]


def _take_out(name: str) -> None:
    above, _, own = name.rpartition(".")
    del sys.modules[name]
    if above in sys.modules:  # or `from package import module` would find the old one there
        vars(sys.modules[above]).pop(own, None)
