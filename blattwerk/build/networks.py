"""Drawing of fully connected networks, in centimetres: weights on white ground upon their edges, biases from above."""

from itertools import combinations
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle

from blattwerk.build.figures import CENTIMETRE, draw
from blattwerk.figures import LayeredNetwork

WIDTH, MARGIN = 13.2, 0.65
ROW = 1.6  # from one node to the next in the largest layer
RADIUS = 0.36
STUB = (0.3, 0.12)  # length of a bias's line, and from there to its number
STROKE, FAINT = 0.8, "0.45"
SYMBOL_SIZE, NUMBER_SIZE = 10.5, 9.0
AXIS = 0.11  # how far the middle of a small letter lies above its baseline
PLACES = tuple(k / 120 for k in range(18, 103))  # where along an edge a weight may stand


class Point(NamedTuple):
    """A place on the canvas."""

    x: float
    y: float


Edge = tuple[Point, Point]


@draw.register
def layered_network(figure: LayeredNetwork) -> Canvas:
    """The layers from left to right, each centred, the edges below their weights, and the nodes upon the edges."""
    nodes, height = _nodes(figure)
    canvas = Canvas(figsize=(WIDTH * CENTIMETRE, height * CENTIMETRE))
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(0, height))
    axes.set_axis_off()
    for before, after, weights in zip(nodes, nodes[1:], figure.weights, strict=False):
        edges = [(source, target) for target in after for source in before]
        _edges(axes, edges, [w for row in weights for w in row])
    for symbols, layer in zip(figure.layers, nodes, strict=True):
        for symbol, node in zip(symbols, layer, strict=True):
            _node(axes, node, symbol)
    for layer, biases in zip(nodes[1:], figure.biases, strict=True):
        for node, bias in zip(layer, biases, strict=True):
            _bias(axes, node, bias)
    return canvas


def _nodes(figure: LayeredNetwork) -> tuple[list[list[Point]], float]:
    """The places of all nodes, and the height that they and the biases above them need."""
    most = max(map(len, figure.layers))
    step = (WIDTH - 2 * MARGIN) / (len(figure.layers) - 1)
    middle = MARGIN + (most - 1) * ROW / 2
    nodes = [
        [Point(MARGIN + i * step, middle + ROW * ((len(layer) - 1) / 2 - j)) for j in range(len(layer))]
        for i, layer in enumerate(figure.layers)
    ]
    return nodes, 2 * middle + sum(STUB)


def _edges(axes: Axes, edges: list[Edge], weights: list[int]) -> None:
    """All edges between two layers; the weights stand at the same part of each edge, where they are most apart."""
    at = max(PLACES, key=lambda place: _room(edges, place))
    for source, target in edges:
        axes.plot((source.x, target.x), (source.y, target.y), color=FAINT, linewidth=0.6, zorder=1)
    for edge, weight in zip(edges, weights, strict=True):
        x, y = _along(edge, at)
        box = {"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none"}
        axes.text(
            x, y, f"$\\,\\,{{{weight}}}\\,\\,$", fontsize=NUMBER_SIZE, ha="center", va="center", bbox=box, zorder=2
        )


def _along(edge: Edge, part: float) -> Point:
    source, target = edge
    return Point(source.x + part * (target.x - source.x), source.y + part * (target.y - source.y))


def _room(edges: list[Edge], part: float) -> float:
    """The least vertical distance between two weights, all of which stand at the same x."""
    heights = [_along(edge, part).y for edge in edges]
    return min((abs(a - b) for a, b in combinations(heights, 2)), default=0.0)


def _node(axes: Axes, node: Point, symbol: str) -> None:
    axes.add_patch(Circle(node, RADIUS, facecolor="white", edgecolor="black", linewidth=STROKE, zorder=3))
    axes.text(node.x, node.y - AXIS, f"${symbol}$", fontsize=SYMBOL_SIZE, ha="center", va="baseline", zorder=4)


def _bias(axes: Axes, node: Point, bias: int) -> None:
    """A short line into the node from above, with the bias at its end."""
    foot, (length, gap) = node.y + RADIUS, STUB
    axes.plot((node.x, node.x), (foot, foot + length), color="black", linewidth=STROKE, zorder=1)
    axes.text(node.x + gap, foot + length - gap, f"${bias}$", fontsize=NUMBER_SIZE, ha="left", va="center", zorder=4)
