"""Sheets for TeX: question and solution of an instance in both languages, many in a run, and what TeX objects to."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, product

from blattwerk.build.check.complaint import Case, Objection, objection
from blattwerk.build.check.pieces import view_of
from blattwerk.build.check.places import shown, template_source
from blattwerk.build.drawing.pictures import pictures
from blattwerk.build.job import WHOLE, Kind
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.parts import Placed
from blattwerk.build.order.sheet_file import SheetFile, checked_sheet
from blattwerk.build.page.header import sheet_mark, sheet_title, sheet_view
from blattwerk.build.page.places import SHEET, Marked, tex_source, unmarked
from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.page.templating import marked_environment, marking
from blattwerk.build.page.view import sheet_body
from blattwerk.build.press.runs import try_together
from blattwerk.errors import SheetFailure, TexFailure
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.figures import file_name
from blattwerk.vocabulary.language import LANGUAGES, Lang

FIRST_LINE = 2  # of the first sheet in a run; the line above begins the document
_AT_LINES = re.compile(r"at lines? (\d+)(?:--(\d+))?")
_BY = re.compile(r"\((\S+) too")


@dataclass(frozen=True)
class Wanted:
    """An instance with some of its parts, and what is to be said of these in a message."""

    case: Case
    parts: tuple[Placed, ...]
    which: str = ""

    @cached_property
    def instance(self) -> Instance:
        """The instance, drawn and solved once for all its sheets."""
        return self.case.instance()

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.which, str(self.case))))


@dataclass(frozen=True)
class Sheet:
    """A question or solution for TeX; its code tells its pages from those of others in a run."""

    wanted: Wanted
    lang: Lang
    kind: Kind
    code: str

    def source(self) -> PrintedSheet:
        """What TeX is to set."""
        figures = {file_name(figure): figure for figure in self.wanted.instance.figures.values()}
        body, mark = self._body(), sheet_mark(self.code, self.kind, self.lang)
        there = {name: figure for name, figure in figures.items() if name in body}
        return PrintedSheet(body, mark, sheet_title(self._file(), self.lang), self.lang, figures=there)

    def marked(self) -> Marked:
        """The same body, and where each piece of it comes from."""
        with marking():
            return unmarked(self._body(), marked_environment(self.lang).sources)

    def _body(self) -> str:
        view = view_of(self.wanted.instance, self.wanted.parts, self.lang)
        header = sheet_view(self._file(), Student("check"), self.code, (view,), self.lang, self.kind)
        return sheet_body(header, self.lang)

    def _file(self) -> SheetFile:
        entry = {"id": self.wanted.case.topic.exercise.id, "difficulty": self.wanted.case.difficulty}
        return checked_sheet({"course": {"title": "-"}, "sheet": {"title": "-"}, "exercises": [entry]}, "check")

    def __str__(self) -> str:
        return f"{self.kind}, {self.lang}, {self.wanted}"


def objections(groups: Iterable[Sequence[Wanted]]) -> Iterator[Objection]:
    """What is wrong with these sheets. A group is a run of TeX; the first one with something wrong is the last one."""
    for group in groups:
        found: dict[str, str] = {}  # of a place, what is said first
        for place, message in _objections(group):
            found.setdefault(place, message)
        yield from found.items()
        if found:
            return


def _objections(group: Sequence[Wanted]) -> Iterator[Objection]:
    ready: list[tuple[Sheet, PrintedSheet]] = []
    drawn: dict[str, bytes] = {}
    for number, (wanted, lang, kind) in enumerate(product(group, LANGUAGES, WHOLE)):
        sheet = Sheet(wanted, lang, kind, f"CHECK-{number}")
        try:
            source = sheet.source()
            drawn |= _drawn(source, drawn)
        except Exception as error:  # noqa: BLE001  # whatever a topic raises is its author's to mend
            place, words = objection(wanted.case.topic, error)
            yield place, f"{words} ({lang}, {wanted})"
        else:
            ready.append((sheet, source))
    made = try_together([source for _, source in ready], drawn)
    for (sheet, _), one in zip(ready, made, strict=True):
        if isinstance(one, TexFailure):
            yield _failed(sheet, one)
    if not any(isinstance(one, TexFailure) for one in made):
        yield from _wide(ready, [one for one in made if not isinstance(one, TexFailure)])


def _drawn(source: PrintedSheet, known: Mapping[str, bytes]) -> dict[str, bytes]:
    """The pictures of a sheet that are not known yet; raises a SheetFailure if one cannot be drawn."""
    made: dict[str, bytes] = {}
    missing = {name: figure for name, figure in source.figures.items() if name not in known}
    for name, picture in pictures(missing).items():
        if isinstance(picture, SheetFailure):
            raise picture
        made[name] = picture
    return made


def _failed(sheet: Sheet, failure: TexFailure) -> Objection:
    """What TeX cannot set, at its place in the topic's template."""
    found = tex_source(failure, sheet.marked())
    if found and found[1].topic != SHEET:
        place = shown(found[1].place)
    else:  # in a command of the sheet, to which the topic's text is an argument
        place = _place_of_lines(sheet, failure.line - 1, failure.line - 1)
    read = (failure.argument or failure.before)[-40:].strip()
    near = f" (at '{read}')" if read else ""
    return place, f"TeX cannot set this: {failure.what or failure}{near} ({sheet})"


def _wide(ready: Sequence[tuple[Sheet, PrintedSheet]], made: Sequence[tuple[str, ...]]) -> Iterator[Objection]:
    """What sticks out of the margin, in a run in which all sheets stood."""
    firsts = accumulate((source.body.count("\n") + 1 for _, source in ready), initial=FIRST_LINE)
    for (sheet, _), one, first in zip(ready, made, firsts, strict=False):
        for words in one:
            found, much = _AT_LINES.search(words), _BY.search(words)
            lines = [int(number) - first for number in found.groups() if number] if found else [0]
            width = f" by {much[1]}" if much else ""
            yield (
                _place_of_lines(sheet, lines[0], lines[-1]),
                f"something sticks out of the margin{width}; break it in two ({sheet})",
            )


def _place_of_lines(sheet: Sheet, first: int, last: int) -> str:
    """The first line of the topic's template from which something in these lines of TeX's source comes."""
    marked = sheet.marked()
    ends = [0, *accumulate(map(len, marked.body.splitlines(keepends=True)))]
    begin, end = (ends[min(max(line, 0), len(ends) - 1)] for line in (first, last + 1))
    inside = [source for start, source in marked.places if begin <= start < end]
    own = (source.place for source in (*inside, marked.source_at(begin)) if source and source.topic != SHEET)
    return shown(next(own, template_source(sheet.wanted.case.topic, sheet.lang)[1]))
