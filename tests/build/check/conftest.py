"""Broken topics for the tests of the demands."""

import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from blattwerk.build.order.catalogue import Topic, find_topic, whole_catalogue
from tests.build.check.foreign import Change, install

Broken = Callable[..., tuple[Topic, Path]]
NUMBERS = count(1)  # templates are kept by name, so no name comes twice


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broken]:
    """The rectangle with some changes, found in the catalogue as another package's topic; and its folder."""
    monkeypatch.syspath_prepend(tmp_path)
    names = []

    def topic(*changes: Change) -> tuple[Topic, Path]:
        names.append(f"rectangle_{next(NUMBERS)}")
        home = install(tmp_path, names[-1], changes)
        whole_catalogue.cache_clear()
        return find_topic(names[-1]), home

    yield topic
    whole_catalogue.cache_clear()
    for module in list(sys.modules):
        if module.partition(".")[0] in names:
            del sys.modules[module]
