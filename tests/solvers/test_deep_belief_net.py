"""Deep belief nets: a published stack, a small stack by hand, planted errors, and what the readings have in common."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blattwerk.build.order.catalogue import find
from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang
from blattwerk.vocabulary.mistakes import Slip
from tests.instances import instance, placed

STACKS: Any = find("deep_belief_net")
ROWS = ("unsupervised", "unseen", "neighbours", "hierarchical", "distribution", "generates", "initialises")
SMALL = STACKS.params((4, 3, 2), 5, 10, ROWS)
CHECKS = {check.__name__: check for check in STACKS.oracles}
COUNTS = ("torch_modules", "arrays", "units")


def test_a_small_stack_by_hand() -> None:
    """4-3-2: machines with 12 + 4 + 3 = 19 and 6 + 3 + 2 = 11 parameters, an output layer with 3 * 5."""
    s = STACKS.solve(SMALL)
    assert (s.weights, s.trained, s.frozen) == (18, ((19, 11),), ((0, 19),))
    assert (s.rbms, s.dbn, s.network) == (30, 27, 38)
    assert (s.kept, s.dropped, s.fresh) == (23, 7, 15)
    assert s.draws == 10 * (3 + 2) + 4


def test_a_published_stack() -> None:
    """784-500-500-2000-10 (Hinton, Osindero and Teh, 2006), layer by layer: a matrix and a vector each."""
    s = STACKS.solve(STACKS.params((784, 500, 500, 2000), 10, 1, ROWS))
    assert s.network == 785 * 500 + 501 * 500 + 501 * 2000 + 2001 * 10 == 1_665_010
    assert s.trained == ((393_284, 251_000, 1_002_500),)
    assert s.dbn == 392_000 + 250_000 + 1_000_000 + 3_784


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 40), min_size=3, max_size=6), st.integers(1, 9), st.integers(1, 9))
def test_the_readings_differ_by_biases_only(sizes: list[int], classes: int, sweeps: int) -> None:
    """All counts agree for any stack; the inner layers have two biases in the machines and one in the DBN."""
    params = STACKS.params(tuple(sizes), classes, sweeps, ROWS)
    s = STACKS.solve(params)
    assert s.rbms - s.dbn == sum(sizes[1:-1])
    assert s.kept + s.dropped == s.rbms
    assert s.kept + s.fresh == s.network
    assert s.frozen[0][-1] + s.trained[0][-1] == s.rbms
    assert all(word.agrees for name in COUNTS for word in CHECKS[name](params, s))


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
        {"frozen": ((0, 15),)},
    ],
)
@pytest.mark.parametrize("check", COUNTS)
def test_planted_errors_are_found(wrong: dict[str, Any], check: str) -> None:
    """The usual mistakes: every count objects."""
    planted = replace(STACKS.solve(SMALL), **wrong)
    assert [word.what for word in CHECKS[check](SMALL, planted) if not word.agrees] == list(wrong)


def test_a_wrong_verdict_is_found() -> None:
    """t-SNE with a map of its own, which only the parametric variant has."""
    s = STACKS.solve(SMALL)
    row = ROWS.index("unseen")
    planted = replace(s, verdicts=(*s.verdicts[:row], "yyy", *s.verdicts[row + 1 :]))
    assert [word.what for word in CHECKS["ingredients"](SMALL, planted) if not word.agrees] == ["verdicts"]


def test_a_wrong_sum_is_found_in_a_derivation() -> None:
    """What is displayed starts from the counts that were compared."""
    with pytest.raises(ProofFailure, match="'dbn'"):
        verify_all(STACKS.derivations(SMALL, replace(STACKS.solve(SMALL), dbn=30)))


def test_a_variant_does_not_count_as_the_standard_form() -> None:
    """The question asks for the standard form, which in t-SNE has no map for new data; the parametric variant has."""
    assert STACKS.solve(SMALL).verdicts[ROWS.index("unseen")] == "yny"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_debatable_because_of_a_variant(lang: Lang) -> None:
    """The row of new data gives clear verdicts, so its reason does not contain the word for open ones."""
    one = instance("deep_belief_net", 3, "hard")
    assert "unseen" in one.params.properties
    solution = shown(one, lang, "methods")
    row = one.params.properties.index("unseen") + 1
    reason = solution.split(f"(\\({row}\\)) ")[1].split(f"(\\({row + 1}\\)) ")[0]
    assert {"en": "Debatable", "de": "Strittig"}[lang] not in reason


def shown(one: Instance, lang: Lang, part: str) -> str:
    """The sample solution of a part."""
    view = exercise_view(1, Item(one, placed(one)), lang, {})
    return next(str(p.solution) for p in view.parts if p.id == part)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_verdicts_and_reasons_stand_in_the_drawn_order(lang: Lang) -> None:
    """A row for each property with its three words, and a paragraph that begins with its number."""
    one = instance("deep_belief_net", 5, "hard")
    words = {"en": {"y": "yes", "n": "no", "o": "debatable"}, "de": {"y": "ja", "n": "nein", "o": "strittig"}}[lang]
    solution = shown(one, lang, "methods")
    for number, row in enumerate(one.solution.verdicts, 1):
        assert " & ".join([f"\\({number}\\)", *(words[v] for v in row)]) + " \\\\" in solution
    starts = [" ".join(solution.split()).index(f" (\\({number}\\)) \\textbf{{") for number in range(1, len(ROWS) + 1)]
    assert starts == sorted(starts)
    assert solution.count("\n\n(\\(") == len(ROWS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_step_of_the_training_is_a_row(lang: Lang) -> None:
    """With its layers, what it is trained on, and both counts."""
    one = instance("deep_belief_net", 7)
    assert one.params.sizes == (400, 160, 70, 50)
    word, on, last = {"en": ("and", "data", "codes"), "de": ("und", "Daten", "Codes")}[lang]
    solution = shown(one, lang, "training")
    assert f"\\(1\\) & \\(0\\) {word} \\(1\\) & {on} \\(v\\) & \\(64\\,560\\) & \\(0\\) \\\\" in solution
    assert f"\\(3\\) & \\(2\\) {word} \\(3\\) & {last} \\(h_2\\) & \\(3620\\) & \\(75\\,990\\) \\\\" in solution


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
        assert any("o" in row for row in s.verdicts)
        assert prove(one).relations.cited == 0


def test_usual_mistakes_by_hand() -> None:
    """4-3-2: the 3 inner biases once in (i), the 4 of v missing in (ii), the 15 of the output layer in (iii)."""
    assert STACKS.solve(SMALL, Slip("parameters_1")).rbms == 27
    assert STACKS.solve(SMALL, Slip("parameters_2")).dbn == 23
    assert STACKS.solve(SMALL, Slip("parameters_3")).network == 23
