"""The contract that every topic of the catalogue keeps, whoever wrote it: the demands of `blattwerk check`."""

import pytest

from blattwerk.build.check.check import DEMANDS, SEEDS
from blattwerk.build.check.complaint import Demand
from blattwerk.build.check.independence import oracles_independent
from blattwerk.build.check.paper import set_by_tex
from blattwerk.build.check.planted import planted_errors_found
from blattwerk.build.check.relations import relations_accounted
from blattwerk.build.order.catalogue import catalogue, find_topic

ELSEWHERE = (oracles_independent, planted_errors_found, relations_accounted, set_by_tex)  # in modules of their own

every_topic = pytest.mark.parametrize("exercise_id", tuple(catalogue()))


@every_topic
@pytest.mark.parametrize("demand", [d for d in DEMANDS if d not in ELSEWHERE], ids=lambda demand: demand.__name__)
def test_the_demands_are_kept(demand: Demand, exercise_id: str) -> None:
    """Nobody has anything to complain about."""
    assert list(demand(find_topic(exercise_id), SEEDS)) == []


@every_topic
@pytest.mark.parametrize("seeds", [2, pytest.param(SEEDS, marks=pytest.mark.long)])
def test_tex_sets_every_topic(exercise_id: str, seeds: int) -> None:
    """Question and solution, at every difficulty, in both languages, within the margins."""
    assert list(set_by_tex(find_topic(exercise_id), seeds)) == []
