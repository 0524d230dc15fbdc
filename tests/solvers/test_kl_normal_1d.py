"""KL divergence of two univariate normals: by hand, by sympy's integral, its invariances, its draws and its parts."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from blattwerk.build.order.catalogue import find
from blattwerk.build.page.view import ExerciseView, Item, exercise_view
from blattwerk.build.topicfile.values import evaluated
from blattwerk.vocabulary.exact.closed import Real, logarithm
from blattwerk.vocabulary.exercise import Difficulty
from blattwerk.vocabulary.language import LANGUAGES, Lang, decimal_tex
from tests.instances import instance, placed

EXERCISE = find("kl_normal_1d")
Params, solve = EXERCISE.params, EXERCISE.solve
HALF = Fraction(1, 2)

means = st.fractions(min_value=-5, max_value=5, max_denominator=10)
deviations = st.fractions(min_value=Fraction(1, 4), max_value=8, max_denominator=5)
params = st.builds(Params, means, deviations, means, deviations)


def of(*numbers: object) -> Any:
    """Params from mean_p, deviation_p, mean_q, deviation_q."""
    return Params(*(Fraction(str(number)) for number in numbers))


@pytest.mark.parametrize(
    ("given_params", "forward", "backward"),
    [
        (of(0, 1, 1, 1), HALF, HALF),
        (of(0, 1, 0, 2), logarithm(2) - Fraction(3, 8), Fraction(3, 2) - logarithm(2)),
        (of(1, 2, 0, 1), 2 - logarithm(2), logarithm(2) - Fraction(1, 4)),
        (of(3, 2, 3, 2), Fraction(0), Fraction(0)),
        (of("-0.9", 2, "4.7", 8), logarithm(4) - Fraction(179, 800), Fraction(571, 50) - logarithm(4)),
    ],
)
def test_by_hand(given_params: Any, forward: Real, backward: Real) -> None:
    """Two shifted unit normals give d^2/2; a doubled deviation gives log 2 - 3/8 and 3/2 - log 2."""
    solution = solve(given_params)
    assert solution.forward == forward
    assert solution.backward == backward


def test_the_formula_is_sympys_integral() -> None:
    """The integral of p log(p/q) over the real line, symbolically, for one pair with all four numbers different."""
    z = sympy.symbols("z", real=True)
    x, whole = 1 + 2 * z, (z, -sympy.oo, sympy.oo)  # in terms of z, p is the standard normal density
    density = sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi)
    log_p, log_q = (-((x - m) ** 2) / (2 * s**2) - sympy.log(s) for m, s in map(sympy.sympify, ((1, 2), (-2, 3))))
    terms = sympy.expand(log_p - log_q).as_ordered_terms()
    integral = sum(sympy.integrate(term * density, whole) for term in terms)
    ours = sympy.sympify(str(solve(of(1, 2, -2, 3)).forward), rational=True)
    assert abs(sympy.N(integral - ours, 30)) < 1e-25


@given(params, means, deviations)
def test_it_depends_on_standardised_numbers_only(p: Any, shift: Fraction, scale: Fraction) -> None:
    """Shifting or scaling the line changes nothing; the divergence is positive unless p = q."""
    solution = solve(p)
    moved = Params(p.mean_p + shift, p.deviation_p, p.mean_q + shift, p.deviation_q)
    scaled = Params(*(scale * v for v in (p.mean_p, p.deviation_p, p.mean_q, p.deviation_q)))
    assert solve(moved) == solve(scaled) == solution
    same = (p.mean_p, p.deviation_p) == (p.mean_q, p.deviation_q)
    assert (solution.forward > 0) == (solution.backward > 0) == (not same)


@pytest.mark.parametrize(
    "planted",
    [
        lambda s: replace(s, forward=s.backward, backward=s.forward),
        lambda s: replace(s, forward=-s.forward),
        lambda s: replace(s, forward=s.forward + HALF),  # the -1/2 forgotten
        lambda s: replace(s, backward=s.backward - logarithm(16)),  # the sign of the logarithm
        lambda s: replace(s, ratio=1 / s.ratio),
    ],
)
def test_planted_errors_are_found(planted: object) -> None:
    """Exchanged directions, a lost sign, a lost constant, an inverted ratio."""
    given_params = of("-0.9", 2, "4.7", 8)
    wrong = planted(solve(given_params))  # type: ignore[operator]
    assert any(not c.agrees for oracle in EXERCISE.oracles for c in oracle(given_params, wrong))


@pytest.mark.parametrize(
    ("seeds", "difficulty"), [(range(2000), "hard"), ((11511, 13274), "hard"), (range(300), "easy")]
)
def test_the_two_directions_differ_on_paper(seeds: range | tuple[int, ...], difficulty: Difficulty) -> None:
    """No draw prints the same decimals twice above the words that they differ; two seeds once did."""
    for seed in seeds:
        s = instance("kl_normal_1d", seed, difficulty).solution
        forward, backward = (decimal_tex(evaluated(value), 4, "en") for value in (s.forward, s.backward))
        assert forward != backward


def test_easy_numbers_are_whole_and_the_answers_many() -> None:
    """Whole numbers of one digit; of 300 students, no ten share their answers."""
    drawn = [instance("kl_normal_1d", seed, "easy") for seed in range(300)]
    for p in (one.params for one in drawn):
        numbers = (p.mean_p, p.deviation_p, p.mean_q, p.deviation_q)
        assert all(x.denominator == 1 and abs(x) < 10 for x in numbers)
    pairs = Counter((one.solution.forward, one.solution.backward) for one in drawn)
    assert len(pairs) > 140 and max(pairs.values()) < 10


def alone(part: str, lang: Lang, difficulty: Difficulty = "standard") -> ExerciseView:
    """The exercise on a sheet that keeps only one of its parts."""
    one = instance("kl_normal_1d", difficulty=difficulty)
    others = {p.id for p in one.exercise.parts} - {part}
    return exercise_view(1, Item(one, placed(one, without=others)), lang, {})


CLOSED_FORM = "\\frac{\\sigma_p^{2} + (\\mu_p - \\mu_q)^{2}}{2 \\sigma_q^{2}} - \\frac{1}{2}"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["derive", "forward", "backward", "zero"])
def test_every_part_alone_has_the_closed_form_once(part: str, lang: Lang) -> None:
    """What is to be inserted into, or proved, stands in the question, whichever part that is."""
    view = alone(part, lang)
    assert (view.intro + view.parts[0].question).count(CLOSED_FORM) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_comparison_alone_computes_both_directions(lang: Lang) -> None:
    """Without the part before it, `backward` works out D(p||q) as well."""
    forward = instance("kl_normal_1d").derivations["forward"].steps[0].term.tex(lang)
    assert forward in alone("backward", lang).parts[0].solution


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hard_asks_for_the_closed_form_and_does_not_print_it(lang: Lang) -> None:
    """Where it is to be derived, the questions keep it back, and the solution ends with it; elsewhere it is given."""
    one = instance("kl_normal_1d", difficulty="hard")
    whole = exercise_view(1, Item(one, placed(one)), lang, {})
    assert CLOSED_FORM not in whole.intro + "".join(part.question for part in whole.parts)
    assert CLOSED_FORM in whole.parts[0].solution
    assert CLOSED_FORM in alone("zero", lang, "hard").intro
