"""key/<group>.<lang>.pdf: all answers of a group's students, and what the usual mistakes bring, on few pages.

It is made from the records, so it says what was handed out. Students with the same numbers stand there once.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from string import ascii_lowercase
from typing import Any

from blattwerk.build.class_files.exact import read_exact
from blattwerk.build.order.catalogue import find
from blattwerk.build.order.sharing import variant
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.page.escape import Tex, escape, verbatim
from blattwerk.build.page.header import sheet_title
from blattwerk.build.page.layout import width
from blattwerk.build.page.paper import paper_tex, tutors_layout
from blattwerk.build.page.people import People, named
from blattwerk.build.page.points import cost, points_tex
from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.page.values import exact_and_decimal
from blattwerk.build.page.view import BABEL
from blattwerk.build.page.words import locale, words
from blattwerk.build.store.records import AnswerRecord, ExerciseRecord, StudentRecord
from blattwerk.errors import BlattwerkError
from blattwerk.vocabulary.exercise import Answer, Part
from blattwerk.vocabulary.functions import matrix_term, transposed
from blattwerk.vocabulary.language import Lang, decimal_tex
from blattwerk.vocabulary.terms import MatrixTerm, Term

ROOM = 26.0  # widths of a digit: a longer exact form gives way to its decimal value
MISTAKES = 3  # of an answer, at most
PLACES = 4  # where a record says nothing else
_MATRIX = re.compile(r"(?<=[{])([pb])matrix(?=[}])")


@dataclass(frozen=True)
class Block:
    """Students with the same numbers, and one record of theirs."""

    people: tuple[StudentRecord, ...]
    record: StudentRecord


def blocks(records: Iterable[StudentRecord]) -> tuple[Block, ...]:
    """The records by their numbers, each where the first one stands."""
    found: dict[str, list[StudentRecord]] = {}
    for record in records:
        said: list[Any] = [record.sequence]
        said += [(one.key, one.params, sorted(one.points.items())) for one in record.exercises]
        found.setdefault(json.dumps(said, sort_keys=True), []).append(record)
    return tuple(Block(tuple(together), together[0]) for together in found.values())


def key_sheet(sheet: SheetFile, group: str, records: Sequence[StudentRecord], lang: Lang, part: int) -> PrintedSheet:
    """A key, or the n-th part of a long one, as a sheet for the press."""
    w, people = words(lang), named(_names(records))
    typed = group + _typed(records) + sheet_title(sheet, lang)
    mark = f"{part} key {lang}"
    title = f"{sheet_title(sheet, lang)}: {w.key}" + (f", {w.group} {group}" if group else "")
    entries = tuple(entry.key for entry in sheet.entries)
    told = "\n\n".join(_block(block, people, block.record.sequence or entries, lang) for block in blocks(records))
    body = (
        f"\\begin{{sheet}}{{{BABEL[lang]}}}{{}}{{{escape(w.key)}}}{{{verbatim(mark)}}}\n"
        f"{paper_tex(tutors_layout(sheet.page.paper))}\n"
        f"\\twocolumn[{{\\sffamily\\bfseries\\color{{bw-accent}}{escape(title)}\\par\\vspace{{0.8\\baselineskip}}}}]\n"
        "\\footnotesize\\raggedright\\setlength{\\parskip}{0.35\\baselineskip}\n"
        f"{told}\n"
        "\\onecolumn\n\\end{sheet}\n"
    )
    engine, tag = people.engine_with(typed), locale(lang).replace("_", "-")
    return PrintedSheet(body, mark, title, lang, engine, {}, people.fonts_with(typed), tag=tag)


def _names(records: Iterable[StudentRecord]) -> Iterator[str]:
    for record in records:
        yield record.name
        yield from (member.name for member in record.members)


def _typed(records: Iterable[StudentRecord]) -> str:
    """What people have typed and what is not a name: ids."""
    return "".join(identity for record in records for identity in (record.id, *(one.id for one in record.members)))


def _block(block: Block, people: People, entries: Sequence[str], lang: Lang) -> str:
    """Who has these numbers, and what they come to, in the order on paper."""
    who = ", ".join(_who(record, people) for record in block.people)
    letter = variant(block.record.shared)
    told = f" {words(lang).variant} {letter}:" if letter else ""
    there = {one.key: one for one in block.record.exercises}
    exercises = (_exercise(number, there[key], lang) for number, key in enumerate(entries, 1) if key in there)
    return f"{{\\sffamily{told} {who}}}\\nopagebreak\\par\\nobreak\n" + "\n".join(filter(None, exercises))


def _who(record: StudentRecord, people: People) -> str:
    """A student's or team's name and id, its members, and the code of the sheet."""
    name = people.printed(record.name)
    bold = f"\\textbf{{{name or escape(record.id)}}}" + (f" ({escape(record.id)})" if name else "")
    members = ", ".join(people.printed(one.name) or escape(one.id) for one in record.members)
    return " ".join(filter(None, (bold, members and f"[{members}]", f"{{\\color{{bw-quiet}}{escape(record.code)}}}")))


def _exercise(number: int, one: ExerciseRecord, lang: Lang) -> str:
    """An exercise's answers in its parts; nothing where it has none."""
    parts = []
    for letter, part in zip(ascii_lowercase, one.points, strict=False):
        answers = [_answer(one, answer, lang) for answer in one.answers if answer.part == part]
        if answers:
            parts.append(f"{{\\sffamily {letter})}}~" + "; ".join(answers))
    return f"{{\\sffamily\\bfseries {number}}} " + "\\enspace ".join(parts) + "\\par" if parts else ""


def _answer(one: ExerciseRecord, answer: AnswerRecord, lang: Lang) -> Tex:
    value = f"{answer.symbol} {_value(answer, lang)}" if answer.symbol else _value(answer, lang).removeprefix("= ")
    told = [_mistake(one, answer, mistake.name, mistake.exact, mistake.decimal, lang) for mistake in answer.mistakes]
    wrong = [text for text in told if text][:MISTAKES]
    return Tex(_fitting(value) + (f" {{\\color{{bw-quiet}}[{'; '.join(wrong)}]}}" if wrong else ""))


def _fitting(formula: str) -> str:
    """A formula in a sentence; one with a matrix is made as small as the column wants it."""
    if "smallmatrix" not in formula:
        return f"\\({formula}\\)"
    return f"\\resizebox{{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}}{{!}}{{\\({formula}\\)}}"


def _value(answer: AnswerRecord, lang: Lang) -> str:
    """The relation and the value: exact where that is short, and the decimal value where it says more."""
    places = PLACES if answer.places is None else answer.places
    try:
        exact = _laid(read_exact(answer.exact))
        told = _small(exact_and_decimal(Answer(answer.name, answer.part, exact, places), lang))
        if width(exact.tex(lang)) <= ROOM:
            return f"= {told}"
    except (ValueError, ArithmeticError):  # a topic of somebody's own, with a form of its own
        pass
    return f"\\approx {_decimals(answer.decimal, places, lang)}"


def _laid(exact: Term) -> Term:
    """A column as a row with a sign of transposition, which takes one line."""
    if isinstance(exact, MatrixTerm) and len(exact.rows) > 1 and all(len(row) == 1 for row in exact.rows):
        return transposed(matrix_term([[row[0] for row in exact.rows]]))
    return exact


def _small(formula: str) -> str:
    return _MATRIX.sub(r"\1smallmatrix", formula)


def _decimals(decimal: Any, places: int, lang: Lang) -> str:
    """A number, or a small matrix of numbers, as decimals."""
    if isinstance(decimal, str):
        return "\\infty" if decimal == "oo" else decimal_tex(Fraction(decimal), places, lang)
    rows = [row if isinstance(row, list | tuple) else [row] for row in decimal]
    if len(rows) > 1 and all(len(row) == 1 for row in rows):
        rows, end = [[row[0] for row in rows]], "^{\\top}"
    else:
        end = ""
    inner = " \\\\ ".join(" & ".join(_decimals(entry, places, lang) for entry in row) for row in rows)
    return f"\\begin{{psmallmatrix}} {inner} \\end{{psmallmatrix}}{end}"


def _mistake(one: ExerciseRecord, answer: AnswerRecord, name: str, exact: str, decimal: Any, lang: Lang) -> str:
    """A usual mistake: its name, what it costs, and the number that it leads to."""
    if not isinstance(decimal, str):  # the numbers that follow from a wrong matrix tell it
        return ""
    places = PLACES if answer.places is None else answer.places
    value = exact if re.fullmatch(r"-?\d{1,12}", exact) else _decimals(decimal, places, lang)
    costs = _cost(one, answer.part, name)
    points = f" \\(-{points_tex(costs, lang)}\\)" if costs else ""
    return f"{escape(name)}\\mbox{{{points}: \\({value}\\)}}"


def _cost(one: ExerciseRecord, part: str, mistake: str) -> Fraction | None:
    """What a mistake costs on this sheet; None where today's topic does not know it."""
    found = _parts(one.id).get(part)
    if found is None or mistake not in found.mistakes or part not in one.points:
        return None
    return cost(Fraction(one.points[part]), found.points, found.mistakes[mistake])


def _parts(exercise_id: str) -> Mapping[str, Part]:
    try:
        return {part.id: part for part in find(exercise_id).parts}
    except BlattwerkError:  # a topic that is not there any more, of students who were built before
        return {}
