"""The words of the sheet itself, per language, from templates/sheet/words.toml; English as in Britain or in the US."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from blattwerk.build.job import English
from blattwerk.vocabulary.language import Lang


@dataclass(frozen=True)
class Words:
    """All fields are required, in every language."""

    sheet: str
    solution: str
    marking_copy: str
    variant: str
    key: str
    group: str
    exercise: str
    point: str
    points: str
    points_short: str
    hint: str
    rubric: str
    mistakes: str
    gives: str
    unproven: str
    deadline: str
    hand_in: str
    tutor: str
    tutors: str
    handed_to: str
    points_in_all: str
    points_label: str
    reached: str
    total: str
    bonus: str
    bonus_point: str
    bonus_points: str
    page: str
    duration: str
    minute: str
    minutes: str
    aids: str
    name: str
    number: str
    signature: str
    page_title: str
    page_of: str
    more_room: str
    figure: str
    demo: str
    notebook: str
    notebook_file: str
    notebook_use: str
    notebook_open: str
    notebook_answer: str
    untranslated: str
    deadline_format: str
    deadline_day_format: str
    reasons: dict[str, str]


_ENGLISH: ContextVar[English] = ContextVar("_ENGLISH", default="British")
LOCALES: dict[tuple[Lang, English], str] = {
    ("en", "British"): "en_GB",
    ("en", "US"): "en_US",
    ("de", "British"): "de_DE",
    ("de", "US"): "de_DE",
}


@contextmanager
def english(which: English) -> Iterator[None]:
    """In here, English is that of this country."""
    before = _ENGLISH.set(which)
    try:
        yield
    finally:
        _ENGLISH.reset(before)


def words(lang: Lang) -> Words:
    """The words of one language."""
    return _words(lang, _ENGLISH.get())


def locale(lang: Lang) -> str:
    """The locale of a language, for dates."""
    return LOCALES[lang, _ENGLISH.get()]


@cache
def _words(lang: Lang, which: English) -> Words:
    text = (files("blattwerk") / "templates" / "sheet" / "words.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text)
    return Words(**{**said[lang], **(said["en-US"] if (lang, which) == ("en", "US") else {})})
