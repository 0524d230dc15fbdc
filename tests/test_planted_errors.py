"""Each solver is broken in turn, in its source: a sign, an operation, an order, a constant. Oracles object."""

import tomllib
from pathlib import Path

import pytest

from blattwerk.build.check.check import SEEDS
from blattwerk.build.check.planted import planted_errors_found
from blattwerk.build.check.survey import planted_in
from blattwerk.build.order.catalogue import catalogue, find_topic

# Errors that change what is displayed, and that nobody notices: by the reason why that is no harm.
SURVIVORS = tomllib.loads((Path(__file__).parent / "data" / "survivors.toml").read_text())
KNOWN = {error for kind in SURVIVORS.values() for error in kind["errors"]}


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_a_broken_solver_is_found(exercise_id: str) -> None:
    """Every mutant that answers otherwise on one of the instances meets an objection there."""
    assert list(planted_errors_found(find_topic(exercise_id), SEEDS)) == []


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
@pytest.mark.long
def test_planted_errors_are_found(exercise_id: str) -> None:
    """In all that solve() reaches, every error that we know; of those in what is displayed, all but the listed ones."""
    made = list(planted_in(find_topic(exercise_id)))
    silent = [one for one in made if one.said == "silent"]
    visible = sum(one.said != "same" for one in made)
    print(f"{exercise_id}: {len(made)} errors planted, {visible} visible, {visible - len(silent)} found")
    assert [one for one in silent if one.code == "solve"] == []
    assert {one.name for one in silent} <= KNOWN


def test_survivors_are_of_topics() -> None:
    """Each is listed once, with a reason, and belongs to a topic that there is."""
    errors = [error for kind in SURVIVORS.values() for error in kind["errors"]]
    assert len(errors) == len(set(errors))
    assert all(kind["reason"] for kind in SURVIVORS.values())
    assert {error.partition(".")[0] for error in errors} <= set(catalogue())
