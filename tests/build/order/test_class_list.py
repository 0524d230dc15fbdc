"""Class lists: what spreadsheets and Moodle write is read, what cannot be used is refused with its line."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blattwerk.build.order.class_list import Student, parse_roster, read_roster, single_student
from blattwerk.errors import RosterError


def test_the_example_is_read() -> None:
    """The class list beside the example sheets."""
    students = read_roster(Path(__file__).parents[3] / "examples" / "class.csv")
    assert len(students) == 8
    assert students[5] == Student("s1006", "O’Brien, Seán", "obrien@example.org", "B", "en")


@pytest.mark.parametrize(
    "text",
    [
        "id,name,email\n17,Zoë Ümit,z@x.org\n",
        "\tid;NAME;E-Mail\n17;Zoë Ümit;z@x.org\n".lstrip(),
        "ID-Nummer,Vorname,Nachname,E-Mail-Adresse\n17,Zoë,Ümit,z@x.org\n",
        '"First name","Last name","ID number","Email address"\n"Zoë","Ümit","17","z@x.org"\n\n',
        "Matrikelnummer\tName\tE-Mail\r\n17\tZoe\u0308 U\u0308mit\tz@x.org\r\n",
    ],
)
def test_usual_forms(text: str) -> None:
    """Comma, semicolon, tab; Moodle in two languages; NFD; empty lines."""
    assert parse_roster(text, "list") == (Student("17", "Zoë Ümit", "z@x.org"),)


def test_an_address_is_not_asked_for() -> None:
    """Nothing prints it; where a list has one, it is kept."""
    assert parse_roster("id,name\n17,Zoë\n", "list") == (Student("17", "Zoë"),)


def test_a_sheet_without_a_class_list_is_nobodys() -> None:
    """Its id names files; printed, it would tell the seed."""
    assert single_student(7).id == "seed-7"
    assert single_student(7).printed_id == ""
    assert Student("s1").printed_id == "s1"


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    """Excel writes one."""
    file = tmp_path / "class.csv"
    file.write_bytes("\ufeffid,name,email\n1,A,a@x.org\n".encode())
    assert read_roster(file)[0].id == "1"


def test_another_encoding_is_named(tmp_path: Path) -> None:
    """Excel's other CSV is not UTF-8."""
    file = tmp_path / "class.csv"
    file.write_bytes("id,name,email\n1,Müller,a@x.org\n".encode("latin-1"))
    with pytest.raises(RosterError, match=r"not UTF-8 \(byte 17\); save it as 'CSV UTF-8'"):
        read_roster(file)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (",A,a@x.org", "line 2: the id is empty"),
        ("../x,A,", "line 2: the id '../x' cannot be a file name"),
        ("a/b,A,", "line 2: the id 'a/b' cannot be a file name"),
        ("a\\b,A,", "cannot be a file name"),
        (".hidden,A,", "cannot be a file name"),
        ("-rf,A,", "cannot be a file name"),
        ("a.,A,", "cannot be a file name"),
        (f"{'a' * 65},A,", "cannot be a file name"),
        ("CON,A,", "line 2: the id 'CON' is a reserved name on Windows"),
        ("nul.txt,A,", "reserved name on Windows"),
        (f"1,{'A' * 201},", "line 2: the name is longer than 200 characters"),
        ("1,A\u202eB,", r"line 2: the name: .*U\+202E"),
        ("1,A\x07B,", r"line 2: the name: .*U\+0007"),
        ("1,A,,,fr", "line 2: the language 'fr' is not known; allowed: en, de"),
        ("1,A,\nx1,B,\n1,C,", "line 4: the id '1' stands in line 2 already"),
        ("ab,A,\nAB,B,", "line 3: the id 'AB' stands in line 2 already"),
        ("é,A,\ne\u0301,B,", "line 3: the id 'é' stands in line 2 already"),
    ],
)
def test_hostile_lines_are_refused(line: str, message: str) -> None:
    """With the line's number and what is wrong."""
    with pytest.raises(RosterError, match=message):
        parse_roster(f"id,name,email,group,language\n{line}\n", "list")


def test_all_mistakes_are_reported_at_once() -> None:
    """Nobody mends a list one error at a time."""
    with pytest.raises(RosterError) as caught:
        parse_roster("id,name,email\n,A,\n../x,B,\nCON,C,\n", "list")
    assert [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]] == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; its first line must name the columns"),
        ("name,email\nA,a@x.org\n", "line 1: no column for id; the columns are 'name', 'email'"),
        ("mail\na@x.org\n", r"no column for id, name \(or first name and last name\); the columns are 'mail'"),
        ("id,first name\n1,A\n", r"no column for name \(or first name and last name\)"),
        ("id,name,email\n", "names no student"),
        ('id,name,email\n1,"A,\n', "line 2: unexpected end of data"),
    ],
)
def test_lists_that_are_none(text: str, message: str) -> None:
    """Missing columns, no students, broken quotes."""
    with pytest.raises(RosterError, match=message):
        parse_roster(text, "list")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path and the system's reason."""
    with pytest.raises(RosterError, match=r"nowhere.csv cannot be read: No such file"):
        read_roster(tmp_path / "nowhere.csv")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No other error comes out of a class list."""
    with contextlib.suppress(RosterError):
        parse_roster("id,name,email\n" + text, "list")
