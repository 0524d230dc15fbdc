"""Formulas that are parsed once look like those that matplotlib draws, and are not parsed again."""

import subprocess
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

from blattwerk.build.drawing import canvas
from blattwerk.build.drawing.board import CENTIMETRE, Board
from blattwerk.build.drawing.canvas import formula
from blattwerk.build.drawing.figures import pdf
from tests.build.drawing.test_bars import CHARTS

LETTERS = (
    "x",
    "-3",
    "1/16",
    "t = -1/2",
    "h_{i-1}^{\\prime}",
    "\\hat{y}_2",
    "x'",
    "\\alpha\\beta\\gamma\\mu\\sigma\\Phi",
)
OTHERS = ("\\frac{1}{2}", "\\sqrt{x}", "\\Omega")  # lines, and a sign that no text has
WIDTH, HEIGHT = 4, 2


def picture(drawing: Figure, path: Path) -> bytes:
    """The pixels of a drawing's PDF, 300 an inch."""
    drawing.savefig(path, format="pdf")
    return subprocess.run(["pdftoppm", "-r", "300", path], capture_output=True, check=True).stdout


@pytest.mark.parametrize("tex", LETTERS + OTHERS)
def test_a_formula_looks_as_matplotlib_draws_it(tex: str, tmp_path: Path) -> None:
    """Pixel for pixel."""
    board = Board(WIDTH, HEIGHT)
    board.write(1, 0.7, tex, size=12)
    theirs = Figure(figsize=(WIDTH * CENTIMETRE, HEIGHT * CENTIMETRE))
    font = FontProperties(family="cmr10", size=12, math_fontfamily="cm")
    theirs.text(1 / WIDTH, 0.7 / HEIGHT, f"${tex}$", fontproperties=font)
    assert picture(board.canvas, tmp_path / "ours.pdf") == picture(theirs, tmp_path / "theirs.pdf")
    assert (formula(f"${tex}$", font).letters is None) == (tex in OTHERS)


def test_a_formula_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second drawing of the same figure needs no parser, nor has matplotlib to use its own."""
    figure = CHARTS["three"]
    first = pdf.__wrapped__(figure)

    def parse(*_: object, **__: object) -> None:
        raise AssertionError("parsed again")

    monkeypatch.setattr(canvas, "PARSER", None)
    monkeypatch.setattr(MathTextParser, "parse", parse)
    assert pdf.__wrapped__(figure) == first
