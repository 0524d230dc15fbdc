"""Which engine can set a text: pdflatex for Western and Central European letters, lualatex for what else has a glyph.

pdflatex is the fast one. A sheet with a Greek, Cyrillic or Vietnamese name goes to lualatex, with Computer Modern
Unicode, whose letters look like those of Latin Modern. What that font lacks is an error: nothing is dropped in silence.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from blattwerk.build.job import Engine
from blattwerk.build.order.printable import EMOJI_STYLE, JOINERS
from blattwerk.build.page import font_files
from blattwerk.errors import UnsettableText

FONT_FILES = ("cmunrm.ttf", "cmunbx.ttf", "cmunti.ttf", "cmunbi.ttf", "cmunss.ttf", "cmunsx.ttf", "cmunsi.ttf")

# The letters of the Cork encoding (T1), each a glyph of its own. Others (ĩ, ș) would be put together from a letter and
# an accent, which looks right but cannot be searched or copied; they go to lualatex, as does Đ, which T1 takes for Ð.
PDFLATEX = frozenset(
    "".join(map(chr, range(0x20, 0x7F)))
    + "\u00a0¡¿§«»°·×€…–—‘’‚“”„•"
    + "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    + "ĂĄĆČĎĚĘĞĹĽŁŃŇŊŐŒŔŘŚŠŞŤŢŰŮŸŹŽŻİăąćčďěęğĺľłńňŋőœŕřśšşťţűůźžżđı"
)


def engine_for(texts: Mapping[str, str]) -> Engine:
    """The engine that can set all these texts, which are named by their field.

    Raises UnsettableText, with field and character, where neither can.
    """
    foreign = {field: _outside(text, PDFLATEX) for field, text in texts.items()}
    if not any(foreign.values()):
        return "pdflatex"
    for field, characters in foreign.items():
        for character in characters:
            if character not in _lualatex():
                raise UnsettableText(
                    f"the {field} holds '{character}' (U+{ord(character):04X}, "
                    f"{unicodedata.name(character, 'without a name')}), for which no installed font has a glyph"
                )
    return "lualatex"


SHAPED = frozenset(("Arabic", "Hebrew", "Devanagari", "Bengali", "Tamil", "Thai"))  # fontspec's names of them


@dataclass(frozen=True)
class Face:
    """A font for a name in another script, its direction, and the script's name where letters change their shape."""

    file: Path
    right_to_left: bool
    script: str = ""


def face_for(name: str) -> Face | None:
    """A font of this machine for a name that Computer Modern Unicode cannot set; None where it can.

    Raises UnsettableText where no installed font has all its characters.
    """
    letters = frozenset(unicodedata.normalize("NFC", name)) - {" ", "\u00a0", EMOJI_STYLE} - JOINERS
    if letters <= PDFLATEX or letters <= _lualatex():
        return None
    file = _font_with(letters)
    if file is None:
        raise UnsettableText(f"no installed font has all the characters of the name '{name}'")
    scripts = {unicodedata.name(letter, "").split(" ")[0].capitalize() for letter in letters}
    directions = {unicodedata.bidirectional(letter) for letter in letters}
    return Face(file, bool(directions & {"R", "AL"}), next(iter(sorted(scripts & SHAPED)), ""))


@cache
def _font_with(letters: frozenset[str]) -> Path | None:
    """The first regular font file that fontconfig knows with all these characters."""
    return next(
        (path for path in font_files.fonts_with(letters) if path.suffix.lower() in (".ttf", ".otf", ".ttc")), None
    )


def _outside(text: str, known: frozenset[str]) -> Iterable[str]:
    return [character for character in unicodedata.normalize("NFC", text) if character not in known]


@cache
def font_file(name: str) -> Path | None:
    """Where a font file of Computer Modern Unicode lies, as TeX's own search finds it."""
    return font_files.find_file(name)


@cache
def _lualatex() -> frozenset[str]:
    """The characters of both the serif and the sans-serif font, since a sheet uses both."""
    from fontTools.ttLib import TTFont

    sets = []
    for name in ("cmunrm.ttf", "cmunss.ttf", "cmunsx.ttf"):
        path = font_file(name)
        if path is None:
            return frozenset()
        with TTFont(path, lazy=True) as font:
            sets.append(frozenset(map(chr, font.getBestCmap())))
    return frozenset.intersection(*sets)
