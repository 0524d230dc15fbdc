"""The words of the sheet itself, per language, from templates/sheet/words.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from blattwerk.vocabulary.language import Lang


@dataclass(frozen=True)
class Words:
    """All fields are required, in every language."""

    sheet: str
    solution: str
    marking_copy: str
    variant: str
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
    total: str
    page: str
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


@cache
def words(lang: Lang) -> Words:
    """The words of one language."""
    text = (files("blattwerk") / "templates" / "sheet" / "words.toml").read_text(encoding="utf-8")
    return Words(**tomllib.loads(text)[lang])
