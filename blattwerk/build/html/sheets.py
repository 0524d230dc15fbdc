"""The parts of a sheet: its header, its exercises with their parts, its footer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from blattwerk.build.html.markup import EMPTY, Html, element, together
from blattwerk.build.html.nodes import Environment, Group, Macro, Node, Paragraph, Unreadable, Word
from blattwerk.build.html.prose import Prose, items
from blattwerk.build.html.vocabulary import PAPER


@dataclass(frozen=True)
class Sheet:
    """A sheet in HTML.

    opening    what stands between its header and the first exercise
    exercises  each with what stands behind it, before the next one
    """

    header: Html
    opening: Html
    exercises: tuple[tuple[Html, Html], ...]
    footer: Html

    def body(self) -> Html:
        """All of it."""
        exercises = (piece for exercise in self.exercises for piece in exercise)
        return Html("\n".join(piece for piece in (self.header, self.opening, *exercises, self.footer) if piece))


def sheet(node: Environment, prose: Prose) -> Sheet:
    """The sheet that stands in an environment of this name."""
    nodes = list(_flat(node.nodes))
    starts = [place for place, one in enumerate(nodes) if _is(one, "exercise")]
    head = nodes[: starts[0]] if starts else nodes
    facts = next((i for i, one in enumerate(head) if isinstance(one, Environment) and one.name == "sheetfacts"), -1)
    exercises = (_parted(nodes[start:end], prose) for start, end in pairwise((*starts, len(nodes))))
    return Sheet(
        _header(head[: facts + 1], prose), prose.blocks(head[facts + 1 :]), tuple(exercises), _footer(node, head, prose)
    )


def _parted(nodes: Sequence[Node], prose: Prose) -> tuple[Html, Html]:
    """An exercise, and the texts between it and the next one."""
    end = next((i for i, one in enumerate(nodes) if _is(one, "owntext")), len(nodes))
    return _exercise(nodes[:end], prose), prose.blocks(nodes[end:])


def _footer(node: Environment, head: Sequence[Node], prose: Prose) -> Html:
    """What stands at the foot of each page of paper: the sheet's code and number, and the lecturer's own line."""
    sides = (prose.inline(group.nodes) for group in node.arguments if group)
    own = [_inline(prose, one, 0) for one in head if isinstance(one, Macro) and one.name == "sheetfooter"]
    lines = [Html(" · ".join(side for side in sides if side)), *own]
    return element("footer", *(element("p", line) for line in lines if line)) if any(lines) else EMPTY


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes, without the braces that only bound how something looks."""
    for node in nodes:
        if isinstance(node, Group) and any(_is(one, "demo") for one in node.nodes):
            yield from node.nodes
        else:
            yield node


def _header(nodes: Sequence[Node], prose: Prose) -> Html:
    logos = [prose.picture(one.raw[0], one.at) for one in nodes if isinstance(one, Macro) and one.name == "sheetlogo"]
    pieces = [piece for node in nodes for piece in _of_header(node, prose, logos)]
    return element("header", *pieces) if pieces else EMPTY


def _of_header(node: Node, prose: Prose, logos: Sequence[Html]) -> Iterator[Html]:
    match node:
        case Macro(name="sheetacross"):
            yield element("p", _inline(prose, node, 0), class_="across")
        case Macro(name="letterhead"):
            yield prose.picture(node.raw[0], node.at)
        case Macro(name="sheethead"):
            around = [element("p", words) for i in (0, 1) if (words := _inline(prose, node, i))]
            if logos or around:
                yield element("div", *logos, *around, class_="around")
            if title := _inline(prose, node, 2):
                yield element("h1", title)
        case Environment(name="sheetfacts"):
            facts = [
                element("div", element("dt", prose.inline(label)), element("dd", Html(prose.inline(text).strip())))
                for label, text in items(node.nodes)
                if label
            ]
            if facts:
                yield element("dl", *facts, class_="facts")
        case Macro(name=name) if name in PAPER or name in ("sheetfooter", "sheetlogo"):
            pass
        case Paragraph():
            pass
        case Word() if node.text.isspace():
            pass
        case _:
            raise Unreadable("this has no place in the header of a sheet", node.at)


def _exercise(nodes: Sequence[Node], prose: Prose) -> Html:
    """A section with its heading; what stands behind a part's or a demo's heading is a section in it."""
    first = nodes[0]
    assert isinstance(first, Macro)
    number, title, points = (_inline(prose, first, i) for i in range(3))
    heading = element(
        "h2", element("span", number, class_="number"), " ", title, " ", element("span", points, class_="points")
    )
    places = [i for i, one in enumerate(nodes) if i and (_is(one, "parthead") or _is(one, "demo"))]
    parts = [_part(nodes[a:b], prose) for a, b in pairwise((*places, len(nodes)))]
    return element(
        "section", heading, "\n", _mixed(nodes[1 : places[0] if places else None], prose), *parts, class_="exercise"
    )


def _mixed(nodes: Sequence[Node], prose: Prose) -> Html:
    """An introduction, and the questions that stand in their environment."""
    place = next((i for i, one in enumerate(nodes) if isinstance(one, Environment) and one.name == "parts"), None)
    if place is None:
        return prose.blocks(nodes)
    parts = nodes[place]
    assert isinstance(parts, Environment)
    questions = (
        element("section", element("h3", prose.inline(label)), prose.blocks(body), class_="part question")
        for label, body in items(parts.nodes)
    )
    return together(prose.blocks(nodes[:place]), *questions, prose.blocks(nodes[place + 1 :]))


def _part(nodes: Sequence[Node], prose: Prose) -> Html:
    """The solution of a part under its letter and the question in short, or what was trained."""
    first = nodes[0]
    assert isinstance(first, Macro)
    if first.name == "demo":
        heading = element("h3", _inline(prose, first, 0))
        return element("section", heading, prose.blocks(nodes[1:]), class_="part demo")
    letter, short, points = (_inline(prose, first, i) for i in range(3))
    worth = element("span", "(", points, ")", class_="points")
    named = (letter, " ") if letter else ()
    heading = element("h3", *named, *((element("em", short), " ") if short else ()), worth)
    return element("section", heading, prose.blocks(nodes[1:]), class_="part")


def _inline(prose: Prose, node: Macro, number: int) -> Html:
    group = node.arguments[number]
    return Html(prose.inline(group.nodes).strip()) if group else EMPTY


def _is(node: Node, name: str) -> bool:
    return isinstance(node, Macro) and node.name == name
