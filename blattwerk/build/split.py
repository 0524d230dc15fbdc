"""Cutting: one PDF of many sheets into a finished PDF for each.

A finished PDF holds its own pages and what they need, a title and a language, and nothing that TeX wrote about itself.
"""

import io
from collections.abc import Iterator, Sequence

import pikepdf

from blattwerk.errors import TexFailure
from blattwerk.exercise import Lang

LANGUAGE_TAG: dict[Lang, str] = {"en": "en-GB", "de": "de-DE"}


def cut(pdf: bytes, pages: Sequence[int], titles: Sequence[tuple[str, Lang]]) -> Iterator[bytes]:
    """The finished PDFs of sheets with so many pages each, in order; raises TexFailure if the pages do not add up."""
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        if len(whole.pages) != sum(pages):
            raise TexFailure(f"TeX made {len(whole.pages)} pages, but the sheets have {sum(pages)}")
        first = 0
        for count, (title, lang) in zip(pages, titles, strict=True):
            with pikepdf.new() as one:
                one.pages.extend(whole.pages[first : first + count])
                yield _finished(one, title, lang)
            first += count


def _finished(document: pikepdf.Pdf, title: str, lang: Lang) -> bytes:
    """The bytes of a document; its file identifier is made from its content."""
    document.docinfo["/Title"] = title
    document.Root.Lang = pikepdf.String(LANGUAGE_TAG[lang])
    document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    target = io.BytesIO()
    document.save(target, deterministic_id=True)
    return target.getvalue()
