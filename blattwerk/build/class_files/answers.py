"""answers.csv: every answer of every sheet, one to a line, for spreadsheets and programs."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from blattwerk.build.store.records import StudentRecord

COLUMNS = ("id", "exercise", "answer", "exact", "decimal")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def answers_csv(records: Iterable[StudentRecord]) -> Iterator[bytes]:
    """The file in pieces, a student at a time.

    `exact` is the plain form that `exact.read_exact` reads back; `decimal` a number, or a list of lists of a matrix.
    """
    yield _lines([COLUMNS])
    for record in records:
        yield _lines(
            (*map(no_formula, (record.id, one.key, answer.name)), answer.exact, decimal_text(answer.decimal))
            for one in record.exercises
            for answer in one.answers
        )


def no_formula(text: str) -> str:
    """A text that a spreadsheet takes for a text: one that begins like a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def decimal_text(decimal: Any) -> str:
    """A number as it stands in the record; a list of numbers as JSON, its numbers without quotation marks."""
    return decimal if isinstance(decimal, str) else json.dumps(decimal).replace('"', "")


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")
