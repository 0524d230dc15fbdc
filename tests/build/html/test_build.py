"""HTML beside each PDF of a build, by the normal stages: written, recorded, kept; a mistake stops its sheet kindly."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from blattwerk.build.codec import digest
from blattwerk.build.html import html_pages
from blattwerk.build.job import KINDS
from blattwerk.build.numbers import draw
from blattwerk.build.order.beside import files_beside
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import order
from blattwerk.build.order.sheet_file import SheetFile, checked_sheet, read_sheet
from blattwerk.build.page.printing import Printed, printed
from blattwerk.build.proof.prove import proven
from blattwerk.build.store.cache import Cache
from blattwerk.errors import TemplateFailure
from tests.build import own_sheet
from tests.build.classes import built, contents, german
from tests.build.html.content import parsed

SHEET = checked_sheet(
    {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": "kl_normal_1d"}]}, "sheet"
)


def printed_for(sheet: SheetFile, student: Student, folder: Path | None = None) -> Printed:
    """One student's sheets of all kinds, without a run of TeX."""
    files = files_beside(sheet, folder) if folder else {}
    (one,) = order(sheet, [student], 7, ("en", "de"), kinds=KINDS, html=True, files=files)
    return printed(proven(draw(one), {}))


def test_a_page_lies_beside_each_pdf_and_in_the_record(tmp_path: Path) -> None:
    """With its digest; from the cache too, and without the option there is none."""
    cache, asked = Cache(tmp_path / "cache"), german(SHEET, "a", html=True)
    report, records = built(asked, tmp_path / "out", cache=cache)
    assert not report.failures
    (record,) = records
    first = contents(tmp_path / "out")
    for kind in ("questions", "solutions"):
        path = f"{kind}/a.de.html"
        assert f"{kind}/a.de.pdf" in first
        assert record.files[path] == digest(first[path])
        assert tmp_path / "out" / path in report.written
        parsed(first[path].decode())
    built(asked, tmp_path / "again", cache=cache)
    assert contents(tmp_path / "again") == first
    built(tuple(replace(one, html=False) for one in asked), tmp_path / "without", cache=cache)
    assert sorted(contents(tmp_path / "without")) == ["questions/a.de.pdf", "solutions/a.de.pdf"]


def test_what_people_type_is_text() -> None:
    """A name, and a course's title."""
    name = "<script>alert('x')</script> & Zoë {^_\\frac} -- \"so\""
    sheet = SHEET.model_copy(update={"course": SHEET.course.model_copy(update={"code": "S <b> &"})})
    for page in html_pages(printed_for(sheet, Student("s1", name=name))).values():
        root, text = parsed(page.decode()), page.decode()
        assert "<script" not in text
        shown = "".join(root.itertext())
        assert name.replace("'", "’") in shown  # as on paper
        assert "S <b> &" in shown


def test_a_name_from_right_to_left_stands_by_itself() -> None:
    """It does not turn around what stands beside it."""
    (page, *_) = html_pages(printed_for(SHEET, Student("s1", name="نور الدين"))).values()
    assert "<bdi>نور الدين</bdi>" in page.decode()


def test_what_a_lecturer_adds_stands_in_html_too(tmp_path: Path) -> None:
    """Texts, exercises by hand, the table of points, the logo, the line at the foot."""
    file = own_sheet.write(tmp_path, tex="Prove $7^2 = 49$. % and more\n\\begin{itemize}\\item so\\end{itemize}")
    pages = html_pages(printed_for(read_sheet(file), Student("s1"), tmp_path))
    question = pages["questions/s1.en.html"].decode()
    assert "<strong>chapter 2</strong>" in question
    assert "Room 7 &amp; 8" in question
    assert "In your own words" in question
    assert "<msup><mn>7</mn><mn>2</mn></msup>" in question
    assert 'src="data:image/svg+xml;base64,' in question
    assert '<th scope="row"' in question and '<th scope="col"' in question
    assert "all of it" in pages["marking/s1.de.html"].decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("\\fancy{x}", "the macro \\fancy is unknown to HTML"),
        ("$\\fract{1}{2}$", "the macro \\fract is unknown to HTML; perhaps \\frac is meant"),
        ("\\begin{tikzpicture}\\end{tikzpicture}", "the environment 'tikzpicture' is unknown to HTML in text"),
        ("$\\emph{x}$", "the macro \\emph cannot stand within a formula"),
        ("$a^2^3$", "two scripts ^ stand behind the same sign"),
        ("\\(\\left( x\\)", "\\) ends a formula here, in which something is still open"),
        ("{" * 80 + "}" * 80, "groups lie within each other more than"),
        ("\\href{javascript:alert(1)}{x}", "a link goes to mailto:, http:// or https://"),
    ],
)
def test_what_html_does_not_know_is_named_with_its_line(tmp_path: Path, wrong: str, said: str) -> None:
    """And never left out."""
    file = own_sheet.write(tmp_path, tex=f"All well.\n\n{wrong}")
    with pytest.raises(TemplateFailure) as caught:
        html_pages(printed_for(read_sheet(file), Student("s1"), tmp_path))
    assert said in str(caught.value)
    assert "own/square.tex:3" in str(caught.value)


def test_a_mistake_stops_the_html_of_its_sheet_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The PDFs are there and recorded, no page is, the failure is told; and it is told again by the next build."""
    from blattwerk.build import make

    def broken(one: Printed) -> dict[str, bytes]:
        if one.proven.order.student.id == "b":
            raise TemplateFailure("topic x, x.tex.j2:7: the macro \\x is unknown to HTML")
        return html_pages(one)

    monkeypatch.setattr(make, "html_pages", broken)
    cache = Cache(tmp_path / "cache")
    for _ in range(2):
        report, records = built(german(SHEET, "a", "b", html=True), tmp_path / "out", cache=cache)
        assert [record.id for record in records] == ["a", "b"]
        assert list(report.failures) == ["b"]
        assert "x.tex.j2:7" in report.failures["b"] and "the PDFs are there, the HTML is not" in report.failures["b"]
        assert sorted(path.name for path in (tmp_path / "out").glob("*/b.*")) == ["b.de.pdf", "b.de.pdf"]
        assert sorted(records[1].files) == ["questions/b.de.pdf", "solutions/b.de.pdf"]


def test_the_same_order_is_the_same_page() -> None:
    """To the byte, its figures too."""
    sheet = checked_sheet(
        {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": "kl_histogram"}]}, "sheet"
    )
    one = html_pages(printed_for(sheet, Student("s1")))
    assert one == html_pages(printed_for(sheet, Student("s1")))
    assert all(re.search(rb"<svg[^>]*aria-label=\"[^\"]{20}", page) for page in one.values())
