"""Programming notebooks: from a student's instance to the cells of a notebook, and to its files.

A topic's notebook is one template for both languages, templates/<exercise>/notebook.py.j2, in which the code stands
once: `say(english, german)` is a text in the notebook's language, `params` are the numbers on the sheet, and
`draw(name, low, high)` is one more whole number. Values print as Python literals; name and id of the student do not.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from string import punctuation
from typing import Any

from jinja2 import Environment, Undefined

from blattwerk.build.limits import TimeUp, seconds, within
from blattwerk.build.notebooks.cells import TEMPLATE, Cell, cells
from blattwerk.build.numbers import Drawn, DrawnExercise
from blattwerk.build.order.catalogue import find, find_topic
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.order.stopping import of_exercise
from blattwerk.build.page.header import sheet_title
from blattwerk.build.page.names import notebook_name
from blattwerk.build.page.places import template_failure
from blattwerk.build.page.templating import SYNTAX
from blattwerk.build.page.words import words
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.language import Lang


class Said(str):
    """A text that a template wrote in the notebook's language: printed as it is."""


@dataclass(frozen=True)
class Notebook:
    """A complete notebook: whose it is, the name of its file, its language, and its cells."""

    student: str
    name: str
    lang: Lang
    solved: tuple[Cell, ...]


def notebooks(drawn: Drawn) -> tuple[Notebook, ...]:
    """The complete notebooks of a student's sheet; raises TemplateFailure where a template goes wrong."""
    student = drawn.order.student.id
    return tuple(
        Notebook(
            student,
            notebook_name(student, one.key, lang),
            lang,
            (_title(drawn.order, one, number, lang), *topic_cells(one.instance(), one.notebook, lang)),
        )
        for one in drawn.exercises
        for number in (drawn.order.number(one.key),)
        if one.notebook is not None
        for lang in drawn.order.languages
    )


def topic_cells(instance: Instance, seed: int, lang: Lang) -> tuple[Cell, ...]:
    """The cells of an exercise's template with this instance's numbers, and what is drawn from the seed."""
    with of_exercise(instance.exercise.id, instance.difficulty):
        return _topic_cells(instance, seed, lang)


def _topic_cells(instance: Instance, seed: int, lang: Lang) -> tuple[Cell, ...]:
    file = find_topic(instance.exercise.id).templates / TEMPLATE
    draws, template = Draws(b"", seed, "", instance.exercise.id), None
    try:
        template = _environment(lang).from_string(file.read_text(encoding="utf-8"))
        context = template.new_context({"params": instance.params, "draw": draws.integer})
        with within(seconds()):
            text = "".join(template.root_render_func(context))
    except (Exception, TimeUp) as error:  # whatever a template raises is its author's mistake, and has a place
        raise template_failure(error, instance.exercise.id, str(file), lang, template) from error
    return cells(text, str(file))


def _title(order: Ordered, one: DrawnExercise, number: int, lang: Lang) -> Cell:
    """What stands above everything: exercise, sheet, for whom as far as the sheet may show it, and how it is used."""
    w, info = words(lang), order.sheet.sheet
    shown = (order.student.name if info.print_name else "", order.student.printed_id if info.print_id else "")
    owner = " · ".join(filter(None, shown))
    facts = (sheet_title(order.sheet, lang), f"{w.handed_to} {owner}" if owner else "", order.code)
    head = f"{w.exercise} {number}: {find(one.exercise).title[lang]}"
    lines = (f"# {markdown(head)}", " · ".join(markdown(fact) for fact in facts if fact), w.notebook_use)
    return Cell("text", "title", "\n\n".join(lines))


def markdown(text: str) -> str:
    """Any string as Markdown that shows it as typed, on one line: signs with a meaning are written by number."""
    return "".join(f"&#{ord(sign)};" if sign in _MEANT else sign for sign in " ".join(text.split()))


_MEANT = frozenset(punctuation) - frozenset(",':()")


@cache
def _environment(lang: Lang) -> Environment:
    """The templates of notebooks, for one language."""
    env = Environment(**SYNTAX, finalize=literal)
    env.globals = {"lang": lang, "say": lambda en, de: Said(en if lang == "en" else de)}
    return env


def literal(value: Any) -> str:
    """A value in Python's notation; raises TypeError for what has none here, a student's text above all."""
    if isinstance(value, Said):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Fraction):
        return f"{value.numerator} / {value.denominator}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Undefined):
        return str(value)  # which raises, and says what is there instead
    raise TypeError(f"a {type(value).__name__} was printed into a notebook; only numbers and say(...) can be")
