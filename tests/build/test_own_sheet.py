"""What a lecturer adds to a sheet, from the file to the page, and back from the record."""

import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pikepdf
import pytest

from blattwerk.build.numbers import draw
from blattwerk.build.order.beside import FOLDER, files_beside, kept_files
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.sheet_file import checked_sheet, read_sheet
from blattwerk.build.page.printing import Printed, place_in_templates, printed
from blattwerk.build.press.press import Pressed, press
from blattwerk.build.proof.prove import proven
from blattwerk.build.store.kept_pages import keep_own_files
from blattwerk.build.store.manifest import order_again
from blattwerk.errors import InputError, TexFailure
from tests.build.classes import built, manifest
from tests.build.own_sheet import SHEET, TEX, write


def ordered(
    folder: Path, sheet: str = SHEET, tex: str = TEX, students: tuple[str, ...] = ("a",)
) -> tuple[Ordered, ...]:
    """The orders of some students in both languages."""
    file = read_sheet(write(folder, sheet, tex))
    files = files_beside(file, folder)
    return order(file, tuple(map(Student, students)), 7, ("en", "de"), secret=b"secret", files=files)


def on_page(one: Ordered) -> Printed:
    """Drawn, proven and printed."""
    return printed(proven(draw(one), {}))


def test_everything_stands_in_its_place(tmp_path: Path) -> None:
    """Texts before what they are said to stand before, one number after another, points, table, and other wording."""
    (one,) = ordered(tmp_path)
    body = on_page(one).sheets["questions/a.de.pdf"].body
    order_on_page = (
        "Lesen Sie zuerst \\textbf{Kapitel 2}",
        "\\exercise{Aufgabe 1}",
        "\\newsheetpage",
        "\\exercise{Aufgabe 2}",
        "Wie lautet \\(p\\)?",
        "Only \\(x^2\\) matters",
        "\\exercise{Aufgabe 3}{In eigenen Worten}{\\(5{,}5\\)~Zusatzpunkte}".replace("\\(5{,}5\\)", "5{,}5"),
        "Warum?",
    )
    places = [body.index(text) for text in order_on_page]
    assert places == sorted(places)
    assert "\\sheetfooter{Room 7 \\& 8}" in body
    assert "\\pointscell{\\(22 + 5{,}5\\)}" in body
    solution = on_page(one).sheets["solutions/a.en.pdf"].body
    assert "Because." in solution and "Read" not in solution and "pointstable" not in solution
    assert "\\parthead{a)}{Why?}" in solution  # short enough to be told again


def test_given_numbers_are_those_of_the_sheet(tmp_path: Path) -> None:
    """0.1 is a tenth; they are proven like drawn ones, and the second entry of the topic draws its own."""
    (one,) = ordered(tmp_path)
    first, second = draw(one).exercises
    assert (first.params.n, first.params.odds, first.params.rate) == (3, (7, 28, 17), Fraction(1, 10))
    assert first.params != second.params
    assert proven(draw(one), {}).exercises[0].proof.oracles


def test_a_second_entry_changes_nothing_of_the_first(tmp_path: Path) -> None:
    """Its key alone names its draws, whatever else is on the sheet."""
    alone = checked_sheet(
        {"course": {"title": "M"}, "sheet": {"title": "S"}, "exercises": [{"id": "softmax", "key": "softmax-2"}]}, "s"
    )
    (by_itself,) = order(alone, (Student("a"),), 7, ("en",), secret=b"secret")
    (one,) = ordered(tmp_path)
    assert draw(by_itself).exercises[0].params == draw(one).exercises[1].params


def test_the_record_brings_it_all_back(tmp_path: Path) -> None:
    """Copies lie in the folder of the build; the solutions are made with them, and say of own exercises: not proven."""
    orders = ordered(tmp_path / "course")
    report, records = built(orders, tmp_path / "out")
    assert not report.failures and not report.overfull
    sheet = orders[0].sheet
    keep_own_files(sheet, orders[0].files, tmp_path / "out")
    assert not records[0].own[0].proven
    assert records[0].own[0].points == {"a": "3/2", "b": "4"}
    whole = manifest(sheet, records)
    (again,) = order_again(whole, files=kept_files(whole.sheet, tmp_path / "out"))
    (before,) = orders
    same = on_page(before).sheets["solutions/a.de.pdf"].body
    assert on_page(again).sheets["solutions/a.de.pdf"].body == same
    copy = next((tmp_path / "out" / FOLDER).glob("*.tex"))
    copy.write_text("something else")
    with pytest.raises(InputError, match=r"own/square.tex"):
        kept_files(whole.sheet, tmp_path / "out")


def test_what_own_tex_defines_reaches_no_other_sheet(tmp_path: Path) -> None:
    """It has a run of TeX to itself; and on its own sheet, our commands come back behind it."""
    printed_sheets = on_page(ordered(tmp_path)[0]).sheets
    assert all(sheet.alone for sheet in printed_sheets.values())
    body = printed_sheets["questions/a.en.pdf"].body.replace(
        "\\end{sheet}", "\\exercise{X}{Y}{Z} W\\points{4~P.}\\end{sheet}"
    )
    made = press({"questions/a.en.pdf": replace(printed_sheets["questions/a.en.pdf"], body=body)}, {})
    (result,) = made.values()
    assert isinstance(result, Pressed)
    text = text_of(result.pdf)
    assert "BROKEN" not in text
    assert "49. (4 P.) X Y Z W (4 P.)" in text


def text_of(pdf: bytes) -> str:
    """The words of a PDF."""
    import pymupdf

    with pymupdf.open(stream=pdf) as document:
        return " ".join(" ".join(page.get_text().split()) for page in document)


def test_a_mistake_in_own_tex_is_told_by_file_and_line(tmp_path: Path) -> None:
    """So is one in Markdown's mathematics."""
    one = on_page(ordered(tmp_path, tex="fine\n\n\\nosuchcommand")[0])
    path = "questions/a.en.pdf"
    failure = press({path: one.sheets[path]}, {})[path]
    assert isinstance(failure, TexFailure)
    assert "own/square.tex:3" in str(place_in_templates(one, path, failure))
    one = on_page(ordered(tmp_path, SHEET.replace('en = "Why?"', 'en = "Why $\\\\nosuch$?"'))[0])
    failure = press({path: one.sheets[path]}, {})[path]
    assert isinstance(failure, TexFailure)
    assert "exercise 'essay', part a, in the sheet file:1" in str(place_in_templates(one, path, failure))


@pytest.mark.parametrize(
    ("look", "size"),
    [
        ('paper = "a4"', (595.3, 841.9)),
        ('paper = "a5"', (419.5, 595.3)),
        ('paper = "letter"', (612, 792)),
        ("columns = 2", (595.3, 841.9)),
    ],
)
def test_paper_has_its_size(tmp_path: Path, look: str, size: tuple[float, float]) -> None:
    """All pages, and nothing sticks out; the sheet after it in the same run has its own paper again."""
    plain = SHEET[: SHEET.index('[[exercises]]\nkey = "essay"')].replace(
        '[[text]]\nbefore = "essay"\nbody = "Only $x^2$ matters here."', ""
    )
    first = on_page(ordered(tmp_path / "a", plain.replace("[page]", f"[page]\n{look}"))[0]).sheets["questions/a.en.pdf"]
    second = on_page(ordered(tmp_path / "b", plain)[0]).sheets["questions/a.de.pdf"]
    made = press({"questions/a.en.pdf": first, "questions/b.de.pdf": second}, {})
    for path, wanted in (("questions/a.en.pdf", size), ("questions/b.de.pdf", (595.3, 841.9))):
        result = made[path]
        assert isinstance(result, Pressed) and not result.overfull
        with pikepdf.open(io.BytesIO(result.pdf)) as document:
            assert len(document.pages) == 2
            for page in document.pages:
                assert [float(side) for side in page.mediabox][2:] == pytest.approx(wanted, abs=0.6)


def test_each_student_has_another_order(tmp_path: Path) -> None:
    """Keyed with the secret; bonus comes last; the record knows it, and numbers do not depend on it."""
    sheet = SHEET.replace("number = 1", "number = 1\nshuffle = true")
    orders = ordered(tmp_path, sheet, students=tuple("abcdefgh"))
    assert {one.sequence for one in orders} == {("softmax", "softmax-2", "essay"), ("softmax-2", "softmax", "essay")}
    other = order(orders[0].sheet, [Student(name) for name in "abcdefgh"], 7, ("en",), secret=b"another")
    assert [one.sequence for one in other] != [one.sequence for one in orders]
    one = next(one for one in orders if one.sequence[0] == "softmax-2")
    body = on_page(one).sheets["questions/" + one.student.id + ".en.pdf"].body
    assert body.index("What is \\(p\\)?") < body.index("\\exercise{Exercise 2}")
    (usual,) = (o for o in ordered(tmp_path, students=(one.student.id,)))
    assert [e.params for e in draw(one).exercises] == [e.params for e in draw(usual).exercises]
