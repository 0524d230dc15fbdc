"""What `build` and `solutions` share: the folder is theirs alone, the sheets are made, and what came of it is told."""

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blattwerk.build.signals import Interrupted, tidying
from blattwerk.commands.telling import progress, warn

if TYPE_CHECKING:
    from blattwerk.build.batch import Report
    from blattwerk.build.order.ordered import Ordered
    from blattwerk.build.store.blobs import Records

WHOLE = "the files written so far are whole, and the next run goes on from there"


@contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Nobody else writes into the folder meanwhile."""
    from blattwerk.build.store.journal import alone_in

    with tidying(WHOLE), alone_in(out) as warning:
        warn(warning)
        yield


def command_line(name: str, argument: Path | None, options: dict[str, Any]) -> str:
    """The command line of a whole class, to be shown with --only for a student who failed."""
    said = [(option, value) for option, value in options.items() if value is not None]
    words = ("blattwerk", name, argument, *(word for pair in said for word in pair))
    return shlex.join(str(word) for word in words if word is not None)


def prepare_workers(jobs: int, out: Path) -> None:
    """Let the workers load their libraries while this process reads its files.

    Where the output folder is there, perhaps nothing is to be done; then they wait until there is work.
    """
    from blattwerk.build.workers import prepare

    if jobs != 1 and not out.exists():
        prepare()


def print_missing(missing: Mapping[str, list[str]], out: Path) -> None:
    for student, files in missing.items():
        whose = f"student '{student}'" if student else "the class"
        print(f"failed: {whose}: not in {out} as they were written: {', '.join(files)}", file=sys.stderr)


@contextmanager
def made(
    orders: "tuple[Ordered, ...]",
    out: Path,
    jobs: int,
    dask: str | None = None,
    changing: Callable[[], None] = lambda: None,
) -> "Iterator[tuple[Report, Records]]":
    """The sheets, made with a progress bar and written; the report and the students' records, which lie on disk."""
    from blattwerk.build.batch import build as make_all
    from blattwerk.build.cached import usable
    from blattwerk.build.files import sweep, work_folder
    from blattwerk.build.proof.beforehand import check_oracles
    from blattwerk.build.store.cache import limit, sheets_cache
    from blattwerk.build.workers import cluster, processes

    warn(limit().note)
    warn(usable())
    if not dask:  # a cluster may have other libraries
        check_oracles(orders)
    sweep()
    try:
        with tidying(WHOLE), work_folder() as work:
            workers = cluster(dask) if dask else processes(jobs, len(orders))
            with workers as executor:
                made = make_all(orders, out, work, executor, progress, sheets_cache(), changing)
            yield made
    except Interrupted:
        sweep()  # workers that were killed have left theirs
        raise


def print_report(report: "Report", out: Path, with_manifest: bool) -> None:
    shown = report.written if len(report.written) <= 8 else report.written[:4]
    for path in shown:
        print(path)
    if len(report.written) > len(shown):
        print(f"... and {len(report.written) - len(shown)} more files in {out}")
    if with_manifest:
        print(out / "manifest.json")
    for note in report.notes:
        print(f"warning: {note}", file=sys.stderr)
    for student, lines in report.overfull.items():
        print(f"warning: '{student}': something sticks out of the margin: {lines[0]}", file=sys.stderr)
    for failure in report.failures.values():
        print(f"failed: {failure}", file=sys.stderr)
