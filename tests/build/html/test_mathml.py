"""Formulas as MathML: numbers in one piece, signs with the spacing of TeX, what is unknown named."""

import re
from pathlib import Path

import pytest

from blattwerk.build.html import vocabulary
from blattwerk.build.html.mathml import Mathematics
from blattwerk.build.html.nodes import Unreadable
from blattwerk.build.html.prose import Prose
from blattwerk.build.html.reading import read


def written(tex: str) -> str:
    """A formula without the element around it."""
    mathematics: Mathematics = Prose("en", lambda name, at: pytest.fail(name)).mathematics
    return mathematics.row(read(tex, "math"))


@pytest.mark.parametrize(
    ("tex", "numbers"),
    [
        ("1{,}5", ["1,5"]),
        ("0.25", ["0.25"]),
        ("12\\,345", ["12\u202f345"]),
        ("-1\\,234\\,567{,}89", ["1\u202f234\u202f567,89"]),
        ("(1, 2)", ["1", "2"]),
        ("\\{0,1\\}", ["0", "1"]),
        ("x_12", ["1", "2"]),
        ("x_{12}", ["12"]),
        ("2^10", ["1", "0", "2"]),
        ("\\frac12", ["1", "2"]),
        ("n = 3.", ["3"]),
        ("2\\,\\%", ["2"]),
    ],
)
def test_a_number_is_one_element(tex: str, numbers: list[str]) -> None:
    """With its decimal mark and its groups; a script or an argument without braces is one digit."""
    pieces = [piece.partition("</mn>")[0] for piece in written(tex).split("<mn>")[1:]]
    assert sorted(pieces) == sorted(numbers)


@pytest.mark.parametrize(
    ("tex", "html"),
    [
        ("a - b", "<mi>a</mi><mo>−</mo><mi>b</mi>"),
        ("= -b", '<mo form="infix">=</mo><mo form="prefix">−</mo><mi>b</mi>'),
        ("f'_i", "<msub><mrow><mi>f</mi><mo>′</mo></mrow><mi>i</mi></msub>"),
        ("x^2_i", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        ("\\hat x", '<mover accent="true"><mi>x</mi><mo stretchy="false">^</mo></mover>'),
        ("\\mathbb{R}", "<mi>ℝ</mi>"),
        ("\\mathcal N", "<mi>𝒩</mi>"),
        ("\\mathrm d", '<mi mathvariant="normal">d</mi>'),
        ("\\text{ if } x", "<mtext>\u00a0if\u00a0</mtext><mi>x</mi>"),
        ("\\log x", '<mi>log</mi><mo>\u2061</mo><mspace width="0.1667em"></mspace><mi>x</mi>'),
        ("\\tfrac52", '<mstyle displaystyle="false"><mfrac><mn>5</mn><mn>2</mn></mfrac></mstyle>'),
    ],
)
def test_a_formula_becomes_these_elements(tex: str, html: str) -> None:
    """One of each kind."""
    assert written(tex) == html


@pytest.mark.parametrize(
    ("tex", "at"),
    [
        ("x + \\foo", 4),
        ("a^", 1),
        ("a & b", 2),
        ("\\frac{1}", 8),
        ("\\begin{pmatrix}1", 0),
        ("x}", 1),
        ("\\left\\x a\\right)", 0),
    ],
)
def test_a_mistake_knows_its_place(tex: str, at: int) -> None:
    """Where in the text it stands."""
    with pytest.raises(Unreadable) as caught:
        written(tex)
    assert caught.value.at == at


def test_the_documentation_lists_what_there_is() -> None:
    """Every macro and environment, and none besides."""
    text = (Path(__file__).parents[3] / "docs" / "html.md").read_text("utf-8")
    listed = text.partition("## What may stand on a page")[2].partition("## How it is made")[0]
    macros = set(re.findall(r"`\\([^`]+)`", listed))
    assert macros == {name for name in (*vocabulary.TEXT, *vocabulary.MATH) if name.strip()}
    (environments,) = re.findall(r"Environments: ((?:`[^`]+`\s*)+)", listed)
    assert set(re.findall(r"`([^`]+)`", environments)) == set(vocabulary.ENVIRONMENTS)
