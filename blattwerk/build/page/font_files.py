"""The edge to the fonts of this machine: where TeX's search path and fontconfig find a file."""

import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path


@cache
def find_file(name: str) -> Path | None:
    """The path of a file in TeX's search path, or None."""
    program = shutil.which("kpsewhich")
    if program is None:
        return None
    found = subprocess.run([program, name], capture_output=True, text=True, check=False).stdout.strip()
    return Path(found) if found else None


def fonts_with(letters: Iterable[str]) -> tuple[Path, ...]:
    """The files of upright, regular fonts with all these characters, by name; none where fontconfig is missing."""
    program = shutil.which("fc-list")
    if program is None:
        return ()
    charset = " ".join(f"{ord(letter):x}" for letter in sorted(letters))
    pattern = f":charset={charset}:weight=80:slant=0:width=100"
    found = subprocess.run([program, pattern, "file"], capture_output=True, text=True, check=False).stdout
    return tuple(sorted(Path(line.rstrip(": ")) for line in found.splitlines()))
