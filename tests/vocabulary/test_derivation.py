"""Derivations: what does not hold is found, at the step where it stands."""

from fractions import Fraction

import pytest

from blattwerk.errors import ProofFailure
from blattwerk.vocabulary.derivation import (
    Verified,
    derive,
    exactly,
    positive,
    real,
    simplex,
    unit,
    vector,
    verify,
    verify_all,
)
from blattwerk.vocabulary.functions import log, matrix_term, number, rounded_to, summed
from blattwerk.vocabulary.terms import At, Infinity, Sym, Term

x, y = Sym("x"), Sym("y")


def test_an_identity_is_checked_on_its_domain() -> None:
    """All steps are counted, cited ones apart."""
    square = derive((x + y) ** 2, x=real, y=real).eq(x**2 + 2 * x * y + y**2)
    assert verify("square", square) == Verified(1, 0)
    assert verify("square", square.eq(number(0), cited=True)) == Verified(1, 1)
    assert verify_all({"a": square, "b": square}) == Verified(2, 0)


@pytest.mark.parametrize(
    ("wrong", "step"),
    [
        (derive((x - y) ** 2, x=real, y=real).eq(x**2 - 2 * x * y - y**2), 1),
        (derive(log(x * y), x=positive, y=positive).eq(log(x) + log(y)).eq(log(x) - log(y)), 2),
        (derive(number(1) / 3).eq(Fraction(333333, 1000000)), 1),
        (derive(log(x), x=positive).then(">=", x - 1), 1),
        (derive(x, x=unit).then("<", x), 1),
        (derive(x, x=unit).then("!=", x), 1),
        (derive(matrix_term([[1, 2]])).eq(matrix_term([[2, 1]])), 1),
        (derive(number(1)).eq(Infinity()), 1),
    ],
)
def test_a_wrong_step_is_named(wrong: object, step: int) -> None:
    """A sign, a rounded number passed off as exact, an inequality the wrong way round, swapped entries."""
    with pytest.raises(ProofFailure, match=f"derivation 'wrong', step {step}: .* does not hold"):
        verify("wrong", wrong)  # type: ignore[arg-type]


def test_rounding_is_checked() -> None:
    """The decimal value must be the nearest one, and stands behind an approximate sign."""
    assert verify("good", derive(log(2)).eq(log(4) / 2).approx(3)) == Verified(1, rounded=1)
    with pytest.raises(ProofFailure):
        verify("bad", derive(log(2)).then("~", rounded_to(log(2) + Fraction(1, 1000), 3)))


def test_inequalities() -> None:
    """Strict ones, and those with equality at one point."""
    verify("tangent", derive(log(x), x=positive).then("<=", x - 1))
    verify("chain", derive(number(2)).then("<", number(3)).then(">", number(1)).then("!=", number(2)))
    verify("infinite", derive(number(2)).then("<", Infinity()))


def test_domains() -> None:
    """Vectors, probability vectors, and fixed sizes."""
    total = summed("i", 1, Sym("n"), At("p", Sym("i")))
    verify("simplex", derive(total, n=exactly(4), p=simplex(4)).eq(1))
    doubled = summed("i", 1, Sym("n"), 2 * At("v", Sym("i")))
    verify("vector", derive(doubled, n=exactly(3), v=vector(real, 3)).eq(2 * summed("i", 1, 3, At("v", Sym("i")))))


def test_a_decimal_that_ends_is_equal() -> None:
    """3/25 is 0.12, no approximation; a third is one, and so is a logarithm; a whole number needs no decimals."""

    def shown(x: Term) -> list[tuple[str, str]]:
        return [(step.relation, step.term.tex("en")) for step in derive(x).eq(x).approx().steps[1:]]

    assert shown(number(Fraction(3, 25))) == [("=", "0.12")]
    assert shown(number(Fraction(1, 3))) == [("~", "0.3333")]
    assert shown(log(2)) == [("~", "0.6931")]
    assert shown(number(7)) == []
    assert verify("short", derive(number(Fraction(3, 25))).eq(Fraction(6, 50)).approx()) == Verified(1, rounded=1)
