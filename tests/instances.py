"""Instances for tests: one exercise, one seed, one difficulty."""

from blattwerk.build.proof.prove import drawn
from blattwerk.generators import find
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Difficulty, Instance


def instance(exercise_id: str, seed: int = 7, difficulty: Difficulty = "standard") -> Instance:
    """The instance that `show EXERCISE --seed N` shows."""
    return drawn(find(exercise_id), Draws(b"", seed, f"seed-{seed}", exercise_id), difficulty)
