"""The contract that every topic of the catalogue keeps, whoever wrote it: the demands of `blattwerk check`."""

import pytest

from blattwerk.build.check.check import DEMANDS, SEEDS
from blattwerk.build.check.complaint import Demand
from blattwerk.build.check.independence import oracles_independent
from blattwerk.build.check.planted import planted_errors_found
from blattwerk.build.order.catalogue import catalogue, find_topic

ELSEWHERE = (oracles_independent, planted_errors_found)  # in modules of their own, for other workers


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
@pytest.mark.parametrize("demand", [d for d in DEMANDS if d not in ELSEWHERE], ids=lambda demand: demand.__name__)
def test_the_demands_are_kept(demand: Demand, exercise_id: str) -> None:
    """Nobody has anything to complain about."""
    assert list(demand(find_topic(exercise_id), SEEDS)) == []
