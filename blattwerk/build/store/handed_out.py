"""What was handed out, from a manifest that anybody may have edited: the one door for whatever works from a manifest.

Each record is checked by itself, and one that is not as it was written stops its student and nobody else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from blattwerk.build.job import Kind
from blattwerk.build.order.beside import kept_files
from blattwerk.build.order.ordered import Ordered, chosen
from blattwerk.build.order.pages import FOLDER
from blattwerk.build.order.secret import of_manifest, read_secret
from blattwerk.build.store.blobs import Records
from blattwerk.build.store.folder import MANIFEST
from blattwerk.build.store.journal import named, read_journal, told
from blattwerk.build.store.manifest import NO_SECRET, Manifest, Read, fingerprint, order_again, read_records
from blattwerk.build.store.records import UNKNOWN, StudentRecord, TopicRecord, same_value, topic_record
from blattwerk.build.store.seal import class_seal_mistake, seal_mistake
from blattwerk.errors import InputError, UnknownExercise


@dataclass(frozen=True)
class HandedOut:
    """A manifest with the records that are as they were written, as far as that can be told.

    refused  by the name of a student, why the record is not used
    keyed    whether the records could be held against the secret
    folder   where the manifest lies, beside the copies of the files that its sheet names
    class_files  what is wrong with the list of the whole class's files, if something is
    """

    manifest: Manifest
    refused: Mapping[str, str]
    keyed: bool
    folder: Path = Path()
    class_files: str = ""

    def wanted(
        self, only: Iterable[str], command: str = "", kinds: tuple[Kind, ...] = ("solutions",)
    ) -> tuple[tuple[Ordered, ...], Mapping[str, str]]:
        """The orders of the solutions of those named, or of all, and of whom there can be none.

        `command` is the command line that asks for all, for messages.
        """
        names = [*(record.id for record in self.manifest.students), *self.refused]
        teams = {member.id: record.id for record in self.manifest.students for member in record.members}
        asked = [name if name in names else teams.get(name, name) for name in only]
        wanted = chosen({name: name for name in names}, asked, "the manifest")
        there = [name for name in wanted if name not in self.refused]
        refused = {name: self.refused[name] for name in wanted if name in self.refused}
        if not there:
            return (), refused
        files = kept_files(self.manifest.sheet, self.folder)
        return order_again(self.manifest, there, command, kinds, files), refused

    def unfinished(self, path: Path, orders: Iterable[Ordered]) -> Iterator[str]:
        """A line, if the folder of this manifest holds a build that has not come to its end.

        It names those of the orders' students whose files there are not as listed.
        """
        if path.name != MANIFEST:  # an older one, whose files may have been replaced since
            return
        wanted = {order.student.id for order in orders}
        listed = {record.id: record.files for record in self.manifest.students}
        try:
            journal = read_journal(path.parent)
        except InputError as error:
            yield str(error)
        else:
            asked = {student: files for student, files in listed.items() if student in wanted}
            if journal:
                yield told(path.parent, journal, asked, {*listed, *self.refused})

    def unchecked(self) -> Iterator[str]:
        """A line, if there is a record of which nobody can tell whether it was edited."""
        old = [record.id for record in self.manifest.students if record.of_format_1 and not record.check]
        if self.class_files:
            yield self.class_files
        if self.manifest.identity.secret == UNKNOWN:
            yield "UNCHECKED: manifests of format 1 carry no checks, so nobody can tell whether this one was edited"
        elif self.manifest.identity.secret == NO_SECRET:
            yield "UNCHECKED: built without a secret, so nobody can tell whether the manifest was edited"
        elif not self.keyed:
            yield (
                "UNCHECKED: without the secret nobody can tell whether the manifest was edited; put blattwerk.secret "
                "beside it, or name the file with --secret"
            )
        elif old:
            yield f"UNCHECKED: records without a check, from a manifest of format 1: {named(old)}"

    def changed_topics(self) -> Iterator[str]:
        """A line, if topics are not what they were when the sheets were handed out."""
        topics = {one.id: one.topic for record in self.manifest.students for one in record.exercises}
        changed = [f"{topic} ({how})" for topic, was in topics.items() if (how := _change(was, topic_record(topic)))]
        if changed:
            yield (
                "topics that have changed since the sheets were handed out (numbers, parts and points are those of "
                f"then; words and layout may not be): {', '.join(changed)}"
            )


def _change(was: TopicRecord, today: TopicRecord) -> str:
    """What has become of a topic, or nothing where it is the same."""
    if was.package != today.package:
        return f"of the package {was.package}, now of {today.package}"
    if was.version != today.version:
        return f"version {was.version}, now {today.version}"
    return "other files" if was.digest not in (UNKNOWN, today.digest) else ""


def _read(path: Path) -> Read:
    """The records of a manifest; who lacks a topic that the build kept a copy of is told where that lies."""
    try:
        return read_records(path)
    except UnknownExercise as error:
        kept = path.parent / FOLDER
        if not any(kept.glob("*.md")):
            raise
        what = f"The build kept a copy of its own topic files in {kept}; they are code, so look at them, then add"
        raise UnknownExercise(f"{error} {what} --topics {kept}") from error


def handed_out(path: Path, secret_file: Path | None = None) -> HandedOut:
    """What a manifest says was handed out; the secret's file, if not named, is looked for beside it.

    Raises ManifestError for a manifest that is of no use, InputError for a secret that is another build's.
    """
    read = _read(path)
    secret = _secret(path, secret_file, read.manifest.identity.secret)
    records, refused = [], dict(read.refused)
    for record in read.manifest.students:
        if mistake := _seal_mistake(record, read.manifest, secret):
            refused[record.id] = mistake
        else:
            records.append(record)
    tellable = bool(secret) or read.manifest.identity.secret == NO_SECRET
    class_files = class_seal_mistake(read.manifest, secret) if tellable else ""
    manifest = read.manifest.model_copy(update={"students": tuple(records)})
    return HandedOut(manifest, refused, bool(secret), path.parent, class_files)


def _seal_mistake(record: StudentRecord, manifest: Manifest, secret: bytes) -> str:
    try:
        return seal_mistake(record, manifest, secret)
    except (ValueError, RecursionError):  # nested so deeply that it cannot be written
        return "the record is not one that was written by Blattwerk"


def _secret(manifest: Path, named: Path | None, made_with: str) -> bytes:
    """The secret that the records were sealed with, or nothing where there is none."""
    file = named or of_manifest(manifest)
    if made_with in (NO_SECRET, UNKNOWN) or file is None:
        return b""
    secret = read_secret(file)
    if fingerprint(secret) != made_with:
        raise InputError(
            f"the secret {file} (fingerprint {fingerprint(secret)}) is not the one of the manifest {manifest} "
            f"({made_with:.12}); name the right file with --secret"
        )
    return secret


def changes(before: Iterable[StudentRecord], today: Records) -> Iterator[str]:
    """Where today's solver answers otherwise than a manifest says, or not at all; it may answer more."""
    for old in before:
        if old.id not in today:
            continue
        answers = {(one.key, a.name): a for one in today.read(old.id).exercises for a in one.answers}
        for exercise in old.exercises:
            for was in exercise.answers:
                now = answers.get((exercise.key, was.name))
                same = now is not None and same_value(was, now)
                if not same:
                    said, says = f"{was.exact} ({was.decimal})", f"{now.exact} ({now.decimal})" if now else "nothing"
                    yield f"{old.id}, {exercise.key}, {was.name}: the manifest says {said}, today {says}"
