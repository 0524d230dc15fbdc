"""What installs what `doctor` found missing: commands for this system, run here where nobody needs to be asked."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from blattwerk.build.libraries import command_for

WINDOWS = (
    "on Windows, Blattwerk runs inside WSL (`wsl --install`, then everything as on Ubuntu) or in the container "
    "that the Containerfile describes"
)
FULL_TEX = "install a full TeX Live (texlive-scheme-full, texlive-full or the like) with this system's package manager"


@dataclass(frozen=True)
class Remedy:
    """What is to be done: a line to read or to copy, and the programs that it starts where we may start them."""

    line: str
    programs: tuple[tuple[str, ...], ...] = ()


def remedies(libraries: Iterable[str], packages: Iterable[str]) -> tuple[Remedy, ...]:
    """What installs these Python libraries, and these packages, which have Debian's names.

    Libraries go where Blattwerk itself is installed, so that nobody needs to be asked. TeX belongs to the system.
    """
    names, wanted = tuple(dict.fromkeys(libraries)), tuple(sorted(set(packages)))
    if sys.platform == "win32":
        return (Remedy(WINDOWS),)
    found = []
    if names:
        line = command_for(*names)
        found.append(Remedy(line, (tuple(shlex.split(line)),)))
    if wanted:
        found.append(_tex(wanted))
    return tuple(found)


def _tex(packages: tuple[str, ...]) -> Remedy:
    if sys.platform == "darwin":
        brew = "brew install --cask mactex-no-gui"
        return Remedy(brew if shutil.which("brew") else f"install MacTeX from tug.org/mactex, or Homebrew and: {brew}")
    if shutil.which("apt-get") is None:
        return Remedy(FULL_TEX)
    update = ("apt-get", "update")
    install = ("apt-get", "install", "--yes", "--no-install-recommends", *packages)
    if os.geteuid() == 0:
        return Remedy(f"{shlex.join(update)} && {shlex.join(install)}", (update, install))
    return Remedy(f"sudo {shlex.join(update)} && sudo {shlex.join(install)}")


def run(remedy: Remedy) -> bool:
    """Start the programs of a remedy, one after the other; whether all went well. Their output is the terminal's."""
    for words in remedy.programs:
        try:
            if subprocess.run(words, check=False).returncode:
                return False
        except OSError as error:  # a program that is not there
            print(f"{words[0]} could not be started: {error}", file=sys.stderr)
            return False
    return bool(remedy.programs)
