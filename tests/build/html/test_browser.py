"""The pages in a real browser: accessible, within a small screen, and alone in the world."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blattwerk.build.html import document, exercise_html
from blattwerk.build.job import WHOLE
from blattwerk.build.numbers import sample
from blattwerk.build.order.catalogue import whole_catalogue
from blattwerk.build.page.view import Item
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.browsers import browser

TOPICS = tuple(whole_catalogue().topics)
SMALL, LARGE = 320, 1000  # pixels


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all these tests."""
    with browser() as opened:
        yield opened


def page_of(topic: str, lang: Lang) -> str:
    """A page with all that a topic says."""
    drawn = sample(topic, 7, "standard")
    item = Item(drawn.instance(), drawn.parts, hints=True)
    pieces = "".join(exercise_html(number, item, lang, kind) for number, kind in enumerate(WHOLE, 1))
    return document("A page", f"<h1>A page</h1>{pieces}", lang)


def check(chromium: Any, page: str, folder: Path) -> None:
    """No complaint of axe-core's, no need to scroll sideways on a small screen, nothing asked of anybody."""
    from axe_playwright_python.sync_playwright import Axe

    file = folder / "page.html"
    file.write_text(page, "utf-8")
    context = chromium.new_context(viewport={"width": SMALL, "height": 800})
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda said: asked.append(said.text))
    for width in (SMALL, LARGE):
        tab.set_viewport_size({"width": width, "height": 800})
        tab.goto(file.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [file.as_uri()] * 2
    for width in (SMALL, LARGE):
        tab.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(tab).response["violations"]
        # axe-core reads no MathML, and takes a header of a table that is a formula for an empty one.
        told = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["id"] != "empty-table-header"]
        assert not told
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", ["kl_histogram", "kl_factorised"])
def test_a_page_is_accessible_and_fits_a_small_screen(chromium: Any, tmp_path: Path, topic: str, lang: Lang) -> None:
    """With a figure, and with a wide table."""
    check(chromium, page_of(topic, lang), tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
def test_all_pages_are_accessible_and_fit_a_small_screen(chromium: Any, tmp_path: Path, topic: str, lang: Lang) -> None:
    """Of all topics."""
    check(chromium, page_of(topic, lang), tmp_path)


def test_the_checker_finds_what_is_wrong(chromium: Any, tmp_path: Path) -> None:
    """Text without contrast, and a picture without a text."""
    page = document("A page", '<h1>A</h1><p style="color: #ccc">pale</p><img src="data:,">', "en")
    with pytest.raises(AssertionError, match="color-contrast"):
        check(chromium, page, tmp_path)
