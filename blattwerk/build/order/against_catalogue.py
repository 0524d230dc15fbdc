"""A sheet file held against the catalogue and against itself: ids, keys, parts, given numbers, places of texts."""

from collections.abc import Iterator, Mapping
from typing import Any

from blattwerk.build.order.catalogue import catalogue, find, find_topic
from blattwerk.build.order.given_numbers import mistakes_in
from blattwerk.build.order.mistakes import Mistake
from blattwerk.errors import UnknownExercise
from blattwerk.vocabulary.exercise import DIFFICULTIES, Exercise

OF_PARTS = ("wording", "space")  # what an entry says of parts that are on the sheet


def against_catalogue(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """What the catalogue says of what the file names, as far as it can be read: other mistakes do not hide these."""
    seen: set[str] = set()
    given: set[str] = set()
    mistyped = False
    for number, entry in _tables(data, "exercises"):
        own = "id" not in entry
        key = entry.get("key", entry.get("id"))
        if isinstance(key, str) and key in seen:
            yield (
                ("exercises", number, "key" if own else "id"),
                f"'{key}' stands on the sheet already and would carry the same numbers again; "
                f'give it another key, such as key = "{key}-2"',
            )
        seen |= {key} if isinstance(key, str) else set()
        given |= {key} if isinstance(key, str) and entry.get("params") is not None else set()
        try:
            exercise = find(entry["id"]) if isinstance(entry.get("id"), str) else None
        except UnknownExercise as error:
            exercise = None
            yield ("exercises", number, "id"), str(error)
        mistyped |= exercise is None and not own
        if exercise:
            yield from ((("exercises", number, *place), what) for place, what in _against_exercise(entry, exercise))
    yield from _overrides(data, seen, given, mistyped)
    yield from _texts(data, seen)


def _overrides(data: Mapping[str, Any], seen: set[str], given: set[str], mistyped: bool) -> Iterator[Mistake]:
    for number, override in _tables(data, "overrides"):
        named = override.get("exercise")
        place = ("overrides", number, "exercise")
        meant = mistyped and named in catalogue()  # by an entry whose id is mistyped, perhaps
        if isinstance(named, str) and named not in seen and not meant:
            yield place, f"'{named}' does not stand on this sheet"
        if isinstance(named, str) and named in given:
            yield place, f"'{named}' has its numbers from params, so there is no other draw"


def _texts(data: Mapping[str, Any], seen: set[str]) -> Iterator[Mistake]:
    for number, text in _tables(data, "text"):
        for side in ("before", "after"):
            named = text.get(side)
            if isinstance(named, str) and named not in seen:
                yield ("text", number, side), f"'{named}' is the key of no exercise of this sheet"


def _tables(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The tables under a key."""
    tables = data.get(key)
    for number, table in enumerate(tables if isinstance(tables, list | tuple) else ()):
        if isinstance(table, Mapping):
            yield number, table


def _against_exercise(entry: Mapping[str, Any], exercise: Exercise[Any, Any]) -> Iterator[Mistake]:
    """What is wrong with an entry, seen from its exercise: the key in the entry, and the mistake."""
    chosen = next((one for one in DIFFICULTIES if one == entry.get("difficulty", "standard")), None)
    parts = [part.id for part in (exercise.parts_at(chosen) if chosen else exercise.parts)]
    at = f" at the difficulty {chosen}" if chosen else ""
    without = _strings(entry.get("without"))
    for key, named in (("points", entry.get("points")), ("without", without), *((k, entry.get(k)) for k in OF_PARTS)):
        for part in _strings(named):
            if part not in parts:
                yield (key,), f"'{part}' is no part of {exercise.id}{at}; allowed: {', '.join(parts)}"
            elif key in OF_PARTS and part in without:
                yield (key,), f"'{part}' is left out by without"
    if entry.get("demo") is True and exercise.demo is None:
        yield ("demo",), f"there is no demo of {exercise.id}; `list` shows which exercises have one"
    if entry.get("notebook") is True and not find_topic(exercise.id).has_notebook():
        yield ("notebook",), f"there is no notebook of {exercise.id}; `list` shows which exercises have one"
    if set(parts) <= set(without):
        yield ("without",), f"no part of {exercise.id} is left; remove the exercise instead"
    if isinstance(entry.get("params"), Mapping):
        yield from ((("params", *place), what) for place, what in mistakes_in(exercise, entry["params"]))


def _strings(value: Any) -> list[str]:
    """The texts in a list, or the keys of a table; none where it is something else."""
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple | Mapping) else []
