"""What a frozen value is made of: its leaves, and copies of it with one leaf changed."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from blattwerk.vocabulary.exact.closed import Closed
from blattwerk.vocabulary.exact.log_sums import LogSum, rational


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The numbers, texts and so on that a value is made of, with the path to each."""
    if is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from leaves(getattr(value, f.name), f"{path}.{f.name}")
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from leaves(item, f"{path}[{i}]")
    else:
        yield path, value


def changed(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Copies of a value, each with one leaf changed; the path says which."""
    if isinstance(value, LogSum):
        yield path, value + rational(Fraction(1, 7))
    elif isinstance(value, Closed):
        yield path, value + Fraction(1, 7)
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int | Fraction):
        yield path, value + 1
    elif isinstance(value, str):
        yield path, value + "x"
    elif is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            for deeper, wrong in changed(getattr(value, f.name), f"{path}.{f.name}"):
                yield deeper, replace(value, **{f.name: wrong})
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            for deeper, wrong in changed(item, f"{path}[{i}]"):
                yield deeper, (*value[:i], wrong, *value[i + 1 :])


def plain(value: Any) -> Any:
    """A value as nested tuples: of another module's copy the classes are others, the numbers may be the same."""
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(plain(getattr(value, f.name)) for f in fields(value))
    return tuple(map(plain, value)) if isinstance(value, tuple) else value
