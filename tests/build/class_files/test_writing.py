"""The files of a whole class: complete, as the records say, and in agreement with the manifest at every moment."""

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import Result
from typer.testing import CliRunner

from blattwerk.build.class_files import writing
from blattwerk.build.codec import digest
from blattwerk.build.store.handed_out import handed_out
from blattwerk.build.store.journal import JOURNAL
from blattwerk.cli import app

ROSTER = "id,name,group,team\nb1,Béla,Di 10,\na1,Anna,Di 10,Rot\na2,Ωmega,Mi,Rot\nc1,Chris,Mi,\n"
SHEET = """
[course]
title = "ML"
[sheet]
title = "S"
number = 3
[[exercises]]
id = "softmax"
[[exercises]]
id = "kl_histogram"
"""
FILES = {"answers.csv", *(f"{path}.pdf" for path in ("key/Di-10.en", "key/Mi.en", "print/Di-10", "print/Mi"))}


def text(pdf: Path, page: int | None = None) -> str:
    """The text of a PDF, or of one of its pages."""
    pages = ["-f", str(page), "-l", str(page)] if page else []
    run = subprocess.run(["pdftotext", *pages, pdf, "-"], capture_output=True, check=True)
    return " ".join(run.stdout.decode().split())


class Course:
    """A folder with a sheet, a class list and a secret."""

    def __init__(self, folder: Path) -> None:
        """Written anew."""
        self.folder, self.out = folder, folder / "out"
        (folder / "sheet.toml").write_text(SHEET)
        (folder / "class.csv").write_text(ROSTER, encoding="utf-8")
        (folder / "blattwerk.secret").write_text("5" * 64)
        (folder / "blattwerk.secret").chmod(0o600)

    def build(self, *more: str) -> Result:
        """One build of it, here."""
        files = [str(self.folder / "sheet.toml"), "--roster", str(self.folder / "class.csv"), "--out", str(self.out)]
        return CliRunner().invoke(app, ["build", *files, "--seed", "7", "--lang", "en", "--jobs", "1", *more])

    def manifest(self) -> dict[str, Any]:
        """The record."""
        found: dict[str, Any] = json.loads((self.out / "manifest.json").read_text())
        return found

    def agrees(self) -> bool:
        """Whether there is no journal, and files and manifest say the same, none more and none less."""
        manifest = self.manifest()
        listed = dict(manifest["class_files"])
        for student in manifest["students"]:
            listed |= student["files"]
        rooms = ("questions", "solutions", "marking", "key", "print")
        there = {f"{room}/{file.name}" for room in rooms for file in (self.out / room).glob("*")} | {"answers.csv"}
        same = all(digest((self.out / path).read_bytes()) == wanted for path, wanted in listed.items())
        return not (self.out / JOURNAL).exists() and set(listed) == there and same


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Built once, with print files."""
    made = Course(tmp_path_factory.mktemp("course"))
    result = made.build("--print", "--separator")
    assert result.exit_code == 0, result.output
    return made


def test_the_manifest_lists_and_seals_them(course: Course) -> None:
    """All that is there."""
    assert set(course.manifest()["class_files"]) == FILES
    assert course.agrees()
    assert handed_out(course.out / "manifest.json", course.folder / "blattwerk.secret").class_files == ""


def test_answers_csv_says_what_the_records_say(course: Course) -> None:
    """Every sheet's answers in the order of the class list."""
    rows = list(csv.DictReader(io.StringIO((course.out / "answers.csv").read_text(encoding="utf-8"))))
    records = {student["id"]: student for student in course.manifest()["students"]}
    wanted = [
        (student, one["key"], answer["name"], answer["exact"])
        for student in ("b1", "Rot", "c1")
        for one in records[student]["exercises"]
        for answer in one["answers"]
    ]
    assert [(row["id"], row["exercise"], row["answer"], row["exact"]) for row in rows] == wanted
    assert {type(json.loads(row["decimal"])) for row in rows if row["decimal"] != "oo"} == {float, list}


def test_a_key_has_all_of_a_group_on_one_page(course: Course) -> None:
    """Names, ids and codes; a team with its members in the group of its first one."""
    said = text(course.out / "key" / "Di-10.en.pdf")
    codes = {student["id"]: student["code"] for student in course.manifest()["students"]}
    for word in ("Béla", "b1", codes["b1"], "Rot", "Anna", "Ωmega", codes["Rot"], "group Di 10"):
        assert word in said
    assert "Chris" not in said and codes["c1"] not in said
    with pikepdf.open(course.out / "key" / "Di-10.en.pdf") as pdf:
        assert len(pdf.pages) == 1


def test_print_files_begin_on_right_hand_pages(course: Course) -> None:
    """Each separator and each sheet, sorted as the list."""
    with pikepdf.open(course.out / "print" / "Di-10.pdf") as pdf:
        pages = len(pdf.pages)
    found = [(n, text(course.out / "print" / "Di-10.pdf", n)) for n in range(1, pages + 1)]
    starts = [n for n, said in found if "Exercise 1" in said or "Di 10" in said]
    assert len(starts) == 4 and all(n % 2 for n in starts)
    assert "Béla" in found[starts[0] - 1][1] and "Rot" in found[starts[2] - 1][1]
    assert found[1][1] == ""


def test_what_is_not_wanted_any_more_is_put_aside(tmp_path: Path) -> None:
    """A build without --print after one with it; --only keeps the print files, with the new sheet in its place."""
    made = Course(tmp_path)
    assert made.build("--print").exit_code == 0
    before = (made.out / "print" / "Mi.pdf").read_bytes()
    with (tmp_path / "sheet.toml").open("a") as sheet:
        sheet.write('[[overrides]]\nstudent = "c1"\nexercise = "softmax"\n')
    assert made.build("--only", "c1").exit_code == 0
    assert made.agrees() and (made.out / "print" / "Mi.pdf").read_bytes() != before
    assert made.build().exit_code == 0
    assert made.agrees() and not list((made.out / "print").glob("*"))


@pytest.mark.parametrize("last", ["answers.csv", "key/Di-10.en.pdf", "print/Mi.pdf"])
def test_an_interrupted_build_says_so_and_is_completed(
    course: Course, last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever file of the class was the last one that was written: the journal names all that may lie there."""
    made = Course(tmp_path)
    true = writing._written

    def stopped(path: Path, pieces: Any) -> str:
        found = true(path, pieces)
        if path == made.out / last:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(writing, "_written", stopped)
    made.build("--print")
    journal = json.loads((made.out / JOURNAL).read_text())
    assert (made.out / last).exists() and last in journal["of_class"]
    monkeypatch.undo()
    assert made.build().exit_code == 0
    assert made.agrees()
    assert (made.out / "answers.csv").read_bytes() == (course.out / "answers.csv").read_bytes()


def test_an_edited_list_is_told(course: Course, tmp_path: Path) -> None:
    """Files of the class, like records, belong to the build."""
    manifest = course.manifest()
    manifest["class_files"]["answers.csv"] = "0" * 64
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(manifest))
    there = handed_out(file, course.folder / "blattwerk.secret")
    assert "class_files" in there.class_files and there.class_files in list(there.unchecked())


def test_a_missing_sheet_is_no_print_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, the exit code says so, and nothing incomplete lies there."""
    made = Course(tmp_path)
    true = writing.ClassFiles._all

    def lost(self: Any, building: Any, merged: Any) -> Any:
        (made.out / "questions" / "c1.en.pdf").unlink()
        yield from true(self, building, merged)

    monkeypatch.setattr(writing.ClassFiles, "_all", lost)
    result = made.build("--print")
    assert result.exit_code == 1
    assert "no print file of the group 'Mi': questions/c1.en.pdf" in result.output
    assert [file.name for file in (made.out / "print").iterdir()] == ["Di-10.pdf"]


def test_names_of_groups() -> None:
    """Nothing of a path, no two alike, and a word where there is none."""
    assert writing.file_names([""]) == {"": "all"}
    assert writing.file_names(["", "A/B", "a b", "con", "/"]) == {
        "": "no-group",
        "A/B": "A-B",
        "a b": "a-b-2",
        "con": "group-con",
        "/": "group-",
    }
