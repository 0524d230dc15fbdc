"""The proof of every instance, and that it could fail: two oracles an answer, none silent for a wrong number."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from blattwerk.build.check.complaint import Case, Objection, objection, of_instances, of_one_instance
from blattwerk.build.check.places import place_of, topic_file
from blattwerk.build.check.values import changed
from blattwerk.build.proof.hearing import comparisons
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.vocabulary.exercise import Exercise, Instance

CHECKED = 0.9  # of the displayed relations, at least


@of_instances
def proven(case: Case) -> Iterator[Objection]:
    """Every instance is proven: oracles and derivations agree, and nearly all relations are checked."""
    one = case.instance()
    exercise = one.exercise
    if len(exercise.oracles) < 2:
        yield topic_file(case.topic), f"there is {len(exercise.oracles)} oracle; every topic needs two"
    try:
        relations = prove(one).relations
    except ProofFailure as failure:
        place, words = objection(case.topic, failure)
        yield place if failure.__cause__ else _guilty(exercise, words), words
        return
    total = relations.checked + relations.cited
    if relations.checked < CHECKED * total:
        yield (
            place_of(exercise.derivations),
            f"{relations.cited} of {total} relations are only cited; at least {CHECKED:.0%} must be checked",
        )


def _guilty(exercise: Exercise[Any, Any], words: str) -> str:
    """The oracle that a failure of the proof names, or else the derivations."""
    named = (oracle for oracle in exercise.oracles if oracle.__name__ in words.split())
    return place_of(next(named, exercise.derivations))


@of_one_instance
def answers_confirmed_twice(case: Case) -> Iterator[Objection]:
    """Every answer has a name of its own and a symbol, belongs to a part, and is compared by two oracles."""
    one = case.instance()
    place, parts = place_of(one.exercise.answers), {part.id for part in one.exercise.parts}
    said = comparisons(one)
    for answer in one.exercise.answers(one.params, one.solution):
        if answer.part not in parts:
            yield place, f"the answer '{answer.name}' belongs to a part '{answer.part}' that does not exist"
        if not answer.symbol:
            yield place, f"the answer '{answer.name}' has no symbol; say what it is called on paper: symbol=\"x\""
    for name, times in Counter(answer.name for answer in one.answers).items():
        by = [oracle for oracle, words in said.items() if name in {word.what for word in words}]
        if times > 1:
            yield place, f"{times} answers are named '{name}'; give each a name of its own"
        if len(by) < 2:
            yield place, f"the answer '{name}' is compared by {' and '.join(by) or 'no oracle'}; two must name it"


@of_one_instance
def changes_found(case: Case) -> Iterator[Objection]:
    """Whatever number of the solution is changed, an oracle objects."""
    one = case.instance()
    for path, wrong in changed(one.solution, "solution"):
        if not objected(one, wrong):
            yield (
                place_of(one.exercise.solve),
                f"{path} can be changed, and no oracle objects; compare it in one, or leave it out of the Solution",
            )


def objected(one: Instance, wrong: Any) -> bool:
    """Whether an oracle objects to a wrong solution; one that stumbles over nonsense stops the sheet, too."""
    for oracle in one.exercise.oracles:
        try:
            if not all(comparison.agrees for comparison in oracle(one.params, wrong)):
                return True
        except Exception:  # noqa: BLE001  # see above
            return True
    return False
