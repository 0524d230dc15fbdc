"""Many sheets in one run of TeX; a sheet that TeX cannot set is found by bisection."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from blattwerk.build.job import Engine
from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.page.typefaces import FONT_FILES
from blattwerk.build.press.formats import set_with_format
from blattwerk.build.press.loaded_fonts import loaded
from blattwerk.build.press.preamble import preamble
from blattwerk.build.press.tex import overfull, typeset
from blattwerk.errors import TexFailure

T = TypeVar("T")


@dataclass(frozen=True)
class Run:
    """What a run of TeX has made of several sheets: one PDF, and by sheet how many pages and what the log says."""

    content: bytes
    pages: tuple[int, ...]
    logs: tuple[str, ...]


def set_in_one(sheets: Sequence[PrintedSheet], pictures: Mapping[str, bytes]) -> Run:
    """One run of TeX for sheets that all want the same engine."""
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
    return Run(made.content, pages, logs)


def together(sheets: Sequence[PrintedSheet], run: Callable[[Sequence[PrintedSheet]], list[T]]) -> list[T | TexFailure]:
    """What a run makes of each sheet, or why it could not. A run that fails is tried again in halves.

    The line of a failure is counted from the beginning of its sheet's body.
    """
    if not sheets:
        return []
    try:
        return [*run(sheets)]
    except TexFailure as failure:
        if len(sheets) == 1:
            failure.line = max(failure.line - _lines_above(sheets[0].engine), 0)
            return [failure]
    half = len(sheets) // 2
    return together(sheets[:half], run) + together(sheets[half:], run)


def try_together(sheets: Sequence[PrintedSheet], pictures: Mapping[str, bytes]) -> list[tuple[str, ...] | TexFailure]:
    """Runs of TeX for what they say alone: the lines that stick out of the margin, by sheet; no PDFs."""
    return together(sheets, lambda some: [overfull(log) for log in set_in_one(some, pictures).logs])


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
