"""The tree of a page's TeX: nodes, each of which knows where in the text it begins, and rows of cells among them."""

from collections.abc import Sequence
from dataclasses import dataclass

from blattwerk.errors import BlattwerkError


class Unreadable(BlattwerkError):
    """A page that cannot be told in HTML; `at` is the place in its TeX."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.what, self.at = what, at


@dataclass(frozen=True, slots=True)
class Word:
    """Signs that stand for themselves: a run of text, or in a formula one letter, one sign or one number."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """An empty line."""

    at: int


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between braces, or is an argument."""

    at: int
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro with its arguments; `raw` are those that are names and not TeX, in their order."""

    at: int
    name: str
    arguments: tuple[Group | None, ...] = ()
    raw: tuple[str, ...] = ()
    star: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """What stands between \\begin and \\end, or (as `left`) between \\left and \\right, whose signs are `raw`."""

    at: int
    name: str
    nodes: "tuple[Node, ...]"
    arguments: tuple[Group | None, ...] = ()
    raw: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    r"""Mathematics within text: between \( and \), or displayed between \[ and \]."""

    at: int
    nodes: "tuple[Node, ...]"
    display: bool


Node = Word | Paragraph | Group | Macro | Environment | Formula


def cells(nodes: Sequence[Node]) -> list[list[list[Node]]]:
    """Rows of cells, which & and \\\\ part; an empty last row is none."""
    rows: list[list[list[Node]]] = [[[]]]
    for node in nodes:
        if isinstance(node, Macro) and node.name == "\\":
            rows.append([[]])
        elif is_word(node, "&"):
            rows[-1].append([])
        else:
            rows[-1][-1].append(node)
    return rows[:-1] if rows[-1] == [[]] else rows


def ends_cell(node: Node) -> bool:
    return is_word(node, "&") or (isinstance(node, Macro) and node.name == "\\")


def is_word(node: Node, text: str) -> bool:
    return isinstance(node, Word) and node.text == text
