"""Params and back: exact values as JSON, by the types of the dataclass. A Fraction becomes the string '3/8'."""

import fractions
import re
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from numbers import Rational
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter

from blattwerk import exact
from blattwerk.errors import ManifestError

FRACTIONS = (exact.Fraction, fractions.Fraction)  # an exercise from elsewhere may have those of Python
PLAIN = (bool, int, str, NoneType)
_FRACTION = re.compile(r"-?\d{1,4000}(/\d{1,4000})?")


@cache
def adapter(type_: Any) -> TypeAdapter[Any]:
    """Pydantic's adapter of a type, made once."""
    return TypeAdapter(type_)


def to_json(params: Any) -> Any:
    """A params dataclass as JSON values."""
    if is_dataclass(params):
        return {field.name: to_json(getattr(params, field.name)) for field in fields(params)}
    if isinstance(params, tuple):
        return [to_json(entry) for entry in params]
    if type(params) in PLAIN:
        return params
    if isinstance(params, Rational):
        return str(params)
    raise TypeError(f"params hold integers, fractions, words, truth values, and tuples of them, but not {params!r}")


def from_json(type_: Any, data: Any) -> Any:
    """The params of this type from JSON values; raises ManifestError where they do not fit."""
    try:
        return _read(type_, data)
    except (ValueError, ZeroDivisionError) as error:
        raise ManifestError(f"the stored numbers do not fit {type_.__module__}.{type_.__name__}: {error}") from error


def _read(type_: Any, data: Any) -> Any:
    """A value of a type; raises ValueError where the data are of another form."""
    if is_dataclass(type_) and isinstance(data, dict):
        return _record(type_, data)
    if type_ in PLAIN and type(data) is type_:
        return data
    if type_ in FRACTIONS and isinstance(data, str) and _FRACTION.fullmatch(data):
        return type_(data)
    origin, choices = get_origin(type_), get_args(type_)
    if origin is tuple and isinstance(data, list):
        return _tuple(choices, data)
    if origin is Literal and data in choices:
        return data
    if origin in (Union, UnionType):  # always a type or None
        return None if data is None else _read(next(choice for choice in choices if choice is not NoneType), data)
    raise ValueError(f"{data!r} stands where {getattr(type_, '__name__', type_)} belongs")


def _record(type_: Any, data: dict[str, Any]) -> Any:
    known = {field.name: field.default is MISSING for field in fields(type_)}
    unknown, missing = data.keys() - known, {name for name, needed in known.items() if needed} - data.keys()
    if wrong := sorted(unknown | missing):
        raise ValueError(f"{', '.join(map(repr, wrong))} missing or unknown in {type_.__name__}")
    hints = _hints(type_)
    return type_(**{name: _read(hints[name], value) for name, value in data.items()})


def _tuple(types: tuple[Any, ...], data: list[Any]) -> tuple[Any, ...]:
    if types[-1] is Ellipsis:
        types = (types[0],) * len(data)
    if len(types) != len(data):
        raise ValueError(f"{len(data)} entries stand where {len(types)} belong")
    return tuple(_read(type_, entry) for type_, entry in zip(types, data, strict=True))


@cache
def _hints(type_: Any) -> dict[str, Any]:
    return get_type_hints(type_)
