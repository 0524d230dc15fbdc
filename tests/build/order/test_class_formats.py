"""The forms of a class list: what Moodle exports and Excel saves, as it is; what was taken for what is told."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from blattwerk.build.order.class_list import Student, read_class_list, read_students
from blattwerk.build.order.workbook import workbook_rows
from blattwerk.errors import RosterError

WORKSHEETS = {
    "en": (
        "Identifier,Full name,Email address,ID number,Status,Grade,Maximum grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments\r\n"
        'Participant 12,Zoë Ümit,z@x.org,17,"No submission",,100.00,Yes,-,-,\r\n'
    ),
    "de": (
        "ID,Vollständiger Name,E-Mail-Adresse,ID-Nummer,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,"
        "Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar\r\n"
        'Teilnehmer/in12,Zoë Ümit,z@x.org,17,"Keine Abgabe",,"100,00",Ja,-,-,\r\n'
    ),
}
ZOE = Student("17", "Zoë Ümit", "z@x.org")


def written(folder: Path, content: str | bytes, encoding: str = "utf-8-sig", name: str = "class.csv") -> Path:
    """A file with this content."""
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return file


@pytest.mark.parametrize("lang", WORKSHEETS)
def test_a_grading_worksheet_is_a_class_list(tmp_path: Path, lang: str) -> None:
    """In both languages; the number that a student has in one assignment only is not the student's id."""
    found = read_class_list(written(tmp_path, WORKSHEETS[lang]))
    assert found.students == (ZOE,)
    assert "CSV with commas, UTF-8: Moodle’s grading worksheet, id from 'ID" in found.taken
    assert "Moodle's number in an assignment from 'I" in found.taken
    assert "not used: 'Status', " in found.taken


@pytest.mark.parametrize(
    "text",
    [
        "First name,Last name,Email address,Groups\nZoë,Ümit,z@x.org,A\n",
        "Vorname,Nachname,E-Mail-Adresse,Gruppen\nZoë,Ümit,z@x.org,A\n",
        "Vorname;Nachname;E-Mail-Adresse;Gruppen;Abteilung\nZoë;Ümit;z@x.org;A;\n",
    ],
)
def test_participants_without_id_numbers_are_named_by_their_address(tmp_path: Path, text: str) -> None:
    """Where all titles are Moodle's; the report says so."""
    found = read_class_list(written(tmp_path, text))
    assert found.students == (Student("z@x.org", "Zoë Ümit", "z@x.org", "A"),)
    assert ": id from 'E" in found.taken


@pytest.mark.parametrize("lang", WORKSHEETS)
def test_a_worksheet_without_id_numbers_too(tmp_path: Path, lang: str) -> None:
    """The column `ID` of the German one is no way out."""
    lines = [",".join(cells[:3] + cells[4:]) for cells in (line.split(",") for line in WORKSHEETS[lang].splitlines())]
    assert read_class_list(written(tmp_path, "\n".join(lines))).students[0].id == "z@x.org"


def test_an_empty_column_of_id_numbers_is_none(tmp_path: Path) -> None:
    """Moodle writes it where id numbers are shown and nobody has one; in a list of one's own, each line is refused."""
    text = WORKSHEETS["en"].replace(",17,", ",,")
    assert read_class_list(written(tmp_path, text)).students[0].id == "z@x.org"
    with pytest.raises(RosterError, match="line 2: the id is empty"):
        read_students(written(tmp_path, "id,name,email,Semester\n,A,a@x.org,3\n"))


def test_a_worksheet_with_hidden_names_says_what_to_take(tmp_path: Path) -> None:
    """It names nobody."""
    text = "Identifier,Status,Grade,Maximum grade\nParticipant 12,,,100\n"
    with pytest.raises(RosterError, match="a worksheet with hidden names is no class list: take the participants"):
        read_class_list(written(tmp_path, text))


@pytest.mark.parametrize(("encoding", "said"), [("utf-8", "UTF-8"), ("utf-16", "UTF-16"), ("utf-8-sig", "UTF-8")])
def test_encodings_that_can_be_told(tmp_path: Path, encoding: str, said: str) -> None:
    """Excel's 'Unicode text' is UTF-16 with tabs."""
    found = read_class_list(written(tmp_path, "Matrikelnummer\tName\n17\tZoë Ümit\n", encoding))
    assert found.students == (Student("17", "Zoë Ümit"),)
    assert f"CSV with tabs, {said}: id from 'Matrikelnummer'" in found.taken
    assert not found.warning


def test_a_german_excel(tmp_path: Path) -> None:
    """Semicolons, Windows-1252: read, and the words are shown in which it could be another encoding."""
    text = "Matrikelnummer;Nachname;Vorname;Gruppe;Abgabegruppe\n0017;Müller-Weiß;Žofie;A;T 3\n"
    found = read_class_list(written(tmp_path, text, "cp1252"))
    assert found.students == (Student("0017", "Žofie Müller-Weiß", "", "A", team="T 3"),)
    assert "CSV with semicolons, Windows-1252" in found.taken
    assert "read as Windows-1252; if Müller, Weiß, Žofie should read otherwise, save it as 'CSV UTF-8'" in found.warning


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id;name\n1;Müller\n".encode("mac_roman") + b"\x81", r"not UTF-8 \(byte 11\); save it as 'CSV UTF-8'"),
        ("id;name\n1;Жанна\n".encode("cp1251") + b"\x98\x81", "not UTF-8"),
        ("id;name\n1;Đorđe\n".encode("cp1250") + b"\x83", "not UTF-8"),
        ("id;name\n1;Müller\n".encode("utf-16-le"), "is not UTF-8|no text"),
        ("id;name\n1;A\n".encode("utf-16-le"), "holds bytes that are no text"),
        (b"\xff\xfei\x00d\x00\x00\xd8", "begins like UTF-16 and is none"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "neither CSV nor a workbook"),
    ],
)
def test_what_cannot_be_told_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """With what to do."""
    with pytest.raises(RosterError, match=message):
        read_class_list(written(tmp_path, content))


@pytest.mark.parametrize(
    ("header", "candidates"),
    [
        ("ID,Matrikelnummer,name", "'ID' and 'Matrikelnummer' both say the id"),
        ("id,name,Gruppe,Tutorium", "'Gruppe' and 'Tutorium' both say the group"),
        ("id,name,E-Mail,Mail", "'E-Mail' and 'Mail' both say the email"),
        ("id,name,Name", "'name' and 'Name' both say the name"),
    ],
)
def test_two_candidates_are_named(tmp_path: Path, header: str, candidates: str) -> None:
    """Neither is taken."""
    with pytest.raises(RosterError, match=f"{candidates}; rename one of them"):
        read_class_list(written(tmp_path, f"{header}\n1,2,3,4\n"))


def book(*rows: tuple[Any, ...], **formats: str) -> bytes:
    """A workbook with one filled sheet, and an empty one as Excel leaves them."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for place, form in formats.items():
        sheet[place].number_format = form
    workbook.create_sheet("Tabelle2")
    return saved(workbook)


def saved(workbook: openpyxl.Workbook) -> bytes:
    """Its bytes."""
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def test_a_workbook(tmp_path: Path) -> None:
    """Numbers are ids as the column shows them; empty rows and dates in columns that are not used do no harm."""
    content = book(
        ("Matrikelnummer", "Name", "E-Mail-Adresse", "Gruppe", "Team", "Geburtstag"),
        (),
        (17, "Zoë Ümit", "z@x.org", "A", 3, datetime(2001, 2, 3)),
        (42.0, "Müller, Anna", None, None, None, None),
        A3="0000000",
    )
    found = read_class_list(written(tmp_path, content, name="class.xlsx"))
    assert found.students == (
        Student("0000017", "Zoë Ümit", "z@x.org", "A", team="3"),
        Student("42", "Müller, Anna"),
    )
    assert "class.xlsx: a workbook: id from 'Matrikelnummer'" in found.taken
    assert found.taken.endswith("not used: 'Geburtstag'")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (datetime(2026, 3, 1), "line 2: the id '2026-03-01 00:00:00' is a date or time; format the column as text"),
        (1.5, "the id '1.5' is a number with decimals"),
        (1234567890123456, "is a number so long that the spreadsheet has rounded it"),
        (True, "is a truth value"),
        ("#N/A", "is an error of a formula"),
    ],
)
def test_cells_that_nobody_typed_so(tmp_path: Path, cell: Any, message: str) -> None:
    """In a column that is used, they are refused with the row's number."""
    with pytest.raises(RosterError, match=message):
        read_students(written(tmp_path, book(("id", "name"), (cell, "A"))))


def test_several_filled_sheets_are_named(tmp_path: Path) -> None:
    """None of them is taken."""
    workbook = openpyxl.load_workbook(io.BytesIO(book(("id", "name"), (1, "A"))))
    workbook["Tabelle2"].append(("id", "name"))
    with pytest.raises(RosterError, match="2 sheets with entries: 'Sheet', 'Tabelle2'; keep the one"):
        read_class_list(written(tmp_path, saved(workbook)))


def test_a_filled_cell_without_a_title_is_refused(tmp_path: Path) -> None:
    """In a workbook no comma can have been forgotten."""
    with pytest.raises(RosterError, match="3 cells for 2 columns: id '1', name 'A', 'B' under no title; put a title"):
        read_students(written(tmp_path, book(("id", "name"), (1, "A", "B"))))


def packed(**parts: bytes) -> bytes:
    """A ZIP with these parts (__ is a slash)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (packed(xl__workbook=b"", bomb=bytes(201 << 20)), "unpacks to more than 200 MB"),
        (packed(xl__workbook=b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "holds a document type"),
        (packed(xl__workbook="<!DOCTYPE x>".encode("utf-16")), "holds a document type"),
        (packed(xl__workbook=b"<x/>"), "damaged workbook"),
        (packed(content=b"<x/>"), "neither CSV nor a workbook"),
        (packed(xl__workbook=b"<x/>")[:-10], "neither CSV nor a workbook"),
    ],
    ids=["bomb", "entities", "entities in UTF-16", "no workbook", "another archive", "cut"],
)
def test_hostile_archives(tmp_path: Path, content: bytes, message: str) -> None:
    """Refused before anything is unpacked that would not fit."""
    with pytest.raises(RosterError, match=message):
        read_class_list(written(tmp_path, content))


def test_a_part_that_is_larger_than_it_says_is_damaged() -> None:
    """The declared sizes are what is checked, so nothing larger may come out."""
    content = packed(xl__workbook=b"x" * 1000)
    lying = content.replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != content
    with pytest.raises(RosterError, match="damaged workbook"):
        workbook_rows(lying, "it")
