"""Bar charts: equal bytes, final size, readable bars, nothing cut off."""

import io
import os
import subprocess
import sys
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from matplotlib.colors import to_rgb

from blattwerk.build.drawing.figures import draw, pdf
from blattwerk.build.drawing.style import COLOURS, TEXT_WIDTH
from blattwerk.vocabulary.figures import BarChart, file_name
from blattwerk.vocabulary.language import Localised
from tests.build.drawing.drawings import assert_on_the_page, outlines, patches, words

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
from blattwerk.build.drawing.figures import pdf
from tests.build.drawing.test_bars import CHARTS
print(sha256(b"".join(map(pdf, CHARTS.values()))).hexdigest(), "matplotlib.pyplot" in sys.modules)
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_equal_figures_are_equal_bytes_in_every_process(hash_seed: str) -> None:
    """No date, no order of a set, no address gets into the file; and pyplot with its global state is not loaded."""
    here = sha256(b"".join(map(pdf, CHARTS.values()))).hexdigest()
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-c", IN_A_FRESH_PROCESS]
    root = Path(__file__).parents[3]
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
    """Each bar begins at 0 and ends on a labelled grid line, and above the highest bar there is none."""
    lines, unit = _grid(figure), figure.denominator
    canvas = draw(figure)
    for name, heights in figure.series:
        for height, bar in zip(heights, outlines(canvas, name), strict=True):
            k = height * unit
            assert bar[:, 1].min() == lines["$0$"]
            assert bar[:, 1].max() == lines["$0$" if k == 0 else f"${k}/{unit}$"]
    levels = [*lines.values()]
    assert len(lines) == max(max(heights) for _, heights in figure.series) * unit + 1
    assert np.diff(levels) == pytest.approx(levels[1] - levels[0])


def _grid(figure: BarChart) -> dict[str, float]:
    """The heights of all grid lines by their labels, each of which stands beside its line with its middle."""
    lines = outlines(draw(figure), "grid")
    assert all(start[1] == end[1] and start[0] < end[0] for start, end in lines)
    beside = [word for word in words(draw(figure)) if word.box.x1 < min(line[0, 0] for line in lines)]
    heights = {}
    for line in lines:
        (label,) = (w for w in beside if abs((w.box.y0 + w.box.y1) / 2 - line[0, 1]) < 0.05)
        heights[label.formula] = line[0, 1]
    assert len(heights) == len(lines) == len(beside)
    return heights


@every_chart
def test_bars_touch_within_a_group_and_stand_above_its_label(figure: BarChart) -> None:
    """All bars are equally wide; a label stands below the middle of its group, and between groups there is room."""
    canvas = draw(figure)
    sides = [[(bar[:, 0].min(), bar[:, 0].max()) for bar in outlines(canvas, name)] for name, _ in figure.series]
    for left, right in pairwise(sides):
        assert [end for _, end in left] == pytest.approx([start for start, _ in right])
    assert len({round(end - start, 9) for bars in sides for start, end in bars}) == 1
    assert all(end < start for (_, end), (start, _) in zip(sides[-1], sides[0][1:], strict=False))
    below = {word.formula: word.box for word in words(canvas) if word.box.y1 < _grid(figure)["$0$"]}
    for label, (start, _), (_, end) in zip(figure.labels, sides[0], sides[-1], strict=True):
        box = below[f"${label}$"]
        assert (box.x0 + box.x1) / 2 == pytest.approx((start + end) / 2)


@every_chart
def test_nothing_is_cut_off_and_nothing_is_covered(figure: BarChart) -> None:
    """All ink lies on the page; the legend lies above the plot; labels of neighbouring grid lines keep apart."""
    canvas = draw(figure)
    assert_on_the_page(canvas)
    highest = max(bar[:, 1].max() for name, _ in figure.series for bar in outlines(canvas, name))
    names = [next(w.box for w in words(canvas) if w.formula == f"${name}$") for name, _ in figure.series]
    swatches = outlines(canvas, "legend")[::-1]
    assert highest < min([swatch[:, 1].min() for swatch in swatches] + [name.y0 for name in names])
    ends = [x for swatch, name in zip(swatches, names, strict=True) for x in (*swatch[:2, 0], name.x0, name.x1)]
    assert ends == sorted(ends)
    labels = [next(w.box for w in words(canvas) if w.formula == text) for text in _grid(figure)]
    assert all(low.y1 < high.y0 for low, high in pairwise(labels))


@every_chart
def test_the_legend_shows_how_the_bars_are_filled(figure: BarChart) -> None:
    """The swatch before a name has the colour and the hatch of that name's bars."""
    canvas = draw(figure)
    swatches = [patch for patch in patches(canvas) if patch.get_label() == "legend"][::-1]
    bars = [next(patch for patch in patches(canvas) if patch.get_label() == name) for name, _ in figure.series]
    looks = [[(patch.get_facecolor(), patch.get_hatch()) for patch in group] for group in (swatches, bars)]
    assert looks[0] == looks[1]
    assert len(set(looks[0])) == len(figure.series)


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
