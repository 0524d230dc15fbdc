"""The topic that CONTRIBUTING.md shows is a whole one: as it stands there, it keeps all that is demanded."""

import re
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest

from blattwerk.build.check.check import check
from blattwerk.build.order import catalogue
from blattwerk.build.order.catalogue import Offer, Topic, find_topic
from blattwerk.build.order.places import place_of

PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"
BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def coin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Topic]:
    """The topic, in a package `coins` of its own, through a door of its own."""
    package = tmp_path / "coins"
    for name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for room in (package, package / "solvers", package / "generators"):
        (room / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))

    def door() -> Iterator[Offer]:
        module = "coins.generators.coin"
        place = partial(place_of, module, "coin", None)
        yield Offer(
            "coin", "coins", "1", str(PAGE), frozenset({"coins"}), lambda: import_module(module).EXERCISE, place
        )

    monkeypatch.setattr(catalogue, "DOORS", (*catalogue.DOORS, door))
    catalogue.whole_catalogue.cache_clear()
    yield find_topic("coin")
    monkeypatch.undo()
    catalogue.whole_catalogue.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "coins"]:
        del sys.modules[name]


def test_the_first_topic_keeps_all_that_is_demanded(coin: Topic) -> None:
    """Draws, proofs, planted errors, both languages, every part alone, TeX."""
    assert check(coin, 20) == ()
