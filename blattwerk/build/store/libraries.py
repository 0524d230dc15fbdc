"""The libraries that can change a page or a number: what the package itself says it needs, with their versions."""

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version


@cache
def libraries(extra: str = "") -> dict[str, str]:
    """The versions of the package's dependencies by name (those of an extra too); 'not found' where one is missing."""
    names = {}
    for requirement in requires("blattwerk") or ():
        name, _, marker = requirement.partition(";")
        if not marker or (extra and re.search(rf"""extra == ['"]{extra}['"]""", marker)):
            names[re.split(r"[^A-Za-z0-9._-]", name.strip())[0].lower()] = ""
    return {name: _version(name) for name in sorted(names)}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not found"
