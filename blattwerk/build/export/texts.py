r"""The text of a question: HTML with TeX in \( \) for MathJax, and the pictures that it shows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from blattwerk.build.codec import digest
from blattwerk.build.drawing.figures import png
from blattwerk.build.export import mathtex
from blattwerk.build.html.markup import EMPTY, Html, element, opening, together
from blattwerk.build.html.prose import Prose
from blattwerk.build.html.reading import Environment, Formula, Node, Unreadable, Word, read
from blattwerk.build.limits import seconds, within
from blattwerk.errors import TemplateFailure
from blattwerk.vocabulary.figures import Figure
from blattwerk.vocabulary.language import Lang

# What Moodle's emoticon filter turns into pictures by default, wherever it stands in words; a tag within stops it.
FACES = (
    *(":-)", ":)", ":-D", ";-)", ":-/", "V-.", ":-P", ":-p", "B-)", "^-)", "8-)", ":o)", ":-(", ":(", "8-.", ":-I"),
    *(":-X", "8-o", "P-|", "8-[", "xx-P", "|-.", "}-]", "(grr)", "(h)", "(heart)", "(y)", "(n)", "(martin)", "( )"),
)
_FACE = re.compile("|".join(map(re.escape, FACES)))


@dataclass(frozen=True)
class Text:
    """HTML and, by name, the pictures that it shows."""

    html: Html = EMPTY
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.html)

    def __add__(self, other: "Text") -> "Text":
        return Text(Html("\n".join(filter(None, (self.html, other.html)))), {**self.pictures, **other.pictures})


@dataclass(frozen=True)
class Moodle(Prose):
    """A writer of text for Moodle: formulas stay TeX, and no words look like a picture to it."""

    def formula(self, node: Formula) -> Html:
        return together(mathtex.inline(node.nodes))

    def display(self, nodes: Sequence[Node], name: str) -> Html:
        return element("div", mathtex.display(nodes, name))

    def word(self, node: Node) -> Html:
        return calm(super().word(node)) if isinstance(node, Word) else super().word(node)


def calm(words: Html) -> Html:
    """Words in which no signs are a smiling face."""
    return Html(_FACE.sub(lambda found: f"{found[0][:-1]}<span>{found[0][-1]}</span>", words))


@dataclass(frozen=True)
class Writer:
    """What turns TeX of a page into texts of questions, in one language; `figures` by the name of their file."""

    lang: Lang
    figures: Mapping[str, Figure]
    where: str

    def text(self, tex: str) -> Text:
        """Paragraphs, lists, tables, displays and figures; raises TemplateFailure for what has no form."""
        pictures: dict[str, bytes] = {}

        def picture(name: str, at: int) -> Html:
            if name not in self.figures:
                raise Unreadable(f"there is no figure {name!r}", at)
            with within(seconds()):
                content = png(self.figures[name])
            file = f"figure-{digest(content)[:16]}.png"
            pictures[file] = content
            image = opening("img", src=f"@@PLUGINFILE@@/{file}", alt=self.figures[name].alt[self.lang])
            return element("p", image)

        try:
            html = Moodle(self.lang, picture).blocks(_without_marking(read(tex)))
        except Unreadable as error:
            near = " ".join(tex[max(error.at - 20, 0) : error.at + 40].split())
            raise TemplateFailure(f"{self.where}: {error.what} (near {near!r})", what=error.what) from error
        return Text(html, pictures)

    def line(self, tex: str) -> Text:
        """Words within a line."""
        try:
            return Text(Html(Moodle(self.lang, _no_picture).inline(read(tex)).strip()))
        except Unreadable as error:
            raise TemplateFailure(f"{self.where}: {error.what}", what=error.what) from error

    def formula(self, tex: str) -> Html:
        """A formula of a sentence."""
        return together(mathtex.inline(read(tex, "math")))


def _no_picture(name: str, at: int) -> Html:
    raise Unreadable(f"the figure {name!r} cannot stand within a line", at)


def _without_marking(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """All but the marking scheme, which is no student's."""
    return tuple(node for node in nodes if not (isinstance(node, Environment) and node.name == "marking"))


def marked(writer: Writer, tex: str) -> Text:
    """The marking scheme itself, as grader information."""
    try:
        return Text(Moodle(writer.lang, _no_picture).blocks(read(tex)))
    except Unreadable as error:
        raise TemplateFailure(f"{writer.where}: {error.what}", what=error.what) from error
