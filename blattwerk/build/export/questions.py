"""Questions as Moodle knows them, as values: what is asked, what is right, what is told of a wrong answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from blattwerk.build.export.texts import Text

LONGEST_NAME = 240  # Moodle cuts at 251
LONGEST_ID = 100
FULL, HALF, NONE = 100, 50, 0  # per cent; Moodle knows few other fractions, and one that it does not know stops a file


@dataclass(frozen=True)
class Alternative:
    """A number that may be typed: what it brings, how far from it an answer may lie, and what is told then."""

    value: Decimal
    tolerance: Decimal
    percent: int
    feedback: Text = field(default_factory=Text)


@dataclass(frozen=True)
class Option:
    """Something to be chosen."""

    text: Text
    percent: int
    feedback: Text = field(default_factory=Text)


@dataclass(frozen=True)
class NumberField:
    """A place in the text where a number is typed; the first alternative that fits decides."""

    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class ChoiceField:
    """A place in the text where one of several is chosen."""

    options: tuple[Option, ...]


@dataclass(frozen=True)
class Numerical:
    """One number is typed."""

    field: NumberField


@dataclass(frozen=True)
class Cloze:
    """Several fields; in the question's text their places are marked by `place(i)`."""

    fields: tuple[NumberField | ChoiceField, ...]


@dataclass(frozen=True)
class MultipleChoice:
    """One of several is right."""

    options: tuple[Option, ...]


@dataclass(frozen=True)
class Essay:
    """A text or a picture of it, which a person marks by the scheme."""

    scheme: Text


Answering = Numerical | Cloze | MultipleChoice | Essay


@dataclass(frozen=True)
class Question:
    """One question of a bank.

    id        stays the same whenever the bank is made again
    feedback  the solution, told when all is over
    hints     one after the other, where several tries are allowed
    """

    category: tuple[str, ...]
    id: str
    name: str
    text: Text
    answering: Answering
    points: Fraction
    feedback: Text
    tags: tuple[str, ...]
    hints: tuple[Text, ...] = ()


def place(number: int) -> str:
    """The mark of a field's place in a text, until it is written: private signs, which nobody can type into a sheet."""
    return f"\ue100{number}\ue101"


@dataclass(frozen=True)
class Bank:
    """Questions in the order of their categories, and whose could not be made, and why."""

    questions: tuple[Question, ...]
    failures: Mapping[str, str]
