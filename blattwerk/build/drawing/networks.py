"""Drawing of fully connected networks, in centimetres: weights in gaps of their edges, biases from above."""

from itertools import chain, pairwise
from typing import NamedTuple

from blattwerk.build.drawing.board import MIDDLE, SIGN, Board
from blattwerk.build.drawing.canvas import Canvas
from blattwerk.vocabulary.figures import LayeredNetwork

WIDTH, MARGIN = 13.2, 0.65
ROW = 1.6  # from one node to the next in the largest layer
RADIUS = 0.36
STUB = (0.3, 0.12)  # length of a bias's line, and from there to its number
STROKE, FAINT = 0.8, "0.45"
SYMBOL_SIZE, NUMBER_SIZE = 10.5, 9.0
AXIS = 0.11  # how far the middle of a small letter lies above its baseline
FREE = (0.144, 0.183)  # what an edge leaves free beside its weight, and above and below the weight's middle
PLACES = tuple(k / 120 for k in range(18, 103))  # where along an edge a weight may stand


class Point(NamedTuple):
    """A place on the canvas."""

    x: float
    y: float


Edge = tuple[Point, Point]


def layered_network(figure: LayeredNetwork) -> Canvas:
    """The layers from left to right, each centred; the nodes lie upon the ends of the edges."""
    nodes, height = _nodes(figure)
    board = Board(WIDTH, height)
    for before, after, weights in zip(nodes, nodes[1:], figure.weights, strict=False):
        edges = [(source, target) for target in after for source in before]
        _edges(board, edges, [*chain(*weights)])
    _biases(board, [*chain(*nodes[1:])], [*chain(*figure.biases)])
    _symbols(board, [*chain(*nodes)], [*chain(*figure.layers)])
    return board.canvas


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


def _edges(board: Board, edges: list[Edge], weights: list[int]) -> None:
    """All edges between two layers; the weights stand at the same part of each edge, where they are most apart."""
    at = max(PLACES, key=lambda place: _room(edges, place))
    pieces: list[Edge] = []
    for edge, weight in zip(edges, weights, strict=True):
        x, y = _along(edge, at)
        room = board.write(x, y - SIGN, str(weight), MIDDLE, NUMBER_SIZE)
        gap = _gap(edge, room.width / 2)
        pieces += [(edge[0], _along(edge, at - gap)), (_along(edge, at + gap), edge[1])]
    board.lines(pieces, 0.6, FAINT, label="edges")


def _gap(edge: Edge, half: float) -> float:
    """Which part of an edge is left free on either side of its weight's middle; `half` is half the weight's width."""
    (x0, y0), (x1, y1) = edge
    beside, above = FREE
    return min((half + beside) / (x1 - x0), above / abs(y1 - y0) if y0 != y1 else 1.0)


def _along(edge: Edge, part: float) -> Point:
    source, target = edge
    return Point(source.x + part * (target.x - source.x), source.y + part * (target.y - source.y))


def _room(edges: list[Edge], part: float) -> float:
    """The least vertical distance between two weights, all of which stand at the same x."""
    heights = sorted(_along(edge, part).y for edge in edges)
    return min((high - low for low, high in pairwise(heights)), default=0.0)


def _symbols(board: Board, nodes: list[Point], symbols: list[str]) -> None:
    """A circle with its symbol for each node."""
    board.circles(nodes, RADIUS, facecolor="white", edgecolor="black", linewidth=STROKE, label="nodes")
    for node, symbol in zip(nodes, symbols, strict=True):
        board.write(node.x, node.y - AXIS, symbol, MIDDLE, SYMBOL_SIZE)


def _biases(board: Board, nodes: list[Point], biases: list[int]) -> None:
    """A short line into each node from above, with the bias at its end."""
    length, gap = STUB
    tops = [Point(x, y + RADIUS + length) for x, y in nodes]
    board.lines([(Point(x, y - length), Point(x, y)) for x, y in tops], STROKE)
    for (x, y), bias in zip(tops, biases, strict=True):
        board.write(x + gap, y - gap - SIGN, str(bias), size=NUMBER_SIZE)
