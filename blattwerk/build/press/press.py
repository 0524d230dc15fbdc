"""Finished PDFs: sheets are set together, and cut apart afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.press.runs import document, files_beside, set_in_one, together
from blattwerk.build.press.split import SheetPages, cut
from blattwerk.build.press.tex import overfull
from blattwerk.errors import TexFailure


@dataclass(frozen=True)
class Pressed:
    """One finished PDF, and the lines in it that stick out of the margin."""

    pdf: bytes
    overfull: tuple[str, ...] = ()


class KeptPdfs(Protocol):
    """Where finished PDFs may be kept, under all that they are made of."""

    def get(self, sheet: PrintedSheet, pictures: Mapping[str, bytes]) -> Pressed | None:
        """What was made of the same source before, if it is there."""

    def put(self, sheet: PrintedSheet, pictures: Mapping[str, bytes], made: Pressed) -> None:
        """Keep what was made."""


Result = Pressed | TexFailure


def press(
    sheets: Mapping[str, PrintedSheet], pictures: Mapping[str, bytes], kept: KeptPdfs | None = None
) -> dict[str, Result]:
    """The PDF of each sheet by its path, or TeX's message why there is none; the others are not affected.

    `pictures` holds the figures by file name. There is one run of TeX for each folder (questions, solutions) and
    engine, and one for each sheet that is to be alone; what is kept is not set again.
    """
    found = {path: kept.get(sheet, pictures) for path, sheet in sheets.items()} if kept else {}
    done: dict[str, Result] = {path: made for path, made in found.items() if made}

    def run(path: str) -> tuple[str, str, str]:
        return path.split("/")[0], sheets[path].engine, path if sheets[path].alone else ""

    for _, group in groupby(sorted(sheets.keys() - done.keys(), key=lambda path: (run(path), path)), key=run):
        paths = list(group)
        made = press_together([sheets[path] for path in paths], pictures)
        done |= zip(paths, made, strict=True)
        for path, one in zip(paths, made, strict=True):
            if kept and isinstance(one, Pressed):
                kept.put(sheets[path], pictures, one)
    return done


def press_together(sheets: Sequence[PrintedSheet], pictures: Mapping[str, bytes]) -> list[Result]:
    """The PDFs of sheets for one engine."""
    return together(sheets, lambda some: list(_pressed(some, pictures)))


def source_files(path: str, sheet: PrintedSheet, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """A sheet's complete source under tex/, with the files that it includes beside it."""
    folder, _, name = path.rpartition("/")
    beside = {f"tex/{folder}/{file}": content for file, content in files_beside(sheet, pictures).items()}
    source = document([sheet.body], sheet.engine).encode("utf-8")
    return {f"tex/{folder}/{name.removesuffix('.pdf')}.tex": source} | beside


def _pressed(sheets: Sequence[PrintedSheet], pictures: Mapping[str, bytes]) -> Iterator[Pressed]:
    made = set_in_one(sheets, pictures)
    wanted = [
        SheetPages(count, s.mark, s.title, s.lang, s.tag, s.scale, s.code)
        for count, s in zip(made.pages, sheets, strict=True)
    ]
    for pdf, log in zip(cut(made.content, wanted), made.logs, strict=True):
        yield Pressed(pdf, overfull(log))
