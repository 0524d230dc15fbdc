"""A manifest is hostile input: records are read one by one, and what was edited, exchanged or added is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from blattwerk.build.order.secret import FILE, new_secret
from blattwerk.build.store.folder import MANIFEST
from blattwerk.build.store.handed_out import HandedOut, handed_out
from blattwerk.build.store.records import AnswerRecord, same_value
from blattwerk.cli import app
from blattwerk.errors import InputError, ManifestError
from tests.build.store.test_folder import OVERRIDE, Course

Edit = Callable[[Any], Any]


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Course]:
    """The same class, built with a secret and without."""
    courses = []
    for name in ("keyed", "plain"):
        folder = tmp_path_factory.mktemp(name)
        if name == "keyed":
            new_secret(folder)
        course = Course(folder)
        course.build()
        courses.append(course)
    return courses[0], courses[1]


def edited(course: Course, folder: Path, edit: Edit, secret: bool = True) -> Path:
    """The course's manifest after an edit, with the secret beside it if there is one and it is wanted."""
    data = course.manifest()
    edit(data)
    path = folder / MANIFEST
    path.write_text(json.dumps(data))
    if secret and (course.folder / FILE).exists():
        (folder / FILE).write_bytes((course.folder / FILE).read_bytes())
        (folder / FILE).chmod(0o600)
    return path


def ids(there: HandedOut) -> list[str]:
    """The students whose records are used."""
    return [record.id for record in there.manifest.students]


def test_what_was_written_is_read(built_once: tuple[Course, Course], tmp_path: Path) -> None:
    """With the secret, without it, and where there never was one; only the first says nothing."""
    keyed, plain = built_once
    for course, secret, words in (
        (keyed, True, ""),
        (keyed, False, "UNCHECKED: without the secret"),
        (plain, False, "UNCHECKED: built without a secret"),
    ):
        (tmp_path / FILE).unlink(missing_ok=True)
        there = handed_out(edited(course, tmp_path, lambda data: None, secret))
        assert (ids(there), dict(there.refused)) == (["a", "b", "c"], {})
        assert "".join(there.unchecked()).startswith(words) if words else not list(there.unchecked())
        assert not list(there.changed_topics())


def test_the_secret_is_found_above_and_by_name(built_once: tuple[Course, Course], tmp_path: Path) -> None:
    """The output folder often lies in the course's; another's secret is refused, and both are named."""
    keyed, _ = built_once
    assert handed_out(keyed.out / MANIFEST).keyed  # beside the sheet file, one folder up
    path = edited(keyed, tmp_path, lambda data: None, secret=False)
    assert handed_out(path, keyed.folder / FILE).keyed
    other = new_secret(tmp_path)
    with pytest.raises(InputError, match=rf"the secret {other} \(fingerprint \w+\) is not the one of the manifest"):
        handed_out(path)


def _exchange(data: Any) -> None:
    a, b, _ = data["students"]
    a["exercises"], b["exercises"] = b["exercises"], a["exercises"]


def _exchange_ids(data: Any) -> None:
    a, b, _ = data["students"]
    for key in ("id", "files"):
        a[key], b[key] = b[key], a[key]


def _set(*path: Any, to: Any) -> Edit:
    def edit(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = to

    return edit


ANSWER = ("students", 0, "exercises", 0, "answers", 0)
EDITS: dict[str, tuple[Edit, set[str]]] = {
    "two students' exercises exchanged": (_exchange, {"a", "b"}),
    "two students' ids exchanged": (_exchange_ids, {"a", "b"}),
    "exact": (_set(*ANSWER, "exact", to="1/2"), {"a"}),
    "decimal": (_set(*ANSWER, "decimal", to="0.5"), {"a"}),
    "an answer more": (
        lambda data: data["students"][0]["exercises"][0]["answers"].append(
            {"name": "more", "part": "forward", "exact": "1", "decimal": "1"}
        ),
        {"a"},
    ),
    "a file's digest": (_set("students", 0, "files", "questions/a.en.pdf", to="0" * 64), {"a"}),
    "name": (_set("students", 0, "name", to="Eve"), {"a"}),
    "code": (_set("students", 0, "code", to="AAAA-AAAA"), {"a"}),
    "points": (_set("students", 0, "exercises", 0, "points", "forward", to="9"), {"a"}),
    "params": (_set("students", 0, "exercises", 0, "params", "mean_p", to="1/7"), {"a"}),
    "the topic's version": (_set("students", 0, "exercises", 0, "topic", "version", to=9), {"a"}),
    "the sheet's title": (_set("sheet", "sheet", "title", "en", to="Other"), {"a", "b", "c"}),
    "the seed": (lambda data: (data.update(seed=8), data["identity"].update(seed=8)), {"a", "b", "c"}),
    "the course": (_set("identity", "course", to="Other"), {"a", "b", "c"}),
    "the digest taken away": (_set("students", 0, "digest", to=""), {"a"}),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_is_named_and_stops_its_students_only(
    built_once: tuple[Course, Course], tmp_path: Path, what: str
) -> None:
    """By the digest, which everybody can compute; so all of these are noticed without the secret, too."""
    edit, stopped = EDITS[what]
    for number, course in enumerate(built_once):
        folder = tmp_path / str(number)
        folder.mkdir()
        there = handed_out(edited(course, folder, edit))
        assert set(there.refused) == stopped
        assert set(ids(there)) == {"a", "b", "c"} - stopped


@pytest.mark.parametrize("what", [*(what for what in EDITS if "digest" not in what), "nothing but the check"])
def test_who_makes_new_digests_has_not_the_secret(
    built_once: tuple[Course, Course], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Who edits a manifest knows how digests are made: with the secret it is named all the same."""
    from blattwerk.build.store import seal

    edit, stopped = EDITS.get(what, (_set("students", 0, "check", to="0" * 64), {"a"}))
    path = edited(built_once[0], tmp_path, edit)
    monkeypatch.setattr(seal, "digest", lambda _: "f" * 64)
    data = json.loads(path.read_text())
    for student in data["students"]:
        student["digest"] = "f" * 64  # as if it were the right one
    path.write_text(json.dumps(data))
    there = handed_out(path)
    assert set(there.refused) == stopped
    assert all("has the secret" in why for why in there.refused.values())
    data["students"][2]["check"] = ""
    path.write_text(json.dumps(data))
    assert "c" in handed_out(path).refused


def test_records_of_another_build_are_named(built_once: tuple[Course, Course], tmp_path: Path) -> None:
    """A true record, put into the manifest of another sheet of the same course and secret."""
    keyed, _ = built_once
    (tmp_path / FILE).write_bytes((keyed.folder / FILE).read_bytes())
    (tmp_path / FILE).chmod(0o600)
    other = Course(tmp_path)
    other.write(title="Another sheet")
    other.build()
    data = other.manifest()
    data["students"][1] = keyed.manifest()["students"][1]
    path = other.out / MANIFEST
    path.write_text(json.dumps(data))
    there = handed_out(path)
    assert set(there.refused) == {"b"}
    assert "another build's" in there.refused["b"]


@pytest.mark.parametrize("second", ["a", "A"])
def test_a_student_twice_is_stopped(built_once: tuple[Course, Course], tmp_path: Path, second: str) -> None:
    """Nobody can tell which record is the true one; small and capital letters are the same file on some systems."""
    there = handed_out(
        edited(built_once[0], tmp_path, lambda data: data["students"].append({**data["students"][0], "id": second}))
    )
    assert ids(there) == ["b", "c"]
    assert all("more than one record of this id" in why for why in there.refused.values())


DEEP: list[Any] = json.loads("[" * 400 + "]" * 400)
HOSTILE: dict[str, tuple[Edit, str]] = {
    "id": (_set("students", 0, "id", to="../../../../x"), "record 1: id: the id '../../../../x' cannot be a file name"),
    "file": (_set("students", 0, "files", "../../a.pdf", to="0" * 64), "a: '../../a.pdf' is no file of this student"),
    "another's file": (_set("students", 0, "files", "questions/b.en.pdf", to="0" * 64), "a: 'questions/b.en.pdf' is"),
    "language": (_set("students", 0, "languages", to=["../x"]), "a: languages.0: Input should be 'en' or 'de'"),
    "two languages": (
        _set("students", 0, "languages", to=["en", "en"]),
        "a: languages: one of them stands there twice",
    ),
    "no language": (_set("students", 0, "languages", to=[]), "a: languages: Tuple should have at least 1 item"),
    "code": (_set("students", 0, "code", to="\\directlua{}"), "a: code: String should match pattern"),
    "name": (_set("students", 0, "name", to="a\u202eb"), "a: name: the text 'a\\u202eb' holds the character U+202E"),
    "long name": (_set("students", 0, "name", to="a" * 300), "a: name: is longer than 200 characters"),
    "key": (_set("students", 0, "exercises", 0, "key", to="../x"), "a: exercises.0.key: String should match pattern"),
    "other key": (_set("students", 0, "exercises", 0, "key", to="x"), "a: its exercises are not those of the sheet"),
    "difficulty": (
        _set("students", 0, "exercises", 0, "difficulty", to="hard"),
        "a: kl_normal_1d: the sheet has kl_normal_1d at the difficulty standard here",
    ),
    "params": (
        _set("students", 0, "exercises", 0, "params", to={"mean_p": []}),
        "a: the stored numbers do not fit topics.kl_normal_1d.Params",
    ),
    "no fraction": (
        _set("students", 0, "exercises", 0, "params", "mean_p", to="1/0"),
        "a: the stored numbers do not fit topics.kl_normal_1d.Params: ",
    ),
    "nested": (_set("students", 0, "exercises", 0, "params", "more", to=DEEP), "a: the record is not one that was wr"),
    "nested decimal": (_set(*ANSWER, "decimal", to=DEEP), "a: exercises.0.answers.0.decimal: '["),
    "decimal": (_set(*ANSWER, "decimal", to="x"), "a: exercises.0.answers.0.decimal: 'x' is no decimal"),
    "exact": (_set(*ANSWER, "exact", to="\x1b[2J"), "a: exercises.0.answers.0.exact: '\\x1b[2J' holds characters"),
    "points": (_set("students", 0, "exercises", 0, "points", "forward", to="1/0"), "a: exercises.0.points.forward: St"),
    "no points": (_set("students", 0, "exercises", 0, "points", to={}), "a: exercises.0.points: Dictionary should hav"),
    "a notebook": (_set("students", 0, "exercises", 0, "notebook", to=1), "a: kl_normal_1d: a demo or a notebook is"),
    "a new key": (_set("students", 0, "x\n", to=1), "a: 'x\\n': Extra inputs are not permitted"),
    "no record": (_set("students", 0, to=[]), "record 1: Input should be a valid dictionary"),
    "nothing": (_set("students", 0, to=None), "record 1: Input should be a valid dictionary"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_bad_record_stops_only_its_student(built_once: tuple[Course, Course], tmp_path: Path, what: str) -> None:
    """It is named with the place; the others are there."""
    edit, message = HOSTILE[what]
    there = handed_out(edited(built_once[0], tmp_path, edit))
    assert ids(there) == ["b", "c"]
    ((name, why),) = there.refused.items()
    assert f"{name}: {why}".startswith(message)
    assert f"{name}: {why}".isprintable()


HOPELESS: dict[str, tuple[Edit, str]] = {
    "scheme": (_set("draw_scheme", to=99), "draw_scheme: draw scheme 99 is not known to this version"),
    "no number": (_set("draw_scheme", to=True), "draw_scheme: draw scheme True is not known to this version"),
    "seed": (_set("seed", to=8), "the seed is 8, and that of the identity is 7"),
    "students": (_set("students", to={}), "students is no list"),
    "sheet": (_set("sheet", "exercises", 0, "id", to=1), "sheet.exercises"),
    "topic": (
        lambda data: (
            data["sheet"]["exercises"][0].update(id="kl_normal"),
            [student["exercises"][0].update(id="kl_normal") for student in data["students"]],
        ),
        "there is no exercise 'kl_normal'; did you mean kl_normal_1d",
    ),
    "course": (_set("identity", "course", to="\x1b"), "identity.course"),
}


@pytest.mark.parametrize("what", HOPELESS)
def test_what_concerns_all_stops_all(built_once: tuple[Course, Course], tmp_path: Path, what: str) -> None:
    """An unknown scheme of draws, two seeds, a sheet that is none."""
    edit, message = HOPELESS[what]
    with pytest.raises(InputError) as raised:
        handed_out(edited(built_once[0], tmp_path, edit))
    assert message in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", "1", "[" * 100_000, '{"format": 2, "seed": NaN}', '{"format": 1}', "\xff"])
def test_no_manifest_at_all(tmp_path: Path, text: str) -> None:
    """One line each."""
    (tmp_path / MANIFEST).write_text(text, encoding="latin-1")
    with pytest.raises(ManifestError, match="is damaged"):
        handed_out(tmp_path / MANIFEST)


def test_solutions_makes_the_others_and_ends_with_code_1(built_once: tuple[Course, Course], tmp_path: Path) -> None:
    """The report names the student and why; --only for somebody else ends well."""
    path = edited(built_once[0], tmp_path, _set(*ANSWER, "exact", to="1/2"))
    out = tmp_path / "again"

    def solutions(*more: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["solutions", str(path), "--out", str(out), "--jobs", "1", *more])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    code, output = solutions()
    assert code == 1
    assert "failed: a: the record is not as it was written" in output
    assert "UNCHECKED" not in output
    assert sorted(file.name for file in out.rglob("*.pdf")) == ["b.en.pdf", "c.en.pdf"]
    assert solutions("--only", "b")[0] == 0
    code, output = solutions("--only", "a")
    assert code == 1 and "failed: a:" in output
    (tmp_path / FILE).unlink()
    assert solutions("--only", "b")[1].count("UNCHECKED: without the secret") == 1


def test_a_changed_answer_is_a_warning(
    built_once: tuple[Course, Course], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where today's solver says something else, or has no such answer any more."""
    from blattwerk.build.store import handed_out as module

    monkeypatch.setattr(module, "seal_mistake", lambda *_: "")

    def edit(data: Any) -> None:
        answers = [student["exercises"][0]["answers"] for student in data["students"]]
        answers[0][0]["decimal"] = "0.5"
        answers[1][0]["name"] = "other"
        answers[2][0] |= {"exact": "1/3", "decimal": "0.333333333333"}

    path = edited(built_once[0], tmp_path, edit)
    done = CliRunner().invoke(app, ["solutions", str(path), "--out", str(tmp_path / "again"), "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert done.output.count("warning: the answer has changed: ") == 3
    assert "b, kl_normal_1d, other: the manifest says" in done.output and "today nothing" in done.output


def test_only_keeps_the_others_checks(tmp_path: Path) -> None:
    """One student is built anew; the records of the others are the same to the last letter, and all are whole."""
    new_secret(tmp_path)
    course = Course(tmp_path)
    course.build()
    before = course.manifest()["students"]
    course.write(more=OVERRIDE.format(student="b"))
    course.build("--only", "b")
    after = course.manifest()["students"]
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1]["check"] != before[1]["check"]
    there = handed_out(course.out / MANIFEST)
    assert (ids(there), dict(there.refused), there.keyed) == (["a", "b", "c"], {}, True)


def test_records_from_the_cache_are_sealed_for_their_build(tmp_path: Path) -> None:
    """The cache holds records without a seal: another folder's name or order of the class changes nothing in it."""
    new_secret(tmp_path)
    course = Course(tmp_path)
    course.build()
    first = course.manifest()["students"]
    course.out = tmp_path / "again"
    course.build()
    assert course.manifest()["students"] == first
    assert all(len(student["check"]) == 64 for student in first)


def test_a_topic_with_other_files_is_named(
    built_once: tuple[Course, Course], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record knows the digest of the files that made it."""
    from blattwerk.build.order.catalogue import Topic

    path = edited(built_once[0], tmp_path, lambda data: None)
    monkeypatch.setattr(Topic, "digest", lambda *_: "0" * 64)
    (line,) = handed_out(path).changed_topics()
    assert line.endswith("kl_normal_1d (other files)")


def test_an_old_manifest_goes_on_as_a_new_one(tmp_path: Path) -> None:
    """Format 1 carried no checks: who was built then is named as unchecked, who is built today is checked."""
    new_secret(tmp_path)
    course = Course(tmp_path)
    course.build()
    data = course.manifest()
    for student in data["students"]:
        del student["digest"], student["check"]
        for one in student["exercises"]:
            one["topic"]["digest"] = "unknown"
    (course.out / MANIFEST).write_text(json.dumps(data))
    course.build("--only", "b")
    there = handed_out(course.out / MANIFEST)
    assert ids(there) == ["a", "b", "c"]
    assert list(there.unchecked()) == ["UNCHECKED: records without a check, from a manifest of format 1: a, c"]


@pytest.mark.parametrize(
    ("exact", "decimal", "same"),
    [
        ("log(7/2)", "1.25276296849537", True),  # the same number, written otherwise
        ("log(7) - log(2)", "1.252762968495", True),  # as it was, with the digits of format 1
        ("log(7/2)", "1.25276296849", True),
        ("log(7/2)", "1.25", False),  # too few digits to tell
        ("log(7/2)", "1.35276296849537", False),
        ("2**-35", "0E-12", False),  # no digit at all
    ],
)
def test_one_number_may_be_written_in_two_ways(exact: str, decimal: str, same: bool) -> None:
    """Another exact form is no other answer where the decimals tell that it is one number."""
    old = AnswerRecord(name="a", part="p", exact=exact, decimal=decimal)
    now = AnswerRecord(name="a", part="p", exact="log(7) - log(2)", decimal="1.25276296849537")
    assert same_value(old, now) == same
