"""The libraries that can change a page or a number: what a package itself says it needs, with their versions."""

import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

from blattwerk.errors import InputError

MISSING = "not found"
TORCH = "torch"  # a library, and the extra that brings it: oracles and demos need it, and it can change a number


@cache
def libraries(extra: str = "", package: str = "blattwerk") -> dict[str, str]:
    """The versions of what a package needs by name (with an extra's needs too), and of all that those need in turn.

    'not found' where one is missing; what only other machines or Pythons need is not named.
    """
    found: dict[str, str] = {}
    waiting = list(_needs(package, extra))
    while waiting:
        name, certain = waiting.pop()
        if name in found or (not certain and _version(name) == MISSING):
            continue
        found[name] = _version(name)
        waiting += _needs(name)
    return dict(sorted(found.items()))


def _needs(name: str, extra: str = "") -> Iterator[tuple[str, bool]]:
    """The names that a library's own metadata requires, and whether on every machine (or by the extra)."""
    try:
        requirements = requires(name) or ()
    except PackageNotFoundError:
        return
    for requirement in requirements:
        needed, _, marker = requirement.partition(";")
        wanted = bool(extra) and bool(re.search(rf"""extra == ['"]{extra}['"]""", marker))
        if wanted or "extra ==" not in marker:
            title = re.split(r"[^A-Za-z0-9._-]", needed.strip())[0]
            yield re.sub(r"[-_.]+", "-", title).lower(), wanted or not marker


def _version(name: str) -> str:
    try:
        return version(name) if name != TORCH or torch_is_there() else MISSING
    except PackageNotFoundError:
        return MISSING


def torch_is_there() -> bool:
    """Whether torch can be imported; it is not imported for this."""
    try:
        return find_spec(TORCH) is not None
    except (ModuleNotFoundError, ValueError):  # a finder that refuses it; a module without a spec
        return False


def for_want_of_torch(error: ModuleNotFoundError) -> bool:
    """Whether an import failed because torch is missing, and not just a module of it that never was."""
    return (error.name or "").partition(".")[0] == TORCH and not torch_is_there()


def command_for(*names: str) -> str:
    """The command that adds libraries to where Blattwerk itself is installed: by pip, pipx or uv."""
    if (Path(sys.prefix) / "pipx_metadata.json").is_file():
        return f"pipx inject blattwerk {' '.join(names)}"
    if _version("pip") == MISSING:
        return f"uv pip install --python {sys.executable} {' '.join(names)}"
    return f"{sys.executable} -m pip install {' '.join(names)}"


def check_extra(extra: str, what: str) -> None:
    """Raise InputError, with the command that installs it, unless all libraries of an extra are there; `what` needs it.

    Libraries are not imported for this.
    """
    missing = [name for name, found in libraries(extra).items() if found == MISSING]
    if missing:
        raise InputError(
            f"{what} need {', '.join(missing)} (the extra blattwerk[{extra}]); install with: {command_for(*missing)}"
        )
