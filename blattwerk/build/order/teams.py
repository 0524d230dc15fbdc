"""Teams: those of a class list who hand in together get one sheet, drawn by the team's id and with all their names."""

import re
from collections.abc import Iterable, Iterator, Sequence

from blattwerk.build.order.class_list import Member, Student, id_mistakes
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.errors import RosterError
from blattwerk.vocabulary.language import LANGUAGES, Lang


def sheet_owners(students: Sequence[Student], sheet: SheetFile) -> tuple[Student, ...]:
    """Who gets a sheet, in the order of the list: a team where its first member stands, and whoever has none.

    Raises RosterError where a team cannot be used, or where the sheet wants teams and the list has none.
    """
    wanted = sheet.sheet.numbers
    if wanted == "student" or not any(student.team for student in students):
        if wanted == "team" and not all(student.nobody for student in students):
            raise RosterError('the sheet file says numbers = "team", but the class list has no column `team`')
        return tuple(students)
    teams: dict[str, list[Student]] = {}
    for student in students:
        if student.team:
            teams.setdefault(student.team.casefold(), []).append(student)
    if mistakes := list(_mistakes(teams.values(), students)):
        raise RosterError("the teams of the class list cannot be used:\n" + "\n".join(f"  {one}" for one in mistakes))
    firsts = {members[0].id: _team(members) for members in teams.values()}
    return tuple(firsts.get(one.id, one) for one in students if one.id in firsts or not one.team)


def members_of(owner: Student) -> tuple[Member, ...]:
    """Who gets the marks of a sheet: the members of a team, or the student alone."""
    return owner.members or (Member(owner.id, owner.name, owner.email),)


def team_id(team: str) -> str:
    """A team's name as an id, which can name files: what cannot stand there becomes a hyphen."""
    return re.sub(r"[^\w.@+-]+", "-", team).strip("-.")


def _team(members: Sequence[Student]) -> Student:
    first = members[0]
    return Student(
        team_id(first.team),
        first.team,
        group=first.group,
        language=_language(members),
        team=first.team,
        members=tuple(Member(one.id, one.name, one.email) for one in members),
    )


def _language(members: Iterable[Student]) -> Lang | None:
    """The language of all members; those of the command line where they differ."""
    said = {one.language for one in members}
    return next((lang for lang in LANGUAGES if said == {lang}), None)


def _mistakes(teams: Iterable[Sequence[Student]], students: Iterable[Student]) -> Iterator[str]:
    """Teams whose names cannot be ids, or are those of others."""
    taken = {student.id.casefold(): f"the student '{student.id}'" for student in students}
    for members in teams:
        name = members[0].team
        identity = team_id(name)
        for mistake in id_mistakes(identity):
            yield f"team {name!r}: {mistake}"
        if whose := taken.get(identity.casefold()):
            yield f"team {name!r}: its id '{identity}' is that of {whose}; give the team another name"
        taken.setdefault(identity.casefold(), f"the team {name!r}")
