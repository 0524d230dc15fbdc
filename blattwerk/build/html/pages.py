"""Whole pages: the HTML of a printed sheet, of one exercise for a live page, and the document around either."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from importlib.resources import files
from itertools import count

from blattwerk.build.drawing.pictures import vector_graphic
from blattwerk.build.html.markup import EMPTY, Html, element
from blattwerk.build.html.nodes import Environment, Unreadable
from blattwerk.build.html.prose import Prose
from blattwerk.build.html.reading import read
from blattwerk.build.html.sheets import Sheet, sheet
from blattwerk.build.job import Kind
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.page.escape import Tex
from blattwerk.build.page.header import kind_of_copy
from blattwerk.build.page.names import html_path, pdf_path
from blattwerk.build.page.paper import staged_name
from blattwerk.build.page.places import source_failure, unmarked
from blattwerk.build.page.printing import Printed, PrintedSheet, printed
from blattwerk.build.page.templating import marked_environment, marking
from blattwerk.build.page.view import BABEL, ExerciseView, Item, SheetView, exercise_view, sheet_body
from blattwerk.errors import SheetFailure
from blattwerk.vocabulary.figures import Figure, file_name
from blattwerk.vocabulary.language import Lang

STYLE = (files("blattwerk.build.html") / "style.css").read_text(encoding="utf-8")
IMAGES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
# Nothing is loaded and nothing runs, whatever a name or a topic would like.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def exercise_html(number: int, item: Item, lang: Lang, kind: Kind = "questions") -> str:
    """One exercise as a fragment: a section with its questions, or with its solutions and their marking.

    Raises a SheetFailure, for what has no form in HTML a TemplateFailure with file and line.
    """
    figures = {file_name(figure): figure for figure in item.figures(lang).values()}

    def tex() -> str:
        return alone(number, item, lang, kind)

    exercise, _ = told(tex(), tex, lang, figures, own=f"{kind}-{number}-{lang}-").exercises[0]
    return str(element("div", exercise, lang=lang, class_="bw-fragment"))


def alone(number: int, item: Item, lang: Lang, kind: Kind) -> str:
    """The TeX of a sheet on which an exercise stands alone."""
    view = exercise_view(number, item, lang, {name: file_name(f) for name, f in item.figures(lang).items()})
    return sheet_body(_around(view, lang, kind), lang)


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


def html_pages(one: Printed) -> dict[str, bytes]:
    """The pages of a student, one beside each PDF, by path; raises a SheetFailure as `exercise_html` does."""
    order = one.proven.order
    return {
        html_path(kind, order.student.id, lang): _page(one, kind, lang).encode()
        for lang in order.languages
        for kind in order.kinds
    }


def sheet_html(one: Printed, kind: Kind, lang: Lang, own: str = "") -> str:
    """A whole sheet as a fragment; `own` as in `told`, where several stand on one page."""
    path = pdf_path(kind, one.proven.order.student.id, lang)
    sheet = one.sheets[path]
    page = told(
        sheet.body,
        lambda: printed(one.proven).sheets[path].body,
        lang,
        sheet.figures,
        _own_pictures(one.proven.order, sheet),
        own,
    )
    return page.body()


def _page(one: Printed, kind: Kind, lang: Lang) -> str:
    sheet = one.sheets[pdf_path(kind, one.proven.order.student.id, lang)]
    title = " · ".join(filter(None, (sheet.title, kind_of_copy(kind, lang))))
    accent = one.proven.order.sheet.page.accent
    style = f":root {{ --accent: {accent}; }}\n" if accent else ""  # checked: nothing but a colour
    return document(title, sheet_html(one, kind, lang), sheet.tag or lang, style)


def _own_pictures(order: Ordered, sheet: PrintedSheet) -> dict[str, Html]:
    """The lecturer's logo and letterhead by the name that the page has for them; a PDF has no form in HTML.

    What they show stands in words beside them, so they need no text of their own.
    """
    found = {}
    for name in filter(None, (order.sheet.page.logo, order.sheet.page.letterhead)):
        kind = IMAGES.get(name.rpartition(".")[2].lower(), "")
        source = f"data:{kind};base64,{b64encode(order.files[name]).decode()}"
        found[staged_name(order, name)] = Html(f'<img alt="" src="{source}">') if kind else EMPTY
    return {name: picture for name, picture in found.items() if name in sheet.beside}


def told(
    body: str,
    again: Callable[[], str],
    lang: Lang,
    figures: Mapping[str, Figure],
    pictures: Mapping[str, Html] = {},
    own: str = "",
) -> Sheet:
    """A sheet in HTML, of its TeX.

    `pictures` are those that are no figures; `own` begins the names in figures, so that no other on the page has them.
    """
    numbers = count(1)

    def picture(name: str, at: int) -> Html:
        if name in pictures:
            return pictures[name]
        if name not in figures:
            raise Unreadable(f"there is no figure {name!r}", at)
        drawn = vector_graphic(figures[name])
        if isinstance(drawn, SheetFailure):
            raise drawn
        return element("figure", inline(drawn, figures[name].alt[lang], f"{own}figure-{next(numbers)}-"))

    try:
        nodes = read(body)
        found = next(node for node in nodes if isinstance(node, Environment) and node.name == "sheet")
        return sheet(found, Prose(lang, picture))
    except Unreadable as error:
        with marking():
            marked = unmarked(again(), marked_environment(lang).sources)
        raise source_failure(error.what, error.at, marked, lang) from error


def inline(svg: bytes, alternative: str, own: str) -> Html:
    """A figure within a page, with its text alternative; `own` begins the names of its pieces."""
    text = svg.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'(\bid="|xlink:href="#|\bhref="#|url\(#)', rf"\g<1>{own}", text)
    text = text.replace("<svg ", str(Html('<svg role="img" aria-label="{}" ').format(alternative)), 1)
    return Html(text)


def document(title: str, body: str, lang: str, style: str = "") -> str:
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
