"""One generator a topic: how its numbers are drawn, and the Exercise that ties the topic together.

`catalogue()` finds the exercises when it is called: the modules of this package, and what other packages offer under
the entry-point group `blattwerk.exercises`. Importing this package finds and changes nothing.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from blattwerk.errors import CatalogueError, UnknownExercise
from blattwerk.vocabulary.exercise import Exercise

ENTRY_POINTS = "blattwerk.exercises"


@cache
def catalogue() -> Mapping[str, Exercise[Any, Any]]:
    """All exercises by id, in alphabetical order.

    Raises CatalogueError where a module has no EXERCISE, or where two exercises have the same id.
    """
    found: dict[str, Exercise[Any, Any]] = {}
    for source, exercise in _offered():
        if not isinstance(exercise, Exercise):
            raise CatalogueError(f"{source} has no constant EXERCISE of type Exercise")
        if exercise.id in found:
            raise CatalogueError(f"{source} offers an exercise '{exercise.id}', but there is one of that id already")
        found[exercise.id] = exercise
    return MappingProxyType(dict(sorted(found.items())))


def _offered() -> Iterator[tuple[str, Any]]:
    for module in iter_modules(__path__):
        name = f"{__name__}.{module.name}"
        yield name, getattr(import_module(name), "EXERCISE", None)
    for point in entry_points(group=ENTRY_POINTS):
        yield f"entry point {point.name}", point.load()


def find(exercise_id: str) -> Exercise[Any, Any]:
    """The exercise with this id; raises UnknownExercise, with the closest ids, if there is none."""
    from difflib import get_close_matches

    known = catalogue()
    if exercise_id in known:
        return known[exercise_id]
    near = get_close_matches(exercise_id, known, n=3) or sorted(known)
    raise UnknownExercise(f"there is no exercise '{exercise_id}'; did you mean {' or '.join(near)}? See `list`.")
