"""An exercise as HTML: fragments for a page of others, whole pages, a formula by itself."""

from functools import lru_cache
from html import escape

from blattwerk.build.html import STYLE as STYLE
from blattwerk.build.html import document, exercise_html
from blattwerk.build.html.markup import Html
from blattwerk.build.html.prose import Prose
from blattwerk.build.html.reading import Unreadable, read
from blattwerk.build.job import Kind
from blattwerk.build.page.view import Item
from blattwerk.build.page.words import words
from blattwerk.vocabulary.language import Lang

# What a notebook adds to the style of a sheet: it stands within another page, whose width it takes.
IN_NOTEBOOK = ".bw-sheet { max-width: none; margin: 0; padding: .5rem 1rem; } .bw-sheet summary { cursor: pointer; }"


def fragment(number: int, item: Item, lang: Lang, kind: Kind) -> str:
    """The question, solution or marking of an exercise; raises a SheetFailure where a template is wrong."""
    return exercise_html(number, item, lang, kind)


@lru_cache(maxsize=4096)
def formula(tex: str, lang: Lang) -> str:
    """A formula by itself, the symbol of an answer, say; as text where it has no form in MathML."""
    try:
        return Prose(lang, _no_picture).mathematics.formula(read(tex, "math"), False)
    except Unreadable:
        return escape(tex)


def _no_picture(name: str, at: int) -> Html:
    raise Unreadable("a figure cannot stand in a formula", at)


def whole_page(title: str, body: str, lang: Lang) -> str:
    """A page of HTML by itself, which needs no network."""
    return document(title, body, lang)


def in_notebook(question: str, solution: str, lang: Lang) -> str:
    """The question, and the solution folded away below it, with their style."""
    folded = f"<details><summary>{escape(words(lang).solution)}</summary>{solution}</details>"
    return f'<div class="bw-sheet" lang="{lang}"><style>{STYLE}{IN_NOTEBOOK}</style>{question}{folded}</div>'
