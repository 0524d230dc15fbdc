"""A small class that has its sheets: a manifest with its files, made without TeX; and Moodle's importer in small."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from blattwerk.build.codec import digest
from blattwerk.build.numbers import draw
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import order
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.proof.prove import proven
from blattwerk.build.store.manifest import Manifest, identity_of, manifest_of, record_bytes, to_bytes
from blattwerk.build.store.records import StudentRecord, exercise_record, student_record
from blattwerk.build.store.seal import sealed
from blattwerk.vocabulary.language import Lang

SHEET = {
    "course": {"code": "ML 2", "title": "Learning"},
    "sheet": {"number": 7, "title": "Histograms"},
    "exercises": [{"id": "kl_histogram"}],
}


def handed(
    folder: Path,
    *students: Student,
    sheet: Mapping[str, Any] = SHEET,
    langs: tuple[Lang, ...] = ("en", "de"),
    secret: bytes = b"",
) -> Manifest:
    """The manifest of a build of these students, written with files whose content is their path."""
    file = checked_sheet(sheet, "sheet.toml")
    identity = identity_of(file, "sheet", 7, secret, True)
    head = manifest_of(file, identity)
    records = []
    for one in order(file, students, 7, langs, secret=secret):
        exercises = tuple(map(exercise_record, proven(draw(one), {}).exercises))
        files = _written(folder, one.student.id, langs)
        record = student_record(one, exercises, files)
        read = StudentRecord.model_validate_json(record_bytes(record))
        records.append(sealed(read, head, secret))
    (folder / "manifest.json").write_bytes(b"".join(to_bytes(head, map(record_bytes, records))))
    return head.model_copy(update={"students": tuple(records)})


def _written(folder: Path, student: str, langs: Sequence[Lang]) -> dict[str, str]:
    files = {}
    for path in (f"{kind}/{student}.{lang}.pdf" for kind in ("questions", "solutions") for lang in langs):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(path.encode())
        files[path] = digest(path.encode())
    return files


def imported(archive: bytes, participants: Mapping[int, Sequence[str]]) -> dict[str, dict[str, bytes]]:
    """What Moodle's importer gives to whom, by the rules that were observed: the first part of a path that has a
    number of a participant behind its first underscore and a plugin behind that decides; nothing else is looked at.
    """
    given: dict[str, dict[str, bytes]] = {}
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        for path in files.namelist():
            parts = path.split("/")
            if parts[-1].startswith((".", "~")):
                continue
            while parts:
                part, *parts = parts
                words = part.split("_", 4)
                if len(words) < 4 or not words[1].isdigit() or int(words[1]) not in participants:
                    continue
                if words[2:4] != ["assignsubmission", "file"]:
                    continue
                name = "/".join([*words[4:], *parts]).strip("/")
                for user in participants[int(words[1])]:
                    given.setdefault(user, {})[name] = files.read(path)
                break
    return given
