"""From a proven sheet to the TeX of its PDFs. Pure: no file is written, no figure drawn, no TeX run."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from blattwerk.build.job import Engine
from blattwerk.build.numbers import DrawnExercise
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.order.sharing import variant
from blattwerk.build.order.sheet_file import Entry, OwnExercise
from blattwerk.build.page.exam import exam_facts, exam_paper, with_room
from blattwerk.build.page.header import names_of, printed_texts, sheet_mark, sheet_title, sheet_view, with_variant
from blattwerk.build.page.names import notebook_mention, pdf_path
from blattwerk.build.page.own import has_tex, own_exercise_view, own_texts, text_views
from blattwerk.build.page.paper import layout, paper_view, staged, total_fact
from blattwerk.build.page.places import tex_failure, unmarked
from blattwerk.build.page.templating import marked_environment, marking
from blattwerk.build.page.typefaces import FONT_FILES, Face, engine_for, face_for, font_file
from blattwerk.build.page.view import ExerciseView, Item, SheetView, counted_points, exercise_view, sheet_body
from blattwerk.build.page.words import english, locale, words
from blattwerk.build.proof.prove import Proven, ProvenExercise
from blattwerk.errors import TexFailure, UnsettableText
from blattwerk.vocabulary.figures import Figure, file_name
from blattwerk.vocabulary.language import Lang

Faces = Mapping[str, Face]  # by the name that needs one


@dataclass(frozen=True)
class PrintedSheet:
    """One PDF to be: the body in TeX, the mark on its pages, its title and language, the engine that sets it.

    figures  what the body includes, by file name
    fonts    the font files that the engine needs beside the source
    beside   other files that lie beside the source, such as a logo
    alone    whether it has a run of TeX to itself, because it holds TeX that may define anything
    scale    by what its pages are made smaller when they are cut
    tag      the language's tag in the PDF, where the language alone does not say it
    code     what the code on each page says of the sheet, where pages have one
    """

    body: str
    mark: str
    title: str
    lang: Lang
    engine: Engine = "pdflatex"
    figures: Mapping[str, Figure] = field(default_factory=dict)
    fonts: tuple[Path, ...] = ()
    beside: Mapping[str, bytes] = field(default_factory=dict)
    alone: bool = False
    scale: Fraction = Fraction(1)
    tag: str = ""
    code: str = ""


@dataclass(frozen=True)
class Printed:
    """One student's sheets by the path of their PDF, and what to report of them."""

    proven: Proven
    sheets: Mapping[str, PrintedSheet]
    note: str = ""


def printed(proven: Proven) -> Printed:
    """The sheets of a student: each kind in each language.

    Raises a SheetFailure where a template goes wrong or a character cannot be set.
    """
    order, faces, note = _nameable(proven.order)
    with english(order.sheet.page.english):
        return Printed(proven, dict(_sheets(order, {one.drawn.key: one for one in proven.exercises}, faces)), note)


def place_in_templates(one: Printed, path: str, failure: TexFailure) -> TexFailure:
    """TeX's failure on one of a student's sheets, told as a place in a template instead of a line of TeX's source."""
    lang = one.sheets[path].lang
    with marking():
        again = printed(one.proven).sheets[path].body
    return tex_failure(failure, unmarked(again, marked_environment(lang).sources), path, lang)


def _sheets(
    order: Ordered, exercises: Mapping[str, ProvenExercise], faces: Faces
) -> Iterator[tuple[str, PrintedSheet]]:
    items = {entry.key: _item(one, entry) for entry in order.sheet.exercises for one in (exercises[entry.key],)}
    beside = dict(staged(order))
    for lang in order.languages:
        figures = {file_name(figure): figure for item in items.values() for figure in item.figures(lang).values()}
        views = tuple(_view(order, n, entry, items, exercises, lang) for n, entry in enumerate(order.entries, 1))
        points = [_points(entry, items) for entry in order.entries]
        engine = _engine(order, lang, faces)
        for kind in order.kinds:
            header = sheet_view(order.sheet, order.student, order.code, views, lang, kind, faces)
            view = _whole(order, with_variant(header, variant(order.shared), lang), points)
            body, page = sheet_body(view, lang), layout(order, kind)
            yield (
                pdf_path(kind, order.student.id, lang),
                PrintedSheet(
                    body,
                    sheet_mark(order.code, kind, lang),
                    sheet_title(order.sheet, lang),
                    lang,
                    engine,
                    {name: figure for name, figure in figures.items() if name in body},
                    _fonts(engine, faces),
                    {name: content for name, content in beside.items() if name in body},
                    has_tex(order),
                    page.scale if page else Fraction(1),
                    locale(lang).replace("_", "-"),
                    order.code if order.sheet.exam and kind == "questions" else "",
                ),
            )


def _item(one: ProvenExercise, entry: Entry) -> Item:
    return Item(one.instance, one.drawn.parts, one.drawn.hints, one.findings, entry.wording)


def _points(entry: Entry | OwnExercise, items: Mapping[str, Item]) -> tuple[Fraction, bool]:
    """The points of an exercise, and whether they are extra."""
    return entry.points if isinstance(entry, OwnExercise) else items[entry.key].points, entry.bonus


def _whole(order: Ordered, view: SheetView, points: Sequence[tuple[Fraction, bool]]) -> SheetView:
    """A sheet with what the lecturer adds: texts, the look of the page, the total."""
    lang, kind = view.lang, view.kind
    total = ((words(lang).points_in_all, total_fact(points, lang)),) if order.sheet.page.points == "total" else ()
    paper = paper_view(order, points, lang, kind)
    return replace(
        view,
        facts=(*view.facts, *(exam_facts(order, lang) if kind == "questions" else ()), *total),
        paper=exam_paper(order, paper, lang) if kind == "questions" else paper,
        opening=text_views(order, "at", "start", lang) if kind == "questions" else (),
        closing=text_views(order, "at", "end", lang) if kind == "questions" else (),
    )


def other_fonts(order: Ordered) -> tuple[frozenset[Path], str]:
    """The font files that a student's sheets need besides pdflatex's own, and what is reported where one is missing.

    It asks the machine, so a font that is installed later is seen.
    """
    try:
        nameable, faces, note = _nameable(order)
        engines = {_engine(nameable, lang, faces) for lang in order.languages}
    except UnsettableText as error:
        return frozenset(), str(error)
    return frozenset(path for engine in engines for path in _fonts(engine, faces)), note


def _engine(order: Ordered, lang: Lang, faces: Faces) -> Engine:
    if faces:
        return "lualatex"
    return engine_for({**printed_texts(order.sheet, order.student, lang), **own_texts(order, lang)})


def _view(
    order: Ordered,
    number: int,
    entry: Entry | OwnExercise,
    items: Mapping[str, Item],
    exercises: Mapping[str, ProvenExercise],
    lang: Lang,
) -> ExerciseView:
    """An exercise in its place, with the texts beside it."""
    if isinstance(entry, OwnExercise):
        view = own_exercise_view(order, number, entry, lang)
        worth = {one.id: part.points for one, part in zip(view.parts, entry.parts, strict=True)}
    else:
        worth = {placed.part.id: placed.points for placed in items[entry.key].parts}
        view = _topic_view(order, number, items[entry.key], exercises[entry.key].drawn, lang)
        if entry.bonus:
            view = replace(view, points=counted_points(items[entry.key].points, lang, bonus=True))
    return replace(
        with_room(order, entry, view, worth),
        before=text_views(order, "before", entry.key, lang),
        after=text_views(order, "after", entry.key, lang),
        new_page=entry.new_page,
    )


def _topic_view(order: Ordered, number: int, item: Item, drawn: DrawnExercise, lang: Lang) -> ExerciseView:
    names = {name: file_name(figure) for name, figure in item.figures(lang).items()}
    view = exercise_view(number, item, lang, names)
    shown = (order.student.printed_id if order.sheet.sheet.print_id else "") or "*"
    return replace(view, notebook=notebook_mention(shown, drawn.key, lang)) if drawn.notebook is not None else view


def _nameable(order: Ordered) -> tuple[Ordered, Faces, str]:
    """The order with names that can be printed, their fonts, and what to report where ids stand for names."""
    faces: dict[str, Face] = {}
    notes: dict[str, str] = {}
    for name in names_of(order.sheet, order.student):
        try:
            faces |= {name: face} if (face := face_for(name)) else {}
        except UnsettableText as error:
            notes[name] = str(error)
    if not notes:
        return order, faces, ""
    note = f"student '{order.student.id}': {'; '.join(notes.values())}; the sheet shows the id instead"
    return _by_id(order, notes), faces, note


def _by_id(order: Ordered, nameless: Collection[str]) -> Ordered:
    """The order with ids in the place of names that cannot be printed: of some members, or of the student."""
    student = order.student
    if student.members:
        members = tuple(replace(one, name="") if one.name in nameless else one for one in student.members)
        name = student.id if student.name in nameless else student.name
        return replace(order, student=replace(student, name=name, members=members))
    info = order.sheet.sheet.model_copy(update={"print_name": False, "print_id": True})
    return replace(order, sheet=order.sheet.model_copy(update={"sheet": info}))


def _fonts(engine: Engine, faces: Faces) -> tuple[Path, ...]:
    if engine == "pdflatex":
        return ()
    found = [font_file(name) for name in FONT_FILES] + list(dict.fromkeys(face.file for face in faces.values()))
    return tuple(path for path in found if path)
