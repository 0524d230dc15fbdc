"""How finished sheets come from the workers of this machine: through files, so that few PDFs lie in memory together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from blattwerk.build.make import Outcome, make
from blattwerk.build.plan import Job
from blattwerk.build.store.manifest import digest


@dataclass(frozen=True, eq=False)
class Left(Mapping[str, bytes]):
    """Files by their path in the output folder, left by a worker one behind the other in a file; read when asked for.

    `places` holds where each begins, and how long it is.
    """

    file: Path
    places: Mapping[str, tuple[int, int]]

    def __getitem__(self, path: str) -> bytes:
        start, length = self.places[path]
        with self.file.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def make_and_leave(folder: Path, jobs: tuple[Job, ...]) -> tuple[Outcome, ...]:
    """The outcome of each job, as `make` gives it, its files left in a folder."""
    return tuple(replace(outcome, files=_left(folder, outcome)) for outcome in make(jobs))


def _left(folder: Path, outcome: Outcome) -> Left:
    """The files of an outcome, in a file of its own."""
    lengths = list(map(len, outcome.files.values()))
    starts = accumulate(lengths, initial=0)
    places = dict(zip(outcome.files, zip(starts, lengths, strict=False), strict=True))
    file = folder / digest(outcome.student.encode("utf-8"))
    with file.open("wb") as target:  # not made anew where it is gone: then the build was interrupted
        target.writelines(outcome.files.values())
    return Left(file, places)


def dispose(outcome: Outcome) -> None:
    """Remove what a worker has left of an outcome."""
    if isinstance(outcome.files, Left):
        outcome.files.file.unlink()
