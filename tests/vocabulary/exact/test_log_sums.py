"""Sums of logarithms of primes: exact arithmetic, decided signs, and terms that mean the same."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import N, sympify

from blattwerk.vocabulary.exact.log_sums import InBits, LogSum, log_of, rational, sum_of
from blattwerk.vocabulary.terms import MP

positives = st.fractions(min_value=Fraction(1, 60), max_value=60, max_denominator=60).filter(bool)
rationals = st.fractions(min_value=-9, max_value=9, max_denominator=20)


@st.composite
def logsums(draw: st.DrawFn) -> LogSum:
    """A few scaled logarithms and a rational number."""
    logs = (log_of(x).times(c) for x, c in draw(st.lists(st.tuples(positives, rationals), max_size=3)))
    return sum_of((rational(draw(rationals)), *logs))


@given(positives, positives)
@settings(deadline=None)
def test_logarithms_of_products_are_sums(x: Fraction, y: Fraction) -> None:
    """log xy = log x + log y, and log x/y = log x - log y, as equal values of the canonical form."""
    assert log_of(x * y) == log_of(x) + log_of(y)
    assert log_of(x / y) == log_of(x) - log_of(y)


@given(positives, st.integers(-6, 6))
@settings(deadline=None)
def test_logarithms_of_powers_are_multiples(x: Fraction, k: int) -> None:
    """log x^k = k log x."""
    assert log_of(x**k) == log_of(x).times(k)


@given(positives, positives)
@settings(deadline=None)
def test_logarithms_are_ordered_as_their_arguments(x: Fraction, y: Fraction) -> None:
    """log is increasing, and its sign is that of x - 1."""
    assert (log_of(x) < log_of(y)) == (x < y)
    assert (log_of(x) > log_of(y)) == (x > y)
    assert log_of(x).sign() == (x > 1) - (x < 1)


@given(logsums(), logsums(), rationals)
@settings(deadline=None)
def test_arithmetic_is_that_of_the_values(a: LogSum, b: LogSum, c: Fraction) -> None:
    """Sums, differences and multiples, to 50 digits."""
    for exact, value in ((a + b, _mp(a) + _mp(b)), (a - b, _mp(a) - _mp(b)), (a.times(c), MP.convert(c) * _mp(a))):
        assert abs(_mp(exact) - value) < MP.mpf(10) ** -50


@given(logsums())
@settings(deadline=None)
def test_the_form_is_canonical(a: LogSum) -> None:
    """Primes ascend, no coefficient is 0, and what is subtracted from itself leaves nothing."""
    primes = [prime for prime, _ in a.coefficients]
    assert primes == sorted(set(primes))
    assert all(c for _, c in a.coefficients)
    assert a - a == LogSum()
    assert (a - a).sign() == 0
    assert a.sign() == -(-a).sign()


@given(logsums())
@settings(deadline=None)
def test_terms_and_bits_have_the_value_of_the_sum(a: LogSum) -> None:
    """What is printed is the value, in nats and in bits; sympy reads the text form as the same number."""
    assert abs(MP.convert(a.term().value()) - _mp(a)) < MP.mpf(10) ** -50
    bits = InBits(a)
    assert abs(MP.convert(bits.value()) - _mp(a) / MP.log(2)) < MP.mpf(10) ** -50
    assert abs(MP.convert(bits.term().value()) - MP.convert(bits.value())) < MP.mpf(10) ** -50
    assert abs(float(N(sympify(str(bits.term())))) - float(MP.convert(bits.value()))) < 1e-9
    assert bits.sign() == a.sign()


def test_a_sign_is_decided_where_sixty_digits_do_not_show_it() -> None:
    """log 2 against its first 80 decimals: the difference is below 10^-80, and positive."""
    with MP.workdps(120):
        below = Fraction(int(MP.floor(MP.log(2) * MP.mpf(10) ** 80)), 10**80)
    assert (log_of(2) - rational(below)).sign() == 1
    assert (log_of(2) - rational(below + Fraction(1, 10**80))).sign() == -1


@pytest.mark.parametrize("x", [0, -1, Fraction(-2, 3)])
def test_there_is_no_logarithm_of_what_is_not_positive(x: int | Fraction) -> None:
    """0 and negative numbers are refused."""
    with pytest.raises(ValueError, match="no logarithm"):
        log_of(x)


def test_how_sums_are_written() -> None:
    """Positive summands first, factors of 1 left out, 0 if nothing is left; log_2 2 is 1."""
    mixed = log_of(Fraction(3, 4)).times(Fraction(1, 2)) + log_of(5)
    assert mixed.term().tex("en") == "\\frac{1}{2} \\log 3 + \\log 5 - \\log 2"
    assert InBits(mixed).term().tex("de") == "\\frac{1}{2} \\log_{2} 3 + \\log_{2} 5 - 1"
    assert str(InBits(mixed).term()) == "(1/2)*log(3, 2) + log(5, 2) - 1"
    assert str(LogSum().term()) == str(InBits(LogSum()).term()) == "0"
    assert InBits(rational(2)).term().tex("en") == "2 \\log_{2} \\mathrm{e}"


def test_powers_of_two_are_whole_bits() -> None:
    """Only the prime 2: the number of bits is a Fraction; with nats beside it, it is not."""
    assert InBits(log_of(Fraction(1, 8)).times(Fraction(1, 2))).value() == Fraction(-3, 2)
    assert isinstance(InBits(log_of(8)).value(), Fraction)
    assert not isinstance(InBits(log_of(8) + rational(1)).value(), Fraction)


def _mp(a: LogSum) -> object:
    return MP.convert(a.value())


@given(st.fractions(-3, 3, max_denominator=50), st.fractions(Fraction(1, 9), 9, max_denominator=50))
def test_both_ways_to_a_sign_agree(c: Fraction, x: Fraction) -> None:
    """Floating point decides only what the intervals decide, too."""
    value = log_of(x) + rational(c)
    if value != rational(0):
        assert value.sign() == (value._sign_by_intervals() if value.coefficients else (c > 0) - (c < 0))


def test_a_sign_too_close_for_floating_point() -> None:
    """log 2 against its first 40 digits: only many digits tell them apart."""
    digits = Fraction("0.6931471805599453094172321214581765680755")
    assert (log_of(2) - rational(digits)).sign() == 1
    assert (log_of(2) - rational(digits + Fraction(1, 10**39))).sign() == -1
