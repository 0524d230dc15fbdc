"""Nothing is lost or changed between the TeX of a page and its HTML; the comparison shares no code with the room."""

import re
from collections import Counter

import pytest

from blattwerk.build.html import document, exercise_html
from blattwerk.build.html.pages import alone
from blattwerk.build.job import WHOLE, Kind
from blattwerk.build.numbers import sample
from blattwerk.build.order.catalogue import whole_catalogue
from blattwerk.build.page.view import Item
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.build.html.content import MATHML, SVG, differing, html_signs, parsed, tex_signs

TOPICS = tuple(whole_catalogue().topics)
SAMPLE = ("kl_histogram", "softmax", "kl_normal_1d", "kl_factorised")


def item(topic: str, seed: int, difficulty: Difficulty) -> Item:
    """An exercise with all its parts and hints."""
    drawn = sample(topic, seed, difficulty)
    return Item(drawn.instance(), drawn.parts, hints=True)


def check(one: Item, lang: Lang, kind: Kind) -> None:
    """The same signs and structure on both pages, each figure with its alternative text, each number in one piece."""
    tex = alone(1, one, lang, kind)
    root = parsed(document("page", exercise_html(1, one, lang, kind), lang))
    assert not differing(tex_signs(tex, lang), html_signs(root))
    alternatives = {figure.alt[lang] for figure in one.figures(lang).values()}
    shown = [svg.get("aria-label") for svg in root.iter(f"{SVG}svg")]
    assert len(shown) == tex.count("\\includegraphics")
    assert set(shown) <= alternatives
    numbers = Counter(number.text for number in root.iter(f"{MATHML}mn"))
    assert numbers == Counter(_numbers(tex))
    ids = Counter(element.get("id") for element in root.iter() if element.get("id"))
    assert not [name for name, often in ids.items() if often > 1]


def _numbers(tex: str) -> list[str]:
    """The numbers in the formulas of a page; one that stands without braces where an argument stands is a digit."""
    tex = re.sub(r"\\begin\{alignat\*\}\{\d\}", r"\\begin{align*}", tex)
    tex = re.sub(r"\\begin\{(?:array|tabular)\}\{(?:[^{}]|\{[^{}]*\})*\}", " ", tex)
    tex = re.sub(r"\\end\{alignat\*\}", r"\\end{align*}", tex)
    tex = re.sub(r"\\(?:begin|end)\{(?![ag][^{}]*\*\})[^{}]*\}", " ", tex)
    tex = re.sub(
        rf"\\tag\*\{{\\reason\{{({NESTED})\}}\}}", lambda found: " ".join(re.findall(r"\\\((.*?)\\\)", found[1])), tex
    )
    formulas = re.findall(r"\\\((.*?)\\\)|\\\[(.*?)\\\]|\\begin\{(?:align|gather)\*\}(.*?)\\end\{", tex, re.DOTALL)
    text = " ".join(" ".join(found) for found in formulas)
    text = re.sub(r"\\text\{[^{}]*\}|\\\\\[[^]]*\]", " ", text)
    text = re.sub(r"(?<=[_^])(\d)|(?<=frac)(\d)(?=\d)", r" \1\2 ", text)
    return [_told(number) for number in re.findall(WHOLE_NUMBER, text)]


NESTED = r"(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*"
WHOLE_NUMBER = r"\d{1,3}(?:\\,\d{3})+(?!\d)(?:[.]\d+|\{,\}\d+)?|\d+(?:[.]\d+|\{,\}\d+)?"


def _told(number: str) -> str:
    return number.replace("\\,", "\u202f").replace("{,}", ",")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", SAMPLE)
def test_a_page_says_in_html_what_it_says_in_tex(topic: str, lang: Lang) -> None:
    """Of some topics, with everything that stands on them."""
    for kind in WHOLE:
        check(item(topic, 7, "standard"), lang, kind)


@pytest.mark.long
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_pages_say_in_html_what_they_say_in_tex(topic: str, difficulty: Difficulty, seed: int) -> None:
    """Of all topics, in both languages."""
    one = item(topic, seed, difficulty)
    for lang in LANGUAGES:
        for kind in WHOLE:
            check(one, lang, kind)


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("<mn>16</mn>", "<mn>17</mn>"),
        ("<mo>−</mo>", "<mo>+</mo>"),
        ("divergence", "divergecne"),
        ("<mfrac>", "<mrow>"),
        ("<msup>", "<msub>"),
        ("<h3>", "<h3>x"),
    ],
)
def test_a_planted_difference_is_found(before: str, behind: str) -> None:
    """Whatever is changed, in a number, a sign, a word or the structure."""
    one = item("kl_histogram", 3, "standard")
    page = document("page", exercise_html(1, one, "en", "marking"), "en")
    tex = tex_signs(alone(1, one, "en", "marking"), "en")
    changed = (
        page.replace(before, behind, 1) if not before.startswith(("<mf", "<ms")) else _renamed(page, before, behind)
    )
    assert changed != page
    assert not differing(tex, html_signs(parsed(page)))
    assert differing(tex, html_signs(parsed(changed)))


def _renamed(page: str, before: str, behind: str) -> str:
    return page.replace(before, behind).replace(f"</{before[1:]}", f"</{behind[1:]}")
