"""From a proven sheet to the TeX of its PDFs. Pure: no file is written, no figure drawn, no TeX run."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from blattwerk.build.job import Engine
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.order.sharing import variant
from blattwerk.build.page.header import names_of, printed_texts, sheet_mark, sheet_title, sheet_view, with_variant
from blattwerk.build.page.names import notebook_mention, pdf_path
from blattwerk.build.page.places import tex_failure, unmarked
from blattwerk.build.page.templating import marked_environment, marking
from blattwerk.build.page.typefaces import FONT_FILES, Face, engine_for, face_for, font_file
from blattwerk.build.page.view import ExerciseView, Item, exercise_view, sheet_body
from blattwerk.build.proof.prove import Proven
from blattwerk.errors import TexFailure, UnsettableText
from blattwerk.vocabulary.figures import Figure, file_name
from blattwerk.vocabulary.language import Lang

Faces = Mapping[str, Face]  # by the name that needs one


@dataclass(frozen=True)
class PrintedSheet:
    """One PDF to be: the body in TeX, the mark on its pages, its title and language, the engine that sets it.

    figures  what the body includes, by file name
    fonts    the font files that the engine needs beside the source
    """

    body: str
    mark: str
    title: str
    lang: Lang
    engine: Engine = "pdflatex"
    figures: Mapping[str, Figure] = field(default_factory=dict)
    fonts: tuple[Path, ...] = ()


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
    items = tuple(Item(one.instance, one.drawn.parts, one.drawn.hints, one.findings) for one in proven.exercises)
    notebooks = {n: one.drawn.key for n, one in enumerate(proven.exercises, 1) if one.drawn.notebook is not None}
    return Printed(proven, dict(_sheets(order, items, notebooks, faces)), note)


def place_in_templates(one: Printed, path: str, failure: TexFailure) -> TexFailure:
    """TeX's failure on one of a student's sheets, told as a place in a template instead of a line of TeX's source."""
    lang = one.sheets[path].lang
    with marking():
        again = printed(one.proven).sheets[path].body
    return tex_failure(failure, unmarked(again, marked_environment(lang).sources), path, lang)


def _sheets(
    order: Ordered, items: tuple[Item, ...], notebooks: Mapping[int, str], faces: Faces
) -> Iterator[tuple[str, PrintedSheet]]:
    for lang in order.languages:
        figures = {file_name(figure): figure for item in items for figure in item.figures(lang).values()}
        views = tuple(_view(order, n, item, lang, notebooks.get(n)) for n, item in enumerate(items, 1))
        engine = _engine(order, lang, faces)
        for kind in order.kinds:
            view = sheet_view(order.sheet, order.student, order.code, views, lang, kind, faces)
            body = sheet_body(with_variant(view, variant(order.shared), lang), lang)
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
                ),
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
    return engine_for(printed_texts(order.sheet, order.student, lang)) if not faces else "lualatex"


def _view(order: Ordered, number: int, item: Item, lang: Lang, notebook: str | None) -> ExerciseView:
    names = {name: file_name(figure) for name, figure in item.figures(lang).items()}
    view = exercise_view(number, item, lang, names)
    shown = (order.student.printed_id if order.sheet.sheet.print_id else "") or "*"
    return replace(view, notebook=notebook_mention(shown, notebook, lang)) if notebook else view


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
