"""Numbers on paper."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blattwerk.vocabulary.language import decimal_tex, fraction_tex, integer_tex, rounded
from blattwerk.vocabulary.terms import MP


@pytest.mark.parametrize(
    ("value", "places", "english", "german"),
    [
        (Fraction(1, 8), 2, "0.13", "0{,}13"),
        (Fraction(-1, 8), 2, "-0.13", "-0{,}13"),
        (Fraction(1, 3), 4, "0.3333", "0{,}3333"),
        (Fraction(-1, 1000), 2, "0.00", "0{,}00"),
        (7, 1, "7.0", "7{,}0"),
        (Fraction(123456), 0, "123\\,456", "123\\,456"),
        (MP.log(2), 6, "0.693147", "0{,}693147"),
        (
            MP.mpf(10) ** 20 + MP.mpf("0.5"),
            1,
            "100\\,000\\,000\\,000\\,000\\,000\\,000.5",
            "100\\,000\\,000\\,000\\,000\\,000\\,000{,}5",
        ),
    ],
)
def test_decimals(value: object, places: int, english: str, german: str) -> None:
    """Halves go away from zero; there is no minus zero."""
    assert decimal_tex(value, places, "en") == english
    assert decimal_tex(value, places, "de") == german


@given(st.fractions(min_value=-1000, max_value=1000), st.integers(0, 8))
def test_rounding_is_nearest(value: Fraction, places: int) -> None:
    """Never more than half a unit of the last digit away."""
    assert abs(Fraction(rounded(value, places)) - value) * 2 <= Fraction(1, 10**places)


def test_floats_do_not_reach_a_sheet() -> None:
    """A float is a mistake of an exercise."""
    with pytest.raises(TypeError, match="a float"):
        rounded(0.5, 1)


def test_fractions_and_integers() -> None:
    """The sign in front; groups of three from five digits on."""
    assert fraction_tex(Fraction(-3, 8)) == "-\\frac{3}{8}"
    assert fraction_tex(Fraction(4)) == "4"
    assert [integer_tex(n) for n in (1234, -12345, 1234567)] == ["1234", "-12\\,345", "1\\,234\\,567"]
