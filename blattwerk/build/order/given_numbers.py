"""Numbers that a sheet file gives instead of a draw: read by the types of the topic's Params."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from blattwerk.build.codec import adapter, to_json
from blattwerk.build.order.mistakes import Mistake
from blattwerk.vocabulary.exercise import Exercise


def given_numbers(exercise: Exercise[Any, Any], params: Mapping[str, Any]) -> Any:
    """The Params that a sheet file gives; raises ValidationError where they do not fit."""
    kind: Any = exercise.params
    return adapter(kind).validate_python(_exact(params))


def mistakes_in(exercise: Exercise[Any, Any], params: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is wrong with given numbers."""
    known = [field.name for field in fields(exercise.params)] if is_dataclass(exercise.params) else list(params)
    unknown = [name for name in params if name not in known]
    for name in unknown:
        yield (name,), f"no number of {exercise.id} has this name; it has {', '.join(known)}"
    try:
        made = given_numbers(exercise, {name: value for name, value in params.items() if name in known})
        hash(made)
        to_json(made)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            place = tuple(part for part in detail["loc"] if isinstance(part, int) or part in known)
            what = detail["msg"].removeprefix("Value error, ")
            yield place, f"{what}; `show {exercise.id} --seed 1 --json` prints numbers as they are written here"
    except Exception as error:  # noqa: BLE001  # Params are a topic's own code, which may object in any way
        yield (), f"{exercise.id} does not take these numbers: {type(error).__name__}: {str(error)[:200]}"


def _exact(value: Any) -> Any:
    """A number with a point as the fraction that is written: 0.1 is 1/10."""
    if isinstance(value, float):
        return str(Fraction(str(value))) if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, Mapping):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(inner) for inner in value]
    return value
