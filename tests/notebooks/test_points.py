"""A student reads in the notebook what each task and question of it brings, and that the sheet does not count it."""

import re
from pathlib import Path

import pytest

from blattwerk.build.order.catalogue import catalogue, find_topic
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.notebooks.course import solved

IDS = tuple(exercise for exercise in catalogue() if find_topic(exercise).has_notebook())
DOCUMENT = Path(__file__).parents[2] / "docs" / "notebooks.md"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("exercise_id", IDS)
def test_points_stand_in_the_text_before_what_brings_them(exercise_id: str, lang: Lang) -> None:
    """In the last text before the cell; the sum in the first text."""
    intro, *others = solved(exercise_id, lang)
    last, total = intro, 0
    for cell in others:
        if cell.kind == "text":
            last = cell
        elif cell.points:
            assert re.findall(r"\((\d+) P\.\)", last.source) == [str(cell.points)], cell.name
            total += cell.points
    assert f" {total} P." in intro.source


@pytest.mark.parametrize("exercise_id", IDS)
def test_the_document_gives_the_sum(exercise_id: str) -> None:
    """In the last column of the table of notebooks."""
    (row,) = (line for line in DOCUMENT.read_text().splitlines() if line.startswith(f"| `{exercise_id}` |"))
    assert row.endswith(f" | {sum(cell.points for cell in solved(exercise_id))} |")
