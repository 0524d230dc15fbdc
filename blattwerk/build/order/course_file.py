"""`course.toml`: what all sheets of a course share, so that a sheet file holds only what is its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from blattwerk.build.order.mistakes import Mistake
from blattwerk.build.order.sheet_tables import SheetFile

COURSE = "course.toml"
OF_ONE_SHEET = ("exercises", "overrides", "files")


def joined(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A sheet with what it shares: key by key in a table; a list, such as that of the tutors, as a whole."""
    together = {key: own.get(key, value) for key, value in {**shared, **own}.items()}
    for key, value in shared.items():
        if isinstance(value, Mapping) and isinstance(own.get(key), Mapping):
            together[key] = {**value, **own[key]}
    return together


def told_apart(shared: Mapping[str, Any]) -> Iterator[Mistake]:
    """What cannot stand in a course file."""
    fields = [field.alias or name for name, field in SheetFile.model_fields.items()]
    allowed = [key for key in fields if key not in OF_ONE_SHEET]
    for key in shared:
        if key in OF_ONE_SHEET:
            yield (key,), f"belongs to one sheet; write it into the sheet file. Allowed here: {', '.join(allowed)}"
        elif key not in allowed:
            yield (key,), f"unknown key; allowed here: {', '.join(allowed)}"
