"""Banks for tests: a topic's questions, and the file that is made of them."""

from functools import cache
from typing import Any

from blattwerk.build.export.bank import bank, variants
from blattwerk.build.export.questions import Bank
from blattwerk.build.export.xml import moodle_xml
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.vocabulary.language import Lang


def sheet(*ids: str, difficulty: str = "standard", **more: Any) -> dict[str, Any]:
    """A sheet file of these topics."""
    return {
        "course": {"code": "ML/2", "title": "Learning"},
        "sheet": {"number": 7, "title": "Entropy <&> more/less", **more},
        "exercises": [{"id": one, "difficulty": difficulty} for one in ids],
    }


@cache
def made(
    *ids: str, difficulty: str = "standard", count: int = 1, langs: tuple[Lang, ...] = ("en", "de"), hints: bool = False
) -> Bank:
    """The bank of these topics."""
    file = checked_sheet(sheet(*ids, difficulty=difficulty, hints=hints), "sheet.toml")
    return bank(variants(file, count, 7, langs), langs)


def xml(found: Bank) -> bytes:
    """Its file."""
    return b"".join(moodle_xml(found))
