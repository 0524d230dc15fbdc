"""About how wide a formula is, in widths of a digit: what may not fit a small screen can be scrolled by keyboard."""

from collections.abc import Sequence

from blattwerk.build.html import vocabulary as v
from blattwerk.build.html.markup import Html, element
from blattwerk.build.html.nodes import Environment, Formula, Group, Macro, Node, Paragraph, Word, cells
from blattwerk.vocabulary.language import Lang

SMALL = 29.0  # what fits 320 pixels for certain
NAMES: dict[Lang, dict[str, str]] = {
    "en": {"scroll": "table", "": "formula"},
    "de": {"scroll": "Tabelle", "": "Formel"},
}
_WIDE = 2.2  # a sign between two operands, with the room around it
_FRACTIONS = ("frac", "tfrac", "dfrac", "binom", "overset", "underset", "stackrel")


def framed(name: str, content: Html, wide: float, lang: Lang, class_: str) -> Html:
    """An element that can be scrolled; one that may have to be is reached by the Tab key, and has a name."""
    if wide <= SMALL:
        return element(name, content, class_=class_)
    called = NAMES[lang].get(class_) or NAMES[lang][""]
    return element(name, content, class_=class_, tabindex="0", role="group", aria_label=called)


def width(nodes: Sequence[Node]) -> float:
    """The width of what stands side by side."""
    total, small = 0.0, False
    for node in nodes:
        if isinstance(node, Word) and node.text in "^_":
            small = True
            continue
        total += _width(node) * (0.7 if small else 1)
        small = False
    return total


def _width(node: Node) -> float:
    match node:
        case Word():
            return _WIDE if node.text in "+-=<>:*" else float(len(node.text.replace("\\,", "").replace("{,}", ",")))
        case Group() | Formula():
            return width(node.nodes)
        case Environment():
            return _of_environment(node)
        case Macro():
            return _of_macro(node)
        case Paragraph():
            return 0.0


def _of_environment(node: Environment) -> float:
    if node.name == "left":
        return width(node.nodes) + 1.5
    return table_width(cells(node.nodes)) + 2.0


def table_width(rows: Sequence[Sequence[Sequence[Node]]]) -> float:
    """The widths of the columns, each as wide as its widest cell."""
    columns = max(map(len, rows), default=0)
    return sum(max(width(row[i]) for row in rows if i < len(row)) + 1.2 for i in range(columns))


def _of_macro(node: Macro) -> float:
    name, inside = node.name, [width(argument.nodes) for argument in node.arguments if argument]
    if name in _FRACTIONS:
        return max(inside, default=0.0) + 0.6
    if name in v.SPACES:
        return 2 * float(v.SPACES[name])
    if name in v.FUNCTIONS or name in v.FUNCTIONS_WITH_LIMITS:
        return len(name) + 0.5
    if name in v.RELATIONS or name in v.BINARY or name in v.BIG:
        return _WIDE
    if name in v.PAPER or name in ("displaystyle", "textstyle", "tag"):
        return 0.0
    return sum(inside) + (1.0 if not inside or name in ("sqrt", *v.BIGNESS) else 0.0)
