"""Programming notebooks: from a student's instance to the cells of a notebook, and to its files.

A topic's notebook is one template for both languages, templates/<exercise>/notebook.py.j2, in which the code stands
once: `say(english, german)` is a text in the notebook's language, `params` are the numbers on the sheet, and
`draw(name, low, high)` is one more whole number. Values print as Python literals; name and id of the student do not.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from string import punctuation
from typing import Any

from jinja2 import Environment, PackageLoader, TemplateError

from blattwerk.build.notebooks.cells import Cell, cells, notebook_bytes, open_cells, template_name
from blattwerk.build.page.escape import Tex
from blattwerk.build.page.header import breakable, sheet_title
from blattwerk.build.page.templating import SYNTAX
from blattwerk.build.page.view import Item
from blattwerk.build.page.words import words
from blattwerk.build.plan import Job
from blattwerk.errors import NotebookFailure, TemplateFailure
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Instance, Lang


class Text(str):
    """A text that a template wrote in the notebook's language: printed as it is."""


def file_name(student: str, exercise_id: str, lang: Lang) -> str:
    """The file of a notebook, in the folders notebooks (the student's) and solutions."""
    return f"{student}.{exercise_id}.{lang}.ipynb"


def mention(job: Job, item: Item, lang: Lang) -> Tex:
    """The notebook's file as the question sheet names it: without the id where the sheet must not show it."""
    if item.notebook is None:
        return Tex("")
    student = job.student.id if job.sheet.sheet.print_id else "*"
    return breakable(file_name(student, item.instance.exercise.id, lang))


def notebook_files(job: Job, items: Iterable[Item], code: str) -> Iterator[tuple[str, bytes]]:
    """The notebooks of a job by path, those of the sample solution executed.

    Raises NotebookFailure where one could not be executed.
    """
    for (name, lang), solved in solved_notebooks(job, items, code).items():
        if "questions" in job.kinds:
            yield f"notebooks/{name}", notebook_bytes(open_cells(solved, lang))
        if "solutions" in job.kinds:
            executed = job.executed.get(name, f"the notebook {name} was not executed")
            if isinstance(executed, str):
                raise NotebookFailure(executed)
            yield f"solutions/{name}", executed


def solved_notebooks(job: Job, items: Iterable[Item], code: str) -> dict[tuple[str, Lang], tuple[Cell, ...]]:
    """The complete notebooks of a job, by the name of the file and its language."""
    return {
        (file_name(job.student.id, item.instance.exercise.id, lang), lang): (
            _title(job, item, number, code, lang),
            *topic_cells(item.instance, item.notebook, lang),
        )
        for number, item in enumerate(items, 1)
        if item.notebook is not None
        for lang in job.languages
    }


def topic_cells(instance: Instance, seed: int, lang: Lang) -> tuple[Cell, ...]:
    """The cells of an exercise's template with this instance's numbers, and what is drawn from the seed."""
    file = template_name(instance.exercise.id)
    draws = Draws(b"", seed, "", instance.exercise.id)
    try:
        text = _environment(lang).get_template(file).render(params=instance.params, draw=draws.integer)
    except (TemplateError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise TemplateFailure(f"templates/{file}: {error}") from error
    return cells(text, f"templates/{file}")


def _title(job: Job, item: Item, number: int, code: str, lang: Lang) -> Cell:
    """What stands above everything: exercise, sheet, for whom as far as the sheet may show it, and how it is used."""
    w, info = words(lang), job.sheet.sheet
    shown = (job.student.name if info.print_name else "", job.student.id if info.print_id else "")
    owner = " · ".join(filter(None, shown))
    facts = (sheet_title(job.sheet, lang), f"{w.handed_to} {owner}" if owner else "", code)
    head = f"{w.exercise} {number}: {item.instance.exercise.title[lang]}"
    lines = (f"# {markdown(head)}", " · ".join(markdown(fact) for fact in facts if fact), w.notebook_use)
    return Cell("text", "title", "\n\n".join(lines))


def markdown(text: str) -> str:
    """Any string as Markdown that shows it as typed, on one line: signs with a meaning are written by number."""
    return "".join(f"&#{ord(sign)};" if sign in _MEANT else sign for sign in " ".join(text.split()))


_MEANT = frozenset(punctuation) - frozenset(",':()")


@cache
def _environment(lang: Lang) -> Environment:
    """The templates of notebooks, for one language."""
    env = Environment(**SYNTAX, finalize=literal, loader=PackageLoader("blattwerk"))
    env.globals = {"lang": lang, "say": lambda en, de: Text(en if lang == "en" else de)}
    return env


def literal(value: Any) -> str:
    """A value in Python's notation; raises TypeError for what has none here, a student's text above all."""
    if isinstance(value, Text):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Fraction):
        return f"{value.numerator} / {value.denominator}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(literal, value))}]"
    raise TypeError(f"a {type(value).__name__} was printed into a notebook; only numbers and say(...) can be")
