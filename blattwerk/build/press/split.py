"""Cutting: one PDF of many sheets into a finished PDF for each.

A finished PDF holds its own pages and what they need, fonts with its own letters, a title and a language, and nothing
that TeX wrote about itself.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pikepdf

from blattwerk.build.files import file_in_memory
from blattwerk.build.press.fonts import Fonts
from blattwerk.build.press.page_codes import page_code, stamp
from blattwerk.errors import TexFailure
from blattwerk.vocabulary.language import Lang

MARK = "/BwSheet"
LANGUAGE_TAG: dict[Lang, str] = {"en": "en-GB", "de": "de-DE"}


@dataclass(frozen=True)
class SheetPages:
    """What a sheet in a run of TeX is to become: so many pages, all with this mark, a title and a language.

    `tag` says of which country the language is. The pages are made smaller by `scale`. Where there is a `code`, each
    page bears it.
    """

    pages: int
    mark: str
    title: str
    lang: Lang
    tag: str = ""
    scale: Fraction = Fraction(1)
    code: str = ""


def cut(pdf: bytes, sheets: Sequence[SheetPages]) -> Iterator[bytes]:
    """The finished PDFs of the sheets in a run, in order.

    Raises TexFailure if the pages do not add up, or if a page bears another sheet's mark: nobody gets another's page.
    """
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        if len(whole.pages) != sum(sheet.pages for sheet in sheets):
            raise TexFailure(f"TeX made {len(whole.pages)} pages, but the sheets have {sum(s.pages for s in sheets)}")
        first, fonts = 0, Fonts()
        for sheet in sheets:
            pages = whole.pages[first : first + sheet.pages]
            for page in pages:
                if str(page.obj.get(MARK, "")) != sheet.mark:
                    raise TexFailure(f"a page of '{sheet.mark}' bears the mark '{page.obj.get(MARK, '')}'")
                del page.obj[MARK]
            with pikepdf.new() as one:
                one.pages.extend(pages)
                fonts.cut(one)
                if sheet.scale != 1:
                    for page in one.pages:
                        scale_page(one, page, sheet.scale)
                if sheet.code:
                    for number, page in enumerate(one.pages, 1):
                        stamp(one, page, page_code(sheet.code, number))
                yield _finished(one, sheet.title, sheet.tag or LANGUAGE_TAG[sheet.lang])
            first += sheet.pages


def scale_page(document: pikepdf.Pdf, page: pikepdf.Page, scale: Fraction) -> None:
    """Make a page smaller, with all that stands on it and its links; the result has the size of the paper."""
    factor = f"{float(scale):g}"
    page.contents_add(pikepdf.Stream(document, f"q {factor} 0 0 {factor} 0 0 cm\n".encode()), prepend=True)
    page.contents_add(pikepdf.Stream(document, b"\nQ"))
    page.obj.MediaBox = _smaller(page.mediabox, scale)
    for name in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
        if name in page.obj:
            page.obj[name] = _smaller(page.obj[name], scale)
    for link in page.obj.get("/Annots", ()):
        link.Rect = _smaller(link.Rect, scale)


def _smaller(box: Iterable[Any], scale: Fraction) -> pikepdf.Array:
    return pikepdf.Array([round(float(side) * float(scale), 3) for side in box])


def _finished(document: pikepdf.Pdf, title: str, tag: str) -> bytes:
    """The bytes of a document; its file identifier is made from its content."""
    document.docinfo["/Title"] = title
    document.Root.Lang = pikepdf.String(tag)
    document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    with file_in_memory() as target:
        document.save(target, deterministic_id=True)
        target.seek(0)
        return target.read()
