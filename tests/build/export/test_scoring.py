"""Which typed numbers are right: to the last place that the sheet asks for, and never a mistake's."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from blattwerk.build.export.questions import NumberField
from blattwerk.build.export.scoring import number_field
from blattwerk.build.export.texts import Text
from blattwerk.build.html.markup import Html
from blattwerk.vocabulary.language import rounded

NEARLY, SIGN = Text(Html("nearly")), Text(Html("sign"))


def percent(field: NumberField, typed: str | Decimal) -> int | None:
    """What a typed number brings."""
    fits = (one.percent for one in field.alternatives if abs(Decimal(typed) - one.value) <= one.tolerance)
    return next(fits, None)


def test_by_hand() -> None:
    """2/3 to two places: 0.67 is right, 0.66 nearly, 0.6 and -0.67 are not."""
    field = number_field(Fraction(20, 3), 2, [(Fraction(-20, 3), SIGN)], NEARLY)
    said = {"6.67": 100, "6.6667": 100, "6.66": 50, "6.70": 50, "6.6": None, "6.72": None, "-6.67": 0}
    assert {typed: percent(field, typed) for typed in said} == said


def test_either_rounding_of_a_half_is_right() -> None:
    """0.125 to two places."""
    field = number_field(Fraction(1, 8), 2, [], NEARLY)
    assert percent(field, "0.12") == percent(field, "0.13") == percent(field, "0.125") == 100


def test_a_mistake_that_could_be_a_rounding_is_not_told() -> None:
    """Nobody who is right is told of a mistake."""
    field = number_field(Fraction(1), 2, [(Fraction(101, 100), SIGN), (Fraction(103, 100), SIGN)], NEARLY)
    assert [one.value for one in field.alternatives] == [Decimal(1), Decimal("1.03")]


def test_two_mistakes_of_one_value_are_told_once() -> None:
    """The first of them."""
    field = number_field(Fraction(1), 2, [(Fraction(5), SIGN), (Fraction(5), NEARLY)], NEARLY)
    assert [one.feedback for one in field.alternatives] == [Text(), SIGN]


def test_huge_numbers() -> None:
    """Nobody types thirty digits, and doubles have fifteen."""
    field = number_field(Fraction(2**90, 3), 4, [(Fraction(10**20), SIGN)], NEARLY)
    assert percent(field, Decimal(2**90) / 3) == 100
    assert not any(one.feedback == SIGN for one in field.alternatives)


def test_small_and_whole_numbers_have_no_nearly() -> None:
    """There it would be far away."""
    assert len(number_field(Fraction(1, 3000), 4, [], NEARLY).alternatives) == 1
    assert len(number_field(12, 4, [], NEARLY).alternatives) == 1


@given(
    st.fractions(-1000, 1000, max_denominator=10**6),
    st.fractions(-1000, 1000, max_denominator=10**6),
    st.integers(0, 6),
)
def test_a_correct_rounding_is_right_and_a_mistake_never(right: Fraction, wrong: Fraction, places: int) -> None:
    """For all values."""
    field = number_field(right, places, [(wrong, SIGN)], NEARLY)
    assert percent(field, rounded(right, places)) == 100
    if any(one.feedback == SIGN for one in field.alternatives):
        assert percent(field, rounded(wrong, places)) == 0
    else:
        assert abs(rounded(wrong, places) - rounded(right, places)) * 10**places <= 2
