"""An exercise as plain text."""

import pytest

from blattwerk.build.numbers import sample
from blattwerk.build.page.plain import plain
from blattwerk.build.show import as_text
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
