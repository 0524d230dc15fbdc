"""What a page says, found by ways that share nothing with the HTML room: pylatexenc reads the TeX, html5lib the HTML.

The normal form of a page is its signs in their order, without space: letters and digits as in plain text, operators,
brackets, and marks around scripts and the parts of fractions and roots. So a word or a sign that is lost, added or
moved makes a difference.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from pylatexenc import latexwalker, macrospec
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latex2text import get_default_latex_context_db as texts_of_macros

MATHML = "{http://www.w3.org/1998/Math/MathML}"
SVG = "{http://www.w3.org/2000/svg}"
XHTML = "{http://www.w3.org/1999/xhtml}"
UNSEEN = {"\u2061", "\u00ad", "\u2060"}  # function application, and places for hyphens and none
NAMES = (  # one argument each, of which only the argument is seen
    ("reason", "{"),
    ("operatorname", "*{"),
    ("result", "{"),
    ("points", "{"),
    ("hint", "{{"),
    ("demo", "{"),
    ("exercise", "{{{"),
    ("parthead", "{{{"),
    ("sheethead", "{{{"),
    ("sheetacross", "{"),
    ("enquote", "{"),
    ("tag", "*{"),
    ("textsf", "{"),
    ("mathbb", "{"),
    ("mathcal", "{"),
    ("text", "{"),
    ("binom", "{{"),
    ("tfrac", "{{"),
    ("dfrac", "{{"),
    ("color", "{"),
    ("href", "{{"),
    ("lowered", "{"),
    ("raised", "{"),
)
"""Our macros for a reader that does not know them, with the arguments that follow."""

# Around a script below and above, around the parts of a fraction, around a root.
LOWERED, RAISED, END, OVER, ROOT = "↓", "↑", "¦", "÷", "√"
_ARGUMENT = r"(?:\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}|\\[a-zA-Z]+(?:\{[^{}]*\})?|[^\\{}\s])"
_SCRIPT = re.compile(rf"(?<!\\)([_^])\s*({_ARGUMENT})")
_UPPER_FIRST = re.compile(
    r"(\\raised\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\})\s*(\\lowered\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\})"
)
_PRIME_LAST = re.compile(r"(\\lowered\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})('+)")


def _with_named_scripts(tex: str) -> str:
    """TeX whose scripts are macros, the lower one first and primes before it, as MathML has them."""

    def named(found: re.Match[str]) -> str:
        inner = found[2][1:-1] if found[2].startswith("{") else found[2]
        return f"\\{'lowered' if found[1] == '_' else 'raised'}{{{_with_named_scripts(inner)}}}"

    return _UPPER_FIRST.sub(r"\2\1", _PRIME_LAST.sub(r"\2\1", _SCRIPT.sub(named, tex)))


OWN_SIGNS = {  # where pylatexenc has no text, or one that is none
    "top": "⊤",
    "mid": "∣",
    "|": "‖",
    "ell": "ℓ",
    "varepsilon": "ε",
    "epsilon": "ϵ",
    "phi": "ϕ",
    "varphi": "φ",
    "cdot": "⋅",
    "cdots": "⋯",
    "dots": "…",
    "ldots": "…",
    "colon": ":",
    "odot": "⊙",
    "circ": "∘",
    "setminus": "∖",
    "infty": "∞",
    "bar": "¯",
    "hat": "^",
    "tilde": "~",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "{": "{",
    "}": "}",
    "%": "%",
    "nabla": "∇",
    "le": "≤",
    "ge": "≥",
    "ne": "≠",
    "sim": "∼",
    "mapsto": "↦",
    "prime": "′",
    "_": "_",
    "&": "&",
    "#": "#",
    "ss": "ß",
}
ACCENTS = ("bar", "hat", "tilde", "widehat", "overline", "vec", "dot")
NOTHING = frozenset(
    re.findall(
        r"\S+",
        "left right bigl bigr Bigl Bigr big Big displaystyle textstyle spaciousrows quad qquad , ; : ! beforeresult "
        "apart allowbreak limits nobreak raggedright par toprule midrule bottomrule noindent leavevmode bwother "
        "nonumber",
    )
) | {" ", "\n", "\\"}
QUOTES = {"en": ("“", "”"), "de": ("„", "“")}


def tex_signs(tex: str, lang: str) -> str:
    """The signs that a piece of TeX shows, in their order, without space: read by pylatexenc."""
    return "".join(_signs(_nodes(_with_named_scripts(tex)), lang))


def _nodes(tex: str) -> Any:
    reading = latexwalker.get_default_latex_context_db()
    macros = [macrospec.MacroSpec(name, arguments) for name, arguments in NAMES]
    environments = [
        macrospec.EnvironmentSpec(name, arguments)
        for name, arguments in (
            ("alignat*", "{"),
            ("marking", "{"),
            ("sheet", "{{{{"),
            ("tabular", "{"),
            ("array", "{"),
        )
    ]
    reading.add_context_category("ours", macros=macros, environments=environments, prepend=True)
    walker = latexwalker.LatexWalker(tex, latex_context=reading, tolerant_parsing=False)
    return walker.get_latex_nodes()[0]


def _signs(nodes: Any, lang: str) -> Iterator[str]:
    for node in nodes:
        if node is not None:
            yield from _of_node(node, lang)


def _of_node(node: Any, lang: str) -> Iterator[str]:
    if node.isNodeType(latexwalker.LatexCharsNode):
        yield normal(node.chars.replace("&", ""))
    elif node.isNodeType(latexwalker.LatexGroupNode) or node.isNodeType(latexwalker.LatexMathNode):
        yield from _signs(node.nodelist, lang)
    elif node.isNodeType(latexwalker.LatexEnvironmentNode):
        yield from _of_environment(node, lang)
    elif node.isNodeType(latexwalker.LatexSpecialsNode):
        yield normal(SPECIALS.get(node.specials_chars, ""))
    elif node.isNodeType(latexwalker.LatexMacroNode):
        yield from _of_macro(node, lang)
    else:
        raise AssertionError(f"{type(node).__name__} has no signs")


SPECIALS = {"~": "", "&": "", "--": "–", "---": "—", "``": "“", "''": "''", "\n\n": "", "#": "#"}
FENCES = {"pmatrix": "()", "bmatrix": "[]", "cases": "{"}


def _of_environment(node: Any, lang: str) -> Iterator[str]:
    fence = FENCES.get(node.environmentname, "")
    shown = node.nodeargd.argnlist if node.environmentname == "marking" and node.nodeargd else ()
    yield from _signs(shown, lang)
    yield fence[:1]
    yield from _signs(node.nodelist, lang)
    yield fence[1:]


def _of_macro(node: Any, lang: str) -> Iterator[str]:
    name, arguments = node.macroname, list(node.nodeargd.argnlist) if node.nodeargd and node.nodeargd.argnlist else []
    if name in ("includegraphics", "bwotherfont", "color", "begin", "end"):
        return
    if name == "href":
        yield from _signs(arguments[1:], lang)
    elif name == "item":
        yield from _signs(arguments, lang)
    elif name in ("tag", "operatorname"):
        yield from _signs(arguments[1:], lang)
    elif name == "points":
        yield from ("(", *_signs(arguments, lang), ")")
    elif name == "parthead":
        yield from (*_signs(arguments[:2], lang), "(", *_signs(arguments[2:], lang), ")")
    elif name == "enquote":
        before, behind = QUOTES[lang]
        yield from (normal(before), *_signs(arguments, lang), normal(behind))
    elif name in ("frac", "tfrac", "dfrac", "binom"):
        fraction = (*_signs(arguments[:1], lang), OVER, *_signs(arguments[1:], lang), END)
        yield from fraction if name != "binom" else ("(", *fraction, ")")
    elif name == "sqrt":
        yield from (ROOT, *_signs(arguments[-1:], lang), END)
    elif name in ("lowered", "raised"):
        yield from (LOWERED if name == "lowered" else RAISED, *_signs(arguments, lang), END)
    elif name in ACCENTS:
        yield from (*_signs(arguments, lang), normal(OWN_SIGNS.get(name, "")))
    elif name in NOTHING:
        return
    elif arguments:
        yield from _signs(arguments, lang)
    else:
        yield normal(OWN_SIGNS.get(name) or _text_of(name))


def _text_of(name: str) -> str:
    spec = texts_of_macros().get_macro_spec(name)
    text = getattr(spec, "simplify_repl", None)
    if isinstance(text, str) and text.strip():
        return text
    shown = LatexNodes2Text().latex_to_text(f"\\{name}").strip()
    return str(shown or name)


def normal(text: str) -> str:
    """Signs as plain ones: an alphabet's letters as letters, one kind of minus, no space."""
    plain = unicodedata.normalize("NFKC", text.replace("¯", "\ue100").replace("…", "\ue101").replace("′", "'"))
    plain = plain.replace("\ue100", "¯").replace("\ue101", "…").translate(_SAME)
    return "".join(sign for sign in plain if not sign.isspace() and sign not in UNSEEN)


_SAME = str.maketrans(
    {"−": "-", "∗": "*", "⋅": "·", "·": "·", "∣": "|", "’": "'", "‘": "'", "∼": "~", "˜": "~", "ˆ": "^"}
)


def parsed(page: str) -> Element:
    """A whole page by html5lib, strictly: any mistake of syntax is an error."""
    return html5lib.HTMLParser(strict=True).parse(page)


def html_signs(root: Element) -> str:
    """All that a page shows, in its order, without space; figures are told by their alternatives."""
    return "".join(_shown(root))


def _shown(element: Element) -> Iterator[str]:
    if element.tag in (f"{XHTML}head", f"{SVG}svg", f"{MATHML}mphantom"):
        return
    before, behind = _MARKS.get(element.tag.rpartition("}")[2], ("", ()))
    if element.get("accent"):
        behind = ()
    yield before
    yield normal(element.text or "")
    for number, child in enumerate(element):
        opened, closed = behind[number] if number < len(behind) else ("", "")
        yield opened
        yield from _shown(child)
        yield closed
        yield normal(child.tail or "")
    if element.tag == f"{MATHML}msqrt":
        yield END


# Of the elements of MathML with a fixed number of children: what stands before all, and around each child.
_NONE, _SUB, _SUP = ("", ""), (LOWERED, END), (RAISED, END)
_MARKS = {
    "mfrac": ("", (("", OVER), ("", END))),
    "msqrt": (ROOT, ()),
    "msub": ("", (_NONE, _SUB)),
    "munder": ("", (_NONE, _SUB)),
    "msup": ("", (_NONE, _SUP)),
    "mover": ("", (_NONE, _SUP)),
    "msubsup": ("", (_NONE, _SUB, _SUP)),
    "munderover": ("", (_NONE, _SUB, _SUP)),
}


def differing(one: str, other: str) -> str:
    """Where two texts begin to differ, with what is around it; empty where they agree."""
    place = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if one == other:
        return ""
    return f"TeX …{one[max(0, place - 30) : place + 30]}… HTML …{other[max(0, place - 30) : place + 30]}…"
