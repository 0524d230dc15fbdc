"""Each solver is broken in turn, in its source: a sign, an operation, an order, a constant. Oracles object."""

import pytest

from blattwerk.build.check.check import SEEDS
from blattwerk.build.check.planted import planted_errors_found
from blattwerk.build.order.catalogue import catalogue, find_topic


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_a_broken_solver_is_found(exercise_id: str) -> None:
    """Every mutant that answers otherwise on one of the instances meets an objection there."""
    assert list(planted_errors_found(find_topic(exercise_id), SEEDS)) == []
