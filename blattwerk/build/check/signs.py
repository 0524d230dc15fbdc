"""Signs of relations in TeX: which of them say that something holds.

Read as saying so are =, <, >, \\le, \\ge, \\ne, \\approx, \\sim, \\to, \\equiv, \\propto, inclusions, implications,
equivalences and assignments, in formulas. Not read as such, since they say nothing that could be false:

- what stands in an index or an exponent (\\sum_{i=1}^n, \\lim_{x \\to 0}), and in the arguments of a function (the
  event of p(h_k = 1 | v), the condition of 1[z > 0]);
- \\in and \\mapsto, and \\to behind a \\colon: they say where a symbol lives and what a map is;
- \\mid: the bar of conditional probabilities.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

RELATIONS = {
    *("=", "<", ">", "\\le", "\\leq", "\\ge", "\\geq", "\\ne", "\\neq", "\\ll", "\\gg", "\\approx", "\\sim", "\\simeq"),
    *("\\equiv", "\\cong", "\\propto", "\\to", "\\rightarrow", "\\longrightarrow", "\\gets", "\\leftarrow", "\\subset"),
    *("\\subseteq", "\\supset", "\\supseteq", "\\iff", "\\implies", "\\impliedby", "\\Rightarrow", "\\Leftarrow"),
    *("\\Leftrightarrow", "\\Longrightarrow", "\\Longleftrightarrow", "\\perp", "\\doteq", "\\coloneqq"),
}
_ARROWS = {"\\to", "\\rightarrow", "\\longrightarrow"}
_WORDS = {"\\text", "\\textbf", "\\emph", "\\mbox", "\\reason", "\\tag", "\\textit", "\\hint", "\\result"}
_SIZES = {"\\left", "\\bigl", "\\Bigl", "\\biggl", "\\big", "\\Big", "\\!", "\\,"}
_DISPLAYS = {"align", "align*", "gather", "gather*", "equation", "equation*", "multline", "multline*", "displaymath"}
_TOKEN = re.compile(r"\\(?:begin|end)\{[^{}]*\}|\\[a-zA-Z]+\*?|\\.|\s+|.", re.DOTALL)

Mode = Literal["words", "formula", "argument"]


@dataclass(frozen=True)
class Sign:
    """A relation, and where it stands in the text."""

    sign: str
    position: int


@dataclass
class _Frame:
    """What has been opened: what closes it, and how signs in it are read."""

    closer: str
    mode: Mode
    map: bool = False


def signs(tex: str) -> Iterator[Sign]:
    """The relations in a text that say that something holds, in their order."""
    frames = [_Frame("", "words")]
    before = ""  # the last token that is seen on paper
    for found in _TOKEN.finditer(tex):
        token, top = found[0], frames[-1]
        if token in RELATIONS and top.mode == "formula" and not (token in _ARROWS and top.map):
            yield Sign(token, found.start())
        top.map |= token == "\\colon"
        if opened := _opened(token, before, top.mode):
            frames.append(opened)
        else:
            _close(token, frames)
        if not token.isspace() and token not in _SIZES:
            before = token


def _opened(token: str, before: str, mode: Mode) -> _Frame | None:
    if token in ("\\(", "\\["):
        return _Frame({"\\(": "\\)", "\\[": "\\]"}[token], "formula")
    if token.startswith("\\begin{"):
        inside = token[len("\\begin{") : -1]
        return _Frame(token.replace("begin", "end", 1), "formula" if inside in _DISPLAYS else mode)
    if token == "{":
        if before.rstrip("*") in _WORDS:
            return _Frame("}", "words")
        return _Frame("}", "argument" if mode == "formula" and before in ("_", "^") else mode)
    if token in "([" and mode != "words":
        return _Frame(")]", "argument" if _is_function(before) else mode)
    return None


def _is_function(token: str) -> bool:
    """Whether brackets behind this token hold arguments: a letter, a closed index, an indicator's 1."""
    return token.isalpha() or token in ("}", "1", "'", "\\|") or (token[:1] == "\\" and token[1:] in _NAMES)


_NAMES = {"sigma", "phi", "psi", "Pr", "log", "exp", "max", "min", "det", "ell", "mu", "rho", "tau", "pi", "gamma"}


def _close(token: str, frames: list[_Frame]) -> None:
    """Close what a token closes; a bracket need not be of the same kind: [0, 1) is a formula too."""
    if token in (")", "]"):
        if frames[-1].closer == ")]":
            frames.pop()
    elif token in ("}", "\\)", "\\]") or token.startswith("\\end{"):
        while len(frames) > 1 and frames[-1].closer == ")]":
            frames.pop()
        if len(frames) > 1 and frames[-1].closer == token:
            frames.pop()
