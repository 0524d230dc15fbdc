"""A topic of three files that is one on one page, too: what the one says of draws and answers, the other must say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from blattwerk.build.order import catalogue
from blattwerk.build.order.offer import Offer
from blattwerk.build.order.places import Place
from tests.build.topicfile.three_files.generator import EXERCISE

TEMPLATES = Path(__file__).parent / "templates" / EXERCISE.id


def place() -> Place:
    """Where the three files lie."""
    return Place(frozenset({"tests"}), TEMPLATES, "", lambda: {path.name: path for path in TEMPLATES.iterdir()})


def door() -> Iterator[Offer]:
    """A door that offers the topic."""
    yield Offer(EXERCISE.id, "tests", "", __name__, frozenset({"tests"}), lambda: EXERCISE, place)


@contextmanager
def instead() -> Iterator[None]:
    """In here, the catalogue has the topic of three files in the place of the one on one page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "DOORS", (door, *catalogue.DOORS))
        catalogue.whole_catalogue.cache_clear()
        yield
    catalogue.whole_catalogue.cache_clear()
