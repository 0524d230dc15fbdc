"""manifest.json: a whole build, so that it can be made again for ever. The secret is not in it."""

import hmac
import json
import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, BeforeValidator, ValidationError, model_validator

import blattwerk
from blattwerk.build.codec import from_json
from blattwerk.build.job import Kind
from blattwerk.build.libraries import TORCH, libraries
from blattwerk.build.numbers import placed_as_given
from blattwerk.build.order.catalogue import find
from blattwerk.build.order.class_list import Member, Student, id_mistakes, single_student
from blattwerk.build.order.ordered import Ordered, chosen
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.press.tex import engine_version
from blattwerk.build.store.records import UNKNOWN, ClassPath, Digest, Record, Shown, StudentRecord, own_records
from blattwerk.errors import ManifestError, UnknownExercise
from blattwerk.vocabulary import draws

FORMAT: Literal[2] = 2
NO_SECRET = "none"


class Identity(Record):
    """Which build a folder holds: of which course and sheet, drawn with which seed and secret, for a class or not.

    `sheet` is the sheet's number, or the name of its file where it has none; `secret` is a fingerprint.
    """

    course: Shown
    sheet: Shown
    seed: int
    secret: Shown
    whole_class: bool

    def __str__(self) -> str:
        course = f" of {self.course}" if self.course else ""
        secret = "no secret" if self.secret == NO_SECRET else f"the secret {self.secret}"
        owner = "for a class" if self.whole_class else "without a class list"
        return f"sheet {self.sheet}{course}, seed {self.seed}, {secret}, {owner}"


def identity_of(sheet: SheetFile, name: str, seed: int, secret: bytes, whole_class: bool) -> Identity:
    """The identity of a build; `name` is the name of the sheet's file, without its ending."""
    number = sheet.sheet.number
    return Identity(
        course=sheet.course.code,
        sheet=name if number is None else str(number),
        seed=seed,
        secret=fingerprint(secret),
        whole_class=whole_class,
    )


def fingerprint(secret: bytes) -> str:
    """A few digits by which a secret can be told from another, and from which nothing of it can be learnt."""
    return hmac.digest(secret, b"fingerprint of the secret", "sha256").hex()[:12] if secret else NO_SECRET


def _known_format(value: Any) -> Any:
    if value != FORMAT:
        raise ValueError(f"format {value!r} is not known to this version of Blattwerk, which reads formats 1 and 2")
    return value


def _known_scheme(value: Any) -> Any:
    if value != draws.SCHEME or isinstance(value, bool):
        raise ValueError(
            f"draw scheme {value!r:.40} is not known to this version of Blattwerk, which has scheme {draws.SCHEME}; "
            "use the version that wrote the manifest"
        )
    return value


class Manifest(Record):
    """A whole build.

    class_files  the digests of the files of the whole class by path: answers, keys, print files
    class_seal   what these files are sealed with, as the records are (`seal`)
    """

    format: Annotated[Literal[2], BeforeValidator(_known_format)]
    blattwerk: str
    draw_scheme: Annotated[int, BeforeValidator(_known_scheme)]
    seed: int
    identity: Identity
    python: str
    libraries: Mapping[str, str]
    tex: Mapping[str, str]
    sheet: SheetFile
    students: tuple[StudentRecord, ...]
    class_files: Mapping[ClassPath, Digest] = {}
    class_seal: Digest | Literal[""] = ""

    @model_validator(mode="after")
    def _one_seed(self) -> "Manifest":
        if self.seed != self.identity.seed:
            raise ValueError(f"the seed is {self.seed}, and that of the identity is {self.identity.seed}")
        return self


def manifest_of(sheet: SheetFile, identity: Identity, students: tuple[StudentRecord, ...] = ()) -> Manifest:
    """The manifest of a build, with the versions of everything that had a part in it."""
    return Manifest(
        format=FORMAT,
        blattwerk=blattwerk.__version__,
        draw_scheme=draws.SCHEME,
        seed=identity.seed,
        identity=identity,
        python=platform.python_version(),
        libraries=libraries(TORCH),
        tex={"pdflatex": engine_version("pdflatex"), "lualatex": engine_version("lualatex")},
        sheet=sheet,
        students=students,
    )


def to_bytes(manifest: Manifest, records: Iterable[bytes]) -> Iterator[bytes]:
    """A manifest without students and the students' records as JSON, in pieces: a class need not fit into memory."""
    head, tail = manifest.model_dump_json(indent=1).encode("utf-8").split(b'"students": []')
    yield head + b'"students": ['
    for i, record in enumerate(records):
        yield (b",\n  " if i else b"\n  ") + record.replace(b"\n", b"\n  ")
    yield b"\n ]" + tail + b"\n"


def record_bytes(record: BaseModel) -> bytes:
    """A student's record as JSON, as it stands in the manifest."""
    return record.model_dump_json(indent=1).encode("utf-8")


@dataclass(frozen=True)
class Read:
    """A manifest with the records that can be used, and why the others cannot, by the name of their student."""

    manifest: Manifest
    refused: Mapping[str, str]


def read_manifest(path: Path) -> Manifest:
    """A manifest of format 1 or 2 with all its records; raises ManifestError, saying where it is wrong."""
    read = read_records(path)
    for student, why in read.refused.items():
        raise ManifestError(f"the manifest {path} is damaged: {student}: {why}")
    return read.manifest


def read_records(path: Path) -> Read:
    """A manifest of format 1 or 2, each record read by itself; raises ManifestError where all of it is of no use."""
    data = _json(path)
    try:
        head, students = (_upgraded if data.get("format") == 1 else _split)(data)
        manifest = Manifest.model_validate({**head, "students": []})
    except ValidationError as error:
        raise ManifestError(f"the manifest {path} is damaged or of another version: {_first(error)}") from error
    except (KeyError, TypeError, AttributeError) as error:  # not the shape of a manifest
        raise ManifestError(f"the manifest {path} is damaged: {type(error).__name__}: {error!s:.100}") from error
    twice = Counter(_folded_id(student) for student in students)
    records, refused = [], {}
    for number, student in enumerate(students, 1):
        found = _record(student, data, manifest)
        if twice[_folded_id(student)] > 1:
            found = "the manifest has more than one record of this id; remove those that were added"
        if isinstance(found, str):
            refused[_name(student, number)] = found
        else:
            records.append(found)
    return Read(manifest.model_copy(update={"students": tuple(records)}), refused)


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes(), parse_constant=_no_constant)
    except OSError as error:
        raise ManifestError(f"the manifest {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"the manifest {path} is damaged: {type(error).__name__}: {error!s:.100}") from error
    if not isinstance(data, dict):
        raise ManifestError(f"the manifest {path} is damaged: it holds no manifest")
    return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _split(data: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """A manifest of format 2 without its students, and the students."""
    students = data.get("students", ()) if data.get("format") == FORMAT else []
    if not isinstance(students, list):
        raise TypeError("students is no list")
    return data, students


def _upgraded(data: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """A manifest of format 1 as one of format 2 (what it did not know is said to be unknown), and the students."""
    sheet, students = data["sheet"], list(data["students"])
    number = sheet["sheet"].get("number")
    ids = [student.get("id") if isinstance(student, dict) else None for student in students]
    identity = {
        "course": sheet["course"].get("code", ""),
        "sheet": UNKNOWN if number is None else str(number),
        "seed": data["seed"],
        "secret": UNKNOWN,
        "whole_class": ids != [single_student(data["seed"]).id],
    }
    return {**data, "format": FORMAT, "identity": identity}, students


def _folded_id(student: Any) -> str:
    """The id as a file system may see it; what has none is like nothing else."""
    identity = student.get("id") if isinstance(student, dict) else None
    return identity.casefold() if isinstance(identity, str) else f" {id(student)}"


def _name(student: Any, number: int) -> str:
    """A record's student as a report names it."""
    identity = student.get("id") if isinstance(student, dict) else None
    known = isinstance(identity, str) and not any(id_mistakes(identity))
    return f"{identity}" if known else f"record {number}"


def _record(student: Any, data: Mapping[str, Any], manifest: Manifest) -> StudentRecord | str:
    """A student's record, or why it cannot be used."""
    try:
        record = StudentRecord.model_validate(_raised(student, data) if data["format"] == 1 else student)
    except ValidationError as error:
        return _first(error)
    except (KeyError, TypeError, AttributeError) as error:  # not the shape of format 1
        return f"{type(error).__name__}: {error!s:.100}"
    try:
        return record if not (mistake := next(_against_sheet(record, manifest.sheet), "")) else mistake
    except UnknownExercise:  # concerns the whole sheet; the message says what to install
        raise
    except ManifestError as error:
        return f"{error!s:.300}"


def _raised(student: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """A record of format 1 as one of format 2."""
    version = {"version": 1, "package": "blattwerk", "package_version": data["blattwerk"], "digest": UNKNOWN}
    return {**student, "exercises": [{**one, "key": one["id"], "topic": version} for one in student["exercises"]]}


def _against_sheet(record: StudentRecord, sheet: SheetFile) -> Iterator[str]:
    """Where a record is not one of this sheet, or its numbers are not those of its topics."""
    if [one.key for one in record.exercises] != [entry.key for entry in sheet.exercises]:
        yield "its exercises are not those of the sheet"
        return
    keys = sorted(entry.key for entry in sheet.entries)
    if sorted(record.sequence) != (keys if sheet.sheet.shuffle else []):
        yield "the order of its exercises is none of this sheet's"
    if record.own != own_records(sheet):
        yield "its exercises written by hand are not those of the sheet"
    for one, entry in zip(record.exercises, sheet.exercises, strict=True):
        if (one.id, one.difficulty) != (entry.id, entry.difficulty):
            yield f"{one.key}: the sheet has {entry.id} at the difficulty {entry.difficulty} here"
        if (one.demo is not None, one.notebook is not None) != (entry.demo, entry.notebook):
            yield f"{one.key}: a demo or a notebook is missing, or is there and not on the sheet"
        exercise = find(one.id)
        from_json(exercise.params, one.params)
        placed_as_given(exercise, one.given())


def _first(error: ValidationError) -> str:
    """The first mistake: where it is, and what."""
    first = error.errors(include_url=False)[0]
    place = ".".join(part if isinstance(part, str) and part.isidentifier() else ascii(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place[:100]}: {message[:300]}" if place else message[:300]


def order_again(
    manifest: Manifest,
    only: Iterable[str] = (),
    command: str = "",
    kinds: tuple[Kind, ...] = ("solutions",),
    files: Mapping[str, bytes] = {},
) -> tuple[Ordered, ...]:
    """The order of the solution of each student in a manifest, or of those named, with the numbers that it holds.

    `files` is the content of the files that the sheet names.
    """
    records = chosen({record.id: record for record in manifest.students}, only, "the manifest")
    return tuple(
        Ordered(
            manifest.sheet,
            _student(record, manifest.identity.whole_class),
            manifest.seed,
            record.languages,
            record.code,
            kinds=kinds,
            given={exercise.key: exercise.given() for exercise in record.exercises},
            command=command,
            shared=record.shared,
            files=files,
            sequence=record.sequence,
        )
        for record in records
    )


def _student(record: StudentRecord, in_class: bool) -> Student:
    """Who a record is of, a student or a team."""
    members = tuple(Member(one.id, one.name, one.email) for one in record.members)
    return Student(record.id, record.name, record.email, record.group, nobody=not in_class, members=members)
