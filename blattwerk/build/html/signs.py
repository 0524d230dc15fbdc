"""The signs of formulas as pieces of MathML: letters, numbers, operators, brackets, each with its class."""

from collections.abc import Sequence
from dataclasses import dataclass

from blattwerk.build.html import vocabulary as v
from blattwerk.build.html.markup import EMPTY, Html, element
from blattwerk.build.html.nodes import Group, Macro, Unreadable, Word


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


_ORDINARY = {"/": "/", ".": ".", "!": "!", "?": "?", "|": "|", '"': '"', "@": "@", "`": "‘"}
_BINARY = {"+": "+", "-": "−", "*": "∗"}
_RELATIONS = {"=": "=", "<": "<", ">": ">", ":": ":"}
TIGHT = (("lspace", "0"), ("rspace", "0"))
RIGID = (("stretchy", "false"),)


def sign(node: Word) -> Atom:
    """A letter, a number or a sign."""
    text, at = node.text, node.at
    if text[0].isdecimal():
        return Atom(at, "ord", element("mn", text.replace("{,}", ",").replace("\\,", "\u202f")))
    if text == "~":
        return Atom(at, "space", space("0.25"))
    if text.isalpha():
        return Atom(at, "ord", identifier(text))
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


def named(node: Macro) -> Atom | None:
    """A macro that is a sign."""
    name, at = node.name, node.at
    if name in v.LETTERLIKE:
        return Atom(at, "ord", identifier(v.LETTERLIKE[name]))
    if name in v.UPRIGHT:
        return Atom(at, "ord", identifier(v.UPRIGHT[name], upright=True))
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


def operator(atom: Atom, previous: Atom | None, at_end: bool) -> Html:
    """An operator: one that has no operand before it is a prefix, at whatever place of the row it stands."""
    options = dict(atom.options)
    if atom.kind == "bin" and (previous is None or previous.kind in ("bin", "op", "rel", "open", "punct")):
        options["form"] = "prefix"
    elif at_end and atom.kind in ("bin", "rel"):
        options["form"] = "infix"
    return element("mo", atom.sign, **options)


def without_form(options: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """An operator's attributes without its form, which a script's base has not."""
    return [option for option in options if option[0] != "form"]


def identifier(text: str, upright: bool = False) -> Html:
    """A name; one letter is set in italics unless it is upright."""
    return element(
        "mi", text, mathvariant="normal" if upright and len(text) == 1 and text.isascii() | (text in _SLANTED) else ""
    )


_SLANTED = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ∂∇∞")


def space(width: str) -> Html:
    """Room of so many em."""
    return element("mspace", width=f"{width}em")


def bracket(sign: str, at: int) -> str:
    """The sign of a bracket, empty for the dot that stands for none."""
    if sign == ".":
        return ""
    named = {**v.OPENING, **v.CLOSING, **v.BARS}
    known = named.get(sign[1:]) if sign.startswith("\\") else sign if sign in "()[]|/<>" else None
    if known is None:
        raise Unreadable(f"{sign} is no bracket", at)
    return {"<": "⟨", ">": "⟩"}.get(known, known)


def grown(sign: str, form: str) -> Html:
    """A bracket that is as high as what it encloses."""
    return element("mo", sign, form=form, stretchy="true", fence="true") if sign else EMPTY


def of_size(node: Macro) -> Atom:
    """A bracket of a given size."""
    sign = bracket(node.raw[0], node.at)
    if node.name == "middle":
        return Atom(node.at, "rel", element("mo", sign, stretchy="true", fence="true"))
    side = node.name[-1] if node.name[-1] in "lrm" else ""
    kind, form = {"l": ("open", "prefix"), "r": ("close", "postfix"), "m": ("rel", "infix")}.get(side, ("ord", ""))
    size = v.BIGNESS[node.name]
    return Atom(node.at, kind, element("mo", sign, form=form, stretchy="true", minsize=size, maxsize=size))


def as_element(atom: Atom) -> Html:
    """An atom as one element, of which a script can be."""
    return element("mo", atom.sign, **dict(without_form(atom.options))) if atom.sign else atom.html


def name_in(group: Group | None) -> str:
    """The letters of an argument that is a name."""
    nodes = group.nodes if group else ()
    for node in nodes:
        if not isinstance(node, Word) and not (isinstance(node, Macro) and node.name in v.SPACES):
            raise Unreadable("the name of an operator is made of letters", node.at)
    return "".join(node.text if isinstance(node, Word) else "\u2009" for node in nodes)
