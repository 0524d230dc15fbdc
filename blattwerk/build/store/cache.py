"""What was built before: finished sheets by what they depend on (see `keys`), so that nothing is made twice.

Entries and PDFs lie in the user's cache, PDFs under their own digest, and so do proofs and the findings of demos, which
can be used again when a sheet has to be made anew. The least recently used go when the limit is passed.
"""

import os
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from blattwerk.build.codec import adapter
from blattwerk.build.make import Outcome
from blattwerk.build.press.formats import cache_folder
from blattwerk.build.store.files import write_whole
from blattwerk.build.store.manifest import StudentRecord, digest

T = TypeVar("T")
MEGABYTES = int(os.environ.get("BLATTWERK_CACHE_MB", "2000"))


class Entry(BaseModel):
    """A finished job: its record, its files by path and digest, and what was reported."""

    record: StudentRecord
    files: Mapping[str, str]
    overfull: tuple[str, ...]
    note: str

    def outcome(self) -> Outcome:
        """What became of the job when it was made, without the files' content."""
        return Outcome(
            self.record.id, dict.fromkeys(self.files, b""), self.record, overfull=self.overfull, note=self.note
        )


@dataclass(frozen=True)
class Cache:
    """A folder of entries and files."""

    folder: Path

    def get(self, key: str) -> Entry | None:
        """The entry of a key, if it and all its files are there."""
        path = self._entry(key)
        try:
            entry = Entry.model_validate_json(path.read_bytes())
            os.utime(path)
        except (OSError, ValidationError):
            return None
        return entry if all(self._file(d).exists() for d in entry.files.values()) else None

    def read(self, file_digest: str) -> bytes:
        """A file by its digest."""
        return self._file(file_digest).read_bytes()

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep a finished job."""
        if outcome.record is None:
            return
        known = outcome.record.files
        files = {path: known.get(path) or digest(content) for path, content in outcome.files.items()}
        for path, content in outcome.files.items():
            if not self._file(files[path]).exists():
                write_whole(self._file(files[path]), content)
        entry = Entry(record=outcome.record, files=files, overfull=outcome.overfull, note=outcome.note)
        write_whole(self._entry(key), entry.model_dump_json().encode())

    def piece(self, key: str) -> bytes | None:
        """A part of sheets that was kept under this key, if it is there."""
        path = self._piece(key)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return content

    def piece_as(self, type_: type[T], key: str) -> T | None:
        """A part of sheets as a value of this type; one that is damaged counts as one that is not there."""
        content, wanted = self.piece(key), cast(Hashable, type_)
        try:
            return None if content is None else adapter(wanted).validate_json(content)
        except ValidationError:
            return None

    def keep_piece(self, key: str, content: bytes) -> None:
        """Keep a part of sheets."""
        write_whole(self._piece(key), content)

    def _piece(self, key: str) -> Path:
        return self.folder / "pieces" / key[:2] / key

    def _entry(self, key: str) -> Path:
        return self.folder / "entries" / key[:2] / f"{key}.json"

    def _file(self, file_digest: str) -> Path:
        return self.folder / "files" / file_digest[:2] / file_digest

    def contents(self) -> Iterator[tuple[float, int, Path]]:
        """Last use, size and path of everything in the cache."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                status = path.stat()
                yield status.st_mtime, status.st_size, path

    def size(self) -> int:
        """Bytes in the cache."""
        return sum(size for _, size, _ in self.contents())

    def trim(self, limit: int) -> None:
        """Remove what was not used for longest until the cache is no larger than the limit."""
        contents = sorted(self.contents())
        surplus = sum(size for _, size, _ in contents) - limit
        for _, size, path in contents:
            if surplus <= 0:
                return
            path.unlink(missing_ok=True)
            surplus -= size

    def clear(self) -> None:
        """Remove everything."""
        self.trim(0)


def sheets_cache() -> Cache:
    """The user's cache of sheets; its folder is for the user alone, since solutions lie in it."""
    folder = cache_folder().parent / "sheets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Cache(folder)
