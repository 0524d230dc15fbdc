"""The libraries that can change a page or a number: what a package itself says it needs, with their versions."""

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version

from blattwerk.errors import InputError

MISSING = "not found"


@cache
def libraries(extra: str = "", package: str = "blattwerk") -> dict[str, str]:
    """The versions of a package's dependencies by name (those of an extra too); 'not found' where one is missing."""
    names = set()
    for requirement in _requirements(package):
        name, _, marker = requirement.partition(";")
        if not marker or (extra and re.search(rf"""extra == ['"]{extra}['"]""", marker)):
            names.add(re.split(r"[^A-Za-z0-9._-]", name.strip())[0].lower())
    return {name: _version(name) for name in sorted(names)}


def _requirements(package: str) -> list[str]:
    try:
        return requires(package) or []
    except PackageNotFoundError:
        return []


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
