"""Sheet files: every mistake is reported with its key and what is allowed."""

import json
import tomllib
from datetime import time
from pathlib import Path

import pytest

from blattwerk.build.order.sheet_file import SheetFile, checked_sheet, read_sheet
from blattwerk.errors import SheetFileError

GOOD = {"course": {"title": "ML"}, "sheet": {"title": "One"}, "exercises": [{"id": "kl_normal_1d"}]}
EXAMPLES = Path(__file__).parents[3] / "examples"


def mistakes(**changes: object) -> str:
    """The message for a good sheet with these changes."""
    with pytest.raises(SheetFileError) as caught:
        checked_sheet({**GOOD, **changes}, "sheet.toml")
    return str(caught.value)


def test_a_short_sheet_is_enough() -> None:
    """Two titles and an exercise; a string stands for both languages."""
    sheet = checked_sheet(GOOD, "sheet.toml")
    assert sheet.course.title.de == "ML"
    assert sheet.exercises[0].difficulty == "standard"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_examples_are_good(path: Path) -> None:
    """Every example sheet can be read."""
    assert read_sheet(path).exercises


def test_unknown_keys_come_with_the_allowed_ones() -> None:
    """In each table, and at the top."""
    assert "curse: unknown key; allowed here: course, sheet, tutors, exercises" in mistakes(curse={})
    assert "course.name: unknown key; allowed here: code, title, institution, term" in mistakes(
        course={"title": "ML", "name": "x"}
    )
    text = mistakes(exercises=[{"id": "kl_normal_1d", "point": 3}])
    assert "exercises[1].point: unknown key; allowed here: id, key, difficulty, points, without, hints" in text


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"difficulty": "harder"}, "exercises[1].difficulty: 'harder' is not allowed; allowed: easy, standard, hard"),
        (
            {"points": {"derive": 0.3}},
            "exercises[1].points.derive: points are multiples of 1/2 between 0.5 and 100 (given: 0.3)",
        ),
        ({"points": 12}, "exercises[1].points: 12 is not allowed; write the points of a part, such as points = { f"),
        ({"points": {"derive": "many"}}, "exercises[1].points.derive: 'many' is not allowed; write the points of a"),
        ({"points": {"derive": True}}, "exercises[1].points.derive: true is not allowed; write the points of a part"),
        ({"without": "zero"}, "exercises[1].without: 'zero' is not allowed; write the parts to be left out, such as"),
        ({"without": [1]}, "exercises[1].without[1]: 1 is not allowed; write the parts to be left out, such as"),
        ({"key": "A b"}, "exercises[1].key: 'A b' is not allowed; write small letters, digits, - and _, at most 64"),
        ({"id": 5}, 'exercises[1].id: 5 is not allowed; write the id of an exercise, such as id = "kl_histogram"'),
        ({"points": {"derive": -1}}, "points are multiples of 1/2"),
        (
            {"points": {"nothing": 1}},
            "'nothing' is no part of kl_normal_1d at the difficulty standard; allowed: derive",
        ),
        ({"without": ["x"]}, "exercises[1].without: 'x' is no part"),
        ({"without": ["derive", "forward", "backward", "zero"]}, "no part of kl_normal_1d is left"),
        ({"hints": "maybe"}, "exercises[1].hints: 'maybe' is not allowed; write true or false"),
        ({"id": "kl_normal"}, "there is no exercise 'kl_normal'; did you mean kl_normal_1d"),
    ],
)
def test_wrong_entries(entry: dict[str, object], message: str) -> None:
    """The entry's number, its key, and what is allowed."""
    assert message in mistakes(exercises=[{"id": "kl_normal_1d", **entry}])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exercises": []}, "exercises: an empty list is not allowed; write for each exercise a table, [[exercises]]"),
        ({"exercises": {"id": "x"}}, "exercises: a table is not allowed; write for each exercise a table, [[exercise"),
        ({"exercises": ["kl_normal_1d"]}, "exercises[1]: 'kl_normal_1d' is not allowed; write for each exercise a"),
        ({"course": "ML"}, "course: 'ML' is not allowed; write a table, [course], with title"),
        ({"course": {"title": 5}}, "course.title: 5 is not allowed; write a text in quotation marks, or one for each"),
        ({"course": {"title": "ML", "term": {"en": 1, "de": "x"}}}, "course.term.en: 1 is not allowed; write a text"),
        (
            {"course": {"title": {"en": "a", "de": "b", "fr": "c"}}},
            "course.title.fr: unknown key; allowed here: en, de",
        ),
        (
            {"course": {"title": "ML", "institution": "A\nB"}},
            "course.institution: the text 'A\\nB' holds a line break; write it on one line",
        ),
        (
            {"course": {"title": "ML", "term": "A\tB"}},
            "course.term: the text 'A\\tB' holds the character U+0009, which",
        ),
        ({"course": {"title": "ML", "code": "A\u2028B"}}, "course.code: the text 'A\\u2028B' holds a line break"),
        ({"tutors": [{"name": "A\rB"}]}, "tutors[1].name: the text 'A\\rB' holds a line break"),
        ({"exercises": [{"id": "kl_normal_1d"}] * 2}, "exercises[2].id: 'kl_normal_1d' stands on the sheet already"),
        ({"sheet": {}}, "sheet.title: missing; write a text in quotation marks"),
        ({"sheet": {"title": {"en": "x"}}}, "sheet.title.de: missing"),
        ({"sheet": {"title": "a\u202eb"}}, "U+202E"),
        ({"sheet": {"title": "x" * 301}}, "longer than 300 characters"),
        ({"sheet": {"title": "x", "number": True}}, "sheet.number: true is not allowed; write a whole number from 0"),
        ({"sheet": {"title": "x", "number": 1000}}, "sheet.number: 1000 is not allowed; write a whole number from 0"),
        ({"sheet": {"title": "x", "print_id": 1}}, "sheet.print_id: 1 is not allowed; write true or false"),
        (
            {"sheet": {"title": "x", "deadline": "soon"}},
            "sheet.deadline: 'soon' is not allowed; write a date with a time, 2027-01-15T10:00:00, or without, 2027-01",
        ),
        ({"sheet": {"title": "x", "deadline": 5}}, "sheet.deadline: 5 is not allowed; write a date with a time"),
        ({"sheet": {"title": "x", "deadline": time(10)}}, "sheet.deadline: 10:00:00 is not allowed; write a date with"),
        ({"tutors": [{"name": "A", "email": "a b"}]}, "tutors[1].email: 'a b' is not allowed; write an address, such"),
        ({"overrides": [{"student": "a", "exercise": "elbo"}]}, "overrides[1].exercise: 'elbo' does not stand on this"),
    ],
)
def test_wrong_tables(changes: dict[str, object], message: str) -> None:
    """Missing and unusable values."""
    assert message in mistakes(**changes)


def test_all_mistakes_are_reported_at_once() -> None:
    """One line each."""
    text = mistakes(course={}, sheet={"title": "x", "numbr": 1}, tutors=[{}])
    assert "has 3 mistakes" in text
    assert len(text.splitlines()) == 4


def test_mistakes_of_all_kinds_come_in_the_first_round() -> None:
    """Wrong kinds do not hide mistyped names, and nothing is said that is only a consequence of something else."""
    text = mistakes(
        course={"titel": "ML"},
        sheet={"title": "x", "deadline": 5},
        exercises=[
            {"id": "kl_histogramm"},
            {"id": "kl_normal_1d", "points": {"forwrd": 2, "backward": 0.3}, "hints": "maybe"},
            {"id": "elbo", "difficulty": "harder", "without": ["nothing"], "point": 3},
            {"id": "vae", "points": 12},
        ],
        overrides=[{"student": "a", "exercise": "kl_histogram"}, {"student": "a", "exercise": "nothing"}],
    )
    told = [line.strip().split(": ")[0] for line in text.splitlines()[1:]]
    assert sorted(told) == [
        "course.titel",
        "exercises[1].id",
        "exercises[2].hints",
        "exercises[2].points",
        "exercises[2].points.backward",
        "exercises[3].difficulty",
        "exercises[3].point",
        "exercises[3].without",
        "exercises[4].points",
        "overrides[2].exercise",
        "sheet.deadline",
    ]
    assert "course.titel: unknown key; allowed here: code, title, institution, term; did you mean title?" in text
    assert "exercises[2].points: 'forwrd' is no part of kl_normal_1d at the difficulty standard; allowed: " in text
    assert "exercises[3].without: 'nothing' is no part of elbo; allowed: " in text


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    file = tmp_path / "sheet.toml"
    file.write_bytes(b"\xef\xbb\xbf" + (EXAMPLES / "quiz.toml").read_bytes())
    assert read_sheet(file) == read_sheet(EXAMPLES / "quiz.toml")


@pytest.mark.parametrize("written", ["2027-01-15", "2027-01-15T10:00:00", "2027-01-15T10:00:00+01:00"])
def test_a_deadline_is_a_day_or_a_time(written: str) -> None:
    """As TOML has it, and after its way through the manifest."""
    (value,) = tomllib.loads(f"x = {written}").values()
    sheet = checked_sheet({**GOOD, "sheet": {"title": "One", "deadline": value}}, "sheet.toml")
    assert sheet.sheet.deadline == value and type(sheet.sheet.deadline) is type(value)
    assert SheetFile.model_validate(json.loads(sheet.model_dump_json())) == sheet


def test_broken_files_are_named(tmp_path: Path) -> None:
    """Not there, not TOML, not UTF-8."""
    file = tmp_path / "sheet.toml"
    with pytest.raises(SheetFileError, match=r"sheet.toml cannot be read: No such file"):
        read_sheet(file)
    file.write_text("[course\n")
    with pytest.raises(SheetFileError, match=r"is not TOML: .*line 1"):
        read_sheet(file)
    file.write_bytes(b'x = "\xff"')
    with pytest.raises(SheetFileError, match="is not UTF-8"):
        read_sheet(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"a = {'9' * 5000}", "holds a number of thousands of digits"),
        (f"[sheet]\nnumber = {'9' * 4000}", r"sheet.number: a number of more than 18 digits"),
        (
            f"[[exercises]]\npoints = {{ a = 0x{'f' * 5000} }}",
            r"exercises\[1\].points.a: a number of more than 18 digits",
        ),
        (f"a = {'[' * 2000}{']' * 2000}", "holds brackets in brackets, far too many"),
        (f"{'a.' * 2000}a = 1", "a.a.a: tables in tables, far too many"),
    ],
    ids=["number", "long number", "hexadecimal", "brackets", "dots"],
)
def test_absurd_files_get_a_line(tmp_path: Path, content: str, message: str) -> None:
    """Python's own limits are no traceback."""
    file = tmp_path / "sheet.toml"
    file.write_text(content)
    with pytest.raises(SheetFileError, match=message) as caught:
        read_sheet(file)
    assert len(str(caught.value)) < 300


def test_a_byte_order_mark_is_no_part_of_the_sheet(tmp_path: Path) -> None:
    """Windows' editors write one."""
    file = tmp_path / "sheet.toml"
    file.write_text('\ufeff[course]\ntitle="ML"\n[sheet]\ntitle="S"\n[[exercises]]\nid="kl_normal_1d"\n', "utf-8")
    assert read_sheet(file).course.title.en == "ML"
