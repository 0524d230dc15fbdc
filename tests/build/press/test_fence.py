"""The fence around TeX: real attacks, on each of its lines alone."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from blattwerk.build import doctor
from blattwerk.build.page.typefaces import FONT_FILES, font_file
from blattwerk.build.press import fence, tex
from blattwerk.build.press.fence import Fence, standing
from blattwerk.build.press.loaded_fonts import loaded
from blattwerk.build.press.preamble import LUA_FENCE, preamble
from blattwerk.build.press.tex import Product, typeset
from blattwerk.errors import FenceFailure, TexFailure

TOKEN = "4711-the-course-secret"
LUA_ONLY = Fence("lua", "by Lua only")
needs_landlock = pytest.mark.skipif(standing().kind != "landlock", reason="this machine offers no Landlock")

# Each is the body of a function that returns what it has read; HERE is a folder with secret.txt, victim.txt and nothing
# else. One that writes makes or takes away a file there.
READING = {
    "io.open": "return io.open('HERE/secret.txt'):read('a')",
    "io.open, upwards": "return io.open(('../'):rep(20) .. 'HERE/secret.txt'):read('a')",
    "io.lines": "for line in io.lines('HERE/secret.txt') do return line end",
    "io.input": "io.input('HERE/secret.txt') return io.read('a')",
    "io.loaddata": "return io.loaddata('HERE/secret.txt')",
    "io.readall": "return io.readall(io.open('HERE/secret.txt'))",
    "dofile": "local ok, message = pcall(dofile, 'HERE/secret.txt') return message",
    "loadfile": "local _, message = loadfile('HERE/secret.txt') return message",
    "symbolic link": "lfs.link('HERE/secret.txt', 'soft', true) return io.open('soft'):read('a')",
    "hard link": "lfs.link('HERE/secret.txt', 'hard') return io.open('hard'):read('a')",
    "chdir": "local old = lfs.currentdir() lfs.chdir('HERE') local f = io.open('secret.txt') "
    "local all = f and f:read('a') lfs.chdir(old) return all",
    "rename in": "os.rename('HERE/victim.txt', 'moved') return io.open('moved'):read('a')",
    "upvalues": "for i = 1, 20 do local _, f = debug.getupvalue(io.open, i) "
    "if type(f) == 'function' then local h = f('HERE/secret.txt') if io.type(h) then return h:read('a') end end end",
    "upvalues by require": "local d = require('debug') for i = 1, 20 do local _, f = d.getupvalue(io.open, i) "
    "if type(f) == 'function' then local h = f('HERE/secret.txt') if io.type(h) then return h:read('a') end end end",
    "registry": "return debug.getregistry()._LOADED.io.open('HERE/secret.txt'):read('a')",
    "second io": "return package.loaded.io.open('HERE/secret.txt'):read('a')",
    "upvalues of the loader": "for i = 1, 60 do local _, f = debug.getupvalue(io.loaddata, i) "
    "if type(f) == 'function' then local h = f('HERE/secret.txt') if io.type(h) then return h:read('a') end end end",
    "gzip": "return gzip.open('HERE/secret.txt'):read('*a')",
    "zip": "return zip.open('HERE/secret.txt')",
    "listing": "for name in lfs.dir('HERE') do if name == 'secret.txt' then return 'TOKEN' end end",
    "popen": "return io.popen('cat HERE/secret.txt'):read('a')",
    "kpse pipe": "return io.open('|cat HERE/secret.txt'):read('a')",
}
WRITING = {
    "write": "local f = io.open('HERE/made', 'w') f:write('x') f:close()",
    "append": "local f = io.open('HERE/victim.txt', 'a') f:write('x') f:close()",
    "savedata": "io.savedata('HERE/made', 'x')",
    "tofile": "table.tofile('HERE/made', {}, true)",
    "caches": "caches.savedata('HERE', 'made', {})",
    "mkdir": "lfs.mkdir('HERE/made')",
    "rename out": "local f = io.open('mine', 'w') f:close() os.rename('mine', 'HERE/made')",
    "link out": "lfs.link('sheet.tex', 'HERE/made', true)",
    "remove": "os.remove('HERE/victim.txt')",
    "execute": "os.execute('touch HERE/made')",
    "spawn": "os.spawn('touch HERE/made')",
    "gzip out": "gzip.open('HERE/made', 'w'):close()",
    "output": "io.output('HERE/made') io.write('x') io.close()",
    "exec": "os.exec('touch HERE/made')",
}

# Lua says where TeX's own files lie: it opens whatever it is told.
ASKED = {
    "callback": "luatexbase.add_to_callback('find_read_file', function(_, name) "
    "return name:find('found') and 'HERE/secret.txt' or name end, 'x')"
}
FOUND = "\\openin15=found \\ifeof15 \\else\\read15 to\\found\\message{\\found}\\fi"

TRY = """
local function try(name, attack)
  local _, got = pcall(attack)
  got = type(got) == 'string' and got:find('TOKEN', 1, true) and 'LEAK' or 'nothing'
  texio.write_nl('log', 'attack ' .. name .. ': ' .. got)
end
"""


@cache
def fonts() -> Mapping[str, bytes]:
    """What lualatex needs beside a source."""
    found = {name: path.read_bytes() for name in FONT_FILES if (path := font_file(name))}
    return found | loaded(found, FONT_FILES)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder outside TeX's, with a secret."""
    (tmp_path / "secret.txt").write_text(f"{TOKEN}\n")
    (tmp_path / "victim.txt").write_text(f"{TOKEN} too\n")
    return tmp_path


def state(here: Path) -> dict[str, bytes]:
    """All that is there."""
    return {path.name: path.read_bytes() if path.is_file() else b"" for path in here.iterdir()}


def attacked(here: Path, attacks: Mapping[str, str], start: str) -> Product:
    """A run of lualatex in which all these attacks are tried one after the other."""
    tries = "\n".join(f"try([[{name}]], function() {body} end)" for name, body in attacks.items())
    program = (TRY + tries).replace("HERE", str(here)).replace("TOKEN", TOKEN)
    run = "\\begin{document}x\\directlua{load(io.open('attack.lua'):read('a'))()}" + FOUND + "\\end{document}\n"
    return typeset(start + run, {**fonts(), "attack.lua": program.encode()}, "lualatex")


def leaks(made: Product) -> set[str]:
    """The names of the attacks that have read the secret."""
    return set(re.findall(r"^attack (.*): LEAK$", made.log, re.MULTILINE))


UNFENCED = "\\documentclass{article}"


@pytest.fixture
def by_lua_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose operating system has no fence."""
    monkeypatch.setattr(fence, "standing", lambda: LUA_ONLY)


@pytest.mark.usefixtures("by_lua_only")
def test_the_attacks_are_real(here: Path) -> None:
    """With no fence at all most of them work: what the next tests find does not come from attacks that never do."""
    assert len(leaks(attacked(here, READING, UNFENCED))) >= 14
    assert set(state(here)) == {"secret.txt"}  # the victim was moved
    made = attacked(here, {"write": WRITING["write"], **ASKED}, UNFENCED)
    assert TOKEN in made.log
    assert set(state(here)) == {"secret.txt", "made"}


@needs_landlock
def test_lua_gets_nowhere_by_the_system_alone(here: Path) -> None:
    """No attack reads or writes, though nothing is taken from Lua."""
    before = state(here)
    made = attacked(here, READING | WRITING, UNFENCED)
    assert not leaks(made)
    assert made.log.count("\nattack ") == len(READING | WRITING)
    with pytest.raises(TexFailure, match="Permission denied") as failure:
        attacked(here, ASKED, UNFENCED)
    assert TOKEN not in failure.value.log
    assert state(here) == before


@pytest.mark.usefixtures("by_lua_only")
def test_lua_gets_nowhere_by_the_preamble_alone(here: Path) -> None:
    """No attack reads or writes where the operating system has no fence."""
    before = state(here)
    made = attacked(here, READING | WRITING | ASKED, preamble("lualatex"))
    assert not leaks(made) and TOKEN not in made.log
    assert made.log.count("\nattack ") == len(READING | WRITING | ASKED)
    assert state(here) == before


TEX_ATTACKS = (
    "\\input{HERE/secret.txt}",
    '\\input|"cat HERE/secret.txt"',
    "\\newread\\f\\openin\\f=HERE/secret.txt \\ifeof\\f\\else\\read\\f to\\x\\message{\\x}\\fi",
    "\\message{\\pdffiledump offset 0 length 30{HERE/secret.txt}}",
    "\\message{\\pdfmdfivesum file{HERE/secret.txt}}",
    "\\immediate\\pdfobj stream file{HERE/secret.txt}\\pdfrefobj\\pdflastobj",
    "\\pdfximage{HERE/secret.pdf}\\pdfrefximage\\pdflastximage",
    "\\includegraphics{HERE/secret.pdf}",
    "\\pdfmapfile{HERE/secret.txt}\\pdfmapline{+x <HERE/secret.txt}",
    "\\newwrite\\f\\immediate\\openout\\f=HERE/made.tex \\immediate\\write\\f{x}\\immediate\\closeout\\f",
    "\\immediate\\write18{touch HERE/made}",
)


def tried(body: str, here: Path) -> bytes:
    """All that is left of a run of pdflatex: the PDF's text and its streams, and the log."""
    source = f"\\documentclass{{article}}\\usepackage{{graphicx}}\\begin{{document}}x {body}\\end{{document}}\n"
    try:
        made = typeset("\\pdfcompresslevel0\\pdfobjcompresslevel0" + source.replace("HERE", str(here)), {})
    except TexFailure as failure:
        return f"{failure}{failure.log}".encode()
    return made.content + made.log.encode()


@needs_landlock
@pytest.mark.parametrize("attack", TEX_ATTACKS)
def test_pdflatex_gets_nowhere_by_the_system_alone(attack: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither read nor written nor run, though TeX's own rules allow everything."""
    (here / "secret.pdf").write_bytes(typeset("\\documentclass{article}\\begin{document}s\\end{document}", {}).content)
    before, own = state(here), tex._environment
    monkeypatch.setattr(tex, "_environment", lambda *a: own(*a) | {"openin_any": "a", "openout_any": "a"})
    digest = subprocess.run(["md5sum", here / "secret.txt"], capture_output=True, text=True, check=True).stdout[:32]
    left = tried(attack, here)
    assert TOKEN.encode() not in left and digest.upper().encode() not in left
    assert b"/Subtype /Form" not in left or b"secret.pdf" not in left
    assert state(here) == before


@needs_landlock
def test_a_run_reads_no_other_runs_folder_and_no_home(here: Path) -> None:
    """Not the home, not the cache, not the temporary folder, not this package."""
    places = (Path.home(), Path(tex.__file__), Path("/etc/passwd"), Path("/proc/self/environ"), here.parent)
    names = {str(place): f"local f = io.open('{place}') return f and f:read(1) and 'TOKEN'" for place in places}
    lists = {f"list {place}": f"for _ in lfs.dir('{place}') do return 'TOKEN' end" for place in places}
    assert not leaks(attacked(here, names | lists, UNFENCED))


@needs_landlock
def test_a_run_leaves_nothing_for_the_next(here: Path) -> None:
    """The font loader executes what it has kept; what a run writes there is gone with its folder."""
    poison = "local own = kpse.expand_var('$TEXMFVAR') .. '/luatex-cache/generic/fonts/otl/' " + (
        "for _, name in ipairs { 'cmunrm.luc', 'cmunrm.lua' } do "
        "local f = io.open(own .. name, 'w') f:write([[texio.write_nl('log', 'attack poison: LEAK')]]) f:close() end"
    )
    attacked(here, {"poison": poison}, preamble("lualatex"))
    assert not leaks(attacked(here, {}, preamble("lualatex")))


@pytest.mark.parametrize("made", ["sheet.pdf", "sheet.log"])
def test_what_tex_made_is_no_link(made: str, tmp_path: Path) -> None:
    """A link in place of the PDF or the log is not followed by us, who may read everything."""
    outside = tmp_path / "outside"
    outside.write_text(TOKEN)
    (tmp_path / made).symlink_to(outside)
    assert tex._made(tmp_path / made) is None
    (tmp_path / made).unlink()
    (tmp_path / made).hardlink_to(outside)
    assert tex._made(tmp_path / made) is None


@needs_landlock
def test_a_fence_that_cannot_be_put_up_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not run without, and says what is wrong."""
    from landlockpy import LandlockError, Ruleset

    def refused(*_: object, **__: object) -> None:
        raise LandlockError(1, "Operation not permitted")

    monkeypatch.setattr(Ruleset, "restrict", refused)
    with pytest.raises(
        FenceFailure, match=r"could not be put up with Landlock: Operation not permitted; TeX is not run"
    ):
        typeset("\\documentclass{article}\\begin{document}x\\end{document}", {})
    assert not [thread for thread in threading.enumerate() if thread.name == "fenced"]


@needs_landlock
def test_we_stay_free_ourselves(tmp_path: Path) -> None:
    """The thread that gives up its rights takes nobody with it, and programs started later are free."""
    typeset("\\documentclass{article}\\begin{document}x\\end{document}", {})
    (tmp_path / "file").write_text("x")
    assert subprocess.run(["/bin/cat", tmp_path / "file"], capture_output=True, check=True).stdout == b"x"


def test_doctor_says_which_fence_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name; what is weak says what would make it stronger."""
    assert standing().kind in {finding.found.split(" ")[0].lower() for finding in doctor.examine()} | {"lua"}
    monkeypatch.setattr(doctor, "standing", lambda: Fence("lua", "by Lua only", "install bubblewrap"))
    found = next(finding for finding in doctor.examine() if finding.what == "fence around TeX")
    assert not found.good and found.remedy == "install bubblewrap"


@pytest.mark.parametrize(
    ("platform", "version", "bubblewrap", "kind"),
    [
        ("linux", 7, False, "landlock"),
        ("linux", 0, True, "bubblewrap"),
        ("linux", 0, False, "lua"),
        ("darwin", 0, False, "lua"),
    ],
)
def test_the_best_fence_is_taken(
    platform: str, version: int, bubblewrap: bool, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Landlock, else bubblewrap if it works, else none but Lua; only where something can be done is it asked for."""
    if sys.platform != "linux" and platform == "linux":
        pytest.skip("landlockpy is there on Linux only")
    monkeypatch.setattr(fence.sys, "platform", platform)
    if sys.platform == "linux":
        monkeypatch.setattr("landlockpy.abi_version", lambda: version)
    monkeypatch.setattr(fence.shutil, "which", lambda name: "/usr/bin/bwrap" if bubblewrap else None)
    monkeypatch.setattr(fence, "_bubblewrap_works", lambda _: bubblewrap)
    found = standing.__wrapped__()
    assert found.kind == kind
    assert bool(found.remedy) == (kind == "lua" and platform == "linux")


@pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed here")
def test_bubblewrap_alone(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no Landlock; TeX runs, and sees nothing."""
    monkeypatch.setattr(fence, "standing", lambda: Fence("bubblewrap", ""))
    before = state(here)
    assert not leaks(attacked(here, READING | WRITING, UNFENCED))
    assert state(here) == before


def test_the_lua_of_the_fence_is_read_by_tex_as_it_stands() -> None:
    """No sign that means something to TeX."""
    inner = LUA_FENCE.removeprefix("\\AtBeginDocument{\\directlua{")
    assert not set(inner) & set("%#~\\")
