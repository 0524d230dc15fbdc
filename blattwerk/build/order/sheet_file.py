"""The sheet file (TOML): what a lecturer writes. Read, checked against the catalogue, all mistakes reported at once."""

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from blattwerk.build.order.catalogue import catalogue, find, find_topic
from blattwerk.build.order.printable import printable
from blattwerk.errors import SheetFileError, UnknownExercise, UnsettableText
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Exercise
from blattwerk.vocabulary.language import LANGUAGES, Localised

LONGEST = 300  # characters of a text in the header
DEEPEST = 20  # tables in tables
OTHER_KIND = PydanticCustomError("other_kind", "no value of the kind that belongs here")
LINE_BREAKS = "\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"


def _localised(value: Any) -> Any:
    """A plain string stands for both languages."""
    return {"en": value, "de": value} if isinstance(value, str) else value


def _printable(text: str) -> str:
    for sign in text:
        if sign in LINE_BREAKS:
            raise ValueError(f"the text {text!a} holds a line break; write it on one line")
        if unicodedata.category(sign) == "Cc":
            raise ValueError(f"the text {text!a} holds the character U+{ord(sign):04X}, which cannot be printed")
    try:
        printable(text)
    except UnsettableText as error:
        raise ValueError(str(error)) from error
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    return text


def _all_printable(text: Localised) -> Localised:
    for part in (text.en, text.de):
        _printable(part)
    return text


def _day_or_time(value: Any) -> Any:
    """TOML has dates and times of its own; JSON has them as texts."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value) if len(value) == len("2027-01-15") else datetime.fromisoformat(value)
        except ValueError as error:
            raise OTHER_KIND from error
    if not isinstance(value, date | None):
        raise OTHER_KIND
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise OTHER_KIND
    return value


def _some(entries: "tuple[Entry, ...]") -> "tuple[Entry, ...]":
    if not entries:
        raise OTHER_KIND
    return entries


def _half_points(points: Fraction) -> Fraction:
    if points <= 0 or (points * 2).denominator != 1 or points > 100:
        raise ValueError("points are multiples of 1/2 between 0.5 and 100")
    return points


def _sharing(value: str) -> str:
    if value not in SHARING:
        raise ValueError(f"{value[:30]!r} is not allowed; allowed: {', '.join(SHARING)}")
    return value


Text = Annotated[Localised, BeforeValidator(_localised), AfterValidator(_all_printable)]
Line = Annotated[str, AfterValidator(_printable)]
Points = Annotated[Fraction, BeforeValidator(_number), AfterValidator(_half_points)]
EMPTY = Localised("", "")

# How a value is written, for messages.
TEXT = 'a text in quotation marks, or one for each language: { en = "...", de = "..." }'
LINE = "a text in quotation marks"
SHARING = ("student", "group", "team", "one")
SWITCH = "true or false"


class _Table(BaseModel):
    """A table of the sheet file: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Course(_Table):
    """Who sets the sheet."""

    code: Line = Field("", description=LINE)
    title: Text = Field(description=TEXT)
    institution: Text = Field(EMPTY, description=TEXT)
    term: Text = Field(EMPTY, description=TEXT)


class SheetInfo(_Table):
    """What stands in the header, and what of the student is printed there. A deadline may be a day without a time."""

    number: StrictInt | None = Field(None, ge=0, le=999, description="a whole number from 0 to 999")
    title: Text = Field(description=TEXT)
    deadline: Annotated[datetime | date | None, BeforeValidator(_day_or_time)] = Field(
        None, description="a date with a time, 2027-01-15T10:00:00, or without, 2027-01-15"
    )
    hand_in: Text = Field(EMPTY, description=TEXT)
    print_name: StrictBool = Field(True, description=SWITCH)
    print_id: StrictBool = Field(True, description=SWITCH)
    hints: StrictBool = Field(False, description=SWITCH)
    numbers: Annotated[str, AfterValidator(_sharing)] | None = Field(
        None, description=f"who shares numbers: {', '.join(SHARING)}"
    )
    variants: StrictInt | None = Field(None, ge=2, le=26, description="a whole number from 2 to 26")

    @model_validator(mode="after")
    def _one_way(self) -> "SheetInfo":
        if self.numbers is not None and self.variants is not None:
            raise ValueError("numbers and variants exclude each other; remove one of them")
        return self


class TutorInfo(_Table):
    """A tutor; the address is printed as a link."""

    name: Line = Field(description=LINE)
    email: str | None = Field(
        None,
        max_length=200,
        pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$",
        description='an address, such as "tutor@example.org"',
    )


class Entry(_Table):
    """One exercise of the sheet; its key (the id, if left out) names its draws, overrides, records and files."""

    id: str = Field(description='the id of an exercise, such as id = "kl_histogram"; `list` shows all')
    key: str = Field(
        "",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        description='small letters, digits, - and _, at most 64, such as key = "kl-2"',
    )
    difficulty: Difficulty = Field("standard", description="easy, standard or hard")
    points: Mapping[str, Points] = Field({}, description="the points of a part, such as points = { forward = 3 }")
    without: tuple[str, ...] = Field((), description='the parts to be left out, such as without = ["zero"]')
    hints: StrictBool | None = Field(None, description=SWITCH)
    demo: StrictBool = Field(False, description=SWITCH)
    notebook: StrictBool = Field(False, description=SWITCH)

    @model_validator(mode="before")
    @classmethod
    def _own_key(cls, data: Any) -> Any:
        return {"key": data["id"], **data} if isinstance(data, Mapping) and isinstance(data.get("id"), str) else data


class Override(_Table):
    """Another draw of one exercise, named by its key, for one student; `draw` counts from 1."""

    student: str = Field(description="the id of a student in quotation marks")
    exercise: str = Field(description="the key (or id) of an exercise of this sheet in quotation marks")
    draw: StrictInt = Field(1, ge=1, le=999, description="a whole number from 1 to 999")


class SheetFile(_Table):
    """A whole sheet."""

    course: Course = Field(description='a table, [course], with title = "..."')
    sheet: SheetInfo = Field(description='a table, [sheet], with title = "..."')
    tutors: tuple[TutorInfo, ...] = Field((), description='for each tutor a table, [[tutors]], with name = "..."')
    exercises: Annotated[tuple[Entry, ...], AfterValidator(_some)] = Field(
        description='for each exercise a table, [[exercises]], with id = "..."'
    )
    overrides: tuple[Override, ...] = Field((), description="a table, [[overrides]], with student and exercise")


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
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SheetFileError(f"the sheet file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SheetFileError(f"the sheet file {path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SheetFileError(f"the sheet file {path} is not TOML: {error}") from error
    except ValueError as error:  # Python reads no number of more than 4300 digits
        raise SheetFileError(f"the sheet file {path} holds a number of thousands of digits") from error
    except RecursionError as error:
        raise SheetFileError(f"the sheet file {path} holds brackets in brackets, far too many") from error
    return checked_sheet(data, str(path))


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
    """The sheet in this data; `source` names it in messages."""
    if outsized := list(_outsized(data)):
        raise _error(source, outsized)
    sheet, mistakes = None, []
    try:
        sheet = SheetFile.model_validate(data)
    except ValidationError as error:
        mistakes = list(_messages(error.errors()))
    mistakes += _against_catalogue(data)
    if mistakes or sheet is None:
        raise _error(source, mistakes)
    return sheet


def _outsized(data: Any) -> Iterator[str]:
    """What no message could show: numbers larger than TOML's (64 bits), and tables in tables without end."""
    waiting: list[tuple[tuple[int | str, ...], Any]] = [((), data)]
    while waiting:
        location, value = waiting.pop()
        if len(location) > DEEPEST:
            yield f"{_key(location[:3])}: tables in tables, far too many"
        elif isinstance(value, Mapping):
            waiting += (((*location, key), inner) for key, inner in value.items())
        elif isinstance(value, list | tuple):
            waiting += (((*location, i), inner) for i, inner in enumerate(value))
        elif isinstance(value, int) and value.bit_length() > 63:
            yield f"{_key(location)}: a number of more than 18 digits"


def _error(source: str, mistakes: list[str]) -> SheetFileError:
    count = f"{len(mistakes)} mistakes" if len(mistakes) > 1 else "a mistake"
    return SheetFileError(f"the sheet file {source} has {count}:\n" + "\n".join(f"  {m}" for m in mistakes))


def _messages(details: Iterable[ErrorDetails]) -> Iterator[str]:
    """A line for each mistake. A key that is mistyped is not missing as well."""
    found = list(details)
    meant = {(*d["loc"][:-1], near) for d in found if d["type"] in UNKNOWN for near in _near(d["loc"])}
    for detail in found:
        if detail["type"] != "missing" or detail["loc"] not in meant:
            yield f"{_key(detail['loc'])}: {_what(detail)}"


UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def _what(detail: ErrorDetails) -> str:
    """What is wrong with a key, and what is allowed."""
    location = detail["loc"]
    if detail["type"] in UNKNOWN:
        meant = "".join(f"; did you mean {near}?" for near in _near(location))
        return f"unknown key; allowed here: {', '.join(_allowed(location))}{meant}"
    if detail["type"] == "missing":
        return f"missing; write {_description(location)}"
    if detail["type"] == "literal_error":
        return f"{detail['input']!r} is not allowed; allowed: {', '.join(DIFFICULTIES)}"
    if detail["type"] == "value_error":
        given = f" (given: {detail['input']})" if isinstance(detail["input"], int | float) else ""
        return detail["msg"].removeprefix("Value error, ") + given
    return f"{_shown(detail['input'])} is not allowed; write {_description(location)}"


def _allowed(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """The keys of the table in which this one stands."""
    keys = [part for part in location[:-1] if isinstance(part, str)]
    if len(keys) > 1:  # a text for each language
        return LANGUAGES
    return tuple((TABLES[keys[0]] if keys else SheetFile).model_fields)


def _near(location: tuple[int | str, ...]) -> list[str]:
    return get_close_matches(str(location[-1]), _allowed(location), n=1)


def _description(location: tuple[int | str, ...]) -> str:
    """How the value of a key is written."""
    first, *keys = (part for part in location if isinstance(part, str))
    table = TABLES[first] if keys else SheetFile
    return table.model_fields[keys[0] if keys else first].description or ""


def _shown(value: Any) -> str:
    """A value as it stands in the file, if it is short."""
    if isinstance(value, Mapping | list | tuple):
        return "a table" if isinstance(value, Mapping) else "a list" if value else "an empty list"
    text = str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) < 60 else f"{text[:57]}..."


def _key(location: tuple[int | str, ...]) -> str:
    """('exercises', 1, 'points') -> exercises[2].points, counted as people count."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")


def _against_catalogue(data: Mapping[str, Any]) -> Iterator[str]:
    """What the catalogue says of what the file names, as far as it can be read: other mistakes do not hide these."""
    seen: set[str] = set()
    mistyped = False
    for number, entry in _tables(data, "exercises"):
        where = f"exercises[{number}]"
        key = entry.get("key", entry.get("id"))
        if isinstance(key, str) and key in seen:
            yield (
                f"{where}.id: '{key}' stands on the sheet already and would carry the same numbers again; "
                f'give it another key, such as key = "{key}-2"'
            )
        seen |= {key} if isinstance(key, str) else set()
        try:
            exercise = find(entry["id"]) if isinstance(entry.get("id"), str) else None
        except UnknownExercise as error:
            exercise = None
            yield f"{where}.id: {error}"
        mistyped |= exercise is None
        if exercise:
            yield from (f"{where}.{mistake}" for mistake in _against_exercise(entry, exercise))
    for number, override in _tables(data, "overrides"):
        named = override.get("exercise")
        meant = mistyped and named in catalogue()  # by an entry whose id is mistyped, perhaps
        if isinstance(named, str) and named not in seen and not meant:
            yield f"overrides[{number}].exercise: '{named}' does not stand on this sheet"


def _tables(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The tables under a key, counted as people count."""
    tables = data.get(key)
    for number, table in enumerate(tables if isinstance(tables, list | tuple) else (), 1):
        if isinstance(table, Mapping):
            yield number, table


def _against_exercise(entry: Mapping[str, Any], exercise: Exercise[Any, Any]) -> Iterator[str]:
    """What is wrong with an entry, seen from its exercise: the key in the entry, and the mistake."""
    chosen = next((one for one in DIFFICULTIES if one == entry.get("difficulty", "standard")), None)
    parts = [part.id for part in (exercise.parts_at(chosen) if chosen else exercise.parts)]
    at = f" at the difficulty {chosen}" if chosen else ""
    without = _strings(entry.get("without"))
    for key, named in (("points", _strings(entry.get("points"))), ("without", without)):
        for part in named:
            if part not in parts:
                yield f"{key}: '{part}' is no part of {exercise.id}{at}; allowed: {', '.join(parts)}"
    if entry.get("demo") is True and exercise.demo is None:
        yield f"demo: there is no demo of {exercise.id}; `list` shows which exercises have one"
    if entry.get("notebook") is True and not find_topic(exercise.id).has_notebook():
        yield f"notebook: there is no notebook of {exercise.id}; `list` shows which exercises have one"
    if set(parts) <= set(without):
        yield f"without: no part of {exercise.id} is left; remove the exercise instead"


def _strings(value: Any) -> list[str]:
    """The texts in a list, or the keys of a table; none where it is something else."""
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple | Mapping) else []
