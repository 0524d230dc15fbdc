"""The sheet file (TOML): what a lecturer writes. Read, checked against the catalogue, all mistakes reported at once."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from blattwerk.build.order.catalogue import find, find_topic
from blattwerk.build.order.printable import printable
from blattwerk.errors import SheetFileError, UnknownExercise, UnsettableText
from blattwerk.vocabulary.exercise import Difficulty
from blattwerk.vocabulary.language import Localised

LONGEST = 300  # characters of a text in the header


def _localised(value: Any) -> Any:
    """A plain string stands for both languages."""
    return {"en": value, "de": value} if isinstance(value, str) else value


def _printable(text: str) -> str:
    try:
        printable(text)
    except UnsettableText as error:
        raise ValueError(str(error)) from error
    return text


def _all_printable(text: Localised) -> Localised:
    for part in (text.en, text.de):
        _printable(part)
        if len(part) > LONGEST:
            raise ValueError(f"longer than {LONGEST} characters")
    return text


def _half_points(points: Fraction) -> Fraction:
    if points <= 0 or (points * 2).denominator != 1 or points > 100:
        raise ValueError("points are multiples of 1/2 between 0.5 and 100")
    return points


Text = Annotated[Localised, BeforeValidator(_localised), AfterValidator(_all_printable)]
Line = Annotated[str, Field(max_length=LONGEST), AfterValidator(_printable)]
Points = Annotated[Fraction, AfterValidator(_half_points)]
EMPTY = Localised("", "")


class _Table(BaseModel):
    """A table of the sheet file: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Course(_Table):
    """Who sets the sheet."""

    code: Line = ""
    title: Text
    institution: Text = EMPTY
    term: Text = EMPTY


class SheetInfo(_Table):
    """What stands in the header, and what of the student is printed there."""

    number: Annotated[int, Field(ge=0, le=999)] | None = None
    title: Text
    deadline: datetime | None = None
    hand_in: Text = EMPTY
    print_name: bool = True
    print_id: bool = True
    hints: bool = False


class TutorInfo(_Table):
    """A tutor; the address is printed as a link."""

    name: Line
    email: Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$")] | None = None


class Entry(_Table):
    """One exercise of the sheet; its key (the id, if left out) names its draws, overrides, records and files."""

    id: str
    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] = ""
    difficulty: Difficulty = "standard"
    points: Mapping[str, Points] = {}
    without: tuple[str, ...] = ()
    hints: bool | None = None
    demo: bool = False
    notebook: bool = False

    @model_validator(mode="before")
    @classmethod
    def _own_key(cls, data: Any) -> Any:
        return {"key": data["id"], **data} if isinstance(data, Mapping) and isinstance(data.get("id"), str) else data


class Override(_Table):
    """Another draw of one exercise, named by its key, for one student; `draw` counts from 1."""

    student: str
    exercise: str
    draw: Annotated[int, Field(ge=1, le=999)] = 1


class SheetFile(_Table):
    """A whole sheet."""

    course: Course
    sheet: SheetInfo
    tutors: tuple[TutorInfo, ...] = ()
    exercises: Annotated[tuple[Entry, ...], Field(min_length=1)]
    overrides: tuple[Override, ...] = ()


TABLES: Mapping[str, type[_Table]] = {
    "course": Course,
    "sheet": SheetInfo,
    "tutors": TutorInfo,
    "exercises": Entry,
    "overrides": Override,
}


def read_sheet(path: Path) -> SheetFile:
    """The sheet in this file; raises SheetFileError, with a line for each mistake."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SheetFileError(f"the sheet file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SheetFileError(f"the sheet file {path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SheetFileError(f"the sheet file {path} is not TOML: {error}") from error
    return checked_sheet(data, str(path))


def checked_sheet(data: Mapping[str, Any], source: str) -> SheetFile:
    """The sheet in this data; `source` names it in messages."""
    try:
        sheet = SheetFile.model_validate(data)
    except ValidationError as error:
        raise _error(source, [_message(detail) for detail in error.errors()]) from error
    if mistakes := list(_against_catalogue(sheet)):
        raise _error(source, mistakes)
    return sheet


def _error(source: str, mistakes: list[str]) -> SheetFileError:
    count = f"{len(mistakes)} mistakes" if len(mistakes) > 1 else "a mistake"
    return SheetFileError(f"the sheet file {source} has {count}:\n" + "\n".join(f"  {m}" for m in mistakes))


def _message(detail: ErrorDetails) -> str:
    """One mistake: the key, what is wrong with it, and what is allowed."""
    where = _key(detail["loc"])
    if detail["type"] == "extra_forbidden":
        table = TABLES.get(str(detail["loc"][0])) if len(detail["loc"]) > 1 else SheetFile
        allowed = f"; allowed here: {', '.join(table.model_fields)}" if table else ""
        return f"{where}: unknown key{allowed}"
    if detail["type"] == "missing":
        return f"{where}: missing"
    if detail["type"] == "literal_error":
        return f"{where}: {detail['input']!r} is not allowed; allowed: {', '.join(get_args(Difficulty))}"
    message = detail["msg"].removeprefix("Value error, ")
    given = detail["input"]
    shown = f" (given: {given!r})" if isinstance(given, str | int | float | bool) and len(str(given)) < 60 else ""
    return f"{where}: {message[:1].lower()}{message[1:]}{shown}"


def _key(location: tuple[int | str, ...]) -> str:
    """('exercises', 1, 'points') -> exercises[2].points, counted as people count."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")


def _against_catalogue(sheet: SheetFile) -> Iterator[str]:
    seen: set[str] = set()
    for number, entry in enumerate(sheet.exercises, 1):
        where = f"exercises[{number}]"
        if entry.key in seen:
            yield (
                f"{where}.id: '{entry.key}' stands on the sheet already and would carry the same numbers again; "
                f'give it another key, such as key = "{entry.key}-2"'
            )
        seen.add(entry.key)
        try:
            exercise = find(entry.id)
        except UnknownExercise as error:
            yield f"{where}.id: {error}"
            continue
        parts = [part.id for part in exercise.parts_at(entry.difficulty)]
        for key, named in (("points", entry.points), ("without", entry.without)):
            for part in named:
                if part not in parts:
                    yield (
                        f"{where}.{key}: '{part}' is no part of {entry.id} at the difficulty {entry.difficulty}; "
                        f"allowed: {', '.join(parts)}"
                    )
        if entry.demo and exercise.demo is None:
            yield f"{where}.demo: there is no demo of {entry.id}; `list` shows which exercises have one"
        if entry.notebook and not find_topic(entry.id).has_notebook():
            yield f"{where}.notebook: there is no notebook of {entry.id}; `list` shows which exercises have one"
        if set(parts) <= set(entry.without):
            yield f"{where}.without: no part of {entry.id} is left; remove the exercise instead"
    for number, override in enumerate(sheet.overrides, 1):
        if override.exercise not in seen:
            yield f"overrides[{number}].exercise: '{override.exercise}' does not stand on this sheet"
