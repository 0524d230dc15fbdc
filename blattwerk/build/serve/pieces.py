"""What the page asks for, as JSON values: one look at an exercise, its spread, a PDF, a demo."""

import os
import re
import time
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from blattwerk.build.html import sheet_html
from blattwerk.build.job import Kind
from blattwerk.build.look.look import DrawnInstance, looked_at
from blattwerk.build.look.pages import formula
from blattwerk.build.numbers import DrawnExercise
from blattwerk.build.page.printing import Printed
from blattwerk.vocabulary.language import LANGUAGES, Lang

LONGEST = 2000  # characters of a value that are shown
_SHEET, _LINE = re.compile(r"[^\s:'\"]+\.toml"), re.compile(r"\bline (\d+)\b")
_PLACE = re.compile(r"([^\s:'\"]+\.(?:md|py|j2|toml)):(\d+)")


def look(one: DrawnInstance, drawn: DrawnExercise, langs: tuple[Lang, ...]) -> dict[str, Any]:
    """One exercise: question, solution, and what was found of it."""
    start = time.perf_counter()
    found = {
        "name": drawn.key,
        "id": drawn.exercise,
        "seed": str(one.seed),
        "difficulty": drawn.difficulty,
        "title": {lang: one.exercise_title(lang) for lang in LANGUAGES},
        "parts": [{"letter": p.letter, "id": p.part.id, "points": str(p.points)} for p in drawn.parts],
        "html": {
            lang: {"question": one.html("questions", lang), "solution": one.html("marking", lang)} for lang in langs
        },
        "params": [[name, shown(value)] for name, value in _named(drawn.params)],
        "answers": [_answer(answer, langs[0]) for answer in one.answers.values()],
        "oracles": list(one.proofs),
        "claims": [{"name": name, "holds": bool(held)} for name, held in one.claims.items()],
        "relations": dict(one.relations),
        "mistakes": [_mistake(mistake, langs[0]) for mistake in one.mistakes.values()],
        "why": one.why_unproven,
    }
    return found | {"ms": round(1000 * (time.perf_counter() - start))}


def sheet(one: Printed, langs: tuple[Lang, ...]) -> dict[str, Any]:
    """A whole sheet, which is proven."""
    kinds: tuple[tuple[str, Kind], ...] = (("question", "questions"), ("solution", "marking"))
    return {"html": {lang: {name: sheet_html(one, kind, lang, f"{kind}-") for name, kind in kinds} for lang in langs}}


def glance(drawn: DrawnExercise, seed: int, lang: Lang) -> dict[str, Any]:
    """The question alone, as a card of the catalogue has it; nothing is proven for that."""
    return {"name": drawn.key, "html": {lang: {"question": looked_at(drawn, seed, lang).html("questions", lang)}}}


def _answer(answer: Any, lang: Lang) -> dict[str, Any]:
    return {
        "name": answer.name,
        "part": answer.part,
        "symbol": formula(answer.symbol, lang) if answer.symbol else "",
        "exact": answer.exact[:LONGEST],
        "decimal": shown_decimal(answer.decimal),
        "by": list(answer.by),
        "against": dict(answer.against),
        "proven": answer.proven,
    }


def _mistake(mistake: Any, lang: Lang) -> dict[str, Any]:
    return {
        "name": mistake.name,
        "part": mistake.part,
        "cost": str(mistake.cost),
        "known": mistake.known,
        "values": [
            {"name": a.name, "symbol": formula(a.symbol, lang) if a.symbol else "", "exact": a.exact[:LONGEST],
             "decimal": shown_decimal(a.decimal)}
            for a in mistake.answers.values()
        ],
    }  # fmt: skip


def shown_decimal(decimal: Any) -> str:
    """A decimal with six significant digits; vectors and matrices in brackets, a column as one vector."""
    if isinstance(decimal, list | tuple):
        if all(isinstance(row, list | tuple) and len(row) == 1 for row in decimal):
            decimal = [row[0] for row in decimal]
        return f"({', '.join(map(shown_decimal, decimal))})"
    return "∞" if decimal == "oo" else f"{float(decimal):.6g}"


def _named(params: Any) -> list[tuple[str, Any]]:
    return [(field.name, getattr(params, field.name)) for field in fields(params)] if is_dataclass(params) else []


def shown(value: Any) -> str:
    """A drawn value in words: fractions with a stroke, tuples in brackets, the fields of a record by name."""
    return _shown(value)[:LONGEST]


def _shown(value: Any) -> str:
    if isinstance(value, Fraction | int | str):
        return str(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))})"
    if is_dataclass(value):
        return ", ".join(f"{name} = {_shown(one)}" for name, one in _named(value))
    return str(value)


def mistake_told(error: BaseException) -> dict[str, Any]:
    """An author's mistake for the page: its place, and what is wrong; files below the current folder by short names."""
    message = _short(str(error) or type(error).__name__)
    place = _short(str(getattr(error, "place", ""))) or _place_in(message)
    message = message.removeprefix(f"{place}: ") if place else message
    every = [{"line": line, "what": what} for line, what in getattr(error, "every", ())]
    return {"message": message, "place": place, "every": every}


def _place_in(message: str) -> str:
    """The place that a message names: file:line, or of a sheet file the file and further on the line."""
    if found := _PLACE.search(message):
        return found[0]
    file, line = _SHEET.search(message), _LINE.search(message)
    return f"{file[0]}:{line[1]}" if file and line else ""


def _short(text: str) -> str:
    return text.replace(f"{Path.cwd()}{os.sep}", "")
