"""The tools that oracles may share with solvers, each held against another library."""

from fractions import Fraction
from itertools import product

import mpmath
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from blattwerk.build.check.independence import NEUTRAL
from blattwerk.vocabulary import matrices
from blattwerk.vocabulary.exact import binary, log_sums

SMALL = st.fractions(-9, 9, max_denominator=9)
ROWS = st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(*[SMALL] * width), min_size=1, max_size=3).map(tuple))
TESTED = {"states", "dot", "power_of_two", "log_of", "rational"}
TESTED |= {"matrix", "column", "transpose", "add", "subtract", "scale"}


def same(ours: object, theirs: object) -> bool:
    """Entry by entry, exactly."""
    return bool(np.array_equal(np.array(ours, dtype=object), np.array(theirs, dtype=object)))


def test_every_tool_is_tested_here() -> None:
    """And has a reason."""
    assert {name for _, name in NEUTRAL} == TESTED
    assert all(NEUTRAL.values())


@given(ROWS, SMALL)
def test_matrices_entry_by_entry(rows: tuple[tuple[Fraction, ...], ...], factor: Fraction) -> None:
    """Against arrays of exact numbers."""
    array, other = np.array(rows, dtype=object), tuple(tuple(x * x - 1 for x in row) for row in rows)
    assert same(matrices.matrix(rows), array)
    assert same(matrices.column(rows[0]), array[0].reshape(-1, 1))
    assert same(matrices.transpose(rows), array.T)
    assert same(matrices.add(rows, other), array + np.array(other, dtype=object))
    assert same(matrices.subtract(rows, other), array - np.array(other, dtype=object))
    assert same(matrices.scale(factor, rows), factor * array)
    assert binary.dot(rows[0], other[0]) == np.dot(array[0], np.array(other[0], dtype=object))


def test_states_and_powers() -> None:
    """All of them, in order; powers with either sign."""
    assert binary.states(3) == tuple(product((0, 1), repeat=3))
    assert [binary.power_of_two(k) for k in (-3, 0, 5)] == [Fraction(1, 8), 1, 32]


@given(st.fractions(Fraction(1, 999), 999, max_denominator=999))
def test_logarithms(x: Fraction) -> None:
    """Of a fraction, against 60 digits; a rational number is itself."""
    with mpmath.workdps(60):
        value = mpmath.mpf(x.numerator) / x.denominator
        assert abs(mpmath.mpf(log_sums.log_of(x).value()) - mpmath.log(value)) < mpmath.mpf(10) ** -50
    assert log_sums.rational(x).value() == x
