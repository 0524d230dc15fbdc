"""Executing the solution notebooks of a class before its sheets are made, each in a kernel of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from itertools import islice

from blattwerk.build.make import code_of
from blattwerk.build.notebooks.cells import notebook_bytes
from blattwerk.build.notebooks.kernel import executed
from blattwerk.build.notebooks.writing import solved_notebooks
from blattwerk.build.plan import Job, items
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.keys import notebook_key
from blattwerk.build.store.spool import Drawer
from blattwerk.errors import BlattwerkError, SheetFailure

UNDER_WAY = 32  # notebooks


@dataclass(frozen=True)
class Task:
    """A notebook to be executed: whose it is, the name of its file, and its content."""

    student: str
    name: str
    content: bytes


class Shelf:
    """Executed notebooks, on disk while a build runs, or why one could not be executed."""

    def __init__(self) -> None:
        self._drawer = Drawer()
        self._made: dict[str, dict[str, str]] = {}  # by student and name: why there is none, or nothing

    def put(self, task: Task, made: bytes | str) -> None:
        """Add what became of a task."""
        if isinstance(made, bytes):
            self._drawer.put(task.name, made)
        self._made.setdefault(task.student, {})[task.name] = made if isinstance(made, str) else ""

    def of(self, student: str) -> dict[str, bytes | str]:
        """A student's notebooks by name."""
        return {name: failure or self._drawer[name] for name, failure in self._made.get(student, {}).items()}


def notebooks_on(jobs: Iterable[Job]) -> int:
    """How many notebooks stand on these sheets."""
    return sum(len(job.languages) * entry.notebook for job in jobs for entry in job.sheet.exercises)


def with_executed(job: Job, shelf: Shelf) -> Job:
    """The job with its own notebooks."""
    return replace(job, executed=shelf.of(job.student.id))


def execute(
    jobs: Sequence[Job],
    executor: Executor | None = None,
    advance: Callable[[int], None] = lambda count: None,
    cache: Cache | None = None,
) -> Shelf:
    """The notebooks of all sample solutions, executed; what the cache holds is not executed again."""
    shelf = Shelf()
    for task, made in _executed(_not_held(_tasks(jobs), shelf, advance, cache), executor):
        shelf.put(task, made)
        if cache and isinstance(made, bytes):
            cache.keep_piece(notebook_key(task.content), made)
        advance(1)
    return shelf


def _tasks(jobs: Iterable[Job]) -> Iterator[Task]:
    """A student whose numbers cannot be drawn has none; the sheet will fail for the same reason."""
    for job in jobs:
        try:
            solved = solved_notebooks(job, items(job), code_of(job))
        except SheetFailure:
            continue
        yield from (Task(job.student.id, name, notebook_bytes(shown)) for (name, _), shown in solved.items())


def _not_held(
    tasks: Iterable[Task], shelf: Shelf, advance: Callable[[int], None], cache: Cache | None
) -> Iterator[Task]:
    """The tasks that are not in the cache; the others are put on the shelf."""
    for task in tasks:
        held = cache.piece(notebook_key(task.content)) if cache else None
        if held is None:
            yield task
        else:
            shelf.put(task, held)
            advance(1)


def _executed(tasks: Iterator[Task], executor: Executor | None) -> Iterator[tuple[Task, bytes | str]]:
    """What becomes of each task, as it is done. Few are under way at once, so that memory does not grow."""
    if executor is None:
        yield from ((task, execute_one(task)) for task in tasks)
        return
    under_way: dict[Future[bytes | str], Task] = {}
    while True:
        under_way |= {executor.submit(execute_one, task): task for task in islice(tasks, UNDER_WAY - len(under_way))}
        if not under_way:
            return
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            yield under_way.pop(future), future.result()


def execute_one(task: Task) -> bytes | str:
    """A notebook executed, or why it could not be."""
    try:
        return executed(task.content)
    except BlattwerkError as error:
        return f"the notebook {task.name}: {error}"
