"""answers.csv: cells that are what they say, in a spreadsheet too."""

import csv
import io

import pytest

from blattwerk.build.class_files.answers import COLUMNS, answers_csv, decimal_text, no_formula
from blattwerk.build.store.records import AnswerRecord, StudentRecord
from tests.build.store.test_records import recorded


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_are_texts(text: str) -> None:
    """Nobody's id makes a spreadsheet compute."""
    assert no_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["s1017", "a=b", "Ümlaut", ""])
def test_other_texts_stay(text: str) -> None:
    """As they are."""
    assert no_formula(text) == text


def test_rows() -> None:
    """One for each answer of each exercise, quoted where a comma is inside."""
    _, exercise = recorded("softmax", 3)
    hostile = AnswerRecord(name='=x,"y"', part="loss", exact="-1/2", decimal="-0.5")
    exercise = exercise.model_copy(update={"answers": (*exercise.answers, hostile)})
    record = StudentRecord.model_construct(id="s1", exercises=(exercise,))
    rows = list(csv.reader(io.StringIO(b"".join(answers_csv([record, record])).decode())))
    assert rows[0] == list(COLUMNS)
    assert len(rows) == 1 + 2 * len(exercise.answers)
    assert rows[-1] == ["s1", "softmax", '\'=x,"y"', "-1/2", "-0.5"]


def test_decimals_of_a_matrix_are_json() -> None:
    """Numbers, no texts."""
    assert decimal_text([["1.50", "-2"], ["0E-12", "3"]]) == "[[1.50, -2], [0E-12, 3]]"
