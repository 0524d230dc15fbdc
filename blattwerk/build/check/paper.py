"""On paper: TeX sets every question and solution, and nothing sticks out of the margin."""

from collections.abc import Iterator

from blattwerk.build.check.complaint import Case, Objection, of_topic
from blattwerk.build.check.sheets import Wanted, objections
from blattwerk.build.order.catalogue import Topic
from blattwerk.build.order.parts import placed
from blattwerk.vocabulary.exercise import DIFFICULTIES


@of_topic
def set_by_tex(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Question and solution are set by TeX at every difficulty in both languages, within the margins."""
    every = [[_whole(Case(topic, seed, difficulty)) for difficulty in DIFFICULTIES] for seed in range(seeds)]
    # What is wrong at the first seed is mostly wrong at all, and each failure costs further runs.
    yield from objections([every[0], [wanted for some in every[1:] for wanted in some]])


def _whole(case: Case) -> Wanted:
    return Wanted(case, placed(case.topic.exercise, case.difficulty))
