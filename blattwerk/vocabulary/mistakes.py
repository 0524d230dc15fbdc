"""Usual mistakes: `solve` with one step replaced. So a mistake has a value, and later values that follow from it.

    def solve(params: Params, step: Step = rightly) -> Solution:
        area = step("area", lambda: width * height, half=lambda: width * height / 2)

A step is named after the answer (or the intermediate value) that it finds; the keywords are the keys of the mistakes
that are made there, with what is computed instead. One mistake may be made in several steps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Step(Protocol):
    """How the steps of `solve` are taken."""

    def __call__(self, name: str, value: Callable[[], T], /, **instead: Callable[[], T]) -> T:
        """The value of this step."""


def rightly(name: str, value: Callable[[], T], /, **instead: Callable[[], T]) -> T:
    """Every step as it should be."""
    return value()


@dataclass
class Slip:
    """The mistake of this key is made wherever it can be; `met` tells afterwards whether there was such a step."""

    key: str
    met: bool = False

    def __call__(self, name: str, value: Callable[[], T], /, **instead: Callable[[], T]) -> T:
        """What is computed instead, if this mistake is made in this step."""
        if self.key not in instead:
            return value()
        self.met = True
        return instead[self.key]()


@dataclass(frozen=True)
class Given:
    """The steps of these names bring what is given, whatever it is; all that comes later follows from it."""

    values: Mapping[str, Any]

    def __call__(self, name: str, value: Callable[[], T], /, **instead: Callable[[], T]) -> T:
        """The given value, if there is one."""
        return self.values[name] if name in self.values else value()


@dataclass(frozen=True)
class Noted:
    """Every step as it should be; noted are the value of each, and the keys of the mistakes that can be made."""

    values: dict[str, Any] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    def __call__(self, name: str, value: Callable[[], T], /, **instead: Callable[[], T]) -> T:
        """The right value, noted."""
        self.values[name] = found = value()
        self.keys.update(instead)
        return found
