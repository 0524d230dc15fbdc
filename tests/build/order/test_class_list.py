"""Class lists: what spreadsheets and Moodle write is read, what cannot be used is refused with its line."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blattwerk.build.order.class_list import (
    Student,
    parse_class_list,
    parse_roster,
    read_roster,
    read_students,
    single_student,
)
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
        ("name,email,Nr\nA,a@x.org,1\n", "line 1: no column for id; the columns are 'name', 'email', 'Nr'"),
        ("group\nA\n", r"no column for id, name \(or first name and last name\); the columns are 'group'"),
        ("id,first name\n1,A\n", r"no column for name \(or first name and last name\)"),
        ("id,name,email\n", "names no student"),
        ('id,name,email\n1,"A,\n', "line 2: a quotation mark is opened and not closed"),
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


STUDENT = Student("1", "Anna Müller", "a@b.de")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("header", "line", "student"),
    [
        ("id,name,email", '1,"Anna\nMüller",a@b.de', STUDENT),
        ("id;name;email", '1;"Anna \n\n Müller";a@b.de', STUDENT),
        ('id,"full\nname",email', "1,Anna Müller,a@b.de", STUDENT),
        ("id,name,email", '"1","Müller, Anna","a@b.de"', Student("1", "Müller, Anna", "a@b.de")),
        ("id,name,email", '1,"Anna ""Änne"" Müller",', Student("1", 'Anna "Änne" Müller')),
        ("id,name,email", '1,Anna 5" Müller,', Student("1", 'Anna 5" Müller')),
        ("id,name,email,,", "1,Anna Müller,a@b.de,,", STUDENT),
        (",,\nid,name,email", "1,Anna Müller,a@b.de\n,,", STUDENT),
        ("sep=;\nid;name;email", "1;Anna Müller;a@b.de", STUDENT),
        ('"Name, given first";id', "Anna Müller;1", None),
        ("id;Nachname;Vorname, Titel;Vorname", "1;Müller;;Anna", Student("1", "Anna Müller")),
        ("id\tname\temail", "1\tAnna  Müller \ta@b.de", STUDENT),
    ],
)
def test_what_spreadsheets_write(end: str, header: str, line: str, student: Student | None) -> None:
    """Line breaks inside cells, quotation marks, empty rows and columns, Excel's separator, each end of a line."""
    text = f"{header}\n{line}\n".replace("\n", end)
    if student:
        assert parse_roster(text, "list") == (student,)
    else:
        with pytest.raises(RosterError, match=r"line \d: no column for"):
            parse_roster(text, "list")


@pytest.mark.parametrize(
    ("header", "line", "readings"),
    [
        (
            "id,name,email",
            "1,Müller, Anna,a@b.de",
            ("id '1', name 'Müller', email 'Anna', 'a@b.de' under no title", "id '1', name 'Müller, Anna', email 'a@"),
        ),
        ("id,name", "1,Müller, Anna", ("id '1', name 'Müller', 'Anna' under no title", "id '1', name 'Müller, Anna'")),
        ("id,name,,", "1,Müller, Anna", ("id '1', name 'Müller', 'Anna'", "id '1', name 'Müller, Anna'")),
        ("name,id,email", "Müller, Dr., Anna,1,", ("'Müller', ", "id '1', name 'Müller, Dr., Anna'")),
        (
            "id,name,email,group",
            "1,Müller, Anna,a@b.de",
            ("name 'Müller', email 'Anna', group 'a@b.de'", "name 'Müller, Anna', email 'a@b.de'"),
        ),
        ("id;last name;first name", "1;a;b;c", ("first 'b', last 'a', 'c' under no title", "first 'c', last 'a;b'")),
    ],
)
def test_a_line_that_can_be_read_in_two_ways_is_refused(header: str, line: str, readings: tuple[str, str]) -> None:
    """With both readings."""
    (refused,) = parse_class_list(f"{header}\n{line}\n", "list").refused
    assert refused.line == 2
    assert all(reading in refused.mistakes[0] for reading in readings)
    assert "in quotation marks" in refused.mistakes[0]
    assert line[:40] in str(refused)


def test_a_forgotten_quotation_mark_spoils_its_own_line() -> None:
    """Or, where another one closes it, the lines between, which are not taken for one student."""
    found = parse_class_list('id,name\n1,A\n2,"B\n3,C\n4,"D"\n5,"E\n6,F"\n7,"G"x\n', "list")
    assert [student.id for student in found.students] == ["1", "3", "4"]
    messages = [f"{refused.line}: {refused.mistakes[0]}" for refused in found.refused]
    assert (
        messages[0]
        == '3: something stands behind a closing quotation mark; write "" for a quotation mark inside a cell'
    )
    assert messages[1].startswith("6: a quotation mark joins the lines 6 to 7; this can be read as one student (id '5'")
    assert messages[2].startswith("8: something stands behind a closing quotation mark")


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_only_cr_and_lf_end_a_line(sign: str) -> None:
    """What other programs take for a line break makes no second student; it is refused in its line."""
    found = parse_class_list(f"id,name\n1,A\n2,Anna{sign}3,B\n4,D\n5,{sign}E{sign}\n", "list")
    assert [student.id for student in found.students] == ["1", "4"]
    assert [refused.line for refused in found.refused] == [3, 5]
    assert f"U+{ord(sign):04X}" in found.refused[1].mistakes[0]


def test_two_columns_for_the_same_are_refused() -> None:
    """Either could be meant."""
    with pytest.raises(RosterError, match=r"line 1: the columns 'ID' and 'Matrikelnummer' both say the id; rename one"):
        parse_roster("ID,Matrikelnummer,name\n1,2,A\n", "list")


def test_the_others_are_kept_only_if_asked(tmp_path: Path) -> None:
    """Then those who are left out are named."""
    file = tmp_path / "class.csv"
    file.write_text("id,name,email\n1,A,\n2,Müller, Anna,a@b.de\n3,C,\n")
    with pytest.raises(
        RosterError, match=r"(?s)line 3: 4 cells for 3 columns.*--skip-bad-lines leaves these lines out"
    ):
        read_students(file)
    found = read_students(file, skip=True)
    assert [student.id for student in found.students] == ["1", "3"]
    assert [str(line)[:35] for line in found.refused] == ["line 3 ('2,Müller, Anna,a@b.de'): 4"]
    file.write_text("id,name\n,A\n")
    with pytest.raises(RosterError, match="line 2: the id is empty"):
        read_students(file, skip=True)


NAMES = {
    "Persian": "علی\u200cرضا می\u200cنویسد",
    "Hindi, half letter": "क्\u200dष",
    "Hindi, no ligature": "क्\u200cष",
    "Malayalam, chillu": "അവന്\u200d",
    "Bengali, ra with ya-phala": "র\u200d্যাম",
    "Sinhala": "ශ්\u200dරී",
    "family": "👨\u200d👩\u200d👧",
    "heart on fire": "❤\ufe0f\u200d🔥",
    "skin": "👩🏽\u200d🔬",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_joiners_that_a_script_needs_are_kept(name: str) -> None:
    """Without them, another word would stand there."""
    assert parse_roster(f"id,name\n1,{name}\n", "list")[0].name == name


HIDING = [
    "An\u200cna",
    "An\u200dna",
    "\u200cعلی",
    "علی\u200c",
    "A\u200d👧",
    "👧\u200d",
    "A\u200c🔥",
    "ع\u200cA",
    "\u200d्",
]


@pytest.mark.parametrize("name", [*HIDING, *(f"An{sign}na" for sign in "\u034f\u2060\u200b\ufeff\u00ad\u3164\u202e")])
def test_what_only_hides_is_refused(name: str) -> None:
    """Two names that look the same would not be the same."""
    found = parse_class_list(f"id,name\n1,{name}\n2,B\n", "list")
    assert [(r.line, len(r.mistakes)) for r in found.refused] == [(2, 1)] and found.students[0].id == "2"
    assert "; remove it" in found.refused[0].mistakes[0]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No other error comes out of a class list."""
    with contextlib.suppress(RosterError):
        parse_roster("id,name,email\n" + text, "list")
