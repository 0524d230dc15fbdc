"""A draft is built only where that is wanted; a new page is none, and a translation knows its original."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build.numbers import sample_draws
from blattwerk.build.order import pages
from blattwerk.build.order.catalogue import find, look_into, whole_catalogue
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.new_page import write_page
from blattwerk.build.order.sheet_file import check_drafts, checked_sheet
from blattwerk.build.page.header import sheet_view
from blattwerk.build.proof.prove import prove
from blattwerk.build.store.records import topic_record
from blattwerk.build.topicfile.fingerprints import fingerprint, stale
from blattwerk.build.topicfile.reading import read
from blattwerk.build.topicfile.topic import compiled
from blattwerk.cli import app
from blattwerk.errors import InputError, SheetFileError
from blattwerk.vocabulary.exercise import Instance
from tests.build.topicfile.pages import page
from tests.instances import instance

ONE_CHECK = ("mean, variance, entropy = coin.mean(), coin.var(), coin.entropy()", "mean, variance = coin.stats()")
ENGLISH_ONLY = (":hint.de: Sie hängt nicht von $s$ ab.\n", "")
SHEET = {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": "coin"}]}


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is named here is forgotten afterwards."""
    monkeypatch.setattr(pages, "_named", [])
    whole_catalogue.cache_clear()
    yield
    whole_catalogue.cache_clear()


@pytest.mark.parametrize(
    ("changes", "lacks", "en", "de"),
    [
        ((), (), "", ""),
        ((ONE_CHECK,), ("unproven",), "UNPROVEN", "UNGEPRÜFT"),
        ((ENGLISH_ONLY,), ("de",), "", "NICHT ÜBERSETZT"),
        ((ONE_CHECK, ENGLISH_ONLY), ("unproven", "de"), "UNPROVEN", "UNGEPRÜFT · NICHT ÜBERSETZT"),
    ],
)
def test_a_draft_says_so(
    tmp_path: Path, changes: tuple[tuple[str, str], ...], lacks: tuple[str, ...], en: str, de: str
) -> None:
    """On every page, in the manifest, and to whoever builds it without asking for drafts."""
    look_into(page(tmp_path, *changes))
    assert find("coin").draft == lacks
    sheet = checked_sheet(SHEET, "sheet")
    assert sheet_view(sheet, Student("s"), "AAAA-AAAA", (), "en", "questions").across == en
    assert sheet_view(sheet, Student("s"), "AAAA-AAAA", (), "de", "questions").across == de
    assert topic_record("coin").package_version == ("draft" if lacks else "")
    assert prove(instance("coin")).oracles == ("enumeration", "scipy")
    if lacks:
        with pytest.raises(SheetFileError, match=r"the sheet has drafts on it: coin .*`build --draft` builds them"):
            check_drafts(sheet)
    else:
        check_drafts(sheet)


def test_a_draft_may_have_no_check_at_all(tmp_path: Path) -> None:
    """A first look at a topic needs none."""
    text = page(tmp_path).read_text(encoding="utf-8")
    start, end = text.index("```python check enumeration"), text.index(":en: A coin shows")
    file = tmp_path / "bare.md"
    file.write_text((text[:start] + text[end:]).replace("topic: coin", "topic: bare"), encoding="utf-8")
    exercise = compiled(str(file)).exercise
    one = Instance(exercise, "easy", exercise.draw(sample_draws("bare", 1), "easy"))
    assert exercise.draft == ("unproven",)
    assert prove(one).oracles == ()


def test_a_new_page_is_whole(tmp_path: Path) -> None:
    """It is no draft, it is proven, and it is not written over."""
    file = write_page("my_coin", tmp_path / "topics")
    look_into(tmp_path / "topics")
    assert find("my_coin").draft == ()
    assert prove(instance("my_coin")).oracles == ("scipy", "one_toss")
    with pytest.raises(InputError, match="my_coin' already"):
        write_page("my_coin", tmp_path / "topics")
    assert "topic: my_coin" in file.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="cannot be an id"):
        write_page("My coin", tmp_path)


def test_the_command_writes_and_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of one's own, by its id and by its file."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["new", "my_coin"]).stdout == "topics/my_coin.md\n"
    for named in ("my_coin", "topics/my_coin.md"):
        shown = CliRunner().invoke(app, ["show", named, "--seed", "1", "--solution"])
        assert shown.exit_code == 0 and "A biased coin" in shown.stdout


def test_a_fingerprint_knows_its_original(tmp_path: Path) -> None:
    """A translation with the right fingerprint is fresh; another word in the original, and it is stale."""
    plain = read(page(tmp_path))
    right = fingerprint(plain.parts[1].texts_of("hint", "en"))
    marked = (":hint.de: Sie", f":hint.de@{right}: Sie")
    assert list(stale(read(page(tmp_path, marked)))) == []
    ((line, what),) = stale(read(page(tmp_path, marked, ("It does not depend", "It never depends"))))
    assert "translate it again" in what and right not in what and line > 1
