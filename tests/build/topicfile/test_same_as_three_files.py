"""A topic rewritten on one page: the same numbers for every student, the same answers, the same parts and points."""

from typing import Any

import pytest

from blattwerk.build.codec import to_json
from blattwerk.build.numbers import sample_draws
from blattwerk.build.order.catalogue import find
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Exercise, Instance
from blattwerk.vocabulary.terms import MP
from tests.build.topicfile.three_files import EXERCISE, elbo_generator

EXERCISES = {one.id: one for one in (EXERCISE, elbo_generator.EXERCISE)}


def parts_of(exercise: Exercise[Any, Any]) -> list[Any]:
    """What a sheet gives for which part."""
    return [(part.id, part.points) for part in exercise.parts]


def same_instances(old: Exercise[Any, Any], difficulty: Difficulty, seeds: range) -> None:
    """The same Params, and the same answers under the same names and symbols, in parts that are there still."""
    page = find(old.id)
    assert set(parts_of(old)) <= set(parts_of(page))
    for seed in seeds:
        one, other = (
            Instance(topic, difficulty, topic.draw(sample_draws(topic.id, seed), difficulty)) for topic in (page, old)
        )
        assert to_json(one.params) == to_json(other.params)
        for answer, before in zip(one.answers, other.answers, strict=True):
            assert (answer.name, answer.part, answer.symbol) == (before.name, before.part, before.symbol)
            assert alike(answer.value.value(), before.value.value())


def alike(a: Any, b: Any) -> bool:
    """Whether two values of terms agree to 50 digits, entry by entry where they are rows."""
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    return bool(abs(MP.convert(a) - MP.convert(b)) < MP.mpf(10) ** -50)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_the_page_and_the_three_files_say_the_same(exercise_id: str, difficulty: Difficulty) -> None:
    """For twenty seeds."""
    same_instances(EXERCISES[exercise_id], difficulty, range(20))


@pytest.mark.long
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_they_say_the_same_for_many_seeds(exercise_id: str, difficulty: Difficulty) -> None:
    """For two hundred."""
    same_instances(EXERCISES[exercise_id], difficulty, range(20, 220))
