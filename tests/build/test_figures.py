"""Drawn figures: equal bytes, final size, readable bars, nothing cut off."""

import io
import os
import subprocess
import sys
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Canvas

from blattwerk.build.figures import COLOURS, STYLE, TEXT_WIDTH, draw, file_name, pdf
from blattwerk.exercise import Localised
from blattwerk.figures import BarChart

POINTS_PER_CENTIMETRE = 72 / 2.54
LABELS = "abcdefghijkl"


def chart(p: tuple[int, ...], q: tuple[int, ...], denominator: int) -> BarChart:
    """A bar chart of two histograms, their heights in units of 1/denominator."""
    series = tuple((name, tuple(Fraction(k, denominator) for k in counts)) for name, counts in (("P", p), ("Q", q)))
    return BarChart(Localised("two histograms", "zwei Histogramme"), tuple(LABELS[: len(p)]), series, denominator)


CHARTS = {
    "three": chart((1, 2, 5), (3, 0, 5), 8),
    "five": chart((3, 0, 5, 2, 6), (4, 3, 1, 7, 1), 16),
    "six": chart((10, 1, 2, 1, 1, 1), (1, 1, 1, 1, 2, 10), 16),
    "twelve": chart((1,) * 12, (2, 0) * 6, 12),
}
every_chart = pytest.mark.parametrize("figure", CHARTS.values(), ids=CHARTS)

IN_A_FRESH_PROCESS = """
import sys
from hashlib import sha256
from blattwerk.build.figures import pdf
from tests.build.test_figures import CHARTS
print(sha256(b"".join(map(pdf, CHARTS.values()))).hexdigest(), "matplotlib.pyplot" in sys.modules)
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_equal_figures_are_equal_bytes_in_every_process(hash_seed: str) -> None:
    """No date, no order of a set, no address gets into the file; and pyplot with its global state is not loaded."""
    here = sha256(b"".join(map(pdf, CHARTS.values()))).hexdigest()
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-c", IN_A_FRESH_PROCESS]
    root = Path(__file__).parents[2]
    printed = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True).stdout
    assert printed.split() == [here, "False"]


@every_chart
def test_the_file_has_its_final_size(figure: BarChart) -> None:
    """One page that fits into the text; a group of bars takes the same room in each chart unless there are many."""
    with pikepdf.open(io.BytesIO(pdf(figure))) as document:
        (page,) = document.pages
        left, bottom, right, top = (float(x) / POINTS_PER_CENTIMETRE for x in page.mediabox)
    expected = min(TEXT_WIDTH, 1.25 + 1.7 * len(figure.labels))
    assert (left, bottom) == (0, 0)
    assert right == pytest.approx(expected, abs=0.01)
    assert top == pytest.approx(5.9, abs=0.01)


@every_chart
def test_only_the_fonts_of_the_text_are_used(figure: BarChart) -> None:
    """Computer Modern, embedded: what the Latin Modern of the text is drawn after."""
    with pikepdf.open(io.BytesIO(pdf(figure))) as document:
        fonts = [item.Name for item in document.objects if _is_font(item)]
    assert fonts
    assert {str(name).split("+")[-1] for name in fonts} <= {"Cmr10", "Cmmi10"}  # a subset has a prefix


def _is_font(item: object) -> bool:
    return isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"


@every_chart
def test_bars_and_grid_are_exact(figure: BarChart) -> None:
    """Each bar ends on a labelled grid line, and above the highest bar there is none."""
    with rc_context(STYLE):
        (axes,) = _drawn(figure).axes
    unit = figure.denominator
    lines = dict(zip((t.get_text() for t in axes.get_yticklabels()), axes.get_yticks(), strict=True))
    for (name, heights), bars in zip(figure.series, axes.containers, strict=True):
        assert bars.get_label() == f"${name}$"
        for height, bar in zip(heights, bars, strict=True):
            k = height * unit
            assert bar.get_height() == lines["$0$" if k == 0 else f"${k}/{unit}$"] == float(height)
    assert len(lines) == max(max(heights) for _, heights in figure.series) * unit + 1
    assert axes.get_ylim()[0] == 0


@every_chart
def test_nothing_is_cut_off_and_nothing_is_covered(figure: BarChart) -> None:
    """All ink lies on the page; the legend lies above the plot; labels of neighbouring grid lines keep apart."""
    with rc_context(STYLE):
        canvas = _drawn(figure)
        (axes,), (legend,) = canvas.axes, canvas.legends
        ink, page = canvas.get_tightbbox(), canvas.bbox_inches
        assert page.x0 <= ink.x0 and ink.x1 <= page.x1
        assert page.y0 <= ink.y0 and ink.y1 <= page.y1
        bars = [bar.get_window_extent() for container in axes.containers for bar in container]
        assert max(bar.y1 for bar in bars) < legend.get_window_extent().y0
        labels = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert all(low.y1 < high.y0 for low, high in pairwise(labels))


def _drawn(figure: BarChart) -> Canvas:
    canvas = draw(figure)
    FigureCanvasAgg(canvas).draw()
    return canvas


def test_the_first_two_series_differ_in_grey() -> None:
    """On a grey printer the bars are still told apart."""

    def grey(colour: str) -> float:
        red, green, blue = to_rgb(colour)
        return 0.299 * red + 0.587 * green + 0.114 * blue

    assert abs(grey(COLOURS[0]) - grey(COLOURS[1])) > 0.3


def test_a_file_name_depends_on_the_content_only() -> None:
    """Equal figures share a file; other heights have another one."""
    again = chart((1, 2, 5), (3, 0, 5), 8)
    assert file_name(again) == file_name(CHARTS["three"])
    assert len({file_name(figure) for figure in CHARTS.values()}) == len(CHARTS)
