"""An oracle that calls the solver's own helpers proves nothing: their call graphs must not meet."""

from collections.abc import Iterator

from blattwerk.build.check.complaint import Objection, of_topic
from blattwerk.build.check.places import place_of
from blattwerk.build.check.sources import node_of, reachable
from blattwerk.build.order.catalogue import Topic


@of_topic
def oracles_independent(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Neither solve() nor anything that it calls is used by an oracle."""
    if topic.place.page:  # a check there sees nothing of `solve`; more is asked in `on_page`
        return
    solver = reachable(topic, node_of(topic.exercise.solve))
    for oracle in topic.exercise.oracles:
        for _, shared in sorted(reachable(topic, node_of(oracle)) & solver):
            yield (
                place_of(oracle),
                f"the oracle {oracle.__name__} uses {shared}(), and solve() computes with it too; "
                "find the value by other means",
            )
