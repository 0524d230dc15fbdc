"""manifest.json: a whole build, so that it can be made again for ever. The secret is not in it."""

import hmac
import platform
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ValidationError

import blattwerk
from blattwerk.build.libraries import libraries
from blattwerk.build.order.class_list import Student, single_student
from blattwerk.build.order.ordered import Ordered, chosen
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.press.tex import engine_version
from blattwerk.build.store.records import Record, StudentRecord
from blattwerk.errors import ManifestError
from blattwerk.vocabulary import draws

FORMAT: Literal[2] = 2
NO_SECRET = "none"
UNKNOWN = "unknown"  # what format 1 says of the secret


class Identity(Record):
    """Which build a folder holds: of which course and sheet, drawn with which seed and secret, for a class or not.

    `sheet` is the sheet's number, or the name of its file where it has none; `secret` is a fingerprint.
    """

    course: str
    sheet: str
    seed: int
    secret: str
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


class Manifest(Record):
    """A whole build."""

    format: Annotated[Literal[2], BeforeValidator(_known_format)]
    blattwerk: str
    draw_scheme: int
    seed: int
    identity: Identity
    python: str
    libraries: Mapping[str, str]
    tex: Mapping[str, str]
    sheet: SheetFile
    students: tuple[StudentRecord, ...]


def manifest_of(sheet: SheetFile, identity: Identity, students: tuple[StudentRecord, ...] = ()) -> Manifest:
    """The manifest of a build, with the versions of everything that had a part in it."""
    return Manifest(
        format=FORMAT,
        blattwerk=blattwerk.__version__,
        draw_scheme=draws.SCHEME,
        seed=identity.seed,
        identity=identity,
        python=platform.python_version(),
        libraries=libraries(),
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


def read_manifest(path: Path) -> Manifest:
    """A manifest of format 1 or 2 from its file; raises ManifestError, saying where it is wrong."""
    import json

    try:
        data = json.loads(path.read_bytes())
        return Manifest.model_validate(_upgraded(data) if isinstance(data, dict) and data.get("format") == 1 else data)
    except OSError as error:
        raise ManifestError(f"the manifest {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole file"
        raise ManifestError(f"the manifest {path} is damaged or of another version: {place}: {first['msg']}") from error
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:  # no JSON, or not the shape of format 1
        raise ManifestError(f"the manifest {path} is damaged: {type(error).__name__}: {error}") from error


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """A manifest of format 1 as one of format 2; what format 1 did not know is said to be unknown."""
    sheet, students = data["sheet"], data["students"]
    number = sheet["sheet"].get("number")
    identity = {
        "course": sheet["course"].get("code", ""),
        "sheet": UNKNOWN if number is None else str(number),
        "seed": data["seed"],
        "secret": UNKNOWN,
        "whole_class": [student["id"] for student in students] != [single_student(data["seed"]).id],
    }
    version = {"version": 1, "package": "blattwerk", "package_version": data["blattwerk"], "digest": UNKNOWN}
    raised = [
        {**student, "exercises": [{**one, "key": one["id"], "topic": version} for one in student["exercises"]]}
        for student in students
    ]
    return {**data, "format": FORMAT, "identity": identity, "students": raised}


def order_again(manifest: Manifest, only: Iterable[str] = ()) -> tuple[Ordered, ...]:
    """The order of the solution of each student in a manifest, or of those named, with the numbers that it holds."""
    records = chosen({record.id: record for record in manifest.students}, only, "the manifest")
    return tuple(
        Ordered(
            manifest.sheet,
            Student(record.id, record.name, record.email, record.group, nobody=not manifest.identity.whole_class),
            manifest.seed,
            record.languages,
            record.code,
            kinds=("solutions",),
            given={exercise.key: exercise.given() for exercise in record.exercises},
        )
        for record in records
    )
