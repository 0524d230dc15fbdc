"""Which parts of an exercise stand on a sheet, under which letters, and for how many points."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from string import ascii_lowercase
from typing import Any

from blattwerk.vocabulary.exercise import Difficulty, Exercise, Part


@dataclass(frozen=True)
class Placed:
    """A part in its place on a sheet: its letter there, and the points that it brings there."""

    part: Part
    letter: str
    points: Fraction


def placed(
    exercise: Exercise[Any, Any],
    difficulty: Difficulty,
    points: Mapping[str, Fraction] = {},
    without: Iterable[str] = (),
) -> tuple[Placed, ...]:
    """The parts that a sheet keeps, lettered in order, with the sheet's points or their own."""
    return lettered((part for part in exercise.parts_at(difficulty) if part.id not in set(without)), points)


def lettered(parts: Iterable[Part], points: Mapping[str, Fraction] = {}) -> tuple[Placed, ...]:
    """These parts, lettered in order, with these points or their own."""
    return tuple(
        Placed(part, letter, points.get(part.id, Fraction(part.points)))
        for part, letter in zip(parts, ascii_lowercase, strict=False)
    )
