"""The output folder: which build it holds, and how its record passes from one build to the next without being lost.

A folder belongs to one identity (course, sheet, seed, secret) from its first file on. The same identity is built again
in place; another one is refused. What a new manifest replaces is kept beside it under the date of its last change, and
the files that no record lists any more go into a folder of that date.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from blattwerk.build.files import replace_whole, write_whole
from blattwerk.build.order.ordered import Ordered, sheet_code, sheet_of
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.store.blobs import Records
from blattwerk.build.store.journal import JOURNAL, Building, Journal, Listed, journal_of, read_journal, sheets_in, told
from blattwerk.build.store.manifest import Identity, Manifest, read_manifest, record_bytes, to_bytes
from blattwerk.build.store.records import UNKNOWN, Record, Shown, StudentRecord
from blattwerk.build.store.seal import sealed, with_class_files
from blattwerk.errors import InputError

MANIFEST = "manifest.json"
SOLUTIONS = "solutions.json"


@dataclass(frozen=True)
class Held:
    """What a folder holds.

    manifest    its record
    same        whether that is of the build that is to come
    unfinished  a build that has not come to its end
    files       all files of builds that may lie there
    """

    manifest: Manifest | None = None
    same: bool = False
    unfinished: Journal | None = None
    files: Set[str] = frozenset()

    @property
    def listed(self) -> Listed:
        """What the record lists."""
        return {student.id: student.files for student in self.manifest.students} if self.manifest else {}

    @property
    def class_files(self) -> Mapping[str, str]:
        """What the record lists for the whole class."""
        return self.manifest.class_files if self.manifest else {}

    @property
    def shared(self) -> Mapping[str, str]:
        """By student, the ids that shared numbers were drawn by, where the record is of the same build."""
        students = self.manifest.students if self.manifest and self.same else ()
        return {student.id: student.shared for student in students}

    def warning(self, out: Path) -> str:
        """A line on a build that has not come to its end, if there is one."""
        return told(out, self.unfinished, self.listed, self.listed) if self.unfinished else ""

    def build(self, out: Path, identity: Identity, orders: Iterable[Ordered]) -> Building:
        """The build that is to come."""
        return Building(out, journal_of(identity, orders, self.files))


def held(out: Path, identity: Identity, secret: bytes, force: bool = False) -> Held:
    """What an output folder holds that a build with this identity may replace.

    Raises InputError where the folder belongs to another build, naming both, and where its record cannot be read;
    with `force`, it is put aside like any other old one.
    """
    if (out / SOLUTIONS).exists():
        raise InputError(
            f"{out} holds solutions that were made again ({SOLUTIONS}); build into another folder with --out"
        )
    try:
        manifest, unfinished = read_manifest(out / MANIFEST) if (out / MANIFEST).exists() else None, read_journal(out)
    except InputError as error:
        if force:
            return Held(files=sheets_in(out))
        raise InputError(f"{error}; build into another folder with --out, or put it aside with --force") from error
    recorded = _known_identity(manifest, identity, secret) if manifest else None
    begun = unfinished.identity if unfinished else None
    there = [one for one in (recorded, begun) if one]
    nobody = not any(one.whole_class for one in (identity, *there))  # nobody was handed anything by name
    if there and not (force or nobody or identity in there):
        what = "the record of another build" if recorded else "another build that has not come to its end"
        raise InputError(
            f"{out} holds {what} ({there[0]}); this one is {identity}. Build into another folder "
            "with --out, or put the old record aside with --force"
        )
    listed = {path for student in manifest.students for path in student.files} if manifest else set()
    listed |= set(manifest.class_files) if manifest else set()
    return Held(manifest, recorded == identity, unfinished, listed | (unfinished.files() if unfinished else set()))


def _known_identity(there: Manifest, identity: Identity, secret: bytes) -> Identity:
    """The identity that a manifest tells. Format 1 has no fingerprint, but its codes were made with the secret."""
    old = there.identity
    if old.sheet == UNKNOWN:
        old = old.model_copy(update={"sheet": identity.sheet})
    if old.secret == UNKNOWN and there.students:
        first = there.students[0]
        if first.code == sheet_code(secret, there.seed, first.id, there.sheet.sheet.number):
            old = old.model_copy(update={"secret": identity.secret})
    return old


def check_others(before: Held, sheet: SheetFile, only: Iterable[str]) -> None:
    """Raise InputError where the sheet file has changed for those who are not to be built: their record would lie."""
    there = before.manifest if before.same else None
    if there is None:
        return
    for student in there.students:
        if student.id not in set(only) and sheet_of(there.sheet, student.id) != sheet_of(sheet, student.id):
            raise InputError(
                f"the sheet file has changed since the others were built ('{student.id}' holds another sheet); "
                "build the whole class, or undo the change and use [[overrides]] for one student"
            )


@dataclass(frozen=True)
class Merged:
    """The records of a folder that is to be: new ones, which lie on disk, and those of other students that stay."""

    students: tuple[str, ...]
    new: Records
    old: Mapping[str, StudentRecord]

    def read(self, student: str) -> StudentRecord:
        """A student's record."""
        return self.new.read(student) if student in self.new else self.old[student]

    def files(self, student: str) -> Mapping[str, str]:
        """What a student's record lists."""
        return self.new.files(student) if student in self.new else self.old[student].files


def no_class_files(building: Building, merged: Merged) -> Mapping[str, str]:
    """A build without a class has no files of the whole class."""
    return {}


def record(
    building: Building,
    head: Manifest,
    records: Records,
    before: Held,
    merge: bool,
    secret: bytes,
    class_files: Callable[[Building, Merged], Mapping[str, str]] = no_class_files,
) -> Mapping[str, list[str]]:
    """Write the manifest of a build into its folder; `head` is the manifest without students. New records are sealed.

    `class_files` writes what is made for the whole class and gives the digests.

    `before` is what it replaces. With `merge`, other students of the same build stay. A manifest that changes is kept
    beside the new one, and files that the new one does not list are put aside; where there is no new record at all,
    the old one stays. Gives what is listed and not there, by student.
    """
    building.begin()
    if not records:
        return building.settle(before.listed, before.class_files)
    old = {student.id: student for student in before.manifest.students} if before.manifest else {}
    students = list(records)
    if merge and before.same:
        students = [*old, *(student for student in records if student not in old)]
    merged = Merged(tuple(students), records, old)
    fuller = with_class_files(head, class_files(building, merged), secret)
    pieces = (
        record_bytes(sealed(records.read(student), head, secret) if student in records else old[student])
        for student in students
    )
    date = replace_whole(building.out / MANIFEST, to_bytes(fuller, pieces))
    return building.settle({one: merged.files(one) for one in students}, fuller.class_files, date)


class Restored(Record):
    """What a folder of solutions that were made again says: whose they are."""

    about: Shown = "Solutions that were made again from the manifest of this build."
    identity: Identity


def claim_for_solutions(out: Path, identity: Identity) -> None:
    """Take a folder for the solutions of a build; raises InputError where it is a build's own, or another's."""
    for name in (MANIFEST, JOURNAL):
        if (out / name).exists():
            raise InputError(f"{out} holds a build ({name}); name another folder for the solutions with --out")
    path, ours = out / SOLUTIONS, Restored(identity=identity)
    try:
        there = Restored.model_validate_json(path.read_bytes()) if path.exists() else ours
    except ValueError as error:
        raise InputError(f"{path} is damaged; name another folder for the solutions with --out") from error
    if there != ours and (identity.whole_class or there.identity.whole_class):
        raise InputError(
            f"{out} holds the solutions of another build ({there.identity}); these are of {identity}. Name another "
            "folder with --out"
        )
    write_whole(path, record_bytes(ours))
