"""The texts of a topic file as pieces of a template: Markdown to TeX, line by line, `{{...}}` to what Jinja prints.

Mathematics stands between dollars and passes as it is. Everything else is Markdown: emphasis, lists, tables, code. In
braces, a value or an expression of values is printed: `{{n}}`, `{{1 - p}}`, `{{loss | decimal}}`; a text depends on the
draw or the sheet by `{{if L < 1}}...{{else}}...{{end}}`, `{{if shown(loss)}}` and `{{if at(hard)}}`; a sentence whose
truth depends on the draw stands in `{{holds L < 1}}...{{end}}`, and what is found in words in `{{box}}...{{end}}`.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from blattwerk.build.topicfile.notation import Family
from blattwerk.vocabulary.exercise import DIFFICULTIES

FILTERS = re.compile(r"\s*\|\s*(decimal(?:\(\d+\))?|tuple|listing|column|matrix)\s*$")
_MARKED = re.compile(
    r"\{\{(?P<kind>assumed|defined|mistaken|cited)\s+(?P<fence>\$\$?)(?P<tex>.*?)(?P=fence)\s*(?:\|\s*(?P<source>.*?))?\}\}",
    re.DOTALL,
)
_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
CALLED = ("steps", "inline", "result", "answer", "letter", "figure", "near", "defined")
_SHOWN = re.compile(r"shown\((\w+)\)")
_OF_PARTS = re.compile(r"(?:not\s+)?shown\(\w+\)(?:\s+(?:and|or)\s+(?:not\s+)?shown\(\w+\))*")
_TABLE = re.compile(r"table\s+(?P<names>[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)")
_SIGNS = {
    "\\": "\\textbackslash{}", "&": "\\&", "%": "\\%", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}", "$": "\\$",
    "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", '"': "\\textquotedbl{}",
}  # fmt: skip
_UNESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)([%#])")


class Wrong(Exception):
    """A mistake in a text, with its line counted from 0 within the text."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


@dataclass(frozen=True)
class Wanted:
    """What a text asks for in braces: an expression, and the line where it stands."""

    expression: str
    line: int


@dataclass(frozen=True)
class Prose:
    """A text as lines of a template, and what it asks for."""

    lines: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    parts: tuple[Wanted, ...]  # the names of parts that it asks about
    claims: tuple[Wanted, ...] = ()  # what has to hold, so that a sentence is true
    figures: tuple[Wanted, ...] = ()  # the names of figures that stand in it
    decimals: tuple[Wanted, ...] = ()  # the names of values of which it prints the decimals alone
    definitions: tuple[Wanted, ...] = ()  # the names of terms of a proof whose definition it prints
    rows: tuple[Wanted, ...] = ()  # the names of families that are rows of a table


def prose(
    lines: Sequence[str], first: int, chains: Mapping[str, str] = {}, families: Mapping[str, Family] = {}
) -> Prose:
    """A text, whose first line has this number in the file; raises Wrong.

    `chains` holds the arguments of `steps` for the chains that need words for their reasons; `families` are the values
    that can be rows of a table.
    """
    writer = _Writer(first, chains, families)
    out: dict[int, str] = {}
    for line, tex in writer.blocks(_markdown().parse("\n".join(lines))):
        for offset, piece in enumerate(tex.split("\n")):
            out[line + offset] = out.get(line + offset, "") + piece
    if writer.open:
        raise Wrong(writer.open[-1][0], "{{if ...}}, {{holds ...}} or {{box}} has no {{end}}")
    height = max((len(lines), *(n + 1 for n in out)))
    return Prose(
        tuple(out.get(i, "") for i in range(height)),
        tuple(writer.wanted),
        tuple(writer.parts),
        tuple(writer.claims),
        tuple(writer.figures),
        tuple(writer.decimals),
        tuple(writer.definitions),
        tuple(writer.rows),
    )


def reason(text: str, line: int) -> str:
    """The words of a reason as an expression of Jinja's; raises Wrong."""
    tokens = _markdown().parseInline(text)
    return _Writer(line).reason(tokens[0].children or [], 0)


def escaped(text: str) -> str:
    """Plain words for TeX and Jinja."""
    return "".join(_SIGNS.get(sign, sign) for sign in text).replace("<<", "<{}<").replace("<\\#", "<{}\\#")


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.disable(["code", "lheading", "heading", "hr", "blockquote", "fence", "html_block", "reference"])
    made.inline.ruler.before("text", "mathematics", _mathematics)
    made.inline.ruler.before("text", "braces", _in_braces)
    made.core.ruler.disable("text_join")  # so that \$ is told from $
    made.inline.ruler.disable(["link", "image", "autolink", "html_inline", "entity"])
    return made


def _mathematics(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    fence = "$$" if state.src.startswith("$$", state.pos) else "$"
    end = state.src.find(fence, state.pos + len(fence))
    if end < 0:
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content, token.markup = state.src[state.pos + len(fence) : end], fence
    state.pos = end + len(fence)
    return True


def _in_braces(state: StateInline, silent: bool) -> bool:
    marked = _MARKED.match(state.src, state.pos)
    found = marked or _BRACES.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        token = state.push("marked" if marked else "braces", "", 0)
        token.content, token.meta = found[0] if marked else found[1], found.groupdict()
    state.pos = found.end()
    return True


class _Writer:
    """From Markdown's tokens to TeX with Jinja's commands in it."""

    def __init__(self, first: int, chains: Mapping[str, str] = {}, families: Mapping[str, Family] = {}) -> None:
        self.first, self.chains, self.families = first, chains, families
        self.wanted: list[Wanted] = []
        self.parts: list[Wanted] = []
        self.claims: list[Wanted] = []
        self.figures: list[Wanted] = []
        self.decimals: list[Wanted] = []
        self.definitions: list[Wanted] = []
        self.rows: list[Wanted] = []
        self.open: list[tuple[int, str]] = []  # what has no {{end}} so far: its line, and what the end is in Jinja

    def blocks(self, tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
        """Lines (from 0) with the TeX that stands there."""
        line, cells = 0, 0
        for token in tokens:
            line = token.map[0] if token.map else line
            if token.type == "inline":
                yield line, self.inline(token.children or [], line)
                line += token.content.count("\n")
            elif token.type in _LISTS:
                yield line, _LISTS[token.type]
            elif token.type == "table_open":
                yield line, self._table(tokens, token)
            elif token.type in ("th_open", "td_open"):
                cells += 1
                yield line, "" if cells == 1 else " & "
            elif token.type == "tr_close":
                cells = 0
                yield line, " \\\\"
            elif token.type in _RULES:
                yield line, _RULES[token.type]

    def _table(self, tokens: Sequence[Token], table: Token) -> str:
        inside = tokens[tokens.index(table) :]
        head = inside[: next(i for i, t in enumerate(inside) if t.type == "thead_close")]
        columns = "".join(_aligned(str(t.attrs.get("style", ""))) for t in head if t.type == "th_open")
        return f"\\begin{{center}}\\begin{{tabular}}{{@{{}}{columns}@{{}}}}\\toprule "

    def inline(self, tokens: Sequence[Token], line: int) -> str:
        """Words, mathematics and braces."""
        pieces: list[str] = []
        for token in tokens:
            if token.type in ("softbreak", "hardbreak"):
                line += 1
                pieces.append("\n" if token.type == "softbreak" else "\\\\\n")
            elif token.type == "math":
                pieces.append(self._math(token, line))
                line += token.content.count("\n")
            elif token.type == "braces":
                pieces.append(self._braces(token.content.strip(), line, in_math=False))
                line += token.content.count("\n")
            elif token.type == "marked":
                pieces.append(f"<< {self._marked(token, line)} >>")
                line += token.content.count("\n")
            elif token.type == "code_inline":
                pieces.append(f"\\texttt{{{escaped(token.content)}}}")
            elif token.type in _INLINE:
                pieces.append(_INLINE[token.type])
            else:
                if token.type == "text" and "$" in token.content:
                    raise Wrong(line, "a dollar without its partner; mathematics stands between two, money is \\$")
                pieces.append(escaped(token.content))
        return "".join(pieces)

    def _math(self, token: Token, line: int) -> str:
        opening, closing = ("\\[", "\\]") if token.markup == "$$" else ("\\(", "\\)")
        pieces, end = [], 0
        for found in _BRACES.finditer(token.content):
            pieces.append(_mathematical(token.content[end : found.start()]))
            pieces.append(self._braces(found[1].strip(), line + token.content.count("\n", 0, found.start()), True))
            end = found.end()
        pieces.append(_mathematical(token.content[end:]))
        return f"{opening}{''.join(pieces)}{closing}"

    def reason(self, tokens: Sequence[Token], line: int) -> str:
        """The words of a reason as pieces in Jinja: its mathematics is what a step needs, and counts as assumed."""
        pieces = []
        for token in tokens:
            if token.type == "marked":
                pieces.append(self._marked(token, line))
            elif token.type == "math":
                pieces.append(f"assumed({self._pieces(token.content, line)})")
            elif found := re.fullmatch(r"inline\s+(\w+)", token.content.strip() if token.type == "braces" else ""):
                pieces.append(f'inline(derivations["{found[1]}"])')
            else:
                pieces.append(quoted(self.inline([token], line)))
        return f"({', '.join(pieces)},)"

    def _marked(self, token: Token, line: int) -> str:
        """Mathematics that says itself what it is."""
        said = token.meta
        source = f", source={quoted(escaped(said['source']))}" if said["source"] else ""
        if said["kind"] == "cited" and not source:
            raise Wrong(line, "a citation names its source: {{cited $a = b$ | Author, Title, year}}")
        display = ", display=true" if said["fence"] == "$$" else ""
        return f"{said['kind']}({self._pieces(said['tex'], line)}{source}{display})"

    def _pieces(self, tex: str, line: int) -> str:
        """Mathematics as strings and values side by side."""
        pieces, end = [], 0
        for found in _BRACES.finditer(tex):
            pieces += [
                quoted(_mathematical(tex[end : found.start()])),
                f"values[{self._asked(found[1].strip(), line)}]",
            ]
            end = found.end()
        return ", ".join([*pieces, quoted(_mathematical(tex[end:]))])

    def _braces(self, said: str, line: int, in_math: bool) -> str:
        word, _, rest = said.partition(" ")
        if word == "if" and rest.strip():
            self.open.append((line, "endif"))
            return f"<% if {self._condition(rest.strip(), line)} %>"
        if word == "holds" and rest.strip():
            self.open.append((line, "endcall"))
            self.claims.append(Wanted(rest.strip(), line + self.first))
            return f"<% call claim({self._asked(rest.strip(), line)}) %>"
        if said == "box":
            self.open.append((line, "endcall"))
            return "<% call boxed() %>"
        if said in ("else", "end") and not self.open:
            raise Wrong(line, f"{{{{{said}}}}} has no {{{{if ...}}}}, {{{{holds ...}}}} or {{{{box}}}}")
        if said == "else":
            return "<% else %>"
        if said == "end":
            return f"<% {self.open.pop()[1]} %>"
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
        return f"values[{self._asked(said, line)}]"

    def _difficulties(self, said: str, line: int) -> list[str]:
        """The names in `at(standard, hard)`."""
        names = [name.strip() for name in said.split(",")]
        for name in names:
            if name not in DIFFICULTIES:
                raise Wrong(line, f"'{name}' is no difficulty; allowed: {', '.join(DIFFICULTIES)}")
        return names

    def _value(self, said: str, line: int, in_math: bool) -> str:
        found = FILTERS.search(said)
        expression, filtered = (said[: found.start()], f" | {found[1]}") if found else (said, "")
        value = f"values[{self._asked(expression.strip(), line)}]"
        printed = f"<< {value}{filtered} >>"
        if in_math:
            return printed
        return (
            f"\\({printed}\\)"
            if filtered
            else f"<% if {value} is string %>{printed}<% else %>\\({printed}\\)<% endif %>"
        )

    def _asked(self, expression: str, line: int) -> str:
        try:
            ast.parse(expression, mode="eval")
        except SyntaxError as error:
            raise Wrong(line, f"{{{{{expression}}}}} is no expression ({error.msg})") from None
        self.wanted.append(Wanted(expression, line + self.first))
        return quoted(expression)


def quoted(text: str) -> str:
    """A text as a string of Jinja's."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _cell(tex: str) -> str:
    """Mathematics in the cell of a table, as a string of Jinja's."""
    return quoted(f"\\({_mathematical(tex)}\\)")


def _mathematical(tex: str) -> str:
    """TeX of math mode with nothing in it that Jinja or TeX would take for a command of its own."""
    return _UNESCAPED.sub(r"\1\\\2", tex).replace("<<", "<{}<").replace("<%", "<{}%").replace("<#", "<{}#")


def _aligned(style: str) -> str:
    return "r" if "right" in style else "c" if "center" in style else "l"


_LISTS = {
    "bullet_list_open": "\\begin{itemize}", "bullet_list_close": "\\end{itemize}",
    "ordered_list_open": "\\begin{enumerate}", "ordered_list_close": "\\end{enumerate}",
    "list_item_open": "\\item ",
}  # fmt: skip
_RULES = {"thead_close": "\\midrule ", "table_close": "\\bottomrule\\end{tabular}\\end{center}"}
_INLINE = {"em_open": "\\emph{", "em_close": "}", "strong_open": "\\textbf{", "strong_close": "}"}
