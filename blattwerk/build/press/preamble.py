"""The preamble: the same for every sheet in every language, so that it can be loaded once for many."""

from functools import cache
from importlib.resources import files
from typing import Literal

from pylatex import Command, Package

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
    ("hyperref", ("hidelinks", "bookmarks=false", "pageanchor=false")),
)

FONTS: dict[Engine, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "pdflatex": (("fontenc", ("T1",)), ("textcomp", ()), ("lmodern", ())),
    "lualatex": (("fontspec", ()),),
}

# Computer Modern Unicode has Greek, Cyrillic and Vietnamese letters that look like Latin Modern. The files lie beside
# the source.
LUA_FONTS = (
    "\\setmainfont{cmunrm.ttf}[Path=./, BoldFont=cmunbx.ttf, ItalicFont=cmunti.ttf, BoldItalicFont=cmunbi.ttf]\n"
    "\\setsansfont{cmunss.ttf}[Path=./, BoldFont=cmunsx.ttf, ItalicFont=cmunsi.ttf]"
)
# The font loader refuses to run under --safer, so the ways out are taken away once it is loaded: no program runs, and
# files are opened or removed in the folder itself and in the loader's own cache only.
LUA_FENCE = (
    "\\AtBeginDocument{\\directlua{"
    "local cache=(os.getenv('TEXMFVAR') or '/nowhere')..'/' "
    "local function inside(name) return not name:find('..',1,true) "
    "and (not (name:sub(1,1)=='/') or name:sub(1,string.len(cache))==cache) end "
    "local open,remove,rename=io.open,os.remove,os.rename "
    "io.open=function(name,mode) if inside(name) then return open(name,mode) end return nil,'fenced' end "
    "os.remove=function(name) if inside(name) then return remove(name) end return nil,'fenced' end "
    "os.rename=function(a,b) if inside(a) and inside(b) then return rename(a,b) end return nil,'fenced' end "
    "os.execute=nil os.exec=nil os.spawn=nil os.setenv=nil "
    "io.popen=nil io.output=nil io.lines=nil io.input=nil "
    "package.loadlib=nil dofile=nil loadfile=nil debug=nil}}"
)


@cache
def preamble(engine: Engine) -> str:
    """Everything before \\begin{document}; the engines differ in their fonts only."""
    lines = [Command("documentclass", "article", ["11pt", "a4paper", "fleqn"]).dumps()]
    lines += [Package(name, options=list(options) or None).dumps() for name, options in FONTS[engine]]
    if engine == "lualatex":
        lines += [LUA_FONTS, LUA_FENCE]
    lines += [Package(name, options=list(options) or None).dumps() for name, options in PACKAGES]
    return "\n".join(lines) + "\n" + _style()


def _style() -> str:
    """blattwerk.sty, written into the source, so that a source needs no file of ours beside it."""
    text = (files("blattwerk") / "templates" / "sheet" / "blattwerk.sty").read_text(encoding="utf-8")
    body = text[text.index("\\definecolor") : text.index("\\endinput")]
    return f"\\makeatletter\n{body.rstrip()}\n\\makeatother\n"
