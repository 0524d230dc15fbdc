"""The bank of a sheet, of variants or of a whole class: drawn, proven, and asked in each language."""

from collections.abc import Callable, Iterator, Sequence
from string import ascii_uppercase

from blattwerk.build.export.asking import Place, questions
from blattwerk.build.export.phrases import phrases_in
from blattwerk.build.export.questions import Bank, Question
from blattwerk.build.numbers import draw
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.sharing import VARIANT
from blattwerk.build.order.sheet_file import Entry, OwnExercise, SheetFile
from blattwerk.build.order.stopping import stopping_one_student
from blattwerk.build.page.header import sheet_title
from blattwerk.build.proof.prove import KeptProofs, Proven, ProvenExercise, proven
from blattwerk.errors import SheetFailure
from blattwerk.vocabulary.language import Lang


def variants(
    sheet: SheetFile, count: int, seed: int, langs: tuple[Lang, ...], secret: bytes = b"", command: str = ""
) -> tuple[Ordered, ...]:
    """The orders of the variants A, B, and so on: with the numbers that a class has to which so many are dealt."""
    students = tuple(Student(f"variant-{letter}", nobody=True) for letter in ascii_uppercase[:count])
    shared = {one.id: f"{VARIANT}{one.id.removeprefix('variant-')}" for one in students}
    return order(without_training(sheet), students, seed, langs, secret=secret, shared=shared, command=command)


def without_training(sheet: SheetFile) -> SheetFile:
    """The sheet without its demos and notebooks, which are no questions; the numbers stay the same."""
    plain = {"demo": False, "notebook": False}
    entries = (entry.model_copy(update=plain) if isinstance(entry, Entry) else entry for entry in sheet.entries)
    return sheet.model_copy(update={"entries": tuple(entries)})


def bank(
    orders: Sequence[Ordered],
    langs: tuple[Lang, ...],
    kept: KeptProofs | None = None,
    advance: Callable[[int], None] = lambda count: None,
) -> Bank:
    """The questions of each order in each language; one that cannot be made stops no other."""
    found: list[Question] = []
    failures: dict[str, str] = {}
    for one in orders:
        try:
            with stopping_one_student():
                found += _of(proven(draw(one), {}, kept), langs)
        except SheetFailure as error:
            failures[one.student.id] = str(error)
        advance(1)
    return Bank(tuple(sorted(found, key=lambda question: question.category)), failures)


def _of(one: Proven, langs: tuple[Lang, ...]) -> Iterator[Question]:
    wording = {entry.key: entry.wording for entry in one.order.sheet.exercises}
    for lang in langs:
        for exercise in one.exercises:
            key = exercise.drawn.key
            number = one.order.number(key)
            where = _place(one.order, number, exercise, lang, langs)
            yield from questions(exercise, number, lang, where, wording.get(key, {}))


def _place(order: Ordered, number: int, one: ProvenExercise, lang: Lang, langs: tuple[Lang, ...]) -> Place:
    """By exercise; a student's own numbers in the student's own category."""
    sheet, student = order.sheet, order.student
    phrase = phrases_in(lang)
    whose = f"{phrase.variant} {student.id.removeprefix('variant-')}" if student.nobody else student.id
    title = sheet_title(sheet, lang)
    own = () if student.nobody else (whose,)
    several = (lang,) if len(langs) > 1 else ()
    category = (title, *own, *several, f"{number:02d} {one.instance.exercise.title[lang]}")
    identity = "-".join((sheet.course.code or "sheet", title_of(sheet), one.drawn.key, student.id, lang))
    tags = (one.drawn.exercise, one.drawn.difficulty, whose, lang)
    return Place(category, identity, f"{whose}: {number}", tags)


def title_of(sheet: SheetFile) -> str:
    """What tells the sheet in an id."""
    return "0" if sheet.sheet.number is None else str(sheet.sheet.number)


def left_out(orders: Sequence[Ordered]) -> str:
    """A line, if there are exercises of which nothing is proven: those are not asked."""
    own = dict.fromkeys(entry.key for one in orders for entry in one.entries if isinstance(entry, OwnExercise))
    return f"written by hand, and so not in the bank: {', '.join(own)}" if own else ""
