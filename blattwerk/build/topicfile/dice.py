"""The draw functions: every draw bears the name that it is assigned to, and goes through the named draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exact import discrete
from blattwerk.vocabulary.exercise import Difficulty


class NotAdmissible(Exception):
    """`require` was not kept: the numbers are drawn again."""


def require(condition: Any) -> None:
    """Draw again unless this holds."""
    if not condition:
        raise NotAdmissible


def whole(low: int, high: int) -> tuple[int, ...]:
    """The whole numbers low..high."""
    return tuple(range(low, high + 1))


def parts(low: int, high: int, denominator: int) -> tuple[Fraction, ...]:
    """low/denominator, ..., high/denominator."""
    return tuple(Fraction(k, denominator) for k in range(low, high + 1))


def halves(low: int, high: int) -> tuple[Fraction, ...]:
    """low/2, ..., high/2."""
    return parts(low, high, 2)


def distributions(denominators: Sequence[int], size: int) -> tuple[discrete.Distribution, ...]:
    """All distributions on so many outcomes with one of these denominators; no prime above 7 is in the numerators."""
    return discrete.distributions(tuple(denominators), int(size))


@dataclass
class Dice:
    """The draws of one attempt. `name` is that of the line that is being run; a second draw in it is `name:2`.

    A draw whose result is not kept under its name can be given one: `_x = choice(list, name="x")`.
    """

    draws: Draws
    difficulty: Difficulty
    name: str = ""
    used: dict[str, int] = field(default_factory=dict)

    def names(self) -> dict[str, Callable[..., Any]]:
        """What a `draw` fence can call."""
        of_draws = ("integer", "fraction", "choice", "sign", "flag", "integers", "shuffle", "sample", "composition")
        return {name: self._named(name) for name in of_draws} | {"by": self.by, "require": require}

    def by(self, **values: Callable[[], Any]) -> Any:
        """The value for today's difficulty; the others are not drawn."""
        if self.difficulty not in values:
            raise ValueError(f"by(...) has no value for the difficulty {self.difficulty}")
        return values[self.difficulty]()

    def _named(self, method: str) -> Callable[..., Any]:
        def draw(*arguments: Any, name: str = "", **more: Any) -> Any:
            return getattr(self.draws, method)(self._next(name), *map(_sequence, arguments), **more)

        draw.__name__ = method
        return draw

    def _next(self, given: str = "") -> str:
        name = given or self.name
        if not name:
            raise ValueError("what is drawn is assigned to a name, at the beginning of a line")
        count = self.used[name] = self.used.get(name, 0) + 1
        return name if count == 1 else f"{name}:{count}"


def _sequence(x: Any) -> Any:
    return tuple(x) if isinstance(x, Sequence) and not isinstance(x, str) else x


FREE: dict[str, Any] = {
    "whole": whole,
    "halves": halves,
    "parts": parts,
    "distributions": distributions,
    "Fraction": Fraction,
}
DRAWING = (
    "integer",
    "fraction",
    "choice",
    "sign",
    "flag",
    "integers",
    "shuffle",
    "sample",
    "composition",
    "by",
    "require",
)
