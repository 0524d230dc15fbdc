"""The topic that the guide to topics on one page builds up: whole at the end, and told what it lacks on the way."""

import re
from pathlib import Path

import pytest

from blattwerk.build.check.check import check
from blattwerk.build.check.complaint import Complaint
from blattwerk.build.check.on_page import checks_independent, errors_in_lines_found
from blattwerk.build.order.catalogue import find_topic
from blattwerk.build.order.sheet_file import read_sheet
from tests.build.topicfile import pages
from tests.build.topicfile.test_demands import known_topic

GUIDE = Path(__file__).parents[1] / "docs" / "topics.md"
PIECES = re.compile(r"^````markdown\n(.*?)^````$", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^topics/rate.md:\d+: .*$", re.MULTILINE)


def written(folder: Path, *pieces: str) -> Path:
    """The file with these pieces."""
    page = folder / "rate.md"
    page.write_text("\n".join(pieces), encoding="utf-8")
    return page


def told(page: Path) -> list[Complaint]:
    """What `check` says of the checks."""
    topic = pages.topic(page)
    return [one for demand in (checks_independent, errors_in_lines_found) for one in demand(topic, 3)]


@pytest.fixture(name="pieces")
def fixture_pieces() -> list[str]:
    """What the guide tells its reader to write, in its order."""
    return PIECES.findall(GUIDE.read_text(encoding="utf-8"))


def test_the_whole_topic_keeps_all_that_is_demanded(
    tmp_path: Path, pieces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checks stand between `solve` and the texts."""
    numbers, texts, checks, of_a_part, another_part = pieces
    with known_topic(written(tmp_path, numbers, checks, texts + of_a_part, another_part), monkeypatch):
        assert check(find_topic("rate"), 2) == ()


def test_what_is_said_before_there_are_checks(tmp_path: Path, pieces: list[str]) -> None:
    """The guide quotes it, with the lines."""
    found = told(written(tmp_path, *pieces[:2]))
    lines = {f"topics/rate.md:{one.place.rpartition(':')[2]}: {one.message}" for one in found}
    quoted = set(SAID.findall(GUIDE.read_text(encoding="utf-8")))
    assert len(quoted) == 2
    assert quoted <= lines


def test_the_checks_are_enough(tmp_path: Path, pieces: list[str]) -> None:
    """Without rubric, hints and a proof the topic is one that may be handed out."""
    numbers, texts, checks, *_ = pieces
    assert told(written(tmp_path, numbers, checks, texts)) == []


def test_the_sheet_names_the_topic(tmp_path: Path, pieces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands there, it is a whole sheet file."""
    (text,) = re.findall(r"^```toml\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    file = tmp_path / "sheet.toml"
    file.write_text(text, encoding="utf-8")
    with known_topic(written(tmp_path, *pieces[:2]), monkeypatch):
        assert [one.id for one in read_sheet(file).exercises] == ["rate"]
