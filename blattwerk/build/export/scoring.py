"""Which typed numbers are right, nearly right, or a usual mistake: decided on exact values, before anything is written.

A correct rounding to the places that the sheet asks for has full marks, whichever way a half is rounded. What is off in
the last place only has half of them. A usual mistake is told by its value, if nobody who is right can have typed it.
"""

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, TypeVar

from blattwerk.build.export.questions import FULL, HALF, NONE, Alternative, NumberField
from blattwerk.build.export.texts import Text
from blattwerk.vocabulary.language import rounded
from blattwerk.vocabulary.terms import MP

NEAR = 5  # units of the last place
CLOSE = 100  # how many times smaller than the value that has to be
DIGITS = 14  # behind the first one, at most: Moodle computes with doubles
FINEST = 12  # places: Moodle adds 1e-14 to each tolerance, so that of smaller numbers any would be right, zero too
LARGEST = Decimal("1e15")  # a wrong value above this tells nobody anything
MORE = 8  # places beyond those asked for
T = TypeVar("T")
_MANY = Context(prec=100)


def entries(value: Any) -> tuple[Any, ...]:
    """The numbers of a vector or matrix, row by row; a number alone."""
    return tuple(one for entry in value for one in entries(entry)) if isinstance(value, tuple) else (value,)


def finite(value: Any) -> bool:
    """Whether a number can be typed at all."""
    return isinstance(value, int | Fraction) or bool(MP.isfinite(MP.convert(value)))


def number_field(right: Any, places: int, wrong: Iterable[tuple[Any, Text]], nearly: Text) -> NumberField:
    """The field for a number; `wrong` are the usual mistakes' values with what is told of them."""
    value = exact(right, places)
    unit = Decimal(1).scaleb(max(-places, value.adjusted() - DIGITS))
    half = unit / 2
    found = [Alternative(value, half, FULL)]
    for other, told in _apart(value, unit, wrong, places):
        if all(abs(other - known.value) > unit for known in found):
            found.append(Alternative(other, half, NONE, told))
    if value != value.to_integral_value() and abs(value) > CLOSE * NEAR * unit:
        found.append(Alternative(value, NEAR * unit, HALF, nearly))
    return NumberField(tuple(found))


def _apart(value: Decimal, unit: Decimal, wrong: Iterable[tuple[Any, T]], places: int) -> Iterator[tuple[Decimal, T]]:
    """The wrong values that no rounding of the right one can be."""
    for other, told in wrong:
        if finite(other):
            number = exact(other, places)
            if abs(number - value) > unit and abs(number) < LARGEST:
                yield number, told


def exact(value: Any, places: int) -> Decimal:
    """A number with more places than an answer can have, without zeros at its end."""
    number = rounded(value, places + MORE)
    whole = number.to_integral_value(context=_MANY)
    return whole if number == whole else number.normalize(_MANY)
