r"""The TeX that has a form in HTML: macros with their arguments, environments, and the signs of mathematics.

A signature names what follows a macro, a letter each: `m` TeX, `t` TeX that is text even within a formula, `o` TeX in
brackets that may be missing, `r` a name, `w` a word, `d` a bracket or other sign, `*` a star that may be missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Signature = str
Class = Literal["ord", "op", "bin", "rel", "open", "close", "punct"]


@dataclass(frozen=True)
class Known:
    """An environment: its arguments, what it contains, and where it may stand."""

    signature: Signature
    mode: Literal["text", "math"]
    within: tuple[Literal["text", "math"], ...]


_DISPLAYS = ("align", "gather", "equation", "multline")
DISPLAYS = frozenset(name + star for name in _DISPLAYS for star in ("", "*"))
MATRICES: Mapping[str, tuple[str, str]] = {
    "matrix": ("", ""),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "smallmatrix": ("", ""),
    "cases": ("{", ""),
    "aligned": ("", ""),
    "gathered": ("", ""),
    "split": ("", ""),
}
ENVIRONMENTS: Mapping[str, Known] = {
    **{name: Known("", "math", ("text",)) for name in DISPLAYS},
    "alignat": Known("r", "math", ("text",)),
    "alignat*": Known("r", "math", ("text",)),
    **{name: Known("", "math", ("math",)) for name in MATRICES},
    "array": Known("r", "math", ("math",)),
    **{name: Known("", "text", ("text",)) for name in ("center", "itemize", "enumerate", "description", "quote")},
    "tabular": Known("r", "text", ("text",)),
    "pointstable": Known("r", "text", ("text",)),
    "owntex": Known("", "text", ("text",)),
    "marking": Known("m", "text", ("text",)),
    "parts": Known("", "text", ("text",)),
    "sheet": Known("rmmr", "text", ("text",)),
    "sheetfacts": Known("", "text", ("text",)),
}

# Macros of text that print a sign, and what it is.
LETTERS: Mapping[str, str] = {
    "%": "%",
    "&": "&",
    "#": "#",
    "_": "_",
    "$": "$",
    "{": "{",
    "}": "}",
    " ": " ",
    "\n": " ",
    ",": "\u202f",
    "-": "\u00ad",
    "/": "",
    "quad": "\u2003",
    "qquad": "\u2003\u2003",
    "dots": "…",
    "ldots": "…",
    "ss": "ß",
    "S": "§",
    "euro": "€",
    "copyright": "©",
    "textbackslash": "\\",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textasciigrave": "`",
    "textquotedbl": '"',
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textendash": "–",
    "textemdash": "—",
    "glqq": "„",
    "grqq": "“",
}
# Macros of text that say how words look, and the element for it. Whatever else looks otherwise is a matter of paper.
STYLES: Mapping[str, str] = {
    "emph": "em",
    "textit": "em",
    "textbf": "strong",
    "texttt": "code",
    "textsf": "span",
    "textrm": "span",
    "textup": "span",
    "mbox": "span",
    "textsc": "span",
    "underline": "u",
}
# Macros that say how something lies on paper: in HTML the style sheet does.
PAPER: Mapping[str, Signature] = {
    "answerblank": "r",
    "answerbox": "r",
    "answerlines": "r",
    "answersquares": "r",
    "apart": "",
    "allowbreak": "",
    "beforeresult": "",
    "tablebeforeresult": "",
    "bigskip": "",
    "bottomrule": "",
    "bwother": "",
    "bwotherfont": "rr",
    "centering": "",
    "cmidrule": "r",
    "color": "r",
    "examfield": "r",
    "examlastpage": "r",
    "hfill": "",
    "clearpage": "",
    "columnsbegin": "",
    "columnsend": "",
    "hline": "",
    "leavevmode": "",
    "medskip": "",
    "newpage": "",
    "newsheetpage": "",
    "nobreak": "",
    "noindent": "",
    "raggedright": "",
    "reachedrow": "",
    "relax": "",
    "smallskip": "",
    "sheetaccent": "r",
    "sheetcolumns": "",
    "sheetpageof": "rr",
    "sheetpaper": "rrrrrr",
    "spaciousrows": "",
    "toprule": "",
}
TEXT: Mapping[str, Signature] = {
    **dict.fromkeys(LETTERS, ""),
    **dict.fromkeys(STYLES, "m"),
    **PAPER,
    "\\": "",
    "newline": "",
    "par": "",
    "midrule": "",
    "enquote": "m",
    "item": "o",
    "href": "rm",
    "url": "r",
    "includegraphics": "or",
    "multicolumn": "rrm",
    "result": "m",
    "points": "m",
    "hint": "mm",
    "demo": "m",
    "exercise": "mmm",
    "parthead": "mmm",
    "sheethead": "mmm",
    "sheetacross": "m",
    "sheetfooter": "m",
    "sheetlogo": "r",
    "letterhead": "r",
    "owntext": "m",
    "pointscell": "m",
    "textdir": "w",
    "reason": "m",
}

_GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ϵ",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "vartheta": "ϑ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "varpi": "ϖ",
    "rho": "ρ",
    "varrho": "ϱ",
    "sigma": "σ",
    "varsigma": "ς",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "ϕ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
}
UPRIGHT_GREEK = {
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
LETTERLIKE = {**_GREEK, "ell": "ℓ", "imath": "ı", "jmath": "ȷ", "hbar": "ℏ"}
UPRIGHT = {
    **UPRIGHT_GREEK,
    "infty": "∞",
    "emptyset": "∅",
    "varnothing": "∅",
    "partial": "∂",
    "nabla": "∇",
    "top": "⊤",
    "bot": "⊥",
    "forall": "∀",
    "exists": "∃",
    "nexists": "∄",
    "neg": "¬",
    "lnot": "¬",
    "prime": "′",
    "dagger": "†",
    "star": "⋆",
    "aleph": "ℵ",
    "Re": "ℜ",
    "Im": "ℑ",
    "angle": "∠",
    "dots": "…",
    "ldots": "…",
    "cdots": "⋯",
    "vdots": "⋮",
    "ddots": "⋱",
    "%": "%",
    "&": "&",
    "#": "#",
    "_": "_",
    "$": "$",
    "square": "□",
    "blacksquare": "■",
    "checkmark": "✓",
    "bullet": "∙",
}
BINARY = {
    "cdot": "⋅",
    "times": "×",
    "div": "÷",
    "pm": "±",
    "mp": "∓",
    "circ": "∘",
    "odot": "⊙",
    "oplus": "⊕",
    "otimes": "⊗",
    "ominus": "⊖",
    "ast": "∗",
    "cap": "∩",
    "cup": "∪",
    "wedge": "∧",
    "land": "∧",
    "vee": "∨",
    "lor": "∨",
    "setminus": "∖",
}
RELATIONS = {
    "le": "≤",
    "leq": "≤",
    "leqslant": "⩽",
    "ge": "≥",
    "geq": "≥",
    "geqslant": "⩾",
    "ne": "≠",
    "neq": "≠",
    "ll": "≪",
    "gg": "≫",
    "lt": "<",
    "gt": ">",
    "approx": "≈",
    "sim": "∼",
    "simeq": "≃",
    "cong": "≅",
    "equiv": "≡",
    "propto": "∝",
    "in": "∈",
    "ni": "∋",
    "notin": "∉",
    "subset": "⊂",
    "subseteq": "⊆",
    "supset": "⊃",
    "supseteq": "⊇",
    "mid": "∣",
    "nmid": "∤",
    "parallel": "∥",
    "perp": "⟂",
    "to": "→",
    "rightarrow": "→",
    "leftarrow": "←",
    "gets": "←",
    "leftrightarrow": "↔",
    "longrightarrow": "⟶",
    "Rightarrow": "⇒",
    "Leftarrow": "⇐",
    "Leftrightarrow": "⇔",
    "implies": "⟹",
    "impliedby": "⟸",
    "iff": "⟺",
    "mapsto": "↦",
    "succ": "≻",
    "prec": "≺",
    "vdash": "⊢",
    "models": "⊨",
}
BIG = {
    "sum": "∑",
    "prod": "∏",
    "coprod": "∐",
    "bigcup": "⋃",
    "bigcap": "⋂",
    "bigoplus": "⨁",
    "bigotimes": "⨂",
    "bigvee": "⋁",
    "bigwedge": "⋀",
}
INTEGRALS = {"int": "∫", "iint": "∬", "iiint": "∭", "oint": "∮"}
FUNCTIONS = frozenset(
    (
        *("log", "ln", "lg", "exp", "sin", "cos", "tan", "cot", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan"),
        *("dim", "ker", "deg", "arg", "hom"),
    )
)
FUNCTIONS_WITH_LIMITS = frozenset(("max", "min", "sup", "inf", "lim", "limsup", "liminf", "det", "gcd", "Pr"))
OPENING = {"{": "{", "lbrace": "{", "lfloor": "⌊", "lceil": "⌈", "langle": "⟨", "lbrack": "[", "lvert": "|"}
OPENING |= {"lVert": "‖"}
CLOSING = {"}": "}", "rbrace": "}", "rfloor": "⌋", "rceil": "⌉", "rangle": "⟩", "rbrack": "]", "rvert": "|"}
CLOSING |= {"rVert": "‖"}
BARS = {"|": "‖", "Vert": "‖", "vert": "|"}
SPACES = {  # in em
    ",": "0.1667",
    ":": "0.2222",
    ">": "0.2222",
    ";": "0.2778",
    "!": "-0.1667",
    " ": "0.25",
    "\n": "0.25",
    "quad": "1",
    "qquad": "2",
    "enspace": "0.5",
    "thinspace": "0.1667",
}
ACCENTS = {
    "hat": "^",
    "widehat": "^",
    "bar": "¯",
    "overline": "‾",
    "tilde": "~",
    "widetilde": "~",
    "vec": "→",
    "dot": "˙",
    "ddot": "¨",
    "check": "ˇ",
    "breve": "˘",
    "mathring": "˚",
}
STRETCHED = frozenset(("widehat", "widetilde", "overline"))
BRACES = {"overbrace": "⏞", "underbrace": "⏟", "underline": "_"}
ALPHABETS = ("mathrm", "mathbf", "mathbb", "mathcal", "mathit", "mathsf", "mathtt", "mathfrak", "boldsymbol", "bm")
BIGNESS = {
    stem + side: size
    for stem, size in {"big": "1.2em", "Big": "1.8em", "bigg": "2.4em", "Bigg": "3em"}.items()
    for side in ("l", "r", "m", "")
}
MATH: Mapping[str, Signature] = {
    **dict.fromkeys(
        (
            *(*LETTERLIKE, *UPRIGHT, *BINARY, *RELATIONS, *BIG, *INTEGRALS, *FUNCTIONS, *FUNCTIONS_WITH_LIMITS),
            *(*OPENING, *CLOSING, *BARS, *SPACES, "colon", "displaystyle", "textstyle", "limits", "nolimits", "\\"),
            *("spaciousrows", "nonumber", "notag", "hline", "apart", "nobreak", "allowbreak"),
        ),
        "",
    ),
    **dict.fromkeys((*ACCENTS, *BRACES, *ALPHABETS, "mathop", "mathbin", "mathrel", "mathord"), "m"),
    **dict.fromkeys(("frac", "tfrac", "dfrac", "binom", "overset", "underset", "stackrel"), "mm"),
    **dict.fromkeys(("text", "textrm", "textit", "textbf", "textsf", "mbox"), "t"),
    **dict.fromkeys((*BIGNESS, "middle"), "d"),
    "sqrt": "om",
    "operatorname": "*m",
    "tag": "*t",
    "phantom": "m",
    "not": "m",
}
