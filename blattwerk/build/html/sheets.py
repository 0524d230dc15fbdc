"""The parts of a sheet: its header, its exercises with their parts, its footer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from blattwerk.build.html.markup import EMPTY, Html, element, together
from blattwerk.build.html.prose import Prose, items
from blattwerk.build.html.reading import Environment, Group, Macro, Node, Paragraph, Unreadable, Word

BEGINNINGS = ("sheetacross", "bwotherfont", "sheethead")


@dataclass(frozen=True)
class Sheet:
    """A sheet in HTML: its header, each of its exercises, and the line at its foot."""

    header: Html
    exercises: tuple[Html, ...]
    footer: Html

    def body(self) -> Html:
        """All of it."""
        return Html("\n".join(piece for piece in (self.header, *self.exercises, self.footer) if piece))


def sheet(node: Environment, prose: Prose) -> Sheet:
    """The sheet that stands in an environment of this name."""
    nodes = list(_flat(node.nodes))
    starts = [place for place, one in enumerate(nodes) if _is(one, "exercise")]
    head = nodes[: starts[0]] if starts else nodes
    exercises = tuple(_exercise(nodes[start:end], prose) for start, end in pairwise((*starts, len(nodes))))
    said = [text for text in node.raw[1:3] if text]
    footer = element("footer", element("p", " · ".join(map(_plain, said)))) if said else EMPTY
    return Sheet(_header(head, prose), exercises, footer)


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes, without the braces that only bound how something looks."""
    for node in nodes:
        if isinstance(node, Group) and any(_is(one, "demo") for one in node.nodes):
            yield from node.nodes
        else:
            yield node


def _plain(text: str) -> str:
    return text


def _header(nodes: Sequence[Node], prose: Prose) -> Html:
    pieces: list[Html] = []
    for node in nodes:
        if isinstance(node, Macro) and node.name == "sheetacross":
            pieces.append(element("p", _inline(prose, node, 0), class_="across"))
        elif isinstance(node, Macro) and node.name == "sheethead":
            around = [element("p", words) for i in (0, 1) if (words := _inline(prose, node, i))]
            pieces.append(element("div", *around, class_="around")) if around else None
            if title := _inline(prose, node, 2):
                pieces.append(element("h1", title))
        elif isinstance(node, Environment) and node.name == "sheetfacts":
            facts = [
                element("div", element("dt", prose.inline(label)), element("dd", Html(prose.inline(text).strip())))
                for label, text in items(node.nodes)
                if label
            ]
            pieces.append(element("dl", *facts, class_="facts")) if facts else None
        elif not (isinstance(node, Paragraph) or (isinstance(node, Word) and node.text.isspace())) and not _is(
            node, "bwotherfont"
        ):
            raise Unreadable("this has no place in the header of a sheet", node.at)
    return element("header", *pieces) if pieces else EMPTY


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
    heading = element("h3", letter, " ", element("em", short), " ", worth)
    return element("section", heading, prose.blocks(nodes[1:]), class_="part")


def _inline(prose: Prose, node: Macro, number: int) -> Html:
    group = node.arguments[number]
    return Html(prose.inline(group.nodes).strip()) if group else EMPTY


def _is(node: Node, name: str) -> bool:
    return isinstance(node, Macro) and node.name == name
