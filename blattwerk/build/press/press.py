"""Many sheets in one run of TeX, cut apart afterwards; a sheet that TeX cannot set is found by bisection."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, TypeVar

from blattwerk.build.job import Engine
from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.page.typefaces import FONT_FILES
from blattwerk.build.press.formats import set_with_format
from blattwerk.build.press.loaded_fonts import loaded
from blattwerk.build.press.preamble import preamble
from blattwerk.build.press.split import SheetPages, cut
from blattwerk.build.press.tex import overfull, typeset
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


T = TypeVar("T")
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
    """The PDFs of sheets for one engine. A run that fails is tried again in halves.

    The line of a failure is counted from the beginning of its sheet's body.
    """
    return _together(sheets, lambda some: list(_pressed(some, pictures)))


def try_together(sheets: Sequence[PrintedSheet], pictures: Mapping[str, bytes]) -> list[tuple[str, ...] | TexFailure]:
    """The same runs of TeX for what they say alone: the lines that stick out of the margin, by sheet; no PDFs."""
    return _together(sheets, lambda some: [overfull(log) for log in _set(some, pictures).logs])


def _together(sheets: Sequence[PrintedSheet], run: Callable[[Sequence[PrintedSheet]], list[T]]) -> list[T | TexFailure]:
    if not sheets:
        return []
    try:
        return [*run(sheets)]
    except TexFailure as failure:
        if len(sheets) == 1:
            failure.line = max(failure.line - _lines_above(sheets[0].engine), 0)
            return [failure]
    half = len(sheets) // 2
    return _together(sheets[:half], run) + _together(sheets[half:], run)


def document(bodies: Iterable[str], engine: Engine = "pdflatex") -> str:
    """A complete TeX source, as `--tex` keeps it."""
    return preamble(engine) + _document(bodies)


def _document(bodies: Iterable[str]) -> str:
    return "\\begin{document}\n" + "\n".join(bodies) + "\\end{document}\n"


def _lines_above(engine: Engine) -> int:
    """How many lines of a run's source stand above the first body: pdflatex has its preamble in a format."""
    return 1 if engine == "pdflatex" else preamble(engine).count("\n") + 1


def files_beside(sheet: PrintedSheet, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that a sheet's source needs beside it, by name: figures, fonts, pictures of the lecturer's."""
    fonts = {path.name: path.read_bytes() for path in sheet.fonts}
    return {name: pictures[name] for name in sheet.figures} | fonts | dict(sheet.beside)


def source_files(path: str, sheet: PrintedSheet, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """A sheet's complete source under tex/, with the files that it includes beside it."""
    folder, _, name = path.rpartition("/")
    beside = {f"tex/{folder}/{file}": content for file, content in files_beside(sheet, pictures).items()}
    source = document([sheet.body], sheet.engine).encode("utf-8")
    return {f"tex/{folder}/{name.removesuffix('.pdf')}.tex": source} | beside


@dataclass(frozen=True)
class _Run:
    """What a run of TeX has made of several sheets: one PDF, and by sheet how many pages and what the log says."""

    content: bytes
    pages: tuple[int, ...]
    logs: tuple[str, ...]


def _set(sheets: Sequence[PrintedSheet], pictures: Mapping[str, bytes]) -> _Run:
    engine = sheets[0].engine
    files = {name: content for sheet in sheets for name, content in files_beside(sheet, pictures).items()}
    bodies = [sheet.body for sheet in sheets]
    if engine == "pdflatex":
        made = set_with_format(_document(bodies), files)
    else:
        fonts = {path.name: files[path.name] for sheet in sheets for path in sheet.fonts}
        made = typeset(document(bodies, engine), files | loaded(fonts, FONT_FILES), engine)
    *pieces, _ = re.split(r"^bw-sheet (\d+)$", made.log, flags=re.MULTILINE)
    logs, pages = tuple(pieces[::2]), tuple(int(count) for count in pieces[1::2])
    if len(pages) != len(sheets):
        raise TexFailure(f"{len(sheets)} sheets were set, but TeX's log tells of {len(pages)}", made.log)
    return _Run(made.content, pages, logs)


def _pressed(sheets: Sequence[PrintedSheet], pictures: Mapping[str, bytes]) -> Iterator[Pressed]:
    made = _set(sheets, pictures)
    wanted = [
        SheetPages(count, s.mark, s.title, s.lang, s.tag, s.scale, s.code)
        for count, s in zip(made.pages, sheets, strict=True)
    ]
    for pdf, log in zip(cut(made.content, wanted), made.logs, strict=True):
        yield Pressed(pdf, overfull(log))
