"""One name, one value: what is displayed under a name is the same number wherever the name stands.

A bare symbol may stand for something else in another part; what has arguments, such as D(p||q), may not.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from typing import Any

from jinja2 import TemplateNotFound, nodes

from blattwerk.build.check.complaint import Case, Objection, of_one_instance
from blattwerk.build.check.places import place_of, template_blocks
from blattwerk.build.order.catalogue import Topic
from blattwerk.vocabulary.derivation import TOLERANCE
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.language import LANGUAGES
from blattwerk.vocabulary.terms import MP, Named, Value


@of_one_instance
def names_mean_one_value(case: Case) -> Iterator[Objection]:
    """No name stands for two values; exchanged arguments in a name show themselves here."""
    for name, others in clashes(case.instance(), case.topic):
        yield place_of(case.topic.exercise.derivations), f"'{name}' stands for two different values, {others}"


def clashes(one: Instance, topic: Topic) -> Iterator[tuple[str, str]]:
    """The names of two values, and in which derivations they have them."""
    values: dict[tuple[str, str], tuple[str, Value]] = {}
    parts = _parts(topic)
    for key, chain in one.derivations.items():
        for named in () if chain.domain else _names(chain):
            with suppress(LookupError):  # it stands within a sum, and means something else for each summand
                scope = "" if "(" in named.printed else parts.get(key, "")
                other, value = values.setdefault((scope, named.printed), (key, named.value()))
                if not _same(named.value(), value):
                    yield named.printed, f"in the derivations '{other}' and '{key}'"


def _parts(topic: Topic) -> dict[str, str]:
    """The part whose solution displays a derivation; a topic on one page has one list of names for all parts."""
    try:
        blocks = template_blocks(topic, LANGUAGES[0])
    except TemplateNotFound:
        return {}
    return {
        node.attr: name
        for name, block in blocks.items()
        if name.endswith("_solution")
        for node in block.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "derivations"
    }


def _names(value: Any) -> Iterator[Named]:
    """The named quantities in a derivation or a term; what is inside of one is its own affair."""
    if isinstance(value, Named):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _names(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from _names(getattr(value, f.name))


def _same(a: Value, b: Value) -> bool:
    """Equal, to as many digits as derivations are checked."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, tuple) or isinstance(b, tuple):
        return False
    return bool(a == b or abs(MP.convert(a) - MP.convert(b)) < TOLERANCE)
