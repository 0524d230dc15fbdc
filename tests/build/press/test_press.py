"""Many sheets in one run: each PDF has its own pages and nothing of the others; a bad one is found."""

import io
import re
import subprocess

import pikepdf
import pytest

from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.press.press import Pressed, Result, press_together
from blattwerk.errors import TexFailure


def sheet(text: str, engine: str = "pdflatex") -> PrintedSheet:
    """A sheet with this body."""
    mark = f"mark of {re.sub(r'[^a-z]', '', text)[:5]}"
    body = f"\\begin{{sheet}}{{english}}{{CODE}}{{foot}}{{{mark}}}\n{text}\n\\end{{sheet}}\n"
    return PrintedSheet(body, mark, f"Title of {text[:5]}", "en", engine)  # type: ignore[arg-type]


def text_of(printed: Result) -> str:
    """The words of a PDF."""
    assert isinstance(printed, Pressed)
    run = subprocess.run(["pdftotext", "-", "-"], input=printed.pdf, capture_output=True, check=True)
    return run.stdout.decode()


def test_sheets_are_cut_apart() -> None:
    """Page counts, titles, page numbers that begin at 1, and nobody else's words in the bytes."""
    made = press_together([sheet("apple"), sheet("berry \\newpage more berry"), sheet("cherry")], {})
    assert ["apple" in text_of(m) for m in made] == [True, False, False]
    assert "more berry" in text_of(made[1])
    for printed, pages, word in zip(made, (1, 2, 1), ("apple", "berry", "cherr"), strict=True):
        assert isinstance(printed, Pressed)
        with pikepdf.open(io.BytesIO(printed.pdf)) as pdf:
            assert len(pdf.pages) == pages
            assert str(pdf.docinfo.Title) == f"Title of {word}"
            content = b"".join(bytes(obj.read_bytes()) for obj in pdf.objects if isinstance(obj, pikepdf.Stream))
        assert content.count(b"BT") >= pages
    assert "1" in text_of(made[2])


@pytest.mark.parametrize("bad", [0, 3, 6])
def test_a_bad_sheet_is_found_and_the_others_are_printed(bad: int) -> None:
    """Wherever it stands; its failure is TeX's own message."""
    sheets = [sheet("\\undefinedcommand" if i == bad else f"good{i}") for i in range(7)]
    made = press_together(sheets, {})
    assert [isinstance(m, TexFailure) for m in made] == [i == bad for i in range(7)]
    assert "Undefined control sequence" in str(made[bad])
    assert all(f"good{i}" in text_of(m) for i, m in enumerate(made) if i != bad)


def test_margins_are_reported_for_the_right_sheet() -> None:
    """Only the sheet that has it."""
    made = press_together([sheet("short"), sheet("\\rule{40cm}{1pt}"), sheet("short")], {})
    assert [bool(m.overfull) for m in made if isinstance(m, Pressed)] == [False, True, False]


def test_a_sheet_cannot_pretend_to_be_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log's marks are counted."""
    (made,) = press_together([sheet("x\\typeout{bw-sheet 1}")], {})
    assert isinstance(made, TexFailure)
    assert "1 sheets were set, but TeX's log tells of 2" in str(made)


def test_a_page_of_another_sheet_is_refused() -> None:
    """A sheet that passes pages on to its neighbour fails, and so does nobody else's."""
    forged = "\\makeatletter\\bw@mark{mark of other}\\makeatother forged"
    made = press_together(
        [sheet("first"), PrintedSheet(sheet("second").body.replace("second\n", forged), "mark of secon", "T", "en")], {}
    )
    assert isinstance(made[0], Pressed)
    assert isinstance(made[1], TexFailure)
    assert "a page of 'mark of secon' bears the mark 'mark of other'" in str(made[1])


def test_links_survive() -> None:
    """A tutor's address can be clicked on in every sheet."""
    made = press_together([sheet(f"\\href{{mailto:t{i}@x.org}}{{tutor}}") for i in range(2)], {})
    for i, printed in enumerate(made):
        assert isinstance(printed, Pressed)
        with pikepdf.open(io.BytesIO(printed.pdf)) as pdf:
            (link,) = pdf.pages[0].Annots  # type: ignore[misc]
            assert str(link.A.URI) == f"mailto:t{i}@x.org"
