"""Many sheets in one run of TeX, cut apart afterwards; a sheet that TeX cannot set is found by bisection."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from blattwerk.build.press.formats import format_file
from blattwerk.build.press.preamble import Engine, preamble
from blattwerk.build.press.split import Slip, cut
from blattwerk.build.press.tex import compiled, overfull, typeset
from blattwerk.errors import TexFailure
from blattwerk.vocabulary.exercise import Lang


@dataclass(frozen=True)
class Sheet:
    """One PDF to be: the body in TeX, the mark on its pages, the files that it includes, its title and language."""

    body: str
    mark: str
    title: str
    lang: Lang
    engine: Engine = "pdflatex"
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Printed:
    """One PDF, and the lines in it that stick out of the margin."""

    pdf: bytes
    overfull: tuple[str, ...]


def document(bodies: Sequence[str], engine: Engine = "pdflatex") -> str:
    """A complete TeX source, as `--tex` keeps it."""
    return preamble(engine) + _document(bodies)


def _document(bodies: Sequence[str]) -> str:
    return "\\begin{document}\n" + "\n".join(bodies) + "\\end{document}\n"


def press(sheets: Sequence[Sheet]) -> list[Printed | TexFailure]:
    """The PDF of each sheet, or TeX's message why there is none; the others are not affected.

    All sheets are set by the same engine. A run that fails is tried again in halves.
    """
    if not sheets:
        return []
    try:
        return list(_pressed(sheets))
    except TexFailure as failure:
        if len(sheets) == 1:
            return [failure]
    half = len(sheets) // 2
    return press(sheets[:half]) + press(sheets[half:])


def _pressed(sheets: Sequence[Sheet]) -> Iterator[Printed]:
    engine = sheets[0].engine
    files = {name: content for sheet in sheets for name, content in sheet.files.items()}
    bodies = [sheet.body for sheet in sheets]
    if engine == "pdflatex":
        fmt = format_file()
        arguments = (f"-fmt={fmt.stem}", "sheet.tex")
        made = compiled(_document(bodies), files, engine, arguments, ".pdf", formats=fmt.parent)
    else:
        made = typeset(document(bodies, engine), files, engine)
    *pieces, _ = re.split(r"^bw-sheet (\d+)$", made.log, flags=re.MULTILINE)
    logs, pages = pieces[::2], [int(count) for count in pieces[1::2]]
    if len(pages) != len(sheets):
        raise TexFailure(f"{len(sheets)} sheets were set, but TeX's log tells of {len(pages)}", made.log)
    slips = [Slip(count, sheet.mark, sheet.title, sheet.lang) for count, sheet in zip(pages, sheets, strict=True)]
    for pdf, log in zip(cut(made.content, slips), logs, strict=True):
        yield Printed(pdf, overfull(log))
