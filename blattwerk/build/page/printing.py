"""From a proven sheet to the TeX of its PDFs. Pure: no file is written, no figure drawn, no TeX run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from blattwerk.build.job import Engine
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.page.header import printed_texts, sheet_mark, sheet_title, sheet_view
from blattwerk.build.page.names import notebook_mention, pdf_path
from blattwerk.build.page.places import tex_failure, unmarked
from blattwerk.build.page.templating import marked_environment, marking
from blattwerk.build.page.typefaces import FONT_FILES, Face, engine_for, face_for, font_file
from blattwerk.build.page.view import ExerciseView, Item, exercise_view, sheet_body
from blattwerk.build.proof.prove import Proven
from blattwerk.errors import TexFailure, UnsettableText
from blattwerk.vocabulary.figures import Figure, file_name
from blattwerk.vocabulary.language import Lang


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
    order, face, note = _nameable(proven.order)
    items = tuple(Item(one.instance, one.drawn.parts, one.drawn.hints, one.findings) for one in proven.exercises)
    notebooks = {n: one.drawn.key for n, one in enumerate(proven.exercises, 1) if one.drawn.notebook is not None}
    return Printed(proven, dict(_sheets(order, items, notebooks, face)), note)


def place_in_templates(one: Printed, path: str, failure: TexFailure) -> TexFailure:
    """TeX's failure on one of a student's sheets, told as a place in a template instead of a line of TeX's source."""
    lang = one.sheets[path].lang
    with marking():
        again = printed(one.proven).sheets[path].body
    return tex_failure(failure, unmarked(again, marked_environment(lang).sources), path, lang)


def _sheets(
    order: Ordered, items: tuple[Item, ...], notebooks: Mapping[int, str], face: Face | None
) -> Iterator[tuple[str, PrintedSheet]]:
    for lang in order.languages:
        figures = {file_name(figure): figure for item in items for figure in item.figures(lang).values()}
        views = tuple(_view(order, n, item, lang, notebooks.get(n)) for n, item in enumerate(items, 1))
        engine = _engine(order, lang, face)
        for kind in order.kinds:
            body = sheet_body(sheet_view(order.sheet, order.student, order.code, views, lang, kind, face), lang)
            yield (
                pdf_path(kind, order.student.id, lang),
                PrintedSheet(
                    body,
                    sheet_mark(order.code, kind, lang),
                    sheet_title(order.sheet, lang),
                    lang,
                    engine,
                    {name: figure for name, figure in figures.items() if name in body},
                    _fonts(engine, face),
                ),
            )


def other_fonts(order: Ordered) -> tuple[frozenset[Path], str]:
    """The font files that a student's sheets need besides pdflatex's own, and what is reported where one is missing.

    It asks the machine, so a font that is installed later is seen.
    """
    try:
        nameable, face, note = _nameable(order)
        engines = {_engine(nameable, lang, face) for lang in order.languages}
    except UnsettableText as error:
        return frozenset(), str(error)
    return frozenset(path for engine in engines for path in _fonts(engine, face)), note


def _engine(order: Ordered, lang: Lang, face: Face | None) -> Engine:
    return engine_for(printed_texts(order.sheet, order.student, lang, face)) if face is None else "lualatex"


def _view(order: Ordered, number: int, item: Item, lang: Lang, notebook: str | None) -> ExerciseView:
    names = {name: file_name(figure) for name, figure in item.figures(lang).items()}
    view = exercise_view(number, item, lang, names)
    shown = (order.student.printed_id if order.sheet.sheet.print_id else "") or "*"
    return replace(view, notebook=notebook_mention(shown, notebook, lang)) if notebook else view


def _nameable(order: Ordered) -> tuple[Ordered, Face | None, str]:
    """The order with a name that can be printed, its font, and what to report where the id stands for the name."""
    try:
        return order, face_for(order.student.name) if order.sheet.sheet.print_name else None, ""
    except UnsettableText as error:
        info = order.sheet.sheet.model_copy(update={"print_name": False, "print_id": True})
        sheet = order.sheet.model_copy(update={"sheet": info})
        note = f"student '{order.student.id}': {error}; the sheet shows the id instead"
        return replace(order, sheet=sheet), None, note


def _fonts(engine: Engine, face: Face | None) -> tuple[Path, ...]:
    if engine == "pdflatex":
        return ()
    found = [font_file(name) for name in FONT_FILES] + ([face.file] if face else [])
    return tuple(path for path in found if path)
