"""From proven instances to the TeX of a sheet. Pure: no files are written, no program runs."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from jinja2 import TemplateError

from blattwerk.build.job import Kind
from blattwerk.build.order.catalogue import find_topic
from blattwerk.build.order.parts import Placed
from blattwerk.build.order.stopping import of_exercise, stopping_its_sheet
from blattwerk.build.page.escape import Tex
from blattwerk.build.page.layout import with_its_result
from blattwerk.build.page.phrases import ByName, Phrases
from blattwerk.build.page.places import SHEET, template_failure
from blattwerk.build.page.points import points_tex
from blattwerk.build.page.templating import environment
from blattwerk.build.page.words import words
from blattwerk.errors import TemplateFailure
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.figures import Figure
from blattwerk.vocabulary.language import Lang, Localised

NOTHING = Tex("")
DEMO = "demo"  # the name of a demo's figure
BABEL: dict[Lang, str] = {"en": "english", "de": "ngerman"}


@dataclass(frozen=True)
class Item:
    """An exercise as it stands on a page: an instance, its parts with their points, and whether hints are printed.

    `findings` is what its demo brought, if there is one on this sheet. `wording` are other questions, by part.
    """

    instance: Instance
    parts: tuple[Placed, ...]
    hints: bool = False
    findings: Findings | None = None
    wording: Mapping[str, Localised] = field(default_factory=dict)

    def figures(self, lang: Lang) -> Mapping[str, Figure]:
        """All figures by name: those of the exercise, and that of the demo in this language."""
        demo = {DEMO: replace(self.findings.figure, lang=lang)} if self.findings else {}
        with _of(self), stopping_its_sheet(self.instance.exercise, "its figures"):
            return {**self.instance.figures, **demo}

    @property
    def points(self) -> Fraction:
        return sum((placed.points for placed in self.parts), Fraction(0))


@dataclass(frozen=True)
class PartView:
    """A part in TeX. `hint` is empty where none is wanted; `space` is the room for the answer in an exam."""

    id: str
    letter: str
    points: Tex
    question: Tex
    hint: Tex
    short: Tex
    solution: Tex
    rubric: Tex
    space: Tex = NOTHING


@dataclass(frozen=True)
class DemoView:
    """A demo in TeX: what was trained, the figure, the numbers, and a sentence that says what they mean."""

    about: Tex
    figure: Tex
    results: Tex
    reading: Tex


@dataclass(frozen=True)
class TextView:
    """A lecturer's text between exercises."""

    body: Tex
    new_page: bool = False


@dataclass(frozen=True)
class ExerciseView:
    """An exercise in TeX; `notebook` is the name of its notebook's file, or empty.

    `before` and `after` are texts beside it. `lettered` says whether its parts have letters; a single part written by
    hand has none.
    """

    number: int
    title: str
    points: Tex
    intro: Tex
    parts: tuple[PartView, ...]
    demo: DemoView | None = None
    notebook: str = ""
    before: tuple[TextView, ...] = ()
    after: tuple[TextView, ...] = ()
    new_page: bool = False
    lettered: bool = True


@dataclass(frozen=True)
class PaperView:
    """What concerns paper: commands that set it up, what stands above and below the header, columns, a cover page.

    `table` is the table of points, `cover` are the texts on the cover page; `fields` and `last_page` are an exam's
    fields to be filled in there, and the empty page at its end.
    """

    setup: Tex = NOTHING
    letterhead: Tex = NOTHING
    table: Tex = NOTHING
    columns: int = 1
    has_cover: bool = False
    cover: tuple[TextView, ...] = ()
    fields: Tex = NOTHING
    last_page: Tex = NOTHING


@dataclass(frozen=True)
class SheetView:
    """A sheet in TeX and text: strings are escaped when they are printed.

    `copy` says which solution it is, that of students or of tutors. `across` is printed across each page, where a draft
    stands on it. `facts` are the header's lines, `font` loads the
    font of a name in another script, and `mark` is what tells this sheet's pages from all others in a run of TeX.
    `opening` and `closing` are texts before and after all exercises.
    """

    kind: Kind
    babel: str
    code: str
    footer: str
    mark: Tex
    institution: str
    course: str
    term: str
    title: str
    facts: tuple[tuple[str, str], ...]
    font: Tex
    exercises: tuple[ExerciseView, ...]
    across: str = ""
    copy: str = ""
    variant: str = ""
    lang: Lang = "en"
    paper: PaperView = PaperView()
    opening: tuple[TextView, ...] = ()
    closing: tuple[TextView, ...] = ()


def exercise_view(number: int, item: Item, lang: Lang, figure_files: Mapping[str, str]) -> ExerciseView:
    """One exercise, all blocks of its template rendered; raises a SheetFailure where one goes wrong."""
    with _of(item), stopping_its_sheet(item.instance.exercise, "its template"):
        return _exercise_view(number, item, lang, figure_files)


def told_mistakes(item: Item, part: str, lang: Lang) -> Mapping[str, str]:
    """The words for each usual mistake of a part, by its key."""
    parts = {p.part.id: p for p in item.parts}
    phrases = _Listening(item.instance, lang, parts, {}, parts[part])
    if parts[part].part.mistakes:
        _block(phrases, f"{part}_rubric")
    return phrases.heard


@dataclass(frozen=True)
class _Listening(Phrases):
    """Phrases that keep the words for mistakes."""

    heard: dict[str, str] = field(default_factory=dict)

    def mistakes(self, **texts: str) -> Tex:
        self.heard.update(texts)
        return super().mistakes(**texts)


def _of(item: Item) -> AbstractContextManager[None]:
    return of_exercise(item.instance.exercise.id, item.instance.difficulty)


def _exercise_view(number: int, item: Item, lang: Lang, figure_files: Mapping[str, str]) -> ExerciseView:
    phrases = Phrases(item.instance, lang, {p.part.id: p for p in item.parts}, figure_files)
    return ExerciseView(
        number,
        item.instance.exercise.title[lang],
        counted_points(item.points, lang),
        _block(phrases, "intro"),
        tuple(_part_view(replace(phrases, current=p), p, item) for p in item.parts),
        _demo_view(phrases, item.findings) if item.findings else None,
    )


def _demo_view(phrases: Phrases, findings: Findings) -> DemoView:
    numbers = {"numbers": ByName(findings.numbers), "mnist": findings.mnist}

    def block(name: str) -> Tex:
        return _block(phrases, name, "demo.", numbers)

    return DemoView(block("about"), phrases.figure(DEMO), block("results"), block("reading"))


def _part_view(phrases: Phrases, p: Placed, item: Item) -> PartView:
    def block(name: str) -> Tex:
        return _block(phrases, f"{p.part.id}_{name}")

    own = item.wording.get(p.part.id)

    return PartView(
        p.part.id,
        p.letter,
        short_points(p.points, phrases.lang),
        _in_own_words(own[phrases.lang], phrases.lang) if own else block("question"),
        block("hint") if item.hints else Tex(""),
        block("short"),
        with_its_result(block("solution")),
        block("rubric"),
    )


def _in_own_words(text: str, lang: Lang) -> Tex:
    """A question in the words of the sheet file; where there are none, what reads them is not loaded."""
    from blattwerk.build.page.own_text import own_markdown

    return own_markdown(text, lang, "the sheet file, wording")


def _block(phrases: Phrases, name: str, of: str = "", more: Mapping[str, Any] = {}) -> Tex:
    """One block of the exercise's template, or of its demo's; `more` are names that only the demo's template has."""
    file = f"{phrases.instance.exercise.id}/{of}{phrases.lang}.tex.j2"
    topic, template = phrases.instance.exercise.id, None
    path = find_topic(topic).template_path(f"{of}{phrases.lang}.tex.j2")
    try:
        template = environment(phrases.lang).get_template(file)
        if name not in template.blocks:
            raise TemplateFailure(f"there is no block '{name}'")
        context = template.new_context({**phrases.context(), **more})
        return Tex("".join(template.blocks[name](context)).strip())
    except Exception as error:  # whatever a template raises is its author's mistake, and has a place
        raise template_failure(error, topic, path, phrases.lang, template) from error


def short_points(points: Fraction, lang: Lang) -> Tex:
    """Points as they stand behind a question: 2.5 P."""
    return Tex(f"{points_tex(points, lang)}~{words(lang).points_short}")


def counted_points(points: Fraction, lang: Lang, bonus: bool = False) -> Tex:
    """Points with their word: 1 point, 2.5 points, 3 bonus points."""
    w = words(lang)
    one, many = (w.bonus_point, w.bonus_points) if bonus else (w.point, w.points)
    return Tex(f"{points_tex(points, lang)}~{one if points == 1 else many}")


def sheet_body(view: SheetView, lang: Lang) -> str:
    """One sheet, without the preamble: many of these can stand in one document."""
    template = environment(lang).get_template(f"{SHEET}/sheet.tex.j2")
    try:
        return "".join(template.root_render_func(template.new_context({"view": view, "words": words(lang)})))
    except TemplateError as error:
        raise template_failure(error, SHEET, template.filename or template.name or "", lang, template) from error
