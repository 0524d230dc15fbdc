"""How a term is written: as TeX for paper, or as text that sympy and people can read.

A term (see `terms`) knows its parts and asks a writer for the notation, so that what is checked and what is shown
come from one tree. Levels say how tightly a piece of writing binds, to place brackets.
"""

import re
from abc import ABC, abstractmethod
from fractions import Fraction
from functools import lru_cache
from typing import Any

from blattwerk.vocabulary.language import Lang, decimal_tex, fraction_tex, rounded

SUM, PRODUCT, PREFIX, QUOTIENT, POWER, ATOM = range(6)
_FRACTION = re.compile(r"\\frac")


class Writer(ABC):
    """The notation of one output form. Each method gets written pieces and joins them."""

    quotient_level: int

    @abstractmethod
    def number(self, value: Fraction) -> str: ...
    @abstractmethod
    def slashed(self, value: Fraction) -> str: ...
    @abstractmethod
    def decimal(self, value: Any, places: int) -> str: ...
    @abstractmethod
    def symbol(self, tex: str, text: str) -> str: ...
    @abstractmethod
    def bracket(self, inner: str) -> str: ...
    @abstractmethod
    def times(self, factors: list[tuple[str, bool]]) -> str: ...
    @abstractmethod
    def quotient(self, over: str, under: str) -> str: ...
    @abstractmethod
    def power(self, base: str, exponent: str) -> str: ...
    @abstractmethod
    def call(self, tex: str, text: str, arguments: list[str], tight: bool, base: str) -> str: ...
    @abstractmethod
    def matrix(self, rows: list[list[str]]) -> str: ...
    @abstractmethod
    def big_sum(self, index: str, low: str, high: str, body: str) -> str: ...
    @abstractmethod
    def product_of(self, index: str, low: str, high: str, body: str) -> str: ...
    @abstractmethod
    def infinity(self) -> str: ...


class TexWriter(Writer):
    """TeX for math mode, with the numbers of one language."""

    quotient_level = QUOTIENT

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang

    def number(self, value: Fraction) -> str:
        return fraction_tex(value)

    def slashed(self, value: Fraction) -> str:
        return str(value) if value.denominator != 1 else fraction_tex(value)

    def decimal(self, value: Any, places: int) -> str:
        return decimal_tex(value, places, self.lang)

    def symbol(self, tex: str, text: str) -> str:
        return tex

    def bracket(self, inner: str) -> str:
        if any(tall in inner for tall in ("\\frac", "\\sum", "\\prod", "\\int", "pmatrix")):
            return f"\\left({inner}\\right)"
        return f"({inner})"

    def times(self, factors: list[tuple[str, bool]]) -> str:
        """Factors side by side; a dot before each one that would run into its neighbour (a number)."""
        written, _ = factors[0]
        for factor, numeric in factors[1:]:
            matrix = factor.startswith(("\\begin", "{\\spaciousrows"))
            written += (" \\cdot " if numeric else " \\, " if matrix else " ") + factor
        return written

    def quotient(self, over: str, under: str) -> str:
        return f"\\frac{{{over}}}{{{under}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def call(self, tex: str, text: str, arguments: list[str], tight: bool, base: str) -> str:
        if tight:
            return f"{tex} {arguments[0]}"
        return tex + self.bracket(", ".join(arguments))

    def matrix(self, rows: list[list[str]]) -> str:
        return _matrix(tuple(map(tuple, rows)))

    def big_sum(self, index: str, low: str, high: str, body: str) -> str:
        return f"\\sum_{{{index}={low}}}^{{{high}}} {body}"

    def product_of(self, index: str, low: str, high: str, body: str) -> str:
        return f"\\prod_{{{index}={low}}}^{{{high}}} {body}"

    def infinity(self) -> str:
        return "\\infty"


@lru_cache(maxsize=4096)  # a matrix stands in a question, in its solution, and in both languages
def _matrix(rows: tuple[tuple[str, ...], ...]) -> str:
    import numpy as np  # like PyLaTeX only for matrices
    from pylatex import Matrix, NoEscape

    cells = np.empty((len(rows), len(rows[0])), dtype=object)
    cells[:] = [[NoEscape(cell) for cell in row] for row in rows]
    written = str(Matrix(cells, mtype="p").dumps()).replace("%\n", "")
    spacious = "\\spaciousrows" * max(_height(cell) for row in rows for cell in row)
    return f"{{{spacious}{written}}}" if spacious else written


def _height(cell: str) -> int:
    """How much more room between the rows an entry needs: 1 with a fraction or a sum, 2 with a fraction within one."""
    before = (cell[: found.start()] for found in _FRACTION.finditer(cell))
    inside = any(text.count("{") > text.count("}") for text in before)
    return 2 if inside else int("\\frac" in cell or "\\sum" in cell)


class TextWriter(Writer):
    """Text in sympy's syntax: what `show --json` and the manifest give as an answer's exact form."""

    quotient_level = PRODUCT

    def number(self, value: Fraction) -> str:
        return str(value)

    def slashed(self, value: Fraction) -> str:
        return str(value)

    def decimal(self, value: Any, places: int) -> str:
        return str(rounded(value, places))

    def symbol(self, tex: str, text: str) -> str:
        return text

    def bracket(self, inner: str) -> str:
        return f"({inner})"

    def times(self, factors: list[tuple[str, bool]]) -> str:
        return "*".join(factor for factor, _ in factors)

    def quotient(self, over: str, under: str) -> str:
        return f"{over}/{under}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}**{exponent}"

    def call(self, tex: str, text: str, arguments: list[str], tight: bool, base: str) -> str:
        return f"{text}({', '.join([*arguments, base] if base else arguments)})"

    def matrix(self, rows: list[list[str]]) -> str:
        return "Matrix([" + ", ".join("[" + ", ".join(row) + "]" for row in rows) + "])"

    def big_sum(self, index: str, low: str, high: str, body: str) -> str:
        return f"Sum({body}, ({index}, {low}, {high}))"

    def product_of(self, index: str, low: str, high: str, body: str) -> str:
        return f"Product({body}, ({index}, {low}, {high}))"

    def infinity(self) -> str:
        return "oo"


TEX_WRITERS: dict[Lang, TexWriter] = {"en": TexWriter("en"), "de": TexWriter("de")}
TEXT_WRITER = TextWriter()
