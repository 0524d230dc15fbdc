"""What was built before: finished sheets by what they depend on (see `keys`), so that nothing is made twice.

Entries and PDFs lie in the user's cache, PDFs under their own digest, and so do proofs and the findings of demos. Where
a student's sheet has to be made anew, a PDF whose source is still the same is taken from here, not set again. The least
recently used go when the limit is passed.
"""

import os
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar, cast

from pydantic import BaseModel, Field, ValidationError

from blattwerk.build import cached
from blattwerk.build.codec import adapter, digest
from blattwerk.build.numbers import DrawnExercise
from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.press.press import Pressed
from blattwerk.build.proof.prove import Proof
from blattwerk.build.store.filing import Filed
from blattwerk.build.store.keys import pdf_key, proof_key
from blattwerk.build.store.records import StudentRecord

T = TypeVar("T")
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
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
    files: Mapping[str, Digest]
    overfull: tuple[str, ...]
    note: str

    def filed(self) -> Filed:
        """What became of the order when it was made, without the files' content."""
        return Filed(self.record.id, dict.fromkeys(self.files, b""), self.record, "", self.overfull, self.note)


class KeptPdf(BaseModel):
    """A PDF that was set before, by its digest, and the lines in it that stick out of the margin."""

    pdf: Digest
    overfull: tuple[str, ...]


@dataclass(frozen=True)
class Cache:
    """A folder of entries and files.

    kept      whether anything can be kept there; otherwise it is only read
    troubles  why something could not be kept, as it happens
    """

    folder: Path
    kept: bool = True
    troubles: list[str] = field(default_factory=list)

    @property
    def note(self) -> str:
        """What the user should know when the work is done, in one line; nothing where all could be kept."""
        return f"the cache is not complete: {self.troubles[0]}" if self.troubles else ""

    def finished(self, key: str) -> Finished | None:
        """The entry of a key, if it and all its files are there."""
        entry = self._value(Finished, self._entry(key))
        return entry if entry and all(os.path.exists(self._file(d)) for d in entry.files.values()) else None

    def read(self, file_digest: str) -> bytes:
        """A file by its digest; one that is damaged goes, and counts as one that is not there: FileNotFoundError."""
        path = self._file(file_digest)
        content = path.read_bytes()
        if digest(content) != file_digest:
            cached.remove(path)
            raise FileNotFoundError(f"{path} was damaged")
        return content

    def keep(self, key: str, filed: Filed) -> None:
        """Keep a finished order; one that lacks something is none."""
        if filed.record is None or filed.failure or not self.kept:
            return
        known = filed.record.files
        files: dict[str, str] = {}
        for path, content in filed.files.items():
            files[path] = known.get(path) or digest(content)
            self._keep_file(files[path], content)
        entry = Finished(record=filed.record, files=files, overfull=filed.overfull, note=filed.note)
        self._keep(self._entry(key), entry.model_dump_json().encode())

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

    def piece(self, key: str) -> bytes | None:
        """A part of sheets that was kept under this key, if it is there and whole."""
        return cached.read(self._piece(key))

    def piece_as(self, type_: type[T], key: str) -> T | None:
        """A part of sheets as a value of this type; one that is damaged counts as one that is not there."""
        return self._value(type_, self._piece(key))

    def keep_piece(self, key: str, content: bytes) -> None:
        """Keep a part of sheets."""
        self._keep(self._piece(key), content)

    def _value(self, type_: type[T], path: Path) -> T | None:
        content, wanted = cached.read(path), cast(Hashable, type_)
        try:
            return None if content is None else adapter(wanted).validate_json(content)
        except ValidationError:  # written by a version with other fields
            return None

    def _keep(self, path: Path, content: bytes) -> None:
        if self.kept and (trouble := cached.keep(path, content)):
            self.troubles.append(trouble)

    def _keep_file(self, file_digest: str, content: bytes) -> None:
        """Files have their digest in their names; they lie there as they are handed out."""
        path = self._file(file_digest)
        if self.kept and not os.path.exists(path) and (trouble := cached.keep_bare(path, content)):
            self.troubles.append(trouble)

    def _piece(self, key: str) -> Path:
        # Not "pieces": an earlier version kept them there without a digest, and would take ours for what it means.
        return self.folder / "parts" / key[:2] / key

    def _entry(self, key: str) -> Path:
        return self.folder / "entries" / key[:2] / f"{key}.json"

    def _file(self, file_digest: str) -> Path:
        return self.folder / "files" / file_digest[:2] / file_digest

    def contents(self) -> Iterator[tuple[float, int, Path]]:
        """Last use, size and path of everything in the cache."""
        return cached.contents(self.folder)

    def trim(self, limit: int) -> None:
        """Remove what was not used for longest until the cache is no larger than the limit."""
        contents = sorted(self.contents())
        surplus = sum(size for _, size, _ in contents) - limit
        for _, size, path in contents:
            if surplus <= 0:
                return
            if cached.remove(path):
                surplus -= size


def sheets_cache() -> Cache | None:
    """The user's cache of sheets; None where it is not to be used."""
    room = cached.room("sheets")
    return Cache(room.folder, room.kept) if room.folder else None
