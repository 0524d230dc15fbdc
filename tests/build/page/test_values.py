"""Values of answers on paper."""

from blattwerk.build.page.values import exact_and_decimal, wrong_values
from blattwerk.vocabulary import Answer, exp, matrix_term, number
from blattwerk.vocabulary.slips import Wrong


def test_a_wrong_matrix_without_a_short_form_is_told_in_decimals() -> None:
    """A marker compares decimals; fractions stay what they are."""
    fractions = Answer("a", "part", matrix_term([[number(1) / 2, 3]]), symbol="A")
    powers = Answer("a", "part", matrix_term([[exp(number(1)), 3]]), symbol="A")
    one, other = (wrong_values(Wrong((answer,), (answer,)), "de") for answer in (fractions, powers))
    assert "\\frac{1}{2}&3" in one
    assert other == "\\(\\begin{pmatrix}2{,}7183&3\\end{pmatrix}\\)"


def test_no_value_is_told_as_nothing() -> None:
    """A small one stands as it is; its decimals at the places asked for would say 0."""
    small, other = (Answer("a", "part", number(1) / number(n), symbol="a", places=4) for n in (20293, 7))
    assert exact_and_decimal(small, "de") == "\\frac{1}{20293}".replace("20293", "20\\,293")
    assert exact_and_decimal(other, "de") == "\\frac{1}{7} \\approx 0{,}1429"


def test_no_mistake_is_told_as_nothing() -> None:
    """Neither is what a mistake leads to: an entry of a matrix has a power of ten."""
    small, other = (Answer("a", "part", number(1) / number(n), symbol="a", places=4) for n in (20293, 7))
    assert wrong_values(Wrong((small,), (small,)), "en") == "\\(\\frac{1}{20\\,293}\\)"
    assert wrong_values(Wrong((small, other), (small,)), "de") == "\\(a = \\frac{1}{20\\,293}\\)"
    assert wrong_values(Wrong((other,), (other,)), "de") == "\\(0{,}1429\\)"
    mixed = Answer("a", "part", matrix_term([[exp(number(-10)), number(1) / 20293, 3, 1]]), symbol="A")
    assert "4.5 \\cdot 10^{-5}&\\frac{1}{20\\,293}&3&1" in wrong_values(Wrong((mixed,), (mixed,)), "en")
