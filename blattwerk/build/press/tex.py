"""The one edge to TeX: a source in, a PDF out.

A run has a folder of its own, which is its home too; no shell escape, paranoid file access (nothing outside the folder
is read but TeX's own tree, nothing outside is written), a bare environment, and limits on time, memory and file size.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from blattwerk.build.files import user_cache
from blattwerk.build.job import Engine
from blattwerk.errors import TexFailure

SECONDS = 120
MEMORY = 4 << 30  # bytes of address space; lualatex maps its fonts
FILE_SIZE = 200 << 20  # bytes

# ulimit counts kilobytes of memory and blocks of 512 bytes; the shell is gone once TeX runs.
_LIMITED = 'ulimit -t "$1"; ulimit -v "$2"; ulimit -f "$3"; shift 3; exec "$@"'


@dataclass(frozen=True)
class Product:
    """What a run of TeX made: the file that was wanted, and the log."""

    content: bytes
    log: str


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
    formats: Path | None = None,
) -> Product:
    """Run TeX with these arguments on sheet.tex; the file with this suffix is what is wanted.

    `formats` is the folder of a format that the arguments name.
    """
    program = shutil.which(engine)
    if program is None:
        raise TexFailure(f"{engine} is not installed; `doctor` says what to install")
    with tempfile.TemporaryDirectory(prefix="blattwerk-") as name:
        folder = Path(name)
        (folder / "sheet.tex").write_text(source, encoding="utf-8")
        for file, content in files.items():
            (folder / file).write_bytes(content)
        output = _run(program, arguments, folder, formats)
        log_file, made = folder / "sheet.log", folder / f"sheet{suffix}"
        log = log_file.read_text(encoding="utf-8", errors="replace") if log_file.exists() else output
        if failure := first_error(log):
            raise failure
        if not made.exists():
            raise TexFailure(f"{engine} made no {suffix} file: {output[-500:]}", log)
        return Product(made.read_bytes(), log)


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


def _run(program: str, arguments: tuple[str, ...], folder: Path, formats: Path | None) -> str:
    """Run TeX once and return what it printed; raises TexFailure if it takes too long."""
    limits = [str(SECONDS), str(MEMORY // 1024), str(FILE_SIZE // 512)]
    options = ["-no-shell-escape", "-interaction=batchmode", "-halt-on-error"]
    if program.endswith("lualatex"):
        options.append("--nosocket")
    command = ["/bin/sh", "-c", _LIMITED, "sh", *limits, program, *options, *arguments]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder, program) | ({"TEXFORMATS": f"{formats}:"} if formats else {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise TexFailure(f"TeX did not finish within {SECONDS} s and was stopped") from None
    finally:
        if process.poll() is None:  # too slow, or we were interrupted: TeX goes with us
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    return output.decode("utf-8", errors="replace")


def _environment(folder: Path, program: str) -> dict[str, str]:
    """Only what TeX needs; a date that does not change, so that equal sources are equal PDFs."""
    return {
        "PATH": f"{Path(program).parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "TEXMFHOME": str(folder),
        "TEXMFVAR": str(_cache_folder()),
        "LC_ALL": "C.UTF-8",
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "openin_any": "p",
        "openout_any": "p",
        "max_print_line": "10000",  # messages on one line, to be read by us
    }


def _cache_folder() -> Path:
    """Where lualatex keeps the fonts that it has read, between runs."""
    folder = user_cache() / "blattwerk" / "texmf-var"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def engine_version(engine: Engine) -> str:
    """The first line of `pdflatex --version`, or 'not found'."""
    program = shutil.which(engine)
    if program is None:
        return "not found"
    output = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return output.splitlines()[0] if output else "not found"
