"""Teams: one sheet for those who hand in together, by the team's id and with all names."""

import re

import pytest

from blattwerk.build.numbers import draw
from blattwerk.build.order.class_list import Student, parse_roster
from blattwerk.build.order.ordered import choose, order
from blattwerk.build.order.teams import members_of, sheet_owners, team_id
from blattwerk.build.page.header import printed_student
from blattwerk.errors import InputError, RosterError
from tests.build.order.test_sharing import numbers, sheet

ROSTER = """id,name,email,group,language,team
s1,Anna,a@x.org,A,de,Team Rot
s2,Ben,b@x.org,A,en,
s3,Cem,c@x.org,B,de,team rot
s4,Dora,d@x.org,B,de,Blau
"""


def owners(**more: str) -> tuple[Student, ...]:
    """Who gets a sheet."""
    return sheet_owners(parse_roster(ROSTER, "class"), sheet(**more))


def test_one_sheet_a_team() -> None:
    """Where its first member stands, with the members' language, and their group."""
    found = owners()
    assert [one.id for one in found] == ["Team-Rot", "s2", "Blau"]
    team = found[0]
    assert (team.name, team.group, team.language) == ("Team Rot", "A", "de")
    assert [(one.id, one.email) for one in members_of(team)] == [("s1", "a@x.org"), ("s3", "c@x.org")]
    assert [one.id for one in members_of(found[1])] == ["s2"]


def test_the_numbers_are_drawn_by_the_teams_id() -> None:
    """Whoever its members are."""
    (first, *_) = order(sheet(), owners(), 7, ("en",), secret=b"k")
    assert tuple(one.params for one in draw(first).exercises) == numbers(sheet(), (Student("Team-Rot"),))["Team-Rot"]


def test_the_sheet_file_can_say_no() -> None:
    """Each student alone, as in an exam; and teams that the list has not are a mistake."""
    assert [one.id for one in owners(numbers="student")] == ["s1", "s2", "s3", "s4"]
    assert len(owners(numbers="team")) == 3
    with pytest.raises(RosterError, match="has no column `team`"):
        sheet_owners([Student("a")], sheet(numbers="team"))


@pytest.mark.parametrize(
    ("team", "said"),
    [
        ("s2", "its id 's2' is that of the student 's2'"),
        ("Team/Rot", "its id 'Team-Rot' is that of the team 'Team Rot'"),
        ("///", "the id is empty"),
        ("con", "reserved name on Windows"),
    ],
)
def test_a_team_that_cannot_have_files_is_refused(team: str, said: str) -> None:
    """It is named, and what is wrong."""
    with pytest.raises(RosterError, match=re.escape(said)):
        sheet_owners((*parse_roster(ROSTER, "class"), Student("s9", team=team)), sheet())


def test_an_id_holds_nothing_of_a_path() -> None:
    """Whatever a team calls itself."""
    assert team_id("../../x y") == "x-y"
    assert team_id("Grün & Co.") == "Grün-Co"


def test_a_member_names_the_team() -> None:
    """For --only; the order of the list stays."""
    orders = order(sheet(), owners(), 7, ("en",))
    assert [one.student.id for one in choose(orders, ["s4", "s3", "s1"])] == ["Team-Rot", "Blau"]
    assert [one.student.id for one in choose(orders, ())] == ["Team-Rot", "s2", "Blau"]
    with pytest.raises(InputError, match="no 's5'"):
        choose(orders, ["s5"])


def test_all_names_are_printed() -> None:
    """With their ids, as far as the sheet file wants them, and escaped one by one."""
    team = sheet_owners([Student("s1", "A & B", team="T_1"), Student("s2", "C", team="T_1")], sheet())[0]
    assert printed_student(sheet(), team) == "T\\_1: A \\& B (s1), C (s2)"
    assert printed_student(sheet(print_id=False), team) == "T\\_1: A \\& B, C"
    assert printed_student(sheet(print_name=False), team) == "T\\_1: s1, s2"
    assert printed_student(sheet(print_name=False, print_id=False), team) == ""
