"""What stands in double braces in a text, as Jinja's commands and values, and what the text asks for by it.

Values are Python's expressions over what was drawn and solved: Jinja prints `values["1 - p"]`, and where a loop gives
names, `values.at("p[k]", k=each_k)`.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from blattwerk.build.topicfile.notation import Family
from blattwerk.vocabulary.exercise import DIFFICULTIES

FILTERS = re.compile(r"\s*\|\s*(decimal(?:\(\d+\))?|tuple|listing|column|matrix)\s*$")
_LOOP = re.compile(r"(?P<names>[A-Za-z]\w*(?:\s*,\s*[A-Za-z]\w*)*)\s+in\s+(?P<over>.+)", re.DOTALL)
CALLED = ("steps", "inline", "result", "answer", "letter", "figure", "near", "defined")
_SHOWN = re.compile(r"shown\((\w+)\)")
_OF_PARTS = re.compile(r"(?:not\s+)?shown\(\w+\)(?:\s+(?:and|or)\s+(?:not\s+)?shown\(\w+\))*")
_TABLE = re.compile(r"table\s+(?P<names>[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)")
_UNESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)([%#])")


class Wrong(Exception):
    """A mistake in a text, with its line counted from 0 within the text."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


@dataclass(frozen=True)
class Wanted:
    """What a text asks for in braces: an expression, the line where it stands, and the names that a loop gives it."""

    expression: str
    line: int
    bound: tuple[str, ...] = ()


OPENED = "{{if ...}}, {{for ...}}, {{holds ...}} or {{box}}"


@dataclass(frozen=True)
class _Opened:
    """What has no {{end}} so far: its line, what the end is in Jinja, and the names that it gives."""

    line: int
    end: str
    names: tuple[str, ...] = ()


class Braces:
    """The double braces of a text: what is open at a place, and what was asked for so far.

    `chains`, `families` and `words` are those of `prose`.
    """

    def __init__(
        self,
        first: int,
        chains: Mapping[str, str] = {},
        families: Mapping[str, Family] = {},
        words: Mapping[str, str] = {},
    ) -> None:
        self.first, self.chains, self.families, self.words = first, chains, families, words
        self.wanted: list[Wanted] = []
        self.parts: list[Wanted] = []
        self.claims: list[Wanted] = []
        self.figures: list[Wanted] = []
        self.decimals: list[Wanted] = []
        self.definitions: list[Wanted] = []
        self.rows: list[Wanted] = []
        self.relations: list[Wanted] = []
        self.open: list[_Opened] = []

    def command(self, said: str, line: int, in_math: bool) -> str:
        """What stands in double braces, in Jinja."""
        word, _, rest = said.partition(" ")
        if word == "if" and rest.strip():
            self.open.append(_Opened(line, "endif"))
            return f"<% if {self._condition(rest.strip(), line)} %>"
        if word == "for":
            return self._loop(rest.strip(), line)
        if word == "word" and rest.strip():
            return self._word(rest.strip(), line)
        if word == "relation" and rest.strip():
            self.relations.append(self._of_all(word, rest.strip(), line))
            return f"<< steps(derivations[{self._asked(rest.strip(), line)}]) >>"
        if word == "holds" and rest.strip():
            self.open.append(_Opened(line, "endcall"))
            self.claims.append(self._of_all(word, rest.strip(), line))
            return f"<% call claim({self._asked(rest.strip(), line)}) %>"
        if said == "box":
            self.open.append(_Opened(line, "endcall"))
            return "<% call boxed() %>"
        if said in ("else", "end") and not self.open:
            raise Wrong(line, f"{{{{{said}}}}} has no {OPENED}")
        if said == "else":
            return "<% else %>"
        if said == "end":
            return f"<% {self.open.pop().end} %>"
        if word in CALLED and re.fullmatch(r"[A-Za-z_]\w*", rest.strip()):
            return self._called(word, rest.strip(), line)
        if found := _TABLE.fullmatch(said):
            return self._family_table([name.strip() for name in found["names"].split(",")], line)
        return self._value(said, line, in_math)

    def _called(self, word: str, name: str, line: int) -> str:
        told = {
            "letter": self.parts, "figure": self.figures, "near": self.decimals, "defined": self.definitions,
        }  # fmt: skip
        if word in told:
            told[word].append(Wanted(name, line + self.first))
        return {
            "near": f'<< inline(derivations["near {name}"]) >>',
            "defined": f'<< inline(derivations["defined {name}"]) >>',
            "figure": f'<< figure("{name}") >>',
            "letter": f'<< letter("{name}") >>',
            "steps": f'<< steps(derivations["{name}"]{self.chains.get(name, "")}) >>',
            "inline": f'<< inline(derivations["{name}"]) >>',
            "answer": f'<< inline(answers["{name}"]) >>',
            "result": f'<< result(answers["{name}"]) >>',
        }[word]

    def _family_table(self, names: Sequence[str], line: int) -> str:
        """A row for each of these families, and above them the values of their index."""
        unknown = [name for name in names if name not in self.families]
        if unknown:
            there = ", ".join(self.families) or "none"
            raise Wrong(line, f"'{unknown[0]}' is no family, whose symbol is like (p(z))_z; there are: {there}")
        of = [self.families[name] for name in names]
        if len({family.index for family in of}) > 1:
            raise Wrong(line, "the families of one table have the same index")
        self.rows += [Wanted(name, line + self.first) for name in names]
        head = self._asked(f"tuple(range(1, len({names[0]}) + 1))", line)
        rows = (
            f"({_cell(family.member)},) + values[{self._asked(name, line)}]"
            for name, family in zip(names, of, strict=True)
        )
        index = _cell(of[0].index)
        columns = f'"l" + "c" * (values[{head}] | length)'
        return f"{{\\spaciousrows<< table({columns}, ({index},) + values[{head}], ({', '.join(rows)},)) >>}}"

    def _condition(self, said: str, line: int) -> str:
        if _OF_PARTS.fullmatch(said):
            self.parts += [Wanted(part, line + self.first) for part in _SHOWN.findall(said)]
            return _SHOWN.sub(r'shown("\1")', said)
        found = re.fullmatch(r"(not\s+)?at\(([\w\s,]*)\)", said)
        if found:
            return f"difficulty {found[1] or ''}in {self._difficulties(found[2], line)}"
        return self.of(said, line)

    def _difficulties(self, said: str, line: int) -> list[str]:
        """The names in `at(standard, hard)`."""
        names = [name.strip() for name in said.split(",")]
        for name in names:
            if name not in DIFFICULTIES:
                raise Wrong(line, f"'{name}' is no difficulty; allowed: {', '.join(DIFFICULTIES)}")
        return names

    def _of_all(self, word: str, said: str, line: int) -> Wanted:
        """What is true of these numbers as a whole, and so depends on no loop."""
        for name in self._bound(said):
            raise Wrong(
                line, f"{{{{{word} {said}}}}} depends on '{name}' of a loop; say it of the whole, outside of it"
            )
        return Wanted(said, line + self.first)

    def _loop(self, said: str, line: int) -> str:
        """What follows is repeated for each of some values, which has a name there."""
        found = _LOOP.fullmatch(said)
        if not found:
            raise Wrong(line, f"{{{{for {said}}}}} names no values; write {{{{for k in range(3)}}}}")
        over = self.of(found["over"].strip(), line)
        names = tuple(name.strip() for name in found["names"].split(","))
        self.open.append(_Opened(line, "endfor", names))
        return f"<% for {', '.join(map(_of_loop, names))} in {over} %>"

    def _word(self, said: str, line: int) -> str:
        """What a value is called, in this language."""
        if not self.words:
            raise Wrong(line, f"{{{{word {said}}}}}: there are no words; write a line ':word yes: yes | ja'")
        value, words = self.of(said, line), {_literal(key): tex for key, tex in self.words.items()}
        cases = "".join(f"<% elif {value} == {key} %>{tex}" for key, tex in words.items())
        unknown = f"{{{', '.join(f'{key}: 0' for key in words)}}}[{value}]"  # whose failure names the words there are
        return f"{cases.replace('elif', 'if', 1)}<% else %><< {unknown} >><% endif %>"

    def _value(self, said: str, line: int, in_math: bool) -> str:
        found = FILTERS.search(said)
        expression, filtered = (said[: found.start()], f" | {found[1]}") if found else (said, "")
        value = self.of(expression.strip(), line)
        printed = f"<< {value}{filtered} >>"
        if in_math:
            return printed
        return (
            f"\\({printed}\\)"
            if filtered
            else f"<% if {value} is string %>{printed}<% else %>\\({printed}\\)<% endif %>"
        )

    def of(self, expression: str, line: int) -> str:
        """A value in Jinja; the loops around it hand it their names."""
        asked, bound = self._asked(expression, line), self._bound(expression)
        given = "".join(f", {name}={_of_loop(name)}" for name in bound)
        return f"values.at({asked}{given})" if bound else f"values[{asked}]"

    def _bound(self, expression: str) -> tuple[str, ...]:
        """The names in an expression that loops give."""
        there = set()
        with suppress(SyntaxError):  # which is told elsewhere
            there = {node.id for node in ast.walk(ast.parse(expression, mode="eval")) if isinstance(node, ast.Name)}
        return tuple(dict.fromkeys(name for one in self.open for name in one.names if name in there))

    def _asked(self, expression: str, line: int) -> str:
        try:
            ast.parse(expression, mode="eval")
        except SyntaxError as error:
            raise Wrong(line, f"{{{{{expression}}}}} is no expression ({error.msg})") from None
        self.wanted.append(Wanted(expression, line + self.first, self._bound(expression)))
        return quoted(expression)


def quoted(text: str) -> str:
    """A text as a string of Jinja's."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _literal(key: str) -> str:
    """The value that a word is for: a whole number, or a text."""
    return key if key.isdigit() else quoted(key)


def _of_loop(name: str) -> str:
    """A loop's name in Jinja, where other names stand beside it."""
    return f"each_{name}"


def _cell(tex: str) -> str:
    """Mathematics in the cell of a table, as a string of Jinja's."""
    return quoted(f"\\({mathematical(tex)}\\)")


def mathematical(tex: str) -> str:
    """TeX of math mode with nothing in it that Jinja or TeX would take for a command of its own."""
    return _UNESCAPED.sub(r"\1\\\2", tex).replace("<<", "<{}<").replace("<%", "<{}%").replace("<#", "<{}#")
