"""What a template prints for an answer."""

from dataclasses import replace
from math import log

import pytest

from blattwerk.build.page.phrases import Phrases
from blattwerk.build.page.templating import environment
from blattwerk.errors import TemplateFailure
from blattwerk.vocabulary.language import Lang
from tests.instances import instance
from tests.instances import placed as placed_parts


def test_a_box_bears_the_symbol_of_its_answer() -> None:
    """No template can put another one there, and an answer without a symbol is refused."""
    one = instance("kl_normal_1d", 7)
    phrases, forward = Phrases(one, "en", {}, {}), one.answers[0]
    assert phrases.result(forward).startswith("\\result{\\(\\displaystyle D(p\\|q) = ")
    with pytest.raises(TemplateFailure, match="'forward' has no symbol; give it one where it is made"):
        phrases.result(replace(forward, symbol=""))


def test_a_sentence_that_depends_on_the_draw_has_a_claim() -> None:
    """A sentence without one is an error that lists those that there are."""
    phrases = Phrases(instance("kl_histogram", 7, "easy"), "en", {}, {})
    sentence = "<% call claim(name) %>The two directions differ.<% endcall %>"
    template = environment("en").from_string(sentence)
    assert template.render(phrases.context() | {"name": "differ"}) == "The two directions differ."
    with pytest.raises(TemplateFailure, match="no claim 'fall' among differ, positive"):
        template.render(phrases.context() | {"name": "fall"})


@pytest.mark.parametrize(("lang", "word", "mark"), [("en", "gives", "."), ("de", "ergibt", "{,}")])
def test_a_mistake_is_printed_with_what_it_leads_to(lang: Lang, word: str, mark: str) -> None:
    """To the places asked for: the denominator left at n, here in floating point."""
    one = instance("kl_histogram", 7)
    n, pairs = one.params.denominator, tuple(zip(one.params.full, one.params.holed, strict=True))
    value = f"{sum(k / n * log(k / (j + 1)) for k, j in pairs):.4f}".replace(".", mark)
    smoothed = next(placed for placed in placed_parts(one) if placed.part.id == "smoothed")
    printed = Phrases(one, lang, {}, {}, smoothed).mistakes(total="as before", only_hole="")
    assert f"] as before ({word} \\({value}\\))\n" in printed
