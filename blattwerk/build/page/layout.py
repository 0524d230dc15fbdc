"""Displayed derivations: one line a step, its reason at the right, sums that are too long broken between summands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from blattwerk.build.page.escape import Tex
from blattwerk.vocabulary.derivation import RELATIONS, Derivation
from blattwerk.vocabulary.language import Lang
from blattwerk.vocabulary.terms import Add, Term
from blattwerk.vocabulary.writers import TEX_WRITERS

LINE = 58.0  # the room of a displayed line, in widths of a digit

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}]|[^\\{}]")
_WIDE = {"\\sum": 3.0, "\\prod": 3.0, "\\int": 2.0, "\\approx": 2.5, "\\le": 2.5, "\\ge": 2.5, "\\cdot": 2.0}
_WORDS = {"\\log", "\\exp", "\\det", "\\max", "\\min", "\\tanh"}
_NOTHING = {"\\left", "\\right", "\\!", "\\,", "\\;", "\\mathbb", "\\mathcal", "\\mathrm", "\\operatorname"}
_NOTHING |= {"\\text", "\\spaciousrows", "\\bigl", "\\bigr", "\\bm", "\\mathbf", "\\top"}


@lru_cache(maxsize=8192)  # formulas come back: in both languages, and from student to student
def width(tex: str) -> float:
    """About how wide a formula is, in widths of a digit: an estimate to break lines by, no more."""
    tex = re.sub(r"\\begin\{[pb]matrix\}(.*?)\\end\{[pb]matrix\}", _matrix_width, tex, flags=re.DOTALL)
    return _width(_TOKEN.findall(tex))


def _matrix_width(match: re.Match[str]) -> str:
    rows = [row.split("&") for row in re.split(r"\\\\(?:\[[^]]*\])?", match.group(1))]
    columns = max(len(row) for row in rows)
    widest = [max((width(row[j]) for row in rows if j < len(row)), default=0.0) for j in range(columns)]
    return "0" * round(sum(widest) + 2 * columns)


def _width(tokens: list[str]) -> float:
    total, position = 0.0, 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token in ("\\frac", "\\tfrac", "\\dfrac"):
            over, position = _group(tokens, position)
            under, position = _group(tokens, position)
            total += max(_width(over), _width(under)) + 0.5
        elif token in ("_", "^"):
            script, position = _group(tokens, position)
            total += 0.7 * _width(script)
        elif token in _WORDS:
            total += 3.5
        elif token in "{} \n":
            continue
        elif token in "+-=<>":
            total += 2.5
        elif token not in _NOTHING:
            total += _WIDE.get(token, 1.0)
    return total


def _group(tokens: list[str], position: int) -> tuple[list[str], int]:
    """The tokens of the next group (or the next single token), and the place behind it."""
    if position >= len(tokens) or tokens[position] != "{":
        return tokens[position : position + 1], position + 1
    depth, start = 0, position
    for end in range(start, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[end], 0)
        if depth == 0:
            return tokens[start + 1 : end], end + 1
    return tokens[start + 1 :], len(tokens)


def lines(t: Term, room: float, lang: Lang) -> list[str]:
    """A term as one line, or as several if it is a sum that is wider than the room."""
    pieces = t.pieces(TEX_WRITERS[lang]) if isinstance(t, Add) else [t.tex(lang)]
    whole = "".join(pieces)
    if len(pieces) == 1 or width(whole) <= room:
        return [whole]
    result, current = [], ""
    for piece in pieces:
        if current and width(current + piece) > room:
            result.append(current)
            current = "{}" + piece
        else:
            current += piece
    return [*result, current]


def in_line(derivation: Derivation, lang: Lang) -> str:
    """A derivation as one line, without its reasons."""
    steps = (f" {RELATIONS[step.relation]} {step.term.tex(lang)}" for step in derivation.steps)
    return derivation.start.tex(lang) + "".join(steps)


@dataclass(frozen=True)
class _Row:
    """A line of a display: what stands on it, and the words at its right end."""

    tex: str
    reason: str = ""


def displayed(derivation: Derivation, reasons: Mapping[str, Tex], lang: Lang) -> Tex:
    """A derivation as a displayed chain, with the words for each key of a reason.

    A step without a reason goes on in the line before it where there is room, as one writes by hand.
    """
    if derivation.domain:  # it holds for all values of its symbols, and is the same for every student
        return _kept(derivation, tuple(reasons.items()), lang)
    return _displayed(derivation, reasons, lang)


@lru_cache(maxsize=1024)
def _kept(derivation: Derivation, reasons: tuple[tuple[str, Tex], ...], lang: Lang) -> Tex:
    return _displayed(derivation, dict(reasons), lang)


def _displayed(derivation: Derivation, reasons: Mapping[str, Tex], lang: Lang) -> Tex:
    start = derivation.start.tex(lang)
    alone = width(start) > LINE / 3  # then the chain goes on below its beginning
    indent = 3.0 if alone else width(start) + 2.5
    rows: list[_Row] = []
    for step in derivation.steps:
        first, *more = lines(step.term, LINE - indent, lang)
        opening, reason = f"{RELATIONS[step.relation]} {first}", reasons[step.reason] if step.reason else ""
        if rows and not more and not reason and not rows[-1].reason and _fits(rows[-1].tex, opening, LINE - indent):
            rows[-1] = _Row(f"{rows[-1].tex} {opening}")
            continue
        rows += [_Row(f"&{opening}"), *(_Row(f"&\\quad {line}") for line in more)]
        rows[-1] = _Row(rows[-1].tex, reason)
    if alone:
        rows = [_Row(f"&{start}"), *(_Row(f"&\\quad {row.tex[1:]}", row.reason) for row in rows)]
    else:
        rows[0] = _Row(f"{start} {rows[0].tex}", rows[0].reason)
    body = _joined([_written(row) for row in rows])
    return Tex(f"\\begin{{align*}}\n{body}\n\\end{{align*}}")


def _joined(rows: Sequence[str]) -> str:
    """The lines of a display; no page ends after the first one or before the last."""
    ends = [" \\\\*\n" if i in (0, len(rows) - 2) else " \\\\\n" for i in range(len(rows) - 1)]
    return "".join(row + end for row, end in zip(rows, [*ends, ""], strict=True))


def _fits(line: str, more: str, room: float) -> bool:
    return width(line) + width(more) <= room


def _written(row: _Row) -> str:
    return f"{row.tex} \\tag*{{\\reason{{{row.reason}}}}}" if row.reason else row.tex


_DISPLAY = r"(?:\\begin\{align\*\}(?:(?!\\begin\{align\*\}).)*\\end\{align\*\}|(?<!\\)\\\[(?:(?!(?<!\\)\\\[).)*\\\])"
_RESULT_NEXT = r"(?=(?:\s|\ue000\d+\ue001)*\\result\b)"
_DISPLAY_BEFORE_RESULT = re.compile(_DISPLAY + _RESULT_NEXT, re.DOTALL)
_TABLE_BEFORE_RESULT = re.compile(rf"\\end\{{center\}}\}}?{_RESULT_NEXT}")


def with_its_result(solution: Tex) -> Tex:
    """No page ends between a display or a table and the box with what it comes to, which alone says little."""
    kept = _DISPLAY_BEFORE_RESULT.sub(lambda display: f"\\beforeresult{display[0]}", solution)
    return Tex(_TABLE_BEFORE_RESULT.sub(lambda end: f"\\tablebeforeresult{end[0]}", kept))
