"""The deep Boltzmann machine: a machine worked out by hand, limits that are RBMs, planted errors, and the theorems."""

from dataclasses import replace
from fractions import Fraction
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers import rbm_cd
from blattwerk.solvers.deep_boltzmann_machine import Params, claims, derivations, oracles, solve
from blattwerk.vocabulary.derivation import derive, verify
from blattwerk.vocabulary.exact.binary import sigmoid, states
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.language import LANGUAGES, Lang
from blattwerk.vocabulary.mistakes import Slip
from tests.instances import instance, placed

SMALL = Params(W=((1, 0), (0, 1)), U=((1, 1), (2, 0)), a=(0, 1), b=(-1, 1), c=(0, -1), v=(1, 0), g=(1, 1), h=(0, 1))


def test_a_small_machine_by_hand() -> None:
    """Inputs of g: 1 + 1 - 1 and 0 + 0 + 1 with h, 0 and 1 without it; with nu = 1/2 they are 1 and 2."""
    s = solve(SMALL)
    assert s.first == (Fraction(2, 3), Fraction(2, 3))
    assert s.upward == (Fraction(1, 2), Fraction(2, 3))
    assert s.visible == (Fraction(2, 3), Fraction(4, 5))
    assert s.second == (Fraction(8, 9), Fraction(1, 2))
    assert s.mu == (Fraction(2, 3), Fraction(4, 5))
    assert s.nu_inputs == (Fraction(2, 3) + Fraction(8, 5), Fraction(2, 3) - 1)


def test_the_sums_of_the_small_machine_by_hand() -> None:
    """Given v: 3, 15, 6, 36 (for g = 00, 01, 10, 11); summed over v: 18, 100 and so on."""
    s = solve(SMALL)
    assert [row.given_v for row in s.rows] == [3, 15, 6, 36]
    assert s.mass == 60
    assert [row.weight for row in s.rows] == [18, 150, Fraction(27), 270]
    assert s.partition == 465
    assert s.probability == Fraction(4, 31)
    assert s.together == Fraction(3, 5) and s.first_means == (Fraction(7, 10), Fraction(17, 20))


def test_without_the_second_layer_it_is_an_rbm() -> None:
    """With U = 0 and c = 0, p(v) is that of the RBM (W, a, b), and mean field is exact."""
    params = replace(SMALL, U=((0, 0), (0, 0)), c=(0, 0))
    s = solve(params)
    rbm = rbm_cd.solve(
        rbm_cd.Params(params.W, params.a, params.b, params.v, (Fraction(1, 2),) * 2, (Fraction(1, 2),) * 2, Fraction(1))
    )
    assert s.probability == rbm.probability
    assert s.partition == 4 * rbm.partition
    assert s.mu == s.first_means == s.upward == rbm.hidden
    assert s.together == prod(s.first_means)


def test_the_middle_layer_is_an_rbm_s_hidden_layer_for_both_neighbours() -> None:
    """p(g | v, h) is that of an RBM with the visible vector (v, h) and the weights of W and U'."""
    both = rbm_cd.Params(
        SMALL.W + tuple(zip(*SMALL.U, strict=True)),
        SMALL.a + SMALL.c,
        SMALL.b,
        SMALL.v + SMALL.h,
        (Fraction(1, 2),) * 2,
        (Fraction(1, 2),) * 4,
        Fraction(1),
    )
    assert solve(SMALL).first == rbm_cd.solve(both).hidden
    assert solve(SMALL).partition == rbm_cd.solve(both).partition


# W with a unit of v that sees both units of g: V = 4, 9, 6, 15 for g = 00, 01, 10, 11.
SHARED = replace(SMALL, W=((1, 1), (0, 1)), a=(0, 0))


def test_the_deep_belief_net_by_hand() -> None:
    """For SHARED kappa is 9 * 6 / (4 * 15); if no unit of v sees both units of g, V is a product and kappa 1."""
    s = solve(SHARED)
    assert [row.below for row in s.rows] == [4, 9, 6, 15]
    assert s.coupling == Fraction(9, 10)
    assert solve(SMALL).coupling == 1


@pytest.mark.parametrize("v", states(2))
@pytest.mark.parametrize("h", states(2))
def test_kappa_depends_neither_on_v_nor_on_h(v: tuple[int, int], h: tuple[int, int]) -> None:
    """The oracles, which form p_DBN(g | v, h) itself, agree for every v and h."""
    params = replace(SHARED, v=v, h=h)
    words = [word for oracle in oracles for word in oracle(params, solve(params)) if word.what == "coupling"]
    assert [word.agrees for word in words] == [True, True]


def test_a_product_is_not_called_coupled() -> None:
    """Where V factorises, no relation says that kappa differs from 1, and the units are proved independent."""
    chains = derivations(SMALL, solve(SMALL))
    assert {step.relation for step in chains["coupling"].steps} == {"="}
    assert verify("independent", chains["independent"]).checked == 1
    assert "independent" not in derivations(SHARED, solve(SHARED))


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_deep_belief_net_is_coupled_in_every_draw(difficulty: Difficulty) -> None:
    """V is no product of functions of g_1 and g_2 (V_01 V_10 differs from V_00 V_11) in 300 draws."""
    for seed in range(300):
        below = {row.g: row.below for row in instance("deep_boltzmann_machine", seed, difficulty).solution.rows}
        assert below[0, 1] * below[1, 0] != below[0, 0] * below[1, 1]


@pytest.mark.parametrize("name", ["first", "mu", "first_means"])
def test_a_forgotten_neighbour_is_found(name: str) -> None:
    """The usual error, sigma(v'W_j + b_j) in place of a value that knows h, does not pass either oracle."""
    s = solve(SMALL)
    wrong = replace(s, **{name: s.upward})
    for oracle in oracles:
        assert name in {word.what for word in oracle(SMALL, wrong) if not word.agrees}


def test_a_sweep_in_the_wrong_order_is_found() -> None:
    """nu from mu = 1/2 in place of the new mu, one of the usual mistakes."""
    s = solve(SMALL)
    wrong = replace(s, nu_inputs=(Fraction(3, 2), Fraction(-1, 2)))
    for oracle in oracles:
        assert {word.what for word in oracle(SMALL, wrong) if not word.agrees} == {"nu_1", "nu_2"}


def test_independent_units_are_refused_as_a_step() -> None:
    """No chain of relations leads from p(g_1 = 1, g_2 = 1 | v) to the product of the means."""
    s = solve(SMALL)
    together = derivations(SMALL, s)["together"]
    with pytest.raises(ProofFailure):
        verify("together", derive(together.start).eq(prod(s.first_means)))


small = st.integers(-2, 2)
pairs = st.tuples(small, small)
matrices = st.tuples(pairs, pairs)
bits = st.tuples(st.integers(0, 1), st.integers(0, 1))


@settings(deadline=None, max_examples=30)
@given(matrices, matrices, pairs, pairs, pairs, bits)
def test_probabilities_of_all_visible_states_add_up(
    W: tuple[tuple[int, int], ...],
    U: tuple[tuple[int, int], ...],
    a: tuple[int, int],
    b: tuple[int, int],
    c: tuple[int, int],
    h: tuple[int, int],
) -> None:
    """sum_v p(v) = 1 exactly, and p(h_k = 1 | g) does not depend on v."""
    solved = [solve(Params(W, U, a, b, c, (x, y), (1, 1), h)) for x in (0, 1) for y in (0, 1)]
    assert sum(s.probability for s in solved) == 1
    assert {s.second for s in solved} == {tuple(sigmoid(c[k] + U[0][k] + U[1][k]) for k in (0, 1))}


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("deep_boltzmann_machine", 3, difficulty)).relations.cited == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_update_of_mean_field_stands_in_the_question(lang: Lang) -> None:
    """Without hints and without the other parts, the sheet defines what is to be computed."""
    one = instance("deep_boltzmann_machine")
    view = exercise_view(1, Item(one, placed(one), hints=False), lang, {})
    question = next(part.question for part in view.parts if "frac12" in part.question)
    assert "\\mu_j = \\sigma" in question and "\\nu_k = \\sigma" in question


def test_no_page_says_that_the_units_compete_where_they_do_not() -> None:
    """The sentence stands where kappa < 1, that is where one unit makes the other less probable, and nowhere else."""
    for seed in range(12):
        one = instance("deep_boltzmann_machine", seed)
        view = exercise_view(1, Item(one, placed(one)), "en", {})
        assert any("compete" in part.solution for part in view.parts) == (one.solution.coupling < 1)


def test_claims_by_hand() -> None:
    """kappa is 9/10 in one machine, 1 in the other, and the net's own probabilities say so."""
    assert claims(SHARED, solve(SHARED))["compete"]
    assert claims(SMALL, solve(SMALL))["independent"]
    lied = replace(solve(SHARED), coupling=Fraction(10, 9))
    assert not claims(SHARED, lied)["support"]


def test_usual_mistakes_by_hand() -> None:
    """Without h the inputs of g are 0 and 1; rounded means are 1 and 1; without b the rows given v are 3, 15/2, ..."""
    assert solve(SMALL, Slip("without_h")).first == (Fraction(1, 2), Fraction(2, 3))
    assert solve(SMALL, Slip("from_below")).mu == (Fraction(1, 2), Fraction(2, 3))
    assert solve(SMALL, Slip("rounded")).nu_inputs == (3, 0)
    assert solve(SMALL, Slip("half")).nu_inputs == (Fraction(3, 2), Fraction(-1, 2))
    assert [row.given_v for row in solve(SMALL, Slip("no_b")).rows] == [3, Fraction(15, 2), 12, 36]
    assert solve(SMALL, Slip("hidden")).mass == 2  # v'Wg + g'Uh + c'h = 1 + 1 - 1
