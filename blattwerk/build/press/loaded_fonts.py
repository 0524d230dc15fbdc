"""Fonts as lualatex's font loader keeps them, made once for ever instead of once a run.

The loader turns a font into Lua, which takes seconds, and keeps that for the next run, which executes it. So no run
that sets what people typed may write where another reads. This is made in a run of its own, from fonts of this machine
and nothing else; every other run gets a copy beside its source, which goes when it ends.

It is kept in the user's cache under a name made of the fonts and the version of TeX, with its digest; what is damaged
is made anew, and where nothing can be kept it is made by each process.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256

from blattwerk.build import cached
from blattwerk.build.press.tex import LOADED, compiled, engine_version
from blattwerk.errors import TexFailure


def loaded(fonts: Mapping[str, bytes], common: Iterable[str]) -> dict[str, bytes]:
    """The files that go beside a source with these fonts, so that lualatex need not load them itself.

    Those of the `common` names are kept together, every other font alone.
    """
    together = {name: fonts[name] for name in common if name in fonts}
    sets = [together, *({name: content} for name, content in fonts.items() if name not in together)]
    return {name: content for one in sets if one for name, content in _kept(tuple(sorted(one.items()))).items()}


@lru_cache(maxsize=8)
def _kept(fonts: tuple[tuple[str, bytes], ...]) -> Mapping[str, bytes]:
    """From the cache, or made and put there; nothing where TeX does not get on with these fonts."""
    parts = (engine_version("lualatex"), *(f"{name} {sha256(content).hexdigest()}" for name, content in fonts))
    folder, name = (
        cached.room("texmf-var").folder,
        f"loaded-{sha256(chr(10).join(parts).encode()).hexdigest()[:16]}.checked",
    )
    if folder and (found := cached.read(folder / name)) is not None:
        return _unpacked(found)
    try:
        made = _made(dict(fonts))
    except TexFailure:
        return {}  # the run that needs them will say why
    if folder:
        cached.keep(folder / name, _packed(made))
    return made


def _made(fonts: Mapping[str, bytes]) -> Mapping[str, bytes]:
    lines = [f'{{\\font\\other="[./{name}]" at 10pt \\other}}' for name in fonts]
    body = "\n".join(("\\documentclass{article}\\usepackage{fontspec}\\begin{document}x \\textbf{x}", *lines))
    source = body + "\\end{document}\n"
    return compiled(source, fonts, "lualatex", ("sheet.tex",), ".pdf", keep=f"{LOADED}/**/*.luc*").kept


def _packed(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def _unpacked(content: bytes) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
