"""What is opened in TeX and not closed: TeX itself notices it only much later."""

import re

_TOKEN = re.compile(r"\\(?:begin|end)\{[^{}]*\}|\\.|[{}$]|\n[ \t]*\n", re.DOTALL)
_CLOSES = {"}": "{", "\\)": "\\(", "\\]": "\\["}
_FORMULAS = ("\\(", "\\[", "$")  # no paragraph ends in them


def unclosed(tex: str) -> tuple[int, int] | None:
    """The first two signs that do not belong together: where one was opened, and where another one was closed.

    A paragraph's end closes nothing, but a formula has to be closed before. None if all belong together.
    """
    opened: list[tuple[str, int]] = []
    for token in _TOKEN.finditer(tex):
        sign, place = token.group(), token.start()
        if closes := _closed_by(sign, opened):
            if not opened or opened[-1][0] != closes:
                return (opened[-1][1] if opened else place), place
            opened.pop()
        elif sign in ("{", *_FORMULAS) or sign.startswith("\\begin{"):
            opened.append((sign, place))
        elif sign.isspace() and opened and opened[-1][0] in _FORMULAS:
            return opened[-1][1], place
    return (opened[-1][1], len(tex)) if opened else None


def _closed_by(sign: str, opened: list[tuple[str, int]]) -> str:
    """What a sign closes; empty if it closes nothing."""
    if sign.startswith("\\end{"):
        return sign.replace("\\end", "\\begin")
    if sign == "$":
        return "$" if opened and opened[-1][0] == "$" else ""
    return _CLOSES.get(sign, "")
