"""An exam: cover page, room for answers, pages with a code that a scanner reads, an empty page at the end."""

from typing import Any

import numpy as np
import pymupdf
import pytest
import zxingcpp

from blattwerk.build.numbers import draw
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.page.printing import Printed, printed
from blattwerk.build.press.page_codes import page_code, read_page_code
from blattwerk.build.press.press import Pressed, press
from blattwerk.build.proof.prove import proven
from blattwerk.errors import SheetFileError

OWN = {
    "key": "own",
    "title": "Words",
    "parts": [{"question": "Why?", "solution": "So.", "points": 2, "space": 31}],
}


def ordered(exam: dict[str, Any], students: tuple[str, ...] = ("a",), **page: str) -> tuple[Ordered, ...]:
    """An exam of two exercises, one of them by hand."""
    sheet = {
        "course": {"title": "ML"},
        "sheet": {"title": {"en": "Exam", "de": "Klausur"}},
        "page": page,
        "exam": exam,
        "exercises": [{"id": "kl_normal_1d", "space": {"zero": 0}}, OWN],
    }
    return order(checked_sheet(sheet, "exam"), tuple(map(Student, students)), 7, ("en", "de"), secret=b"secret")


def on_page(one: Ordered) -> Printed:
    """Drawn, proven and printed."""
    return printed(proven(draw(one), {}))


def test_what_stands_on_the_question_sheet_alone() -> None:
    """Fields, duration, aids, room by points or by height, the empty page; nothing of it in the solution."""
    (one,) = ordered({"duration": 90, "aids": {"en": "none", "de": "keine"}, "space": "squares", "per_point": 10})
    sheets = on_page(one).sheets
    body = sheets["questions/a.de.pdf"].body
    assert "\\sheetpageof{Seite}{von}" in body and "\\examlastpage{" in body
    assert "\\examfield{Name}\\examfield{Matrikelnummer}\\examfield{Unterschrift}" in body
    assert "90~Minuten" in body and "keine" in body
    points = [placed.points for placed in draw(one).exercises[0].parts]
    rooms = [f"\\answersquares{{{10 * float(each):.1f}mm}}" for each in points[:-1]] + ["\\answersquares{31.0mm}"]
    assert [line for line in body.splitlines() if line.startswith("\\answer")] == rooms
    solution = sheets["solutions/a.de.pdf"].body
    assert not any(word in solution for word in ("\\answer", "exam", "Minuten", "sheetpageof"))
    assert sheets["questions/a.de.pdf"].code == one.code and not sheets["solutions/a.de.pdf"].code


@pytest.mark.parametrize(("space", "paper"), [("lines", "a4"), ("squares", "letter"), ("box", "a5"), ("blank", "a4")])
def test_every_page_bears_its_code_and_number(space: str, paper: str) -> None:
    """Two students in one run: the codes, read as a scanner reads them at 200 dpi, and 'page x of y'."""
    orders = ordered({"space": space}, ("a", "b"), paper=paper)
    sheets = {
        f"questions/{one.student.id}.en.pdf": on_page(one).sheets[f"questions/{one.student.id}.en.pdf"]
        for one in orders
    }
    made = press(sheets, {})
    for one in orders:
        pressed = made[f"questions/{one.student.id}.en.pdf"]
        assert isinstance(pressed, Pressed) and not pressed.overfull
        with pymupdf.open(stream=pressed.pdf) as pdf:
            assert len(pdf) >= 3
            for number, page in enumerate(pdf, 1):
                picture = page.get_pixmap(dpi=200)
                grey = np.frombuffer(picture.samples, np.uint8).reshape(picture.height, picture.width, picture.n)
                (found,) = zxingcpp.read_barcodes(np.ascontiguousarray(grey[:, :, 0]))
                assert read_page_code(found.text) == (one.code, number)
                assert f"Page {number} of {len(pdf)}" in page.get_text()
            assert "Signature" in pdf[0].get_text() and "Exercise 1" not in pdf[0].get_text()
            assert "More room" in pdf[-1].get_text() and "Exercise" not in pdf[-1].get_text()


@pytest.mark.parametrize("page", [1, 12])
def test_a_code_read_wrongly_is_refused(page: int) -> None:
    """The check sum notices an exchanged sign; any other code is none of ours."""
    said = page_code("AB12-CD34", page)
    assert read_page_code(said) == ("AB12-CD34", page)
    with pytest.raises(ValueError, match=r"check sum .* is wrong; scan the page again"):
        read_page_code(said.replace("B1", "81"))
    with pytest.raises(ValueError, match="is no code of a page"):
        read_page_code("https://example.org")


def test_room_never_exceeds_a_page() -> None:
    """A part of many points on small paper gets what a page has beside the question."""
    (one,) = ordered({"per_point": 100}, paper="a5")
    body = on_page(one).sheets["questions/a.en.pdf"].body
    heights = [float(line[13:-3]) for line in body.splitlines() if line.startswith("\\answerlines")]
    assert max(heights) < 200


def test_mistakes_are_told() -> None:
    """Two columns, an unknown kind of room, a part that is not there."""
    with pytest.raises(SheetFileError, match="an exam has room for answers, and one column"):
        ordered({}, columns=2)  # type: ignore[arg-type]  # TOML's own number
    with pytest.raises(SheetFileError, match=r"lines.*squares.*box.*blank"):
        ordered({"space": "circles"})
    bad = {
        "course": {"title": "M"},
        "sheet": {"title": "S"},
        "exam": {},
        "exercises": [{"id": "softmax", "space": {"no": 9}}],
    }
    with pytest.raises(SheetFileError, match="'no' is no part of softmax"):
        checked_sheet(bad, "exam")
