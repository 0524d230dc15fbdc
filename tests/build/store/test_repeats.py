"""Who shares numbers with whom is told, whatever the estimate of a topic said."""

from pathlib import Path

from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.store.repeats import repeats
from tests.build.classes import built, german

SHEET = checked_sheet(
    {
        "course": {"title": "ML"},
        "sheet": {"title": "S"},
        "exercises": [{"id": "kl_normal_1d", "difficulty": "easy"}, {"id": "kl_histogram"}],
    },
    "sheet",
)


def test_students_with_the_same_numbers_are_told(tmp_path: Path) -> None:
    """Two records with the numbers of one: only the exercise that repeats is named, with how often."""
    _, (a, b) = built(german(SHEET, "a", "b"), tmp_path)
    assert list(repeats([a, b])) == []
    copied = b.model_copy(update={"exercises": (a.exercises[0], b.exercises[1])})
    (said,) = repeats([a, copied])
    assert said.startswith("'kl_normal_1d' (easy): 2 students, 1 different instances, so some share their numbers;")


def test_those_who_were_to_share_are_not_told(tmp_path: Path) -> None:
    """A variant counts as one draw, however many have it; two variants with the same numbers are told."""
    shared = {"a": "variant:A", "b": "variant:A", "c": "variant:B"}
    _, (a, b, c) = built(german(SHEET, "a", "b", "c", shared=shared), tmp_path)
    assert a.exercises == b.exercises != c.exercises
    assert list(repeats([a, b, c])) == []
    (said,) = repeats([a, b, c.model_copy(update={"exercises": (a.exercises[0], c.exercises[1])})])
    assert said.startswith("'kl_normal_1d' (easy): 2 draws, 1 different instances")
