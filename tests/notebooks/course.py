"""Notebooks for tests: their cells, and what becomes of them when a student writes something else."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from blattwerk.build.notebooks.cells import PROSE, Cell
from blattwerk.build.notebooks.writing import topic_cells
from blattwerk.vocabulary.exercise import Difficulty
from blattwerk.vocabulary.language import Lang
from tests.instances import instance


def solved(exercise_id: str, lang: Lang = "en", difficulty: Difficulty = "standard") -> tuple[Cell, ...]:
    """The complete notebook of the instance that `show EXERCISE --seed 7` shows, without its title."""
    return topic_cells(instance(exercise_id, 7, difficulty), 7, lang)


def code(cells: Iterable[Cell]) -> list[Cell]:
    """The cells that are executed."""
    return [cell for cell in cells if cell.kind not in PROSE]


def graded(cells: Iterable[Cell]) -> list[Cell]:
    """The cells that are executed, up to the last check of a task."""
    executed = code(cells)
    last = max(i for i, cell in enumerate(executed) if cell.kind == "task") + 1
    return executed[: last + 1]


def run(cells: Iterable[Cell], names: dict[str, Any] | None = None) -> dict[str, Any]:
    """The names after the cells have been executed here, in order, without a kernel; pictures are not shown."""
    import matplotlib.pyplot as plt

    namespace = {"__name__": "notebook"} if names is None else names
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plt, "show", lambda: plt.close("all"))
        for cell in cells:
            exec(compile(cell.source, cell.name, "exec"), namespace)
    return namespace


@cache
def before(cells: tuple[Cell, ...], place: int) -> dict[str, Any]:
    """The names after so many cells."""
    return run(cells[:place])


def objection(cells: Iterable[Cell], task: str, old: str, new: str) -> str:
    """What the check behind a task says where the solution has `new` in the place of `old`; empty if it is content."""
    executed = tuple(graded(cells))
    (place,) = (i for i, cell in enumerate(executed) if cell.name == task)
    source = executed[place].source
    assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in '{task}'"
    wrong = Cell("task", task, source.replace(old, new))
    try:
        run([wrong, executed[place + 1]], dict(before(executed, place)))
    except (AssertionError, ArithmeticError, TypeError, ValueError, RuntimeError, KeyError, IndexError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
