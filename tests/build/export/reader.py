r"""Moodle's format read by our own means, and a small model of how it marks: the rules observed in Moodle 4.5.6.

Nothing here uses the code that writes. Numbers: a session in English takes commas out and reads the point, one in
German reads either; a minus that is not the ASCII one, and a fraction, are no numbers.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Literal
from xml.etree import ElementTree

ALLOWED = {0, 100, 50}
_FIELD = re.compile(r"\{(\d*):(NUMERICAL|NM|MULTICHOICE|MC|MULTICHOICE_V|MCV|MULTICHOICE_H|MCH|SHORTANSWER|SA):")
_END = re.compile(r"(?<!\\)\}")
_BETWEEN = re.compile(r"(?<!\\)~")
_SHARE = re.compile(r"=|%(-?\d+(?:\.\d*)?)%")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Answer:
    """An answer with what it brings, in per cent, and what is told."""

    text: str
    percent: float
    feedback: str
    tolerance: float = 0.0


@dataclass(frozen=True)
class Read:
    """A question as it comes out of the file; `fields` are those of a cloze, by their type and answers."""

    type: str
    category: str
    id: str
    name: str
    text: str
    feedback: str
    answers: tuple[Answer, ...]
    tags: tuple[str, ...]
    files: dict[str, bytes]
    points: float
    grader: str = ""
    fields: tuple[tuple[str, tuple[Answer, ...]], ...] = ()
    html: tuple[str, ...] = field(default=(), repr=False)


def read(content: bytes) -> list[Read]:
    """The questions of a file, each with the category that was named last."""
    found, category = [], ""
    for node in ElementTree.fromstring(content):
        if node.get("type") == "category":
            category = _said(node, "category/text")
        else:
            found.append(_question(node, category))
    return found


def _question(node: ElementTree.Element, category: str) -> Read:
    text = _said(node, "questiontext/text")
    kind = node.get("type") or ""
    return Read(
        kind,
        category,
        _said(node, "idnumber"),
        _said(node, "name/text"),
        text,
        _said(node, "generalfeedback/text"),
        tuple(_answer(one) for one in node.findall("answer")),
        tuple(_said(one, "text") for one in node.findall("tags/tag")),
        {one.get("name") or "": b64decode(one.text or "") for one in node.iter("file")},
        float(_said(node, "defaultgrade")),
        _said(node, "graderinfo/text"),
        tuple(_fields(text)) if kind == "cloze" else (),
        tuple(one.findtext("text") or "" for one in node.iter() if one.get("format") == "html"),
    )


def _said(node: ElementTree.Element, path: str) -> str:
    return node.findtext(path) or ""


def _answer(node: ElementTree.Element) -> Answer:
    percent, tolerance = float(node.get("fraction") or "nan"), float(_said(node, "tolerance") or 0)
    return Answer(_said(node, "text"), percent, _said(node, "feedback/text"), tolerance)


def _fields(text: str) -> Iterator[tuple[str, tuple[Answer, ...]]]:
    """The fields of a cloze, by the rules of the text: each ends at the first brace that is not escaped."""
    for start in _FIELD.finditer(text):
        end = _END.search(text, start.end())
        assert end, f"a field without an end: {text[start.start() :][:80]}"
        yield start[2], tuple(_alternative(one, start[2]) for one in _BETWEEN.split(text[start.end() : end.start()]))


def _alternative(text: str, kind: str) -> Answer:
    share = _SHARE.match(text)
    percent = 0.0 if not share else 100.0 if share[0] == "=" else float(share[1])
    said, _, feedback = (text[share.end() :] if share else text).partition("#")
    told = unescape(feedback).replace("\\}", "}").replace("\\#", "#")
    if kind == "NUMERICAL":
        value, _, tolerance = said.partition(":")
        return Answer(value, percent, told, float(tolerance or 0))
    return Answer(unescape(said).replace("\\}", "}").replace("\\#", "#"), percent, told)


def number(typed: str, lang: Literal["en", "de"]) -> float | None:
    """What Moodle reads in a session of this language; None for what is no number to it."""
    plain = typed.strip().replace(" ", "")
    plain = plain.replace(",", "") if lang == "en" else plain.replace(",", ".")
    return float(plain) if _NUMBER.fullmatch(plain) else None


def marked(answers: tuple[Answer, ...], typed: str, lang: Literal["en", "de"]) -> tuple[float, str]:
    """What a typed number brings, in per cent, and what is told: the first answer that is near enough decides."""
    value = number(typed, lang)
    for answer in answers if value is not None else ():
        assert value is not None
        if abs(value - float(answer.text)) <= answer.tolerance + 1e-14:
            return answer.percent, answer.feedback
    return 0.0, ""
