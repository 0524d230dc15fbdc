"""What is installed, what is missing, and the command that installs it."""

import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from itertools import starmap

from blattwerk.build.libraries import MISSING, TORCH, command_for, libraries
from blattwerk.build.page.font_files import find_file
from blattwerk.build.press.fence import standing
from blattwerk.errors import FenceFailure

PROGRAMS = {"pdflatex": "texlive-latex-base", "lualatex": "texlive-luatex", "kpsewhich": "texlive-binaries"}

INSIDE = (
    ("matplotlib", "matplotlib.ft2font", "__freetype_version__", "FreeType"),
    ("pikepdf", "pikepdf", "__libqpdf_version__", "qpdf"),
)


@dataclass(frozen=True)
class Finding:
    """One thing that a build needs: what was found, or what to do where nothing was."""

    what: str
    found: str
    remedy: str = ""
    needed: bool = True
    """Whether nothing can be built without it."""
    library: str = ""
    """The Python library that is missing."""
    package: str = ""
    """The Debian package that brings what is missing."""

    @property
    def good(self) -> bool:
        return not self.remedy


def examine() -> tuple[Finding, ...]:
    """Python, its packages, the TeX engines, the fence around them, their files and fonts."""
    known = starmap(_library, ((name, version) for name, version in libraries().items() if name != TORCH))
    return (_python(), *known, _torch(), *_inside(), *map(_program, PROGRAMS), _fence(), *_tex_files())


def _python() -> Finding:
    good = sys.version_info >= (3, 11)
    return Finding("Python", platform.python_version(), "" if good else "install Python 3.11 or newer")


def _library(name: str, version: str) -> Finding:
    if version != MISSING:
        return Finding(name, version)
    return Finding(name, MISSING, command_for(name), library=name)


def _torch() -> Finding:
    """The extra without which some oracles are left out, and which all demos need."""
    version = libraries(TORCH)[TORCH]
    return Finding(TORCH, version, command_for(TORCH) if version == MISSING else "", needed=False)


def _inside() -> Iterator[Finding]:
    """The libraries in other languages that ours bring along, or take from the system, and that set pages."""
    for library, module, attribute, what in INSIDE:
        with suppress(ImportError):  # then `library` is missing, which is said already
            yield Finding(f"{what} (in {library})", getattr(import_module(module), attribute))


def _program(name: str) -> Finding:
    path = shutil.which(name)
    return Finding(name, path) if path else _not_there(name, PROGRAMS[name])


def _fence() -> Finding:
    """What keeps TeX from the files of this machine."""
    try:
        fence = standing()
    except FenceFailure as error:
        return Finding("fence around TeX", MISSING, str(error))
    return Finding("fence around TeX", fence.words, fence.remedy)


def _tex_files() -> tuple[Finding, ...]:
    listing = (files("blattwerk") / "build" / "press" / "tex-files.txt").read_text(encoding="utf-8")
    needed = [line.split() for line in listing.splitlines() if line and not line.startswith("#")]
    return tuple(
        Finding(name, str(path)) if (path := find_file(name)) else _not_there(name, package) for name, package in needed
    )


def _not_there(name: str, package: str) -> Finding:
    remedy = f"apt-get install --no-install-recommends {package} (on Debian; any full TeX Live has it)"
    return Finding(name, MISSING, remedy, package=package)
