"""Plain and residual networks: values worked out by hand, planted errors, and properties of all layers of the pool."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.generators.residual_backprop import RANGES, _pool
from blattwerk.solvers.residual_backprop import (
    Params,
    Scientific,
    Singular,
    Solution,
    answers,
    claims,
    derivations,
    oracles,
    solve,
)
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.functions import number
from blattwerk.vocabulary.matrices import add, identity, matrix, multiply, scale
from blattwerk.vocabulary.mistakes import Slip
from tests.instances import instance

QUARTER_TURN, REFLECTION = ((0, -1), (1, 0)), ((1, 0), (0, -1))
BY_HAND = Params(2, 3, (QUARTER_TURN, REFLECTION), Fraction(1, 2), 10)


def objects(params: Params, solution: Solution) -> list[str]:
    """What the oracles disagree about."""
    return [word.what for oracle in oracles for word in oracle(params, solution) if not word.agrees]


def test_two_layers_by_hand() -> None:
    """W_4 = R/2 with a quarter turn R, W_5 = F/2 with a reflection F: J = FR/4, J' = I + (F + R)/2 + FR/4."""
    solution = solve(BY_HAND)
    quarter = Fraction(1, 4)
    assert solution.plain == scale(quarter, matrix(((0, -1), (-1, 0))))
    assert solution.residual == scale(quarter, matrix(((6, -3), (1, 2))))
    assert solution.counts == (1, 2, 1)
    assert solution.lengths == (scale(Fraction(1, 2), matrix(((1, -1), (1, -1)))), solution.plain)


def test_singular_values_by_hand() -> None:
    """4J' has |.|_F^2 = 36 + 9 + 1 + 4 = 50 and det 15, so J' has the singular values (sqrt 80 +- sqrt 20)/8."""
    solution = solve(BY_HAND)
    assert solution.layer_norms == (Fraction(1, 2), Fraction(1, 2))
    assert solution.plain_singular.written(1) == solution.plain_singular.written(-1) == number(Fraction(1, 4))
    assert solution.residual_singular == Singular(4, 80, 20)
    assert float(solution.residual_singular.written(1).value()) == pytest.approx(3 * 5**0.5 / 4, rel=1e-15)
    assert float(solution.residual_singular.written(-1).value()) == pytest.approx(5**0.5 / 4, rel=1e-15)
    assert solution.residual_bounds == (Fraction(1, 4), Fraction(9, 4))


def test_integer_singular_values_by_hand() -> None:
    """((2, 2), (-2, 1)) has |.|_F^2 = 13 and det 6: sqrt 25 = 5 and sqrt 1 = 1, so 3 and 2."""
    solution = solve(Params(4, 1, (((2, 2), (-2, 1)), QUARTER_TURN), Fraction(1, 2), 10))
    first = solution.layer_singular[0]
    assert (first.square, first.area) == (13, 6)
    assert (first.written(1), first.written(-1)) == (number(Fraction(3, 4)), number(Fraction(1, 2)))


def test_the_compound_interest_table() -> None:
    """(1 + 1/50)^50 = 2.691588 and 2^50, for c = 1 and L = 50 (Bernoulli's account that is paid 50 times a year)."""
    solution = solve(replace(BY_HAND, factor=Fraction(1), depth=50))
    assert float(solution.scaled_power) == pytest.approx(2.691588, abs=5e-7)
    assert solution.residual_power == 2**50


def test_nine_tenths_over_fifty_layers() -> None:
    """0.9^50 = 0.00515378 vanishes, 1.9^50 = 8.6558e13 explodes."""
    solution = solve(replace(BY_HAND, factor=Fraction(9, 10), depth=50))
    assert float(solution.plain_power) == pytest.approx(0.00515378, rel=1e-6)
    assert float(solution.residual_power) == pytest.approx(1.9**50, rel=1e-12)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_wrong_order_shows(difficulty: Difficulty) -> None:
    """The factors in the reverse order change every product and every sum of paths that has an order."""
    for seed in range(40):
        params: Params = instance("residual_backprop", seed, difficulty).params
        right, wrong = solve(params), solve(replace(params, layers=params.layers[::-1]))
        assert right.plain != wrong.plain
        assert right.residual != wrong.residual
        assert all(a != b for a, b in zip(right.lengths[1:], wrong.lengths[1:], strict=True))
        assert all(multiply(a, b) != multiply(b, a) for a, b in combinations(params.weights, 2))


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_wrong_order_is_found(difficulty: Difficulty) -> None:
    """Planted: a product, or a sum over paths, with the first layer at the left; all oracles but no other answer."""
    one = instance("residual_backprop", 7, difficulty)
    wrong = solve(replace(one.params, layers=one.params.layers[::-1]))
    for name in ("plain", "residual"):
        planted = replace(one.solution, **{name: getattr(wrong, name)})
        assert objects(one.params, planted) == [name] * 3
        with pytest.raises(ProofFailure):
            verify_all(derivations(one.params, planted))
    planted = replace(one.solution, lengths=(one.solution.lengths[0], *wrong.lengths[1:]))
    assert set(objects(one.params, planted)) == {f"length_{j}" for j in range(2, len(one.params.layers) + 1)}
    with pytest.raises(ProofFailure):
        verify_all(derivations(one.params, planted))


def test_forgotten_mixed_products_are_found() -> None:
    """Planted: J' = I + J."""
    one = instance("residual_backprop")
    planted = replace(one.solution, residual=add(identity(2), one.solution.plain))
    assert objects(one.params, planted) == ["residual"] * 3


def test_a_frobenius_norm_is_found() -> None:
    """Planted: |B|_F^2 in the place of the larger squared singular value, that is plus = minus = |B|_F^2."""
    one = instance("residual_backprop")
    singular = one.solution.residual_singular
    frobenius = Singular(singular.scale, 4 * singular.square, 0)
    planted = replace(one.solution, residual_singular=frobenius)
    assert {"residual_norm", "residual_least"} <= set(objects(one.params, planted))
    with pytest.raises(ProofFailure):
        verify_all(derivations(one.params, planted))


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_instances_tell_the_story(difficulty: Difficulty) -> None:
    """Layers of norm below 1, c < 1, at most 50 layers, and a plain gradient below half of the least residual one."""
    for seed in range(40):
        one = instance("residual_backprop", seed, difficulty)
        assert max(one.solution.layer_norms) < 1
        assert 0 < one.params.factor < 1 and one.params.depth <= 50
        plain, least = one.solution.plain_singular.written(1), one.solution.residual_singular.written(-1)
        assert float(least.value()) > 2 * float(plain.value())


def test_answers_are_the_solution() -> None:
    """The powers, which answers write as powers, have the solution's values."""
    one = instance("residual_backprop")
    by_name = {answer.name: answer.value.value() for answer in answers(one.params, one.solution)}
    for name in ("plain", "residual", "plain_power", "residual_power", "scaled_power"):
        assert by_name[name] == getattr(one.solution, name)


def test_powers_of_ten_on_paper() -> None:
    """(3/10)^39 = 4.0526e-21 with four digits, in both languages; a carry moves the exponent."""
    tiny = Scientific(number(3) ** 39 / number(10) ** 39, 24)
    assert tiny.tex("en") == "4.053 \\cdot 10^{-21}"
    assert tiny.tex("de") == "4{,}053 \\cdot 10^{-21}"
    assert str(tiny) == "4.053*10**-21"


POOL = _pool(2, None, 4)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(POOL), min_size=2, max_size=4), st.sampled_from((4, 5)))
def test_any_layers_of_the_pool_are_proven(layers: list[Any], denominator: int) -> None:
    """Also layers that commute or cancel, which are never drawn: the oracles agree."""
    params = Params(denominator, 1, tuple(layers), Fraction(1, 3), 12)
    assert objects(params, solve(params)) == []


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(POOL), min_size=2, max_size=4))
def test_bounds_hold_and_scaling_tightens_them(layers: list[Any]) -> None:
    """prod(1 - |W_i|) <= s_min(J') <= |J'| <= prod(1 + |W_i|), by numpy's SVD; branches over k lie in [1 - c, e^c]."""
    solution = solve(Params(4, 1, tuple(layers), Fraction(1, 3), 12))
    large, small = np.linalg.svd(np.array(solution.residual, dtype=float), compute_uv=False)
    low, high = solution.residual_bounds
    assert float(low) - 1e-12 <= small <= large <= float(high) + 1e-12
    largest = float(max(solution.layer_norms))
    assert 1 - largest - 1e-12 <= float(solution.scaled_bounds[0])
    assert float(solution.scaled_bounds[1]) <= np.exp(largest)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_pools_hold_regular_matrices_only(difficulty: Difficulty) -> None:
    """No singular matrix, no multiple of the identity, and norms below the denominator."""
    given = RANGES[difficulty]
    for denominator in given.denominators:
        for a, b in _pool(given.largest, given.orthogonal, denominator):
            assert a[0] * b[1] != a[1] * b[0]
            assert not (a[1] == b[0] == 0 and a[0] == b[1])
            assert np.linalg.norm(np.array((a, b), dtype=float), 2) < denominator


def test_seeds_are_proven() -> None:
    """A few dozen instances of every difficulty pass their oracles and derivations."""
    for difficulty in DIFFICULTIES:
        for seed in range(100, 125):
            prove(instance("residual_backprop", seed, difficulty))


def test_mistakes_by_hand() -> None:
    """W_2 = (0 1; 0 0), W_1 = (0 0; 1 0), so W_2 W_1 = (1 0; 0 0): other orders, I + J, single layers, other norms."""
    params = Params(1, 0, (((0, 0), (1, 0)), ((0, 1), (0, 0))), Fraction(1, 2), 2)
    by = {key: solve(params, Slip(key)) for key in ("order", "cross", "mixed", "twice", "norm", "product")}
    assert by["order"].plain == matrix(((0, 0), (0, 1)))
    assert by["cross"].residual == matrix(((2, 0), (0, 1)))
    assert by["mixed"].lengths == (matrix(((0, 1), (1, 0))), matrix(((0, 0), (0, 1))))
    assert by["twice"].lengths == (matrix(((0, 1), (1, 0))), identity(2))
    found = {key: {a.name: a.value.value() for a in answers(params, s)} for key, s in by.items()}
    assert found["norm"]["plain_norm"] == 1
    assert float(found["norm"]["residual_norm"]) == pytest.approx(7**0.5)  # J' = (2 1; 1 1)
    assert found["product"]["plain_norm"] == 1 and found["product"]["plain_least"] == 0
    single = {a.name: a.value.value() for a in answers(params, solve(params, Slip("once")))}
    assert (single["plain_power"], single["residual_power"], single["scaled_power"]) == (
        Fraction(1, 2),
        Fraction(3, 2),
        Fraction(5, 4),
    )
    assert solve(params, Slip("unscaled")).scaled_power == Fraction(9, 4)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_claims(difficulty: Difficulty) -> None:
    """The bound is said to be attained exactly where the norm is the product; what is said of all is true of all."""
    for seed in range(20):
        one = instance("residual_backprop", seed, difficulty)
        near = abs(float(one.solution.plain_singular.written(1).value()) - float(one.solution.plain_bounds[1])) < 1e-12
        said = claims(one.params, one.solution)
        assert said == {"attained" if near else "not_attained": True, "keeps_more": True, "order_one": True}
    turned = replace(
        one.solution, residual_singular=one.solution.plain_singular, scaled_bounds=(Fraction(1), Fraction(3))
    )
    assert claims(one.params, turned)["keeps_more"] is claims(one.params, turned)["order_one"] is False
