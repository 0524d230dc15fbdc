"""An oracle that calls the solver's own helpers proves nothing: their call graphs must not meet."""

import pytest

from blattwerk.build.check.check import SEEDS
from blattwerk.build.check.independence import oracles_independent
from blattwerk.build.order.catalogue import catalogue, find_topic


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_oracles_share_no_function_with_the_solver(exercise_id: str) -> None:
    """Neither solve() nor anything below it is used by an oracle."""
    assert list(oracles_independent(find_topic(exercise_id), SEEDS)) == []
