"""The notebooks of a class, before its sheets are made: the student's are left open, the solution's executed.

Each is executed in a kernel of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from blattwerk.build.libraries import TORCH, check_extra
from blattwerk.build.notebooks.cells import notebook_bytes, open_cells
from blattwerk.build.notebooks.kernel import executed
from blattwerk.build.notebooks.writing import Notebook, notebooks
from blattwerk.build.numbers import Drawn
from blattwerk.build.order.stopping import stopping_one_student
from blattwerk.build.store.blobs import Blobs
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.keys import notebook_key
from blattwerk.errors import BlattwerkError, SheetFailure

UNDER_WAY = 32  # notebooks


@dataclass(frozen=True)
class Solution:
    """A notebook to be executed: whose it is, where it goes, and its content."""

    student: str
    path: str
    content: bytes


class FinishedNotebooks:
    """The notebooks of a class by student and path, on disk while a build runs, or why one could not be executed."""

    def __init__(self, file: Path) -> None:
        """None yet; they will lie in this file."""
        self._blobs = Blobs(file)
        self._made: dict[str, dict[str, str]] = {}  # by student and path: why there is none, or nothing

    def put(self, student: str, path: str, made: bytes | str) -> None:
        """Add a notebook, or why there is none."""
        if isinstance(made, bytes):
            self._blobs.put(path, made)
        self._made.setdefault(student, {})[path] = made if isinstance(made, str) else ""

    def of(self, student: str) -> dict[str, bytes | str]:
        """A student's notebooks by path."""
        return {path: failure or self._blobs[path] for path, failure in self._made.get(student, {}).items()}


def finish_notebooks(
    students: Sequence[Drawn],
    file: Path,
    executor: Executor | None = None,
    advance: Callable[[int], None] = lambda count: None,
    cache: Cache | None = None,
) -> FinishedNotebooks:
    """All notebooks, those of the sample solution executed; what the cache holds is not executed again."""
    finished = FinishedNotebooks(file)
    waiting = _not_held(_solutions(students, finished), finished, advance, cache)
    for solution, made in _executed(waiting, executor):
        finished.put(solution.student, solution.path, made)
        if cache and isinstance(made, bytes):
            cache.keep_piece(notebook_key(solution.content), made)
        advance(1)
    return finished


def _solutions(students: Iterable[Drawn], finished: FinishedNotebooks) -> Iterator[Solution]:
    """What is to be executed; the open notebooks are finished at once."""
    for drawn in students:
        student, kinds = drawn.order.student.id, drawn.order.kinds
        try:
            written = notebooks(drawn)
        except SheetFailure as error:
            finished.put(student, "solutions", ": ".join(filter(None, (error.exercise, str(error)))))
            continue
        for notebook in written:
            if "questions" in kinds:
                finished.put(student, f"notebooks/{notebook.name}", _open(notebook))
            if "solutions" in kinds:
                content = notebook_bytes(notebook.solved)
                if b"import torch" in content:  # told at once, and not by a cell of each student's
                    check_extra(TORCH, "notebooks that import torch")
                yield Solution(student, f"solutions/{notebook.name}", content)


def _open(notebook: Notebook) -> bytes:
    return notebook_bytes(open_cells(notebook.solved, notebook.lang))


def _not_held(
    solutions: Iterable[Solution], finished: FinishedNotebooks, advance: Callable[[int], None], cache: Cache | None
) -> Iterator[Solution]:
    """What is not in the cache; the others are finished."""
    for solution in solutions:
        held = cache.piece(notebook_key(solution.content)) if cache else None
        if held is None:
            yield solution
        else:
            finished.put(solution.student, solution.path, held)
            advance(1)


def _executed(solutions: Iterator[Solution], executor: Executor | None) -> Iterator[tuple[Solution, bytes | str]]:
    """What becomes of each, as it is done. Few are under way at once, so that memory does not grow."""
    if executor is None:
        yield from ((solution, execute_one(solution)) for solution in solutions)
        return
    under_way: dict[Future[bytes | str], Solution] = {}
    while True:
        under_way |= {executor.submit(execute_one, one): one for one in islice(solutions, UNDER_WAY - len(under_way))}
        if not under_way:
            return
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            yield under_way.pop(future), future.result()


def execute_one(solution: Solution) -> bytes | str:
    """A notebook executed, or why it could not be."""
    try:
        with stopping_one_student():
            return executed(solution.content)
    except BlattwerkError as error:
        return f"the notebook {solution.path.rpartition('/')[2]}: {error}"
