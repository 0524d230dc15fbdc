"""What is wrong with a sheet file, in words: the key, what stands there, what is allowed, and what was meant."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from blattwerk.build.order.sheet_tables import OWN, TABLES, TOPIC, MarkingStep, OwnExercise, OwnPart, SheetFile, Table
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.language import LANGUAGES

DEEPEST = 20  # tables in tables
UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
NOT_WRITTEN = ("files",)  # fields that a record has, and no sheet file
_NESTED: Mapping[str, type[Table]] = {"parts": OwnPart, "marking": MarkingStep}

Location = tuple[int | str, ...]
Mistake = tuple[Location, str]
"""Where in the file (keys, and numbers from 0), and what is wrong there."""


def outsized(data: Any) -> Iterator[Mistake]:
    """What no message could show: numbers larger than TOML's (64 bits), and tables in tables without end."""
    waiting: list[tuple[Location, Any]] = [((), data)]
    while waiting:
        location, value = waiting.pop()
        if len(location) > DEEPEST:
            yield location[:3], "tables in tables, far too many"
        elif isinstance(value, Mapping):
            waiting += (((*location, key), inner) for key, inner in value.items())
        elif isinstance(value, list | tuple):
            waiting += (((*location, i), inner) for i, inner in enumerate(value))
        elif isinstance(value, int) and value.bit_length() > 63:
            yield location, "a number of more than 18 digits"


def told(mistakes: Iterable[Mistake], where: Callable[[Location], str] = lambda location: "") -> str:
    """The mistakes of a file as lines; `where` gives the file's line, if it is known."""
    lines = [f"  {where(location)}{key(location)}: {what}" for location, what in mistakes]
    count = f"{len(lines)} mistakes" if len(lines) > 1 else "a mistake"
    return f"has {count}:\n" + "\n".join(lines)


def from_pydantic(details: Iterable[ErrorDetails]) -> Iterator[Mistake]:
    """A mistake for each detail. A key that is mistyped is not missing as well."""
    found = list(details)
    meant = {(*d["loc"][:-1], near) for d in found if d["type"] in UNKNOWN for near in _near(d["loc"])}
    for detail in found:
        if detail["type"] != "missing" or detail["loc"] not in meant:
            yield tuple(part for part in detail["loc"] if part not in (TOPIC, OWN)), _what(detail)


def _what(detail: ErrorDetails) -> str:
    """What is wrong with a key, and what is allowed."""
    location = detail["loc"]
    if detail["type"] in UNKNOWN:
        meant = "".join(f"; did you mean {near}?" for near in _near(location))
        return f"unknown key; allowed here: {', '.join(_allowed(location))}{meant}"
    if detail["type"] == "missing":
        return f"missing; write {_description(location)}"
    if detail["type"] == "literal_error" and location[-1] == "difficulty":
        return f"{detail['input']!r} is not allowed; allowed: {', '.join(DIFFICULTIES)}"
    if detail["type"] == "value_error":
        given = f" (given: {detail['input']})" if isinstance(detail["input"], int | float) else ""
        return detail["msg"].removeprefix("Value error, ") + given
    return f"{_shown(detail['input'])} is not allowed; write {_description(location)}"


def _fields(table: type[Table]) -> Mapping[str, FieldInfo]:
    """The keys of a table, as they are written."""
    fields = {field.alias or name: field for name, field in table.model_fields.items()}
    return {name: field for name, field in fields.items() if table is not SheetFile or name not in NOT_WRITTEN}


def _tables(location: Location) -> Iterator[tuple[type[Table], str]]:
    """Each key on the way to a place that is one of a table's, with that table."""
    table: type[Table] | None = SheetFile
    for part in location:
        if part == OWN:
            table = OwnExercise
        elif isinstance(part, str) and part != TOPIC and table:
            yield table, part
            table = TABLES[part][0] if table is SheetFile and part in TABLES else _NESTED.get(part)


def _allowed(location: Location) -> tuple[str, ...]:
    """The keys of the table in which this one stands."""
    table, key = list(_tables(location))[-1]
    return tuple(_fields(table)) if key == location[-1] else LANGUAGES  # a text for each language


def _near(location: Location) -> list[str]:
    return get_close_matches(str(location[-1]), _allowed(location), n=1)


def _description(location: Location) -> str:
    """How the value of a key is written."""
    known = [fields[key] for table, key in _tables(location) if key in (fields := _fields(table))]
    return (known[-1].description if known else "") or ""


def _shown(value: Any) -> str:
    """A value as it stands in the file, if it is short."""
    if isinstance(value, Mapping | list | tuple):
        return "a table" if isinstance(value, Mapping) else "a list" if value else "an empty list"
    text = str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) < 60 else f"{text[:57]}..."


def key(location: Location) -> str:
    """('exercises', 1, 'points') -> exercises[2].points, counted as people count."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")
