"""What a template prints for an answer."""

from dataclasses import replace

import pytest

from blattwerk.build.page.phrases import Phrases
from blattwerk.errors import TemplateFailure
from tests.instances import instance


def test_a_box_bears_the_symbol_of_its_answer() -> None:
    """No template can put another one there, and an answer without a symbol is refused."""
    one = instance("kl_normal_1d", 7)
    phrases, forward = Phrases(one, "en", {}, {}), one.answers[0]
    assert phrases.result(forward).startswith("\\result{\\(\\displaystyle D(p\\|q) = ")
    with pytest.raises(TemplateFailure, match="'forward' has no symbol; give it one where it is made"):
        phrases.result(replace(forward, symbol=""))
