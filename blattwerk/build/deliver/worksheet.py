"""Moodle's grading worksheet, as it was downloaded: who takes part in an assignment, and under which number.

The number is another one in each assignment and says nothing of who it is, so that there is no other way to it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blattwerk.build.order.csv_records import Row
from blattwerk.build.order.tables import read_table
from blattwerk.build.order.titles import NUMBERED, Columns, columns_of, known_titles, tidy
from blattwerk.errors import InputError


@dataclass(frozen=True)
class Participant:
    """A line of the worksheet; what the worksheet does not say is empty."""

    line: int
    number: int
    id: str = ""
    email: str = ""
    name: str = ""
    group: str = ""

    def __str__(self) -> str:
        said = self.name or self.email or self.id or f"Participant {self.number}"
        return f"{said!r:.80} (line {self.line})"


@dataclass(frozen=True)
class Worksheet:
    """The participants of an assignment.

    teams    whether it is one in which teams hand in: then Moodle's importer goes by the numbers of groups
    refused  the lines that cannot be used, and why
    taken    what the file and its columns were taken for
    """

    participants: tuple[Participant, ...]
    teams: bool
    refused: tuple[str, ...]
    taken: str


def read_worksheet(path: Path) -> Worksheet:
    """The worksheet of an assignment; raises InputError where the file is none, or hides who the participants are."""
    table = read_table(path, "the worksheet", known_titles)
    rows = [row for row in table.rows if row.mistake or any(map(tidy, row.cells))]
    if not rows:
        raise InputError(f"the worksheet {path} is empty")
    where = f"the worksheet {path}, line {rows[0].line}"
    columns = columns_of(rows[0].cells, where)
    _check(columns, where)
    found = [_participant(row, columns) for row in rows[1:]]
    there = [one for one in found if isinstance(one, Participant)]
    often = Counter(one.number for one in there)
    refused = [one for one in found if isinstance(one, str)]
    refused += [
        f"line {one.line}: Participant {one.number} stands there twice" for one in there if often[one.number] > 1
    ]
    return Worksheet(
        tuple(one for one in there if often[one.number] == 1),
        columns.worksheet and "group" in columns.places,
        (*refused, *filter(None, [table.warning])),
        f"{path}: {table.form}: {columns}",
    )


def _check(columns: Columns, where: str) -> None:
    titles = ", ".join(f"{title!r:.62}" for title in columns.titles)
    if "participant" not in columns.places:
        raise InputError(
            f"{where}: no column for the participants' numbers ('Identifier', or 'ID' in German); the columns are "
            f"{titles}; download the grading worksheet of the assignment (View all submissions, Grading action)"
        )
    if not {"id", "email"} & columns.places.keys():
        raise InputError(
            f"{where}: neither addresses nor id numbers, so nobody can be found; the columns are {titles}; where names "
            "are hidden (anonymous submissions), somebody who may see them downloads the worksheet, or it is "
            "downloaded before names are hidden; what is shown of participants is set under 'Show user identity'"
        )


def _participant(row: Row, columns: Columns) -> Participant | str:
    """A line's participant, or why it is none."""
    if row.mistake:
        return f"line {row.line}: {row.mistake}"
    cells = {key: tidy(row.cells[i]) if i < len(row.cells) else "" for key, i in columns.places.items()}
    number = NUMBERED.fullmatch(cells["participant"])
    if not number:
        return f"line {row.line}: {cells['participant'][:60]!r} is no number of a participant, like 'Participant 12'"
    name = cells.get("name") or " ".join(_of(cells, "first", "last"))
    return Participant(
        row.line, int(number[1]), cells.get("id", ""), cells.get("email", ""), name, cells.get("group", "")
    )


def _of(cells: dict[str, str], *keys: str) -> Iterator[str]:
    return (cells[key] for key in keys if cells.get(key))
