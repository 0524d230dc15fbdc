"""The door: an exercise as a fragment, and a page around it."""

import pytest

from blattwerk.build.html import document, exercise_html
from blattwerk.build.job import KINDS, Kind
from blattwerk.build.numbers import sample
from blattwerk.build.page.view import Item
from blattwerk.vocabulary.language import LANGUAGES, Lang


def item(exercise: str, seed: int = 7) -> Item:
    """An exercise with all its parts and hints."""
    drawn = sample(exercise, seed, "standard")
    return Item(drawn.instance(), drawn.parts, hints=True)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("exercise", ["kl_histogram", "softmax"])
def test_an_exercise_is_a_section_with_its_parts(exercise: str, kind: Kind, lang: Lang) -> None:
    """Of a topic in three files, and of one on a page; the figure has its alternative text."""
    one = item(exercise)
    fragment = exercise_html(3, one, lang, kind)
    assert fragment.count("<h2>") == 1
    assert fragment.count("<h3>") == len(one.parts)
    assert f'lang="{lang}"' in fragment
    assert fragment.count("<svg") == len(one.instance.figures) * ("<figure" in fragment)
    assert ('class="marking"' in fragment) == (kind == "marking")


def test_what_people_type_is_escaped_in_a_page() -> None:
    """The title is text, whatever it holds."""
    page = document("<script>alert(1)</script> & Söhne", "<p>a</p>", "de")
    assert "<script" not in page
    assert "<title>&lt;script&gt;alert(1)&lt;/script&gt; &amp; Söhne</title>" in page
    assert '<html lang="de">' in page
