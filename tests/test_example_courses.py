"""The example courses: read, drawn, proven and printed; the German one typeset."""

from pathlib import Path

import pytest

from blattwerk.build.drawing.pictures import pictures
from blattwerk.build.numbers import draw
from blattwerk.build.order.beside import files_beside
from blattwerk.build.order.class_list import read_students
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.sheet_file import read_sheet
from blattwerk.build.page.escape import escape
from blattwerk.build.page.printing import printed
from blattwerk.build.press.press import Pressed, press
from blattwerk.build.proof.prove import proven

EXAMPLES = Path(__file__).parents[1] / "examples"
COURSES = {"course-de": ("blatt-3.toml", "klasse.csv"), "course-us": ("problem-set-2.toml", "roster.csv")}


def orders(course: str) -> tuple[Ordered, ...]:
    """The orders of an example's class."""
    folder = EXAMPLES / course
    sheet = read_sheet(folder / COURSES[course][0])
    students = read_students(folder / COURSES[course][1]).students
    return order(sheet, students, 3, ("en", "de"), secret=b"secret", files=files_beside(sheet, folder))


def test_the_german_course_has_all_that_is_promised() -> None:
    """Letterhead, own text, own exercises, other wording, given numbers, table of points."""
    first = orders("course-de")[0]
    body = printed(proven(draw(first), {})).sheets["questions/s1001.de.pdf"].body
    for said in ("\\letterhead{own-", "\\begin{pointstable}", "Jensensche", "wie in Aufgabe 1", "\\begin{owntex}"):
        assert said in body
    assert draw(first).exercises[2].params == draw(orders("course-de")[3]).exercises[2].params
    assert draw(first).exercises[0].params != draw(first).exercises[1].params


def test_the_us_course_speaks_as_there() -> None:
    """Dates, words and paper; a cover; each student another order."""
    all_orders = orders("course-us")
    assert len({one.sequence for one in all_orders}) == 3
    sheets = printed(proven(draw(all_orders[2]), {})).sheets
    body = sheets["questions/u03.en.pdf"].body
    for said in (
        escape("Thursday, February 11, 2027, 11:59 PM"),
        "Submit",
        "Score",
        "{215.9mm}{279.4mm}",
        "\\clearpage",
    ):
        assert said in body
    assert sheets["questions/u03.en.pdf"].tag == "en-US"


@pytest.mark.parametrize("course", COURSES)
def test_nothing_sticks_out(course: str) -> None:
    """The student with the longest name: all PDFs."""
    one = max(orders(course), key=lambda one: len(one.student.name))
    assert len(one.student.name) > 40
    sheets = printed(proven(draw(one), {})).sheets
    drawn = pictures({name: figure for sheet in sheets.values() for name, figure in sheet.figures.items()})
    made = press(sheets, {name: content for name, content in drawn.items() if isinstance(content, bytes)})
    for path, result in made.items():
        assert isinstance(result, Pressed), f"{path}: {result}"
        assert not result.overfull
