"""The usual mistakes of all topics: how many have a value, and on how many draws it can be told from the right one."""

from collections import Counter

import pytest

from blattwerk.build.order.catalogue import catalogue, find
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.mistakes import Given
from tests.instances import instance

every_topic = pytest.mark.parametrize("exercise_id", tuple(catalogue()))


@every_topic
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


# Mistakes in computations that have no value, and why; those of proofs and discussions are words anyway.
WORDS: dict[str, dict[str, str]] = {
    "bernoulli_vae": {"plug_in": "no value of f at a mean is given"},
    "binary_classifier": {"noise": "whatever the noise was", "always": "a sentence, and no number"},
    "elbo": {
        "bound_said_1": "right numbers, compared after rounding",
        "optimal_said_1": "a reason that is missing, and no number",
        "optimal_said_2": "another distribution, of which no value is asked for",
    },
    "kl_factorised": {"decimals": "right numbers, compared after rounding"},
    "kl_histogram": {"exchanged": "the part asks for what is read off, and has no answers"},
    "mixture_density": {"direction": "a sentence, and no number"},
    "residual_backprop": {"limit": "right numbers, without the inequality"},
    "train_from_scratch": {"random": "whatever was drawn", "zero": "a sentence, and no number"},
}


def listed(exercise_id: str) -> set[str]:
    """The usual mistakes in computations."""
    return {key for part in find(exercise_id).parts if part.kind == "compute" for key in part.mistakes}


@every_topic
def test_mistakes_in_computations_have_values(exercise_id: str) -> None:
    """All of them but those that are named here with a reason."""
    made = {key for difficulty in DIFFICULTIES for key in instance(exercise_id, 7, difficulty).slips}
    assert listed(exercise_id) - made == set(WORDS.get(exercise_id, {}))


def test_few_mistakes_have_no_value() -> None:
    """One in five, at most."""
    assert set(WORDS) <= set(catalogue())
    assert 5 * sum(map(len, WORDS.values())) <= sum(len(listed(exercise_id)) for exercise_id in catalogue())


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
