"""An exam's own: fields on the cover page, room for answers, the empty page at the end, pages told as "3 of 8"."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from blattwerk.build.order.ordered import Ordered
from blattwerk.build.order.sheet_file import Entry, OwnExercise
from blattwerk.build.page.escape import Tex, escape
from blattwerk.build.page.paper import exam_layout
from blattwerk.build.page.view import ExerciseView, PaperView
from blattwerk.build.page.words import words
from blattwerk.vocabulary.language import Lang

BESIDE = 30  # millimetres of a page that are left for the question, at least


def exam_facts(order: Ordered, lang: Lang) -> Iterator[tuple[str, Tex]]:
    """The lines of the header that only an exam has: how long it takes, and what is allowed."""
    exam, w = order.sheet.exam, words(lang)
    if exam and exam.duration:
        yield w.duration, Tex(f"{exam.duration}~{w.minutes if exam.duration > 1 else w.minute}")
    if exam and exam.aids[lang]:
        yield w.aids, escape(exam.aids[lang])


def exam_paper(order: Ordered, paper: PaperView, lang: Lang) -> PaperView:
    """The paper of an exam's question sheet."""
    if order.sheet.exam is None:
        return paper
    w = words(lang)
    fields = "".join(f"\\examfield{{{label}}}" for label in (w.name, w.number, w.signature))
    return replace(
        paper,
        setup=Tex(f"{paper.setup}\n\\sheetpageof{{{w.page_title}}}{{{w.page_of}}}"),
        fields=Tex(fields),
        has_cover=True,
        last_page=Tex(f"\\examlastpage{{{w.more_room}}}"),
    )


def with_room(
    order: Ordered, entry: Entry | OwnExercise, view: ExerciseView, points: Mapping[str, Fraction]
) -> ExerciseView:
    """An exercise with room for the answer below each part; `points` are those of each part."""
    exam = order.sheet.exam
    if exam is None or exam.space == "none":
        return view
    said = dict(entry.space) if isinstance(entry, Entry) else _said(entry, view)
    page = exam_layout(order.sheet.page.paper)
    tallest = float((page.height - page.top - page.bottom) * page.scale) - BESIDE

    def room(part: str) -> Tex:
        height = min(float(said.get(part, exam.per_point * points[part])), tallest) / float(page.scale)
        return Tex(f"\\answer{exam.space}{{{height:.1f}mm}}") if height else Tex("")

    return replace(view, parts=tuple(replace(part, space=room(part.id)) for part in view.parts))


def _said(own: OwnExercise, view: ExerciseView) -> dict[str, int]:
    pairs = zip(view.parts, own.parts, strict=True)
    return {part.id: written.space for part, written in pairs if written.space is not None}
