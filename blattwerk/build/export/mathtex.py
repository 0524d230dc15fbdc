r"""A formula as TeX that MathJax knows, and that Moodle's filters leave whole.

The tree is that of `html.reading`, so an unknown macro has been refused before. Macros of ours are expanded, what only
lays out a page of paper is left out, and no sign is written that HTML, a cloze or a filter would take for its own:
no < or &lt;, no ~, and nothing right behind \\ that would make it look like \( or \[.
"""

from collections.abc import Iterator, Sequence

from blattwerk.build.html import vocabulary as v
from blattwerk.build.html.nodes import cells
from blattwerk.build.html.reading import Environment, Formula, Group, Macro, Node, Paragraph, Unreadable, Word

SILENT = frozenset(("spaciousrows", "apart", "nobreak", "allowbreak", "nonumber", "notag"))
OTHERWISE = {"bm": "boldsymbol", "lbrace": "{", "rbrace": "}", "\n": " "}
WORDS = frozenset(("text", "textrm", "textit", "textbf", "textsf", "mbox"))
_SIGNS = {"<": "\\lt ", ">": "\\gt ", "~": "\\ ", "`": "\\text{‘}", '"': '\\text{"}', "@": "\\text{@}"}
_IN_WORDS = {sign: f"\\{sign}" for sign in "%&_#${}"} | {"\\": "\\backslash ", "~": "\u00a0", "^": "\\wedge "}


def inline(nodes: Sequence[Node]) -> str:
    """The formula of a sentence, with its brackets."""
    return f"\\({written(nodes)}\\)"


def display(nodes: Sequence[Node], name: str) -> str:
    """A display with its lines, the reason of each behind it; `name` is its environment, or `[`."""
    if name in ("[", "equation", "equation*"):
        return f"\\[{written(nodes)}\\]"
    lines = [_parted(row) for row in cells(nodes)]
    columns = max((len(row) for row, _ in lines), default=1)
    rows = []
    for row, reason in lines:
        said = [written(cell) for cell in row]
        if reason:  # behind a column for what is aligned and one that stays empty
            said += [""] * (columns - len(said) + (columns + 1) % 2) + [f"\\quad {_words(reason)}"]
        rows.append(" & ".join(said))
    kind = "gathered" if name.startswith(("gather", "multline")) and columns == 1 else "aligned"
    return f"\\[\\begin{{{kind}}} {_ROW.join(rows)} \\end{{{kind}}}\\]"


_ROW = " \\\\\n "  # never right before a bracket: \\( would begin a formula for Moodle


def written(nodes: Sequence[Node]) -> str:
    """Nodes of a formula, side by side."""
    pieces: list[str] = []
    for node in nodes:
        piece = _piece(node)
        if pieces and pieces[-1][-1:].isalpha() and _is_control(pieces[-1]) and piece[:1].isalpha():
            pieces.append(" ")
        pieces.append(piece)
    return "".join(piece for piece in pieces if piece)


def _is_control(piece: str) -> bool:
    """Whether a piece ends with the name of a macro, which a letter behind would make longer."""
    name = piece.rpartition("\\")[2]
    return "\\" in piece and name.isalpha()


def _piece(node: Node) -> str:
    match node:
        case Word():
            return _SIGNS.get(node.text, node.text)
        case Group():
            return f"{{{written(node.nodes)}}}"
        case Macro():
            return _macro(node)
        case Environment():
            return _environment(node)
        case Formula() | Paragraph():
            raise Unreadable("this cannot stand within a formula", node.at)


def _macro(node: Macro) -> str:
    name = OTHERWISE.get(node.name, node.name)
    if name in SILENT:
        return ""
    if name == "\\":
        return _ROW
    if name in WORDS:
        return _words(node.arguments[0].nodes if node.arguments[0] else ())
    if name == "sqrt":
        index, inner = node.arguments
        return f"\\sqrt{f'[{written(index.nodes)}]' if index else ''}{_argument(inner)}"
    if name == "tag":
        return f"\\qquad {_words(node.arguments[0].nodes if node.arguments[0] else ())}"
    star = "*" if node.star else ""
    raw = "".join(map(_delimiter, node.raw))
    return f"\\{name}{star}{raw}{''.join(map(_argument, node.arguments))}"


def _argument(group: Group | None) -> str:
    return f"{{{written(group.nodes) if group else ''}}}"


def _delimiter(sign: str) -> str:
    """A bracket behind \\left or \\big, where < would be the beginning of a tag."""
    return {"<": "\\langle ", ">": "\\rangle "}.get(sign, f"{sign} " if sign[-1:].isalpha() else sign)


def _environment(node: Environment) -> str:
    if node.name == "left":
        left, right = map(_delimiter, node.raw)
        return f"\\left{left}{written(node.nodes)}\\right{right}"
    columns = f"{{{''.join(sign for sign in node.raw[0] if sign in 'lcr|')}}}" if node.name == "array" else ""
    return f"\\begin{{{node.name}}}{columns} {written(node.nodes)} \\end{{{node.name}}}"


def _words(nodes: Sequence[Node]) -> str:
    """Words within a formula; formulas within the words stand between pieces of text, for nesting is not understood."""
    pieces, text = [], ""
    for node in (*_flat(nodes), None):
        if (node is None or isinstance(node, Formula)) and text:
            pieces.append(f"\\text{{{text}}}")
            text = ""
        if isinstance(node, Formula):
            pieces.append(f"{{{written(node.nodes)}}}")
        elif node is not None:
            text += _plain(node)
    return pieces[0] if len(pieces) == 1 else f"{{{''.join(pieces)}}}"


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    """Words and formulas, without what says how the words look."""
    for node in nodes:
        if isinstance(node, Group):
            yield from _flat(node.nodes)
        elif isinstance(node, Macro) and (node.name in v.STYLES or node.name == "reason"):
            yield from _flat(node.arguments[0].nodes if node.arguments[0] else ())
        elif isinstance(node, Macro) and node.name == "enquote":
            yield from (
                Word(node.at, "“"),
                *_flat(node.arguments[0].nodes if node.arguments[0] else ()),
                Word(node.at, "”"),
            )
        else:
            yield node


def _plain(node: Node) -> str:
    """A piece of words."""
    match node:
        case Word():
            return "".join(_IN_WORDS.get(sign, sign) for sign in " ".join(f"|{node.text}|".split())[1:-1])
        case Macro(name=name) if name in v.LETTERS:
            return "".join(_IN_WORDS.get(sign, sign) for sign in v.LETTERS[name])
        case Macro(name=name) if name in v.PAPER:
            return ""
        case Paragraph():
            return " "
    raise Unreadable("this cannot stand within the words of a formula", node.at)


def _parted(row: Sequence[Sequence[Node]]) -> tuple[list[list[Node]], Sequence[Node]]:
    r"""The cells of a line without its \tag, and the words of that."""
    reason: Sequence[Node] = ()
    for cell in row:
        for node in cell:
            if isinstance(node, Macro) and node.name == "tag" and node.arguments[0]:
                reason = node.arguments[0].nodes
    return [[node for node in cell if not (isinstance(node, Macro) and node.name == "tag")] for cell in row], reason
