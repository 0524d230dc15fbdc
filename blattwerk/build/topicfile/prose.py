"""The texts of a topic file as pieces of a template: Markdown to TeX, line by line, `{{...}}` to what Jinja prints.

Mathematics stands between dollars and passes as it is. Everything else is Markdown: emphasis, lists, tables, code. In
braces, a value or an expression of values is printed: `{{n}}`, `{{1 - p}}`, `{{loss | decimal}}`; a text depends on the
draw or the sheet by `{{if L < 1}}...{{else}}...{{end}}`, `{{if shown(loss)}}` and `{{if at(hard)}}`; a sentence whose
truth depends on the draw stands in `{{holds L < 1}}...{{end}}`, and what is found in words in `{{box}}...{{end}}`. What
stands in `{{for k in ks}}...{{end}}` is repeated: words, paragraphs, or rows of a table, between lines of their own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from blattwerk.build.topicfile.braces import OPENED, Braces, Wanted, Wrong, mathematical, quoted
from blattwerk.build.topicfile.notation import Family

_MARKED = re.compile(
    r"\{\{(?P<kind>assumed|defined|mistaken|cited)\s+(?P<fence>\$\$?)(?P<tex>.*?)(?P=fence)\s*(?:\|\s*(?P<source>.*?))?\}\}",
    re.DOTALL,
)
_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TAG = re.compile(r"<% (?:end\w+|if .*?|else|for .*?|call .*?) %>")
_COMMAND = re.compile(r"(?:for|if)\b|(?:else|end)$")
_SIGNS = {
    "\\": "\\textbackslash{}", "&": "\\&", "%": "\\%", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}", "$": "\\$",
    "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", '"': "\\textquotedbl{}",
}  # fmt: skip


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
    relations: tuple[Wanted, ...] = ()  # what it displays of the values


def prose(
    lines: Sequence[str],
    first: int,
    chains: Mapping[str, str] = {},
    families: Mapping[str, Family] = {},
    words: Mapping[str, str] = {},
) -> Prose:
    """A text, whose first line has this number in the file; raises Wrong.

    `chains` holds the arguments of `steps` for the chains that need words for their reasons; `families` are the values
    that can be rows of a table; `words` is what values are called, in TeX.
    """
    writer = _Writer(Braces(first, chains, families, words))
    out: dict[int, str] = {}
    for line, tex in writer.blocks(_markdown().parse("\n".join(lines))):
        for offset, piece in enumerate(tex.split("\n")):
            out[line + offset] = out.get(line + offset, "") + piece
    asked = writer.braces
    if asked.open:
        raise Wrong(asked.open[-1].line, f"{OPENED} has no {{{{end}}}}")
    height = max((len(lines), *(n + 1 for n in out)))
    return Prose(
        tuple(_ended(out.get(i, ""), out.get(i + 1, "")) for i in range(height)),
        tuple(asked.wanted),
        tuple(asked.parts),
        tuple(asked.claims),
        tuple(asked.figures),
        tuple(asked.decimals),
        tuple(asked.definitions),
        tuple(asked.rows),
        tuple(asked.relations),
    )


def _ended(line: str, following: str) -> str:
    """A line of a template that keeps its end, which Jinja swallows behind a command: words would join there."""
    if not _TAG.sub("", line).strip() or not line.endswith(" %>"):
        return line
    return f"{line} <# #>" if following.strip() else f"{line.removesuffix('%>')}+%>"


def reason(text: str, line: int) -> str:
    """The words of a reason as an expression of Jinja's; raises Wrong."""
    tokens = _markdown().parseInline(text)
    return _Writer(Braces(line)).reason(tokens[0].children or [], 0)


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

    def __init__(self, braces: Braces) -> None:
        self.braces = braces

    def blocks(self, tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
        """Lines (from 0) with the TeX that stands there."""
        line, cells, silent = 0, 0, False
        for place, token in enumerate(tokens):
            line = token.map[0] if token.map else line
            if token.type == "inline":
                yield line, self.inline(token.children or [], line)
                line += token.content.count("\n")
            elif token.type in _LISTS:
                yield line, _LISTS[token.type]
            elif token.type == "table_open":
                yield line, self._table(tokens, token)
            elif token.type == "tr_open":
                cells, silent = 0, _commands_only(tokens[place:])
            elif token.type in ("th_open", "td_open"):
                cells += 1
                yield line, "" if cells == 1 or silent else " & "
            elif token.type == "tr_close":
                yield line, "" if silent else " \\\\"
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
                pieces.append(self.braces.command(token.content.strip(), line, in_math=False))
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
            pieces.append(mathematical(token.content[end : found.start()]))
            pieces.append(
                self.braces.command(found[1].strip(), line + token.content.count("\n", 0, found.start()), True)
            )
            end = found.end()
        pieces.append(mathematical(token.content[end:]))
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
                quoted(mathematical(tex[end : found.start()])),
                self.braces.of(found[1].strip(), line),
            ]
            end = found.end()
        return ", ".join([*pieces, quoted(mathematical(tex[end:]))])


def _commands_only(row: Sequence[Token]) -> bool:
    """Whether a line within a table is no row, but says which rows are repeated, or on what they depend."""
    end = next(i for i, token in enumerate(row) if token.type == "tr_close")
    said = [one for token in row[:end] if token.type == "inline" for one in token.children or []]
    return bool(said) and all(one.type == "braces" and _COMMAND.match(one.content.strip()) for one in said)


def _aligned(style: str) -> str:
    return "r" if "right" in style else "c" if "center" in style else "l"


_LISTS = {
    "bullet_list_open": "\\begin{itemize}", "bullet_list_close": "\\end{itemize}",
    "ordered_list_open": "\\begin{enumerate}", "ordered_list_close": "\\end{enumerate}",
    "list_item_open": "\\item ",
}  # fmt: skip
_RULES = {"thead_close": "\\midrule ", "table_close": "\\bottomrule\\end{tabular}\\end{center}"}
_INLINE = {"em_open": "\\emph{", "em_close": "}", "strong_open": "\\textbf{", "strong_close": "}"}
