"""The class list (CSV): comma or semicolon, with or without a byte order mark, Moodle's header or a plain one."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from blattwerk.build.order.printable import printable
from blattwerk.errors import RosterError, UnsettableText
from blattwerk.vocabulary.language import LANGUAGES, Lang

LONGEST_NAME = 200

# Column titles, folded: what Moodle exports in English and German, and plain words.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "id number", "id-nummer", "idnumber", "matrikelnummer", "matriculation number", "student id"),
    "name": ("name", "full name", "fullname", "vollständiger name"),
    "first": ("first name", "firstname", "vorname", "given name"),
    "last": ("last name", "lastname", "surname", "nachname", "family name"),
    "email": ("email", "e-mail", "email address", "e-mail-adresse", "mail"),
    "group": ("group", "groups", "gruppe", "gruppen"),
    "language": ("language", "lang", "sprache"),
}
WINDOWS_NAMES = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{i}" for i in range(1, 10)), *(f"lpt{i}" for i in range(1, 10))]
)
_ID = re.compile(r"[^\W_][\w.@+-]{0,63}")


@dataclass(frozen=True)
class Student:
    """One line of the class list. The id names the student's files; the language, if given, is the only one built.

    Where there is no class list, the sheet is `nobody`'s, and the id names its files and nothing else.
    """

    id: str
    name: str = ""
    email: str = ""
    group: str = ""
    language: Lang | None = None
    nobody: bool = False

    @property
    def printed_id(self) -> str:
        """The id as far as it tells somebody who they are."""
        return "" if self.nobody else self.id


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students of a class list, in its order.

    Raises RosterError, with a line for each mistake.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RosterError(f"the class list {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RosterError(
            f"the class list {path} is not UTF-8 (byte {error.start}); save it as 'CSV UTF-8' in the spreadsheet"
        ) from error
    return parse_roster(text, str(path))


def parse_roster(text: str, source: str) -> tuple[Student, ...]:
    """The students in a class list's text; `source` names it in messages."""
    lines = text.splitlines()
    if not lines or not lines[0].strip():
        raise RosterError(f"the class list {source} is empty; its first line must name the columns: id, name")
    delimiter = max(",;\t", key=lines[0].count)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        columns = _columns(next(rows), source)
        numbered = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise RosterError(f"the class list {source}, line {rows.line_num}: {error}") from error
    mistakes: list[str] = []
    students: list[Student] = []
    first_line: dict[str, int] = {}
    for number, row in numbered:
        cells = {
            key: unicodedata.normalize("NFC", row[i].strip()) if i < len(row) else "" for key, i in columns.items()
        }
        mistakes += [f"line {number}: {mistake}" for mistake in _mistakes(cells)]
        folded = cells["id"].casefold()
        if folded and folded in first_line:
            mistakes.append(f"line {number}: the id '{cells['id']}' stands in line {first_line[folded]} already")
        first_line.setdefault(folded, number)
        students.append(_student(cells))
    if mistakes:
        raise RosterError(f"the class list {source} cannot be used:\n" + "\n".join(f"  {m}" for m in mistakes))
    if not students:
        raise RosterError(f"the class list {source} names no student")
    return tuple(students)


def _columns(header: list[str], source: str) -> dict[str, int]:
    """The place of each column that is there; raises RosterError if a needed one is missing."""
    titles = [unicodedata.normalize("NFC", title.strip().strip('"')).casefold() for title in header]
    found = {
        key: next(i for i, title in enumerate(titles) if title in names)
        for key, names in COLUMNS.items()
        if any(title in names for title in titles)
    }
    missing = [] if "id" in found else ["id"]
    if "name" not in found and not {"first", "last"} <= found.keys():
        missing.append("name (or first name and last name)")
    if missing:
        raise RosterError(
            f"the class list {source}, line 1: no column for {', '.join(missing)}; "
            f"the columns are {', '.join(repr(title) for title in header)}"
        )
    return found


def _mistakes(cells: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with one line."""
    identity = cells["id"]
    if not identity:
        yield "the id is empty"
    elif not _ID.fullmatch(identity) or identity.endswith("."):
        yield (
            f"the id {identity[:80]!r} cannot be a file name; use letters, digits and . _ - @ + (at most 64, "
            "beginning with a letter or digit, not ending with a full stop)"
        )
    elif identity.split(".")[0].casefold() in WINDOWS_NAMES:
        yield f"the id '{identity}' is a reserved name on Windows and cannot be a file name there"
    for key, text in cells.items():
        if len(text) > LONGEST_NAME:
            yield f"the {key} is longer than {LONGEST_NAME} characters"
        else:
            try:
                printable(text)
            except UnsettableText as error:
                yield f"the {key}: {error}"
    if cells.get("language", "") not in ("", *LANGUAGES):
        yield f"the language {cells['language'][:20]!r} is not known; allowed: {', '.join(LANGUAGES)}, or nothing"


def _student(cells: Mapping[str, str]) -> Student:
    name = cells.get("name") or f"{cells.get('first', '')} {cells.get('last', '')}".strip()
    language = next((lang for lang in LANGUAGES if lang == cells.get("language")), None)
    return Student(cells["id"], name, cells.get("email", ""), cells.get("group", ""), language)


def single_student(seed: int) -> Student:
    """Who gets the sheet where there is no class list. Its id would tell what the sheet was drawn with."""
    return Student(f"seed-{seed}", nobody=True)
