"""The output folder: which build it holds, and how its record passes from one build to the next without being lost.

A folder belongs to one identity (course, sheet, seed, secret). The same identity is built again in place; another one
is refused. What a new manifest replaces is kept beside it under the date of its last change, and the files that no
record lists any more go into a folder of the same name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from blattwerk.build.files import put_aside, replace_whole
from blattwerk.build.order.ordered import sheet_code, sheet_of
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.store.blobs import Records
from blattwerk.build.store.manifest import Identity, Manifest, read_manifest, record_bytes, to_bytes
from blattwerk.build.store.records import UNKNOWN
from blattwerk.build.store.seal import sealed
from blattwerk.errors import InputError

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Held:
    """The record that a folder holds, if any, and whether it is of the build that is to come."""

    manifest: Manifest | None = None
    same: bool = False


def held(out: Path, identity: Identity, secret: bytes, force: bool = False) -> Held:
    """What an output folder holds that a build with this identity may replace.

    Raises InputError where the folder belongs to another build, naming both, and where its record cannot be read;
    with `force`, it is put aside like any other old one.
    """
    path = out / MANIFEST
    if not path.exists():
        return Held()
    try:
        manifest = read_manifest(path)
    except InputError as error:
        if force:
            return Held()
        raise InputError(f"{error}; build into another folder with --out, or put it aside with --force") from error
    there = _known_identity(manifest, identity, secret)
    nobody = not (there.whole_class or identity.whole_class)  # nobody was handed anything by name
    if not (force or nobody or there == identity):
        raise InputError(
            f"{out} holds the record of another build ({there}); this one is {identity}. Build into another folder "
            "with --out, or put the old record aside with --force"
        )
    return Held(manifest, there == identity)


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


def record(out: Path, head: Manifest, records: Records, before: Held, merge: bool, secret: bytes) -> Path:
    """Write the manifest of a build into its folder; `head` is the manifest without students. New records are sealed.

    `before` is what it replaces. With `merge`, other students of the same build stay. A manifest that changes is kept
    beside the new one, and files that the new one does not list are put aside.
    """
    path = out / MANIFEST
    old = {student.id: student for student in before.manifest.students} if before.manifest else {}
    students = list(records)
    if merge and before.same:
        students = [*old, *(student for student in records if student not in old)]
    pieces = (
        record_bytes(sealed(records.read(student), head, secret) if student in records else old[student])
        for student in students
    )
    stamp = replace_whole(path, to_bytes(head, pieces))
    listed = {file for student in students for file in (records.files(student) or old[student].files)}
    if stamp:
        for file in sorted({file for student in old.values() for file in student.files} - listed):
            put_aside(out / file, out / f"earlier-{stamp}" / file)
    return path
