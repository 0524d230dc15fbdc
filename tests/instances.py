"""Instances for tests: one exercise, one seed, one difficulty."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from blattwerk.build.numbers import sample
from blattwerk.build.order import parts
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Difficulty, Exercise, Instance


def instance(exercise_id: str, seed: int = 7, difficulty: Difficulty = "standard") -> Instance:
    """The instance that `show EXERCISE --seed N` shows."""
    return sample(exercise_id, seed, difficulty).instance()


def drawn(exercise: Exercise[Any, Any], draws: Draws, difficulty: Difficulty) -> Instance:
    """An instance of these draws."""
    return Instance(exercise, difficulty, exercise.draw(draws, difficulty))


def placed(one: Instance, points: Mapping[str, Fraction] = {}, without: Iterable[str] = ()) -> tuple[parts.Placed, ...]:
    """The parts of an instance on a sheet."""
    return parts.placed(one.exercise, one.difficulty, points, without)
