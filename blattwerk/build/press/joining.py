"""Joining: finished PDFs one behind the other in a single one, for printing."""

import io
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pikepdf

from blattwerk.build.files import file_in_memory

PIECE = 1 << 20


def joined(pdfs: Iterable[bytes | Path], title: str, right_hand: bool) -> Iterator[bytes]:
    """One PDF of many, in pieces; with `right_hand`, each begins on an odd page, after a blank one where it must.

    The PDFs are read while the result is written, one copy of each.
    """
    with ExitStack() as opened, pikepdf.new() as whole, file_in_memory() as target:
        for pdf in pdfs:
            content = pdf if isinstance(pdf, bytes) else pdf.read_bytes()
            source = opened.enter_context(pikepdf.open(io.BytesIO(content)))
            if right_hand and len(whole.pages) % 2:
                _, _, width, height = (float(side) for side in whole.pages[-1].mediabox)
                whole.add_blank_page(page_size=(width, height))
            whole.pages.extend(source.pages)
        whole.docinfo["/Title"] = title
        whole.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        whole.save(target, deterministic_id=True)
        target.seek(0)
        while piece := target.read(PIECE):
            yield piece
