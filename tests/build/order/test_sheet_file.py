"""Sheet files: every mistake is reported with its key and what is allowed."""

from pathlib import Path

import pytest

from blattwerk.build.order.sheet_file import checked_sheet, read_sheet
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
        ({"points": {"derive": 0.3}}, "points are multiples of 1/2"),
        ({"points": {"derive": -1}}, "points are multiples of 1/2"),
        (
            {"points": {"nothing": 1}},
            "'nothing' is no part of kl_normal_1d at the difficulty standard; allowed: derive",
        ),
        ({"without": ["x"]}, "exercises[1].without: 'x' is no part"),
        ({"without": ["derive", "forward", "backward", "zero"]}, "no part of kl_normal_1d is left"),
        ({"hints": "maybe"}, "exercises[1].hints: input should be a valid boolean"),
        ({"id": "kl_normal"}, "there is no exercise 'kl_normal'; did you mean kl_normal_1d"),
    ],
)
def test_wrong_entries(entry: dict[str, object], message: str) -> None:
    """The entry's number, its key, and what is allowed."""
    assert message in mistakes(exercises=[{"id": "kl_normal_1d", **entry}])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exercises": []}, "exercises: tuple should have at least 1 item"),
        ({"exercises": [{"id": "kl_normal_1d"}] * 2}, "exercises[2].id: 'kl_normal_1d' stands on the sheet already"),
        ({"sheet": {}}, "sheet.title: missing"),
        ({"sheet": {"title": {"en": "x"}}}, "sheet.title.de: missing"),
        ({"sheet": {"title": "a\u202eb"}}, "U+202E"),
        ({"sheet": {"title": "x" * 301}}, "longer than 300 characters"),
        ({"sheet": {"title": "x", "deadline": "soon"}}, "sheet.deadline"),
        ({"tutors": [{"name": "A", "email": "a b"}]}, "tutors[1].email: string should match pattern"),
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
