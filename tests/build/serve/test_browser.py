"""The live page in a real browser: the paths that people take. The screenshots lie in build/screenshots."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from blattwerk.build.order.catalogue import whole_catalogue
from blattwerk.build.serve.server import Server
from blattwerk.build.serve.subject import Subject
from tests.build.serve.asking import OURS
from tests.build.serve.conftest import Serve

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOW = "no browser is installed; `make setup-browser` installs one"
SCREENSHOTS = Path(__file__).parents[3] / "build" / "screenshots"
PATIENCE = 120_000  # milliseconds; the whole catalogue is loaded, beside other tests


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all these tests."""
    api = pytest.importorskip("playwright.sync_api", reason=HOW)
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip(HOW)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def tab(browser: Any) -> Iterator["Page"]:
    """A tab in which no error may happen, and nothing may be asked of another server."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab: Page = context.new_page()
    tab.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    tab.on("request", lambda asked: None if asked.url.startswith("http://127.0.0.1:") else wrong.append(asked.url))
    yield tab
    context.close()
    assert not wrong


@pytest.fixture(scope="module")
def mine(page: Path, serve: Serve) -> Server:
    """The server of the topic that is being written."""
    return serve(Subject(topic="mine"))


def ready(tab: "Page", where: str) -> None:
    """Wait until the page shows this."""
    tab.wait_for_function("where => document.body.dataset.ready === where", arg=where)


def shot(tab: "Page", name: str) -> None:
    """A screenshot, to be looked at."""
    tab.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_from_the_catalogue_to_a_topic_and_back(tab: "Page", serve: Serve) -> None:
    """Every topic has a card with one look; a click opens it, and `All topics` leads back."""
    server = serve(Subject())
    tab.goto(server.guard.address)
    ready(tab, "catalogue")
    assert tab.locator(".card").count() == len(whole_catalogue().topics)
    tab.locator(".one-look math").first.wait_for(state="attached")
    shot(tab, "catalogue")
    tab.fill("#filter", "softmax")
    assert tab.locator(".card:visible").count() == 1
    tab.get_by_role("button", name="softmax").click()
    ready(tab, "softmax/1/standard/en")
    tab.keyboard.press("ArrowRight")  # from now on, the libraries are loaded
    ready(tab, "softmax/2/standard/en")
    assert "logits" in tab.locator("#paper").inner_text()
    shot(tab, "topic")
    tab.get_by_role("button", name="All topics").click()
    ready(tab, "catalogue")


def test_seed_difficulty_and_language(tab: "Page", mine: Server) -> None:
    """By the controls and by the keyboard; the address keeps what is shown."""
    tab.goto(mine.guard.address)
    ready(tab, "mine/1/standard/en")
    first = tab.locator(".question-html").inner_text()
    tab.keyboard.press("ArrowRight")
    ready(tab, "mine/2/standard/en")
    assert tab.locator(".question-html").inner_text() != first
    tab.keyboard.press("ArrowLeft")
    ready(tab, "mine/1/standard/en")
    assert tab.locator(".question-html").inner_text() == first
    tab.get_by_label("Seed", exact=True).fill("77")
    tab.keyboard.press("Enter")
    ready(tab, "mine/77/standard/en")
    tab.get_by_label("Difficulty").select_option("hard")
    ready(tab, "mine/77/hard/en")
    tab.get_by_label("Language").select_option("both")
    ready(tab, "mine/77/hard/both")
    assert [paper.get_attribute("lang") for paper in tab.locator(".paper").all()] == ["en", "de"]
    shot(tab, "side-by-side")
    tab.get_by_label("Language").select_option("de")
    ready(tab, "mine/77/hard/de")
    assert tab.locator(".kind").all_text_contents() == ["Aufgabe", "Lösung"]
    tab.get_by_label("Solution").uncheck()
    tab.locator(".solution-html").wait_for(state="detached")
    assert "seed=77" in tab.url


def test_what_was_found_is_shown(tab: "Page", mine: Server) -> None:
    """A light for each answer with its two checks, the numbers, the mistakes, the spread over 200 seeds."""
    tab.goto(mine.guard.address)
    ready(tab, "mine/1/standard/en")
    answers = tab.locator("#proof li[data-answer]")
    assert answers.count() >= 2
    for answer in answers.all():
        assert answer.locator(".light.yes").count() == 1
        assert re.search(r"proven by (\w+, )*\w+ and \w+", answer.inner_text())
    assert tab.locator("#params tr").count() >= 2
    assert tab.locator("#mistakes .value").count() >= 1
    tab.get_by_role("button", name="Draw 200 seeds").click()
    tab.locator("#spread progress, #spread svg").first.wait_for()
    tab.locator("#spread svg").first.wait_for()
    assert int(tab.locator("[data-largest]").get_attribute("data-largest") or 0) > 1
    tab.locator("#spread").scroll_into_view_if_needed()
    shot(tab, "spread")


def test_the_file_is_edited_broken_and_mended(
    tab: "Page", page: Path, mine: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save is seen; a mistake is told with its line above the last good version, and goes when it is mended."""
    monkeypatch.chdir(page.parents[1])
    tab.goto(mine.guard.address)
    ready(tab, "mine/1/standard/en")
    line = next(line for line in OURS.splitlines() if line.startswith(":en: "))
    page.write_text(OURS.replace(line, ":en: A sentence that was just written. " + line[5:]))
    tab.get_by_text("A sentence that was just written.").first.wait_for()
    page.write_text(OURS.replace("```python solve\n", "```python solve\nnonsense = (\n"))
    tab.locator("#mistake:visible").wait_for()
    assert re.match(r"topics/mine\.md:\d+\n", tab.locator("#mistake").inner_text())
    assert "A sentence that was just written." in tab.locator("#paper").inner_text()
    shot(tab, "mistake")
    page.write_text(OURS)
    tab.locator("#mistake").wait_for(state="hidden")
    assert "A sentence that was just written." not in tab.locator("#paper").inner_text()


def test_a_sheet(tab: "Page", serve: Serve, tmp_path: Path) -> None:
    """The whole sheet, also what is the lecturer's own on it; or one exercise, by its key on the sheet."""
    sheet = tmp_path / "sheet.toml"
    part = '[[exercises.parts]]\nquestion = "What is entropy?"\nsolution = "A mean."\npoints = 1'
    own = f'key = "own"\ntitle = "Of my own"\n{part}'
    entries = ('id = "softmax"', 'id = "kl_normal_1d"\nkey = "second"\ndifficulty = "easy"', own)
    head = '[course]\ntitle = "Course"\n[sheet]\ntitle = "Sheet"\n'
    sheet.write_text(head + "".join(f"[[exercises]]\n{entry}\n" for entry in entries))
    tab.goto(serve(Subject(sheet)).guard.address)
    ready(tab, "*/1//en")
    assert tab.locator(".paper").count() == 1
    assert tab.locator(".question-html h2").count() == 3
    assert "What is entropy?" in tab.locator(".question-html").inner_text()
    assert tab.locator("#proof h3").first.inner_text() == "softmax"
    shot(tab, "sheet")
    tab.get_by_label("Exercise").select_option("second")
    ready(tab, "second/1//en")
    assert tab.locator(".paper").count() == 1
    assert tab.locator(".question-html h2").count() == 1
    sheet.write_text(sheet.read_text().replace("points = 1", "points = -1"))
    tab.locator("#mistake:visible").wait_for()
    assert re.match(r".*sheet\.toml:\d+\n", tab.locator("#mistake").inner_text())
