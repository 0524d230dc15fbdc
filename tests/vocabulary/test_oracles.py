"""How oracles compare: nothing finite agrees with infinity, shapes count, tolerances are relative."""

from fractions import Fraction
from math import inf, nan

import pytest

from blattwerk.vocabulary.exact.log_sums import log_of
from blattwerk.vocabulary.oracles import all_close, close, equal, holds
from blattwerk.vocabulary.terms import MP


@pytest.mark.parametrize(
    ("ours", "theirs", "agrees"),
    [
        (Fraction(1, 3), 1 / 3, True),
        (log_of(2), 0.6931471805599453, True),
        (Fraction(1, 3), 0.3333333, False),
        (10**9, 1e9 + 0.5, True),
        (1, inf, False),
        (MP.inf, inf, True),
        (MP.inf, 1.0, False),
        (1, nan, False),
    ],
)
def test_close(ours: object, theirs: float, agrees: bool) -> None:
    """Relative for large numbers, absolute for small ones; infinity agrees with itself alone."""
    assert close("x", ours, theirs).agrees is agrees


def test_all_close() -> None:
    """Every entry, and the shape."""
    rows = ((Fraction(1), Fraction(1, 2)), (Fraction(0), Fraction(2)))
    assert all_close("m", rows, [[1, 0.5], [0, 2]]).agrees
    assert not all_close("m", rows, [[1, 0.5], [0, 2.1]]).agrees
    assert not all_close("m", rows, [1, 0.5, 0, 2]).agrees
    assert not all_close("m", rows, [[1, 0.5], [0, inf]]).agrees


def test_equal_and_holds() -> None:
    """Exact comparisons and claims."""
    assert equal("x", Fraction(1, 2), Fraction(2, 4)).agrees
    assert not equal("x", Fraction(1, 2), 0.25).agrees
    assert not holds("claim", False).agrees
