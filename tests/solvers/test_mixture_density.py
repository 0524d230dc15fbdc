"""Gradients of a mixture density network: values by hand, planted errors, and the gradients of drawn mixtures."""

from dataclasses import replace
from fractions import Fraction
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.drawing.figures import pdf
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.mixture_density import Params, Solution, answers, derivations, figures, oracles, solve
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.slopes import slope
from blattwerk.vocabulary.terms import MP
from tests.instances import instance


def fractions(*values: int | str) -> tuple[Fraction, ...]:
    return tuple(Fraction(v) for v in values)


# t = 3 lies two deviations to the right of N(1, 1) and two to the left of N(7, 4).
TWO = Params(fractions("2/3", "1/3"), (fractions(1), fractions(7)), fractions(1, 2), fractions(3))

PLANE = Params(fractions("1/2", "1/2"), (fractions(-1, -2), fractions(4, -2)), fractions(1, 2), fractions(0, 0))


def test_two_components_by_hand() -> None:
    """Worked out on paper: shares 2/3 and 1/6, hence gamma = (4/5, 1/5), and E = 2 + log(2 pi)/2 - log(5/6)."""
    s = solve(TWO)
    assert (s.distance, s.share, s.gamma) == (4, Fraction(5, 6), fractions("4/5", "1/5"))
    assert s.by_logits == fractions("-2/15", "2/15")
    assert s.by_means == (fractions("-8/5"), fractions("1/5"))
    assert s.by_widths == fractions("-12/5", "-3/5")
    assert s.rising == (1,)
    loss = next(a for a in answers(TWO, s) if a.name == "loss")
    assert MP.nstr(loss.value.value(), 8) == "3.1012601"  # 2 + 0.91893853 + 0.18232156


def test_two_components_in_the_plane_by_hand() -> None:
    """|t - mu|^2 = 5 s^2 for (1, 2) and (4, 2) with s = 1 and 2; the shares are 1/2 and 1/8, so gamma = (4/5, 1/5)."""
    s = solve(PLANE)
    assert (s.distance, s.gamma) == (5, fractions("4/5", "1/5"))
    assert s.by_means == (fractions("-4/5", "-8/5"), fractions("1/5", "-1/10"))
    assert s.by_widths == fractions("-12/5", "-3/5")


def test_another_target_by_hand() -> None:
    """(1, 0) lies 8 and 13/4 off, so gamma'_1 = 1/(1 + exp(19/8)/4); without the exponentials it would stay 4/5."""
    s = solve(PLANE)
    assert (s.elsewhere, s.exponents) == (fractions(8, "13/4"), fractions(0, "19/8"))
    assert moved(s) == "0.27117"
    assert moved(replace(s, exponents=fractions(0, 0))) == "4/5"
    for planted in (replace(s, exponents=fractions(0, 0)), replace(s, exponents=fractions(0, "19/4"))):
        assert all(any(not c.agrees for c in oracle(PLANE, planted) if c.what == "moved") for oracle in oracles)


def moved(solution: Solution) -> str:
    """The responsibility at the other target, to five digits."""
    return MP.nstr(next(a for a in answers(PLANE, solution) if a.name == "moved").value.value(), 5)


def test_the_exponentials_matter_at_the_other_target() -> None:
    """Whoever drops them as at t gets another number, in every hard draw; only there it is asked."""
    for seed in range(60):
        one = instance("mixture_density", seed, "hard")
        assert len(set(one.solution.elsewhere)) > 1
        assert one.slips["exponentials"] is not None
    assert "moved" not in {part.id for part in instance("mixture_density").exercise.parts_at("standard")}


def test_densities_of_scipy() -> None:
    """Multivariate normal densities of scipy give the same responsibilities and the same loss."""
    from scipy.stats import multivariate_normal

    for difficulty in DIFFICULTIES:
        one = instance("mixture_density", 5, difficulty)
        weights, means, deviations, t = (
            np.array(x, dtype=float)
            for x in (one.params.weights, one.params.means, one.params.deviations, one.params.target)
        )
        parts = [a * multivariate_normal(m, s**2).pdf(t) for a, m, s in zip(weights, means, deviations, strict=True)]
        assert np.array(parts) / sum(parts) == pytest.approx([float(g) for g in one.solution.gamma])
        loss = next(a for a in one.answers if a.name == "loss")
        assert -np.log(sum(parts)) == pytest.approx(float(loss.value.value()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"gamma": fractions("2/3", "1/3")},  # the densities' factors 1/s forgotten
        {"by_logits": fractions("2/15", "-2/15")},  # the sign
        {"by_means": (fractions("-8/5"), fractions("2/5"))},  # divided by s
        {"by_widths": fractions("-16/5", "-4/5")},  # the dimension forgotten
    ],
)
def test_planted_errors_are_found(wrong: dict[str, object]) -> None:
    """A usual mistake in place of a value: both oracles object, and so does a derivation."""
    planted = replace(solve(TWO), **wrong)  # type: ignore[arg-type]
    assert all(any(not c.agrees for c in oracle(TWO, planted)) for oracle in oracles)
    with pytest.raises(ProofFailure):
        verify_all(derivations(TWO, planted))


def test_no_gradient_vanishes() -> None:
    """No drawn distance makes the gradients by the widths 0, and no responsibility equals its weight."""
    for difficulty in DIFFICULTIES:
        for seed in range(40):
            s = instance("mixture_density", seed, difficulty).solution
            assert all(s.by_logits) and all(s.by_widths) and all(x for mean in s.by_means for x in mean)


def test_the_text_of_the_figure_names_variances() -> None:
    """A deviation of 3/2 is a variance of 9/4 (not 3/2^2, which is 3/4)."""
    params = replace(TWO, deviations=fractions("3/2", 2))
    alt = figures(params, solve(params))["mixture"].alt
    assert "2/3 N(1, 9/4), 1/3 N(7, 4)" in alt.en
    assert "2/3 N(1; 9/4), 1/3 N(7; 4)" in alt.de


def test_the_figure_is_the_same_every_time() -> None:
    """The mixture on the line is drawn, twice to the same bytes; in the plane there is none."""
    one = instance("mixture_density", 3)
    assert pdf(one.figures["mixture"]) == pdf(instance("mixture_density", 3).figures["mixture"])
    assert not instance("mixture_density", 3, "hard").figures


def test_slopes_need_no_formula() -> None:
    """Derivatives of exp and of a function of nested tuples, to 50 digits."""
    assert abs(slope(MP.exp, Fraction(1)) - MP.e) < MP.mpf(10) ** -50
    at = ((Fraction(2), Fraction(3)), (Fraction(5),))
    found = slope(lambda x: x[0][0] * x[0][1] ** 2 + x[1][0] ** 3, at)
    assert [[int(MP.nint(x)) for x in row] for row in found] == [[9, 12], [75]]


weights = st.lists(st.integers(1, 9), min_size=3, max_size=3)


@settings(deadline=None, max_examples=25)
@given(weights, weights, st.lists(st.sampled_from((-1, 1)), min_size=3, max_size=3), st.integers(1, 8))
def test_gradients_of_any_mixture(parts: list[int], widths: list[int], sides: list[int], twice: int) -> None:
    """For any mixture with a common distance, the oracles agree with the solver, and dE/dz adds up to 0."""
    alpha = tuple(Fraction(k, sum(parts)) for k in parts)
    means = tuple((Fraction(side * twice * s, 2),) for side, s in zip(sides, widths, strict=True))
    params = Params(alpha, means, tuple(map(Fraction, widths)), fractions(0))
    s = solve(params)
    assert sum(s.by_logits) == 0 and sum(s.gamma) == 1
    assert all(c.agrees for oracle in oracles for c in oracle(params, s))


def test_all_oracles_and_derivations_agree() -> None:
    """One instance of each difficulty is proven in full."""
    for difficulty in DIFFICULTIES:
        assert prove(instance("mixture_density", 3, difficulty)).relations.cited == 0


def test_symbols_are_separated_alike_in_both_languages() -> None:
    """N(y(x), v) has no decimal comma, so it needs no semicolon in German."""
    for lang in ("en", "de"):
        source = (files("blattwerk") / "templates" / "mixture_density" / f"demo.{lang}.tex.j2").read_text(
            encoding="utf-8"
        )
        assert "\\mathcal{N}(y(x), v)" in source
