"""The libraries that can change a page or a number: what a package itself says it needs, with their versions."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version

from blattwerk.errors import InputError

MISSING = "not found"


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
        return version(name)
    except PackageNotFoundError:
        return MISSING


def check_extra(extra: str, what: str) -> None:
    """Raise InputError, with the command that installs it, unless all libraries of an extra are there; `what` needs it.

    Libraries are not imported for this.
    """
    missing = [name for name, found in libraries(extra).items() if found == MISSING]
    if missing:
        raise InputError(f"{what} need {', '.join(missing)}; install with: pip install 'blattwerk[{extra}]'")
