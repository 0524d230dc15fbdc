"""Tables with their headers: above the middle rule the names of columns; a first column set to the left names rows."""

import re
from collections.abc import Callable, Sequence

from blattwerk.build.html.markup import Html, element
from blattwerk.build.html.nodes import Environment, Macro, Node, Paragraph, Word, cells
from blattwerk.build.html.widths import SMALL, framed, table_width
from blattwerk.vocabulary.language import Lang

_RULES = ("reachedrow", "toprule", "midrule", "bottomrule", "hline", "cmidrule", "spaciousrows")
SIDES = {"l": "left", "r": "right", "c": "middle"}


def table(node: Environment, written: Callable[[Sequence[Node]], Html], lang: Lang) -> Html:
    """A table, in a frame of its own that can be scrolled where it is wider than the screen."""
    columns = re.sub(r"[@!<>p]\{[^{}]*\}|[^lcr]", "", node.raw[0])
    head, body = _parted(node.nodes)
    rows_named = columns[:1] == "l" and bool(head)
    pieces = [
        element("thead", *(_row(row, columns, written, "col", len(row)) for row in head)) if head else "",
        element("tbody", *(_row(row, columns, written, "row", int(rows_named)) for row in body)),
    ]
    wide = 1.2 * table_width([*head, *body])  # words are as wide as digits, and cells have room around them
    return framed("div", element("table", *(piece for piece in pieces if piece)), wide, lang, "scroll")


def points_table(node: Environment, written: Callable[[Sequence[Node]], Html], lang: Lang) -> Html:
    """The table of points: the exercises in its first row, and in the first column what each row tells."""
    head, *body = _rows(node.nodes)
    columns = "l" + "c" * (len(head) - 1)
    pieces = (
        element("thead", _row(head, columns, written, "col", len(head))),
        element("tbody", *(_row(row, columns, written, "row", 1) for row in body)),
    )
    return framed("div", element("table", *pieces, class_="points-table"), SMALL * 2, lang, "scroll")


def _parted(nodes: Sequence[Node]) -> tuple[list[list[list[Node]]], list[list[list[Node]]]]:
    """The rows above the middle rule, and those below; all are below where there is none."""
    place = next((i for i, one in enumerate(nodes) if isinstance(one, Macro) and one.name == "midrule"), None)
    if place is None:
        return [], _rows(nodes)
    return _rows(nodes[:place]), _rows(nodes[place + 1 :])


def _rows(nodes: Sequence[Node]) -> list[list[list[Node]]]:
    kept = [one for one in nodes if not (isinstance(one, Macro) and one.name in _RULES)]
    return [row for row in cells(kept) if any(not _is_blank(one) for cell in row for one in cell) or len(row) > 1]


def _is_blank(node: Node) -> bool:
    return isinstance(node, Paragraph) or (isinstance(node, Word) and node.text.isspace())


def _row(
    row: Sequence[Sequence[Node]], columns: str, written: Callable[[Sequence[Node]], Html], scope: str, headers: int
) -> Html:
    pieces, column = [], 0
    for number, cell in enumerate(row):
        span = next((one for one in cell if isinstance(one, Macro) and one.name == "multicolumn"), None)
        width = int(span.raw[0]) if span and span.raw[0].isdecimal() else 1
        inside = span.arguments[0].nodes if span and span.arguments[0] else cell
        text = written(inside)
        side = SIDES.get(columns[column : column + 1], "")
        spans = str(width) if width > 1 else ""
        if number < headers and text:
            pieces.append(element("th", text, scope=scope, class_=side, colspan=spans))
        else:
            pieces.append(element("td", text, class_=side, colspan=spans))
        column += width
    return element("tr", *pieces)
