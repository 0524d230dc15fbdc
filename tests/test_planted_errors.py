"""Each solver is broken in turn, in its source: a sign, an operation, an order, a constant. Oracles object."""

from random import Random

import pytest

from blattwerk.build.check.check import SEEDS
from blattwerk.build.check.displays import displayed_on, displayed_spots
from blattwerk.build.check.planted import planted_errors_found, spots, verdicts_on
from blattwerk.build.order.catalogue import catalogue, find_topic

DISPLAYED = 100  # errors in the code of answers and derivations, drawn from all that there are
SURVIVING = 0.2  # of these, at most: other names for the same, and other numbers of which the same holds


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_a_broken_solver_is_found(exercise_id: str) -> None:
    """Every mutant that answers otherwise on one of the instances meets an objection there."""
    assert list(planted_errors_found(find_topic(exercise_id), SEEDS)) == []


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
@pytest.mark.long
def test_all_planted_errors_are_found(exercise_id: str) -> None:
    """In all places that solve() reaches, and in each place every error that we know."""
    topic = find_topic(exercise_id)
    if topic.place.page:
        return
    verdicts = list(verdicts_on(topic, spots(topic)))
    silent = [f"{place}: {what}" for place, what, said in verdicts if "silent" in said]
    visible = sum(said != {"same"} for _, _, said in verdicts)
    print(f"{exercise_id}: {len(verdicts)} errors planted, {visible} visible, {visible - len(silent)} found")
    assert silent == []


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
@pytest.mark.long
def test_errors_in_what_is_displayed_are_found(exercise_id: str) -> None:
    """In the code of answers, derivations and claims: what prints something else does not pass."""
    topic = find_topic(exercise_id)
    if topic.place.page:
        return
    there = displayed_spots(topic)
    verdicts = list(displayed_on(topic, Random(exercise_id).sample(there, min(DISPLAYED, len(there)))))
    silent = [f"{place}: {what}" for place, what, said in verdicts if said == "silent"]
    visible = sum(said != "same" for _, _, said in verdicts)
    print(f"{exercise_id}: {len(verdicts)} errors in derivations, {visible} visible, {visible - len(silent)} found")
    assert len(silent) <= SURVIVING * visible, "\n".join(silent)
