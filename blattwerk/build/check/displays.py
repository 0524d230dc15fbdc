"""Planted errors in the code of answers and derivations: whatever then prints something else must not be proven."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import replace

from blattwerk.build.check.complaint import Case
from blattwerk.build.check.independence import NEUTRAL, printed
from blattwerk.build.check.one_name import clashes
from blattwerk.build.check.pieces import pieces
from blattwerk.build.check.planted import TRIED, Spot, planted, spots_in
from blattwerk.build.check.sources import belongs, node_of, reachable
from blattwerk.build.order.catalogue import Topic
from blattwerk.build.order.parts import placed
from blattwerk.build.proof.prove import prove
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.language import LANGUAGES


def displayed_spots(topic: Topic) -> list[Spot]:
    """All places in what answers() and derivations() reach of the topic's own, and solve() does not."""
    exercise, free = topic.exercise, frozenset(NEUTRAL) | printed(topic)
    found = {node for f in (exercise.answers, exercise.derivations) for node in reachable(topic, node_of(f), free)}
    return spots_in(sorted(n for n in found - reachable(topic, node_of(exercise.solve)) if belongs(topic, n[0])))


def displayed_on(topic: Topic, tried: Iterable[Spot]) -> Iterator[tuple[str, str, str]]:
    """For each planted error its place, what it is, and whether it is found, silent, or prints the same."""
    instances = [Case(topic, seed, difficulty).instance() for seed, difficulty in TRIED]
    right = [_printed(one) for one in instances]
    for spot in tried:
        with planted(topic, spot) as (place, what):
            said = {_verdict(topic, _anew(one), text) for one, text in zip(instances, right, strict=True)}
        yield place, what, next(word for word in ("silent", "found", "same") if word in said)


def _printed(one: Instance) -> str:
    return "\n".join(pieces(one, placed(one.exercise, one.difficulty), LANGUAGES[0]).values())


def _anew(one: Instance) -> Instance:
    return replace(one, params=copy.deepcopy(one.params))


def _verdict(topic: Topic, one: Instance, right: str) -> str:
    """What is printed comes first: most of the time goes into proofs, and the same page needs none."""
    try:
        if _printed(one) == right:
            return "same"
        prove(one)
        if any(clashes(one, topic)):
            return "found"
    except Exception:  # noqa: BLE001  # a page that breaks down is not printed
        return "found"
    return "silent"
