"""Every part alone: a sheet may leave out all others, and still has to say everything that is needed."""

from collections.abc import Iterator

from blattwerk.build.check.complaint import Case, Objection, of_one_instance, of_topic
from blattwerk.build.check.parity import different_numbers
from blattwerk.build.check.sheets import Wanted, objections
from blattwerk.build.order.catalogue import Topic
from blattwerk.build.order.parts import placed
from blattwerk.vocabulary.exercise import Difficulty

ORDER: tuple[tuple[Difficulty, ...], ...] = (("standard",), ("easy", "hard"))  # what fails once fails often


@of_one_instance
def same_numbers_alone(case: Case) -> Iterator[Objection]:
    """The numbers of a part that stands alone are the same in both languages."""
    for wanted in _each_alone(case):
        for place, message in different_numbers(case, wanted.parts):
            yield place, f"{message} ({wanted.which})"


@of_topic
def parts_alone_set_by_tex(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Every part alone is set by TeX at every difficulty in both languages, within the margins."""
    yield from objections(
        [wanted for difficulty in some for wanted in _each_alone(Case(topic, seeds - 1, difficulty))] for some in ORDER
    )


def _each_alone(case: Case) -> Iterator[Wanted]:
    """Each part without all others."""
    exercise = case.topic.exercise
    names = [part.id for part in exercise.parts_at(case.difficulty)]
    for name in names:
        others = [other for other in names if other != name]
        yield Wanted(case, placed(exercise, case.difficulty, without=others), f"the part '{name}' alone")
