"""Any figure's data as a picture, in its final size. Never through pyplot, which has a global state."""

import io
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from matplotlib import rc_context

from blattwerk.build.drawing.bars import bar_chart
from blattwerk.build.drawing.canvas import Canvas
from blattwerk.build.drawing.densities import mixture_density, overlapping_densities
from blattwerk.build.drawing.diagrams import layer_blocks
from blattwerk.build.drawing.networks import layered_network
from blattwerk.build.drawing.panels import panels
from blattwerk.build.drawing.style import STYLE, STYLE_OF_WORDS
from blattwerk.vocabulary.figures import (
    BarChart,
    Figure,
    LayerBlocks,
    LayeredNetwork,
    MixtureDensity,
    OverlappingDensities,
    Panels,
)

DRAWN_BY: Mapping[type[Figure], Callable[[Any], Canvas]] = {
    BarChart: bar_chart,
    LayerBlocks: layer_blocks,
    LayeredNetwork: layered_network,
    MixtureDensity: mixture_density,
    OverlappingDensities: overlapping_densities,
    Panels: panels,
}


def draw(figure: Figure) -> Canvas:
    """The figure drawn."""
    if type(figure) not in DRAWN_BY:
        raise TypeError(f"nobody knows how to draw a {type(figure).__name__}")
    return DRAWN_BY[type(figure)](figure)


@lru_cache(maxsize=256)  # some figures are the same for a whole class
def pdf(figure: Figure) -> bytes:
    """The figure as a PDF without a date, so that equal figures are equal bytes."""
    return _saved(figure, format="pdf", metadata={"CreationDate": None, "Producer": None, "Creator": None})


@lru_cache(maxsize=256)
def svg(figure: Figure) -> bytes:
    """The figure as SVG without a date, its letters as outlines, so that it needs no font."""
    return _saved(figure, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})


def png(figure: Figure) -> bytes:
    """The figure as a picture for the screen."""
    return _saved(figure, format="png", dpi=160, metadata={"Software": None})


def _saved(figure: Figure, **options: Any) -> bytes:
    with rc_context((STYLE_OF_WORDS if isinstance(figure, Panels) else STYLE) | {"svg.hashsalt": "blattwerk"}):
        target = io.BytesIO()
        draw(figure).savefig(target, **options)
    return target.getvalue()
