"""Whole pages: the HTML of a printed sheet, of one exercise for a live page, and the document around either."""

import re
from collections.abc import Callable, Mapping
from importlib.resources import files

from blattwerk.build.drawing.pictures import vector_graphic
from blattwerk.build.html.markup import Html, element
from blattwerk.build.html.prose import Prose
from blattwerk.build.html.reading import Environment, Unreadable, read
from blattwerk.build.html.sheets import Sheet, sheet
from blattwerk.build.job import Kind
from blattwerk.build.page.escape import Tex
from blattwerk.build.page.places import source_failure, unmarked
from blattwerk.build.page.templating import marked_environment, marking
from blattwerk.build.page.view import BABEL, ExerciseView, Item, SheetView, exercise_view, sheet_body
from blattwerk.errors import SheetFailure
from blattwerk.vocabulary.figures import Figure, file_name
from blattwerk.vocabulary.language import Lang

STYLE = (files("blattwerk.build.html") / "style.css").read_text(encoding="utf-8")
# Nothing is loaded and nothing runs, whatever a name or a topic would like.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def exercise_html(number: int, item: Item, lang: Lang, kind: Kind = "questions") -> str:
    """One exercise as a fragment: a section with its questions, or with its solutions and their marking.

    Raises a SheetFailure, for what has no form in HTML a TemplateFailure with file and line.
    """
    figures = {file_name(figure): figure for figure in item.figures(lang).values()}

    def body() -> str:
        view = exercise_view(number, item, lang, {name: file_name(f) for name, f in item.figures(lang).items()})
        return sheet_body(_around(view, lang, kind), lang)

    exercise = told(body(), body, lang, figures).exercises[0]
    return element("div", exercise, lang=lang, class_="bw-fragment")


def _around(view: ExerciseView, lang: Lang, kind: Kind) -> SheetView:
    """A sheet of one exercise, with nothing around it."""
    return SheetView(
        kind=kind,
        babel=BABEL[lang],
        code="",
        footer="",
        mark=Tex(""),
        institution="",
        course="",
        term="",
        title="",
        facts=(),
        font=Tex(""),
        exercises=(view,),
    )


def sheet_html(body: str, again: Callable[[], str], lang: Lang, title: str, figures: Mapping[str, Figure]) -> str:
    """The page of a sheet whose TeX is given; `again` renders it once more, to find the place of a mistake.

    Raises a SheetFailure as `exercise_html` does.
    """
    return document(title, told(body, again, lang, figures).body(), lang)


def told(body: str, again: Callable[[], str], lang: Lang, figures: Mapping[str, Figure]) -> Sheet:
    """A sheet in HTML, of its TeX."""

    def picture(name: str, at: int) -> Html:
        if name not in figures:
            raise Unreadable(f"there is no figure {name!r}", at)
        drawn = vector_graphic(figures[name])
        if isinstance(drawn, SheetFailure):
            raise drawn
        return element("figure", inline(drawn, figures[name].alt[lang], name))

    try:
        nodes = read(body)
        found = next(node for node in nodes if isinstance(node, Environment) and node.name == "sheet")
        return sheet(found, Prose(lang, picture))
    except Unreadable as error:
        with marking():
            marked = unmarked(again(), marked_environment(lang).sources)
        raise source_failure(error.what, error.at, marked, lang) from error


def inline(svg: bytes, alternative: str, name: str) -> Html:
    """A figure within a page, with its text alternative; its names are its own on a page with several figures."""
    text = svg.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", "", text, flags=re.DOTALL)
    own = name.removeprefix("figure-").removesuffix(".pdf")[:8]
    text = re.sub(r'(\bid="|xlink:href="#|\bhref="#|url\(#)', rf"\g<1>f{own}-", text)
    text = text.replace("<svg ", str(Html('<svg role="img" aria-label="{}" ').format(alternative)), 1)
    return Html(text)


def document(title: str, body: str, lang: Lang, style: str = "") -> str:
    """A whole page around HTML as it stands; the title is text, `style` is added to the style sheet."""
    head = (
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        element("title", title),
        Html(f"<style>\n{STYLE}{style}</style>"),
    )
    main = element("main", Html(f"\n{body}\n"), class_="bw-sheet")
    page = element(
        "html",
        Html("\n"),
        element("head", Html("\n".join(("", *head, "")))),
        Html("\n"),
        element("body", main),
        lang=lang,
    )
    return f"<!DOCTYPE html>\n{page}\n"
