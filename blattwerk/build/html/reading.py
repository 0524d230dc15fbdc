"""TeX as a tree: the bounded language of our pages, read strictly.

Every macro and environment is one that `vocabulary.py` lists with its arguments; whatever else is there is a mistake
with its place. A node knows where in the text it begins.
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Literal, NoReturn

from blattwerk.build.html.nodes import Environment, Formula, Group, Macro, Node, Paragraph, Unreadable, Word
from blattwerk.build.html.vocabulary import ENVIRONMENTS, MATH, TEXT, Signature

__all__ = ["Environment", "Formula", "Group", "Macro", "Node", "Paragraph", "Unreadable", "Word", "read"]

Mode = Literal["text", "math"]
DEPTH = 60  # levels of groups within each other; nobody's page has more than some ten


_NAME = re.compile(r"\\(?:[a-zA-Z]+|.)", re.DOTALL)
_SPACE = re.compile(r"\s+")
_RUN = re.compile(r"(?:[^\\{}$&^_~%#\n\]]|\n(?!\s*\n))+")
_PARAGRAPH = re.compile(r"[ \t]*\n\s*\n\s*")
_NUMBER = re.compile(r"\d{1,3}(?:\\,\d{3})+(?!\d)(?:(?:\.|\{,\})\d+)?|\d+(?:(?:\.|\{,\})\d+)?")
_ENDING = re.compile(r"\\end\{([^{}]*)\}")
_COMMENT = re.compile(r"%[^\n]*(?:\n[ \t]*(?!\s*\n))?")
_LENGTH = re.compile(r"\[[^]\n]*\]")
_WORD = re.compile(r"\s*([A-Za-z]+)\s?")
_SIGN = re.compile(r"[^\s{}]")
_BRACED = re.compile(r"\{((?:[^{}]|\{[^{}]*\})*)\}")


def read(tex: str, mode: Mode = "text") -> tuple[Node, ...]:
    """The nodes of a text; raises Unreadable for what is unknown, and for what is opened and not closed."""
    return _Reader(tex).everything(mode)


class _Reader:
    """A position in a text that moves on."""

    def __init__(self, tex: str) -> None:
        self.tex, self.at, self.depth = tex, 0, 0

    def everything(self, mode: Mode) -> tuple[Node, ...]:
        nodes = self.until(mode, lambda: self.at >= len(self.tex), "")
        return nodes

    def until(self, mode: Mode, ended: Callable[[], bool], what: str, since: int = 0) -> tuple[Node, ...]:
        """The nodes up to an end, which is not read; `what` was opened and has to be closed."""
        if self.depth > DEPTH:
            raise Unreadable(f"groups lie within each other more than {DEPTH} deep", self.at)
        self.depth += 1
        nodes: list[Node] = []
        while not ended():
            if self.at >= len(self.tex):
                raise Unreadable(f"{what} is opened here and not closed", since)
            nodes.extend(self.next(mode))
        self.depth -= 1
        return tuple(nodes)

    def next(self, mode: Mode) -> Iterator[Node]:
        """The next node; space within a formula is none."""
        sign, at = self.tex[self.at], self.at
        if sign == "\\":
            yield from self.macro(mode)
        elif sign == "{":
            yield self.group(mode)
        elif sign == "}":
            raise Unreadable("a brace } is closed here that was not opened", at)
        elif sign == "%":
            self.at = _COMMENT.match(self.tex, at).end()  # type: ignore[union-attr]  # it matches its sign at least
        elif sign == "$" and mode == "text":
            yield self.dollars(at)
        elif sign in "$#":
            raise Unreadable(_SIGNS[sign], at)
        elif sign in "&^_~" or (sign == "]" and mode == "text"):
            self.at += 1
            yield Word(at, sign)
        elif mode == "math":
            yield from self.symbol()
        elif found := _PARAGRAPH.match(self.tex, at):
            self.at = found.end()
            yield Paragraph(at)
        else:
            found = _RUN.match(self.tex, at)
            assert found, "every other sign is one of those above"
            self.at = found.end()
            yield Word(at, found[0])

    def symbol(self) -> Iterator[Node]:
        """A number, a letter or a sign of a formula."""
        at = self.at
        if found := _SPACE.match(self.tex, at):
            self.at = found.end()
            return
        alone = self.tex[max(0, at - 8) : at].rstrip()[-1:] in ("^", "_")  # the script of x_12 is 1
        number = None if alone else _NUMBER.match(self.tex, at)
        self.at = number.end() if number else at + 1
        yield Word(at, self.tex[at : self.at])

    def group(self, mode: Mode) -> Group:
        at = self.at
        self.at += 1
        nodes = self.until(mode, lambda: self.tex.startswith("}", self.at), "a brace {", at)
        self.at += 1
        return Group(at, nodes)

    def macro(self, mode: Mode) -> Iterator[Node]:
        """A macro, an environment or a formula."""
        at = self.at
        found = _NAME.match(self.tex, at)
        if found is None:
            raise Unreadable("a backslash stands at the end", at)
        name = found[0][1:]
        self.at = found.end()
        if name in ("(", "[") and mode == "text":
            yield self.formula(at, name)
        elif name == "begin":
            yield self.environment(at, mode)
        elif name == "left" and mode == "math":
            yield self.fenced(at)
        else:
            signature = (MATH if mode == "math" else TEXT).get(name)
            if signature is None:
                _unknown(name, mode, at)
            yield self.with_arguments(at, name, signature, mode)

    def formula(self, at: int, opened: str) -> Formula:
        end = "\\)" if opened == "(" else "\\]"
        nodes = self.until("math", lambda: self.tex.startswith(end, self.at), f"a formula \\{opened}", at)
        self.at += 2
        return Formula(at, nodes, opened == "[")

    def dollars(self, at: int) -> Formula:
        """A formula as a lecturer may write it in TeX of their own."""
        sign = "$$" if self.tex.startswith("$$", at) else "$"
        self.at += len(sign)
        nodes = self.until("math", lambda: self.tex.startswith(sign, self.at), f"a formula {sign}", at)
        self.at += len(sign)
        return Formula(at, nodes, sign == "$$")

    def environment(self, at: int, mode: Mode) -> Environment:
        name = self.raw()
        known = ENVIRONMENTS.get(name)
        if known is None or mode not in known.within:
            close = get_close_matches(name, ENVIRONMENTS, 1)
            hint = f"; perhaps {close[0]} is meant" if close else ""
            raise Unreadable(f"the environment {name!r} is unknown to HTML in {mode}{hint} ({_LISTED})", at)
        arguments, raw, _ = self.arguments(known.signature, mode)
        opened = f"the environment {name}"

        def ended() -> bool:
            end = _ENDING.match(self.tex, self.at)
            if end and end[1] != name:
                raise Unreadable(f"{opened} is closed here by \\end{{{end[1]}}}", self.at)
            return bool(end)

        nodes = self.until(known.mode, ended, opened, at)
        self.at += len(f"\\end{{{name}}}")
        return Environment(at, name, nodes, arguments, raw)

    def fenced(self, at: int) -> Environment:
        left = self.delimiter()
        nodes = self.until("math", lambda: bool(_RIGHT.match(self.tex, self.at)), "\\left", at)
        self.at += len("\\right")
        return Environment(at, "left", nodes, raw=(left, self.delimiter()))

    def with_arguments(self, at: int, name: str, signature: Signature, mode: Mode) -> Macro:
        if name == "\\":  # a star and a length behind it say how the lines lie on paper
            self.at += self.tex.startswith("*", self.at)
            length = _LENGTH.match(self.tex, self.at)
            self.at = length.end() if length else self.at
            return Macro(at, name)
        arguments, raw, star = self.arguments(signature, mode)
        return Macro(at, name, arguments, raw, star)

    def arguments(self, signature: Signature, mode: Mode) -> tuple[tuple[Group | None, ...], tuple[str, ...], bool]:
        """What follows a macro: m and t are TeX (t always text), o may be missing, r and d are a name and a sign."""
        found: list[Group | None] = []
        raw: list[str] = []
        star = False
        for kind in signature:
            if kind == "*":
                star = self.tex.startswith("*", self.at)
                self.at += star
            elif kind == "o":
                found.append(self.optional(mode))
            elif kind == "r":
                raw.append(self.raw())
            elif kind == "w":
                raw.append(self.word())
            elif kind == "d":
                raw.append(self.delimiter())
            else:
                found.append(self.argument("text" if kind == "t" else mode))
        return tuple(found), tuple(raw), star

    def argument(self, mode: Mode) -> Group:
        """A group, or the next sign alone."""
        self.skip()
        at = self.at
        if self.tex.startswith("{", at):
            return self.group(mode)
        if at >= len(self.tex) or self.tex[at] in "}&^_~$%#":
            raise Unreadable("the argument of a macro is missing", at)
        if self.tex[at] == "\\":
            return Group(at, tuple(self.macro(mode)))
        self.at += 1
        return Group(at, (Word(at, self.tex[at]),))

    def optional(self, mode: Mode) -> Group | None:
        at = self.at
        if not self.tex.startswith("[", at):
            return None
        self.at += 1
        nodes = self.until(mode, lambda: self.tex.startswith("]", self.at), "a bracket [", at)
        self.at += 1
        return Group(at, nodes)

    def raw(self) -> str:
        """An argument that is a name, as it stands."""
        found = _BRACED.match(self.tex, self.at)
        if found is None:
            raise Unreadable("a name in braces is missing", self.at)
        self.at = found.end()
        return found[1]

    def word(self) -> str:
        found = _WORD.match(self.tex, self.at)
        if found is None:
            raise Unreadable("a word is missing", self.at)
        self.at = found.end()
        return found[1]

    def delimiter(self) -> str:
        self.skip()
        found = _NAME.match(self.tex, self.at) or _SIGN.match(self.tex, self.at)
        if found is None:
            raise Unreadable("a bracket is missing here", self.at)
        self.at = found.end()
        return found[0]

    def skip(self) -> None:
        if found := _SPACE.match(self.tex, self.at):
            self.at = found.end()


_RIGHT = re.compile(r"\\right(?![a-zA-Z])")
_LISTED = "docs/html.md lists what there is"
_SIGNS = {
    "$": "a sign $ within a formula; a dollar is written \\$",
    "#": "a sign #; write \\#",
}


def _unknown(name: str, mode: Mode, at: int) -> NoReturn:
    if name in (")", "]"):
        what = "in which something is still open" if mode == "math" else "where none has begun"
        raise Unreadable(f"\\{name} ends a formula here, {what}", at)
    known = MATH if mode == "math" else TEXT
    if name in (TEXT if mode == "math" else MATH):
        where = "within a formula" if mode == "math" else "outside of a formula"
        raise Unreadable(f"the macro \\{name} cannot stand {where} ({_LISTED})", at)
    close = get_close_matches(name, known, 1)
    hint = f"; perhaps \\{close[0]} is meant" if close else ""
    raise Unreadable(f"the macro \\{name} is unknown to HTML{hint} ({_LISTED})", at)
