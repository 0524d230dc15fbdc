"""KL divergence of two histograms: published and hand-worked values, planted errors, exact properties."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.order.catalogue import find
from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.hearing import comparisons
from blattwerk.build.proof.prove import prove
from blattwerk.generators.kl_histogram import EXERCISE, SHAPES
from blattwerk.solvers.kl_histogram import Params, Solution, derivations, oracles, solve
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exact.log_sums import InBits, LogSum, log_of, sum_of
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.figures import BarChart
from blattwerk.vocabulary.language import LANGUAGES, Lang
from blattwerk.vocabulary.oracles import Comparison
from blattwerk.vocabulary.terms import Infinity
from tests.instances import drawn, instance, placed


def test_cover_and_thomas() -> None:
    """Elements of Information Theory, example 2.3.1 with r = 1/2 and s = 1/4: 0.2075 bit and 0.1887 bit."""
    solution = solve(Params((2, 2), (3, 1), 4, bits=True))
    assert solution.forward == InBits(log_of(2) - log_of(3).times(Fraction(1, 2)))
    assert solution.backward == InBits(log_of(3).times(Fraction(3, 4)) - log_of(2))
    assert float(solution.forward.value()) == pytest.approx(0.2075, abs=5e-5)
    assert float(solution.backward.value()) == pytest.approx(0.1887, abs=5e-5)


def test_a_fair_against_a_biased_coin() -> None:
    """Bernoulli 1/2 against 1/10: 1/2 log 5 + 1/2 log 5/9 = log 5 - log 3 = 0.511, by hand."""
    solution = solve(Params((5, 5), (1, 9), 10, bits=False))
    assert solution.forward == log_of(Fraction(5, 3))
    assert float(solution.forward.value()) == pytest.approx(0.511, abs=5e-4)


def test_an_empty_bin_by_hand() -> None:
    """P = (1, 0), Q = (1/2, 1/2): log 2, infinity, and 1/2 log 2/3 + 1/2 log 2 for Laplace's (3/4, 1/4)."""
    solution = solve(Params((2, 0), (1, 1), 2, bits=False))
    assert solution.forward == log_of(2)
    assert solution.backward == Infinity()
    assert solution.smoothed == log_of(Fraction(4, 3)).times(Fraction(1, 2))
    assert solution.mixture is None


def test_jensen_shannon_by_hand() -> None:
    """P = (1, 0), Q = (1/2, 1/2), M = (3/4, 1/4): J = 1/2 log 4/3 + 1/4 log 2/3 + 1/4 log 2 = 3/2 - 3/4 log 3 bits."""
    solution = solve(Params((2, 0), (1, 1), 2, bits=True))
    assert solution.mixture == InBits(log_of(2).times(Fraction(3, 2)) - log_of(3).times(Fraction(3, 4)))


def test_disjoint_histograms_are_one_bit_apart() -> None:
    """The bound for the Jensen-Shannon divergence is sharp."""
    solution = solve(Params((1, 0), (0, 1), 1, bits=True))
    assert solution.mixture is not None
    assert solution.mixture.value() == 1
    assert solution.forward == solution.backward == Infinity()


STANDARD = Params((5, 0, 1, 1, 9), (5, 2, 5, 2, 2), 16, bits=False)
HARD = Params((5, 1, 2, 1, 2, 1), (2, 3, 0, 2, 1, 4), 12, bits=True)


@pytest.mark.parametrize("params", [STANDARD, HARD])
def test_the_answers_pass_their_oracles(params: Params) -> None:
    """Both instances with an infinite direction are proven as they are."""
    verify_all(derivations(params, solve(params)))
    assert _objections(params, solve(params)) == set()


@pytest.mark.parametrize(
    ("params", "field", "wrong"),
    [
        (STANDARD, "backward", log_of(2)),  # finite where it is infinite
        (STANDARD, "backward", LogSum()),
        (STANDARD, "forward", Infinity()),  # infinite where it is finite: 0 log 0 misread
        (STANDARD, "smoothed", Infinity()),
        (HARD, "forward", InBits(log_of(2))),
        (HARD, "backward", Infinity()),
        (HARD, "mixture", InBits(log_of(2))),
    ],
)
def test_a_wrong_kind_of_value_is_found_by_three_oracles(params: Params, field: str, wrong: object) -> None:
    """Infinity agrees with infinity only."""
    found = _objections(params, replace(solve(params), **{field: wrong}))
    assert {(oracle, field) for oracle in ("by_scipy", "by_torch", "by_powers")} <= found


def test_usual_mistakes_are_found() -> None:
    """Roles exchanged, the wrong base, an observation added to the empty bin only."""
    right = solve(STANDARD)
    swapped = replace(right, forward=right.backward, backward=right.forward)
    assert {what for _, what in _objections(STANDARD, swapped)} == {"forward", "backward"}
    hard = solve(HARD)
    assert isinstance(hard.backward, InBits)
    in_nats = InBits(hard.backward.nats.times(Fraction(1, 2)))
    assert ("by_powers", "backward") in _objections(HARD, replace(hard, backward=in_nats))
    by_hand = zip(STANDARD.q, (5, 1, 1, 1, 9), strict=True)  # of 17, where each bin of 21 has one more
    only_hole = sum_of(log_of(q / Fraction(k, 17)).times(q) for q, k in by_hand)
    assert ("by_scipy", "smoothed") in _objections(STANDARD, replace(right, smoothed=only_hole))


def _objections(params: Params, solution: Solution) -> set[tuple[str, str]]:
    said = ((oracle.__name__, word) for oracle in oracles for word in oracle(params, solution))
    return {(name, word.what) for name, word in said if not word.agrees}


counts = st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(lambda k: sum(k) > 0)


@st.composite
def histograms(draw: st.DrawFn) -> Params:
    """Two different histograms over one denominator, the second without empty bins."""
    p, q = draw(counts), [k + 1 for k in draw(counts)]
    p, q = [k * sum(q) for k in p], [k * sum(p) for k in q]
    if p == q:
        p[0], p[1] = p[0] + p[1], 0
    return Params(tuple(p), tuple(q), sum(p), bits=True)


@given(histograms(), st.permutations(range(4)))
@settings(deadline=None)
def test_the_order_of_the_outcomes_does_not_matter(params: Params, order: list[int]) -> None:
    """Permuted outcomes have the same divergences."""
    p, q = (tuple(c[i] for i in order) for c in (params.counts_p, params.counts_q))
    one, two = solve(params), solve(replace(params, counts_p=p, counts_q=q))
    assert (one.forward, one.backward, one.mixture) == (two.forward, two.backward, two.mixture)


@given(histograms())
@settings(deadline=None)
def test_exchanged_roles_exchange_the_directions(params: Params) -> None:
    """D(P||Q) and D(Q||P) change places; J stays."""
    one, two = solve(params), solve(replace(params, counts_p=params.counts_q, counts_q=params.counts_p))
    assert (one.forward, one.backward, one.mixture) == (two.backward, two.forward, two.mixture)


@given(histograms())
@settings(deadline=None)
def test_merged_outcomes_are_not_further_apart(params: Params) -> None:
    """Data processing: merging two outcomes does not increase D or J; decided exactly."""
    p, q = ((c[0] + c[1], *c[2:]) for c in (params.counts_p, params.counts_q))
    fine, coarse = solve(params), solve(replace(params, counts_p=p, counts_q=q))
    assert isinstance(fine.forward, InBits) and isinstance(coarse.forward, InBits)
    assert fine.mixture is not None and coarse.mixture is not None
    assert not coarse.forward.nats > fine.forward.nats
    assert not coarse.mixture.nats > fine.mixture.nats


@given(histograms())
@settings(deadline=None, max_examples=20)
def test_scipy_agrees_on_any_histograms(params: Params) -> None:
    """The relative entropy of scipy.stats, not only on the numbers of a sheet."""
    from scipy.stats import entropy

    forward = solve(params).forward
    assert isinstance(forward, InBits)
    assert float(forward.value()) == pytest.approx(entropy(params.counts_p, params.counts_q, base=2), abs=1e-12)


@pytest.mark.parametrize("difficulty", ["standard", "hard"])
def test_one_direction_is_infinite_and_each_has_its_turn(difficulty: Difficulty) -> None:
    """Exactly one empty bin; over the seeds it is now in P, now in Q."""
    empties = set()
    for seed in range(30):
        one = instance("kl_histogram", seed, difficulty)
        infinite = [isinstance(d, Infinity) for d in (one.solution.forward, one.solution.backward)]
        assert infinite == [one.params.empty == "Q", one.params.empty == "P"]
        assert (one.params.counts_p + one.params.counts_q).count(0) == 1
        empties.add(one.params.empty)
    assert empties == {"P", "Q"}


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_numbers_stay_small(difficulty: Difficulty) -> None:
    """Heights that the chart shows, small primes, both sums 1; every instance is proven."""
    shape = SHAPES[difficulty]
    for seed in range(40):
        one = drawn(EXERCISE, Draws(b"", seed, "someone", "kl_histogram"), difficulty)
        prove(one)
        for heights in (one.params.counts_p, one.params.counts_q):
            assert sum(heights) == one.params.denominator
            assert len(heights) == shape.bins
            assert max(heights) <= shape.tallest
        primes = {prime for value in _finite(one) for prime, _ in value.coefficients}
        assert max(primes) <= shape.prime


def _finite(one: Instance) -> list[LogSum]:
    found = (getattr(one.solution, name) for name in ("forward", "backward", "smoothed", "mixture"))
    return [d.nats if isinstance(d, InBits) else d for d in found if isinstance(d, LogSum | InBits)]


def test_the_chart_shows_the_numbers_of_the_exercise() -> None:
    """The figure's bars are the histograms, on a grid of their common denominator."""
    one = instance("kl_histogram")
    (figure,) = one.figures.values()
    assert isinstance(figure, BarChart)
    assert figure.series == (("P", one.params.p), ("Q", one.params.q))
    assert figure.denominator == one.params.denominator
    assert all(str(height) in figure.alt.en and str(height) in figure.alt.de for height in one.params.p)


def test_infinity_is_an_answer_like_others() -> None:
    """Its text form is sympy's oo, and each answer is named by the three oracles that compute it."""
    one = Instance(find("kl_histogram"), "standard", STANDARD)
    assert [str(a.value) for a in one.answers if a.name == "backward"] == ["oo"]
    said: dict[str, tuple[Comparison, ...]] = comparisons(one)
    for answer in one.answers:
        assert sum(answer.name in {word.what for word in words} for words in said.values()) == 3


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_comparison_alone_computes_both_directions(difficulty: Difficulty, lang: Lang) -> None:
    """Without the part before it, `backward` asks for D(P||Q) and works it out, be it finite or not."""
    for seed in range(6):
        one = instance("kl_histogram", seed, difficulty)
        others = {part.id for part in one.exercise.parts} - {"backward"}
        (part,) = exercise_view(1, Item(one, placed(one, without=others)), lang, {"histograms": "h.pdf"}).parts
        assert "D(P\\|Q)" in part.question
        for name in ("forward", "backward"):
            assert one.derivations[name].steps[0].term.tex(lang)[:40] in part.solution


@pytest.mark.parametrize("lang", LANGUAGES)
def test_outcomes_that_neither_histogram_has_are_settled_in_the_question(lang: Lang) -> None:
    """The two conventions of the introduction say nothing of 0 log(0/0), and the criterion is for all histograms."""
    one = instance("kl_histogram")
    others = {part.id for part in one.exercise.parts} - {"zero"}
    (part,) = exercise_view(1, Item(one, placed(one, without=others)), lang, {"histograms": "h.pdf"}).parts
    assert "P(x) = Q(x) = 0" in part.question
