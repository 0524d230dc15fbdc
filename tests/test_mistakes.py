"""The usual mistakes of all topics: how many have a value, and on how many draws it can be told from the right one."""

from collections import Counter

import pytest

from blattwerk.build.order.catalogue import catalogue
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.mistakes import Given
from tests.instances import instance


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
@pytest.mark.parametrize("seeds", [10, pytest.param(1000, marks=pytest.mark.long)])
def test_mistakes_with_values_are_listed_on_most_draws(exercise_id: str, seeds: int) -> None:
    """On at least half of those on which there is the part; a mistake that hardly ever shows is none."""
    made: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for difficulty in DIFFICULTIES:
        for seed in range(seeds):
            slips = instance(exercise_id, seed, difficulty).slips
            made.update(slips.keys())
            told.update(key for key, wrong in slips.items() if wrong)
    assert {key: told[key] / made[key] for key in made if 2 * told[key] < made[key]} == {}


EXECUTABLE = {
    "binary_classifier": {"slope", "outer", "half", "sign", "chain", "against"},
    "kl_histogram": {"weights", "evaluation", "symmetry", "total", "only_hole"},
}


@pytest.mark.parametrize("exercise_id", tuple(EXECUTABLE))
def test_mistakes_that_have_values(exercise_id: str) -> None:
    """None is lost on the way."""
    keys = {key for difficulty in DIFFICULTIES for key in instance(exercise_id, 7, difficulty).slips}
    assert keys == EXECUTABLE[exercise_id]


def test_what_follows_from_which_answer() -> None:
    """It is inferred from solve() itself."""
    follows = instance("binary_classifier", 7).follows
    assert follows["delta2"] == ("grad_w2", "delta1", "grad_w1")
    assert follows["grad_w2"] == ()
    assert follows["saturated_bce"] == ("ratio",)


def test_a_given_answer_is_carried_forward() -> None:
    """The later answers follow from what the student has found, right or wrong."""
    one = instance("binary_classifier", 7)
    right, given = (
        {a.name: a.value.value() for a in one.answers_by(step)} for step in (Given({}), Given({"delta2": 1}))
    )
    assert given["delta2"] == 1
    assert [[x / right["delta2"] for x in row] for row in right["grad_w2"]] == [list(row) for row in given["grad_w2"]]
