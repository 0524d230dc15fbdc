"""The preamble: the same for every sheet in every language, so that it can be loaded once for many."""

from functools import cache
from typing import Literal

from pylatex import Command, NoEscape, Package

Engine = Literal["pdflatex", "lualatex"]

PACKAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("babel", ("english", "ngerman")),
    ("csquotes", ("autostyle=true",)),
    ("mathtools", ()),
    ("amssymb", ()),
    ("geometry", ("a4paper", "left=25mm", "right=25mm", "top=22mm", "bottom=24mm")),
    ("xcolor", ()),
    ("graphicx", ()),
    ("booktabs", ()),
    ("enumitem", ()),
    ("needspace", ()),
    ("tikz", ()),
    ("hyperref", ("hidelinks", "bookmarks=false", "pdfusetitle=false")),
    ("blattwerk", ()),
)

FONTS: dict[Engine, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "pdflatex": (("fontenc", ("T1",)), ("textcomp", ()), ("lmodern", ())),
    "lualatex": (("fontspec", ()),),
}

# Computer Modern Unicode has Greek, Cyrillic and Vietnamese letters that look like Latin Modern. The files lie beside
# the source. Once they are loaded, Lua needs no more files: the fence takes its ways out of the folder away.
LUA_FONTS = (
    "\\setmainfont{cmunrm.ttf}[Path=./, BoldFont=cmunbx.ttf, ItalicFont=cmunti.ttf, BoldItalicFont=cmunbi.ttf]\n"
    "\\setsansfont{cmunss.ttf}[Path=./, BoldFont=cmunsx.ttf, ItalicFont=cmunsi.ttf]\n"
)


@cache
def preamble(engine: Engine) -> str:
    """Everything before \\begin{document}; the engines differ in their fonts only."""
    lines = [Command("documentclass", "article", ["11pt", "a4paper", "fleqn"]).dumps()]
    lines += [Package(name, options=list(options) or None).dumps() for name, options in FONTS[engine]]
    if engine == "lualatex":
        lines.append(NoEscape(LUA_FONTS))
    lines += [Package(name, options=list(options) or None).dumps() for name, options in PACKAGES]
    return "\n".join(lines) + "\n"
