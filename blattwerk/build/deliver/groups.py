"""The numbers of Moodle's groups. In an assignment for teams the importer goes by these, and no worksheet has them."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from blattwerk.build.order.tables import read_table
from blattwerk.build.order.titles import folded, tidy
from blattwerk.errors import InputError

TITLES = {"group": ("group", "group name", "name", "gruppe", "gruppenname"), "id": ("id", "group id", "gruppen-id")}
_FOLDER = re.compile(r"([^/]+)_(\d{1,18})_assignsubmission_[a-z]+(?:_.*|/.*)?")
NEED = (
    "the worksheet is that of an assignment in which teams hand in, and Moodle's importer wants the numbers of the "
    "groups, which no worksheet has; name with --groups a CSV with the columns group and id, or the ZIP that 'Download "
    "all submissions' gives; the number of a group stands in the address of its page"
)


def read_groups(path: Path) -> dict[str, int]:
    """The numbers of groups by name, folded; raises InputError where the file does not say them, or says two."""
    found: dict[str, int] = {}
    for name, number in _from_zip(path) if _is_of_submissions(path) else _from_table(path):
        if found.setdefault(folded(name), number) != number:
            raise InputError(f"{path}: the group {name[:60]!r} has the numbers {found[folded(name)]} and {number}")
    if not found:
        raise InputError(f"{path} names no group")
    return found


def _is_of_submissions(path: Path) -> bool:
    """Whether a file is a ZIP that is no workbook; what is damaged is said to be so by the reader of tables."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" not in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _from_zip(path: Path) -> Iterator[tuple[str, int]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if folder := _FOLDER.fullmatch(name):
                yield folder[1], int(folder[2])


def _from_table(path: Path) -> Iterator[tuple[str, int]]:
    names = {title for titles in TITLES.values() for title in titles}
    rows = read_table(path, "the list of groups", lambda header: sum(folded(cell) in names for cell in header)).rows
    titles = [folded(cell) for cell in rows[0].cells] if rows else []
    places = {key: [i for i, title in enumerate(titles) if title in known] for key, known in TITLES.items()}
    if any(len(several) != 1 for several in places.values()):
        raise InputError(f"the list of groups {path} needs one column group and one column id, and has {titles}")
    (group,), (number,) = places["group"], places["id"]
    for row in rows[1:]:
        cells = (*map(tidy, row.cells), "", "")
        if not re.fullmatch(r"[0-9]{1,18}", cells[number]):
            raise InputError(f"the list of groups {path}, line {row.line}: {cells[number][:60]!r} is no number")
        yield cells[group], int(cells[number])
