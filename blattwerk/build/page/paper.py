"""What concerns paper: its size, columns, colour, logo, letterhead, footer, the cover page and the table of points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from blattwerk.build.codec import digest
from blattwerk.build.job import Kind
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.order.sheet_tables import Paper
from blattwerk.build.page.escape import Tex, escape
from blattwerk.build.page.own import text_views
from blattwerk.build.page.points import points_tex
from blattwerk.build.page.view import PaperView, counted_points
from blattwerk.build.page.words import words
from blattwerk.vocabulary.language import Lang

COLUMNS = 13  # of the table of points, at most; more go into another row


@dataclass(frozen=True)
class Layout:
    """A page as TeX sets it, in millimetres, and the scale by which it becomes the page of paper.

    A5 is set almost as A4 is, with letters and formulas a fifth smaller, so that no formula gets too wide; two columns
    are set on a larger page, which is made smaller by the same means.
    """

    width: float
    height: float
    text: float
    left: float
    top: float
    bottom: float
    scale: Fraction = Fraction(1)


_LAYOUTS: dict[tuple[Paper, int], Layout] = {
    ("letter", 1): Layout(215.9, 279.4, 165.1, 25.4, 22, 24),
    ("a5", 1): Layout(185, 262.5, 160, 12.5, 15, 20, Fraction(4, 5)),
    ("a4", 2): Layout(247, 349.3, 211, 18, 21, 25, Fraction(17, 20)),
    ("letter", 2): Layout(254, 328.7, 218, 18, 21, 25, Fraction(17, 20)),
}
# Where each page of an exam has a code in its upper right corner, the text begins below it.
_WITH_CODES: dict[Paper, Layout] = {
    "a4": Layout(210, 297, 160, 25, 36, 24),
    "letter": Layout(215.9, 279.4, 165.1, 25.4, 36, 24),
    "a5": Layout(185, 262.5, 160, 12.5, 42, 20, Fraction(4, 5)),
}


def layout(order: Ordered, kind: Kind) -> Layout | None:
    """The page of a sheet; None for A4 in one column, which needs no word. Only questions have columns."""
    look = order.sheet.page
    if order.sheet.exam and kind == "questions":
        return exam_layout(look.paper)
    return _LAYOUTS.get((look.paper, look.columns if kind == "questions" else 1))


def exam_layout(paper: Paper) -> Layout:
    """The page of an exam, with room for a code above the text."""
    return _WITH_CODES[paper]


def tutors_layout(paper: Paper) -> Layout:
    """A page with small margins, for lists: on the paper of the country, and on A4 where sheets are on A5."""
    width, height = (215.9, 279.4) if paper == "letter" else (210, 297)
    return Layout(width, height, width - 28, 14, 14, 18)


def plain_layout(paper: Paper) -> Layout | None:
    """A page in one column; None for A4, which needs no word."""
    return _LAYOUTS.get((paper, 1))


def paper_tex(page: Layout) -> str:
    """The command that sets the page of a sheet."""
    sizes = (page.width, page.height, page.text, page.height - page.top - page.bottom, page.left, page.top)
    return "\\sheetpaper" + "".join(f"{{{size:g}mm}}" for size in sizes)


def paper_view(order: Ordered, points: Sequence[tuple[Fraction, bool]], lang: Lang, kind: Kind) -> PaperView:
    """What concerns paper on a sheet; `points` are those of each exercise, and whether they are extra."""
    look, page = order.sheet.page, layout(order, kind)
    setup = []
    if page:
        setup.append(paper_tex(page))
    if look.accent:
        setup.append(f"\\sheetaccent{{{look.accent.removeprefix('#')}}}")
    if look.footer[lang]:
        setup.append(f"\\sheetfooter{{{escape(look.footer[lang])}}}")
    if look.logo:
        setup.append(f"\\sheetlogo{{{staged_name(order, look.logo)}}}")
    if look.columns == 2 and kind == "questions":
        setup.append("\\sheetcolumns")
    return PaperView(
        Tex("\n".join(setup)),
        Tex(f"\\letterhead{{{staged_name(order, look.letterhead)}}}") if look.letterhead else Tex(""),
        points_table(points, lang) if look.points == "table" and kind == "questions" else Tex(""),
        look.columns if kind == "questions" else 1,
        look.cover and kind == "questions",
        text_views(order, "at", "cover", lang) if kind == "questions" else (),
    )


def points_table(points: Sequence[tuple[Fraction, bool]], lang: Lang) -> Tex:
    """A column for each exercise, with room for what was reached, and one for the total; long ones in several rows."""
    w = words(lang)
    cells = [(str(number), _points(each, bonus, lang)) for number, (each, bonus) in enumerate(points, 1)]
    cells.append((w.total, total_points(points, lang)))
    rows = [cells[i : i + COLUMNS] for i in range(0, len(cells), COLUMNS)]
    return Tex("\n".join(_table(row, w.exercise, w.points_label, w.reached) for row in rows))


def _table(cells: Sequence[tuple[str, str]], *heads: str) -> str:
    lines = (
        f"{heads[0]} & " + " & ".join(f"\\pointscell{{{name}}}" for name, _ in cells),
        f"{heads[1]} & " + " & ".join(f"\\pointscell{{{points}}}" for _, points in cells),
        f"\\reachedrow {heads[2]} & " + " & ".join("" for _ in cells),
    )
    return (
        f"\\begin{{pointstable}}{{{len(cells)}}}\n"
        + "\n".join(f"{line} \\\\ \\hline" for line in lines)
        + ("\n\\end{pointstable}")
    )


def _points(points: Fraction, bonus: bool, lang: Lang) -> str:
    return f"\\({'+' if bonus else ''}{points_tex(points, lang)}\\)"


def total_points(points: Sequence[tuple[Fraction, bool]], lang: Lang) -> Tex:
    """The total, and what is extra: 28, 28 + 4."""
    usual, extra = (sum((p for p, bonus in points if bonus is which), Fraction(0)) for which in (False, True))
    more = f" + {points_tex(extra, lang)}" if extra else ""
    return Tex(f"\\({points_tex(usual, lang)}{more}\\)")


def total_fact(points: Sequence[tuple[Fraction, bool]], lang: Lang) -> Tex:
    """The total in words: 28 points, 28 points and 4 bonus points."""
    usual, extra = (sum((p for p, bonus in points if bonus is which), Fraction(0)) for which in (False, True))
    return Tex(" + ".join([counted_points(usual, lang), *([counted_points(extra, lang, True)] if extra else [])]))


def staged_name(order: Ordered, name: str) -> str:
    """The name under which a picture lies beside TeX's source; equal names are equal pictures."""
    ending = Path(name).suffix.lower().replace(".svg", ".pdf")
    return f"own-{digest(order.files[name])[:20]}{ending}"


def staged(order: Ordered) -> Iterator[tuple[str, bytes]]:
    """The pictures that a sheet needs beside its source; TeX knows no SVG, so such a one is made a PDF."""
    for name in filter(None, (order.sheet.page.logo, order.sheet.page.letterhead)):
        content = order.files[name]
        yield staged_name(order, name), _for_tex(content) if name.lower().endswith(".svg") else content


def _for_tex(drawing: bytes) -> bytes:
    from blattwerk.build.svg import pdf_of  # takes a while to load, and few sheets have a drawing

    return pdf_of(drawing)
