"""Finished PDFs: one student's pages with their own title and language, and nothing that TeX wrote about itself."""

import io

import pikepdf

from blattwerk.exercise import Lang

LANGUAGE_TAG: dict[Lang, str] = {"en": "en-GB", "de": "de-DE"}


def finished(pdf: bytes, title: str, lang: Lang) -> bytes:
    """The PDF with title and language set, dates and producer removed, and a file identifier made from its content."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        del document.docinfo
        document.docinfo["/Title"] = title
        document.Root.Lang = pikepdf.String(LANGUAGE_TAG[lang])
        document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        target = io.BytesIO()
        document.save(target, deterministic_id=True)
    return target.getvalue()
