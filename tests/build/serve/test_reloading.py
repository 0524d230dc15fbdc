"""Saved Python: the modules of a topic of three files are loaded anew, all of its package together."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blattwerk.build.order import catalogue
from blattwerk.build.order.catalogue import Offer, find_topic, whole_catalogue
from blattwerk.build.order.places import place_of
from blattwerk.build.serve import reloading
from blattwerk.build.serve.reloading import forget
from blattwerk.build.serve.watching import changed, stamps

HELPER = "WORD = {word!r}\n"
TOPIC = """
from blattwerk.vocabulary import Exercise, Localised, Part
from reloaded_topics import helper
from reloaded_topics.helper import WORD

EXERCISE = Exercise(
    "reloaded", Localised(WORD, helper.WORD), tuple, (Part("a", "proof", {"x": 1}),),
    lambda draws, difficulty: (), lambda params: None, lambda p, s: (), lambda p, s: {}, (),
)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with a topic whose title stands in a module of its own."""
    folder = tmp_path / "reloaded_topics"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "helper.py").write_text(HELPER.format(word="before"))
    (folder / "reloaded.py").write_text(TOPIC)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def load() -> object:
        from importlib import import_module

        return import_module("reloaded_topics.reloaded").EXERCISE

    def door() -> Iterator[Offer]:
        module = "reloaded_topics.reloaded"
        ours = frozenset({"reloaded_topics"})
        yield Offer("reloaded", "reloaded-topics", "1", module, ours, load, lambda: place_of(module, "reloaded", None))

    monkeypatch.setattr(catalogue, "DOORS", (*catalogue.DOORS, door))
    whole_catalogue.cache_clear()
    yield folder
    for name in [name for name in sys.modules if name.startswith("reloaded_topics")]:
        del sys.modules[name]
    monkeypatch.undo()
    whole_catalogue.cache_clear()


def test_a_module_that_a_topic_imports_is_loaded_anew(package: Path) -> None:
    """Whether the topic has the module or a name of it: nothing of the package is left in two versions."""
    assert find_topic("reloaded").exercise.title.en == "before"
    (package / "helper.py").write_text(HELPER.format(word="afterwards"))
    assert forget([package / "helper.py"]) == ()
    title = find_topic("reloaded").exercise.title
    assert (title.en, title.de) == ("afterwards", "afterwards")


def test_a_module_that_is_broken_is_told_and_mended(package: Path) -> None:
    """Like a page with a mistake, with its line."""
    find_topic("reloaded")
    (package / "helper.py").write_text("WORD = (\n")
    forget([package / "helper.py"])
    (broken,) = [one for one in whole_catalogue().broken if one.name == "reloaded"]
    assert broken.place == f"{package / 'helper.py'}:1"
    (package / "helper.py").write_text(HELPER.format(word="mended"))
    forget([package / "helper.py"])
    assert find_topic("reloaded").exercise.title.en == "mended"


def test_other_packages_stay_as_they_are(package: Path) -> None:
    """A save of a page or a template takes no module out of Python, nor does a save in another package."""
    find_topic("reloaded")
    before = {name: module for name, module in sys.modules.items() if name.startswith(reloading.ROOMS)}
    forget([package / "helper.py", package / "templates" / "reloaded" / "en.tex.j2"])
    assert all(sys.modules[name] is module for name, module in before.items())


def test_a_change_of_our_own_rooms_needs_a_restart() -> None:
    """What is no topic's is named, and left alone."""
    from blattwerk.build.page import points

    assert forget([Path(points.__file__)]) == ("blattwerk.build.page.points",)
    assert sys.modules["blattwerk.build.page.points"] is points


def test_a_save_is_known_by_time_size_or_number(tmp_path: Path) -> None:
    """Written again, renamed over, removed, made; what only comes into view was not saved."""
    file, other = tmp_path / "a.md", tmp_path / "b.md"
    file.write_text("one")
    before = stamps([file])
    file.write_text("other")
    assert changed(before, stamps([file])) == {file}
    before = stamps([file])
    other.write_text("other")
    other.rename(file)
    assert changed(before, stamps([file])) == {file}
    before = stamps([file, other])
    file.unlink()
    other.write_text("new")
    assert changed(before, stamps([file, other])) == {file, other}
    assert changed({}, stamps([other])) == frozenset()
