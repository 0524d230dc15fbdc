"""What version 0.1 handed out comes back for ever: manifests of all its topics, and numbers that are drawn no more.

`tests/data/v0.1` holds a manifest of each difficulty, made with version 0.1 (commit aa197d2), and numbers which that
version drew and which today's draws reject (`odd.json`).
"""

import gzip
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from blattwerk.build.codec import from_json
from blattwerk.build.numbers import draw
from blattwerk.build.order.catalogue import catalogue, find
from blattwerk.build.order.parts import Placed, lettered
from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.build.store.handed_out import handed_out
from blattwerk.build.store.records import AnswerRecord, answer_record, same_value
from blattwerk.cli import app
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.test_pins import pinned

TOPICS = 20  # of version 0.1
DATA = Path(__file__).parents[2] / "data" / "v0.1"


def unpacked(difficulty: Difficulty, folder: Path) -> Path:
    """The manifest as a file."""
    path = folder / "manifest.json"
    path.write_bytes(gzip.decompress((DATA / f"{difficulty}.json.gz").read_bytes()))
    return path


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_numbers_parts_points_and_answers_come_back(difficulty: Difficulty, tmp_path: Path) -> None:
    """For every topic and student: what the old file says, read without our reader, is what today's solver says."""
    path = unpacked(difficulty, tmp_path)
    there, raw = handed_out(path), json.loads(path.read_bytes())
    orders, refused = there.wanted(())
    assert not refused
    ids = {one["id"] for student in raw["students"] for one in student["exercises"]}
    assert len(ids) == TOPICS and ids <= set(catalogue())
    for order, student in zip(orders, raw["students"], strict=True):
        assert (order.student.id, order.student.name, order.code) == (student["id"], student["name"], student["code"])
        for one, said in zip(draw(order).exercises, student["exercises"], strict=True):
            assert (one.exercise, one.difficulty) == (said["id"], said["difficulty"])
            assert {p.part.id: str(p.points) for p in one.parts} == said["points"]
            instance = one.instance()
            today = {answer.name: answer_record(answer) for answer in instance.answers}
            for answer in said["answers"]:
                now = today[answer["name"]]
                assert now.part == answer["part"] and same_value(AnswerRecord(**answer), now)


def test_the_params_are_read_as_they_were_written(tmp_path: Path) -> None:
    """No key of old numbers is left unread."""
    for record in handed_out(unpacked("hard", tmp_path)).manifest.students:
        for one in record.exercises:
            params = find(one.id).params
            assert from_json(params, one.params) == from_json(params, json.loads(json.dumps(one.params)))


def test_points_and_parts_are_those_that_were_handed_out(tmp_path: Path) -> None:
    """Whatever the topic gives for a part today, and whatever parts it has got since."""
    path = unpacked("easy", tmp_path)
    data = json.loads(path.read_bytes())
    for student in data["students"]:
        student["exercises"][0]["points"] = {"structure": "5/2", "generative": "3"}
    path.write_text(json.dumps(data))
    orders, _ = handed_out(path).wanted(())
    assert [(p.part.id, p.letter, p.points) for p in draw(orders[0]).exercises[0].parts] == [
        ("structure", "a", Fraction(5, 2)),
        ("generative", "b", Fraction(3)),
    ]


def test_a_part_that_is_gone_is_named(tmp_path: Path) -> None:
    """Its points and answers cannot come back; one student's failure."""
    path = unpacked("easy", tmp_path)
    data = json.loads(path.read_bytes())
    data["students"][0]["exercises"][0]["points"]["gone"] = "1"
    path.write_text(json.dumps(data))
    there = handed_out(path)
    assert [record.id for record in there.manifest.students] == [data["students"][1]["id"]]
    (why,) = there.refused.values()
    assert "autoencoder was handed out with the part 'gone', which this version of the topic has not" in why


def test_topics_that_have_a_new_version_are_named(tmp_path: Path) -> None:
    """In one line; format 1 knew no versions, and all its topics are of the first."""
    path = unpacked("easy", tmp_path)
    (line,) = handed_out(path).changed_topics()
    assert "topics that have changed since the sheets were handed out" in line
    ids = {one["id"] for student in json.loads(path.read_bytes())["students"] for one in student["exercises"]}
    for exercise in catalogue().values():
        changed = exercise.id in ids and exercise.version > 1
        assert (f"{exercise.id} (version 1, now {exercise.version})" in line) == changed


@pytest.mark.long
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_solutions_of_version_0_1(difficulty: Difficulty, tmp_path: Path) -> None:
    """The whole way: proven and set; no answer has changed."""
    path = unpacked(difficulty, tmp_path)
    done = CliRunner().invoke(app, ["solutions", str(path), "--out", str(tmp_path / "out"), "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert "the answer has changed" not in done.output
    assert done.output.count("UNCHECKED") == 1
    assert done.output.count("topics that have changed") == 1
    assert len(list((tmp_path / "out" / "solutions").glob("*.pdf"))) == 2


@dataclass(frozen=True)
class Odd:
    """Numbers of version 0.1 that are drawn no more."""

    exercise: str
    difficulty: Difficulty
    seed: int
    params: Any

    def __str__(self) -> str:
        return f"{self.exercise}-{self.difficulty}-{self.seed}"

    def instance(self) -> Instance:
        """As an instance of today's exercise, with the parts of then."""
        exercise = find(self.exercise)
        params = from_json(exercise.params, self.params)
        return Instance(exercise, self.difficulty, params, frozenset(p.part.id for p in self.parts()))

    def parts(self) -> tuple[Placed, ...]:
        """The parts that it was handed out with, which were those of the topic's first version."""
        then = pinned()[self.exercise]["1"][self.difficulty]["parts"].split(", ")
        names = {part.partition(" ")[0] for part in then}
        return lettered(part for part in find(self.exercise).parts if part.id in names)

    def solution(self, lang: Lang) -> str:
        """All its sample solutions, line breaks as spaces."""
        one = self.instance()
        parts = exercise_view(1, Item(one, self.parts()), lang, {}).parts
        return " ".join(" ".join(part.solution for part in parts).split())


ODD = tuple(Odd(**row) for row in json.loads((DATA / "odd.json").read_text()))


def of(exercise: str) -> tuple[Odd, ...]:
    """Those of one exercise."""
    return tuple(odd for odd in ODD if odd.exercise == exercise)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_numbers_that_are_drawn_no_more_are_proven(odd: Odd) -> None:
    """No displayed relation presupposes what only today's draws see to."""
    assert prove(odd.instance()).relations.checked


@pytest.mark.parametrize("odd", of("deep_boltzmann_machine"), ids=str)
def test_units_that_are_independent_are_called_so(odd: Odd) -> None:
    """kappa = 1, with the proof that this is enough."""
    assert odd.instance().solution.coupling == 1
    en, de = (odd.solution(lang) for lang in LANGUAGES)
    assert "this is enough for independence" in en and "are independent given \\(v\\) and \\(h\\) in this deep" in en
    assert "das genügt für die Unabhängigkeit" in de and "auch in diesem Deep-Belief-Netz unabhängig" in de
    for wrong in ("are coupled", "compete", "\\kappa \\ne 1", "gekoppelt:", "konkurrieren", "\\kappa < 1"):
        assert wrong not in en + de


@pytest.mark.parametrize("odd", of("inpainting"), ids=str)
def test_errors_without_a_u_are_not_called_one(odd: Odd) -> None:
    """And all numbers of components that have the smallest error are named."""
    *errors, last = odd.instance().solution.errors
    better = max(errors[1:]) < last
    best = [k for k, error in enumerate(errors) if error == min(errors)]
    for lang, yes, no, words in (
        ("en", "The errors have the shape of a U.", "do not have the shape of a U here", "is smallest at"),
        ("de", "Die Fehler haben die Form eines U.", "haben hier nicht die Form eines U", "ist am kleinsten für"),
    ):
        text = odd.solution("en" if lang == "en" else "de")
        assert (yes in text, no in text) == (better, not better)
        joined = (" and " if lang == "en" else " und ").join(f"\\(k = {k}\\)" for k in best)
        assert f"{words} {joined}, " in text
        assert (("is smaller in between" if lang == "en" else "ist dazwischen kleiner") in text) == better


@pytest.mark.parametrize("odd", of("binary_classifier"), ids=str)
def test_a_longer_step_that_raises_the_loss_no_more_is_not_said_to(odd: Odd) -> None:
    """Less, or by the same amount, since hidden units are switched on the way; that they are is checked here."""
    one = odd.instance()
    hard, given = one.solution.hard, one.params.hard
    on = {tuple(z > 0 for z in given.z(x)) for x in (given.x, *hard.inputs)}
    assert len(on) > 1
    same = hard.outputs[0] == hard.outputs[1]
    en, de = (odd.solution(lang) for lang in LANGUAGES)
    assert ("here by the same amount" if same else "here the sign step raises it less") in en
    assert ("hier gleich stark" if same else "der Vorzeichenschritt hier weniger") in de
    assert "raises it more" not in en and "hier stärker" not in de
    assert "because hidden units are switched on the way" in en
    assert "liegt daran, dass unterwegs verdeckte Einheiten" in de
