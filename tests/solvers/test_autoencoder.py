"""Autoencoders: sizes and parameters of published layers, moments by hand, the linear autoencoder against others."""

import re
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.hearing import comparisons
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.generators.autoencoder import EXERCISE
from blattwerk.solvers.autoencoder import Convolution, Floor, Line, Network, Params, Tied, solve
from blattwerk.vocabulary import matrices
from blattwerk.vocabulary.derivation import derive, verify
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.functions import number
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.instances import instance, placed

LINE = Line((3, 4), 6, (Fraction(2), Fraction(3)), 1)
# Left multiplication by the quaternion 1 + i + j + k, halved: orthonormal columns.
TIED = Tied(
    covariance=((12, -2, 0, -8), (-2, 12, -8, 0), (0, -8, 12, -2), (-8, 0, -2, 12)),
    eigenvectors=((1, 1, 1, 1), (1, -1, 1, -1), (-1, 1, 1, -1), (-1, -1, 1, 1)),
    weights=((1, 7), (-7, 1), (7, -1), (-1, -7)),
    denominator=10,
)


def _solved(network: Network) -> Any:
    return solve(Params(network, LINE, None))


def test_layers_of_lenet() -> None:
    """C1 of LeNet-5 has 156 parameters and 28 x 28 outputs (LeCun et al., Proc. IEEE 86, 1998); by hand 6 -> 16."""
    network = Network(1, 32, (Convolution(6, 5, 1, 0), Convolution(16, 5, 1, 0)), (120,), 84)
    first, second, third, fourth = _solved(network).layers[:4]
    assert (first.side, first.parameters) == (28, 156)
    assert (second.side, second.parameters) == (24, 2416)
    assert (third.inputs, third.parameters) == (16 * 24 * 24, 120 * (16 * 24 * 24 + 1))
    assert fourth.parameters == 10164  # LeNet's layer F6


def test_fully_connected_by_hand() -> None:
    """784-32-784: 784 * 32 + 32 = 25120 and 32 * 784 + 784 = 25872."""
    solution = _solved(Network(784, 1, (), (), 32))
    assert (solution.encoder, solution.decoder, solution.total) == (25120, 25872, 50992)
    assert solution.compression == Fraction(49, 2)


@pytest.mark.parametrize(("side", "padding"), [(5, 0), (6, 1)])
def test_two_sides_with_one_image(side: int, padding: int) -> None:
    """k = 3, s = 2, p = 1 takes both 5 and 6 to 3; the output padding tells them apart (Dumoulin and Visin, 4.6)."""
    down, *_, up = _solved(Network(1, side, (Convolution(2, 3, 2, 1),), (), 4)).layers
    assert (down.side, up.side, up.output_padding) == (3, side, padding)


def test_a_small_network_by_hand() -> None:
    """8 x 8 with 3 channels, k = 3, s = 2, p = 1 to 4 channels: 4 x 4 x 4 = 64, code 5."""
    solution = _solved(Network(3, 8, (Convolution(4, 3, 2, 1),), (), 5))
    assert [layer.parameters for layer in solution.layers] == [112, 325, 384, 111]
    assert [layer.side for layer in solution.layers] == [4, 1, 1, 8]
    assert (solution.encoder, solution.decoder, solution.connected) == (437, 495, 709)
    assert (solution.inputs, solution.compression, solution.widest) == (192, Fraction(192, 5), 64)


def test_moments_by_hand() -> None:
    """|u|^2 = 25: 6 * 25, 4 * 25, 9 * (1 + 1) * 25, 6 / 9."""
    samples = _solved(Network(8, 1, (), (), 2)).samples
    assert (samples.data, samples.first, samples.second) == (150, 100, 450)
    assert samples.code_variance == Fraction(2, 3)


def test_linear_autoencoder_by_hand() -> None:
    """C v = mu v for v = (1, 1, -1, -1), ...: 18, 22, 2, 6; w_1 = 4/5 q_1 - 3/5 q_2, w_2 = 3/5 q_1 + 4/5 q_2."""
    linear = solve(Params(Network(8, 1, (), (), 2), LINE, TIED)).linear
    assert linear is not None
    assert linear.eigenvalues == (18, 22, 2, 6)
    assert linear.error == 8
    assert linear.captured == (
        (Fraction(16 * 22 + 9 * 18, 25), Fraction(12 * 22 - 12 * 18, 25)),
        (Fraction(12 * 22 - 12 * 18, 25), Fraction(9 * 22 + 16 * 18, 25)),
    )


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-6, 6), min_size=8, max_size=8), st.integers(1, 12))
def test_no_matrix_has_a_smaller_error(entries: list[int], denominator: int) -> None:
    """tr (I - WW')C(I - WW') is at least the solver's error for all W, orthonormal or not."""
    linear = solve(Params(Network(8, 1, (), (), 2), LINE, TIED)).linear
    assert linear is not None
    W = matrices.matrix(
        (Fraction(a, denominator), Fraction(b, denominator)) for a, b in zip(entries[::2], entries[1::2], strict=True)
    )
    rest = matrices.add(matrices.identity(4), matrices.scale(-1, matrices.multiply(W, matrices.transpose(W))))
    C = matrices.matrix(TIED.covariance)
    assert matrices.trace(matrices.multiply(rest, matrices.multiply(C, rest))) >= linear.error


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 60), st.integers(1, 7), st.integers(1, 4), st.integers(0, 3))
def test_the_transpose_returns_the_side(side: int, kernel: int, stride: int, padding: int) -> None:
    """(m - 1)s - 2p + k + r is the old side, with 0 <= r < s, wherever the kernel fits."""
    if side + 2 * padding >= kernel:
        down, *_, up = _solved(Network(1, side, (Convolution(2, kernel, stride, padding),), (), 1)).layers
        assert (down.side - 1) * stride - 2 * padding + kernel + up.output_padding == side
        assert 0 <= up.output_padding < stride


def test_floor_rounds_down() -> None:
    """floor(7/2) = 3 and floor(-7/2) = -4, and the check would notice otherwise."""
    assert verify("floor", derive(Floor(number(7) / number(2))).eq(3)).checked == 1
    assert Floor(number(Fraction(-7, 2))).value() == -4
    assert str(Floor(number(7) / number(2))) == "floor(7/2)"
    with pytest.raises(ProofFailure):
        verify("floor", derive(Floor(number(7) / number(2))).eq(4))


@pytest.mark.parametrize("name", ["encoder", "decoder", "total", "compression"])
def test_two_oracles_object_to_a_wrong_count(name: str) -> None:
    """A forgotten bias is noticed under the answer's name, by two oracles."""
    one = instance("autoencoder", 7, "hard")
    wrong = replace(one.solution, **{name: getattr(one.solution, name) - 1})
    assert len(_objecting(one, wrong, name)) >= 2


@pytest.mark.parametrize("name", ["data", "first", "second", "code_variance"])
def test_two_oracles_object_to_a_wrong_moment(name: str) -> None:
    """So is a forgotten square."""
    one = instance("autoencoder", 7, "standard")
    samples = replace(one.solution.samples, **{name: getattr(one.solution.samples, name) * 2})
    assert len(_objecting(one, replace(one.solution, samples=samples), name)) >= 2


def test_two_oracles_object_to_the_sum_of_the_kept_eigenvalues() -> None:
    """The usual mistake: tr(W'CW) taken for the error."""
    one = instance("autoencoder", 7, "hard")
    wrong = replace(one.solution.linear, error=matrices.trace(one.solution.linear.captured))
    assert len(_objecting(one, replace(one.solution, linear=wrong), "error")) >= 2


def _objecting(one: Instance, wrong: Any, name: str) -> set[str]:
    return {
        oracle.__name__
        for oracle in one.exercise.oracles
        if any(word.what == name and not word.agrees for word in oracle(one.params, wrong))
    }


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_instances_are_worth_computing(difficulty: Difficulty) -> None:
    """The code is the narrowest layer; the moments differ; below 100000 parameters; all relations are checked."""
    for seed in range(30):
        one = instance("autoencoder", seed, difficulty)
        solution, samples = one.solution, one.solution.samples
        sizes = [layer.outputs * layer.side**2 for layer in solution.layers]
        assert [size for size in sizes if size <= one.params.network.code] == [one.params.network.code]
        assert len({samples.data, samples.first, samples.second}) == 3
        assert solution.total < 100_000
        assert solution.layers[-1].outputs * solution.layers[-1].side ** 2 == solution.inputs
        proof = prove(one)
        assert proof.relations.cited == 0


def test_hard_instances_turn_the_axes() -> None:
    """Four different eigenvalues, W in the plane of the first two, no column of it an eigenvector; some r are 0."""
    for seed in range(40):
        one = instance("autoencoder", seed, "hard")
        values, linear = sorted(one.solution.linear.eigenvalues), one.solution.linear
        assert len(set(values)) == 4 and values[0] > 0
        assert matrices.trace(linear.captured) == values[2] + values[3]
        assert linear.captured[0][1] == linear.captured[1][0] != 0
        paddings = [layer.output_padding for layer in one.solution.layers if layer.kind == "transposed"]
        assert min(paddings) == 0 < max(paddings)


def test_parts_and_oracles() -> None:
    """The linear part exists in hard exercises only; five oracles speak."""
    assert [part.id for part in EXERCISE.parts_at("standard")] == ["structure", "shapes", "generative"]
    assert [part.id for part in EXERCISE.parts_at("hard")] == ["structure", "shapes", "generative", "linear"]
    assert len(comparisons(instance("autoencoder"))) == 5


pairs = st.tuples(st.integers(-3, 3), st.integers(-3, 3))


@settings(deadline=None, max_examples=30)
@given(pairs, pairs)
def test_only_the_projection_has_the_least_error(first: tuple[int, int], second: tuple[int, int]) -> None:
    """W in the plane of U: its error exceeds that of U by E|UU'x - WW'x|^2, which is 0 for WW' = UU' only."""
    C = matrices.matrix(TIED.covariance)
    U = matrices.scale(Fraction(1, TIED.denominator), matrices.matrix(TIED.weights))
    W = matrices.multiply(U, matrices.scale(Fraction(1, 2), matrices.matrix((first, second))))
    onto, coded = (matrices.multiply(A, matrices.transpose(A)) for A in (U, W))

    def mean_square(M: matrices.Matrix) -> Any:
        """E|Mx|^2."""
        return matrices.trace(matrices.multiply(matrices.multiply(M, C), matrices.transpose(M)))

    rest, other = (matrices.add(matrices.identity(4), matrices.scale(-1, A)) for A in (onto, coded))
    excess = mean_square(matrices.add(onto, matrices.scale(-1, coded)))
    assert mean_square(other) == mean_square(rest) + excess
    assert (excess == 0) == (coded == onto)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_condition_stands_behind_a_relation(lang: Lang) -> None:
    """A bare bar has no space around it: p(x \\mid z), not p(x|z)."""
    one = instance("autoencoder", 1, "hard")
    for part in exercise_view(1, Item(one, placed(one), hints=True), lang, {}).parts:
        for field in fields(part):
            assert not re.search(r"p\([^()|]*[^\\(]\|", getattr(part, field.name))
