"""Classes for tests: orders for some students, and a build whose records are values."""

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from blattwerk.build.batch import Progress, Report, build, silent
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.manifest import Manifest, identity_of, manifest_of
from blattwerk.build.store.records import StudentRecord


def german(sheet: SheetFile, *students: str, seed: int = 7, **more: Any) -> tuple[Ordered, ...]:
    """German question and solution for each student."""
    return order(sheet, tuple(map(Student, students)), seed, ("de",), **more)


def built(
    orders: Sequence[Ordered],
    out: Path,
    executor: Executor | None = None,
    progress: Progress = silent,
    cache: Cache | None = None,
) -> tuple[Report, tuple[StudentRecord, ...]]:
    """The report and the records of a build."""
    with TemporaryDirectory() as work:
        report, records = build(orders, out, Path(work), executor, progress, cache)
        return report, tuple(records.read(student) for student in records)


def manifest(sheet: SheetFile, students: tuple[StudentRecord, ...], seed: int = 7) -> Manifest:
    """A manifest of a class without a secret."""
    return manifest_of(sheet, identity_of(sheet, "sheet", seed, b"", True), students)


def contents(folder: Path) -> dict[str, bytes]:
    """All files by their path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
