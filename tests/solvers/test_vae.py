"""The loss of a variational autoencoder: values by hand, other libraries, planted errors, limits, design."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.drawing.figures import draw
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.generators.vae import EXERCISE
from blattwerk.solvers import kl_gaussian
from blattwerk.solvers.vae import Params, answers, claims, derivations, figures, oracles, solve
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exact.log_sums import log_of, rational
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.mistakes import Slip
from tests.build.drawing.drawings import outlines, scales
from tests.instances import instance


def f(text: str) -> tuple[Any, ...]:
    """Fractions from their text."""
    return tuple(map(Fraction, text.split()))


PARAMS = Params(
    *(f("1 -2"), f("1/2 3"), Fraction(2), Fraction(3), Fraction(1), f("0 1"), f("1/2 1/4")),
    *((f("0 0"), f("3 0"), f("0 4")), (f("1 1"), f("2 -1"), f("-1 3"))),
)


def test_values_by_hand() -> None:
    """1/2 (1/4 + 1 + 9 + 4 - 2) - log(3/2); 12/9 and 1/9; sqrt(4/5) exp(-4/5); codes 1, 2, 3."""
    s = solve(PARAMS)
    assert s.divergence == rational(Fraction(49, 8)) - log_of(Fraction(3, 2))
    assert s.gradient == (Fraction(-3, 2), Fraction(8, 3))
    assert s.rising == (1,)
    assert (s.mean, s.variance) == (Fraction(4, 3), Fraction(1, 9))
    assert (s.radicand, s.exponent) == (Fraction(4, 5), Fraction(4, 5))
    assert s.distances == ((2, 5, 10), (5, 2, 29), (10, 25, 2))
    assert s.assignment == (1, 2, 3)


def test_the_divergence_is_that_of_the_gaussian_topic() -> None:
    """The same numbers in kl_gaussian, solved there in another way."""
    for difficulty in DIFFICULTIES:
        one = instance("vae", 5, difficulty)
        other = kl_gaussian.solve(kl_gaussian.Params(one.params.mean, one.params.deviation))
        assert (one.solution.divergence, one.solution.gradient) == (other.divergence, other.gradient_deviation)


def test_scipy_agrees() -> None:
    """Adaptive integration of sqrt(q_1 q_2), and a tree of the codes."""
    from scipy.integrate import quad
    from scipy.spatial import KDTree
    from scipy.stats import norm

    def root(z: float, params: Params) -> Any:
        densities = (norm.pdf(z, float(m), float(s)) for m, s in zip(params.centres, params.widths, strict=True))
        return np.prod(list(densities)) ** 0.5

    for difficulty in DIFFICULTIES:
        one = instance("vae", 6, difficulty)
        theirs, _ = quad(root, -8, 8, args=(one.params,), points=list(map(float, one.params.centres)))
        ours = next(a for a in answers(one.params, one.solution) if a.name == "overlap")
        assert float(ours.value.value()) == pytest.approx(theirs, rel=1e-8)
        encodings, codes = (np.array(v, dtype=float) for v in (one.params.encodings, one.params.codes))
        assert tuple(KDTree(codes).query(encodings)[1] + 1) == one.solution.assignment


numbers = st.fractions(-4, 4, max_denominator=8)
factors = st.fractions(Fraction(1, 8), 8, max_denominator=8)


@settings(deadline=None, max_examples=80)
@given(numbers.filter(bool), numbers, factors, numbers, factors)
def test_no_other_encoder_has_a_smaller_loss(
    w: Fraction, x: Fraction, beta: Fraction, shift: Fraction, factor: Fraction
) -> None:
    """L elsewhere less L at the optimum is (w^2 + beta/2) shift^2 + beta/2 (t - 1 - log t) for the variance t s*^2."""
    s = solve(replace(PARAMS, weight=w, observation=x, beta=beta))

    def loss(mean: Fraction, variance: Fraction) -> Any:
        error = (x - w * mean) ** 2 + w**2 * variance
        return rational(error + beta / 2 * (variance + mean**2 - 1)) - log_of(variance).times(beta / 2)

    excess = loss(s.mean + shift, s.variance * factor) - loss(s.mean, s.variance)
    rest = rational((w**2 + beta / 2) * shift**2 + beta / 2 * (factor - 1)) - log_of(factor).times(beta / 2)
    assert excess == rest
    assert rest.sign() == (shift != 0 or factor != 1)


def test_the_limits_in_beta() -> None:
    """x/w and 0 for beta -> 0, the prior for beta -> infinity, and never quite either."""
    small, large = (solve(replace(PARAMS, beta=Fraction(10) ** k)) for k in (-9, 9))
    assert 0 < Fraction(3, 2) - small.mean < Fraction(1, 10**8)
    assert 0 < small.variance < Fraction(1, 10**8)
    assert 0 < large.mean < Fraction(1, 10**7)
    assert 0 < 1 - large.variance < Fraction(1, 10**7)


BY_QUADRATURE = {"by_torch", "by_quadrature", "by_complex_steps"}
BY_CONDITIONING = {"by_torch", "by_conditioning", "by_complex_steps"}
PLANTED = [
    (
        {"divergence": rational(Fraction(49, 8)) + log_of(Fraction(3, 2))},
        BY_QUADRATURE,
    ),
    ({"gradient": f("5/2 10/3")}, BY_QUADRATURE),  # s + 1/s
    ({"mean": Fraction(6, 5)}, BY_CONDITIONING),  # w x / (w^2 + beta)
    ({"variance": Fraction(1)}, BY_CONDITIONING),  # w^2 s^2 forgotten
    ({"variance": Fraction(1, 3)}, BY_CONDITIONING),  # s* for its square
    ({"exponent": Fraction(8, 5)}, BY_QUADRATURE),  # 2 for 4
    ({"radicand": Fraction(16, 25)}, BY_QUADRATURE),  # root forgotten
    ({"assignment": (1, 2, 2)}, {"by_search", "by_projection"}),
]


@pytest.mark.parametrize(("wrong", "by"), PLANTED)
def test_planted_errors_are_found(wrong: dict[str, Any], by: set[str]) -> None:
    """Three oracles object to the usual errors, or two."""
    planted = replace(solve(PARAMS), **wrong)
    assert {o.__name__ for o in oracles for c in o(PARAMS, planted) if not c.agrees} == by


@pytest.mark.parametrize(("wrong", "by"), PLANTED[:-1])
def test_a_displayed_chain_breaks_at_a_planted_error(wrong: dict[str, Any], by: set[str]) -> None:
    """The derivations object as well."""
    with pytest.raises(ProofFailure, match=r"step [23]"):
        verify_all(derivations(PARAMS, replace(solve(PARAMS), **wrong)))


def test_the_shaded_area_is_the_overlap() -> None:
    """The area below the filled curve of the figure, from its corners, up to what lies outside of the plot."""
    canvas = draw(figures(PARAMS, solve(PARAMS))["overlap"])
    (outline,) = outlines(canvas, "area")
    x, y = scales(canvas)(outline).T
    area = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    assert area == pytest.approx(0.8**0.5 * np.exp(-0.8), rel=2e-3)


def test_instances_are_as_designed() -> None:
    """s on both sides of 1, no mean 0, short fractions, visible overlaps, doubtful codes; equal widths if easy only."""
    for difficulty in DIFFICULTIES:
        for seed in range(25):
            one = instance("vae", seed, difficulty)
            params, solution = one.params, one.solution
            assert min(solution.gradient) < 0 < max(solution.gradient)
            assert 0 not in params.mean and 0 not in (params.observation, params.weight, solution.mean)
            assert max(solution.mean.denominator, solution.variance.denominator, solution.exponent.denominator) <= 41
            assert (solution.radicand == 1) == (difficulty == "easy")
            assert max(map(abs, params.centres)) <= 2
            assert len(set(solution.assignment)) > 1
            assert all(row.count(min(row)) == 1 for row in solution.distances)


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full, without an appeal to a theorem."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("vae", 3, difficulty)).relations.cited == 0


# The steps of the rubric that each usual mistake spoils.
SPOILT = {
    "kl": {"variance": ("insert",), "sign": ("insert",)},
    "properties": {"stationary": ("centred", "unit"), "ascent": ("gradient",), "centre": ("centred",)},
    "tradeoff": {"noise": ("loss",), "moment": ("loss",), "exchanged": ("limits",)},
    "overlap": {"disjoint": ("support",), "practical": ("support",)},
    "codes": {"sparse": ("gradient", "remedies"), "soft": ("gradient",)},
}


def test_no_mistake_costs_more_than_the_steps_that_it_spoils() -> None:
    """Who makes a usual mistake, and everything else right, loses nothing for what is right."""
    for part in EXERCISE.parts:
        assert SPOILT[part.id].keys() == part.mistakes.keys()
        for mistake, steps in SPOILT[part.id].items():
            assert part.mistakes[mistake] <= sum(part.rubric[step] for step in steps), (part.id, mistake)


def test_mistakes_by_hand() -> None:
    """s for s^2: 1/2 (1/2 + 1 + 3 + 4 - 2) - 1/2 log(3/2); the other sign: 49/8 + log(3/2)."""
    logs = log_of(Fraction(3, 2))
    assert solve(PARAMS, Slip("variance")).divergence == rational(Fraction(13, 4)) - logs.times(Fraction(1, 2))
    assert solve(PARAMS, Slip("sign")).divergence == rational(Fraction(49, 8)) + logs


def test_the_claim_of_the_widths() -> None:
    """It is true of every draw, and false where a width that is above 1 is said to be raised."""
    solution = solve(PARAMS)
    assert claims(PARAMS, solution) == {"towards_one": True}
    assert claims(PARAMS, replace(solution, gradient=(Fraction(-1), Fraction(-1)))) == {"towards_one": False}
