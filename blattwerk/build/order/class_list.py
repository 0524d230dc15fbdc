"""The class list, as spreadsheets and Moodle write it (`tables`, `titles`). Each line is read or refused by itself."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from blattwerk.build.order.csv_records import Row, rows_of
from blattwerk.build.order.printable import printable
from blattwerk.build.order.tables import Table, read_table
from blattwerk.build.order.titles import SHOWN, columns_of, for_a_class, known_titles, tidy
from blattwerk.errors import RosterError, UnsettableText
from blattwerk.vocabulary.language import LANGUAGES, Lang

LONGEST_NAME = 200
WINDOWS_NAMES = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{i}" for i in range(1, 10)), *(f"lpt{i}" for i in range(1, 10))]
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_ID = re.compile(r"[^\W_][\w.@+-]{0,63}")


@dataclass(frozen=True)
class Member:
    """One of a team, by whom the marks are given."""

    id: str
    name: str
    email: str


@dataclass(frozen=True)
class Student:
    """One line of the class list. The id names the student's files; the language, if given, is the only one built.

    group    what the student is taught in, if the list says it
    team     with whom the student hands in, if the list says it
    members  who they are, where this is a whole team: then name and id are the team's

    Where there is no class list, the sheet is `nobody`'s, and the id names its files and nothing else.
    """

    id: str
    name: str = ""
    email: str = ""
    group: str = ""
    language: Lang | None = None
    nobody: bool = False
    team: str = ""
    members: tuple[Member, ...] = ()

    @property
    def printed_id(self) -> str:
        """The id as far as it tells somebody who they are."""
        return "" if self.nobody else self.id


@dataclass(frozen=True)
class Refused:
    """A line that cannot be used: its number, how it begins, and what is wrong with it."""

    line: int
    begins: str
    mistakes: tuple[str, ...]

    def __str__(self) -> str:
        return f"line {self.line} ({self.begins!r}): {'; '.join(self.mistakes)}"


@dataclass(frozen=True)
class ClassList:
    """The students of a class list, in its order, and the lines that cannot be used.

    taken    what the file and its columns were taken for
    warning  what is to be looked at, where the file could be read otherwise
    """

    students: tuple[Student, ...]
    refused: tuple[Refused, ...] = ()
    taken: str = ""
    warning: str = ""


def read_students(path: Path, skip: bool = False) -> ClassList:
    """The students of a class list, in its order, and the lines that are left out: none, unless `skip` allows it.

    Raises RosterError, with a line for each mistake, where a line cannot be used and is not to be left out.
    """
    found = read_class_list(path)
    if not (skip and found.students):
        _all_of(found, str(path))
    return found


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students of a class list, every line of which can be used."""
    return read_students(path).students


def parse_roster(text: str, source: str) -> tuple[Student, ...]:
    """The students in a class list's text; `source` names it in messages."""
    return _all_of(parse_class_list(text, source), source)


def _all_of(found: ClassList, source: str) -> tuple[Student, ...]:
    """The students where every line can be used."""
    if found.refused:
        lines = (f"  line {refused.line}: {mistake}" for refused in found.refused for mistake in refused.mistakes)
        others = "\n  --skip-bad-lines leaves these lines out and builds the others" if found.students else ""
        raise RosterError(f"the class list {source} cannot be used:\n" + "\n".join(lines) + others)
    return found.students


def read_class_list(path: Path) -> ClassList:
    """What a class list says, the lines that cannot be used apart.

    Raises RosterError where the file is no class list, or no line of it can be used.
    """
    table = read_table(path, "the class list", known_titles)
    found = _class_list(table, str(path))
    return replace(found, taken=f"{path}: {table.form}: {found.taken}", warning=table.warning)


def parse_class_list(text: str, source: str) -> ClassList:
    """What a class list's text says; `source` names it in messages."""
    return _class_list(Table(tuple(rows_of(text, known_titles)), ""), source)


def _class_list(table: Table, source: str) -> ClassList:
    rows = [row for row in table.rows if row.mistake or any(map(tidy, row.cells))]
    if not rows:
        raise RosterError(f"the class list {source} is empty; its first line must name the columns: id, name")
    header, *lines = rows
    where = f"the class list {source}, line {header.line}"
    if header.mistake:
        raise RosterError(f"{where}: {header.mistake}")
    filled = {i for row in lines for i, cell in enumerate(row.cells) if tidy(cell)}
    columns = for_a_class(columns_of(header.cells, where), where, filled)
    found = tuple(_lines(lines, _Layout(columns.places, _width(header.cells), header.delimiter)))
    students = tuple(line for line in found if isinstance(line, Student))
    refused = tuple(line for line in found if isinstance(line, Refused))
    if not found:
        raise RosterError(f"the class list {source} names no student")
    return ClassList(students, refused, f"{'Moodle’s grading worksheet, ' if columns.worksheet else ''}{columns}")


@dataclass(frozen=True)
class _Layout:
    """The place of each column, how many cells a line has, and what stands between them."""

    columns: Mapping[str, int]
    width: int
    delimiter: str


def _lines(rows: Iterable[Row], layout: _Layout) -> Iterator[Student | Refused]:
    """Each line as a student, or refused. An id belongs to the first line that has it."""
    first_line: dict[str, int] = {}
    for row in rows:
        cells = _cells(row.cells, layout)
        mistakes = [row.mistake] if row.mistake else list(_two_readings(row, layout)) or list(_mistakes(cells))
        mistakes = [*_trouble(row, layout), *mistakes]
        folded = cells["id"].casefold()
        if folded and not row.mistake and folded in first_line:
            mistakes.append(f"the id '{cells['id']}' stands in line {first_line[folded]} already")
        first_line.setdefault(folded, row.line)
        begins = " ".join(row.source.split())[:40]
        yield Refused(row.line, begins, tuple(mistakes)) if mistakes else _student(cells)


def _trouble(row: Row, layout: _Layout) -> Iterator[str]:
    """Which of the cells that are used are not what somebody typed."""
    for key, i in layout.columns.items():
        if why := row.trouble.get(i):
            yield f"the {SHOWN.get(key, key)} {tidy(row.cells[i])[:40]!r} {why}"


def _cells(row: tuple[str, ...], layout: _Layout) -> dict[str, str]:
    """The cells of a line by their columns; what is not there is empty."""
    return {key: tidy(row[i]) if i < len(row) else "" for key, i in layout.columns.items()}


def _width(row: tuple[str, ...]) -> int:
    """The number of cells, without empty ones at the end."""
    return max((i for i, cell in enumerate(row, 1) if tidy(cell)), default=0)


def _two_readings(row: Row, layout: _Layout) -> Iterator[str]:
    """How a line may be read in two ways: neither is taken."""
    surplus = _width(row.cells) - layout.width
    if surplus > 0:
        yield f"{_width(row.cells)} cells for {layout.width} columns{_readings(row.cells, surplus, layout)}"
    elif _is_shifted(_cells(row.cells, layout)):
        yield f"an address that is not in its column{_readings(row.cells, 1, layout)}"
    elif layout.delimiter and any(line.count(layout.delimiter) + 1 >= layout.width > 1 for line in row.lines[1:]):
        last = row.line + len(row.lines) - 1
        yield (
            f"a quotation mark joins the lines {row.line} to {last}; this can be read as one student "
            f"({_shown(_cells(row.cells, layout), ())}) or as several; remove the quotation mark or the line breaks"
        )


def _readings(row: tuple[str, ...], surplus: int, layout: _Layout) -> str:
    """What a line says as it stands, and with a delimiter as part of a cell."""
    readings = [_shown(_cells(row, layout), row[layout.width :])]
    if not layout.delimiter:  # of a workbook, where nothing separates cells
        return f": {readings[0]}; put a title above each column that is filled, or remove it"
    counts = dict.fromkeys((surplus, max(len(row) - layout.width, 1)))  # empty cells at the end may be meant
    readings += [_shown(cells, ()) for count in counts for cells in _joined(row, count, layout)][:1]
    sign = {",": "comma", ";": "semicolon"}.get(layout.delimiter, "tab")
    return f": {', or '.join(readings)}; put a cell that holds a {sign} in quotation marks"


def _is_shifted(cells: Mapping[str, str]) -> bool:
    """Whether the column of addresses holds none, and another one does: a cell too many stands before."""
    others = (text for key, text in cells.items() if key not in ("id", "email"))
    return "@" not in cells.get("email", "@") and any(_ADDRESS.fullmatch(text) for text in others)


def _joined(row: tuple[str, ...], surplus: int, layout: _Layout) -> Iterator[dict[str, str]]:
    """The line with a delimiter as part of a cell, as far as that makes sense; names first."""
    names = [layout.columns[key] for key in ("name", "last", "first") if key in layout.columns]
    for i in dict.fromkeys((*names, *range(len(row) - surplus))):
        joined = (*row[:i], layout.delimiter.join(row[i : i + surplus + 1]), *row[i + surplus + 1 :])
        cells = _cells(joined, layout)
        if not any(_mistakes(cells)) and "@" in (cells.get("email") or "@"):
            yield cells


def _shown(cells: Mapping[str, str], rest: tuple[str, ...]) -> str:
    """One reading of a line."""
    said = [f"{key} {text[:40]!r}" for key, text in cells.items() if text]
    return ", ".join((*said, *(f"{tidy(cell)[:40]!r} under no title" for cell in rest if tidy(cell))))


def _mistakes(cells: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with one line."""
    yield from id_mistakes(cells["id"])
    for key, text in cells.items():
        yield from (f"the {SHOWN.get(key, key)}{mistake}" for mistake in text_mistakes(text))
    if cells.get("language", "") not in ("", *LANGUAGES):
        yield f"the language {cells['language'][:20]!r} is not known; allowed: {', '.join(LANGUAGES)}, or nothing"


def id_mistakes(identity: str) -> Iterator[str]:
    """Why an id cannot name a student and the student's files."""
    if not identity:
        yield "the id is empty"
    elif not _ID.fullmatch(identity) or identity.endswith("."):
        yield (
            f"the id {identity[:80]!r} cannot be a file name; use letters, digits and . _ - @ + (at most 64, "
            "beginning with a letter or digit, not ending with a full stop)"
        )
    elif identity.split(".")[0].casefold() in WINDOWS_NAMES:
        yield f"the id '{identity}' is a reserved name on Windows and cannot be a file name there"


def text_mistakes(text: str) -> Iterator[str]:
    """Why a text of the class list cannot be used; to be read behind what it is ('the name')."""
    if len(text) > LONGEST_NAME:
        yield f" is longer than {LONGEST_NAME} characters"
        return
    try:
        printable(_without_line_breaks(text))
    except UnsettableText as error:
        yield f": {error}"


def _without_line_breaks(text: str) -> str:
    """The text; raises UnsettableText where it holds one of the characters that only some programs end a line at."""
    for character in text:
        if character.isspace() and unicodedata.category(character) in ("Cc", "Zl", "Zp"):
            raise UnsettableText(f"the text {text!a} holds a line break, U+{ord(character):04X}; remove it")
    return text


def _student(cells: Mapping[str, str]) -> Student:
    name = cells.get("name") or f"{cells.get('first', '')} {cells.get('last', '')}".strip()
    language = next((lang for lang in LANGUAGES if lang == cells.get("language")), None)
    group, team = cells.get("group", ""), cells.get("team", "")
    return Student(cells["id"], name, cells.get("email", ""), group, language, team=team)


def single_student(seed: int) -> Student:
    """Who gets the sheet where there is no class list. Its id would tell what the sheet was drawn with."""
    return Student(f"seed-{seed}", nobody=True)


def only_one(seed: int) -> ClassList:
    """What stands for the class list where there is none."""
    return ClassList((single_student(seed),))
