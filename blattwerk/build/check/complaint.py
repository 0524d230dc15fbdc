"""What a demand is: a function that looks at a topic and yields complaints.

A demand is written as a plain generator of places and messages, about a topic or about one instance of it; what stands
here makes it one of the same form. Whatever a topic's code raises meanwhile is a complaint too, and no traceback.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial, wraps

from blattwerk.build.check.places import place_of_error, shown
from blattwerk.build.numbers import sample_draws
from blattwerk.build.order.catalogue import Topic
from blattwerk.errors import BlattwerkError, TemplateFailure
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance

Objection = tuple[str, str]  # a place, and what is wrong there


@dataclass(frozen=True)
class Complaint:
    """What an author has to mend.

    demand   the name of the demand that is not kept
    place    file:line where a line is known, else the topic's file
    message  what is wrong, and what to do
    """

    demand: str
    place: str
    message: str


Demand = Callable[[Topic, int], Iterator[Complaint]]


@dataclass(frozen=True)
class Case:
    """One instance that a demand looks at: that which `show` shows for this seed and difficulty."""

    topic: Topic
    seed: int
    difficulty: Difficulty

    def instance(self) -> Instance:
        """The instance, drawn anew at each call."""
        exercise = self.topic.exercise
        return Instance(exercise, self.difficulty, exercise.draw(sample_draws(exercise.id, self.seed), self.difficulty))

    def __str__(self) -> str:
        return f"seed {self.seed}, {self.difficulty}"


def of_topic(find: Callable[[Topic, int], Iterable[Objection]]) -> Demand:
    """A demand that looks at a topic as a whole."""

    @wraps(find)
    def demand(topic: Topic, seeds: int) -> Iterator[Complaint]:
        for place, message in heard(topic, partial(find, topic, seeds)):
            yield Complaint(find.__name__, place, message)

    return demand


def of_instances(find: Callable[[Case], Iterable[Objection]]) -> Demand:
    """A demand that looks at an instance: it is asked of all seeds at each difficulty."""
    return _asked(find, range)


def of_one_instance(find: Callable[[Case], Iterable[Objection]]) -> Demand:
    """A demand that looks so closely at an instance that it is asked of the last seed alone, at each difficulty."""
    return _asked(find, lambda seeds: range(seeds - 1, seeds))


def _asked(find: Callable[[Case], Iterable[Objection]], tried: Callable[[int], Iterable[int]]) -> Demand:
    """At each difficulty, the first seed with something to object is told, and nothing is told twice."""

    @wraps(find)
    def demand(topic: Topic, seeds: int) -> Iterator[Complaint]:
        told: set[Objection] = set()
        for difficulty in DIFFICULTIES:
            for case in (Case(topic, seed, difficulty) for seed in tried(seeds)):
                said = tuple(heard(topic, partial(find, case)))
                for place, message in dict.fromkeys(said):
                    if (place, message) not in told:
                        yield Complaint(find.__name__, place, f"{message} ({case})")
                if said:
                    told.update(said)
                    break

    return demand


def heard(topic: Topic, find: Callable[[], Iterable[Objection]]) -> Iterator[Objection]:
    """What is objected to; an exception is the last objection."""
    try:
        yield from find()
    except Exception as error:  # noqa: BLE001  # whatever a topic's code raises is its author's to mend
        yield objection(topic, error)


def objection(topic: Topic, error: Exception) -> Objection:
    """An exception as an objection."""
    if isinstance(error, TemplateFailure) and error.place:
        return shown(error.place), error.what
    words = " ".join(str(error).split())
    return place_of_error(
        topic, error
    ), f"{'' if isinstance(error, BlattwerkError) else type(error).__name__ + ': '}{words}"
