"""A course file holds what sheets share; mistakes are told with file and line."""

from pathlib import Path

import pytest

from blattwerk.build.order.sheet_file import read_sheet
from blattwerk.build.order.toml_lines import line_of, lines_of
from blattwerk.errors import SheetFileError

COURSE = """[course]
title = "ML"
code = "ML-1"

[page]
paper = "letter"
accent = "#004862"

[sheet]
hand_in = "in pairs"

[[tutors]]
name = "A"
"""
SHEET = """[sheet]
title = "One"
[page]
paper = "a5"
[[exercises]]
id = "softmax"
"""


def folder(tmp_path: Path, sheet: str = SHEET, course: str = COURSE) -> Path:
    """A sheet beside its course file."""
    (tmp_path / "course.toml").write_text(course, "utf-8")
    (tmp_path / "sheet.toml").write_text(sheet, "utf-8")
    return tmp_path / "sheet.toml"


def test_a_sheet_holds_only_what_is_its_own(tmp_path: Path) -> None:
    """Key by key; where both say something, the sheet's word holds."""
    sheet = read_sheet(folder(tmp_path))
    assert (sheet.course.code, sheet.sheet.title.en, sheet.sheet.hand_in.de) == ("ML-1", "One", "in pairs")
    assert (sheet.page.paper, sheet.page.accent, sheet.tutors[0].name) == ("a5", "#004862", "A")


def test_mistakes_name_file_and_line(tmp_path: Path) -> None:
    """Those of the course file are not told as the sheet's."""
    file = folder(tmp_path, SHEET.replace('"softmax"', '"softmx"'), COURSE.replace("#004862", "#FFEE00"))
    with pytest.raises(SheetFileError) as caught:
        read_sheet(file)
    assert "  line 6: exercises[1].id: there is no exercise 'softmx'" in str(caught.value)
    assert "  course.toml, line 7: page.accent: #FFEE00 is too light" in str(caught.value)


def test_what_belongs_to_one_sheet_is_refused_there(tmp_path: Path) -> None:
    """Exercises and overrides; and keys that nobody knows."""
    file = folder(tmp_path, course=COURSE + '\n[[exercises]]\nid = "softmax"\n[colour]\n')
    with pytest.raises(
        SheetFileError, match=r"course\.toml has 2 mistakes:\n  line 15: exercises: belongs to one sheet"
    ):
        read_sheet(file)


def test_lines_are_found_behind_texts_of_many_lines() -> None:
    """Tables in tables and quoted lines count rightly."""
    text = '[[a]]\nb = """\n[[a]]\nc = 1\n"""\n[[a.d]]\ne = 1\n[[a.d]]\ne = 2\n[[a]]\nb = 1\n'
    lines = lines_of(text)
    assert (lines["a", 0], lines["a", 0, "d", 1, "e"], lines["a", 1, "b"]) == (1, 9, 11)
    assert line_of(text, ("a", 0, "d", 1, "nothing")) == 8
    assert line_of(text, ("z",)) == 0
