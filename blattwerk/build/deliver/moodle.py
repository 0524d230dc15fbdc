"""The ZIP of feedback files that Moodle's assignment takes (Grading action, Upload multiple feedback files in a zip).

Its importer finds a participant by the number in a folder's name, `Participant_12_assignsubmission_file`, and passes
over in silence what it does not find. So whoever cannot be found is named here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from blattwerk.build.codec import digest
from blattwerk.build.deliver.archive import zipped
from blattwerk.build.deliver.groups import NEED
from blattwerk.build.deliver.matching import Matched, Person, matched
from blattwerk.build.deliver.worksheet import Participant, Worksheet
from blattwerk.build.order.titles import folded
from blattwerk.build.store.manifest import Identity, Manifest
from blattwerk.build.store.records import StudentRecord
from blattwerk.errors import InputError
from blattwerk.vocabulary.language import LANGUAGES

What = Literal["questions", "solutions", "feedback"]
WHAT: tuple[What, ...] = ("questions", "solutions", "feedback")
ROOMS: Mapping[What, tuple[str, ...]] = {"questions": ("questions", "notebooks"), "solutions": ("solutions",)}
LONGEST = 60


@dataclass(frozen=True)
class Piece:
    """A file that somebody gets: its name in the ZIP, the file, and its digest where the record has one."""

    name: str
    path: Path
    digest: str = ""

    def content(self) -> bytes:
        """The file, if it is the one that was handed out; else InputError."""
        if why := self.mistake():
            raise InputError(why)
        return self.path.read_bytes()

    def mistake(self) -> str:
        """Why the file cannot be delivered, or nothing."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            return f"{self.path} cannot be read: {error.strerror}"
        same = not self.digest or digest(content) == self.digest
        return "" if same else f"{self.path} is not the file that the manifest lists; build it again"


@dataclass(frozen=True)
class Delivery:
    """What goes into the ZIP, who gets nothing and why, and whom of the worksheet nobody meant."""

    pieces: tuple[Piece, ...]
    reached: int
    problems: tuple[str, ...]
    left: tuple[Participant, ...]

    def content(self) -> Iterator[bytes]:
        """The ZIP in pieces."""
        return zipped((piece.name, piece.content()) for piece in self.pieces)


def delivery(
    manifest: Manifest,
    worksheet: Worksheet,
    what: What,
    folder: Path,
    feedback: Path,
    groups: Mapping[str, int] | None = None,
) -> Delivery:
    """For each student of the record the files, under the number that Moodle's importer knows.

    `folder` is the build's, `feedback` the one that marking wrote. Raises InputError where a team's assignment needs
    the numbers of groups.
    """
    if worksheet.teams and groups is None:
        raise InputError(NEED)
    files = {record.id: tuple(_files(record, manifest.identity, what, folder)) for record in manifest.students}
    doubts: list[str] = []
    if what == "feedback":
        files, doubts = _feedback(manifest, feedback)
    found = matched(tuple(_people(manifest.students)), worksheet.participants)
    owners, nowhere = _owners(found, worksheet, groups or {})
    pieces: list[Piece] = []
    problems = [*worksheet.refused, *doubts, *found.problems, *nowhere]
    for place, records in owners.items():
        wrong = list(_wrong(records, files, what))
        problems += wrong
        pieces += [] if wrong else [replace(piece, name=f"{place}/{piece.name}") for piece in files[records[0]]]
    reached = len({piece.name.split("/")[0] for piece in pieces})
    return Delivery(tuple(sorted(pieces, key=_order)), reached, tuple(problems), found.left)


def _owners(
    found: Matched, worksheet: Worksheet, groups: Mapping[str, int]
) -> tuple[Mapping[str, list[str]], list[str]]:
    """The records of each folder of the ZIP, and of whom no folder is known."""
    owners: dict[str, list[str]] = defaultdict(list)
    nowhere = []
    for one, person in found.found:
        place = _folder(one, worksheet, groups)
        if place is None:
            nowhere.append(f"{person}: no number for the group {one.group[:60]!r} of {one}; add it to --groups")
        elif person.record not in owners[place]:
            owners[place].append(person.record)
    return owners, nowhere


def _wrong(records: list[str], files: Mapping[str, tuple[Piece, ...]], what: What) -> Iterator[str]:
    """Why a folder cannot be filled."""
    if len(records) > 1:
        yield (
            f"students {', '.join(map(repr, records))} are in one team, which Moodle gives one thing; take an "
            "assignment in which each hands in alone, or a sheet for teams"
        )
    elif not files[records[0]]:
        yield f"student '{records[0]}': there are no {what} of theirs"
    else:
        yield from (f"student '{records[0]}': {why}" for piece in files[records[0]] if (why := piece.mistake()))


def _order(piece: Piece) -> tuple[int, str]:
    return int(piece.name.split("_")[1]), piece.name


def _people(records: Iterable[StudentRecord]) -> Iterator[Person]:
    """Who gets what: the student of a record, or each member of a team."""
    for record in records:
        if not record.members:
            yield Person(record.id, record.id, record.email)
        for member in record.members:
            yield Person(record.id, member.id, member.email)


def _folder(one: Participant, worksheet: Worksheet, groups: Mapping[str, int]) -> str | None:
    """The folder of a participant in the ZIP; before the number no underscore may stand."""
    number = groups.get(folded(one.group)) if worksheet.teams else one.number
    return None if number is None else f"{'Group' if worksheet.teams else 'Participant'}_{number}_assignsubmission_file"


def _files(record: StudentRecord, identity: Identity, what: What, folder: Path) -> Iterator[Piece]:
    """A student's files as the record lists them. Their names in Moodle tell nobody's id: names may be hidden there."""
    sheet = _plain("-".join(filter(None, (identity.course, identity.sheet))))
    for path, listed in sorted(record.files.items()):
        room, name = path.split("/")
        if room in ROOMS.get(what, ()):
            own = name.removeprefix(record.id).strip(".")
            yield Piece(f"{sheet}-{what}.{own}", folder / path, listed)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9+-]+", "-", text).strip("-")[:LONGEST] or "sheet"


def _feedback(manifest: Manifest, folder: Path) -> tuple[dict[str, tuple[Piece, ...]], list[str]]:
    """The files that marking wrote, by record, and those that could be two people's."""
    ids = {name: record.id for record in manifest.students for name in _names(record.id)}
    doubts = []
    found: dict[str, list[Piece]] = {record.id: [] for record in manifest.students}
    sheet = _plain("-".join(filter(None, (manifest.identity.course, manifest.identity.sheet))))
    for path in sorted(folder.glob("*")):
        if path.suffix not in (".pdf", ".html") or not path.is_file():
            continue
        whose = [record.id for record in manifest.students if path.stem in _names(record.id)]
        if len(whose) > 1:
            doubts.append(f"{path} could be of {' or '.join(map(repr, whose))}; nobody gets it")
        elif whose:
            own = path.name.removeprefix(ids[path.stem]).strip(".")
            found[whose[0]].append(Piece(f"{sheet}-feedback.{own}", path))
    return {record: tuple(pieces) for record, pieces in found.items()}, doubts


def _names(identity: str) -> tuple[str, ...]:
    """What a student's file may be called, without its ending."""
    return (identity, *(f"{identity}.{lang}" for lang in LANGUAGES))
