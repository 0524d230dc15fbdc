"""The students' records on disk while a build runs, so that a large class takes no more memory than a small one."""

import tempfile
import weakref
from collections.abc import Iterable, Sequence
from typing import overload

from blattwerk.build.manifest import StudentRecord


class Spool(Sequence[StudentRecord]):
    """Records that come in any order and are read in a given one; they lie in a file that has no name."""

    def __init__(self, order: Iterable[str]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed, and gone, with the spool
        weakref.finalize(self, self._file.close)
        self._places: dict[str, tuple[int, int]] = {}
        self._order = tuple(order)

    def put(self, record: StudentRecord) -> None:
        """Add a student's record."""
        content = record.model_dump_json(indent=1).encode("utf-8")
        self._places[record.id] = self._file.seek(0, 2), len(content)
        self._file.write(content)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> StudentRecord: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[StudentRecord, ...]: ...
    def __getitem__(self, index: int | slice) -> StudentRecord | tuple[StudentRecord, ...]:
        there = [student for student in self._order if student in self._places]
        if isinstance(index, slice):
            return tuple(self._read(student) for student in there[index])
        return self._read(there[index])

    def json(self) -> Iterable[bytes]:
        """Each record as JSON, in order."""
        return (self._bytes(student) for student in self._order if student in self._places)

    def _read(self, student: str) -> StudentRecord:
        return StudentRecord.model_validate_json(self._bytes(student))

    def _bytes(self, student: str) -> bytes:
        start, length = self._places[student]
        self._file.seek(start)
        return self._file.read(length)
