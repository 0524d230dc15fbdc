"""Terms: what is printed is what is evaluated."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.vocabulary.functions import (
    NormalMean,
    absolute,
    column_term,
    det,
    entry,
    exp,
    inverted,
    log,
    matrix_term,
    norm,
    normal_density,
    number,
    rounded_to,
    sqrt,
    square_root,
    summed,
    trace,
    transposed,
)
from blattwerk.vocabulary.terms import MP, At, Named, Sym, Term, product, term, total

x, y = Sym("x"), Sym("y", "\\eta")


@pytest.mark.parametrize(
    ("given_term", "tex", "text"),
    [
        (number(Fraction(-3, 4)), "-\\frac{3}{4}", "-3/4"),
        (x - number(-3), "x - (-3)", "x - (-3)"),
        (x + number(-3), "x - 3", "x - 3"),
        (x - (y + 1), "x - (\\eta + 1)", "x - (y + 1)"),
        (x + (y + 1), "x + (\\eta + 1)", "x + (y + 1)"),
        (2 * x * number(-5), "2 x \\cdot (-5)", "2*x*(-5)"),
        (number(2) * 3, "2 \\cdot 3", "2*3"),
        (-(x + 1), "-(x + 1)", "-(x + 1)"),
        (-number(-2), "-(-2)", "-(-2)"),
        ((x + 1) ** 2 / 2, "\\frac{(x + 1)^{2}}{2}", "(x + 1)**2/2"),
        (number(Fraction(1, 2)) ** 3, "\\left(\\frac{1}{2}\\right)^{3}", "(1/2)**3"),
        (number(-2) ** 2, "(-2)^{2}", "(-2)**2"),
        (log(2) * x, "(\\log 2) x", "log(2)*x"),
        (x * log(number(3) / 8), "x \\log \\frac{3}{8}", "x*log(3/8)"),
        (log(x + 1), "\\log(x + 1)", "log(x + 1)"),
        (log(3, 2), "\\log_{2} 3", "log(3, 2)"),
        (log(2) ** 2, "(\\log 2)^{2}", "log(2)**2"),
        (number(Fraction(1, 4)) / Fraction(1, 2), "\\frac{1/4}{1/2}", "1/4/(1/2)"),
        (x / y / 2, "\\frac{\\frac{x}{\\eta}}{2}", "x/y/2"),
        (x * (x / y), "x \\frac{x}{\\eta}", "x*(x/y)"),
        (
            (number(1) + 2) / (number(3) + 5) * (number(4) / (number(5) - 7)),
            "\\frac{1 + 2}{3 + 5} \\cdot \\frac{4}{5 - 7}",
            "((1 + 2)/(3 + 5))*(4/(5 - 7))",
        ),
        (sqrt(x + 1), "\\sqrt{x + 1}", "sqrt(x + 1)"),
        (exp(-x), "\\exp(-x)", "exp(-x)"),
        (absolute(x - 1), "\\left|x - 1\\right|", "Abs(x - 1)"),
        (summed("i", 1, Sym("n"), At("p", Sym("i"))), "\\sum_{i=1}^{n} p_{i}", "Sum(p[i], (i, 1, n))"),
        (rounded_to(log(2), 3), "0.693", "0.693"),
    ],
)
def test_terms_are_written_as_built(given_term: Term, tex: str, text: str) -> None:
    """Brackets where they are needed, dots between numbers, nothing reordered."""
    assert given_term.tex("en") == tex
    assert str(given_term) == text


def test_german_numbers() -> None:
    """The decimal comma is in braces, so that TeX sets no space behind it."""
    assert (rounded_to(log(2), 3) + number(12345)).tex("de") == "0{,}693 + 12\\,345"


constants = st.fractions(min_value=-3, max_value=3, max_denominator=6).map(number)
closed = st.recursive(
    constants,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda t: t[0] + t[1]),
        st.tuples(inner, inner).map(lambda t: t[0] - t[1]),
        st.tuples(inner, inner).map(lambda t: t[0] * t[1]),
        inner.map(lambda t: -t),
        inner.map(lambda t: t**2),
        st.tuples(inner, st.integers(1, 5)).map(lambda t: t[0] / t[1]),
    ),
    max_leaves=8,
)


@given(closed)
@settings(deadline=None)
def test_text_reads_back_as_the_same_number(t: Term) -> None:
    """sympy, reading the text form, gets the value that we evaluate: brackets and signs are where they belong."""
    assert sympy.Rational(t.value()) == sympy.sympify(str(t), rational=True)


def test_the_normal_density_is_that_of_mpmath() -> None:
    """To 58 digits, wherever it is asked."""
    for x, mean, deviation in (("0", "0", "1"), ("1.75", "-0.5", "0.125"), ("-3", "2", "4")):
        at, m, s = map(MP.mpf, (x, mean, deviation))
        assert abs(normal_density(at, m, s) / MP.npdf(at, m, s) - 1) < MP.mpf(10) ** -58


def test_exact_values_stay_exact() -> None:
    """Rational terms are Fractions; roots of squares too; logarithms have 60 digits."""
    assert (number(1) / 3 + Fraction(1, 6)).value() == Fraction(1, 2)
    assert sqrt(number(Fraction(9, 4))).value() == Fraction(3, 2)
    assert square_root(Fraction(2)) == MP.sqrt(2)
    assert abs(log(2).value() - MP.log(2)) < MP.mpf(10) ** -58


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__mul__", "__truediv__"])
def test_exact_and_many_digit_numbers_mix(operation: str) -> None:
    """A Fraction before or behind a number of 60 digits, in every operation."""
    third, root = number(Fraction(1, 3)), sqrt(2)
    for one, two in ((third, root), (root, third)):
        ours = getattr(one, operation)(two).value()
        theirs = getattr(MP.convert(one.value()), operation)(MP.convert(two.value()))
        assert abs(ours - theirs) < MP.mpf(10) ** -55


def test_matrices() -> None:
    """Products keep their order; inverse, determinant, trace and quadratic forms are exact."""
    a, b = matrix_term([[1, 2], [3, 4]]), matrix_term([[0, 1], [1, 0]])
    assert (a * b).value() == ((2, 1), (4, 3))
    assert (b * a).value() == ((3, 4), (1, 2))
    assert (inverted(a) * a).value() == ((1, 0), (0, 1))
    assert det(a).value() == -2
    assert trace(a).value() == 5
    v = column_term([1, -1])
    assert entry(transposed(v) * a * v).value() == 0
    assert norm(v).value() == MP.sqrt(2)
    assert (2 * a - a).value() == a.value()
    assert a.tex("en") == "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"


def test_expectations_are_exact_for_polynomials() -> None:
    """E[(x-m)^4] = 3 s^4 under a normal distribution."""
    m, s = Sym("m"), Sym("s")
    fourth = NormalMean((x - m) ** 4, x, m, s, "p")
    value = fourth.value({"m": Fraction(1, 3), "s": Fraction(2)})
    assert abs(value - 48) < MP.mpf(10) ** -50


def test_named_terms_are_evaluated_by_their_definition() -> None:
    """A name stands for a function of the environment."""
    assert Named("Z", "Z", lambda env: env["x"] + 1).value({"x": Fraction(1)}) == 2


def test_sums_and_products_of_one_term() -> None:
    """One summand stands for itself."""
    assert total([3]) == number(3)
    assert product([x]) is x
    assert term(Fraction(1, 2)) == number(Fraction(1, 2))
