"""The one edge to TeX: a source in, a PDF out.

A run has a folder of its own, which is its home too, behind the fence (`fence.py`); no shell escape, paranoid file
access (nothing outside the folder is read but TeX's own tree, nothing outside is written), a bare environment, and
limits on time, memory and file size. Nothing that a run writes is there for another: what lualatex's font loader keeps
is Lua, which a later run would execute.
"""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from blattwerk.build.files import work_folder
from blattwerk.build.job import Engine
from blattwerk.build.press.fence import fenced
from blattwerk.errors import TexFailure

SECONDS = 120
MEMORY = 4 << 30  # bytes of address space; lualatex maps its fonts
FILE_SIZE = 200 << 20  # bytes
AGAIN = "Rerun to get the number of pages"  # what blattwerk.sty says where pages are counted, in the first run
START = "start.lua"  # what lualatex runs first
LOADED = "texmf-var"  # where lualatex's font loader keeps fonts as Lua, in the run's own folder

# ulimit counts kilobytes of memory and blocks of 512 bytes; the shell is gone once TeX runs.
_LIMITED = 'ulimit -t "$1"; ulimit -v "$2"; ulimit -f "$3"; shift 3; exec "$@"'


@dataclass(frozen=True)
class Product:
    """What a run of TeX made: the file that was wanted, the log, and the files that were to be kept, by name."""

    content: bytes
    log: str
    kept: Mapping[str, bytes] = field(default_factory=dict)


def typeset(source: str, files: Mapping[str, bytes], engine: Engine = "pdflatex") -> Product:
    """The PDF of a whole source, beside which these files lie.

    Raises TexFailure with TeX's own message and the place in the source.
    """
    return compiled(source, files, engine, ("sheet.tex",), ".pdf")


def compiled(
    source: str,
    files: Mapping[str, bytes],
    engine: Engine,
    arguments: tuple[str, ...],
    suffix: str,
    keep: str = "",
) -> Product:
    """Run TeX with these arguments on sheet.tex; the file with this suffix is what is wanted.

    `keep` is a pattern of other files that are wanted.
    """
    program = shutil.which(engine)
    if program is None:
        raise TexFailure(f"{engine} is not installed; `doctor` says what to install")
    with work_folder() as folder:
        for file, content in {"sheet.tex": source.encode("utf-8"), **_settings(engine), **files}.items():
            _lay(folder / file, content)
        output = _run(program, arguments, folder)
        if AGAIN.encode() in (_made(folder / "sheet.log") or b""):
            output = _run(program, arguments, folder)
        log = (_made(folder / "sheet.log") or output.encode()).decode("utf-8", errors="replace")
        if failure := first_error(log):
            raise failure
        made = _made(folder / f"sheet{suffix}")
        if made is None:
            raise TexFailure(f"{engine} made no {suffix} file: {output[-500:]}", log)
        paths = sorted(folder.glob(keep)) if keep else ()
        return Product(made, log, {str(path.relative_to(folder)): _made(path) or b"" for path in paths})


def _lay(path: Path, content: bytes) -> None:
    """A file beside the source. Its date is always the same: lualatex keeps with a font's data how old the font was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1, 1))


def _made(path: Path) -> bytes | None:
    """A file that TeX made; None for what is no plain file of the folder's own, such as a link to somewhere else."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            about = os.fstat(file.fileno())
            return file.read() if stat.S_ISREG(about.st_mode) and about.st_nlink == 1 else None
    except OSError:
        return None


def _settings(engine: Engine) -> dict[str, bytes]:
    """What lualatex reads before the source.

    Its font loader finds fonts beside the source, so it is not to read all those of the machine first; and what it
    keeps in files for a while (the pictures in a font) lies in the run's own folder.
    """
    if engine == "pdflatex":
        return {}
    database = b"[db]\nmax-fonts = 1\nscan-local = false\n"
    temporary = b"local count = 0\nos.tmpname = function() count = count + 1 return 'temporary-' .. count end\n"
    return {"luaotfload.conf": database, START: temporary}


def overfull(log: str) -> tuple[str, ...]:
    """The lines that stick out of the margin, in the log's words."""
    return tuple(_OVERFULL.findall(log))


_OVERFULL = re.compile(r"^Overfull \\[hv]box \(.*$", re.MULTILINE)
_ERROR = re.compile(r"^! (.+(?:\n(?!l\.\d).*){0,12}?)\nl\.(\d+) (.*)((?:\n.*)?)", re.MULTILINE)
_ARGUMENT = "<argument> "
_MISSING = re.compile(r"^Missing character: (There is no (\S+) .+)$", re.MULTILINE)


def first_error(log: str) -> TexFailure | None:
    """TeX's first error with the line of the source where it happened; None if there is none.

    A missing character counts as an error: it would be dropped from the page.
    """
    if match := _ERROR.search(log):
        (what, *context), number, before, after = match.group(1).splitlines(), *match.groups()[1:]
        place = " ".join(f"l.{number} {before}{after}".split())
        argument = next((_read(line[len(_ARGUMENT) :]) for line in context if line.startswith(_ARGUMENT)), "")
        return TexFailure(
            f"{what} ({place[:200]})", log, what=what, line=int(number), before=_read(before), argument=argument
        )
    if match := re.search(r"^! (.+)$", log, re.MULTILINE):
        return TexFailure(match.group(1), log, what=match.group(1))
    if match := _MISSING.search(log):
        what = f"missing character: {match.group(1)}"
        return TexFailure(what, log, what=what, character=match.group(2))
    return None


def _read(shown: str) -> str:
    """What TeX shows of what it has read, without the dots and the half of a letter where it cuts what is long."""
    return shown.removeprefix("...").lstrip("\ufffd") if shown.startswith("...") else shown


def _run(program: str, arguments: tuple[str, ...], folder: Path) -> str:
    """Run TeX once and return what it printed; raises TexFailure if it takes too long."""
    limits = [str(SECONDS), str(MEMORY // 1024), str(FILE_SIZE // 512)]
    options = ["-no-shell-escape", "-interaction=batchmode", "-halt-on-error"]
    if program.endswith("lualatex"):
        options += ["--nosocket", f"--lua={START}"]
    command = ["/bin/sh", "-c", _LIMITED, "sh", *limits, program, *options, *arguments]
    with fenced(command, program, folder, _environment(folder, program)) as process:
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise TexFailure(f"TeX did not finish within {SECONDS} s and was stopped") from None
    return output.decode("utf-8", errors="replace")


def _environment(folder: Path, program: str) -> dict[str, str]:
    """Only what TeX needs; a date that does not change, so that equal sources are equal PDFs."""
    return {
        "PATH": f"{Path(program).parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "TEXMFHOME": str(folder),
        "TEXMFCONFIG": str(folder),
        "TEXMFVAR": str(folder / LOADED),
        "TEXMFCACHE": str(folder / LOADED),
        "LC_ALL": "C.UTF-8",
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "openin_any": "p",
        "openout_any": "p",
        "max_print_line": "10000",  # messages on one line, to be read by us
    }


@cache
def engine_version(engine: Engine) -> str:
    """The first line of `pdflatex --version`, or 'not found'."""
    program = shutil.which(engine)
    if program is None:
        return "not found"
    output = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return output.splitlines()[0] if output else "not found"
