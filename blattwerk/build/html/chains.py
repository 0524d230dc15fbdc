"""Displayed mathematics: lines below each other, aligned where the page says, each with the words of its reason.

A line is a formula (two where something stands at the left of the aligned relation), and its reason is text beside it,
which goes below the formula on a small screen.
"""

from collections.abc import Sequence

from blattwerk.build.html.markup import Html, element, together
from blattwerk.build.html.mathml import Mathematics, Text
from blattwerk.build.html.nodes import Macro, Node, cells
from blattwerk.build.html.widths import framed, table_width, width
from blattwerk.vocabulary.language import Lang

CENTRED = ("gather", "gather*", "multline", "multline*", "equation", "equation*", "[")


def chain(mathematics: Mathematics, text: Text, nodes: Sequence[Node], name: str, lang: Lang) -> Html:
    """A display with its lines."""
    lines = [_parted(row) for row in cells(nodes)] if name != "[" else [([nodes], ())]
    columns = max((len(row) for row, _ in lines), default=1)
    reasons = any(reason for _, reason in lines)
    written = [_line(mathematics, text, row, reason, columns, reasons) for row, reason in lines]
    class_ = "display" if name in CENTRED else f"display aligned columns-{min(columns, 8)}"
    wide = width(nodes) if name == "[" else table_width([row for row, _ in lines])
    return framed("div", together(*written), wide, lang, f"{class_} reasoned" if reasons else class_)


def _line(
    mathematics: Mathematics,
    text: Text,
    row: Sequence[Sequence[Node]],
    reason: Sequence[Node],
    columns: int,
    reasons: bool,
) -> Html:
    pieces = [
        element(
            "span",
            element("math", mathematics.row(cell), display="block"),
            class_="left" if i % 2 == 0 and columns > 1 else "right",
        )
        if any(True for _ in cell)
        else element("span")
        for i, cell in enumerate(row)
    ]
    pieces += [element("span")] * (columns - len(pieces))
    if reasons:
        pieces.append(element("span", text(reason), class_="reason"))
    return element("div", *pieces, class_="line")


def _parted(row: Sequence[Sequence[Node]]) -> tuple[list[list[Node]], Sequence[Node]]:
    r"""The cells of a line without its \tag, and the words of that."""
    reason: Sequence[Node] = ()
    left = []
    for cell in row:
        kept = []
        for node in cell:
            if isinstance(node, Macro) and node.name == "tag":
                reason = node.arguments[0].nodes if node.arguments[0] else ()
            else:
                kept.append(node)
        left.append(kept)
    return left, reason
