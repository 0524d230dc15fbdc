"""Who shares numbers: groups, variants dealt along the list, all; and nobody where nothing is said."""

from itertools import pairwise
from typing import Any

import pytest

from blattwerk.build.numbers import draw
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import order
from blattwerk.build.order.sharing import alike, deal, shared_numbers, variant
from blattwerk.build.order.sheet_file import SheetFile, checked_sheet
from blattwerk.errors import SheetFileError

CLASS = (Student("a", group="1"), Student("b", group="1"), Student("c", group="2"), Student("one"))


def sheet(**more: Any) -> SheetFile:
    """A small sheet with these keys in [sheet]."""
    entries = [{"id": "kl_normal_1d"}, {"id": "softmax"}]
    return checked_sheet({"course": {"title": "x"}, "sheet": {"title": "x", **more}, "exercises": entries}, "sheet")


def numbers(file: SheetFile, students: tuple[Student, ...] = CLASS) -> dict[str, Any]:
    """What each student draws."""
    orders = order(file, students, 7, ("en",), secret=b"k", shared=shared_numbers(students, file))
    return {one.student.id: tuple(e.params for e in draw(one).exercises) for one in orders}


def test_today_each_student_has_their_own() -> None:
    """Also where that is said; and nothing that is said of others changes it."""
    own = numbers(sheet())
    assert len(set(own.values())) == 4
    assert numbers(sheet(numbers="student")) == own


def test_a_group_shares() -> None:
    """Who has no group, has numbers of their own, those of always."""
    own, shared = numbers(sheet()), numbers(sheet(numbers="group"))
    assert shared["a"] == shared["b"] != shared["c"]
    assert shared["one"] == own["one"] and shared["a"] != own["a"]


def test_one_for_all() -> None:
    """And that is not what a student draws whose id is that word."""
    shared = set(numbers(sheet(numbers="one")).values())
    assert len(shared) == 1 and numbers(sheet())["one"] not in shared


def test_variants() -> None:
    """Each letter has its numbers, whoever is in the class."""
    dealt = numbers(sheet(variants=3))
    assert dealt["a"] == dealt["one"] and len(set(dealt.values())) == 3
    assert numbers(sheet(variants=3), (Student("z"),))["z"] == dealt["a"]


def test_an_override_gives_one_student_another_draw() -> None:
    """The others keep what they share."""
    file = sheet(numbers="one")
    changed = file.model_copy(
        update={"overrides": checked_sheet({**file.model_dump(), "overrides": [OTHER]}, "sheet").overrides}
    )
    shared = numbers(changed)
    assert shared["b"][1] != shared["a"][1] == shared["c"][1] and shared["b"][0] == shared["a"][0]


OTHER = {"student": "b", "exercise": "softmax"}


@pytest.mark.parametrize("count", [2, 3, 26])
def test_neighbours_differ(count: int) -> None:
    """Along a whole list, every letter as often as every other one."""
    students = [f"s{i}" for i in range(3 * count)]
    dealt = list(deal(students, count).values())
    assert all(one != other for one, other in pairwise(dealt))
    assert dealt[:2] == ["A", "B"] and {dealt.count(letter) for letter in set(dealt)} == {3}


def test_what_was_dealt_stays() -> None:
    """Somebody new in the middle gets a letter that neither neighbour has; the end goes on as before."""
    before = deal(["a", "b", "c", "d"], 3)
    after = deal(["a", "new", "b", "d", "last"], 3, before)
    assert {one: after[one] for one in ("a", "b", "d")} == {"a": "A", "b": "B", "d": "A"}
    assert after["new"] == "C" and after["last"] == "B"
    assert deal(["a"], 2, {"a": "C"}) == {"a": "A"}  # a letter that there is no more


def test_neighbours_who_have_the_same_are_named() -> None:
    """Where two came together who had their variants before, or where two letters cannot do it."""
    shared = {one: f"variant:{letter}" for one, letter in deal(["a", "new", "b"], 2, {"a": "A", "b": "B"}).items()}
    assert [variant(one) for one in shared.values()] == ["A", "B", "B"]
    (said,) = alike(["a", "new", "b"], shared)
    assert said.endswith("new and b")
    assert not list(alike(["a", "b"], shared)) and not list(alike(["a", "b"], {"a": "all:one", "b": "all:one"}))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"numbers": "everybody"}, "'everybody' is not allowed; allowed: student, group, team, one"),
        ({"variants": 1}, "write a whole number from 2 to 26"),
        ({"variants": 27}, "write a whole number from 2 to 26"),
        ({"numbers": "one", "variants": 2}, "exclude each other"),
        ({"numbers": 3}, "who shares numbers: student, group, team, one"),
    ],
)
def test_mistakes_are_told(more: dict[str, Any], said: str) -> None:
    """With what is allowed."""
    with pytest.raises(SheetFileError, match="sheet") as caught:
        sheet(**more)
    assert said in str(caught.value)
