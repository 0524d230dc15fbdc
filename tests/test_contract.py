"""The contract that every exercise of the catalogue keeps, whoever wrote it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from jinja2 import nodes

from blattwerk.build.codec import from_json, to_json
from blattwerk.build.order.catalogue import catalogue, find
from blattwerk.build.page.templating import environment
from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import comparisons, prove
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exact.log_sums import LogSum, rational
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.figures import Figure
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.instances import drawn, instance, placed

IDS = tuple(catalogue())
SEEDS = range(8)

every_exercise = pytest.mark.parametrize("exercise_id", IDS)
every_difficulty = pytest.mark.parametrize("difficulty", DIFFICULTIES)


@every_exercise
def test_ids_and_parts_have_names_of_their_own(exercise_id: str) -> None:
    """An exercise's id is its file's stem; its parts' ids differ; both titles are there."""
    exercise = find(exercise_id)
    for place in (f"generators/{exercise.id}.py", f"solvers/{exercise.id}.py", f"templates/{exercise.id}/en.tex.j2"):
        assert (files("blattwerk") / place).is_file()
    assert len({part.id for part in exercise.parts}) == len(exercise.parts)
    assert all(part.points > 0 for part in exercise.parts)
    assert exercise.title.en and exercise.title.de


@every_exercise
@every_difficulty
def test_an_instance_is_drawn_solved_and_stored_the_same_way_twice(exercise_id: str, difficulty: Difficulty) -> None:
    """Drawing and solving are pure; params survive the way through JSON; everything is exact."""
    for seed in SEEDS:
        one, two = (instance(exercise_id, seed, difficulty) for _ in range(2))
        assert one.params == two.params
        assert one.solution == two.solution
        assert from_json(one.exercise.params, to_json(one.params)) == one.params
        assert not list(_floats(one.params)) + list(_floats(one.solution))


def _floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif is_dataclass(value):
        for f in fields(value):
            yield from _floats(getattr(value, f.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _floats(item)


@every_exercise
@every_difficulty
def test_every_instance_is_proven(exercise_id: str, difficulty: Difficulty) -> None:
    """Oracles and derivations agree; at least two oracles speak; nearly all relations are checked."""
    for seed in SEEDS:
        proof = prove(instance(exercise_id, seed, difficulty))
        assert len(proof.oracles) >= 2
        assert proof.relations.checked >= 0.9 * (proof.relations.checked + proof.relations.cited)


@every_exercise
@every_difficulty
def test_every_answer_is_confirmed_by_two_oracles(exercise_id: str, difficulty: Difficulty) -> None:
    """Each answer's name is compared by at least two oracles."""
    one = instance(exercise_id, 7, difficulty)
    by = Counter(what for words in comparisons(one).values() for what in {w.what for w in words})
    assert {a.name: by[a.name] for a in one.answers if by[a.name] < 2} == {}
    assert len({a.name for a in one.answers}) == len(one.answers)


@every_exercise
@every_difficulty
def test_a_wrong_solution_is_found(exercise_id: str, difficulty: Difficulty) -> None:
    """Whatever number of the solution is changed, an oracle objects."""
    one = instance(exercise_id, 7, difficulty)
    silent = []
    for path, wrong in _mutations(one.solution):
        said = [w for oracle in one.exercise.oracles for w in oracle(one.params, wrong)]
        if all(w.agrees for w in said):
            silent.append(path)
    assert silent == []


def _mutations(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Copies of a frozen value, each with one leaf changed; the path says which."""
    if isinstance(value, LogSum):
        yield path, value + rational(Fraction(1, 7))
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int | Fraction):
        yield path, value + 1
    elif isinstance(value, str):
        yield path, value + "x"
    elif is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            for deeper, wrong in _mutations(getattr(value, f.name), f"{path}.{f.name}"):
                yield deeper, replace(value, **{f.name: wrong})
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            for deeper, wrong in _mutations(item, f"{path}[{i}]"):
                yield deeper, (*value[:i], wrong, *value[i + 1 :])


@dataclass(frozen=True)
class Recorded(Draws):
    """Draws that note the names asked for, by attempt."""

    names: list[tuple[int, str]] = field(default_factory=list, compare=False)

    def integer(self, name: str, low: int, high: int) -> int:
        self.names.append((self.attempt, name))
        return super().integer(name, low, high)


@every_exercise
@every_difficulty
def test_no_name_is_drawn_twice(exercise_id: str, difficulty: Difficulty) -> None:
    """A name drawn twice would give the same number twice."""
    draws = Recorded(b"", 7, "seed-7", exercise_id)
    drawn(find(exercise_id), draws, difficulty)
    assert [name for name, times in Counter(draws.names).items() if times > 1] == []


@every_exercise
def test_a_class_gets_different_numbers(exercise_id: str) -> None:
    """500 students of a course have 500 different standard instances, or as many as the exercise says it offers."""
    exercise = find(exercise_id)
    seen = {drawn(exercise, Draws(b"", 1, f"s{i}", exercise_id), "standard").params for i in range(500)}
    if exercise.offers is None:
        assert len(seen) == 500
    else:
        assert len(seen) <= exercise.offers


@every_exercise
@every_difficulty
def test_both_languages_carry_the_same_numbers(exercise_id: str, difficulty: Difficulty) -> None:
    """Every part renders in both languages, and the numbers in it are the same."""
    for seed in SEEDS:
        one = instance(exercise_id, seed, difficulty)
        english, german = (_numbers(one, lang) for lang in LANGUAGES)
        assert english == german


def _numbers(one: Instance, lang: Lang) -> dict[str, list[str]]:
    """The numbers of each piece of an exercise, in order of size as strings, in English notation."""
    item = Item(one, placed(one), hints=True)
    names = {name: f"{name}.pdf" for name in one.figures}
    view = exercise_view(1, item, lang, names)
    pieces = {"intro": view.intro}
    for part in view.parts:
        pieces |= {f"{part.letter} {f.name}": getattr(part, f.name) for f in fields(part)}
    return {key: sorted(_NUMBER.findall(text.replace("{,}", "."))) for key, text in pieces.items()}


_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@every_exercise
def test_both_templates_use_the_same_names(exercise_id: str) -> None:
    """A name used in one language only is a number or a step that the other language lacks."""
    english, german = (_names(exercise_id, lang) for lang in LANGUAGES)
    assert english == german


def _names(exercise_id: str, lang: Lang) -> dict[str, Counter[str]]:
    """The dotted names, called functions and their keywords in each block of a template."""
    source = (files("blattwerk") / "templates" / exercise_id / f"{lang}.tex.j2").read_text(encoding="utf-8")
    tree = environment(lang).parse(source)
    return {block.name: Counter(_dotted(block)) for block in tree.find_all(nodes.Block)}


def _dotted(tree: nodes.Node) -> Iterator[str]:
    for node in tree.find_all((nodes.Getattr, nodes.Name, nodes.Keyword)):
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            yield f"{node.node.name}.{node.attr}"
        elif isinstance(node, nodes.Keyword):
            yield f"{node.key}="
        elif isinstance(node, nodes.Name):
            yield node.name


@every_exercise
@every_difficulty
def test_figures_are_data_with_a_text_alternative(exercise_id: str, difficulty: Difficulty) -> None:
    """A figure is a frozen, hashable value with a description in both languages."""
    for figure in instance(exercise_id, 7, difficulty).figures.values():
        assert isinstance(figure, Figure)
        assert hash(figure) is not None
        assert figure.alt.en.strip() and figure.alt.de.strip()
