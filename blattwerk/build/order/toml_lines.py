"""Where in a TOML file a key stands. Python's reader keeps no lines, so a second, simpler look finds them."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_QUOTES = re.compile(r'"""|\'\'\'')


@cache
def lines_of(text: str) -> Mapping[tuple[int | str, ...], int]:
    """The line of each table and key, by its place (numbers count from 0); what stands in braces has none."""
    return dict(_found(text))


def line_of(text: str, location: tuple[int | str, ...]) -> int:
    """The line of a place, or of the nearest one above it that has one; 0 for none."""
    return lines_of(text).get(location[: depth(text, location)], 0)


def depth(text: str, location: tuple[int | str, ...]) -> int:
    """How much of a place has a line of its own in a file."""
    lines = lines_of(text)
    return next((n for n in range(len(location), 0, -1) if location[:n] in lines), 0)


def _found(text: str) -> Iterator[tuple[tuple[int | str, ...], int]]:
    counts: dict[tuple[int | str, ...], int] = {}
    table: tuple[int | str, ...] = ()
    quoted = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not quoted and (header := _HEADER.match(line)):
            table = _table(header[2], header[1] == "[[", counts)
            yield table, number
            if table[-1:] == (0,):
                yield table[:-1], number
        elif not quoted and (key := _KEY.match(line)):
            yield (*table, *_names(key[1])), number
        for quotes in _QUOTES.findall(line):
            quoted = "" if quoted == quotes else quoted or quotes


def _table(name: str, of_many: bool, counts: dict[tuple[int | str, ...], int]) -> tuple[int | str, ...]:
    """The place of a table; that of an array gets the next number."""
    place: tuple[int | str, ...] = ()
    *above, last = _names(name)
    for part in above:
        place = (*place, part)
        place = (*place, counts[place] - 1) if counts.get(place) else place
    place = (*place, last)
    if not of_many:
        return place
    counts[place] = counts.get(place, 0) + 1
    return (*place, counts[place] - 1)


def _names(key: str) -> list[str]:
    return [part.strip().strip("\"'") for part in key.split(".")]
