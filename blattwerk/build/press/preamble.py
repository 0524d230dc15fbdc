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
    ("multicol", ()),
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
    "\\setsansfont{cmunss.ttf}[Path=./, BoldFont=cmunsx.ttf, ItalicFont=cmunsi.ttf]\n"
    # Its fonts take straight quotation marks and accents for curved ones; these are meant as they are.
    "\\newcommand{\\straight}[1]{{\\addfontfeatures{RawFeature=-tlig}\\char#1\\relax}}\n"
    '\\DeclareTextCommand{\\textquotedbl}{TU}{\\straight{"22}}\n'
    '\\DeclareTextCommand{\\textasciigrave}{TU}{\\straight{"60}}'
)
# A second line behind the fence of the operating system (`fence.py`), and all there is where there is no other. The
# font loader refuses to run under --safer, so the ways out are taken away once it is loaded: no program runs, no
# library is loaded, nothing gives back what was taken away, and files are opened or removed in the folder only. What
# the loader needs while the document is set goes on: it loads the bytecode of what it has just read as text.
# (No per cent sign, hash, tilde or backslash: TeX reads this.)
LUA_FENCE = """\\AtBeginDocument{\\directlua{
local own = (os.getenv('TEXMFVAR') or '/nowhere') .. '/'
local function inside(name)
  if not (type(name) == 'string') or name:find('..', 1, true) or name:find('|', 1, true) then return false end
  return not (name:sub(1, 1) == '/') or name:sub(1, string.len(own)) == own
end
local function guard(where, key, names)
  local was = where and where[key]
  if not was then return end
  where[key] = function(...)
    for i = 1, names or 1 do if not inside((select(i, ...))) then return nil, 'fenced' end end
    return was(...)
  end
end
local function only(where, keys)
  for key, value in pairs(where) do
    if type(value) == 'function' and not (' ' .. keys .. ' '):find(' ' .. key .. ' ', 1, true) then where[key] = nil end
  end
end
only(io, 'open close flush read write type loaddata savedata exists size readall')
only(os, 'clock date difftime exit getenv gettimeofday remove rename selfdir time times type uname')
only(lfs, 'attributes currentdir isdir isfile isreadablefile iswritablefile isfound mkdir mkdirp mkdirs')
for _, key in ipairs { 'open', 'loaddata', 'savedata', 'exists', 'size' } do guard(io, key) end
for _, key in ipairs { 'mkdir', 'mkdirp', 'mkdirs' } do guard(lfs, key) end
guard(os, 'remove') guard(os, 'rename', 2)
guard(table, 'tofile') guard(_G, 'loadfile')
guard(caches, 'savedata') guard(caches, 'compile', 0)
only(debug, 'traceback')
local dump, ours = string.dump, {}
local function text(was)
  return function(chunk, ...)
    if not (type(chunk) == 'string') or (chunk:byte(1) == 27 and not ours[chunk]) then return nil, 'fenced' end
    local made, message = was(chunk, ...)
    if made then ours[dump(made, true)] = true end
    return made, message
  end
end
load, loadstring, dofile, string.dump = text(load), text(loadstring), nil, nil
package.loadlib, package.searchers, package.preload, package.path, package.cpath = nil, {}, {}, '', ''
for _, key in ipairs { 'zip', 'gzip', 'epdf', 'pdfe', 'pdfscanner', 'fontloader', 'mplib', 'socket', 'mime', 'ffi',
    'luaharfbuzz', 'luaharfbuzzsubset', 'lpdfe' } do
  _G[key], package.loaded[key] = nil, nil
end
for key in pairs(package.loaded) do
  if type(key) == 'string' and (key:find('^socket') or key:find('^mime')) then package.loaded[key] = nil end
end
for _, key in ipairs { 'set_program_name', 'new', 'default_texmfcnf', 'lookup' } do kpse[key] = nil end
local add = luatexbase.add_to_callback
luatexbase.add_to_callback = function(name, ...)
  if type(name) == 'string' and not name:find('file', 1, true) then return add(name, ...) end
end
callback.register = nil
}}"""


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
