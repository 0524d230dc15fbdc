"""Formulas in the font of the text, parsed once for all figures.

matplotlib parses a formula anew for each figure in which it stands, and that takes longer than all the rest of a
drawing; in a class the same few recur. So what its parser finds is kept, and drawn letter by letter.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser, VectorParse

POINT = 2.54 / 72  # in centimetres
PARSER = MathTextParser("path")


class Piece(NamedTuple):
    """Something to write: a letter, or TeX, at a place relative to where the formula's baseline begins."""

    text: str
    font: FontProperties
    x: float = 0.0
    y: float = 0.0
    is_tex: bool = False


@dataclass(frozen=True)
class Formula:
    """A formula that was parsed; its height includes the depth below the baseline. Lengths are centimetres."""

    width: float
    height: float
    depth: float
    pieces: tuple[Piece, ...]


@lru_cache(maxsize=4096)
def formula(tex: str, size: float) -> Formula:
    """The formula between dollar signs, its letters as large as those of a text of this size in points."""
    font = FontProperties(family="cmr10", size=size, math_fontfamily="cm")
    parsed = PARSER.parse(tex, 72, font)
    pieces = _letters(parsed) or (Piece(tex, font, is_tex=True),)
    return Formula(parsed.width * POINT, parsed.height * POINT, parsed.depth * POINT, pieces)


def _letters(parsed: VectorParse) -> tuple[Piece, ...]:
    """The letters of a formula that has nothing else. Lines, and signs that no text has, are left to matplotlib."""
    if parsed.rects or not all(chr(code).isprintable() for _, _, code, *_ in parsed.glyphs):
        return ()
    return tuple(
        Piece(chr(code), _font(font.fname, size), x * POINT, y * POINT) for font, size, code, *_, x, y in parsed.glyphs
    )


@lru_cache(maxsize=64)
def _font(file: str, size: float) -> FontProperties:
    """One object for each font, because matplotlib keeps what it finds out about it."""
    return FontProperties(fname=file, size=size)
