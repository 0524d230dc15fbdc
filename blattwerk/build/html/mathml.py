"""From the mathematics of a page to MathML Core, which browsers show and screen readers read.

The rules of spacing are TeX's where MathML's own differ: a sign that is not between two operands is a prefix, brackets
grow only between \\left and \\right, and a function has its thin space.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from blattwerk.build.html import vocabulary as v
from blattwerk.build.html.alphabets import letter
from blattwerk.build.html.markup import EMPTY, Html, element, together
from blattwerk.build.html.reading import Environment, Formula, Group, Macro, Node, Paragraph, Unreadable, Word

THIN = "0.1667"
APPLIED = Html("<mo>\u2061</mo>")  # between a function and what it is applied to: "log of x"
Text = Callable[[Sequence[Node]], Html]


@dataclass(frozen=True)
class Atom:
    """A piece of a formula.

    kind     its class in TeX's sense, or "space"
    sign     of an operator that is written when its neighbours are known
    options  the operator's attributes
    limits   whether scripts stand above and below where there is room
    function its name, if it is applied to what follows
    """

    at: int
    kind: str
    html: Html = EMPTY
    sign: str = ""
    options: tuple[tuple[str, str], ...] = ()
    limits: bool = False
    function: str = ""


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
            if _ends_cell(node):
                raise Unreadable("an & or a \\\\ has no table or aligned display around it", node.at)
        before = self._atoms(nodes)
        return self._written(before)

    def grouped(self, group: Group | None) -> Html:
        """An argument as one element."""
        nodes = group.nodes if group else ()
        atoms = self._atoms(nodes) if not any(map(_is_style, nodes)) else []
        alone = len(atoms) == 1 and atoms[0].kind != "space"
        return _base(atoms[0]) if alone else element("mrow", self.row(nodes))

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
                base = replace(base, html=element("mrow", _base(base), element("mo", "′")), sign="", limits=False)
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
        written = _base(base)
        if base.function and base.limits:
            written = element("mo", base.function, movablelimits="true", lspace="0", rspace="0")
        return replace(base, html=element(name, written, *pieces), sign="", limits=False)

    def _atom(self, node: Node) -> list[Atom]:
        match node:
            case Word():
                return [_sign(node)]
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
            left, right = (_bracket(sign, node.at) for sign in node.raw)
            return Atom(
                node.at,
                "inner",
                element("mrow", _grown(left, "prefix"), self.row(node.nodes), _grown(right, "postfix")),
            )
        if node.name == "array":
            columns = "".join(sign for sign in node.raw[0] if sign in "lcr")
            return Atom(node.at, "ord", self.table(node.nodes, "array", columns))
        left, right = v.MATRICES[node.name]
        columns = {"cases": "ll", "aligned": "rl" * 9, "split": "rl" * 9}.get(node.name, "")
        table = self.table(node.nodes, node.name, columns)
        if not left:
            return Atom(node.at, "ord", table)
        return Atom(node.at, "inner", element("mrow", _grown(left, "prefix"), table, _grown(right, "postfix")))

    def _macro(self, node: Macro) -> list[Atom]:
        name = node.name
        if name in v.SPACES:
            return [Atom(node.at, "space", element("mspace", width=f"{v.SPACES[name]}em"))]
        if name in _SILENT:
            return []
        return [_named(node) or self._made(node)]

    def _made(self, node: Macro) -> Atom:
        """A macro with arguments."""
        name, at, of = node.name, node.at, node.arguments
        if name in ("frac", "tfrac", "dfrac"):
            fraction = element("mfrac", self.grouped(of[0]), self.grouped(of[1]))
            style = {"tfrac": "false", "dfrac": "true"}.get(name, "")
            return Atom(at, "inner", element("mstyle", fraction, displaystyle=style) if style else fraction)
        if name == "binom":
            both = element("mfrac", self.grouped(of[0]), self.grouped(of[1]), linethickness="0")
            return Atom(at, "inner", element("mrow", _grown("(", "prefix"), both, _grown(")", "postfix")))
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
            words = _plain(of[0])
            return Atom(at, "op", element("mi", words), limits=node.star, function=words)
        if name in _TEXTS:
            return Atom(at, "ord", self._words(of[0].nodes if of[0] else ()))
        if name == "phantom":
            return Atom(at, "ord", element("mphantom", self.grouped(of[0])))
        if name in ("mathop", "mathbin", "mathrel", "mathord"):
            return Atom(at, name[4:], self.grouped(of[0]), limits=name == "mathop")
        if name in v.BIGNESS or name == "middle":
            return _of_size(node)
        if name == "not":
            return Atom(at, "rel", element("mo", _plain(of[0]) + "\u0338"))
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
                return Atom(
                    node.at, "ord", _identifier("".join(letter(node.name, sign) for sign in signs), upright=True)
                )
            return Atom(node.at, "ord", element("mrow", self.row(nodes)))
        signs = "".join(one.text for one in nodes if isinstance(one, Word))
        written = "".join(letter(node.name, sign) for sign in signs)
        return Atom(node.at, "ord", element("mn", written) if signs.isdecimal() else _identifier(written, upright=True))

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
                pieces.append(_space(THIN))
            pieces.append(_operator(atom, previous, place in (0, len(atoms) - 1)) if atom.sign else atom.html)
            if atom.function and following and following.kind in ("ord", "open", "inner", "op"):
                pieces.append(APPLIED)
                spaced = place + 1 < len(atoms) and atoms[place + 1].kind == "space"
                if following.kind in ("ord", "op") and not spaced:
                    pieces.append(_space(THIN))
        return Html("".join(pieces))


_SILENT = frozenset(("spaciousrows", "nonumber", "notag", "hline", "apart", "nobreak", "allowbreak"))
_TEXTS = frozenset(("text", "textrm", "textit", "textbf", "textsf", "mbox"))
_ORDINARY = {"/": "/", ".": ".", "!": "!", "?": "?", "|": "|", '"': '"', "@": "@", "`": "‘"}
_BINARY = {"+": "+", "-": "−", "*": "∗"}
_RELATIONS = {"=": "=", "<": "<", ">": ">", ":": ":"}
TIGHT = (("lspace", "0"), ("rspace", "0"))
RIGID = (("stretchy", "false"),)


def _sign(node: Word) -> Atom:
    """A letter, a number or a sign."""
    text, at = node.text, node.at
    if text[0].isdecimal():
        return Atom(at, "ord", element("mn", text.replace("{,}", ",").replace("\\,", "\u202f")))
    if text == "~":
        return Atom(at, "space", _space("0.25"))
    if text.isalpha():
        return Atom(at, "ord", _identifier(text))
    if text in _BINARY:
        return Atom(at, "bin", sign=_BINARY[text])
    if text in _RELATIONS:
        return Atom(at, "rel", sign=_RELATIONS[text])
    if text in ",;":
        return Atom(at, "punct", sign=text)
    if text in "([":
        return Atom(at, "open", sign=text, options=RIGID)
    if text in ")]":
        return Atom(at, "close", sign=text, options=RIGID)
    if text in _ORDINARY:
        return Atom(at, "ord", sign=_ORDINARY[text], options=(*TIGHT, *RIGID) if text == "|" else TIGHT)
    raise Unreadable(f"the sign {text!r} has no form in a formula", at)


def _named(node: Macro) -> Atom | None:
    """A macro that is a sign."""
    name, at = node.name, node.at
    if name in v.LETTERLIKE:
        return Atom(at, "ord", _identifier(v.LETTERLIKE[name]))
    if name in v.UPRIGHT:
        return Atom(at, "ord", _identifier(v.UPRIGHT[name], upright=True))
    if name in v.BINARY:
        return Atom(at, "bin", sign=v.BINARY[name])
    if name in v.RELATIONS:
        return Atom(at, "rel", sign=v.RELATIONS[name])
    if name in v.BIG:
        return Atom(at, "op", sign=v.BIG[name], limits=True)
    if name in v.INTEGRALS:
        return Atom(at, "op", sign=v.INTEGRALS[name])
    if name in v.FUNCTIONS:
        return Atom(at, "op", element("mi", name), function=name)
    if name in v.FUNCTIONS_WITH_LIMITS:
        return Atom(at, "op", element("mi", name), limits=True, function=name)
    if name in v.OPENING:
        return Atom(at, "open", sign=v.OPENING[name], options=RIGID)
    if name in v.CLOSING:
        return Atom(at, "close", sign=v.CLOSING[name], options=RIGID)
    if name in v.BARS:
        return Atom(at, "ord", sign=v.BARS[name], options=(*TIGHT, *RIGID))
    if name == "colon":
        return Atom(at, "punct", sign=":", options=(("lspace", "0"), ("rspace", "0.2778em")))
    return None


def _operator(atom: Atom, previous: Atom | None, at_end: bool) -> Html:
    """An operator: one that has no operand before it is a prefix, at whatever place of the row it stands."""
    options = dict(atom.options)
    if atom.kind == "bin" and (previous is None or previous.kind in ("bin", "op", "rel", "open", "punct")):
        options["form"] = "prefix"
    elif at_end and atom.kind in ("bin", "rel"):
        options["form"] = "infix"
    return element("mo", atom.sign, **options)


def _without_form(options: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [option for option in options if option[0] != "form"]


def _identifier(text: str, upright: bool = False) -> Html:
    """A name; one letter is set in italics unless it is upright."""
    return element(
        "mi", text, mathvariant="normal" if upright and len(text) == 1 and text.isascii() | (text in _SLANTED) else ""
    )


_SLANTED = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ∂∇∞")


def _space(width: str) -> Html:
    return element("mspace", width=f"{width}em")


def _bracket(sign: str, at: int) -> str:
    """The sign of a bracket, empty for the dot that stands for none."""
    if sign == ".":
        return ""
    named = {**v.OPENING, **v.CLOSING, **v.BARS}
    known = named.get(sign[1:]) if sign.startswith("\\") else sign if sign in "()[]|/<>" else None
    if known is None:
        raise Unreadable(f"{sign} is no bracket", at)
    return {"<": "⟨", ">": "⟩"}.get(known, known)


def _grown(sign: str, form: str) -> Html:
    """A bracket that is as high as what it encloses."""
    return element("mo", sign, form=form, stretchy="true", fence="true") if sign else EMPTY


def _of_size(node: Macro) -> Atom:
    """A bracket of a given size."""
    sign = _bracket(node.raw[0], node.at)
    if node.name == "middle":
        return Atom(node.at, "rel", element("mo", sign, stretchy="true", fence="true"))
    side = node.name[-1] if node.name[-1] in "lrm" else ""
    kind, form = {"l": ("open", "prefix"), "r": ("close", "postfix"), "m": ("rel", "infix")}.get(side, ("ord", ""))
    size = v.BIGNESS[node.name]
    return Atom(node.at, kind, element("mo", sign, form=form, stretchy="true", minsize=size, maxsize=size))


def cells(nodes: Sequence[Node]) -> list[list[list[Node]]]:
    """Rows of cells, which & and \\\\ part; an empty last row is none."""
    rows: list[list[list[Node]]] = [[[]]]
    for node in nodes:
        if isinstance(node, Macro) and node.name == "\\":
            rows.append([[]])
        elif _is_word(node, "&"):
            rows[-1].append([])
        else:
            rows[-1][-1].append(node)
    return rows[:-1] if rows[-1] == [[]] else rows


def _ends_cell(node: Node) -> bool:
    return _is_word(node, "&") or (isinstance(node, Macro) and node.name == "\\")


def _is_word(node: Node, text: str) -> bool:
    return isinstance(node, Word) and node.text == text


def _is_script(node: Node) -> bool:
    return isinstance(node, Word) and node.text in ("^", "_", "'")


def _is_style(node: Node) -> bool:
    return isinstance(node, Macro) and node.name in ("displaystyle", "textstyle")


def _as_group(node: Node) -> Group:
    return node if isinstance(node, Group) else Group(node.at, (node,))


def _base(atom: Atom) -> Html:
    """An atom as one element, of which a script can be."""
    return element("mo", atom.sign, **dict(_without_form(atom.options))) if atom.sign else atom.html


def _plain(group: Group | None) -> str:
    """The letters of an argument that is a name."""
    nodes = group.nodes if group else ()
    for node in nodes:
        if not isinstance(node, Word) and not (isinstance(node, Macro) and node.name in v.SPACES):
            raise Unreadable("the name of an operator is made of letters", node.at)
    return "".join(node.text if isinstance(node, Word) else "\u2009" for node in nodes)


def _kept_spaces(words: Html) -> Html:
    """Words whose first and last space is seen, which MathML would take away."""
    start = "\u00a0" if words[:1].isspace() else ""
    end = "\u00a0" if words[-1:].isspace() and words.strip() else ""
    return Html(f"{start}{words.strip()}{end}")
