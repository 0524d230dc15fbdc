"""Drawn networks: each weight stands in a gap of its edge, and everything can be read."""

from collections.abc import Iterable
from itertools import count, islice, pairwise, product, repeat

import numpy as np
import pytest

from blattwerk.build.drawing.figures import draw, pdf
from blattwerk.build.drawing.networks import RADIUS
from blattwerk.generators.train_from_scratch import RANGES
from blattwerk.vocabulary.figures import LayeredNetwork
from blattwerk.vocabulary.language import Localised
from tests.build.drawing.drawings import Points, assert_on_the_page, outlines, words

SHAPES = sorted({shape for given in RANGES.values() for shape in given.shapes})
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def network(shape: tuple[int, ...], weights: Iterable[int] = repeat(-3)) -> LayeredNetwork:
    """A network with these weights, row by row; without them, with numbers that are as wide as they get."""
    names = zip(("x", "h", "\\hat{y}"), shape, strict=True)
    layers = tuple(tuple(f"{name}_{i}" for i in range(1, n + 1)) for name, n in names)
    given = iter(weights)
    rows = tuple(tuple(tuple(islice(given, m)) for _ in range(n)) for m, n in pairwise(shape))
    return LayeredNetwork(Localised("a network", "ein Netz"), layers, rows, tuple((-5,) * n for n in shape[1:]))


def edges(shape: tuple[int, ...]) -> list[tuple[Points, Points]]:
    """The two pieces of each edge."""
    pieces = outlines(draw(network(shape)), "edges")
    return [*zip(pieces[::2], pieces[1::2], strict=True)]


def nodes(shape: tuple[int, ...]) -> Points:
    """The middles of all nodes, layer by layer."""
    circles = outlines(draw(network(shape)), "nodes")
    return np.array([(points.min(axis=0) + points.max(axis=0)) / 2 for points in circles])


@every_shape
def test_every_edge_leads_from_a_node_to_a_node(shape: tuple[int, ...]) -> None:
    """All nodes of a layer are joined with all of the next one, straight, with one gap."""
    ends = set()
    for first, second in edges(shape):
        along = second[1] - first[0]
        for inner in (first[1], second[0]):
            part = (inner - first[0]) @ along / (along @ along)
            assert 0 < part < 1 and first[0] + part * along == pytest.approx(inner)
        assert (second[0] - first[1]) @ along > 0
        ends.add((_nearest(shape, first[0]), _nearest(shape, second[1])))
    starts = np.cumsum((0, *shape))
    layers = [range(start, end) for start, end in pairwise(starts)]
    assert ends == {pair for before, after in pairwise(layers) for pair in product(before, after)}


def _nearest(shape: tuple[int, ...], place: Points) -> int:
    """The node whose middle is at this place, by its number."""
    distances = np.linalg.norm(nodes(shape) - place, axis=1)
    assert distances.min() == pytest.approx(0, abs=1e-9)
    return int(distances.argmin())


@every_shape
def test_every_weight_stands_in_the_gap_of_its_edge(shape: tuple[int, ...]) -> None:
    """The edge from the i-th to the j-th node of two layers has the i-th weight of the j-th row at its gap."""
    figure = network(shape, count(1))
    written = words(draw(figure))
    pairs = [(j, i, layer) for layer, (m, n) in enumerate(pairwise(shape)) for j in range(n) for i in range(m)]
    for j, i, layer in pairs:
        (word,) = (word for word in written if word.formula == f"${figure.weights[layer][j][i]}$")
        before = sum(shape[:layer])
        source, target = nodes(shape)[[before + i, before + shape[layer] + j]]
        middle = np.array([word.box.x0 + word.box.width / 2, word.box.y0 + word.box.height / 2])
        part = (middle[0] - source[0]) / (target[0] - source[0])
        assert 0.1 < part < 0.9 and middle == pytest.approx(source + part * (target - source), abs=0.03)


@every_shape
def test_no_edge_runs_through_a_number(shape: tuple[int, ...]) -> None:
    """Neither its own nor another one: half a millimetre is free around each."""
    lines = [np.linspace(*piece, 500) for edge in edges(shape) for piece in edge]
    numbers = [word.box.padded(0.05) for word in words(draw(network(shape))) if word.formula == "$-3$"]
    for box, points in product(numbers, lines):
        assert not ((points > box.min).all(axis=1) & (points < box.max).all(axis=1)).any()


@every_shape
def test_nothing_is_cut_off_and_every_node_has_its_symbol_and_its_bias(shape: tuple[int, ...]) -> None:
    """Symbols stand within their circles; biases beside all nodes but those of the first layer."""
    figure = network(shape)
    canvas = draw(figure)
    assert_on_the_page(canvas)
    written = [word.formula for word in words(canvas)]
    assert written.count("$-5$") == sum(shape[1:])
    for symbol in (symbol for layer in figure.layers for symbol in layer):
        (box,) = (word.box for word in words(canvas) if word.formula == f"${symbol}$")
        assert sum(np.linalg.norm(box.corners() - node, axis=1).max() < RADIUS for node in nodes(shape)) == 1


def test_equal_networks_are_equal_bytes() -> None:
    """The file depends on the data only."""
    assert pdf.__wrapped__(network((3, 4, 2))) == pdf.__wrapped__(network((3, 4, 2)))
