"""The key as TeX: who stands together, what is shown of an answer, and in which order."""

from fractions import Fraction
from typing import Any

import pytest

from blattwerk.build.class_files.key import blocks, key_sheet
from blattwerk.build.order.sheet_file import SheetFile, checked_sheet
from blattwerk.build.store.records import AnswerRecord, ExerciseRecord, MemberRecord, MistakeRecord, StudentRecord
from tests.build.store.test_records import recorded

SOFTMAX = recorded("softmax", 3)[1]
NORMAL = recorded("kl_normal_1d", 3)[1]
OTHER = recorded("kl_normal_1d", 4)[1]


def sheet(**more: Any) -> SheetFile:
    """Two exercises."""
    entries = [{"id": "softmax"}, {"id": "kl_normal_1d"}]
    return checked_sheet({"course": {"title": "x"}, "sheet": {"title": "T"}, "exercises": entries, **more}, "sheet")


def record(name: str, *exercises: ExerciseRecord, **more: Any) -> StudentRecord:
    """A student with these exercises."""
    whole = {"id": name[0].lower(), "name": name, "email": "", "group": "G", "languages": ("en",), "files": {}}
    return StudentRecord(**{**whole, "code": "AAAA-2222", "exercises": exercises or (SOFTMAX, NORMAL), **more})


def body(*records: StudentRecord, **more: Any) -> str:
    """The key's TeX in English."""
    return key_sheet(sheet(**more), "G", records, "en", 1).body


def test_those_with_the_same_numbers_stand_together() -> None:
    """Once, with all their names; the order of the list is kept."""
    students = (record("Ann"), record("Ben", SOFTMAX, OTHER), record("Cem"))
    assert [[one.name for one in block.people] for block in blocks(students)] == [["Ann", "Cem"], ["Ben"]]
    tex = body(*students)
    assert tex.index("{Ann} (a)") < tex.index("{Cem} (c)") < tex.index("{Ben} (b)")
    assert tex.count(NORMAL.answers[0].symbol) == 2


def test_other_points_are_no_other_numbers_but_another_cost() -> None:
    """So they stand apart."""
    dear = NORMAL.model_copy(update={"points": {**NORMAL.points, "forward": "9"}})
    assert len(blocks((record("Ann"), record("Ben", SOFTMAX, dear)))) == 2


def test_variants_and_teams_are_named() -> None:
    """With all members."""
    team = {"members": (MemberRecord(id="s1", name="A & B", email=""), MemberRecord(id="s2", name="", email=""))}
    tex = body(record("Team", shared="variant:C", **team))
    assert "Variant C: \\textbf{Team} (t) [A \\& B, s2]" in tex


def test_exercises_stand_under_their_numbers_on_paper() -> None:
    """In another order for each student, where the sheet wants it."""
    usual, other = body(record("Ann")), body(record("Ann", sequence=("kl_normal_1d", "softmax")))
    assert usual.index("bfseries 1}") < usual.index("sum_j") < usual.index("bfseries 2}")
    assert other.index("bfseries 1}") < other.index("bfseries 2}") < other.index("sum_j")


def one(exact: str, decimal: Any, *mistakes: MistakeRecord) -> str:
    """What the key says of one answer."""
    answer = AnswerRecord(
        name="a", part="forward", exact=exact, decimal=decimal, symbol="x", places=3, mistakes=mistakes
    )
    return body(
        record("Ann", SOFTMAX.model_copy(update={"answers": ()}), NORMAL.model_copy(update={"answers": (answer,)}))
    )


@pytest.mark.parametrize(
    ("exact", "decimal", "shown"),
    [
        ("7", "7.000000000000", "x = 7"),
        ("1/4", "0.250000000000", "x = \\frac{1}{4} = 0.25"),
        ("log(3)", "1.098612288668", "x = \\log 3 \\approx 1.099"),
        ("oo", "oo", "x = \\infty"),
        ("+".join(["log(12345)"] * 9), "84.788654133", "x \\approx 84.789"),
        ("somebodys(own)", "0.5", "x \\approx 0.500"),
        ("Matrix([[1, 2], [3, 4]])", [["1", "2"], ["3", "4"]], "\\begin{psmallmatrix}"),
        ("Matrix([[1], [2]])", [["1"], ["2"]], "^{\\top}"),
        ("nobody knows", [["1.5"], ["2"]], "\\begin{psmallmatrix} 1.500 & 2.000 \\end{psmallmatrix}^{\\top}"),
    ],
)
def test_a_value_is_exact_where_that_is_short(exact: str, decimal: Any, shown: str) -> None:
    """And its decimals as the sheet asks for them."""
    assert shown in one(exact, decimal)


def test_mistakes_have_what_they_cost_and_bring() -> None:
    """By the points of this sheet; at most three of an answer, and no matrix."""
    known = next(iter(recorded("kl_normal_1d", 3)[0].instance.exercise.parts[1].mistakes))
    wrong = [MistakeRecord(name=known, exact="log(2)", decimal="0.693147180560")]
    wrong += [MistakeRecord(name=f"m{i}", exact=f"{i}", decimal=f"{i}.000000000000") for i in range(3)]
    tex = one("7", "7.000000000000", MistakeRecord(name="m", exact="?", decimal=[["1"]]), *wrong)
    assert "0.693" in tex and "m1" in tex and "m2" not in tex and "{m\\" not in tex
    assert Fraction(NORMAL.points["forward"]) > 0 and "\\(-1\\)" in tex


def test_letter_paper() -> None:
    """Where the sheets are on it."""
    assert "{215.9mm}{279.4mm}" in body(record("Ann"), page={"paper": "letter"})
    assert "{210mm}{297mm}" in body(record("Ann"))
