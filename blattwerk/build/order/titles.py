"""The columns of a class list, found by their titles: plain words and what Moodle exports, in English and German."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from blattwerk.errors import RosterError

# Titles, folded (`folded`), by what their column holds.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("id", "id number", "idnumber", "student id", "student number", "matriculation number", "registration number"),
        *("id-nummer", "matrikelnummer", "matrikel-nr.", "matrikelnr.", "matrikelnr", "matr.-nr.", "matrikel-nummer"),
    ),
    "name": ("name", "full name", "fullname", "vollständiger name", "student name"),
    "first": ("first name", "firstname", "vorname", "given name", "given name(s)", "vorname(n)"),
    "last": ("last name", "lastname", "surname", "nachname", "family name", "familienname"),
    "email": (
        *("email", "e-mail", "mail", "email address", "e-mail address"),
        *("e-mail-adresse", "email-adresse", "mailadresse"),
    ),
    "group": ("group", "groups", "gruppe", "gruppen", "tutorial", "tutorial group", "übungsgruppe", "tutorium"),
    "team": ("team", "teams", "submission team", "abgabegruppe", "abgabeteam"),
    "language": ("language", "lang", "sprache"),
    "participant": ("identifier",),
}
SHOWN = {"first": "first name", "last": "last name", "participant": "Moodle's number in an assignment"}
# What else stands in Moodle's grading worksheet, by which it is known for one,
WORKSHEET = frozenset(
    [
        *("maximum grade", "grade can be changed", "last modified (grade)", "last modified (submission)"),
        *("bestwertung", "bewertung kann geändert werden", "zuletzt geändert (bewertung)", "zuletzt geändert (abgabe)"),
    ]
)
# and there and in the export of the participants, so that it is no surprise.
OF_MOODLE = WORKSHEET | frozenset(
    [
        *("status", "grade", "scale", "feedback comments", "online text", "marker", "marking workflow state"),
        *("bewertung", "skala", "feedback als kommentar", "texteingabe online", "bewerter/in", "bewertungsworkflow"),
        *("username", "roles", "last access to course", "department", "institution", "city/town", "country"),
        *("anmeldename", "rollen", "letzter zugriff auf kurs", "abteilung", "stadt", "stadt/ort", "land"),
    ]
)
IDS_OF_MOODLE = ("id number", "id-nummer")
KNOWN = frozenset(title for titles in COLUMNS.values() for title in titles) | OF_MOODLE
NUMBERED = re.compile(r"[^\d,;]{1,40}?\s?(\d{1,18})")  # Participant 12, Teilnehmer/in12


@dataclass(frozen=True)
class Columns:
    """What each column was taken for.

    places     the place of each column that is there, by what it holds
    titles     all titles, as they stand in the file
    worksheet  whether this is Moodle's grading worksheet
    """

    places: Mapping[str, int]
    titles: tuple[str, ...]
    worksheet: bool = False

    def __str__(self) -> str:
        """What was taken for what, for the report."""
        taken = ", ".join(f"{SHOWN.get(key, key)} from {self.titles[i]!r:.62}" for key, i in self.places.items())
        unused = [title for i, title in enumerate(self.titles) if title and i not in self.places.values()]
        return taken + (f"; not used: {', '.join(f'{title!r:.62}' for title in unused)}" if unused else "")


def tidy(cell: str) -> str:
    """A cell without spaces around it; a line break or tab inside, as spreadsheets allow them, is a space."""
    return unicodedata.normalize("NFC", re.sub("[ \t\r\n]+", " ", cell).strip(" \u00a0"))


def folded(cell: str) -> str:
    """A title as it is compared."""
    return tidy(cell).strip('"').casefold()


def known_titles(header: Iterable[str]) -> int:
    """How many of a line's cells are titles of columns that we know."""
    return sum(folded(cell) in KNOWN for cell in header)


def columns_of(cells: tuple[str, ...], where: str) -> Columns:
    """The columns that are there; raises RosterError, naming the candidates, where two say the same.

    The `ID` of Moodle's German worksheet is no id of a student's: it is another one in each assignment.
    """
    titles = tuple(folded(cell) for cell in cells)
    worksheet = bool(WORKSHEET & set(titles))
    known = {**COLUMNS}
    if worksheet:
        known |= {"participant": ("identifier", "id"), "id": tuple(t for t in COLUMNS["id"] if t != "id")}
    found: dict[str, int] = {}
    for key, names in known.items():
        places = [i for i, title in enumerate(titles) if title in names]
        if len(places) > 1:
            both = " and ".join(repr(tidy(cells[i])[:60]) for i in places)
            raise RosterError(f"{where}: the columns {both} both say the {SHOWN.get(key, key)}; rename one of them")
        if places:
            found[key] = places[0]
    return Columns(found, tuple(map(tidy, cells)), worksheet)


def for_a_class(columns: Columns, where: str, filled: Set[int]) -> Columns:
    """The columns of a class list; raises RosterError where there is no id, or no name.

    In a file of Moodle's without id numbers, or with an empty column for them, the address is the id: it is nobody
    else's, and stays the same. `filled` are the places of columns in which something stands.
    """
    places = dict(columns.places)
    unknown = [title for title in columns.titles if title and folded(title) not in KNOWN]
    empty = "id" in places and places["id"] not in filled and folded(columns.titles[places["id"]]) in IDS_OF_MOODLE
    if ("id" not in places or empty) and "email" in places and not unknown:
        places = {"id": places["email"], **{key: place for key, place in places.items() if key != "id"}}
    missing = [] if "id" in places else ["id"]
    if "name" not in places and not {"first", "last"} <= places.keys():
        missing.append("name (or first name and last name)")
    if missing:
        blind = columns.worksheet and not {"name", "email", "id"} & places.keys()
        raise RosterError(
            f"{where}: no column for {', '.join(missing)}; "
            f"the columns are {', '.join(f'{title!r:.62}' for title in columns.titles)}"
            + ("; a worksheet with hidden names is no class list: take the participants' export" if blind else "")
        )
    return Columns(places, columns.titles, columns.worksheet)
