"""The sheet file (TOML): what a lecturer writes. Read, checked against the catalogue, all mistakes reported at once.

What several sheets of a course share may stand in `course.toml` beside them; where both say something, the sheet's own
word holds.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from blattwerk.build.order.against_catalogue import against_catalogue
from blattwerk.build.order.beside import digests, read_beside
from blattwerk.build.order.catalogue import find
from blattwerk.build.order.course_file import COURSE, joined, told_apart
from blattwerk.build.order.mistakes import Location, Mistake, from_pydantic, outsized, told
from blattwerk.build.order.sheet_tables import (
    Course,
    Entry,
    Override,
    OwnExercise,
    OwnPart,
    OwnText,
    PageLook,
    SheetFile,
    SheetInfo,
    TutorInfo,
)
from blattwerk.build.order.toml_lines import depth, line_of
from blattwerk.errors import SheetFileError

__all__ = [
    "Course",
    "Entry",
    "Override",
    "OwnExercise",
    "OwnPart",
    "OwnText",
    "PageLook",
    "SheetFile",
    "SheetInfo",
    "TutorInfo",
    "check_drafts",
    "checked_sheet",
    "read_sheet",
]


def read_sheet(path: Path) -> SheetFile:
    """The sheet in this file, with what `course.toml` beside it says of all sheets, and the digests of its files.

    Raises SheetFileError, with a line for each mistake.
    """
    text = _text(path, "sheet file")
    own = _tables(text, path, "sheet file")
    shared_path = path.parent / COURSE
    if path.name == COURSE or not shared_path.is_file():
        return _checked(own, str(path), lambda location: _line(text, location), path.parent)
    shared_text = _text(shared_path, "course file")
    shared = _tables(shared_text, shared_path, "course file")
    if mistakes := list(told_apart(shared)):
        raise SheetFileError(
            f"the course file {shared_path} {told(mistakes, lambda location: _line(shared_text, location))}"
        )

    def where(location: Location) -> str:
        if depth(shared_text, location) > depth(text, location):
            return f"{COURSE}, {_line(shared_text, location)}"
        return _line(text, location)

    return _checked(joined(shared, own), str(path), where, path.parent)


def _line(text: str, location: Location) -> str:
    return f"line {line}: " if (line := line_of(text, location)) else ""


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SheetFileError(f"the {what} {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SheetFileError(f"the {what} {path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _tables(text: str, path: Path, what: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SheetFileError(f"the {what} {path} is not TOML: {error}") from error
    except ValueError as error:  # Python reads no number of more than 4300 digits
        raise SheetFileError(f"the {what} {path} holds a number of thousands of digits") from error
    except RecursionError as error:
        raise SheetFileError(f"the {what} {path} holds brackets in brackets, far too many") from error


def check_drafts(sheet: SheetFile) -> None:
    """Raise SheetFileError where a topic is a draft, which is built only where that is wanted."""
    drafts = {entry.id: find(entry.id).draft for entry in sheet.exercises if find(entry.id).draft}
    if drafts:
        said = ", ".join(f"{topic} ({', '.join(map(_lacking, lacks))})" for topic, lacks in drafts.items())
        raise SheetFileError(
            f"the sheet has drafts on it: {said}; `check` says what is missing, and `build --draft` builds them with a "
            "mark across each page"
        )


def _lacking(lack: str) -> str:
    return "not every answer has two checks" if lack == "unproven" else f"texts in '{lack}' are missing"


def checked_sheet(data: Mapping[str, Any], source: str) -> SheetFile:
    """The sheet in this data; `source` names it in messages. Files that it names are not looked for."""
    return _checked(data, source)


def _checked(
    data: Mapping[str, Any],
    source: str,
    where: Callable[[Location], str] = lambda location: "",
    folder: Path | None = None,
) -> SheetFile:
    """The sheet in this data, and the digests of the files in this folder that it names."""
    sheet, mistakes = None, list(outsized(data))
    if not mistakes:
        try:
            sheet = SheetFile.model_validate(data)
        except ValidationError as error:
            mistakes = list(from_pydantic(error.errors()))
        mistakes += [*_not_written(data), *against_catalogue(data)]
    if sheet and folder:
        files, wrong = read_beside(sheet, folder)
        sheet = sheet.model_copy(update={"files": digests(files)})
        mistakes += wrong
    if mistakes or sheet is None:
        raise SheetFileError(f"the sheet file {source} {told(mistakes, where)}")
    return sheet


def _not_written(data: Mapping[str, Any]) -> list[Mistake]:
    return [(("files",), "a record has it, and no sheet file; remove it")] if data.get("files") else []
