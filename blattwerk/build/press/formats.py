"""The preamble as a TeX format: loaded once for ever instead of once a run.

It is kept as it will lie in memory: TeX writes it compressed, and reads it either way, but unpacking it takes half of
the time in which TeX starts.

A format is kept in the user's cache under a name made of the preamble and the version of TeX; an old one is never used
for a new preamble.
"""

import gzip
import zlib
from hashlib import sha256
from pathlib import Path

from blattwerk.build.files import user_cache, write_whole
from blattwerk.build.press.preamble import preamble
from blattwerk.build.press.tex import Product, compiled, engine_version
from blattwerk.errors import TexFailure


def cache_folder() -> Path:
    """Where formats are kept: $XDG_CACHE_HOME/blattwerk, or ~/.cache/blattwerk."""
    return user_cache() / "blattwerk" / "formats"


def format_file() -> Path:
    """The format of today's preamble; made if it is not there yet.

    Raises TexFailure if TeX cannot make it.
    """
    key = sha256(f"{engine_version('pdflatex')}\n{preamble('pdflatex')}".encode()).hexdigest()[:16]
    path = cache_folder() / f"blattwerk-{key}.fmt"
    if not path.exists():
        made = compiled(preamble("pdflatex") + "\\dump\n", {}, "pdflatex", ("-ini", "&pdflatex", "sheet.tex"), ".fmt")
        write_whole(path, _unpacked(made))
    return path


def _unpacked(made: Product) -> bytes:
    """A format as it is in memory."""
    if not made.content.startswith(b"\x1f\x8b"):
        return made.content
    try:
        return gzip.decompress(made.content)
    except (EOFError, OSError, zlib.error) as error:
        raise TexFailure("TeX's format was not written whole; perhaps the disk is full", made.log) from error
