"""Named draws: stable for ever, independent of everything but their name and source."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blattwerk.errors import DrawExhausted
from blattwerk.vocabulary import draws
from blattwerk.vocabulary.draws import Draws

SOURCE = Draws(b"a secret", 7, "s1001", "kl_histogram")


def test_golden_vectors() -> None:
    """The scheme's values; if one of these changes, sheets that were handed out cannot be made again."""
    assert draws.SCHEME == 1
    assert [SOURCE.integer(name, 0, 999) for name in ("a", "b", "ä", "")] == GOLDEN_INTEGERS
    assert SOURCE.shuffle("order", "abcdefgh") == GOLDEN_SHUFFLE
    assert SOURCE.composition("cut", 20, 5) == GOLDEN_COMPOSITION
    assert replace(SOURCE, attempt=1).integer("a", 0, 10**30) == GOLDEN_ATTEMPT


GOLDEN_INTEGERS = [217, 115, 935, 810]
GOLDEN_SHUFFLE = tuple("hacdebgf")
GOLDEN_COMPOSITION = (3, 6, 6, 2, 3)
GOLDEN_ATTEMPT = 519027114954864746486244070976


@pytest.mark.parametrize(
    "other",
    [
        replace(SOURCE, secret=b"another"),
        replace(SOURCE, seed=8),
        replace(SOURCE, student="s1002"),
        replace(SOURCE, exercise="kl_gaussian"),
        replace(SOURCE, attempt=1),
    ],
)
def test_every_field_matters(other: Draws) -> None:
    """A change of any field changes the draws."""
    assert other.integer("a", 0, 10**30) != SOURCE.integer("a", 0, 10**30)


def test_fields_are_delimited() -> None:
    """Characters that move from one field to the next make another source."""
    one = Draws(b"", 1, "ab", "c").integer("x", 0, 10**30)
    assert one != Draws(b"", 1, "a", "bc").integer("x", 0, 10**30)
    assert one != Draws(b"", 1, "ab", "cx").integer("", 0, 10**30)


def test_the_order_of_draws_does_not_matter() -> None:
    """A draw depends on its name, not on what was drawn before."""
    first = [SOURCE.integer(name, 0, 99) for name in "abc"]
    assert [SOURCE.integer(name, 0, 99) for name in "cba"] == first[::-1]


def test_the_secret_is_not_shown() -> None:
    """A source in a log or an error message does not give the secret away."""
    assert "secret'" not in repr(SOURCE)
    assert "a secret" not in repr(SOURCE)


@given(st.text(max_size=20), st.integers(-100, 100), st.integers(0, 50))
def test_integers_stay_in_their_range(name: str, low: int, width: int) -> None:
    """Both ends included, nothing outside."""
    assert low <= SOURCE.integer(name, low, low + width) <= low + width


def test_integers_are_uniform() -> None:
    """6,000 throws of a die: the chi-square statistic of 5 degrees of freedom stays below its 99.9 % point, 20.5."""
    throws = Counter(SOURCE.integer(f"throw {i}", 1, 6) for i in range(6000))
    assert sum((n - 1000) ** 2 / 1000 for n in throws.values()) < 20.5


def test_an_empty_range_is_an_error() -> None:
    """The message names the draw."""
    with pytest.raises(ValueError, match="draw 'x': no uniform integer from 3 to 2"):
        SOURCE.integer("x", 3, 2)


@given(st.text(max_size=5), st.integers(1, 6), st.integers(0, 3), st.integers(0, 20))
def test_compositions_add_up(name: str, count: int, least: int, extra: int) -> None:
    """The right number of parts, none too small, and the right sum."""
    parts = SOURCE.composition(name, least * count + extra, count, least)
    assert len(parts) == count
    assert sum(parts) == least * count + extra
    assert min(parts) >= least


def test_compositions_are_uniform() -> None:
    """All ten ways to write 6 as a sum of three positive numbers occur about equally often."""
    seen = Counter(SOURCE.composition(f"c{i}", 6, 3) for i in range(5000))
    assert len(seen) == 10
    assert all(400 < n < 600 for n in seen.values())


def test_samples_hold_different_items() -> None:
    """A sample has no item twice, and cannot be larger than its source."""
    assert len(set(SOURCE.sample("s", range(10), 7))) == 7
    with pytest.raises(ValueError, match="cannot take 4 of 3 items"):
        SOURCE.sample("s", "abc", 4)


def test_fractions_and_signs() -> None:
    """Everything is built from integers."""
    assert SOURCE.fraction("f", 1, 7, 8).denominator in (1, 2, 4, 8)
    assert isinstance(SOURCE.fraction("f", 1, 7, 8), Fraction)
    assert SOURCE.sign("s") in (-1, 1)
    assert SOURCE.flag("b") in (True, False)


def test_attempts_end_in_an_error() -> None:
    """Exercises never get numbers that do not fit."""
    with pytest.raises(DrawExhausted, match="kl_histogram: 3 attempts brought no admissible numbers"):
        list(SOURCE.attempts(3))
