"""The cells of a notebook: one source, two files made of it, the student's and the sample solution. Pure.

A source is text in the percent format: a line `# %% kind name` begins a cell, and the points stand behind the name
where the cell is marked. In a task, `### BEGIN SOLUTION` and `### END SOLUTION` (the marks of nbgrader) enclose what
the student has to write; an answer is written by the student as a whole.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from blattwerk.build.page.words import words
from blattwerk.errors import TemplateFailure
from blattwerk.vocabulary.language import Lang

CellKind = Literal["text", "code", "task", "check", "answer"]
MARKED: tuple[CellKind, ...] = ("check", "answer")
PROSE: tuple[CellKind, ...] = ("text", "answer")
TEMPLATE = "notebook.py.j2"  # a notebook's source, in the folder of its topic's templates
NBGRADER = 3  # the version of its cells' metadata
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

_HEAD = re.compile(rf"^# %% ({'|'.join(get_args(CellKind))}) ([a-z0-9-]{{1,64}})(?: ([1-9]\d*))?$", re.MULTILINE)
_SOLUTION = re.compile(r"^([ ]*)### BEGIN SOLUTION\n.*?^[ ]*### END SOLUTION$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """One cell: prose (text, answer) or Python. Checks and answers bring points."""

    kind: CellKind
    name: str
    source: str
    points: int = 0


def cells(source: str, where: str) -> tuple[Cell, ...]:
    """The cells of a source, which messages call `where`; raises TemplateFailure where it breaks a rule."""
    head, *pieces = _HEAD.split(source)
    found = tuple(
        Cell(kind, name, text.strip("\n").rstrip(), int(points or 0))
        for kind, name, points, text in zip(*[iter(pieces)] * 4, strict=True)
    )
    for mistake in _mistakes(head, found):
        raise TemplateFailure(f"{where}: {mistake}")
    return found


def _mistakes(head: str, found: Sequence[Cell]) -> Iterator[str]:
    names = [cell.name for cell in found]
    if head.strip():
        yield f"{head.strip()[:40]!r} stands before the first cell"
    for cell in found:
        if names.count(cell.name) > 1:
            yield f"two cells are called '{cell.name}'"
        if re.search(r"^# ?%%", cell.source, re.MULTILINE):
            yield f"a line of '{cell.name}' looks like the beginning of a cell, but names no kind or no proper name"
        if bool(cell.points) != (cell.kind in MARKED):
            yield f"'{cell.name}' is a cell of the kind {cell.kind}; checks and answers have points, others have none"
        solved = bool(_SOLUTION.search(cell.source))
        if solved != (cell.kind == "task") or "SOLUTION" in _SOLUTION.sub("", cell.source):
            yield f"'{cell.name}': every task, and nothing else, has a solution, from BEGIN to END"


def open_cells(solved: Sequence[Cell], lang: Lang) -> tuple[Cell, ...]:
    """The cells as the student gets them: a stub that says what to do in the place of each solution and answer."""
    w = words(lang)
    stub = f'raise NotImplementedError("{w.notebook_open}")'
    return tuple(
        replace(cell, source=w.notebook_answer)
        if cell.kind == "answer"
        else replace(cell, source=_SOLUTION.sub(lambda found: found.group(1) + stub, cell.source))
        for cell in solved
    )


def notebook_bytes(shown: Sequence[Cell]) -> bytes:
    """The notebook file with these cells, none of them executed (nbformat 4.5)."""
    import nbformat

    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[_node(cell) for cell in shown], metadata=metadata)
    return to_bytes(notebook)


def to_bytes(notebook: Any) -> bytes:
    """A notebook as JSON, the same bytes for the same content."""
    import nbformat

    return f"{nbformat.writes(notebook)}\n".encode()


def _node(cell: Cell) -> Any:
    from nbformat.v4 import new_code_cell, new_markdown_cell

    if cell.kind in PROSE:
        return new_markdown_cell(cell.source, id=cell.name, metadata=_metadata(cell))
    return new_code_cell(cell.source, id=cell.name, metadata=_metadata(cell))


def _metadata(cell: Cell) -> dict[str, Any]:
    """What nbgrader has to know: what is marked, what the student writes, and what has to stay as it is."""
    if cell.kind == "text":
        return {}
    own = cell.kind in ("task", "answer")
    grade = cell.kind in MARKED
    flags = {"grade": grade, "solution": own, "locked": not own, "task": False}
    points = {"points": cell.points} if grade else {}
    return {"nbgrader": {"schema_version": NBGRADER, "grade_id": cell.name, **flags, **points}}
