"""Jobs to files: chunks of students are made apart, a failure is a value, and the others go on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from math import ceil
from pathlib import Path

from blattwerk.build.codec import adapter
from blattwerk.build.demos.training import train, wanted, with_findings
from blattwerk.build.make import Outcome, make
from blattwerk.build.notebooks.execution import Shelf, execute, notebooks_on, with_executed
from blattwerk.build.notebooks.kernel import check_installed
from blattwerk.build.plan import Job
from blattwerk.build.proof.prove import Proof
from blattwerk.build.store.cache import MEGABYTES, Cache
from blattwerk.build.store.files import write_whole
from blattwerk.build.store.handover import dispose, make_and_leave
from blattwerk.build.store.keys import key_of, proof_key
from blattwerk.build.store.manifest import Manifest, StudentRecord, digest, to_bytes
from blattwerk.build.store.spool import Spool
from blattwerk.build.workers import Pool
from blattwerk.vocabulary.derivation import Verified

# Students in one run of TeX: a quarter of the class within these limits, so that a small class keeps all workers busy
# and a large one does not pay for starting TeX. It does not depend on the number of workers, nor do the files.
FEWEST, MOST, PARTS = 5, 25, 4
UNDER_WAY = 8  # chunks


@dataclass(frozen=True)
class Report:
    """What became of a build, by student."""

    written: tuple[Path, ...]
    failures: Mapping[str, str]
    overfull: Mapping[str, tuple[str, ...]]
    changed: tuple[str, ...]
    notes: tuple[str, ...]


Task = Callable[[tuple[Job, ...]], tuple[Outcome, ...]]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


def silent(what: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
    """A progress bar that nobody sees."""
    return nullcontext(lambda count: None)


def build(
    jobs: Sequence[Job],
    out: Path,
    executor: Executor | None = None,
    progress: Progress = silent,
    cache: Cache | None = None,
) -> tuple[Report, Spool]:
    """Make all jobs and write their files as they come; the records come in the order of the jobs.

    Students are put together by their ids, so that the order of a class list does not matter. What the cache holds is
    not made again, and a file that is there already is not written again. Demos are trained first, equal ones together,
    and notebooks are executed.
    """
    if notebooks_on(jobs):
        check_installed()
    by_id = sorted(jobs, key=lambda job: job.student.id)
    keys = {job.student.id: key_of(job) for job in by_id} if cache else {}
    outcomes: dict[str, Outcome] = {}
    written: list[Path] = []
    records = Spool(job.student.id for job in jobs)

    def finish(outcome: Outcome, files: Mapping[str, bytes]) -> None:
        for path, content in files.items():
            write_whole(out / path, content)
        written.extend(out / path for path in outcome.files)
        if outcome.record:
            records.put(outcome.record)
        outcomes[outcome.student] = replace(outcome, files={}, record=None)

    missing = []
    for job in by_id:
        entry = cache.get(keys[job.student.id]) if cache else None
        if cache and entry:
            files = {p: cache.read(d) for p, d in entry.files.items() if not _is_there(out / p, d)}
            finish(entry.outcome(), files)
        else:
            missing.append(job)
    if cache:
        missing = [replace(job, proven=_proofs(cache, job)) for job in missing]
    missing = _with_demos(missing, executor, progress, cache)
    notebooks = _notebooks(missing, executor, progress, cache)
    size = chunk_size(len(missing))
    parts = (missing[i : i + size] for i in range(0, len(missing), size))
    chunks = (tuple(with_executed(job, notebooks) for job in part) for part in parts)
    students = {job.student.id: job for job in missing}

    def take(made: tuple[Outcome, ...]) -> int:
        for outcome in made:
            if cache and not outcome.changed:
                cache.put(keys[outcome.student], outcome)
                _keep_proofs(cache, students[outcome.student], outcome.record)
            finish(outcome, outcome.files)
            dispose(outcome)
        return len(made)

    with progress("building", len(jobs)) as advance:
        advance(len(jobs) - len(missing))
        for count in map(take, _made(chunks, executor)):  # no name keeps a chunk's files while the next one comes
            advance(count)
    if cache and missing:
        cache.trim(MEGABYTES << 20)
    return _report([outcomes[job.student.id] for job in jobs], written), records


def _proofs(cache: Cache, job: Job) -> dict[str, Proof]:
    """The proofs of a job's exercises that were kept: what has not changed since need not be proven again."""
    found = {}
    for entry in job.sheet.exercises:
        proof = None if job.stored else cache.piece_as(Proof, proof_key(job, entry))
        if proof is not None:
            found[entry.id] = proof
    return found


def _keep_proofs(cache: Cache, job: Job, record: StudentRecord | None) -> None:
    """Keep what was proven for a student."""
    if job.stored or record is None:
        return
    for entry, made in zip(job.sheet.exercises, record.exercises, strict=True):
        if entry.id not in job.proven:
            proof = Proof(made.oracles, Verified(made.relations["checked"], made.relations["cited"]))
            cache.keep_piece(proof_key(job, entry), adapter(Proof).dump_json(proof))


def _with_demos(jobs: list[Job], executor: Executor | None, progress: Progress, cache: Cache | None) -> list[Job]:
    """The jobs with the findings of their demos."""
    if not any(entry.demo for job in jobs for entry in job.sheet.exercises):
        return jobs
    settings = wanted(jobs)
    with progress("training", len(settings)) as advance:
        findings = train(settings, executor, advance, cache)
    return [with_findings(job, findings) for job in jobs]


def chunk_size(students: int) -> int:
    """How many students of a class are made at once."""
    return min(MOST, max(FEWEST, ceil(students / PARTS)))


def _notebooks(jobs: list[Job], executor: Executor | None, progress: Progress, cache: Cache | None) -> Shelf:
    """The notebooks of the sample solutions, executed."""
    count = notebooks_on(jobs)
    if not count:
        return Shelf()
    with progress("executing", count) as advance:
        return execute(jobs, executor, advance, cache)


def _is_there(path: Path, wanted: str) -> bool:
    return path.exists() and digest(path.read_bytes()) == wanted


def _report(outcomes: Sequence[Outcome], written: Iterable[Path]) -> Report:
    return Report(
        tuple(sorted(path for path in written if path.suffix in (".pdf", ".ipynb"))),
        {outcome.student: outcome.failure for outcome in outcomes if outcome.failure},
        {outcome.student: outcome.overfull for outcome in outcomes if outcome.overfull},
        tuple(change for outcome in outcomes for change in outcome.changed),
        tuple(outcome.note for outcome in outcomes if outcome.note),
    )


def _made(chunks: Iterable[tuple[Job, ...]], executor: Executor | None) -> Iterator[tuple[Outcome, ...]]:
    """The outcomes of each chunk as it is done. Few are under way at once, so that memory does not grow."""
    if executor is None:
        yield from map(make, chunks)
        return
    # Another executor may work on other machines, from which the files have to come with the outcomes.
    task: Task = partial(make_and_leave, executor.folder) if isinstance(executor, Pool) else make
    waiting = iter(chunks)
    under_way: set[Future[tuple[Outcome, ...]]] = set()
    while True:
        under_way |= {executor.submit(task, chunk) for chunk in islice(waiting, UNDER_WAY - len(under_way))}
        if not under_way:
            return
        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        while done:
            yield done.pop().result()


def write_manifest(content: Manifest, records: Spool, out: Path) -> Path:
    """Write manifest.json with these students into the output folder."""
    path = out / "manifest.json"
    write_whole(path, to_bytes(content, records.json()))
    return path
