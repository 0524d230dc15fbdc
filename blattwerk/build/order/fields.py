"""What stands in a sheet file, value by value: texts, points, days, file names, colours; and how each is written."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from blattwerk.build.order.printable import printable
from blattwerk.build.topicfile.own_text import OwnTextError, tex_of
from blattwerk.errors import UnsettableText
from blattwerk.vocabulary.language import Localised

LONGEST = 300  # characters of a text in the header
LONGEST_PROSE = 20_000  # characters of a text of one's own
OTHER_KIND = PydanticCustomError("other_kind", "no value of the kind that belongs here")
LINE_BREAKS = "\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"
EMPTY = Localised("", "")

# How a value is written, for messages and for the schema.
TEXT = 'a text in quotation marks, or one for each language: { en = "...", de = "..." }'
PROSE = 'Markdown with mathematics between dollars, one text or one for each language: { en = "...", de = "..." }'
LINE = "a text in quotation marks"
SWITCH = "true or false"
KEY = 'small letters, digits, - and _, at most 64, such as key = "kl-2"'
KEY_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"


def _localised(value: Any) -> Any:
    """A plain string stands for both languages."""
    return {"en": value, "de": value} if isinstance(value, str) else value


def _printable(text: str) -> str:
    for sign in text:
        if sign in LINE_BREAKS:
            raise ValueError(f"the text {text!a} holds a line break; write it on one line")
        if unicodedata.category(sign) == "Cc":
            raise ValueError(f"the text {text!a} holds the character U+{ord(sign):04X}, which cannot be printed")
    _has_shape(text)
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    return text


def _has_shape(text: str) -> None:
    try:
        printable(text)
    except UnsettableText as error:
        raise ValueError(str(error)) from error


def _all_printable(text: Localised) -> Localised:
    for part in (text.en, text.de):
        _printable(part)
    return text


def _all_prose(text: Localised) -> Localised:
    for one in dict.fromkeys((text.en, text.de)):
        prose_mistakes(one)
    return text


def prose_mistakes(text: str) -> None:
    """Raise ValueError where a text of one's own cannot be set."""
    if len(text) > LONGEST_PROSE:
        raise ValueError(f"longer than {LONGEST_PROSE} characters; put it into a file of its own")
    if not text.strip():
        raise ValueError("the text is empty")
    _has_shape(text)
    try:
        tex_of(text)
    except OwnTextError as error:
        raise ValueError(f"line {error.line} of the text: {error.what}") from error


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


def _half_points(points: Fraction) -> Fraction:
    if points <= 0 or (points * 2).denominator != 1 or points > 100:
        raise ValueError("points are multiples of 1/2 between 0.5 and 100")
    return points


def _beside(*endings: str) -> AfterValidator:
    """A check for the name of a file beside the sheet file, or in a folder there."""

    def check(name: str) -> str:
        if not re.fullmatch(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*", name) or len(name) > 200:
            raise ValueError(
                f"{name[:60]!a} is no name of a file beside the sheet file, or in a folder there; letters, digits, "
                "dots, - and _ are allowed, and / between folders"
            )
        if not name.lower().endswith(endings):
            raise ValueError(f"{name[:60]!a} ends in none of {', '.join(endings)}")
        return name

    return AfterValidator(check)


LEAST_CONTRAST = 4.5  # of small letters on white, as WCAG 2 asks for


def _legible(colour: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise ValueError(f'{colour[:30]!a} is no colour; write red, green and blue in hexadecimal, such as "#004862"')
    if (contrast := contrast_with_white(colour)) < LEAST_CONTRAST:
        raise ValueError(
            f"{colour} is too light for letters on white: its contrast is {contrast:.1f}, and {LEAST_CONTRAST} is the "
            "least; choose a darker one"
        )
    return colour.upper()


def contrast_with_white(colour: str) -> float:
    """The contrast of a colour (#RRGGBB) with white, from 1 to 21, as WCAG 2 defines it."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _schema(schema: Mapping[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(dict(schema))


def _both(kind: Mapping[str, Any]) -> WithJsonSchema:
    """The schema of one value, or of one for each language."""
    table = {
        "type": "object",
        "properties": {"en": kind, "de": kind},
        "required": ["en", "de"],
        "additionalProperties": False,
    }
    return _schema({"anyOf": [kind, table]})


_STRING = {"type": "string"}
Text = Annotated[Localised, BeforeValidator(_localised), AfterValidator(_all_printable), _both(_STRING)]
Line = Annotated[str, AfterValidator(_printable)]
Prose = Annotated[Localised, BeforeValidator(_localised), AfterValidator(_all_prose), _both(_STRING)]
Points = Annotated[
    Fraction,
    BeforeValidator(_number),
    AfterValidator(_half_points),
    _schema({"type": ["number", "string"], "minimum": 0.5, "maximum": 100}),
]
DayOrTime = Annotated[
    datetime | date | None,
    BeforeValidator(_day_or_time),
    _schema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d([T ].*)?$"}),
]
Colour = Annotated[str, AfterValidator(_legible), _schema({"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"})]
Picture = Annotated[str, _beside(".pdf", ".png", ".svg"), _schema({"type": "string", "pattern": r"\.(pdf|png|svg)$"})]
TextFile = Annotated[str, _beside(".md", ".tex")]


def _all_files(files: Localised) -> Localised:
    for name in (files.en, files.de):
        TEXT_FILE.func(name)  # type: ignore[call-arg]  # a validator without context
    return files


TEXT_FILE = _beside(".md", ".tex")
TextFiles = Annotated[
    Localised,
    BeforeValidator(_localised),
    AfterValidator(_all_files),
    _both({"type": "string", "pattern": r"\.(md|tex)$"}),
]
