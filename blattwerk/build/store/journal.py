"""One build at a time in an output folder, and its state: what is there agrees with its record, or the journal says so.

Whoever writes into a folder holds its lock. Before the first file changes, the journal is written, with the students
who are to be made and all files that earlier builds may have left; when manifest.json is whole, and what it lists is
there, the journal goes. So where there is no journal, files and record agree, whatever ended the last build.
"""

import os
import platform
import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationError

from blattwerk.build.codec import digest
from blattwerk.build.files import lock_file, put_aside, remove, remove_parts, write_whole
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.page.names import own_paths
from blattwerk.build.store.manifest import Identity, record_bytes
from blattwerk.build.store.records import ClassPath, Identifier, Record, Shown, is_of_class
from blattwerk.errors import InputError, ManifestError

JOURNAL = "building.json"
LOCK = ".blattwerk.lock"
ABOUT = (
    "A build into this folder is under way or was interrupted: files of these students may not be those that "
    "manifest.json lists, which then is an older build's or missing. The same build again completes it."
)

_SHEET = re.compile(r"(questions|solutions|marking|notebooks)/[\w.@+-]+\.(pdf|html|ipynb)")


def _of_a_sheet(path: str) -> str:
    if not _SHEET.fullmatch(path):  # it is joined to the folder
        raise ValueError(f"{path[:100]!a} is no file of a build")
    return path


SheetPath = Annotated[str, AfterValidator(_of_a_sheet)]
CLASS = ""  # whose files those of the whole class are, where others have a student's id
Listed = Mapping[str, Mapping[str, str]]  # digests of files by path, by student


class Journal(Record):
    """What a folder says of a build that has not come to its end.

    by       the process, its machine and its start
    making   the files of those who are to be made, by student
    earlier  files of earlier builds that lie there too
    of_class the files of the whole class that are to be made
    """

    about: Shown = ABOUT
    identity: Identity
    by: Shown
    making: Mapping[Identifier, tuple[SheetPath, ...]]
    earlier: tuple[SheetPath | ClassPath, ...]
    of_class: tuple[ClassPath, ...] = ()

    def files(self) -> set[str]:
        """All files of builds that may lie in the folder."""
        return {*self.earlier, *self.of_class, *(path for paths in self.making.values() for path in paths)}


def read_journal(out: Path) -> Journal | None:
    """The journal of a build that was interrupted or is under way; raises ManifestError where it cannot be read."""
    path = out / JOURNAL
    try:
        return Journal.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ManifestError(f"the state of the folder, {path}, cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise ManifestError(f"the state of the folder, {path}, is damaged") from error


def sheets_in(out: Path) -> set[str]:
    """What lies there under the name of a sheet or notebook, whoever's it is."""
    files = (file.relative_to(out).as_posix() for file in (*out.glob("*/*"), *out.glob("answers.csv")))
    return {path for path in files if _SHEET.fullmatch(path) or is_of_class(path)}


def journal_of(identity: Identity, orders: Iterable[Ordered], earlier: Iterable[str]) -> Journal:
    """The journal of a build that is to come."""
    making = {order.student.id: own_paths(order.student.id, _notebooks(order), order.languages) for order in orders}
    return Journal(identity=identity, by=_this_process(), making=making, earlier=tuple(sorted(earlier)))


def _notebooks(order: Ordered) -> tuple[str, ...]:
    return tuple(entry.key for entry in order.sheet.exercises if entry.notebook)


def _this_process() -> str:
    return f"process {os.getpid()} on {platform.node() or 'a machine without a name'} since {time.strftime('%F %T')}"


@contextmanager
def alone_in(out: Path) -> Iterator[str]:
    """Nobody else writes into the folder meanwhile; gives a warning, if its drive cannot promise that.

    Raises InputError where another process writes into it, naming that one.
    """
    try:
        with lock_file(out / LOCK, _this_process()) as known:
            if known:
                remove_parts(out)
            yield "" if known else f"the drive of {out} has no locks; see to it that one build at a time writes there"
    except BlockingIOError as error:
        said = str(error) if str(error).isprintable() else ""
        raise InputError(
            f"another build is writing into {out} ({said or 'it does not say which'}); wait for its end, or build "
            "into another folder with --out"
        ) from None


@dataclass
class Building:
    """A build that changes a folder; the folder is ours alone."""

    out: Path
    journal: Journal
    begun: bool = False

    def begin(self) -> None:
        """Say so in the folder, before the first file changes."""
        if not self.begun:
            write_whole(self.out / JOURNAL, record_bytes(self.journal))
            self.begun = True

    def also(self, of_class: Iterable[str]) -> None:
        """Say that these files of the whole class are to be made too, before the first of them changes."""
        self.begin()
        self.journal = self.journal.model_copy(update={"of_class": (*self.journal.of_class, *of_class)})
        write_whole(self.out / JOURNAL, record_bytes(self.journal))

    def settle(self, listed: Listed, of_class: Mapping[str, str], date: str = "") -> dict[str, list[str]]:
        """Put aside what the record does not list. Where what it lists is there, the journal goes.

        Else it stays, with the students whose files are not there as listed; gives these files by student, those of
        the class under an empty name. `date` is that of the record that was replaced, if one was.
        """
        path = self.out / JOURNAL
        listed = {**listed, CLASS: of_class}
        surplus = self.journal.files() - {file for files in listed.values() for file in files}
        aside = _side_folder(self.out, date)
        for file in sorted(surplus):
            put_aside(self.out / file, aside / file)
        wrong = not_as_listed(self.out, listed)
        if wrong:
            lost = {student: tuple(files) for student, files in wrong.items()}
            state = {"of_class": lost.pop(CLASS, ()), "making": lost, "earlier": ()}
            write_whole(path, record_bytes(self.journal.model_copy(update=state)))
        else:
            remove(path)
        return wrong


def _side_folder(out: Path, date: str) -> Path:
    """A folder that is not there yet, for what the record of that date listed, or for what no record lists."""
    name = f"earlier-{date or time.strftime('%Y-%m-%d-%H%M%S')}"
    return next(folder for n in count(1) if not (folder := out / (name if n == 1 else f"{name}-{n}")).exists())


def not_as_listed(out: Path, listed: Listed) -> dict[str, list[str]]:
    """The files that are not there with the digests that a record lists, by student."""
    wrong = {
        student: [path for path, d in files.items() if not is_there(out / path, d)] for student, files in listed.items()
    }
    return {student: files for student, files in wrong.items() if files}


def is_there(path: Path, wanted: str) -> bool:
    """Whether a file is there with this digest."""
    try:
        return digest(path.read_bytes()) == wanted
    except (FileNotFoundError, NotADirectoryError):
        return False


def told(out: Path, journal: Journal, asked: Listed, known: Collection[str]) -> str:
    """A line on a build that has not come to its end: whose files are not those of the record, and who has no record.

    `asked` is what the record lists of those who are asked for, `known` are all who have a record.
    """
    wrong, new = tuple(not_as_listed(out, asked)), tuple(one for one in journal.making if one not in known)
    said = [f"a build into {out} is under way or was interrupted ({journal.identity}; {journal.by})"]
    if wrong:
        said.append(f"these students' files there are not those that manifest.json lists: {named(wrong)}")
    if new:
        said.append(f"there is no record yet of {named(new)}")
    return "; ".join(said)


def named(students: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(students) - 8} more" if len(students) > 8 else ""
    return ", ".join(students[:8]) + more
