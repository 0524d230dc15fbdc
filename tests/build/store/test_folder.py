"""The record of what was handed out is never lost: identities, dated copies, --only, and what is built again."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from blattwerk.build.order.secret import new_secret
from blattwerk.build.store.folder import MANIFEST
from blattwerk.cli import app
from blattwerk.errors import InputError, SheetFailure

SHEET = """
[course]
code = "ML"
title = "Machine learning"
[sheet]
number = 3
title = "{title}"
[[exercises]]
id = "kl_normal_1d"
without = ["derive", "zero"]
"""
OVERRIDE = '[[overrides]]\nstudent = "{student}"\nexercise = "kl_normal_1d"\n'


class Course:
    """A folder with a sheet file, a class list and an output folder."""

    def __init__(self, folder: Path) -> None:
        """Three students."""
        self.folder = folder
        self.out = folder / "out"
        self.write()
        self.enrol("a", "b", "c")

    def write(self, title: str = "Divergences", more: str = "") -> None:
        """The sheet file."""
        (self.folder / "sheet.toml").write_text(SHEET.format(title=title) + more)

    def enrol(self, *students: str) -> None:
        """The class list."""
        lines = ["id,name,email", *(f"{student},{student.upper()},{student}@example.org" for student in students)]
        (self.folder / "class.csv").write_text("\n".join(lines))

    def build(self, *more: str, seed: int = 7, roster: bool = True) -> str:
        """What the command printed; raises what it raised."""
        sheet, students = str(self.folder / "sheet.toml"), ["--roster", str(self.folder / "class.csv")]
        arguments = ["build", sheet, "--seed", str(seed), *(students if roster else []), "--out", str(self.out)]
        done = CliRunner().invoke(app, [*arguments, "--lang", "en", "--jobs", "1", *more])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    def manifest(self, name: str = MANIFEST) -> Any:
        """The manifest."""
        return json.loads((self.out / name).read_text())

    def ids(self, name: str = MANIFEST) -> list[str]:
        """The students in a manifest."""
        return [student["id"] for student in self.manifest(name)["students"]]

    def old(self) -> list[str]:
        """The manifests that were kept."""
        return sorted(path.name for path in self.out.glob("manifest-*.json"))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course that was built once."""
    made = Course(tmp_path)
    made.build()
    return made


def test_the_same_again_changes_nothing(course: Course) -> None:
    """No copy is kept of what is the same."""
    before = (course.out / MANIFEST).stat().st_mtime_ns
    course.build()
    assert (course.out / MANIFEST).stat().st_mtime_ns == before
    assert course.old() == []


def test_only_merges_into_the_record(course: Course) -> None:
    """One student gets another draw; the others' records stay as they are, and so does their order."""
    before = course.manifest()["students"]
    course.write(more=OVERRIDE.format(student="b"))
    course.build("--only", "b")
    after = course.manifest()["students"]
    assert [student["id"] for student in after] == ["a", "b", "c"]
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1]["exercises"][0]["params"] != before[1]["exercises"][0]["params"]
    (kept,) = course.old()
    assert course.manifest(kept)["students"] == before
    assert course.manifest()["sheet"]["overrides"][0]["student"] == "b"


def test_only_adds_a_student(course: Course) -> None:
    """Who came later stands at the end."""
    course.enrol("z", "a", "b", "c")
    course.build("--only", "z")
    assert course.ids() == ["a", "b", "c", "z"]


def test_only_is_refused_where_the_others_would_hold_something_else(course: Course) -> None:
    """An edit of the sheet, or another's override."""
    course.write(title="Another title")
    with pytest.raises(InputError, match=r"the sheet file has changed since the others were built .'a' holds another"):
        course.build("--only", "b")
    course.write(more=OVERRIDE.format(student="c"))
    with pytest.raises(InputError, match="'c' holds another sheet"):
        course.build("--only", "b")
    assert course.old() == []


def test_an_edit_rebuilds_in_place_and_keeps_what_was(course: Course) -> None:
    """The old record lies beside the new one."""
    course.write(title="Another title")
    course.build()
    (kept,) = course.old()
    assert course.manifest(kept)["sheet"]["sheet"]["title"]["en"] == "Divergences"
    assert course.manifest()["sheet"]["sheet"]["title"]["en"] == "Another title"
    course.write(title="A third one")
    course.build()
    assert len(course.old()) == 2


def test_who_left_the_class_is_put_aside(course: Course) -> None:
    """The files that the new record does not list lie in a folder with the old record's date."""
    course.enrol("a", "b")
    course.build()
    assert course.ids() == ["a", "b"]
    (kept,) = course.old()
    aside = course.out / kept.removeprefix("manifest-").removesuffix(".json")
    assert course.ids(kept) == ["a", "b", "c"]
    names = {str(path.relative_to(course.out)) for path in course.out.rglob("c.en.pdf")}
    assert names == {f"earlier-{aside.name}/{kind}/c.en.pdf" for kind in ("questions", "solutions")}


@pytest.mark.parametrize("what", ["seed", "sheet", "course", "secret", "single"])
def test_another_build_is_refused_with_both_names(course: Course, what: str) -> None:
    """And changes nothing; with --force, the old record is kept beside the new one."""
    before = (course.out / MANIFEST).read_bytes()
    seed, roster, there = 7, True, "sheet 3 of ML, seed 7, no secret, for a class"
    if what == "seed":
        seed, here = 8, "sheet 3 of ML, seed 8, no secret, for a class"
    elif what == "secret":
        new_secret(course.folder)
        here = "sheet 3 of ML, seed 7, the secret [0-9a-f]{12}, for a class"
    elif what == "single":
        roster, here = False, "sheet 3 of ML, seed 7, no secret, without a class list"
    else:
        old, new, here = {
            "sheet": ("number = 3", "number = 4", "sheet 4 of ML, seed 7, no secret, for a class"),
            "course": ('code = "ML"', 'code = "AI"', "sheet 3 of AI, seed 7, no secret, for a class"),
        }[what]
        file = course.folder / "sheet.toml"
        file.write_text(file.read_text().replace(old, new))
    with pytest.raises(InputError, match=rf"holds the record of another build \({there}\); this one is {here}"):
        course.build(seed=seed, roster=roster)
    assert (course.out / MANIFEST).read_bytes() == before
    course.build("--force", seed=seed, roster=roster)
    (kept,) = course.old()
    assert (course.out / kept).read_bytes() == before


def test_without_a_class_list_a_build_replaces_its_like(tmp_path: Path) -> None:
    """Another seed into the same folder: the new files and their record, the old ones aside."""
    course = Course(tmp_path)
    course.build(seed=7, roster=False)
    course.build(seed=8, roster=False)
    assert course.ids() == ["seed-8"]
    assert [path.name for path in (course.out / "questions").iterdir()] == ["seed-8.en.pdf"]
    assert len(list(course.out.glob("earlier-*/questions/seed-7.en.pdf"))) == 1


def test_a_record_that_cannot_be_read_is_not_overwritten(course: Course) -> None:
    """It may be all that is left of what was handed out."""
    (course.out / MANIFEST).write_text("{")
    with pytest.raises(InputError, match=r"is damaged.*or put it aside with --force"):
        course.build()
    course.build("--force")
    (kept,) = course.old()
    assert (course.out / kept).read_text() == "{"


def test_an_override_rebuilds_one_student_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does a new student; and where an edit changes the questions alone, only they are set again."""
    from blattwerk.build import batch
    from blattwerk.build.press import press

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # nothing of other tests
    course = Course(tmp_path)
    course.build()
    made: list[str] = []
    real, real_press = batch.make, press.press_together

    def noted(tasks: Any, kept: Any = None) -> Any:
        made.extend(task.drawn.order.student.id for task in tasks)
        return real(tasks, kept)

    def pressed(sheets: Any, pictures: Any) -> Any:
        made.extend(sheet.mark.split()[1] for sheet in sheets)
        return real_press(sheets, pictures)

    monkeypatch.setattr(batch, "make", noted)
    monkeypatch.setattr(press, "press_together", pressed)
    course.write(more=OVERRIDE.format(student="b"))
    course.build()
    assert made == ["b", "questions", "solutions", "key"]
    made.clear()
    course.enrol("a", "b", "c", "d")
    course.build()
    assert made == ["d", "questions", "solutions", "key"]
    made.clear()
    course.write(more=OVERRIDE.format(student="b"))
    file = course.folder / "sheet.toml"
    file.write_text(file.read_text().replace('title = "Divergences"', 'title = "Divergences"\nhints = true'))
    course.build()
    assert made == ["a", "b", "c", "d"] + ["questions"] * 4


def test_the_same_topic_twice_under_two_keys(tmp_path: Path) -> None:
    """Two entries, two draws, two records."""
    course = Course(tmp_path)
    course.write(more='[[exercises]]\nid = "kl_normal_1d"\nkey = "again"\nwithout = ["derive", "zero"]\n')
    course.build()
    one, two = course.manifest()["students"][0]["exercises"]
    assert (one["key"], two["key"]) == ("kl_normal_1d", "again")
    assert one["id"] == two["id"] == "kl_normal_1d"
    assert one["params"] != two["params"]


def test_who_cannot_be_made_any_more_is_put_aside(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old PDFs of a failed student do not lie among those of the new sheet."""
    from blattwerk.build import batch

    real = batch.draw

    def failing(order: Any) -> Any:
        if order.student.id == "b":
            raise SheetFailure("no admissible numbers")
        return real(order)

    monkeypatch.setattr(batch, "draw", failing)
    course.write(title="Another title, which nobody has built before")
    course.build()
    assert course.ids() == ["a", "c"]
    assert len(list(course.out.rglob("b.en.pdf"))) == len(list(course.out.glob("earlier-*/*/b.en.pdf"))) == 2
