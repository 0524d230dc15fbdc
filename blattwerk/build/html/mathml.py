"""From the mathematics of a page to MathML Core, which browsers show and screen readers read.

The rules of spacing are TeX's where MathML's own differ: a sign that is not between two operands is a prefix, brackets
grow only between \\left and \\right, and a function has its thin space.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from blattwerk.build.html import vocabulary as v
from blattwerk.build.html.alphabets import letter
from blattwerk.build.html.markup import Html, element, together
from blattwerk.build.html.nodes import (
    Environment,
    Formula,
    Group,
    Macro,
    Node,
    Paragraph,
    Unreadable,
    Word,
    cells,
    ends_cell,
)
from blattwerk.build.html.signs import (
    Atom,
    as_element,
    bracket,
    grown,
    identifier,
    name_in,
    named,
    of_size,
    operator,
    sign,
    space,
)

THIN = "0.1667"
APPLIED = Html("<mo>\u2061</mo>")  # between a function and what it is applied to: "log of x"
Text = Callable[[Sequence[Node]], Html]


@dataclass(frozen=True)
class Mathematics:
    """A writer of formulas; `text` writes the words in them."""

    text: Text

    def formula(self, nodes: Sequence[Node], display: bool) -> Html:
        """A whole formula."""
        return element("math", self.row(nodes), display="block" if display else "")

    def row(self, nodes: Sequence[Node]) -> Html:
        """What stands side by side, without an element around it."""
        before: list[Atom] = []
        for place, node in enumerate(nodes):
            if isinstance(node, Macro) and node.name in ("displaystyle", "textstyle"):
                display = "true" if node.name == "displaystyle" else "false"
                rest = element("mstyle", self.row(nodes[place + 1 :]), displaystyle=display)
                return together(self._written(before, more=True), rest) if before else rest
            if ends_cell(node):
                raise Unreadable("an & or a \\\\ has no table or aligned display around it", node.at)
        before = self._atoms(nodes)
        return self._written(before)

    def grouped(self, group: Group | None) -> Html:
        """An argument as one element."""
        nodes = group.nodes if group else ()
        atoms = self._atoms(nodes) if not any(map(_is_style, nodes)) else []
        alone = len(atoms) == 1 and atoms[0].kind != "space"
        return as_element(atoms[0]) if alone else element("mrow", self.row(nodes))

    def table(self, nodes: Sequence[Node], class_: str = "", columns: str = "") -> Html:
        """A matrix, or lines that are aligned within a formula."""
        rows = [
            element("mtr", *(self._cell(cell, columns[i : i + 1]) for i, cell in enumerate(row)))
            for row in cells(nodes)
        ]
        return element("mtable", *rows, class_=class_)

    def _cell(self, nodes: Sequence[Node], column: str) -> Html:
        side = {"l": "left", "r": "right"}.get(column, "")
        return element("mtd", self.row(nodes), class_=side)

    def _atoms(self, nodes: Sequence[Node]) -> list[Atom]:
        atoms: list[Atom] = []
        place = 0
        while place < len(nodes):
            node = nodes[place]
            if _is_script(node):
                base = atoms.pop() if atoms and atoms[-1].kind != "space" else Atom(node.at, "ord", element("mrow"))
                scripted, place = self._scripted(base, nodes, place)
                atoms.append(scripted)
                continue
            place += 1
            if isinstance(node, Macro) and node.name in ("limits", "nolimits"):
                if atoms:
                    atoms[-1] = replace(atoms[-1], limits=node.name == "limits")
            else:
                atoms.extend(self._atom(node))
        return atoms

    def _scripted(self, base: Atom, nodes: Sequence[Node], place: int) -> tuple[Atom, int]:
        """A base with the scripts that stand behind it, and the place behind these."""
        scripts: dict[str, Html] = {}
        while place < len(nodes) and _is_script(nodes[place]):
            node = nodes[place]
            assert isinstance(node, Word)
            if node.text == "'":  # the sign of a font is raised by itself, so that it is no script
                base = replace(base, html=element("mrow", as_element(base), element("mo", "′")), sign="", limits=False)
                place += 1
                continue
            if node.text in scripts:
                raise Unreadable(f"two scripts {node.text} stand behind the same sign", node.at)
            if place + 1 >= len(nodes) or _is_script(nodes[place + 1]):
                raise Unreadable(f"nothing stands behind {node.text}", node.at)
            scripts[node.text] = self.grouped(_as_group(nodes[place + 1]))
            place += 2
        return (self._with_scripts(base, scripts) if scripts else base), place

    def _with_scripts(self, base: Atom, scripts: dict[str, Html]) -> Atom:
        names = ("munder", "mover", "munderover") if base.limits else ("msub", "msup", "msubsup")
        name = names[2] if len(scripts) == 2 else names[0] if "_" in scripts else names[1]
        pieces = [scripts[key] for key in ("_", "^") if key in scripts]
        written = as_element(base)
        if base.function and base.limits:
            written = element("mo", base.function, movablelimits="true", lspace="0", rspace="0")
        return replace(base, html=element(name, written, *pieces), sign="", limits=False)

    def _atom(self, node: Node) -> list[Atom]:
        match node:
            case Word():
                return [sign(node)]
            case Group():
                return [Atom(node.at, "ord", element("mrow", self.row(node.nodes)))]
            case Environment():
                return [self._environment(node)]
            case Macro():
                return self._macro(node)
            case Formula() | Paragraph():
                raise Unreadable("this cannot stand within a formula", node.at)

    def _environment(self, node: Environment) -> Atom:
        if node.name == "left":
            left, right = (bracket(one, node.at) for one in node.raw)
            return Atom(
                node.at,
                "inner",
                element("mrow", grown(left, "prefix"), self.row(node.nodes), grown(right, "postfix")),
            )
        if node.name == "array":
            columns = "".join(one for one in node.raw[0] if one in "lcr")
            return Atom(node.at, "ord", self.table(node.nodes, "array", columns))
        left, right = v.MATRICES[node.name]
        columns = {"cases": "ll", "aligned": "rl" * 9, "split": "rl" * 9}.get(node.name, "")
        table = self.table(node.nodes, node.name, columns)
        if not left:
            return Atom(node.at, "ord", table)
        return Atom(node.at, "inner", element("mrow", grown(left, "prefix"), table, grown(right, "postfix")))

    def _macro(self, node: Macro) -> list[Atom]:
        name = node.name
        if name in v.SPACES:
            return [Atom(node.at, "space", element("mspace", width=f"{v.SPACES[name]}em"))]
        if name in _SILENT:
            return []
        return [named(node) or self._made(node)]

    def _made(self, node: Macro) -> Atom:
        """A macro with arguments."""
        name, at, of = node.name, node.at, node.arguments
        if name in ("frac", "tfrac", "dfrac"):
            fraction = element("mfrac", self.grouped(of[0]), self.grouped(of[1]))
            style = {"tfrac": "false", "dfrac": "true"}.get(name, "")
            return Atom(at, "inner", element("mstyle", fraction, displaystyle=style) if style else fraction)
        if name == "binom":
            both = element("mfrac", self.grouped(of[0]), self.grouped(of[1]), linethickness="0")
            return Atom(at, "inner", element("mrow", grown("(", "prefix"), both, grown(")", "postfix")))
        if name == "sqrt":
            inner = self.row(of[1].nodes if of[1] else ())
            root = element("mroot", element("mrow", inner), self.grouped(of[0])) if of[0] else element("msqrt", inner)
            return Atom(at, "ord", root)
        if name in v.ACCENTS:
            over = element("mo", v.ACCENTS[name], stretchy="true" if name in v.STRETCHED else "false")
            return Atom(at, "ord", element("mover", self.grouped(of[0]), over, accent="true"))
        if name in v.BRACES:
            under = name.startswith("under")
            brace = element("mo", v.BRACES[name], stretchy="true")
            return Atom(
                at,
                "ord",
                element("munder" if under else "mover", self.grouped(of[0]), brace),
                limits=name != "underline",
            )
        if name in ("overset", "stackrel", "underset"):
            element_name = "munder" if name == "underset" else "mover"
            return Atom(at, "rel", element(element_name, self.grouped(of[1]), self.grouped(of[0])))
        if name in v.ALPHABETS:
            return self._of_alphabet(node)
        if name == "operatorname":
            words = name_in(of[0])
            return Atom(at, "op", element("mi", words), limits=node.star, function=words)
        if name in _TEXTS:
            return Atom(at, "ord", self._words(of[0].nodes if of[0] else ()))
        if name == "phantom":
            return Atom(at, "ord", element("mphantom", self.grouped(of[0])))
        if name in ("mathop", "mathbin", "mathrel", "mathord"):
            return Atom(at, name[4:], self.grouped(of[0]), limits=name == "mathop")
        if name in v.BIGNESS or name == "middle":
            return of_size(node)
        if name == "not":
            return Atom(at, "rel", element("mo", name_in(of[0]) + "\u0338"))
        raise Unreadable(f"the macro \\{name} cannot stand here", at)

    def _words(self, nodes: Sequence[Node]) -> Html:
        """Words within a formula; formulas within the words stand beside them."""
        pieces, words = [], list[Node]()
        for node in (*nodes, None):
            if node is None or isinstance(node, Formula):
                if words:
                    pieces.append(element("mtext", _kept_spaces(self.text(words))))
                words = []
            else:
                words.append(node)
            if isinstance(node, Formula):
                pieces.append(element("mrow", self.row(node.nodes)))
        return pieces[0] if len(pieces) == 1 else element("mrow", *pieces)

    def _of_alphabet(self, node: Macro) -> Atom:
        group = node.arguments[0]
        nodes = group.nodes if group else ()
        if not nodes or not all(isinstance(one, Word) and one.text.isalnum() for one in nodes):
            if all(isinstance(one, Macro) and one.name in v.LETTERLIKE | v.UPRIGHT_GREEK for one in nodes) and nodes:
                signs = "".join((v.LETTERLIKE | v.UPRIGHT_GREEK)[one.name] for one in nodes if isinstance(one, Macro))
                return Atom(node.at, "ord", identifier("".join(letter(node.name, one) for one in signs), upright=True))
            return Atom(node.at, "ord", element("mrow", self.row(nodes)))
        signs = "".join(one.text for one in nodes if isinstance(one, Word))
        written = "".join(letter(node.name, one) for one in signs)
        return Atom(node.at, "ord", element("mn", written) if signs.isdecimal() else identifier(written, upright=True))

    def _written(self, atoms: Sequence[Atom], more: bool = False) -> Html:
        """The atoms of a row as elements, each operator with the form that its neighbours give it."""
        pieces: list[Html] = []
        seen = [atom for atom in atoms if atom.kind != "space"]
        number = -1
        for place, atom in enumerate(atoms):
            number += atom.kind != "space"
            previous = seen[number - 1] if number > 0 and atom.kind != "space" else None
            following = seen[number + 1] if number + 1 < len(seen) else None
            if atom.function and previous and previous.kind in ("ord", "close", "inner"):
                pieces.append(space(THIN))
            pieces.append(operator(atom, previous, place in (0, len(atoms) - 1)) if atom.sign else atom.html)
            if atom.function and following and following.kind in ("ord", "open", "inner", "op"):
                pieces.append(APPLIED)
                spaced = place + 1 < len(atoms) and atoms[place + 1].kind == "space"
                if following.kind in ("ord", "op") and not spaced:
                    pieces.append(space(THIN))
        return Html("".join(pieces))


_SILENT = frozenset(("spaciousrows", "nonumber", "notag", "hline", "apart", "nobreak", "allowbreak"))
_TEXTS = frozenset(("text", "textrm", "textit", "textbf", "textsf", "mbox"))


def _is_script(node: Node) -> bool:
    return isinstance(node, Word) and node.text in ("^", "_", "'")


def _is_style(node: Node) -> bool:
    return isinstance(node, Macro) and node.name in ("displaystyle", "textstyle")


def _as_group(node: Node) -> Group:
    return node if isinstance(node, Group) else Group(node.at, (node,))


def _kept_spaces(words: Html) -> Html:
    """Words whose first and last space is seen, which MathML would take away."""
    start = "\u00a0" if words[:1].isspace() else ""
    end = "\u00a0" if words[-1:].isspace() and words.strip() else ""
    return Html(f"{start}{words.strip()}{end}")
