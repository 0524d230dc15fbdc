"""What a lecturer has written by hand, as it stands on a sheet: exercises, and texts between exercises."""

import re
from collections.abc import Iterator
from string import ascii_lowercase

from blattwerk.build.order.beside import text_in
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.order.sheet_file import OwnExercise, OwnPart, OwnText
from blattwerk.build.page.escape import Tex, escape
from blattwerk.build.page.layout import with_its_result
from blattwerk.build.page.own_text import own_content, own_markdown
from blattwerk.build.page.points import points_tex
from blattwerk.build.page.view import ExerciseView, PartView, TextView, counted_points, short_points
from blattwerk.build.page.words import words
from blattwerk.vocabulary.language import Lang, Localised

SHORT = 100  # characters of a question that is told again above its solution


def own_exercise_view(order: Ordered, number: int, own: OwnExercise, lang: Lang) -> ExerciseView:
    """An exercise that was written by hand."""
    key = f"exercise '{own.key}' in the sheet file"
    return ExerciseView(
        number,
        own.title[lang],
        counted_points(own.points, lang, own.bonus),
        own_markdown(own.intro[lang], lang, key) if own.intro else Tex(""),
        tuple(
            _part_view(order, own, part, letter, lang) for part, letter in zip(own.parts, ascii_lowercase, strict=False)
        ),
        new_page=own.new_page,
        lettered=len(own.parts) > 1,
    )


def _part_view(order: Ordered, own: OwnExercise, part: OwnPart, letter: str, lang: Lang) -> PartView:
    key = f"exercise '{own.key}', part {letter}, in the sheet file"
    return PartView(
        letter,
        letter,
        short_points(part.points, lang),
        own_content(part.question, part.question_file, order.files, lang, key),
        own_markdown(part.hint[lang], lang, key) if part.hint and order.hints(own) else Tex(""),
        escape(part.short[lang]) or _shown_again(part, lang, key),
        with_its_result(own_content(part.solution, part.solution_file, order.files, lang, key)),
        _marking(part, lang, key),
    )


def _shown_again(part: OwnPart, lang: Lang, key: str) -> Tex:
    """A question that is short enough to stand above its solution as it is."""
    question = part.question[lang].strip() if part.question else ""
    short = question and len(question) <= SHORT and "\n" not in question and "$$" not in question
    return own_markdown(question, lang, key) if short else Tex("")


def _marking(part: OwnPart, lang: Lang, key: str) -> Tex:
    """The marking scheme of a part, if it has one."""
    if not part.marking:
        return Tex("")
    rows = (
        f"\\item[\\({points_tex(step.points, lang)}\\)] {own_markdown(step.text[lang], lang, key)}"
        for step in part.marking
    )
    return Tex(f"\\begin{{marking}}{{{words(lang).rubric}}}\n" + "\n".join(rows) + "\n\\end{marking}")


def text_views(order: Ordered, place: str, key: str, lang: Lang) -> tuple[TextView, ...]:
    """The texts `before` or `after` an exercise, or `at` the cover, the start or the end; in the order of the file."""
    there = [(number, text) for number, text in enumerate(order.sheet.text, 1) if _stands(text) == (place, key)]
    return tuple(_text_view(order, number, text, lang) for number, text in there)


def _text_view(order: Ordered, number: int, text: OwnText, lang: Lang) -> TextView:
    body = own_content(text.body, text.file, order.files, lang, f"text {number} of the sheet file")
    return TextView(body, text.new_page)


def _stands(text: OwnText) -> tuple[str, str]:
    """Where a text stands; where nothing is said, before all exercises."""
    if text.before is not None:
        return "before", text.before
    if text.after is not None:
        return "after", text.after
    return "at", text.at or "start"


def own_texts(order: Ordered, lang: Lang) -> dict[str, str]:
    """All that a lecturer has typed for the page, by place, for choosing an engine that has the letters."""
    found = {place: " ".join(text.split()) for place, text in _own_texts(order, lang)}
    return {**found, "footer": order.sheet.page.footer[lang]}


def _own_texts(order: Ordered, lang: Lang) -> Iterator[tuple[str, str]]:
    for number, text in enumerate(order.sheet.text, 1):
        if text.body:
            yield f"text {number}", text.body[lang]
    for entry in order.sheet.entries:
        if isinstance(entry, OwnExercise):
            texts = [entry.title, entry.intro, *(t for part in entry.parts for t in _texts_of(part))]
            yield f"exercise '{entry.key}'", " ".join(text[lang] for text in texts if text)
        else:
            yield f"wording of '{entry.key}'", " ".join(text[lang] for text in entry.wording.values())
    for name in order.files:
        if name.endswith((".md", ".tex")):
            content = text_in(order.files, name)
            yield name, re.sub(r"(?<!\\)%.*", "", content) if name.endswith(".tex") else content


def _texts_of(part: OwnPart) -> tuple[Localised | None, ...]:
    return (part.question, part.solution, part.hint, part.short, *(step.text for step in part.marking))


def has_tex(order: Ordered) -> bool:
    """Whether there is TeX of the lecturer's own on the sheet, which may define whatever it likes."""
    return any(name.endswith(".tex") for name in order.files)
