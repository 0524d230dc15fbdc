"""The catalogue's doors: where topics of other packages lie, what they are made of, and what is wrong with them."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build.demos.training import demo_of
from blattwerk.build.notebooks.writing import topic_cells
from blattwerk.build.order import catalogue as rooms
from blattwerk.build.order import stopping
from blattwerk.build.order.catalogue import Broken, Catalogue, Offer, Topic, collected, find_topic, packages
from blattwerk.build.order.places import place_of
from blattwerk.cli import app
from blattwerk.errors import SheetFailure
from blattwerk.vocabulary.exercise import Instance
from tests.environments import FOREIGN

POINT = "extra_topics.generators.fair_die:EXERCISE"
TOPIC = """
from dataclasses import replace
from blattwerk.generators.kl_factorised import EXERCISE as OURS
{more}
EXERCISE = replace(OURS, id="variant", demo={demo})
"""
DEMO = """
from blattwerk.vocabulary.demo import Demo
DEMO = Demo("V1", 1, 1, None, None)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on Python's path; what is imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("extra_topics", "topic", "helper", "uni"):
            del sys.modules[name]


def write(site: Path, files: dict[str, str]) -> None:
    """Files below the folder."""
    for name, content in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def offered(site: Path, value: str, name: str = "variant", version: str = "1") -> Catalogue:
    """What the packages' door brings of a distribution with this entry point."""
    info = f"x_topics-{version}.dist-info"
    write(
        site,
        {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: x-topics\nVersion: {version}\n",
            f"{info}/entry_points.txt": f"[blattwerk.exercises]\n{name} = {value}\n",
            f"{info}/top_level.txt": "topic\nhelper\nnever_there\n",
        },
    )
    return collected(offer for offer in packages() if offer.package == "x-topics")


def the_topic(found: Catalogue) -> Topic:
    """The one topic that was found."""
    assert found.broken == ()
    (topic,) = found.topics.values()
    return topic


def test_a_package_with_our_rooms(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates, demo and notebook are its own; every file of it counts, whatever lies elsewhere does not."""
    monkeypatch.syspath_prepend(FOREIGN)
    topic = the_topic(offered(site, POINT, "fair_die", "7"))
    assert (topic.package, topic.version) == ("x-topics", "7")
    assert topic.templates == FOREIGN / "extra_topics/templates/fair_die"
    files = topic.place.files()
    assert {"extra_topics/moments.py", "extra_topics/templates/fair_die/de.tex.j2"} <= files.keys()
    assert all(path.is_relative_to(FOREIGN / "extra_topics") for path in files.values())
    monkeypatch.setattr(rooms, "whole_catalogue", lambda: Catalogue({"fair_die": topic}, ()))
    assert demo_of(topic.exercise).id == "X1"
    instance = Instance(topic.exercise, "standard", topic.exercise.params((1, 2, 3, 4, 5, 6)))
    (_, data, *_) = topic_cells(instance, 7, "de")
    assert data.source == "FACES = [1, 2, 3, 4, 5, 6]"


def test_a_single_module_beside_its_templates(site: Path) -> None:
    """Its files are itself, its templates, and the helpers of its distribution."""
    write(site, {"topic.py": TOPIC.format(more="import helper", demo="None"), "helper.py": "", "other.py": ""})
    write(site, {"templates/variant/en.tex.j2": ""})
    topic = the_topic(offered(site, "topic:EXERCISE"))
    assert topic.templates == site / "templates/variant"
    assert set(topic.place.files()) == {"topic.py", "helper.py", "variant/en.tex.j2"}


def test_a_namespace_package(site: Path) -> None:
    """Folders without __init__.py; another folder of the same namespace counts too."""
    write(site / "a", {"uni/topics/gen/variant.py": TOPIC.format(more="", demo="'V1'")})
    write(site / "a", {"uni/topics/templates/variant/en.tex.j2": "", "uni/topics/demos/variant.py": DEMO})
    write(site / "b", {"uni/shared.py": ""})
    sys.path[:0] = [str(site / "a"), str(site / "b")]
    try:
        topic = the_topic(offered(site, "uni.topics.gen.variant:EXERCISE"))
        assert topic.templates == site / "a/uni/topics/templates/variant"
        assert topic.place.demo == "uni.topics.demos.variant"
        assert "uni/shared.py" in topic.place.files()
    finally:
        del sys.path[:2]


def test_a_variant_of_a_topic_of_ours_has_its_own_texts(site: Path) -> None:
    """Whose draw and solver it uses does not matter; where its module lies does."""
    write(site, {"topic/__init__.py": TOPIC.format(more="", demo="None")})
    assert the_topic(offered(site, "topic:EXERCISE")).templates == site / "topic/templates/variant"


def test_the_digest_knows_content_and_names(site: Path) -> None:
    """A table, a new name, a template: another digest; of the code alone, a template is no part."""
    write(site, {"topic/__init__.py": TOPIC.format(more="", demo="None"), "topic/table.csv": "1"})
    write(site, {"topic/templates/variant/en.tex.j2": "", "topic/__pycache__/x.pyc": "", "topic/.hidden/x": ""})
    topic = the_topic(offered(site, "topic:EXERCISE"))

    def digests() -> tuple[str, str]:
        rooms._digest.cache_clear()
        fresh = Topic(topic.exercise, topic.package, topic.version, topic.place)
        return fresh.digest(), fresh.digest(rooms.CODE)

    first = digests()
    write(site, {"topic/__pycache__/x.pyc": "2", "topic/.hidden/x": "2"})
    assert digests() == first
    write(site, {"topic/templates/variant/en.tex.j2": "2"})
    text = digests()
    assert text[0] != first[0]
    assert text[1] == first[1]
    write(site, {"topic/table.csv": "2"})
    table = digests()
    (site / "topic/table.csv").rename(site / "topic/chart.csv")
    assert len({text, table, digests()}) == 3
    assert len({text[1], table[1], digests()[1]}) == 3


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        (
            "Variant",
            "topic:EXERCISE",
            "the exercise has the id 'variant', and is offered as 'Variant'; give it one name",
        ),
        ("variant", "topic:OURS", "the exercise has the id 'kl_factorised', and is offered as 'variant'"),
        ("Wrong", "topic:WRONG", "an id is made of small letters, digits and underscores"),
        ("sheet", "topic:SHEET", "is not 'sheet'"),
        ("variant", "topic", "it is no Exercise but of the type module"),
        ("variant", "", "AttributeError"),
    ],
)
def test_what_is_no_proper_topic_is_reported(site: Path, name: str, value: str, what: str) -> None:
    """With where it is offered."""
    source = TOPIC.format(more="WRONG, SHEET = (replace(OURS, id=i) for i in ('Wrong', 'sheet'))", demo="None")
    write(site, {"topic.py": source})
    found = offered(site, value, name)
    assert found.topics == {}
    (broken,) = found.broken
    assert what in broken.what
    assert str(broken).startswith(f"the topic '{name}' of x-topics 1 cannot be used: entry point {name} = {value}: ")


def test_a_demo_that_is_not_there_or_breaks(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reported as the topic's mistake."""
    write(site, {"topic/__init__.py": TOPIC.format(more="", demo="'V1'")})
    topic = the_topic(offered(site, "topic:EXERCISE"))
    monkeypatch.setattr(rooms, "whole_catalogue", lambda: Catalogue({"variant": topic}, ()))
    with pytest.raises(SheetFailure, match=r"'variant' has no module solvers/demos/variant\.py in its package"):
        demo_of(topic.exercise)
    write(site, {"topic/demos/variant.py": "\n1 / 0\n"})
    topic = the_topic(offered(site, "topic:EXERCISE"))
    monkeypatch.setattr(stopping, "whole_catalogue", lambda: Catalogue({"variant": topic}, ()))
    with pytest.raises(SheetFailure, match=r"its demo's module broke down: .*/topic/demos/variant.py:2: ZeroDivision"):
        demo_of(topic.exercise)


def test_a_door_is_a_function_that_hands_on_offers() -> None:
    """Whoever can load an exercise and say where it lies can bring topics."""
    ours = find_topic("kl_factorised")

    def load() -> object:
        return ours.exercise

    place = partial(place_of, "blattwerk.generators.kl_factorised", "kl_factorised", None)
    offer = Offer("kl_factorised", "a folder", "", "somewhere", frozenset(), load, place)
    found = collected([offer, offer])
    assert found.topics["kl_factorised"].templates == ours.templates
    what = "a folder offers a topic of this id already; choose another one"
    assert found.broken == (Broken("kl_factorised", "a folder", "", "somewhere", what),)


def test_the_files_of_a_topic_of_ours() -> None:
    """Those of its stem: its demo and its notebook too."""
    files = set(find_topic("inpainting").place.files())
    assert {"generators/inpainting.py", "solvers/inpainting.py", "solvers/demos/inpainting.py"} <= files
    assert {"templates/inpainting/notebook.py.j2", "templates/inpainting/demo.de.tex.j2"} <= files
    assert not any("lanes" in name for name in files)


def test_verify_fails_where_a_topic_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ids; with ids, the others are no matter."""
    monkeypatch.setattr(rooms, "broken_topics", lambda: (Broken("lost", "x-topics", "1", "x.py:3", "ValueError: x"),))
    monkeypatch.setattr(rooms, "catalogue", lambda: {"kl_factorised": find_topic("kl_factorised").exercise})
    whole = CliRunner().invoke(app, ["verify", "--seeds", "1", "--jobs", "1"])
    one = CliRunner().invoke(app, ["verify", "kl_factorised", "--seeds", "1", "--jobs", "1"])
    assert (whole.exit_code, one.exit_code) == (1, 0)
    assert "warning: the topic 'lost' of x-topics 1 cannot be used: x.py:3: ValueError: x" in whole.stderr
