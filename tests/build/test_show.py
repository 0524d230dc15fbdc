"""An exercise as plain text."""

from dataclasses import replace

import pytest

from blattwerk.build.numbers import sample
from blattwerk.build.order.catalogue import find
from blattwerk.build.page.plain import plain
from blattwerk.build.show import as_text
from blattwerk.vocabulary.derivation import derive
from blattwerk.vocabulary.language import Lang


@pytest.mark.parametrize(("lang", "quoted"), [("en", "“A”, “B”"), ("de", "„A“, „B“")])
def test_a_language_has_its_own_quotation_marks(lang: Lang, quoted: str) -> None:
    """As csquotes sets them on the page."""
    assert plain("\\enquote{A}, \\enquote{B}", lang) == quoted


def test_a_whole_exercise_is_quoted_in_its_language() -> None:
    """The autoencoder's part on the word explains a part of it."""
    english, german = (as_text(sample("autoencoder", 7, "standard"), lang, solution=True) for lang in ("en", "de"))
    assert "“self”" in english and "„" not in english
    assert "„selbst“" in german and "”" not in german


@pytest.mark.parametrize(("lang", "word"), [("en", "UNPROVEN"), ("de", "UNGEPRÜFT")])
def test_a_solution_that_is_not_proven_says_so(monkeypatch: pytest.MonkeyPatch, lang: Lang, word: str) -> None:
    """A wrong step is planted: it is shown, so that its author can look at it, below a word that cannot be missed."""
    right = as_text(sample("kl_normal_1d", 7, "standard"), lang, solution=True)
    exercise = find("kl_normal_1d")
    wrong = replace(exercise, derivations=lambda p, s: {**exercise.derivations(p, s), "wrong": derive(1).eq(2)})
    monkeypatch.setattr("blattwerk.build.numbers.find", lambda exercise_id: wrong)
    shown = as_text(sample("kl_normal_1d", 7, "standard"), lang, solution=True)
    assert shown.startswith(f"{word}: derivation 'wrong', step 1: 1 = 2 does not hold")
    assert word not in right + as_text(sample("kl_normal_1d", 7, "standard"), lang, solution=False)


def test_parts_have_their_ids() -> None:
    """The names by which a sheet file knows them."""
    text = as_text(sample("kl_normal_1d", 7, "standard"), "en", solution=False)
    assert "a) [derive] Show" in text and "d) [zero]" in text


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        ("2^{\\frac{19}{5}}", "2^(19/5)"),
        ("\\log(1 + 2^{-\\frac{3}{2}})", "log(1 + 2^(-3/2))"),
        ("(2\\pi)^{\\frac{D}{2}}", "(2π)^(D/2)"),
        ("v^{(0)}", "v^(0)"),
        ("x^{2}", "x^2"),
    ],
)
def test_exponents_are_bracketed_once(tex: str, text: str) -> None:
    """Otherwise 2 to the power of 19/5 reads as a fifth of 2 to the power of 19."""
    assert plain(tex, "en") == text
