"""Golden TeX: one instance of every exercise in both languages, question and solution. PDFs would differ by TeX."""

from typing import Any

import pytest

from blattwerk.build.job import WHOLE
from blattwerk.build.order.catalogue import catalogue
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.page.header import sheet_view
from blattwerk.build.page.view import Item, exercise_view, sheet_body
from blattwerk.build.press.preamble import preamble
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.instances import instance, placed


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_exercises(exercise_id: str, lang: Lang, golden: Any) -> None:
    """The sheet's body for seed 7."""
    sheet = checked_sheet(
        {
            "course": {"title": {"en": "Machine learning", "de": "Maschinelles Lernen"}},
            "sheet": {"number": 7, "title": exercise_id, "deadline": "2026-12-10T10:00:00", "hints": True},
            "exercises": [{"id": exercise_id}],
        },
        "golden",
    )
    one = instance(exercise_id, 7)
    item = Item(one, placed(one), hints=True)
    view = exercise_view(1, item, lang, {name: f"{name}.pdf" for name in one.figures})
    bodies = [sheet_body(sheet_view(sheet, Student("s1"), "CODE-CODE", (view,), lang, kind), lang) for kind in WHOLE]
    golden.check(f"{exercise_id}.{lang}.tex", "\n".join(bodies))


def test_preamble(golden: Any) -> None:
    """Everything before the document."""
    golden.check("preamble.pdflatex.tex", preamble("pdflatex"))
