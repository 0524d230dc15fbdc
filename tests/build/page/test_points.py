"""Points: shares add up, in halves."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from blattwerk.build.page.points import cost, points_tex, share


@given(st.integers(1, 40), st.dictionaries(st.text(max_size=3), st.integers(1, 5), min_size=1, max_size=6))
def test_shares_add_up(halves: int, weights: dict[str, int]) -> None:
    """No point is lost or made, and none is smaller than a half allows."""
    points = Fraction(halves, 2)
    shares = share(points, weights)
    assert sum(shares.values()) == points
    assert all((value * 2).denominator == 1 and value >= 0 for value in shares.values())


def test_the_default_points_are_the_rubric() -> None:
    """Nothing changes where the sheet file says nothing; a larger total is shared in proportion."""
    assert share(Fraction(4), {"a": 1, "b": 3}) == {"a": 1, "b": 3}
    assert share(Fraction(6), {"a": 1, "b": 3}) == {"a": Fraction(3, 2), "b": Fraction(9, 2)}


def test_costs_scale_with_the_points() -> None:
    """At least half a point, at most all."""
    assert cost(Fraction(4), 4, 1) == 1
    assert cost(Fraction(8), 4, 1) == 2
    assert cost(Fraction(1), 4, 1) == Fraction(1, 2)
    assert cost(Fraction(1), 4, 4) == 1


def test_points_are_printed_by_language() -> None:
    """Whole, or with one decimal."""
    assert [points_tex(Fraction(5, 2), "en"), points_tex(Fraction(5, 2), "de")] == ["2.5", "2{,}5"]
    assert points_tex(Fraction(3), "de") == "3"
