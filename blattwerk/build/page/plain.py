"""TeX as plain text with Unicode for the mathematics, for the terminal."""

import re
from functools import cache
from itertools import accumulate
from typing import Any

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalker
from pylatexenc.latexwalker import get_default_latex_context_db as get_walker_db
from pylatexenc.macrospec import MacroSpec

from blattwerk.vocabulary.language import Lang


def plain(tex: str, lang: Lang) -> str:
    """TeX as text; displayed equations keep a line for each step."""
    text = _converter().latex_to_text(_prepared(tex, lang))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# What the converter does not know, in words that it does.
REPLACEMENTS = (
    (r"\\begin\{marking\}\{(.*?)\}", r"\n\n\1"),
    (r"\\end\{marking\}|\\spaciousrows|\\!|\\includegraphics\{[^}]*\}|\\displaystyle", ""),
    (r"\\item\[\\\((.*?)\\\)\]", r"\n[\1] "),
    (r"\\tag\*\{\\reason\{(.*)\}\}", r"\\quad [\1]"),
    (r"\\\\\*", r"\\\\"),
    (r"\\\|", "‖"),
    (r"\\ne(?![a-z])", r"\\neq"),
    (r"\{,\}", ","),
    (r"\\[dt]frac(?![a-z])", r"\\frac"),
    (r"\\colon(?![a-z])", ":"),
    (r"\\binom\{([^{}]*)\}\{([^{}]*)\}", r"(\1 choose \2)"),
    (r"([_^])\{((?:[^{}]|\{[^{}]*\})*\\frac(?:[^{}]|\{[^{}]*\})*)\}", r"\1{(\2)}"),  # 2^(3/2), not 2^3/2
    (r"([_^])\{(?!\\[a-z]+\}|\([^{}()]*\)\})([^{}]*[^\w{}][^{}]*)\}", r"\1{(\2)}"),  # h_(i-1), not h_i-1
    (r"(?<=[\w)}]) *\\(log|exp|det|frac)(?![a-z])", r"\\ \\\1"),
    (r"\\(log|exp|det)\\", r"\\\1 \\"),
    (r"\\,", " "),
    (r"(\\(?:log|det|exp)(?:_\{?\d\}?)?) *\\frac", r"\1\\bracketedfrac"),
)


QUOTED: dict[Lang, str] = {"en": r"“\1”", "de": r"„\1“"}


def _prepared(tex: str, lang: Lang) -> str:
    tex = _unboxed(tex)
    for pattern, replacement in ((r"\\enquote\{([^{}]*)\}", QUOTED[lang]), *REPLACEMENTS):
        tex = re.sub(pattern, replacement, tex)
    return tex


def _unboxed(tex: str) -> str:
    """Boxed results as paragraphs of their own, behind an arrow."""
    start = tex.find("\\result{")
    if start < 0:
        return tex
    opening = start + len("\\result")
    depths = accumulate({"{": 1, "}": -1}.get(character, 0) for character in tex[opening:])
    end = opening + next(i for i, depth in enumerate(depths) if depth == 0)
    inner = tex[opening + 1 : end]
    return f"{tex[:start]}\n\n=> {inner}\n\n{_unboxed(tex[end + 1 :])}"


@cache
def _converter() -> LatexNodes2Text:
    reading, writing = get_walker_db(), get_default_latex_context_db()
    reading.add_context_category("blattwerk", macros=[MacroSpec("bracketedfrac", "{{")], prepend=True)
    macros = [
        MacroTextSpec("frac", simplify_repl=_fraction),
        MacroTextSpec("det", simplify_repl="det "),
        MacroTextSpec("bracketedfrac", simplify_repl=lambda node, l2tobj: f"({_fraction(node, l2tobj)})"),
        MacroTextSpec("sqrt", simplify_repl=lambda node, l2tobj: f"√({l2tobj.nodelist_to_text([node.nodeargs[-1]])})"),
    ]
    writing.add_context_category("blattwerk", macros=macros, prepend=True)
    return _Converter(latex_context=writing, math_mode="text", walker_context=reading)


class _Converter(LatexNodes2Text):  # type: ignore[misc]  # the library has no types
    """The library's converter, with a reader that knows our macros."""

    def __init__(self, walker_context: Any, **options: Any) -> None:
        super().__init__(**options)
        self._walker_context = walker_context

    def latex_to_text(self, latex: str, **parse_flags: Any) -> str:
        nodes = LatexWalker(latex, latex_context=self._walker_context, **parse_flags).get_latex_nodes()[0]
        return str(self.nodelist_to_text(nodes))


def _fraction(node: Any, l2tobj: Any) -> str:
    """a/b, with brackets around what is more than one number or name."""
    over, under = (l2tobj.nodelist_to_text([argument]).strip() for argument in node.nodeargs)
    return "/".join(text if re.fullmatch(r"[\w.,‖]+|\([^()]*\)", text) else f"({text})" for text in (over, under))
