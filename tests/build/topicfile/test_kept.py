"""Found beside the sheet file, kept with what was handed out, and known again by its digest."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build.order import pages
from blattwerk.build.order.catalogue import broken_topics, catalogue, look_into, whole_catalogue
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.pages import beside
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.page.header import sheet_view
from blattwerk.build.page.view import Item, exercise_view, sheet_body
from blattwerk.build.store.handed_out import handed_out
from blattwerk.build.store.kept_pages import keep_pages
from blattwerk.build.store.records import topic_record
from blattwerk.cli import app
from blattwerk.errors import UnknownExercise
from tests.build.topicfile.pages import page
from tests.instances import instance, placed

SHEET = {"course": {"title": "ML"}, "sheet": {"title": "S", "hints": True}, "exercises": [{"id": "coin"}]}


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is named here is forgotten afterwards."""
    monkeypatch.setattr(pages, "_named", [])
    whole_catalogue.cache_clear()
    yield
    whole_catalogue.cache_clear()


def named(folder: Path) -> None:
    """Only this folder is known from now on."""
    pages._named.clear()
    whole_catalogue.cache_clear()
    look_into(folder)


def test_what_a_class_was_built_from_is_kept(tmp_path: Path, forget: None) -> None:
    """The copy has the same digest; one that was edited has another, which `solutions` reports."""
    topics = beside(tmp_path / "sheet.toml")
    topics.mkdir()
    page(topics)
    named(topics)
    sheet = checked_sheet(
        {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": "coin"}, {"id": "softmax"}]}, "sheet"
    )
    assert keep_pages(sheet, tmp_path / "out") == (tmp_path / "out" / "topics" / "coin.md",)
    before = topic_record("coin")
    named(tmp_path / "out" / "topics")
    assert topic_record("coin").digest == before.digest
    edited = tmp_path / "edited"
    edited.mkdir()
    page(edited, ("There are *two*", "There are exactly *two*"))
    named(edited)
    assert topic_record("coin").digest != before.digest


def test_a_record_without_its_topics_says_where_they_are_kept(
    tmp_path: Path, forget: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`solutions` cannot find the topic, and the copy is code: it is named, and not run."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sheet, out = tmp_path / "sheet.toml", tmp_path / "out"
    beside(sheet).mkdir()
    page(beside(sheet))
    sheet.write_text('[course]\ntitle = "ML"\n[sheet]\ntitle = "S"\n[[exercises]]\nid = "coin"\nwithout = ["bound"]\n')
    arguments = ["build", str(sheet), "--seed", "1", "--lang", "en", "--out", str(out), "--jobs", "1"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    pages._named.clear()
    whole_catalogue.cache_clear()
    with pytest.raises(UnknownExercise, match=r"there is no exercise 'coin'.*they are code.*--topics") as caught:
        handed_out(out / "manifest.json")
    assert str(caught.value).endswith(f"--topics {out / 'topics'}")
    look_into(out / "topics")
    assert handed_out(out / "manifest.json").manifest.students


def test_a_broken_file_stops_no_other(tmp_path: Path, forget: None) -> None:
    """It is told with its line, and so is a file that is named otherwise than its topic."""
    page(tmp_path, ("mean = p + shift ", "mean = p + 0.5 ")).rename(tmp_path / "broken.md")
    page(tmp_path).rename(tmp_path / "other.md")
    page(tmp_path)
    named(tmp_path)
    assert {"coin", "softmax"} <= set(catalogue())
    told = {broken.name: str(broken) for broken in broken_topics()}
    assert "broken.md:15: 0.5 is a float" in told["broken"]
    assert "the exercise has the id 'coin', and is offered as 'other'" in told["other"]


def test_an_edited_topic_is_printed_from_its_new_text(tmp_path: Path, forget: None) -> None:
    """In one process, an id's template is the one of the topic that is known now."""
    for sentence in ("There are *two*", "There are exactly *two*"):
        page(tmp_path, ("There are *two*", sentence))
        named(tmp_path)
        one = instance("coin", 7)
        view = exercise_view(1, Item(one, placed(one), hints=True), "en", {})
        heading = sheet_view(checked_sheet(SHEET, "sheet"), Student("s"), "AAAA-AAAA", (view,), "en", "questions")
        assert sentence.partition(" *")[0] in sheet_body(heading, "en")
