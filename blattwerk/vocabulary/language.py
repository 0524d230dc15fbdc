"""Languages, and numbers on paper: exact until here, printed in the notation of a language.

English writes 0.511 and (1, 2); German writes 0,511 and (1; 2). Whole numbers of five or more digits are grouped by
thin spaces in both, as ISO 80000 has it.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

Lang = Literal["en", "de"]
LANGUAGES: tuple[Lang, ...] = ("en", "de")

DECIMAL_MARK: dict[Lang, str] = {"en": ".", "de": "{,}"}
TUPLE_SEPARATOR: dict[Lang, str] = {"en": ", ", "de": ";\\, "}


@dataclass(frozen=True)
class Localised:
    """One text in every language of the house."""

    en: str
    de: str

    def __getitem__(self, lang: Lang) -> str:
        return self.en if lang == "en" else self.de


def rounded(value: Any, places: int) -> Decimal:
    """An exact or many-digit number rounded to `places` decimals; halves go away from zero.

    `value` is an int, a Fraction or an mpmath number; floats are refused with TypeError, because a sheet's numbers are
    exact up to this point.
    """
    if isinstance(value, float):
        raise TypeError(f"a float ({value!r}) reached a sheet; numbers stay exact until they are printed")
    with localcontext() as context:
        context.prec = 80
        if isinstance(value, int | Fraction):
            exact = Decimal(value.numerator) / Decimal(value.denominator)
        else:
            exact = Decimal(_digits(value))
        result = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return result if result else abs(result)  # no "-0"


def _digits(value: Any) -> str:
    """An mpmath number as a string of 60 significant digits."""
    import mpmath

    return str(mpmath.nstr(value, 60, min_fixed=-200, max_fixed=200))


def decimal_tex(value: Any, places: int, lang: Lang) -> str:
    """A number with `places` decimals, as TeX for math mode."""
    return digits_tex(rounded(value, places), lang)


def digits_tex(value: Decimal, lang: Lang) -> str:
    """A decimal number with the digits that it has, as TeX for math mode."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or exponent > 0:
        raise TypeError(f"{value!r} is not a number in fixed-point notation")
    places = -exponent
    text = "".join(map(str, digits)).rjust(places + 1, "0")
    whole, tail = (text[:-places], text[-places:]) if places else (text, "")
    return ("-" if sign else "") + _grouped(whole) + (DECIMAL_MARK[lang] + tail if tail else "")


def integer_tex(value: int) -> str:
    """A whole number as TeX for math mode, grouped by thin spaces from five digits on."""
    return ("-" if value < 0 else "") + _grouped(str(abs(value)))


@lru_cache(maxsize=4096)  # the numbers of an exercise come back in every line of it
def fraction_tex(value: Fraction) -> str:
    """A fraction in lowest terms as TeX for math mode, the sign in front."""
    if value.denominator == 1:
        return integer_tex(value.numerator)
    sign = "-" if value < 0 else ""
    return f"{sign}\\frac{{{integer_tex(abs(value.numerator))}}}{{{integer_tex(value.denominator)}}}"


def _grouped(digits: str) -> str:
    if len(digits) < 5:
        return digits
    head = len(digits) % 3
    groups = ([digits[:head]] if head else []) + [digits[i : i + 3] for i in range(head, len(digits), 3)]
    return "\\,".join(groups)
