"""What is asked of topics on one page alone is found at its line, and all other demands are kept by the small one."""

from pathlib import Path

import pytest

from blattwerk.build.check import on_page
from blattwerk.build.check.check import DEMANDS, check
from blattwerk.build.check.complaint import Demand
from blattwerk.build.check.on_page import (
    both_languages,
    checks_independent,
    drawn_the_same_elsewhere,
    errors_in_lines_found,
)
from blattwerk.build.check.paper import set_by_tex
from blattwerk.build.numbers import sample_draws
from blattwerk.build.order.catalogue import find_topic
from blattwerk.vocabulary.exercise import DIFFICULTIES, Instance
from tests.build.topicfile.pages import known_topic, line, page, topic

TABLE: tuple[tuple[Demand, tuple[str, str], str, str], ...] = (
    (
        checks_independent,
        ("mean = sum(x * w for x, w in faces)", "mean = p + shift"),
        "mean = p + shift",
        "the check 'enumeration' finds 'mean' by the expression of `solve`",
    ),
    (
        checks_independent,
        ("mean = sum(x * w for x, w in faces)\n", "moved = shift\nfirst = p + moved\nmean = first\n"),
        "mean = first",
        "the check 'enumeration' finds 'mean' by the expression of `solve`",
    ),
    (
        checks_independent,
        (
            "mean, variance, entropy = coin.mean(), coin.var(), coin.entropy()",
            "mean, variance = coin.mean(), coin.var()",
        ),
        "## entropy",
        "'entropy' is asked for and confirmed by enumeration; two checks must find it",
    ),
    (both_languages, (":hint.de: Sie hängt nicht von $s$ ab.\n", ""), ":hint.en: It does not", "no text in 'de' yet"),
    (
        both_languages,
        (":hint.de: Sie", ":hint.de@0000: Sie"),
        ":hint.de@0000",
        "the text in 'en' has changed since this was translated; translate it again and write :hint.de@",
    ),
    (
        drawn_the_same_elsewhere,
        ("shift = integer(1, 1000000)", "shift = list(set('abcdefghijklmnopqrstuvw')).index('f')"),
        "```python draw",
        "another process draws other numbers",
    ),
    (
        errors_in_lines_found,
        ("entropy = -p", "third = p * 3 + 1\nentropy = -p"),
        "third = p",
        "changes the solution, and no check objects",
    ),
)


@pytest.mark.parametrize(("demand", "change", "where", "word"), TABLE, ids=[row[3] for row in TABLE])
def test_a_demand_names_the_line(
    tmp_path: Path, demand: Demand, change: tuple[str, str], where: str, word: str
) -> None:
    """Of the file."""
    file = page(tmp_path, change)
    found = list(demand(topic(file), 2))
    there = [number for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if where in text]
    assert any(word in one.message and one.place in [f"{file}:{n}" for n in there] for one in found), found


def test_a_mistake_of_tex_in_german_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told with the line of the German text, and with the language."""
    file = page(tmp_path, ("Zeigen Sie $p (1 - p)", "Zeigen Sie $\\gibtesnicht (1 - p)"))
    with known_topic(file, monkeypatch):
        found = list(set_by_tex(find_topic("coin"), 1))
    assert f"{file}:{line(file, 'gibtesnicht')}" in [one.place for one in found]
    assert all("Undefined control sequence" in one.message and ", de, seed 0" in one.message for one in found), found


def test_every_demand_on_pages_is_tried() -> None:
    """None is left out of the table."""
    assert {row[0] for row in TABLE} == {demand for demand in DEMANDS if demand.__module__ == on_page.__name__}


def test_the_small_page_keeps_all_demands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TeX in both languages included."""
    with known_topic(page(tmp_path), monkeypatch):
        assert check(find_topic("coin"), seeds=2) == ()


def test_what_a_part_claims_is_asked_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere it may be false."""
    hard = ('hold="variance < mean"', 'hold="mean > 100" at="hard"')
    exercise = topic(
        page(tmp_path, ("shift = integer(1, 1000000)", "shift = by(easy=1, standard=2, hard=200)"), hard)
    ).exercise
    for difficulty in DIFFICULTIES:
        one = Instance(exercise, difficulty, exercise.draw(sample_draws("coin", 1), difficulty))
        assert dict(one.claims) == ({"moments_hold_1": True} if difficulty == "hard" else {})
        assert ("moments_hold_1" in one.derivations) == (difficulty == "hard")
