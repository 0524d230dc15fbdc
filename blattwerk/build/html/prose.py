"""From the text of a page to HTML: paragraphs, lists, tables, displays, boxes, and formulas within sentences."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from blattwerk.build.html import vocabulary as v
from blattwerk.build.html.chains import chain
from blattwerk.build.html.markup import EMPTY, Html, element, opening, together
from blattwerk.build.html.mathml import Mathematics
from blattwerk.build.html.nodes import Environment, Formula, Group, Macro, Node, Paragraph, Unreadable, Word
from blattwerk.build.html.tables import points_table, table
from blattwerk.build.html.widths import SMALL, framed, width
from blattwerk.vocabulary.language import Lang

Picture = Callable[[str, int], Html]
QUOTES: dict[Lang, tuple[str, str]] = {"en": ("“", "”"), "de": ("„", "“")}
_AROUND = re.compile(
    r"(?<!held\">)(?:[([„“]?(?:<math>(?:(?!</math>).)*</math>|<span class=\"formula\"[^>]*>.*?</span>)[.,;:!?)\]“”]+"
    r"|[([„“](?:<math>(?:(?!</math>).)*</math>|<span class=\"formula\"[^>]*>.*?</span>))"
)
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("`", "‘"), ("'", "’"))


@dataclass(frozen=True)
class Prose:
    """A writer of text in one language; `picture` gives the figure of a file's name."""

    lang: Lang
    picture: Picture

    @cached_property
    def mathematics(self) -> Mathematics:
        return Mathematics(self.inline)

    def blocks(self, nodes: Sequence[Node]) -> Html:
        """Paragraphs and whatever stands between them."""
        return _Blocks(self).all(nodes)

    def inline(self, nodes: Sequence[Node]) -> Html:
        """Words within a line; raises Unreadable for what is a paragraph of its own."""
        return _held("".join(map(self.word, nodes)))

    def is_block(self, node: Node) -> bool:
        """Whether a node stands by itself and not within a line."""
        if isinstance(node, Macro):
            return node.name in ("result", "points", "hint", "demo", "par", "includegraphics", "owntext")
        if isinstance(node, Group):
            return any(map(self.is_block, node.nodes))
        return isinstance(node, Environment | Paragraph) or (isinstance(node, Formula) and node.display)

    def word(self, node: Node) -> Html:
        """A node within a line."""
        match node:
            case Word():
                return together("\u00a0" if node.text == "~" else _typeset(node))
            case Group():
                written = self.inline(node.nodes)
                other_script = any(isinstance(one, Macro) and one.name == "bwother" for one in node.nodes)
                return element("bdi", written.strip()) if other_script else written
            case Formula() if not node.display:
                return self.formula(node)
            case Macro():
                return self._macro(node)
            case Paragraph():
                return Html(" ")
        raise Unreadable("a display or a list cannot stand within a line", node.at)

    def formula(self, node: Formula) -> Html:
        """A formula within a sentence; one that may be wider than a small screen can be scrolled by itself."""
        written = self.mathematics.formula(node.nodes, False)
        wide = width(node.nodes)
        return framed("span", written, wide, self.lang, "formula") if wide > SMALL else written

    def display(self, nodes: Sequence[Node], name: str) -> Html:
        """Displayed mathematics; `name` is its environment."""
        return chain(self.mathematics, self.inline, nodes, name, self.lang)

    def _macro(self, node: Macro) -> Html:
        name = node.name
        if name in v.LETTERS:
            return together(v.LETTERS[name])
        if name in v.PAPER or name == "textdir":
            return EMPTY
        if name in ("\\", "newline"):
            return opening("br")
        if name in v.STYLES:
            tag, words_ = v.STYLES[name], self.inline(_of(node, 0))
            return words_ if tag == "span" else element(tag, words_)
        if name == "enquote":
            before, behind = QUOTES[self.lang]
            return together(before, self.inline(_of(node, 0)), behind)
        if name == "href":
            return element("a", self.inline(_of(node, 0)), href=_address(node))
        if name == "url":
            return element("a", node.raw[0], href=_address(node))
        if name in ("reason", "pointscell"):
            return self.inline(_of(node, 0))
        raise Unreadable(f"the macro \\{name} cannot stand within a line", node.at)

    def cell(self, nodes: Sequence[Node]) -> Html:
        """What stands in a cell of a table."""
        return Html(self.inline(nodes).strip())


@dataclass
class _Blocks:
    """Blocks as they come; words are gathered until their paragraph ends."""

    prose: Prose
    done: list[Html] = field(default_factory=list)
    line: list[Html] = field(default_factory=list)

    def all(self, nodes: Sequence[Node]) -> Html:
        self.take(nodes)
        self.end()
        return Html("\n".join(self.done))

    def take(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            if isinstance(node, Group) and self.prose.is_block(node):
                self.take(node.nodes)
            elif self.prose.is_block(node):
                self.block(node)
            else:
                self.line.append(self.prose.word(node))

    def end(self) -> None:
        """The paragraph ends here."""
        written = _held("".join(self.line).strip())
        self.line.clear()
        if written:
            self.done.append(element("p", written))

    def put(self, block: Html) -> None:
        self.end()
        self.done.append(block)

    def block(self, node: Node) -> None:
        match node:
            case Macro(name="points"):
                self.line.append(element("span", "(", self.prose.inline(_of(node, 0)), ")", class_="points"))
                self.end()
            case Macro(name="hint"):
                title = element("strong", self.prose.inline(_of(node, 0)))
                self.put(element("div", self.inside(_of(node, 1), together(title, " ")), class_="hint"))
            case Macro(name="result"):
                self.put(element("div", self.inside(_of(node, 0)), class_="result"))
            case Macro(name="demo"):
                self.put(element("h3", self.prose.inline(_of(node, 0))))
            case Macro(name="owntext"):
                self.put(element("div", self.inside(_of(node, 0)), class_="own"))
            case Macro(name="includegraphics"):
                self.put(self.prose.picture(node.raw[0], node.at))
            case Environment():
                self.put(self.environment(node))
            case Formula():
                self.put(self.prose.display(node.nodes, "["))
            case _:
                self.end()

    def inside(self, nodes: Sequence[Node], first: Html = EMPTY) -> Html:
        """Blocks within a block; `first` begins the first paragraph."""
        within = _Blocks(self.prose)
        if first:
            within.line.append(first)
        return within.all(nodes)

    def environment(self, node: Environment) -> Html:
        name = node.name
        if name in v.DISPLAYS or name in ("alignat", "alignat*"):
            return self.prose.display(node.nodes, name)
        if name == "center":
            return element("div", self.inside(node.nodes), class_="center")
        if name == "owntex":
            return element("div", self.inside(node.nodes), class_="own")
        if name == "pointstable":
            return points_table(node, self.prose.cell, self.prose.lang)
        if name == "quote":
            return element("blockquote", self.inside(node.nodes))
        if name == "tabular":
            return table(node, self.prose.cell, self.prose.lang)
        if name == "marking":
            return self.marking(node)
        if name in ("itemize", "enumerate", "description"):
            return self.listed(node)
        raise Unreadable(f"the environment {name} cannot stand here", node.at)

    def listed(self, node: Environment) -> Html:
        entries = list(items(node.nodes))
        if node.name == "description":
            pairs = (
                together(element("dt", self.prose.inline(label)), element("dd", self.inside(body)))
                for label, body in entries
            )
            return element("dl", *pairs)
        name = "ol" if node.name == "enumerate" else "ul"
        labelled = any(label for label, _ in entries)
        entry = (
            element("li", self.inside(body, together(self.prose.inline(label), " ") if label else EMPTY))
            for label, body in entries
        )
        return element(name, *entry, class_="labelled" if labelled else "")

    def marking(self, node: Environment) -> Html:
        """A rubric, or the usual mistakes: a heading, and a list with the points in front."""
        entries = (
            element(
                "li", element("span", self.prose.inline(label), class_="share"), " ", element("div", self.inside(body))
            )
            for label, body in items(node.nodes)
        )
        title = element("h4", self.prose.inline(_of(node, 0)))
        return element("section", title, element("ul", *entries), class_="marking")


def items(nodes: Sequence[Node]) -> Iterator[tuple[Sequence[Node], Sequence[Node]]]:
    r"""The entries of a list: what stands in the brackets of \item, and what behind."""
    label: Sequence[Node] = ()
    body: list[Node] | None = None
    for node in nodes:
        if isinstance(node, Macro) and node.name == "item":
            if body is not None:
                yield label, body
            label, body = (node.arguments[0].nodes if node.arguments and node.arguments[0] else ()), []
        elif body is not None:
            body.append(node)
        elif not (isinstance(node, Word) and node.text.isspace()) and not isinstance(node, Paragraph):
            raise Unreadable("something stands before the first \\item of a list", node.at)
    if body is not None:
        yield label, body


def _of(node: Macro | Environment, number: int) -> Sequence[Node]:
    group = node.arguments[number]
    return group.nodes if group else ()


def _address(node: Macro) -> str:
    """The address of a link: mail and the web, nothing that runs."""
    address = node.raw[0].replace("\\%", "%").replace("\\_", "_").replace("\\#", "#").replace("\\&", "&")
    if not re.match(r"(mailto:|https?://)", address):
        raise Unreadable(f"a link goes to mailto:, http:// or https://, not to {address[:40]!r}", node.at)
    return address


def _typeset(node: Word) -> str:
    """Words with the signs that TeX joins from several."""
    text = node.text
    if text in ("&", "^", "_"):
        raise Unreadable(f"the sign {text} stands outside of a table or a formula", node.at)
    for typed, printed in _LIGATURES:
        text = text.replace(typed, printed)
    return text


def _held(line: str) -> Html:
    """A line in which the signs around a formula stay with it."""
    return Html(_AROUND.sub(r'<span class="held">\g<0></span>', line))
