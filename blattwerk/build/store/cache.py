"""What was built before: finished sheets by what they depend on (see `keys`), so that nothing is made twice.

Entries and PDFs lie in the user's cache, PDFs under their own digest, and so do proofs and the findings of demos. Where
a student's sheet has to be made anew, a PDF whose source is still the same is taken from here, not set again. The least
recently used go when the limit is passed.
"""

import os
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from blattwerk.build.codec import adapter, digest
from blattwerk.build.files import write_whole
from blattwerk.build.numbers import DrawnExercise
from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.press.formats import cache_folder
from blattwerk.build.press.press import Pressed
from blattwerk.build.proof.prove import Proof
from blattwerk.build.store.filing import Filed
from blattwerk.build.store.keys import pdf_key, proof_key
from blattwerk.build.store.records import StudentRecord

T = TypeVar("T")
MEGABYTES = 2000
LIMIT = "BLATTWERK_CACHE_MB"


@dataclass(frozen=True)
class Limit:
    """How large the cache may become, and what is wrong with how that was said, if something is."""

    megabytes: int
    note: str = ""


def limit() -> Limit:
    """The limit that the environment sets; the usual one, with a note, where that is no number."""
    said = os.environ.get(LIMIT, "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return Limit(int(said))
    wrong = f"{LIMIT} is {said[:20]!r}, which is no whole number of megabytes; the limit is {MEGABYTES}"
    return Limit(MEGABYTES, wrong if said else "")


class Finished(BaseModel):
    """A finished order: its record, its files by path and digest, and what was reported."""

    record: StudentRecord
    files: Mapping[str, str]
    overfull: tuple[str, ...]
    note: str

    def filed(self) -> Filed:
        """What became of the order when it was made, without the files' content."""
        return Filed(self.record.id, dict.fromkeys(self.files, b""), self.record, "", self.overfull, self.note)


class KeptPdf(BaseModel):
    """A PDF that was set before, by its digest, and the lines in it that stick out of the margin."""

    pdf: str
    overfull: tuple[str, ...]


@dataclass(frozen=True)
class Cache:
    """A folder of entries and files."""

    folder: Path

    def finished(self, key: str) -> Finished | None:
        """The entry of a key, if it and all its files are there."""
        path = self._entry(key)
        try:
            entry = Finished.model_validate_json(path.read_bytes())
            os.utime(path)
        except (OSError, ValidationError):
            return None
        return entry if all(self._file(d).exists() for d in entry.files.values()) else None

    def read(self, file_digest: str) -> bytes:
        """A file by its digest; one that is damaged goes, and counts as one that is not there: FileNotFoundError."""
        path = self._file(file_digest)
        content = path.read_bytes()
        if digest(content) != file_digest:
            path.unlink(missing_ok=True)
            raise FileNotFoundError(f"{path} was damaged")
        return content

    def keep(self, key: str, filed: Filed) -> None:
        """Keep a finished order."""
        if filed.record is None:
            return
        known = filed.record.files
        files = {path: known.get(path) or digest(content) for path, content in filed.files.items()}
        for path, content in filed.files.items():
            self._keep_file(files[path], content)
        entry = Finished(record=filed.record, files=files, overfull=filed.overfull, note=filed.note)
        write_whole(self._entry(key), entry.model_dump_json().encode())

    def get(self, sheet: PrintedSheet, pictures: Mapping[str, bytes]) -> Pressed | None:
        """The PDF that was made of the same source before, if it is there."""
        held = self.piece_as(KeptPdf, pdf_key(sheet, pictures))
        try:
            return Pressed(self.read(held.pdf), held.overfull) if held else None
        except OSError:
            return None

    def put(self, sheet: PrintedSheet, pictures: Mapping[str, bytes], made: Pressed) -> None:
        """Keep a PDF under all that it is made of."""
        held = KeptPdf(pdf=digest(made.pdf), overfull=made.overfull)
        self._keep_file(held.pdf, made.pdf)
        self.keep_piece(pdf_key(sheet, pictures), held.model_dump_json().encode())

    def proof(self, secret: bytes, drawn: DrawnExercise) -> Proof | None:
        """The proof that was made of these numbers by today's code, if it is there."""
        return self.piece_as(Proof, proof_key(secret, drawn))

    def keep_proof(self, secret: bytes, drawn: DrawnExercise, proof: Proof) -> None:
        """Keep a proof."""
        self.keep_piece(proof_key(secret, drawn), adapter(Proof).dump_json(proof))

    def _keep_file(self, file_digest: str, content: bytes) -> None:
        if not self._file(file_digest).exists():
            write_whole(self._file(file_digest), content)

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
