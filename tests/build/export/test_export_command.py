"""`export moodle`: of a sheet and of a record, and what is said of wrong input."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build.export.bank import bank, left_out, variants
from blattwerk.build.numbers import Drawn, draw
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.sharing import shared_numbers
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.cli import app
from blattwerk.errors import DrawExhausted
from tests.build.deliver.handed import handed
from tests.build.export.banks import sheet
from tests.build.export.reader import read

SHEET = '[course]\ncode = "ML"\ntitle = "L"\n[sheet]\nnumber = 1\ntitle = "T"\n[[exercises]]\nid = "softmax"\n'


def test_of_a_sheet(tmp_path: Path) -> None:
    """The variants asked for, in the language asked for."""
    (tmp_path / "s.toml").write_text(SHEET)
    out = tmp_path / "bank.xml"
    command = ["export", "moodle", str(tmp_path / "s.toml"), "--out", str(out)]
    run = CliRunner().invoke(app, [*command, "--seed", "3", "--variants", "2", "--lang", "de"])
    assert run.exit_code == 0, run.stderr
    found = read(out.read_bytes())
    assert f"{out}: {len(found)} questions" in run.stdout
    assert {one.category for one in found} == {"$course$/top/Übungsblatt 1: T/01 Softmax und Kreuzentropie"}
    assert {tag for one in found for tag in one.tags} >= {"Variante A", "Variante B", "de"}
    assert "needs --seed N and --variants K" in str(CliRunner().invoke(app, command).exception)
    wrong = CliRunner().invoke(app, [*command, "--seed", "3", "--variants", "27"]).exception
    assert "--variants '27' is not allowed; write a whole number from 1 to 26" in str(wrong)


def test_of_a_record(tmp_path: Path) -> None:
    """The numbers that a class has on paper, each student's in a category of the student's own."""
    handed(tmp_path, Student("s1", "Anna"), Student("s2", "Ben"), langs=("en",))
    out = tmp_path / "bank.xml"
    command = ["export", "moodle", str(tmp_path / "manifest.json"), "--out", str(out), "--lang", "en"]
    run = CliRunner().invoke(app, command)
    assert run.exit_code == 0, run.stderr
    found = read(out.read_bytes())
    assert {one.category.split("/")[3] for one in found} == {"s1", "s2"}
    one, two = (next(q for q in found if student in q.tags and "smoothed" in q.tags) for student in ("s1", "s2"))
    assert one.answers[0].text != two.answers[0].text
    assert "a manifest has its numbers already" in str(CliRunner().invoke(app, [*command, "--seed", "3"]).exception)


def test_a_record_that_was_edited_is_left_out(tmp_path: Path) -> None:
    """Its student is named, the other's questions are made, the exit code is 1."""
    handed(tmp_path, Student("s1", "Anna"), Student("s2", "Ben"), langs=("en",))
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"Anna"', '"Hans"'))
    command = ["export", "moodle", str(manifest), "--out", str(tmp_path / "bank.xml"), "--lang", "en"]
    run = CliRunner().invoke(app, command)
    assert run.exit_code == 1
    assert "failed: s1: the record is not as it was written" in run.stderr
    assert {one.category.split("/")[3] for one in read((tmp_path / "bank.xml").read_bytes())} == {"s2"}


def test_variants_are_those_of_a_class() -> None:
    """To which as many were dealt."""
    file = checked_sheet(sheet("softmax", variants=3), "sheet.toml")
    students = tuple(Student(f"s{i}", "N") for i in range(3))
    paper = order(file, students, 7, ("en",), secret=b"k" * 32, shared=shared_numbers(students, file))
    exported = variants(file, 3, 7, ("en",), b"k" * 32)
    assert [draw(one).exercises[0].params for one in paper] == [draw(one).exercises[0].params for one in exported]


def test_one_that_cannot_be_made_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named."""
    file = checked_sheet(sheet("softmax"), "sheet.toml")
    first, second = variants(file, 2, 7, ("en",))

    def broken(one: Ordered) -> Drawn:
        if one is first:
            raise DrawExhausted("no numbers")
        return draw(one)

    monkeypatch.setattr("blattwerk.build.export.bank.draw", broken)
    found = bank((first, second), ("en",))
    assert found.failures == {"variant-A": "no numbers"} and found.questions


def test_what_nobody_has_proven_is_not_asked() -> None:
    """An exercise written by hand is left out and named; the others keep the numbers that they have on paper."""
    part = {"question": "Why?", "solution": "Because.", "points": 2}
    own = {"key": "own", "title": "By hand", "parts": [part]}
    data = sheet("softmax")
    file = checked_sheet({**data, "exercises": [own, *data["exercises"]]}, "sheet.toml")
    orders = variants(file, 1, 7, ("en",))
    assert left_out(orders) == "written by hand, and so not in the bank: own"
    assert {one.name[:12] for one in bank(orders, ("en",)).questions} == {"variant A: 2"}
    assert not left_out(variants(checked_sheet(data, "sheet.toml"), 1, 7, ("en",)))
