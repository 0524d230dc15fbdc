"""The header: what stands there, and what does not."""

import unicodedata
from datetime import date, datetime

import pytest

from blattwerk.build.order.class_list import Student, single_student
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.page.header import breakable, sheet_view
from blattwerk.vocabulary.language import Lang


def facts(student: Student, lang: Lang = "en", **sheet: object) -> dict[str, str]:
    """The lines of the header."""
    data = {"course": {"title": "ML"}, "sheet": {"title": "One", **sheet}, "exercises": [{"id": "elbo"}]}
    view = sheet_view(checked_sheet(data, "sheet"), student, "CODE-CODE", (), lang, "questions")
    return dict(view.facts)


@pytest.mark.parametrize(
    ("deadline", "lang", "printed"),
    [
        (date(2027, 1, 15), "en", "Friday, 15 January 2027"),
        (date(2027, 1, 15), "de", "Freitag, 15. Januar 2027"),
        (datetime(2027, 1, 15, 10), "en", "Friday, 15 January 2027, 10:00"),
        (datetime(2027, 1, 15, 10), "de", "Freitag, 15. Januar 2027, 10:00 Uhr"),
    ],
)
def test_a_deadline_has_a_time_where_the_sheet_file_has_one(deadline: date, lang: Lang, printed: str) -> None:
    """In both languages."""
    lines = facts(Student("s1"), lang, deadline=deadline)
    assert lines["Due" if lang == "en" else "Abgabefrist"] == printed


def test_a_sheet_for_nobody_names_nobody() -> None:
    """Neither the seed nor a line for it; a student is named."""
    assert "For" not in facts(single_student(7))
    assert facts(Student("s1", "Ada"))["For"] == "Ada (s1)"


@pytest.mark.parametrize("word", ["می\u200c" * 30 + "ن", "क्\u200dष" * 20, "e\u0301" * 60, "a" * 41, "👨\u200d👧" * 15])
def test_a_long_word_is_broken_beside_its_joiners_and_marks(word: str) -> None:
    """A joiner alone in its piece could not be printed."""
    pieces = str(breakable(word)).split("\\allowbreak{}")
    assert "".join(pieces) == unicodedata.normalize("NFC", word)
    assert len(pieces) > 1 and max(map(len, pieces)) < 30
