"""The values of answers on paper: the right one in its box, and those that a usual mistake leads to."""

from fractions import Fraction
from typing import Any

from blattwerk.errors import TemplateFailure
from blattwerk.vocabulary.functions import number
from blattwerk.vocabulary.language import Lang, decimal_tex
from blattwerk.vocabulary.parts import Answer
from blattwerk.vocabulary.slips import Wrong
from blattwerk.vocabulary.terms import MP

MANY = 3  # values, at most: a mistake made early changes all that follows, and the first ones tell it


def symbol(answer: Answer) -> str:
    """What an answer is called; raises TemplateFailure where nobody has said it."""
    if not answer.symbol:
        what = f"the answer '{answer.name}' has no symbol"
        raise TemplateFailure(f'{what}; give it one where it is made: Answer("{answer.name}", ..., symbol="x")')
    return answer.symbol


def exact_and_decimal(answer: Answer, lang: Lang) -> str:
    """The exact form of an answer, and its decimal value where that says more: not where it is rounded to 0."""
    exact, value = answer.value.tex(lang), answer.value.value()
    if _exact_says_all(value):
        return exact
    sign, digits = _decimal(value, answer.places, lang)
    return exact if _says_nothing(digits) else f"{exact} {sign} {digits}"


def _says_nothing(digits: str) -> bool:
    """Whether a decimal value is all zeros: the places are too few for it."""
    return not set(digits) & set("123456789")


def _exact_says_all(value: Any) -> bool:
    whole = isinstance(value, Fraction) and value.denominator == 1
    return isinstance(value, tuple) or whole or bool(MP.isinf(MP.convert(value)))


def _decimal(value: Any, places: int, lang: Lang) -> tuple[str, str]:
    """A sign, and the decimal value that stands behind it, no longer than it has to be."""
    digits = decimal_tex(value, places, lang)
    terminates = isinstance(value, Fraction) and (value * 10**places).denominator == 1
    return ("=", digits.rstrip("0")) if terminates else ("\\approx", digits)


def wrong_values(wrong: Wrong, lang: Lang) -> str:
    """The changed answers: the numbers among them, or else the first matrix; named where the part has several."""
    part = wrong.changed[0].part
    numbers = [answer for answer in wrong.changed if not isinstance(answer.value.value(), tuple)]
    alone = sum(answer.part == part for answer in wrong.answers) == 1
    told = (_told(answer, alone, lang) for answer in numbers[:MANY] or wrong.changed[:1])
    return ", ".join(f"\\({one}\\)" for one in told)


def _told(answer: Answer, alone: bool, lang: Lang) -> str:
    value = answer.value.value()
    if isinstance(value, tuple) and not all(isinstance(x, int | Fraction) for row in value for x in row):
        relation, printed = "\\approx", _decimals(value, answer.places, lang)
    elif _exact_says_all(value):
        relation, printed = "=", answer.value.tex(lang)
    elif value == 0:  # which a mistake may write as log 1
        relation, printed = "=", "0"
    else:
        relation, printed = _decimal(value, answer.places, lang)
        if _says_nothing(printed):
            relation, printed = "=", answer.value.tex(lang)
    return printed if alone else f"{answer.symbol} {relation} {printed}"


def _decimals(matrix: tuple[tuple[Any, ...], ...], places: int, lang: Lang) -> str:
    """A matrix of whole numbers and decimals: what a mistake leads to may have no short exact form."""
    rows = "\\\\".join("&".join(_whole_or_decimal(x, places, lang) for x in row) for row in matrix)
    return f"\\begin{{pmatrix}}{rows}\\end{{pmatrix}}"


def _whole_or_decimal(value: Any, places: int, lang: Lang) -> str:
    """A small entry, which has no digits at these places, is the fraction that it is, or has a power of ten."""
    exact = isinstance(value, int | Fraction)
    if exact and value.denominator == 1:
        return number(value).tex(lang)
    digits = _decimal(value, places, lang)[1]
    if not _says_nothing(digits) or value == 0:
        return digits
    return number(value).tex(lang) if exact else _with_a_power(value, lang)


def _with_a_power(value: Any, lang: Lang) -> str:
    power = int(MP.floor(MP.log10(abs(value))))
    return f"{decimal_tex(value / MP.mpf(10) ** power, 1, lang)} \\cdot 10^{{{power}}}"
