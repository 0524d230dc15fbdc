"""Displayed derivations: long sums are broken between summands, reasons stand at the right."""

import pytest

from blattwerk.build.page.escape import Tex
from blattwerk.build.page.layout import displayed, lines, width
from blattwerk.vocabulary.derivation import derive
from blattwerk.vocabulary.functions import log, matrix_term, number
from blattwerk.vocabulary.terms import Sym, total


@pytest.mark.parametrize(
    ("tex", "low", "high"),
    [
        ("x", 1, 1),
        ("\\frac{123}{4}", 3, 4),
        ("x_{12}^{2}", 2, 3.5),
        ("\\log 2", 4, 5),
        (matrix_term([[1, 22], [3, 4]]).tex("en"), 5, 10),
        ("\\left(a + b\\right)", 5, 8),
    ],
)
def test_widths_are_about_right(tex: str, low: float, high: float) -> None:
    """In widths of a digit."""
    assert low <= width(tex) <= high


def test_long_sums_are_broken_and_nothing_is_lost() -> None:
    """The lines together are the whole sum."""
    long = total(number(k) * log(k) for k in range(2, 30))
    broken = lines(long, 50, "en")
    assert len(broken) > 3
    assert all(width(line) <= 50 for line in broken)
    assert "".join(line.removeprefix("{}") for line in broken) == long.tex("en")


def test_a_step_with_a_reason_has_a_line_of_its_own() -> None:
    """The reason is the line's tag; what needs no reason goes on where there is room."""
    chain = derive(Sym("x")).eq(number(1), "why").eq(number(2)).eq(number(3))
    text = displayed(chain, {"why": Tex("because")}, "en")
    assert text == "\\begin{align*}\nx &= 1 \\tag*{\\reason{because}} \\\\*\n&= 2 = 3\n\\end{align*}"


def test_a_long_beginning_has_a_line_of_its_own() -> None:
    """What follows is indented a little."""
    chain = derive(total(Sym(f"abcdefgh_{i}") for i in range(5))).eq(number(1))
    first, second = displayed(chain, {}, "en").splitlines()[1:3]
    assert first.endswith("\\\\*") and "=" not in first
    assert second == "&\\quad = 1"
