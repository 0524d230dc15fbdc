"""Deep belief nets: a published stack, a small stack by hand, planted errors, and what the readings have in common."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.solvers.deep_belief_net import VERDICTS, Params, by_ingredients, by_torch, by_units, derivations, solve
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.language import LANGUAGES, Lang
from blattwerk.vocabulary.mistakes import Slip
from tests.instances import instance, placed

ROWS = tuple(VERDICTS)
SMALL = Params((4, 3, 2), 5, 10, ROWS)


def test_a_small_stack_by_hand() -> None:
    """4-3-2: machines with 12 + 4 + 3 = 19 and 6 + 3 + 2 = 11 parameters, an output layer with 3 * 5."""
    s = solve(SMALL)
    assert (s.weights, s.trained, s.frozen) == (18, (19, 11), (0, 19))
    assert (s.rbms, s.dbn, s.network) == (30, 27, 38)
    assert (s.kept, s.dropped, s.fresh) == (23, 7, 15)
    assert s.draws == 10 * (3 + 2) + 4


def test_a_published_stack() -> None:
    """784-500-500-2000-10 (Hinton, Osindero and Teh, 2006), layer by layer: a matrix and a vector each."""
    s = solve(Params((784, 500, 500, 2000), 10, 1, ROWS))
    assert s.network == 785 * 500 + 501 * 500 + 501 * 2000 + 2001 * 10 == 1_665_010
    assert s.trained == (393_284, 251_000, 1_002_500)
    assert s.dbn == 392_000 + 250_000 + 1_000_000 + 3_784


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 40), min_size=3, max_size=6), st.integers(1, 9), st.integers(1, 9))
def test_the_readings_differ_by_biases_only(sizes: list[int], classes: int, sweeps: int) -> None:
    """Both oracles agree for any stack; the inner layers have two biases in the machines and one in the DBN."""
    params = Params(tuple(sizes), classes, sweeps, ROWS)
    s = solve(params)
    assert s.rbms - s.dbn == sum(sizes[1:-1])
    assert s.kept + s.dropped == s.rbms
    assert s.kept + s.fresh == s.network
    assert s.frozen[-1] + s.trained[-1] == s.rbms
    assert all(word.agrees for oracle in (by_torch, by_units) for word in oracle(params, s))


@pytest.mark.parametrize(
    "wrong",
    [
        {"rbms": 27},  # inner biases once
        {"dbn": 30},
        {"network": 33},  # an output layer without biases
        {"network": 42},  # biases at the input
        {"draws": 10 * 5},  # nothing drawn on the way down
        {"draws": 10 * (4 + 3) + 2},  # the chain at the bottom
        {"kept": 30},
        {"frozen": (0, 15)},
    ],
)
def test_planted_errors_are_found(wrong: dict[str, Any]) -> None:
    """The usual mistakes: both counts object."""
    planted = replace(solve(SMALL), **wrong)
    (name,) = wrong
    for oracle in (by_torch, by_units):
        assert name in [word.what for word in oracle(SMALL, planted) if not word.agrees]


def test_a_wrong_verdict_is_found() -> None:
    """t-SNE with a map of its own, which only the parametric variant has."""
    s = solve(SMALL)
    row = ROWS.index("unseen")
    planted = replace(s, verdicts=(*s.verdicts[:row], ("yes", "yes", "yes"), *s.verdicts[row + 1 :]))
    assert [word.what for word in by_ingredients(SMALL, planted) if not word.agrees] == ["unseen"]


def test_a_wrong_sum_is_found_in_a_derivation() -> None:
    """The displayed sums start from counts of their own."""
    with pytest.raises(ProofFailure, match="'dbn'"):
        verify_all(derivations(SMALL, replace(solve(SMALL), dbn=30)))


def test_a_variant_does_not_count_as_the_standard_form() -> None:
    """The question asks for the standard form, which in t-SNE has no map for new data; the parametric variant has."""
    s = solve(SMALL)
    assert s.verdicts[ROWS.index("unseen")] == ("yes", "no", "yes")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_debatable_because_of_a_variant(lang: Lang) -> None:
    """The row of new data gives clear verdicts, so its reason does not contain the word for open ones."""
    one = instance("deep_belief_net", 3, "hard")
    assert "unseen" in one.params.properties
    view = exercise_view(1, Item(one, placed(one)), lang, {})
    row = one.params.properties.index("unseen") + 1
    reason = view.parts[-1].solution.split(f"({row})~")[1].split(f"({row + 1})~")[0]
    assert {"en": "Debatable", "de": "Strittig"}[lang] not in reason


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_instances_tell_the_readings_apart(difficulty: Difficulty) -> None:
    """All counts differ, no layer equals another, some cell is open, and all relations are checked."""
    for seed in range(20):
        one = instance("deep_belief_net", seed, difficulty)
        s, sizes = one.solution, one.params.sizes
        assert len({s.rbms, s.dbn, s.network, s.kept}) == 4
        assert len({s.kept, s.dropped, s.fresh}) == 3
        assert len(set(sizes)) == len(sizes) == {"easy": 3, "standard": 4, "hard": 5}[difficulty]
        assert max(n / m for n, m in pairwise(sizes)) <= 20
        assert any("open" in row for row in s.verdicts)
        assert prove(one).relations.cited == 0


def test_usual_mistakes_by_hand() -> None:
    """4-3-2: the 3 inner biases once in (i), the 4 of v missing in (ii), the 15 of the output layer in (iii)."""
    assert solve(SMALL, Slip("inner_once")).rbms == 27
    assert solve(SMALL, Slip("no_visible")).dbn == 23
    assert solve(SMALL, Slip("output")).network == 23
