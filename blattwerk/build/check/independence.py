"""An oracle that calls the solver's own helpers proves nothing: their call graphs must not meet.

They may meet in three places. An oracle reads what it compares: the answers, and what the classes of the Solution
offer. It starts from what the question prints: an error there is no error, but another question. And it may use tools
that are tested by themselves, and hold no mathematics of any topic.
"""

from collections.abc import Iterator, Mapping

from jinja2 import TemplateNotFound, nodes

from blattwerk.build.check.complaint import Objection, of_topic
from blattwerk.build.check.places import place_of, template_blocks
from blattwerk.build.check.sources import Node, functions_of, node_of, params_classes, reachable, solution_classes
from blattwerk.build.order.catalogue import Topic
from blattwerk.vocabulary.language import LANGUAGES

_EXACT, _MATRICES = "blattwerk.vocabulary.exact.", "blattwerk.vocabulary.matrices"
# Each is held against another library in tests/vocabulary/test_tools.py.
NEUTRAL: Mapping[Node, str] = {
    (f"{_EXACT}binary", "states"): "a list of all states, in order",
    (f"{_EXACT}binary", "dot"): "a sum of products",
    (f"{_EXACT}binary", "power_of_two"): "2^k as a fraction",
    (f"{_EXACT}log_sums", "log_of"): "the exact form of a logarithm",
    (f"{_EXACT}log_sums", "rational"): "a number in the form of a sum of logarithms",
    (_MATRICES, "matrix"): "rows put together",
    (_MATRICES, "column"): "entries put below each other",
    (_MATRICES, "transpose"): "rows made columns",
    (_MATRICES, "add"): "entry by entry",
    (_MATRICES, "subtract"): "entry by entry",
    (_MATRICES, "scale"): "entry by entry",
}


@of_topic
def oracles_independent(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Neither solve() nor anything that it calls or reads is used by an oracle."""
    if topic.place.page:  # a check there sees nothing of `solve`; more is asked in `on_page`
        return
    free = frozenset(NEUTRAL) | {node_of(topic.exercise.answers)} | _read(topic) | printed(topic)
    solver = reachable(topic, node_of(topic.exercise.solve))
    for oracle in topic.exercise.oracles:
        for _, shared in sorted(reachable(topic, node_of(oracle), without=free) & solver):
            yield (
                place_of(oracle),
                f"the oracle {oracle.__name__} uses {shared}, and solve() computes with it too; "
                "find the value by other means",
            )


def _read(topic: Topic) -> frozenset[Node]:
    """The methods of the classes that a Solution is made of, and Params are not."""
    return frozenset(_methods(solution_classes(topic) - params_classes(topic)))


def _methods(classes: frozenset[Node]) -> Iterator[Node]:
    for module, made in classes:
        yield from ((module, name) for name in functions_of(module) if name.startswith(f"{made}."))


def printed(topic: Topic) -> frozenset[Node]:
    """The properties of Params that a question prints, or the introduction."""
    try:
        blocks = [(name, tree) for lang in LANGUAGES for name, tree in template_blocks(topic, lang).items()]
    except TemplateNotFound:
        return frozenset()
    given = {
        node.attr
        for name, tree in blocks
        if name == "intro" or name.endswith("_question")
        for node in tree.find_all(nodes.Getattr)
    }
    known = _methods(params_classes(topic))
    return frozenset((module, name) for module, name in known if name.rpartition(".")[2] in given)
