"""What of a sheet becomes questions."""

from blattwerk.build.export.bank import without_training
from blattwerk.build.order.sheet_file import checked_sheet


def test_demos_and_notebooks_are_no_questions() -> None:
    """They are taken off, and the exercises written by hand stay, so that numbers on paper are the same."""
    sheet = checked_sheet(
        {
            "course": {"title": "ML"},
            "sheet": {"title": "S"},
            "exercises": [
                {"key": "own", "title": "By hand", "parts": [{"question": "Why?", "solution": "So.", "points": 2}]},
                {"id": "inpainting", "demo": True, "notebook": True},
            ],
        },
        "sheet",
    )
    plain = without_training(sheet)
    assert [entry.key for entry in plain.entries] == ["own", "inpainting"]
    assert not (plain.exercises[0].demo or plain.exercises[0].notebook)
