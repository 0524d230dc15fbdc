"""Demos for tests: the findings of an exercise's demo for many seeds, all lanes used."""

from functools import cache

import pytest

from blattwerk.build.demos.training import demo_of, setting_of
from blattwerk.build.numbers import sample
from blattwerk.build.order.catalogue import find
from blattwerk.vocabulary.demo import Findings, trained
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty

# Trained once at one difficulty by the quick tests, at the others by the long ones.
every_difficulty = pytest.mark.parametrize(
    "difficulty", [d if d == "standard" else pytest.param(d, marks=pytest.mark.long) for d in DIFFICULTIES]
)


def findings(exercise_id: str, count: int, difficulty: Difficulty = "standard") -> tuple[Findings, ...]:
    """What the demo brings for the seeds 0..count-1."""
    return _found(exercise_id, count, difficulty)


@cache  # of a function without defaults: one that is called with a default and without keeps two values
def _found(exercise_id: str, count: int, difficulty: Difficulty) -> tuple[Findings, ...]:
    settings = [setting_of(sample(exercise_id, seed, difficulty)) for seed in range(count)]
    return trained(demo_of(find(exercise_id)), settings)


def numbers(exercise_id: str, name: str, count: int = 20) -> list[float]:
    """One number of the findings, seed by seed."""
    return [float(found.numbers[name]) for found in findings(exercise_id, count)]


def margin(differences: list[float]) -> float:
    """How many standard errors the mean difference lies above 0: above 3 is no luck."""
    import numpy as np

    values = np.array(differences)
    spread = values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() / spread) if spread else float("inf") * np.sign(values.mean())
