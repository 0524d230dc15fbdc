"""What waits on disk while a build runs, so that a large class takes no more memory than a small one."""

import tempfile
import weakref
from collections.abc import Iterable, Sequence
from typing import overload

from blattwerk.build.store.manifest import StudentRecord


class Drawer:
    """Bytes by key, in a file without a name that is gone when the drawer is."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # it is open as long as the drawer is there
        weakref.finalize(self, self._file.close)
        self._places: dict[str, tuple[int, int]] = {}

    def put(self, key: str, content: bytes) -> None:
        """Lay something into the drawer."""
        self._places[key] = self._file.seek(0, 2), self._file.write(content)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __getitem__(self, key: str) -> bytes:
        start, length = self._places[key]
        self._file.seek(start)
        return self._file.read(length)


class Spool(Sequence[StudentRecord]):
    """Records that come in any order and are read in a given one."""

    def __init__(self, order: Iterable[str]) -> None:
        self._drawer = Drawer()
        self._order = tuple(order)

    def put(self, record: StudentRecord) -> None:
        """Add a student's record."""
        self._drawer.put(record.id, record.model_dump_json(indent=1).encode("utf-8"))

    def __len__(self) -> int:
        return len(self._there())

    @overload
    def __getitem__(self, index: int) -> StudentRecord: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[StudentRecord, ...]: ...
    def __getitem__(self, index: int | slice) -> StudentRecord | tuple[StudentRecord, ...]:
        if isinstance(index, slice):
            return tuple(self._read(student) for student in self._there()[index])
        return self._read(self._there()[index])

    def json(self) -> Iterable[bytes]:
        """Each record as JSON, in order."""
        return (self._drawer[student] for student in self._there())

    def _there(self) -> list[str]:
        """The students whose records have come."""
        return [student for student in self._order if student in self._drawer]

    def _read(self, student: str) -> StudentRecord:
        return StudentRecord.model_validate_json(self._drawer[student])
