"""The KL divergence is not a metric: published values, planted errors, and the theorems on drawn distributions."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.kl_not_a_metric import Distribution, Params, derivations, oracles, solve
from blattwerk.vocabulary.derivation import derive, verify, verify_all
from blattwerk.vocabulary.exact.log_sums import InBits, LogSum, log_of, rational
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang, decimal_tex
from blattwerk.vocabulary.terms import MP
from tests.instances import instance, placed


def coin(heads: Fraction) -> Distribution:
    return (heads, 1 - heads)


HALF, QUARTER, TENTH = (coin(Fraction(1, k)) for k in (2, 4, 10))
THREE_COINS = Params(HALF, QUARTER, TENTH)


def test_three_coins_by_hand() -> None:
    """For 1/2, 1/4 and 1/10, worked out on paper."""
    s = solve(THREE_COINS)
    assert s.direct == log_of(5) - log_of(3)  # 1/2 log 5 + 1/2 log (5/9)
    assert s.first == log_of(2) - log_of(3).times(Fraction(1, 2))
    assert s.second == log_of(Fraction(5, 2)).times(Fraction(1, 4)) + log_of(Fraction(5, 6)).times(Fraction(3, 4))
    assert MP.nstr(s.direct.value(), 3) == "0.511"
    assert MP.nstr(s.detour.value(), 3) == "0.236"
    assert s.excess == s.direct - s.detour and s.excess.sign() == 1
    assert s.weight == Fraction(5, 8)


def test_two_coins_of_cover_and_thomas() -> None:
    """Elements of Information Theory, example 2.3.1 with r = 1/2 and s = 1/4: 0.2075 and 0.1887 bits."""
    s = solve(Params(HALF, THREE_COINS.r, QUARTER))
    assert s.direct == log_of(2) - log_of(3).times(Fraction(1, 2))
    assert s.reverse == log_of(3).times(Fraction(3, 4)) - log_of(2)
    assert MP.nstr(InBits(s.direct).value(), 4) == "0.2075"
    assert MP.nstr(InBits(s.reverse).value(), 4) == "0.1887"


def test_a_distribution_off_the_segment_has_no_weight() -> None:
    """(1/4, 1/2, 1/4) is no mixture of (1/2, 1/3, 1/6) and (1/6, 1/3, 1/2)."""
    p, q, r = (tuple(Fraction(k, 12) for k in v) for v in ((6, 4, 2), (3, 6, 3), (2, 4, 6)))
    s = solve(Params(p, q, r))
    assert s.weight is None
    assert "right_side" not in derivations(Params(p, q, r), s)


def test_the_detour_can_be_longer_as_well() -> None:
    """With Q beyond R the triangle inequality holds, and the oracle of whole numbers says so."""
    params = Params(HALF, TENTH, QUARTER)
    said = {c.what: c.agrees for c in oracles[2](params, solve(params))}
    assert not said["violated"]
    assert said["direct"] and said["excess"]


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_violation_is_visible(difficulty: Difficulty) -> None:
    """The excess is at least a tenth of D(P||R), hence more than a tenth of the detour; so is the asymmetry."""
    for seed in range(25):
        s = instance("kl_not_a_metric", seed, difficulty).solution
        assert not s.excess.times(10) < s.direct
        assert float(abs(s.direct.value() - s.reverse.value()) / s.direct.value()) >= 0.1


def test_hard_instances_are_mixtures_on_one_grid() -> None:
    """At `hard`, Q = (1-w) P + w R in every coordinate, with 0 < w < 1."""
    for seed in range(25):
        one = instance("kl_not_a_metric", seed, "hard")
        w = one.solution.weight
        assert 0 < w < 1
        for a, b, c in zip(one.params.p, one.params.q, one.params.r, strict=True):
            assert b == (1 - w) * a + w * c


@pytest.mark.parametrize(
    "wrong",
    [
        {"direct": log_of(5)},
        {"first": log_of(2)},
        {"weight": Fraction(3, 8)},  # 1 - w
        {"weight": None},
        {"excess": rational(Fraction(1, 4))},
    ],
)
def test_planted_errors_are_found(wrong: dict[str, LogSum | Fraction | None]) -> None:
    """A wrong value, the other weight, and a rational number for a logarithm: at least two oracles object."""
    planted = replace(solve(THREE_COINS), **wrong)  # type: ignore[arg-type]
    objections = {o.__name__ for o in oracles for c in o(THREE_COINS, planted) if not c.agrees}
    assert len(objections) >= (1 if wrong == {"weight": None} else 2)


def test_a_planted_sign_is_found_in_a_derivation() -> None:
    """The displayed chain starts from the definition, so a wrong value does not survive it."""
    wrong = replace(solve(THREE_COINS), second=-solve(THREE_COINS).second)
    with pytest.raises(ProofFailure, match="'second', step 3"):
        verify_all(derivations(THREE_COINS, wrong))


def test_gibbs_inequality_is_checked_with_and_without_zeros() -> None:
    """The chain for all distributions holds on points with and without p_i = 0; turned round, it fails."""
    general = derivations(THREE_COINS, solve(THREE_COINS))["gibbs"]
    assert verify("gibbs", general).checked == 5
    domain = dict(general.domain)
    with pytest.raises(ProofFailure):
        verify("gibbs", derive(general.start, **domain).then(">", 0))


weights = st.lists(st.integers(1, 9), min_size=3, max_size=3)


@settings(deadline=None, max_examples=60)
@given(weights, weights, st.fractions(Fraction(1, 9), Fraction(8, 9), max_denominator=9))
def test_every_mixture_violates_the_triangle_inequality(a: list[int], b: list[int], w: Fraction) -> None:
    """D(P||R) - D(P||Q) - D(Q||R) = w/(1-w) (D(Q||R) + D(R||Q)), in canonical form and thus exactly."""
    p, r = (tuple(Fraction(k, sum(v)) for k in v) for v in (a, b))
    q = tuple((1 - w) * x + w * y for x, y in zip(p, r, strict=True))
    s, back = solve(Params(p, q, r)), solve(Params(r, r, q)).direct if p != r else rational(0)
    assert s.excess == (s.second + back).times(w / (1 - w))
    assert s.excess.sign() == (p != r)


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("kl_not_a_metric", 3, difficulty)).relations.cited == 0


def kept(lang: Lang, *parts: str) -> tuple[Instance, str]:
    """A hard instance, and the solution of the last of these parts on a sheet without any others."""
    one = instance("kl_not_a_metric", 7, "hard")
    others = {p.id for p in one.exercise.parts} - set(parts)
    return one, exercise_view(1, Item(one, placed(one, without=others)), lang, {}).parts[-1].solution


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("parts", "names"),
    [
        (("between",), {"first", "second", "direct"}),
        (("symmetry", "between"), {"first", "second"}),
        (("triangle", "between"), set()),
        (("gibbs",), {"direct"}),
        (("triangle",), {"first", "second", "direct"}),
        (("symmetry",), {"direct", "reverse"}),
    ],
)
def test_a_divergence_is_computed_where_no_other_part_does(parts: tuple[str, ...], names: set[str], lang: Lang) -> None:
    """The sums with the numbers inserted stand in the solution, each once on a sheet."""
    one, solution = kept(lang, *parts)
    chains = {name: one.derivations[name].steps[0].term.tex(lang) for name in ("first", "second", "direct", "reverse")}
    assert {name for name, inserted in chains.items() if inserted in solution} == names


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_axioms_alone_print_no_value_of_the_instance(lang: Lang) -> None:
    """The instance is named as a counterexample only where the sheet computes its divergences."""
    one, solution = kept(lang, "axioms")
    assert decimal_tex(one.solution.direct.value(), 4, lang) not in solution
