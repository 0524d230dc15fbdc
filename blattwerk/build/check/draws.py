"""The dice: drawing and solving are pure, exact, and give a class different numbers."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, islice
from typing import Any

from blattwerk.build.check.complaint import Case, Objection, of_instances, of_topic
from blattwerk.build.check.instances import instances
from blattwerk.build.check.places import place_of, shown
from blattwerk.build.check.values import leaves
from blattwerk.build.codec import from_json, to_json
from blattwerk.build.numbers import sample_draws
from blattwerk.build.order.catalogue import Topic
from blattwerk.vocabulary import draws as dice
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import DIFFICULTIES

STUDENTS = 1000
SURELY = 500  # where no two of these share an instance, there are enough: else that comes twice in a thousand times
ENOUGH = 20_000  # instances: of 500 students some six pairs share one, of 100 hardly ever
EXACT = (bool, int, Fraction, str, type(None))


@dataclass(frozen=True)
class Recorded(Draws):
    """Draws that note the names asked for, by attempt, and who asked."""

    asked: list[tuple[int, str]] = field(default_factory=list, compare=False)
    places: dict[str, str] = field(default_factory=dict, compare=False)

    def integer(self, name: str, low: int, high: int) -> int:
        """The number, noted."""
        self.asked.append((self.attempt, name))
        self.places[name] = _asking()
        return super().integer(name, low, high)


def _asking() -> str:
    """The line that asks for a draw: the innermost one outside of the dice."""
    frame = sys._getframe(2)
    while frame.f_code.co_filename == dice.__file__ and frame.f_back:
        frame = frame.f_back
    return shown(frame.f_code.co_filename, frame.f_lineno)


@of_topic
def names_drawn_once(topic: Topic, seeds: int) -> Iterator[Objection]:
    """No name is drawn twice: it would give the same number twice."""
    found: dict[str, str] = {}
    for difficulty in DIFFICULTIES:
        for seed in range(seeds):
            plain = sample_draws(topic.exercise.id, seed)
            draws = Recorded(plain.secret, plain.seed, plain.student, plain.exercise)
            topic.exercise.draw(draws, difficulty)
            twice = (name for (_, name), times in Counter(draws.asked).items() if times > 1)
            found |= {name: draws.places[name] for name in twice}
    for name, place in found.items():
        yield place, f"'{name}' is drawn twice, and both draws give the same number; give each a name of its own"


@of_instances
def drawn_the_same_twice(case: Case) -> Iterator[Objection]:
    """An instance is drawn, solved and stored the same way twice."""
    one, two = case.instance(), case.instance()
    exercise = one.exercise
    if one.params != two.params:
        yield place_of(exercise.draw), "drawn twice, the numbers differ; everything must come from the named draws"
    elif one.solution != two.solution:
        yield place_of(exercise.solve), "solved twice, the solutions differ; solve() must be pure"
    if from_json(exercise.params, json.loads(json.dumps(to_json(one.params)))) != one.params:
        yield place_of(exercise.draw), "the numbers do not come back from JSON; give every field of Params its type"


@of_instances
def exact(case: Case) -> Iterator[Objection]:
    """All numbers are exact."""
    one = case.instance()
    yield from _inexact(one.exercise.draw, one.params, "params")
    yield from _inexact(one.exercise.solve, one.solution, "solution")


def _inexact(function: Callable[..., Any], value: Any, name: str) -> Iterator[Objection]:
    for path, leaf in leaves(value, name):
        if not isinstance(leaf, EXACT):
            kinds = "int, Fraction, str, bool, None, tuples and frozen dataclasses of these (LogSum is one)"
            yield place_of(function), f"{path} is a {type(leaf).__name__}; allowed: {kinds}"


@of_topic
def different_in_a_class(topic: Topic, seeds: int) -> Iterator[Objection]:
    """There are enough instances for a large class to share hardly any, or the topic says how many it offers."""
    exercise = topic.exercise
    students = (Draws(b"", 1, f"s{i}", exercise.id) for i in range(STUDENTS))
    drawn = [exercise.draw(draws, "standard") for draws in islice(students, SURELY)]
    if exercise.offers is None and len(set(drawn)) == SURELY:
        return
    found = instances(chain(drawn, (exercise.draw(draws, "standard") for draws in students)))
    if exercise.offers is None and found.estimate < ENOUGH:
        yield (
            place_of(exercise.draw),
            f"{STUDENTS} students get {found.distinct} different instances, so there are {found}; widen the ranges, or "
            "say in `offers` how many there are",
        )
    elif exercise.offers is not None and found.distinct > exercise.offers:
        yield place_of(exercise.draw), f"`offers` says {exercise.offers}, but {found.distinct} were found"
