"""An author's symbol may itself be a product or a power: then it needs brackets where a letter needs none."""

from fractions import Fraction

import pytest

from blattwerk.build.topicfile import counterparts, faces, values
from blattwerk.build.topicfile.symbols import binding
from blattwerk.vocabulary.writers import ATOM, POWER, PREFIX, PRODUCT, QUOTIENT, SUM


@pytest.mark.parametrize(
    ("symbol", "level"),
    [
        ("x", ATOM),
        ("x'", ATOM),
        ("\\hat\\beta_\\lambda", ATOM),
        ("H(S)", ATOM),
        ("D(p\\|q)", ATOM),
        ("\\operatorname{Var}[x]", ATOM),
        ("\\mathrm{RSS}(\\hat\\beta)", ATOM),
        ("(a + b)", ATOM),
        ("A^{-1}", POWER),
        ("(R B)^2", POWER),
        ("X^\\top X", QUOTIENT),
        ("\\nabla_z L", QUOTIENT),
        ("\\partial Y_{11} / \\partial s", PRODUCT),
        ("-a", PREFIX),
        ("a + b", SUM),
    ],
)
def test_how_tightly_a_symbol_binds(symbol: str, level: int) -> None:
    """Indices, accents and arguments belong to a letter; everything else is an operation."""
    assert binding(symbol) == level


def test_a_product_is_inverted_in_brackets() -> None:
    """X^T X inverted is not X^T times X inverted."""
    matrix = values.lifted(((Fraction(2), Fraction(1)), (Fraction(1), Fraction(3))))
    written = [
        counterparts.inverse(faces.named(symbol, "A", matrix)).s.term().tex("en") for symbol in ("A", "X^\\top X")
    ]
    assert written == ["A^{-1}", "(X^\\top X)^{-1}"]
