"""Bytes by key in one file, so that a large class takes no more memory than a small one.

Workers hand over what they made in such files, and what waits for the end of a build lies in one.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from blattwerk.build.store.manifest import record_bytes
from blattwerk.build.store.records import StudentRecord


class Blobs(Mapping[str, bytes]):
    """Bytes by key, one behind the other in a file; read when they are asked for. It can be sent to another process."""

    def __init__(self, file: Path) -> None:
        """Nothing yet; the file is made with the first entry."""
        self.file = file
        self._places: dict[str, tuple[int, int]] = {}

    def put(self, key: str, content: bytes) -> None:
        """Add an entry, or replace one."""
        with self.file.open("ab") as file:
            self._places[key] = file.tell(), len(content)
            file.write(content)

    def __getitem__(self, key: str) -> bytes:
        start, length = self._places[key]
        with self.file.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def dispose(self) -> None:
        """Remove the file."""
        self.file.unlink(missing_ok=True)
        self._places.clear()


class Records(Mapping[str, bytes]):
    """Students' records as JSON, which come in any order and are read in a given one."""

    def __init__(self, file: Path, order: tuple[str, ...]) -> None:
        """No record yet; `order` names the students."""
        self._blobs = Blobs(file)
        self._order = order
        self._files: dict[str, Mapping[str, str]] = {}

    def put(self, record: StudentRecord) -> None:
        """Add a student's record."""
        self._blobs.put(record.id, record_bytes(record))
        self._files[record.id] = record.files

    def files(self, student: str) -> Mapping[str, str]:
        """What a student's record lists, digests by path."""
        return self._files[student]

    def listed(self) -> Mapping[str, Mapping[str, str]]:
        """What all records list, by student."""
        return self._files

    def read(self, student: str) -> StudentRecord:
        """A student's record."""
        return StudentRecord.model_validate_json(self._blobs[student])

    def __getitem__(self, student: str) -> bytes:
        return self._blobs[student]

    def __iter__(self) -> Iterator[str]:
        return (student for student in self._order if student in self._blobs)

    def __len__(self) -> int:
        return len(self._blobs)
