"""Where in a template a mistake lies: topic, file, line, block and language.

What Jinja finds comes with a line of the template. What TeX finds comes with a line of its source, so a sheet that
fails in TeX is rendered once more with marks that say where each piece comes from; without them it is as it was.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from traceback import walk_tb

from jinja2 import Template, TemplateError, TemplateNotFound, TemplateSyntaxError

from blattwerk.build.page.nesting import unclosed
from blattwerk.errors import BlattwerkError, TemplateFailure, TexFailure
from blattwerk.vocabulary.language import Lang

SHEET = "sheet"  # the folder of the template that stands around all exercises

_BLOCK = re.compile(r"^\s*<%[-+]?\s*block\s+(\w+)", re.MULTILINE)
_MARK = re.compile("\ue000(\\d+)\ue001")  # characters of private use, which nobody's text can hold
_EXERCISE = re.compile(r"^\\exercise\{", re.MULTILINE)
# What is wrong at the very place where TeX notices it; of anything else, the beginning may lie far above.
_HERE = re.compile(
    r"Undefined control sequence|Unicode|undefined|[Mm]issing (character|number)|Illegal|Double|not found"
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True)
class Source:
    """A line of a template: the topic (or "sheet"), the file, the line, and the block, if it stands in one."""

    topic: str
    path: str
    line: int
    block: str

    @property
    def place(self) -> str:
        """The file, and the line if it is known."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def told(self, lang: Lang) -> str:
        """The place in words."""
        return ", ".join(filter(None, (self.place, f"block {self.block}" if self.block else "", lang)))


def template_failure(
    error: BaseException, topic: str, path: str, lang: Lang, template: Template | None = None
) -> TemplateFailure:
    """What an author is told of an error that a template has raised, when it was loaded or when it was rendered."""
    line = error.lineno if isinstance(error, TemplateSyntaxError) else _line(error, template)
    source = Source(topic, path, line, _block_at(path, line))
    words = _words(error)
    return TemplateFailure(f"topic {topic}, {source.told(lang)}: {words}", what=words, place=source.place)


def _words(error: BaseException) -> str:
    if isinstance(error, TemplateNotFound):
        return "there is no such file"
    plain = isinstance(error, TemplateError | BlattwerkError | TypeError | AttributeError)
    return str(error) if plain else f"{type(error).__name__}: {error}"


def _line(error: BaseException, template: Template | None) -> int:
    """The line of a template in which an error was raised; 0 where it was raised before any."""
    if template is None:
        return 0
    frames = [
        number
        for frame, number in walk_tb(error.__traceback__)
        if frame.f_globals.get("__jinja_template__") is template
    ]
    return template.get_corresponding_lineno(frames[-1]) if frames else 0


def _block_at(path: str, line: int) -> str:
    """The block that a line of a template stands in, or empty."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next(iter(_BLOCK.findall("\n".join(lines[:line]))[::-1]), "")


def mark(number: int) -> str:
    """The mark before a piece; the number is that of its source."""
    return f"\ue000{number}\ue001"


@dataclass(frozen=True)
class Marked:
    """A sheet's body without its marks, and what they said: from which position on which source's text stands."""

    body: str
    places: tuple[tuple[int, Source], ...]

    def source_at(self, position: int) -> Source | None:
        """The source of the text at a position."""
        before = bisect_right(self.places, position, key=lambda place: place[0])
        return self.places[before - 1][1] if before else None

    def blocks(self) -> Iterator[tuple[int, int]]:
        """Beginning and end of each block of a topic's template."""
        ends = [start for start, _ in self.places[1:]] + [len(self.body)]
        whose = groupby(zip(self.places, ends, strict=True), key=lambda one: (one[0][1].topic, one[0][1].block))
        for (topic, _), pieces in whose:
            taken = list(pieces)
            if topic != SHEET:
                yield taken[0][0][0], taken[-1][1]


def unmarked(text: str, sources: list[Source]) -> Marked:
    """The body of a marked text, and its map."""
    first, *rest = _MARK.split(text)
    pieces, places, length = [first], [], len(first)
    for number, piece in zip(rest[::2], rest[1::2], strict=True):
        places.append((length, sources[int(number)]))
        pieces.append(piece)
        length += len(piece)
    return Marked("".join(pieces), tuple(places))


def tex_source(failure: TexFailure, marked: Marked) -> tuple[int, Source] | None:
    """Where in a body an error that TeX has found begins, and the line of the template that it comes from."""
    found = _position(failure, marked.body)
    position = found if found is None else _opened(failure, marked, found)
    source = None if position is None else marked.source_at(position)
    return None if position is None or source is None else (position, source)


def tex_failure(failure: TexFailure, marked: Marked, path: str, lang: Lang) -> TexFailure:
    """What an author is told of an error that TeX has found in a body; `path` names the PDF that there is not."""
    found = tex_source(failure, marked)
    if found is None:
        return TexFailure(f"{path}: {failure}", failure.log)
    position, source = found
    number = len(_EXERCISE.findall(marked.body[: position + 1]))
    topic = "the template of all sheets" if source.topic == SHEET else source.topic
    where = f"exercise {number} ({topic})" if number else topic
    read = (failure.argument or failure.before)[-40:].strip()
    near = f" (at '{read}')" if read else ""
    return TexFailure(f"{where}, {source.told(lang)}: {failure.what}{near}", failure.log)


def source_failure(what: str, position: int, marked: Marked, lang: Lang) -> TemplateFailure:
    """What an author is told of a mistake that was found at a position of a body."""
    source = marked.source_at(position)
    if source is None:
        return TemplateFailure(what, what=what)
    topic = "the template of all sheets, " if source.topic == SHEET else f"topic {source.topic}, "
    whose = "" if source.topic == source.path else topic
    return TemplateFailure(f"{whose}{source.told(lang)}: {what}", what=what, place=source.place)


def _position(failure: TexFailure, body: str) -> int | None:
    """The last character that TeX had read when it found an error; None where nobody knows."""
    if failure.character:
        found = body.find(failure.character)
        return found if found >= 0 else None
    lines = body.splitlines(keepends=True)
    if "File ended" in failure.what or failure.line > len(lines):
        return len(body)
    if failure.line < 1:
        return None
    start, line = sum(map(len, lines[: failure.line - 1])), lines[failure.line - 1]
    column = line.find(failure.before.strip())
    end = start + (column + len(failure.before.strip()) if column >= 0 else len(line.rstrip()))
    if failure.argument:
        return _end_of(failure.argument, body[:end], end)
    if "Paragraph ended" in failure.what:
        return next((found.start() for found in list(_PARAGRAPH.finditer(body, 0, end + 1))[::-1]), end)
    return max(end - 1, 0)


def _end_of(tokens: str, body: str, otherwise: int) -> int:
    """Where tokens that TeX has shown end in a body, the last time that they stand there, whatever the spaces.

    Some of the first ones may come from a macro: as many of the last ones as possible decide.
    """
    there = [place for place, sign in enumerate(body) if not sign.isspace()]
    bare, text = "".join(tokens.split()), "".join(body.split())
    found = ((text.rfind(bare[first:]), len(bare) - first) for first in range(len(bare) - 1))
    return next((there[place + length - 1] for place, length in found if place >= 0), otherwise)


def _opened(failure: TexFailure, marked: Marked, position: int) -> int:
    """Where a block of a template opens something and does not close it, if that is what TeX stumbled over."""
    if _HERE.search(failure.what):
        return position
    found = (start + pair[0] for start, end in marked.blocks() if (pair := unclosed(marked.body[start:end])))
    first = next(found, None)
    return first if first is not None and first <= position else position
