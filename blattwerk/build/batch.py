"""From orders to written files.

Students are drawn, their demos trained and their notebooks executed together, and their sheets made in chunks. A
failure is a value, and the others go on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from math import ceil
from pathlib import Path
from typing import TypeVar

from blattwerk.build.codec import digest
from blattwerk.build.demos.training import train, wanted
from blattwerk.build.files import write_whole
from blattwerk.build.make import Task, make
from blattwerk.build.notebooks.execution import FinishedNotebooks, finish_notebooks
from blattwerk.build.numbers import Drawn, draw
from blattwerk.build.order.ordered import Ordered, check_libraries
from blattwerk.build.order.stopping import stopping_one_student
from blattwerk.build.store.blobs import Blobs, Records
from blattwerk.build.store.cache import Cache, Finished, limit
from blattwerk.build.store.filing import Filed, failed
from blattwerk.build.store.journal import is_there
from blattwerk.build.store.keys import order_key
from blattwerk.build.workers import Pool
from blattwerk.errors import SheetFailure

# Students in one run of TeX: a quarter of the class within these limits, so that a small class keeps all workers busy
# and a large one does not pay for starting TeX. It does not depend on the number of workers, nor do the files.
FEWEST, MOST, PARTS = 5, 25, 4
UNDER_WAY = 8  # chunks

A = TypeVar("A")
B = TypeVar("B")
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class Report:
    """What became of a build, by student."""

    written: tuple[Path, ...]
    failures: Mapping[str, str]
    overfull: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


def silent(what: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
    """A progress bar that nobody sees."""
    return nullcontext(lambda count: None)


@dataclass
class _Output:
    """Where a build leaves what it has made: the output folder, the records, and what is to be reported."""

    out: Path
    records: Records
    changing: Callable[[], None]
    written: list[Path] = field(default_factory=list)
    filed: dict[str, Filed] = field(default_factory=dict)

    def take(self, filed: Filed, files: Mapping[str, bytes]) -> None:
        """Write a student's files and keep the record; of the rest, only what is reported stays in memory."""
        if files:
            self.changing()
        for path, content in files.items():
            write_whole(self.out / path, content)
        self.written.extend(self.out / path for path in filed.files)
        if filed.record:
            self.records.put(filed.record)
        self.filed[filed.student] = replace(filed, files={}, record=None)

    def report(self, orders: Iterable[Ordered]) -> Report:
        """What became of the students, in the order of the class."""
        there = [self.filed[order.student.id] for order in orders]
        return Report(
            tuple(sorted(path for path in self.written if path.suffix in (".pdf", ".html", ".ipynb"))),
            {one.student: one.failure for one in there if one.failure},
            {one.student: one.overfull for one in there if one.overfull},
            tuple(one.note for one in there if one.note),
        )


def build(
    orders: Sequence[Ordered],
    out: Path,
    work: Path,
    executor: Executor | None = None,
    progress: Progress = silent,
    cache: Cache | None = None,
    changing: Callable[[], None] = lambda: None,
) -> tuple[Report, Records]:
    """Make all sheets and write their files as they come; the records come in the order given.

    Students are put together by their ids, so that the order of a class list does not matter. What the cache holds is
    not made again, and a file that is there already is not written again. `work` is a folder for what waits on disk;
    `changing` is called before files of the output folder change.
    """
    check_libraries(orders)
    by_id = sorted(orders, key=lambda order: order.student.id)
    output = _Output(out, Records(work / "records", tuple(order.student.id for order in orders)), changing)
    missing = _take_finished(by_id, output, cache)
    drawn = _drawn(missing, output, executor)
    tasks = _tasks(drawn, work, executor, progress, cache)
    with progress("building", len(orders)) as advance:
        advance(len(orders) - len(drawn))
        _make_all(tasks, len(drawn), output, executor, work, advance, cache)
    if cache and missing:
        cache.trim(limit().megabytes << 20)
    report = output.report(orders)
    return (replace(report, notes=(*report.notes, cache.note)) if cache and cache.note else report), output.records


def _take_finished(orders: Sequence[Ordered], output: _Output, cache: Cache | None) -> list[Ordered]:
    """Take from the cache what was made before; the orders that are left."""
    if cache is None:
        return list(orders)
    missing = []
    for order in orders:
        held = cache.finished(order_key(order))
        files = _files_to_write(held, output.out, cache) if held else None
        if held is None or files is None:
            missing.append(order)
        else:
            output.take(held.filed(), files)
    return missing


def _files_to_write(held: Finished, out: Path, cache: Cache) -> dict[str, bytes] | None:
    """What a finished order lacks in the output folder; None where the cache has lost or damaged some of it."""
    try:
        return {path: cache.read(d) for path, d in held.files.items() if not is_there(out / path, d)}
    except OSError:
        return None


def _drawn(orders: Sequence[Ordered], output: _Output, executor: Executor | None) -> list[Drawn]:
    """The students' numbers; those who cannot be drawn are reported."""
    found = []
    for chunk in _each(draw_chunk, _chunks(orders), executor):
        for one in chunk:
            if isinstance(one, Drawn):
                found.append(one)
            else:
                output.take(one, one.files)
    return sorted(found, key=lambda drawn: drawn.order.student.id)


def draw_chunk(orders: tuple[Ordered, ...]) -> tuple[Drawn | Filed, ...]:
    """The numbers of each student, or why there are none."""
    return tuple(map(_drawn_or_failed, orders))


def _drawn_or_failed(order: Ordered) -> Drawn | Filed:
    try:
        with stopping_one_student():
            return draw(order)
    except SheetFailure as error:
        return failed(order, error)


def _tasks(
    students: Sequence[Drawn], work: Path, executor: Executor | None, progress: Progress, cache: Cache | None
) -> Iterator[Task]:
    """Each student's numbers with what is made for all students together: findings of demos, executed notebooks."""
    demos = wanted(students)
    findings = {}
    if demos:
        with progress("training", len(demos)) as advance:
            findings = train(demos, executor, advance, cache)
    count = sum(drawn.order.notebooks for drawn in students)
    finished = FinishedNotebooks(work / "notebooks")
    if count:
        with progress("executing", count) as advance:
            finished = finish_notebooks(students, work / "notebooks", executor, advance, cache)
    for drawn in students:
        student = drawn.order.student.id
        own = {one.key: findings[student, one.key] for one in drawn.exercises if (student, one.key) in findings}
        yield Task(drawn, own, finished.of(student))


def _make_all(
    tasks: Iterator[Task],
    count: int,
    output: _Output,
    executor: Executor | None,
    work: Path,
    advance: Callable[[int], None],
    cache: Cache | None,
) -> None:
    """Make all tasks, and take each chunk as it is done."""
    local = executor is None or isinstance(executor, Pool)
    # Another executor may work on other machines, which have neither our cache nor our folders.
    kept = cache if local else None
    task = partial(make_and_leave, work, kept) if isinstance(executor, Pool) else partial(make, kept=kept)
    under_way: dict[str, Drawn] = {}

    def chunks() -> Iterator[tuple[Task, ...]]:
        for chunk in _chunked(tasks, chunk_size(count)):
            under_way.update({one.drawn.order.student.id: one.drawn for one in chunk})
            yield chunk

    for made in _each(task, chunks(), executor):
        for filed in made:
            drawn = under_way.pop(filed.student)
            if cache:
                cache.keep(order_key(drawn.order), filed)
            output.take(filed, filed.files)
            if isinstance(filed.files, Blobs):
                filed.files.dispose()
        advance(len(made))


def make_and_leave(folder: Path, kept: Cache | None, tasks: tuple[Task, ...]) -> tuple[Filed, ...]:
    """What `make` gives, the files left in a folder: so few PDFs lie in memory together."""
    return tuple(replace(filed, files=_left(folder, filed)) for filed in make(tasks, kept))


def _left(folder: Path, filed: Filed) -> Blobs:
    left = Blobs(folder / digest(filed.student.encode("utf-8")))
    for path, content in filed.files.items():
        left.put(path, content)
    return left


def chunk_size(students: int) -> int:
    """How many students of a class are made at once."""
    return min(MOST, max(FEWEST, ceil(students / PARTS)))


def _chunks(orders: Sequence[Ordered]) -> Iterator[tuple[Ordered, ...]]:
    return _chunked(iter(orders), chunk_size(len(orders)))


def _chunked(values: Iterator[A], size: int) -> Iterator[tuple[A, ...]]:
    while chunk := tuple(islice(values, size)):
        yield chunk


def _each(task: Callable[[A], B], chunks: Iterable[A], executor: Executor | None) -> Iterator[B]:
    """What a task makes of each chunk, as it is done. Few are under way at once, so that memory does not grow."""
    if executor is None:
        yield from map(task, chunks)
        return
    waiting = iter(chunks)
    under_way: set[Future[B]] = set()
    while True:
        under_way |= {executor.submit(task, chunk) for chunk in islice(waiting, UNDER_WAY - len(under_way))}
        if not under_way:
            return
        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        while done:
            yield done.pop().result()
