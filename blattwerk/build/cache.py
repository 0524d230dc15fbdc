"""What was built before: finished sheets by what they depend on, so that nothing is made twice.

A sheet's key is a digest of everything that could change it: the job (under the course's secret), the code and
templates of the exercises on it, the code that all sheets share, the versions of libraries and TeX. Entries and PDFs
lie in the user's cache, PDFs under their own digest; the least recently used go when the limit is passed.
"""

import hmac
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ValidationError

import blattwerk
from blattwerk.build.files import write_whole
from blattwerk.build.formats import cache_folder
from blattwerk.build.make import Outcome
from blattwerk.build.manifest import LIBRARIES, StudentRecord, digest
from blattwerk.build.plan import Job
from blattwerk.build.tex import engine_version
from blattwerk.generators import find

TOPIC_ROOMS = ("generators", "solvers", "demos", "templates")
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
        files = {path: digest(content) for path, content in outcome.files.items()}
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


def key_of(job: Job) -> str:
    """The digest of everything that a job's sheets depend on."""
    exercises = {entry.id: _topic(entry.id) for entry in job.sheet.exercises}
    parts = [
        _house(),
        exercises,
        job.sheet.model_dump(mode="json"),
        vars(job.student),
        job.seed,
        job.languages,
        job.kinds,
        job.sources,
        job.mnist,
        job.stored.model_dump(mode="json") if job.stored else None,
    ]
    message = json.dumps(parts, sort_keys=True).encode()
    return hmac.digest(job.secret, message, "sha256").hex()


@cache
def _house() -> str:
    """The digest of what all sheets share: our code without the topics, libraries, TeX."""
    root = Path(blattwerk.__file__).parent
    topics = {path.name.split(".")[0] for path in (root / "generators").glob("*.py")} - {"__init__"}
    files = [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and path.suffix in (".py", ".j2", ".sty", ".toml")
        and not (path.parent.name in TOPIC_ROOMS and path.name.split(".")[0] in topics)
    ]
    versions = [f"{name} {version(name)}" for name in LIBRARIES]
    engines = [engine_version("pdflatex"), engine_version("lualatex"), sys.version]
    return digest(b"\0".join([*(path.read_bytes() for path in files), *(s.encode() for s in versions + engines)]))


@cache
def _topic(exercise_id: str) -> str:
    """The digest of one topic's files, wherever its modules lie."""
    exercise = find(exercise_id)
    modules = {sys.modules[function.__module__].__file__ for function in (exercise.draw, exercise.solve)}
    modules |= {str(path) for path in _demo_files(exercise_id) if exercise.demo}
    templates = sorted((Path(blattwerk.__file__).parent / "templates").glob(f"{exercise_id}.*"))
    paths = [*sorted(Path(name) for name in modules if name), *templates]
    return sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


@cache
def demo_digest(exercise_id: str) -> str:
    """The digest of the code and the libraries that a demo's training runs with."""
    room = Path(blattwerk.__file__).parent
    shared = [room / "demo.py", *sorted((room / "solvers" / "demos").glob("*.py"))]
    topics = {path.stem for path in (room / "generators").glob("*.py")} - {"__init__"}
    files = [*_demo_files(exercise_id), *(path for path in shared if path.stem not in topics)]
    versions = f"{version('torch')} {version('numpy')} {version('scikit-learn')}".encode()
    return digest(b"\0".join([*(path.read_bytes() for path in files), versions]))


def _demo_files(exercise_id: str) -> tuple[Path, ...]:
    solver = sys.modules[find(exercise_id).solve.__module__].__file__
    assert solver is not None
    return (Path(solver).parent / "demos" / f"{exercise_id}.py",)
