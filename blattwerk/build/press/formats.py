"""The preamble as a TeX format: loaded once for ever instead of once a run.

It is kept as it will lie in memory: TeX writes it compressed, and reads it either way, but unpacking it takes half of
the time in which TeX starts.

A format is kept in the user's cache under a name made of the preamble and the version of TeX, with its digest; an old
one is never used for a new preamble, and one that is damaged is made anew. It is read once by each process, and every
run gets a copy beside its source: so it does not matter what becomes of the cache meanwhile, or whether there is one.
"""

import gzip
import zlib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from blattwerk.build import cached
from blattwerk.build.press.preamble import preamble
from blattwerk.build.press.tex import Product, compiled, engine_version
from blattwerk.errors import TexFailure

BESIDE = "blattwerk.fmt"


def set_with_format(source: str, files: Mapping[str, bytes]) -> Product:
    """The PDF that pdflatex makes of a source without its preamble, beside which these files lie.

    Raises TexFailure with TeX's own message and the place in the source.
    """
    beside = {BESIDE: loaded_preamble(), **files}
    return compiled(source, beside, "pdflatex", (f"-fmt={BESIDE.removesuffix('.fmt')}", "sheet.tex"), ".pdf")


def loaded_preamble() -> bytes:
    """The format of today's preamble; made if it is not there yet, or not whole.

    Raises TexFailure if TeX cannot make it.
    """
    key = sha256(f"{engine_version('pdflatex')}\n{preamble('pdflatex')}".encode()).hexdigest()[:16]
    # Not .fmt: an earlier version kept its formats so, without a digest, and could not load one of ours.
    return _format(cached.room("formats").folder, f"blattwerk-{key}.checked")


@lru_cache(maxsize=1)
def _format(folder: Path | None, name: str) -> bytes:
    if folder and (found := cached.read(folder / name)) is not None:
        return found
    made = compiled(preamble("pdflatex") + "\\dump\n", {}, "pdflatex", ("-ini", "&pdflatex", "sheet.tex"), ".fmt")
    content = _unpacked(made)
    if folder:
        cached.keep(folder / name, content)
    return content


def _unpacked(made: Product) -> bytes:
    """A format as it is in memory."""
    if not made.content.startswith(b"\x1f\x8b"):
        return made.content
    try:
        return gzip.decompress(made.content)
    except (EOFError, OSError, zlib.error) as error:
        raise TexFailure("TeX's format was not written whole; perhaps the disk is full", made.log) from error
