"""Relations typed into templates: how many there still are, by topic and language; the numbers may only fall."""

import tomllib
from pathlib import Path

import pytest

from blattwerk.build.check.complaint import Case
from blattwerk.build.check.relations import found
from blattwerk.build.order.catalogue import catalogue, find_topic
from blattwerk.build.order.parts import placed
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.language import LANGUAGES, Lang

FILE = Path(__file__).parent / "data" / "unaccounted.toml"
ALLOWED: dict[str, dict[str, int]] = tomllib.loads(FILE.read_text())

every_topic = pytest.mark.parametrize("exercise_id", tuple(catalogue()))


def typed(exercise_id: str, lang: Lang, seeds: int, alone: bool = False) -> set[tuple[int, int]]:
    """The places (line, and which relation there) whose relations come from nothing, at any difficulty."""
    cases = [Case(find_topic(exercise_id), seed, difficulty) for seed in range(seeds) for difficulty in DIFFICULTIES]
    return {place for case in cases for left_out in _left_out(case, alone) for place in _typed(case, lang, left_out)}


def _left_out(case: Case, alone: bool) -> list[set[str]]:
    """The parts that are left out: none, or with `alone` all others of each."""
    names = {part.id for part in case.topic.exercise.parts_at(case.difficulty)}
    return [set(), *(names - {name} for name in sorted(names) if alone)]


def _typed(case: Case, lang: Lang, left_out: set[str]) -> set[tuple[int, int]]:
    said, _ = found(case.instance(), placed(case.topic.exercise, case.difficulty, without=left_out), lang, places=True)
    lines = [relation.source.line for relation in said if not relation.accounted and relation.source]
    return {(line, lines[:number].count(line)) for number, line in enumerate(lines)}


def _kept(exercise_id: str, seeds: int, alone: bool) -> None:
    for lang in LANGUAGES:
        number, allowed = len(typed(exercise_id, lang, seeds, alone)), ALLOWED.get(exercise_id, {}).get(lang, 0)
        assert number <= allowed, f"{number} relations are typed ({lang}); `check {exercise_id}` shows them"
        if not alone and seeds == 1:
            assert number == allowed, f"{number} relations are typed ({lang}): write this into {FILE.name}"


@every_topic
def test_relations_come_from_something(exercise_id: str) -> None:
    """Or there are as many typed ones as have been written down, and not one more."""
    _kept(exercise_id, 1, alone=False)


@every_topic
@pytest.mark.long
def test_relations_come_from_something_everywhere(exercise_id: str) -> None:
    """Of a topic that has none, in all branches of its templates: many draws, every part alone."""
    if exercise_id not in ALLOWED:
        _kept(exercise_id, 12, alone=True)


def test_nothing_is_allowed_for_nobody() -> None:
    """Every entry is of a topic that needs it."""
    assert set(ALLOWED) <= set(catalogue())
    assert all(set(counts) == set(LANGUAGES) and all(counts.values()) for counts in ALLOWED.values())
