"""Sheets for TeX: question and solution of an instance in both languages, many in a run, and what TeX objects to."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from blattwerk.build.check.complaint import Case, Objection, objection
from blattwerk.build.check.pieces import pieces_of, view_of
from blattwerk.build.check.places import place_of_block, shown, template_source
from blattwerk.build.drawing.pictures import pictures
from blattwerk.build.job import KINDS, Kind
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.parts import Placed
from blattwerk.build.order.sheet_file import SheetFile, checked_sheet
from blattwerk.build.page.header import sheet_mark, sheet_title, sheet_view
from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.page.view import sheet_body
from blattwerk.build.press.press import Result, press_together
from blattwerk.errors import TexFailure
from blattwerk.vocabulary.figures import file_name
from blattwerk.vocabulary.language import LANGUAGES, Lang

FIRST_LINE = 2  # of the first sheet in a run; the line above begins the document


@dataclass(frozen=True)
class Wanted:
    """An instance with some of its parts, and what is to be said of these in a message."""

    case: Case
    parts: tuple[Placed, ...]
    which: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.which, str(self.case))))


@dataclass(frozen=True)
class Sheet:
    """A question or solution for TeX, with the texts of the template's blocks that stand in it."""

    wanted: Wanted
    lang: Lang
    kind: Kind
    source: PrintedSheet
    pieces: Mapping[str, str]

    def place(self, first: int, last: int) -> str:
        """Where in the template these lines of this sheet's source come from, as far as they come from one block."""
        topic, body = self.wanted.case.topic, self.source.body
        ends = [0, *accumulate(len(line) for line in body.splitlines(keepends=True))]
        begin, end = (ends[min(max(line, 0), len(ends) - 1)] for line in (first - 1, last))
        for block, text in self.pieces.items():
            start = body.find(text) if text else end
            if start < end and begin < start + len(text):
                line = body[max(start, begin) : start + len(text)].partition("\n")[0]
                return place_of_block(topic, self.lang, block, line)
        return shown(template_source(topic, self.lang)[1])

    def __str__(self) -> str:
        return f"{self.kind}, {self.lang}, {self.wanted}"


def objections(groups: Iterable[Sequence[Wanted]]) -> Iterator[Objection]:
    """What is wrong with these sheets. A group is a run of TeX; the first one with something wrong is the last one."""
    for group in groups:
        found = dict(reversed(list(_objections(group))))  # of a place, what is said first
        yield from reversed(found.items())
        if found:
            return


def _objections(group: Sequence[Wanted]) -> Iterator[Objection]:
    sheets: list[Sheet] = []
    for wanted in group:
        for lang in LANGUAGES:
            try:
                sheets += _sheets(wanted, lang, len(sheets))
            except Exception as error:  # noqa: BLE001  # whatever a template raises is its author's to mend
                place, words = objection(wanted.case.topic, error)
                yield place, f"{words} ({lang}, {wanted})"
    figures = pictures({name: figure for sheet in sheets for name, figure in sheet.source.figures.items()})
    yield from _told(sheets, press_together([sheet.source for sheet in sheets], figures))


def _sheets(wanted: Wanted, lang: Lang, number: int) -> Iterator[Sheet]:
    """The question and the solution; the number tells their pages from those of others in a run."""
    one = wanted.case.instance()
    view = view_of(one, wanted.parts, lang)
    file, figures = _file(wanted.case), {file_name(figure): figure for figure in one.figures.values()}
    for kind in KINDS:
        code = f"CHECK-{number}"
        body = sheet_body(sheet_view(file, Student("check"), code, (view,), lang, kind), lang)
        shown_here = {name: figure for name, figure in figures.items() if name in body}
        source = PrintedSheet(body, sheet_mark(code, kind, lang), sheet_title(file, lang), lang, figures=shown_here)
        yield Sheet(wanted, lang, kind, source, pieces_of(view, wanted.parts))


def _file(case: Case) -> SheetFile:
    entry = {"id": case.topic.exercise.id, "difficulty": case.difficulty}
    return checked_sheet({"course": {"title": "-"}, "sheet": {"title": "-"}, "exercises": [entry]}, "check")


def _told(sheets: Sequence[Sheet], made: Sequence[Result]) -> Iterator[Objection]:
    """What TeX said of each sheet; its lines are those of a run of all of them, if none failed."""
    failed = [(sheet, one) for sheet, one in zip(sheets, made, strict=True) if isinstance(one, TexFailure)]
    for sheet, failure in failed:
        line = re.search(r"^l\.(\d+) ", failure.log, re.MULTILINE)
        number = int(line[1]) - FIRST_LINE + 1 if line else 0
        yield sheet.place(number, number), f"TeX cannot set this: {failure} ({sheet})"
    firsts = accumulate((sheet.source.body.count("\n") + 1 for sheet in sheets), initial=FIRST_LINE)
    for sheet, first, one in zip(sheets, firsts, made, strict=False):
        for words in () if isinstance(one, TexFailure) else one.overfull:
            much = re.search(r"\((\S+) too", words)
            lines = re.search(r"at lines? (\d+)(?:--(\d+))?", words) if not failed else None
            numbers = [int(number) - first + 1 for number in lines.groups() if number] if lines else [0]
            width = f" by {much[1]}" if much else ""
            yield (
                sheet.place(numbers[0], numbers[-1]),
                f"something sticks out of the margin{width}; break it in two ({sheet})",
            )
