"""KL divergence of factorising distributions: values by hand, published ones, planted errors, and the theorems."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.page.view import ExerciseView, Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.generators.kl_factorised import marginals
from blattwerk.solvers.kl_factorised import (
    Dependent,
    Integral,
    Params,
    _densities,
    derivations,
    joint,
    oracles,
    solve,
)
from blattwerk.vocabulary import number
from blattwerk.vocabulary.derivation import verify, verify_all
from blattwerk.vocabulary.exact.discrete import Distribution, by_entropies, distributions, relative_entropy
from blattwerk.vocabulary.exact.log_sums import InBits, LogSum, log_of
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.instances import instance, placed


def shares(*counts: int) -> Distribution:
    return tuple(Fraction(k, sum(counts)) for k in counts)


TWO_COINS = Params((shares(1, 1), shares(1, 2)), (shares(1, 3), shares(2, 1)))
TABLE = (
    tuple(Fraction(k, 8) for k in (3, 1)),
    tuple(Fraction(k, 8) for k in (1, 3)),
)  # a fair coin, copied 3 in 4 times
COPIED = Params((shares(1, 1), shares(1, 1)), (shares(1, 3), shares(1, 3)), TABLE)


def dependent(params: Params) -> Dependent:
    found = solve(params).dependent
    assert found is not None
    return found


def test_two_coins_by_hand() -> None:
    """1/2 log 2 + 1/2 log 2/3, and 1/3 log 1/2 + 2/3 log 2; and the four summands of the joint table."""
    s = solve(TWO_COINS)
    first, second = log_of(2) - log_of(3).times(Fraction(1, 2)), log_of(2).times(Fraction(1, 3))
    assert s.components == (first, second)
    assert s.total == s.direct == first + second
    assert s.joint_p == tuple(Fraction(k, 6) for k in (1, 2, 1, 2))
    assert s.joint_q == tuple(Fraction(k, 12) for k in (2, 1, 6, 3))
    assert s.ratios == (1, 4, Fraction(1, 3), Fraction(4, 3))
    assert s.dependent is None


def test_a_copied_coin_by_hand() -> None:
    """C(r) = 3/4 log 3/2 + 1/4 log 1/2; the mean of log(1/4 / r) under q = (1, 3, 3, 9)/16 is negative."""
    d = dependent(COPIED)
    assert d.correlation == log_of(3).times(Fraction(3, 4)) - log_of(2)
    assert d.excess == log_of(Fraction(2, 3)).times(Fraction(10, 16)) + log_of(2).times(Fraction(6, 16))
    assert d.excess == log_of(2) - log_of(3).times(Fraction(5, 8))
    assert d.forward == d.correlation + solve(COPIED).total


def test_the_mutual_information_of_cover_and_thomas() -> None:
    """Elements of Information Theory, example 2.2.1: a total correlation of 3/8 bit."""
    counts = ((4, 2, 1, 1), (2, 4, 1, 1), (2, 2, 2, 2), (8, 0, 0, 0))
    table = tuple(tuple(Fraction(k, 32) for k in row) for row in counts)
    flat = tuple(value for row in table for value in row)
    information = relative_entropy(flat, joint(marginals(table)))
    assert InBits(information).value() == Fraction(3, 8)
    assert abs(by_entropies(flat, joint(marginals(table))) - information.value()) < 1e-50


def test_torch_agrees_on_independent_components() -> None:
    """torch.distributions knows the theorem for independent Bernoulli variables."""
    import torch
    from torch.distributions import Bernoulli, Independent, kl_divergence

    def law(components: tuple[Distribution, ...]) -> Independent:
        heads = torch.tensor([float(c[1]) for c in components], dtype=torch.float64)
        return Independent(Bernoulli(probs=heads), 1)

    expected = kl_divergence(law(TWO_COINS.p), law(TWO_COINS.q)).item()
    assert float(solve(TWO_COINS).direct.value()) == pytest.approx(expected, abs=1e-14)


def test_friendly_distributions_are_smooth_and_complete() -> None:
    """Quarters and thirds of two outcomes; elevenths of three outcomes have entries without a factor 11."""
    assert distributions((3, 4), 2) == tuple(
        sorted({shares(1, 2), shares(2, 1), shares(1, 3), shares(1, 1), shares(3, 1)})
    )
    assert all(sum(d) == 1 and min(d) > 0 for d in distributions((5, 8, 12), 3))
    assert shares(1, 11) not in distributions((12,), 2)


def test_hard_tables_have_the_marginals_of_p_and_refute_the_exchange() -> None:
    """r is not p, but has its marginals; the correlation is visible, the exchanged difference negative."""
    for seed in range(15):
        one = instance("kl_factorised", seed, "hard")
        d = one.solution.dependent
        assert marginals(one.params.r) == one.params.p
        assert one.params.flat != one.solution.joint_p
        assert d.correlation.value() > 0.05 and d.excess.sign() == -1


@pytest.mark.parametrize(
    "wrong",
    [
        {"components": (log_of(2), log_of(2).times(Fraction(1, 3)))},
        {"total": log_of(2)},
        {"direct": relative_entropy(joint(TWO_COINS.q), joint(TWO_COINS.p))},  # the other direction
    ],
)
def test_planted_errors_are_found(wrong: dict[str, Any]) -> None:
    """A wrong component, a wrong sum, and the reversed divergence: both oracles object."""
    planted = replace(solve(TWO_COINS), **wrong)
    assert all(any(not c.agrees for c in oracle(TWO_COINS, planted)) for oracle in oracles)


@pytest.mark.parametrize("name", ["correlation", "forward", "exchanged", "exchanged_sum", "excess"])
def test_planted_errors_with_the_table_are_found(name: str) -> None:
    """The negative of any divergence of r: both oracles object, and so does a displayed chain."""
    s, d = solve(COPIED), dependent(COPIED)
    planted = replace(s, dependent=replace(d, **{name: -getattr(d, name)}))
    assert all(any(not c.agrees for c in oracle(COPIED, planted)) for oracle in oracles)
    with pytest.raises(ProofFailure):
        verify_all(derivations(COPIED, planted))


def test_a_table_with_other_marginals_is_found() -> None:
    """The exact oracle checks that r has the marginals of p."""
    params = replace(COPIED, r=(TABLE[0], tuple(Fraction(k, 8) for k in (2, 2))))
    assert "marginals" in {c.what for c in oracles[1](params, solve(params)) if not c.agrees}


counts = st.lists(st.integers(1, 9), min_size=2, max_size=3).map(lambda k: shares(*k))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)), max_size=4))
def test_the_theorem_holds_exactly(pairs: list[tuple[int, int, int, int]]) -> None:
    """D(p||q) = sum_i D(p_i||q_i) in canonical form, for 0 to 4 Bernoulli components."""
    s = solve(Params(tuple(shares(a, b) for a, b, _, _ in pairs), tuple(shares(c, d) for _, _, c, d in pairs)))
    assert s.total == s.direct


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 9), min_size=6, max_size=6), counts, st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_the_excess_is_the_total_correlation(cells: list[int], first: Distribution, second: list[int]) -> None:
    """D(r||q) = sum_i D(r_i||q_i) + C(r), exactly, with C(r) >= 0."""
    whole = shares(*cells)
    width = 6 // len(first)
    table = tuple(whole[i : i + width] for i in range(0, 6, width))
    d = dependent(params := Params(marginals(table), (first, shares(*second[:width])), table))
    assert d.forward == solve(params).total + d.correlation
    assert d.correlation.sign() >= 0
    assert d.exchanged == d.exchanged_sum + d.excess


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full, and nothing is cited."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("kl_factorised", 3, difficulty)).relations.cited == 0


def test_a_planted_component_is_found_in_its_chain() -> None:
    """The displayed chain starts from the definition, so a wrong value does not survive it."""
    wrong = replace(solve(TWO_COINS), components=(LogSum(), log_of(2).times(Fraction(1, 3))))
    with pytest.raises(ProofFailure, match="'first', step 2"):
        verify_all(derivations(TWO_COINS, wrong))


def test_a_q_that_prefers_what_r_makes_more_probable_can_be_above_the_sum() -> None:
    """r = (.45, .05; .05, .45) exceeds its product on the diagonal, where q has 5/8; still the mean is positive.

    So no such preference decides the sign of D(q||r) - sum_i D(q_i||r_i), and the page must not say so.
    """
    table = (shares(9, 1), shares(1, 9))
    r = tuple(tuple(value / 2 for value in row) for row in table)
    p, q = (shares(1, 1), shares(1, 1)), (shares(3, 1), shares(3, 1))
    more_probable = [a > b for a, b in zip(Params(p, q, r).flat, joint(p), strict=True)]
    assert sum(b for b, more in zip(joint(q), more_probable, strict=True) if more) == Fraction(5, 8)
    assert 0.2 < dependent(Params(p, q, r)).excess.value() < 0.3


def alone(part: str, difficulty: Difficulty, lang: Lang) -> tuple[Instance, ExerciseView]:
    """The exercise on a sheet that keeps only one of its parts."""
    one = instance("kl_factorised", 7, difficulty)
    others = {p.id for p in one.exercise.parts} - {part}
    return one, exercise_view(1, Item(one, placed(one, without=others), hints=True), lang, {})


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("part", "difficulty", "names"),
    [
        ("components", "standard", ("first", "second", "total")),
        ("joint", "standard", ("direct", "first", "second", "total")),
        ("correlated", "hard", ("correlation", "first", "second", "dependent_sum", "dependent")),
        ("exchanged", "hard", ("exchanged", "exchanged_sum", "excess", "correlation")),
    ],
)
def test_every_part_alone_computes_what_it_prints(
    part: str, difficulty: Difficulty, names: tuple[str, ...], lang: Lang
) -> None:
    """Without the other parts, the solution has the last exact step of each of its values."""
    one, view = alone(part, difficulty, lang)
    for name in names:
        assert one.derivations[name].steps[-2].term.tex(lang) in view.parts[0].solution


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_proof_alone_prints_no_value(lang: Lang) -> None:
    """The proof confirms itself by the given numbers only where the sheet computes them."""
    one, view = alone("prove", "standard", lang)
    value = one.solution.direct.term().tex(lang)
    assert value not in view.parts[0].solution
    everything = exercise_view(1, Item(one, placed(one)), lang, {})
    assert value in everything.parts[0].solution


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_conventions_for_zero_stand_in_the_question(lang: Lang) -> None:
    """The proof for all distributions needs them, and `exchanged` alone the equation that it exchanges."""
    assert "\\(p(x) > 0 = q(x)\\)" in alone("prove", "easy", lang)[1].intro
    assert "\\sum_{i=1}^{n} D(r_i\\|q_i) + C(r)" in alone("exchanged", "hard", lang)[1].parts[0].question


def test_densities_are_integrated_cell_by_cell() -> None:
    """Heights are not probabilities: the chain holds on grids of any size, and fails with one density for the other."""
    one = instance("kl_factorised", difficulty="hard")
    chain = one.derivations["densities"]
    verify("densities", chain)
    verify("integrable", one.derivations["integrable"])
    with pytest.raises(ProofFailure):
        verify("densities", chain.eq(number(0)))
    half, one_cell = Fraction(1, 2), (Fraction(1), Fraction(0))
    grid = {"w": ((2, 1), (1, 1, 1), (1, 1)), "p": ((half, half), (*one_cell, Fraction(0)), one_cell)}
    p, p_i = _densities("p")
    assert p.value({**grid, "x": {1: 0, 2: 0, 3: 0}}) == Fraction(1, 4)  # 1/2 on a cell of size 2
    assert Integral(p).value(grid) == 1 == Integral(p_i, own=True).value({**grid, "i": 1})


def test_densities_are_asked_for_at_hard_only() -> None:
    """With a version of its own; easy and standard keep their parts."""
    exercise = instance("kl_factorised").exercise
    assert [d for d in DIFFICULTIES if "densities" in {p.id for p in exercise.parts_at(d)}] == ["hard"]
    assert exercise.version == 2
