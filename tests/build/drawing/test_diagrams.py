"""Block diagrams: drawn from their data alone, the same bytes for the same data."""

from pathlib import Path

import pikepdf

from blattwerk.build.drawing.figures import draw, pdf
from blattwerk.vocabulary.figures import LayerBlocks, file_name
from blattwerk.vocabulary.language import Localised
from tests.build.drawing.drawings import assert_on_the_page, patches, words

BLOCKS = LayerBlocks(Localised("two blocks", "zwei Blöcke"), ("x", "W", "y"), ("x'", "W", "y'"))


def test_layer_blocks_show_their_symbols() -> None:
    """Each symbol of the data stands in the drawing once, in math notation, and nothing else is written."""
    written = [word.formula for word in words(draw(BLOCKS))]
    assert written == ["$x$", "$W$", "$y$", "$x'$", "$W$", "$y'$"]


def test_layer_blocks_stand_on_one_line() -> None:
    """All symbols have the same baseline, and lie within the figure."""
    canvas = draw(BLOCKS)
    assert len({word.y for word in words(canvas)}) == 1
    assert_on_the_page(canvas)


def test_layer_blocks_are_grey() -> None:
    """Boxes and arrows need no colour."""
    colours = {c[:3] for patch in patches(draw(BLOCKS)) for c in (patch.get_facecolor(), patch.get_edgecolor())}
    assert len(colours) > 1
    assert all(len(set(colour)) == 1 for colour in colours)


def test_equal_diagrams_are_equal_bytes() -> None:
    """The file depends on the data only."""
    again = LayerBlocks(Localised("two blocks", "zwei Blöcke"), ("x", "W", "y"), ("x'", "W", "y'"))
    assert pdf(BLOCKS) == pdf(again)
    assert file_name(BLOCKS) == file_name(again)


def test_the_diagram_fits_on_the_page(tmp_path: Path) -> None:
    """It is narrower than the text, which has 16 cm."""
    path = tmp_path / "blocks.pdf"
    path.write_bytes(pdf(BLOCKS))
    with pikepdf.open(path) as document:
        assert float(document.pages[0].mediabox[2]) < 16 / 2.54 * 72
