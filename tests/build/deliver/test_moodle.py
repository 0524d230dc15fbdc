"""The ZIP for Moodle: each student gets the own files, whoever cannot be found is named, and nothing is guessed."""

import io
import zipfile
from pathlib import Path

import pytest

from blattwerk.build.deliver.groups import read_groups
from blattwerk.build.deliver.moodle import Delivery, delivery
from blattwerk.build.deliver.worksheet import read_worksheet
from blattwerk.build.order.class_list import Member, Student
from blattwerk.errors import InputError
from tests.build.deliver.handed import handed, imported

EN = "Identifier,Full name,Email address,ID number,Status,Grade,Maximum grade,Last modified (grade)"
DE = "ID,Vollständiger Name,E-Mail-Adresse,ID-Nummer,Status,Bewertung,Bestwertung,Zuletzt geändert (Bewertung)"
ANNA, BEN = Student("s1", "Anna", "anna@x.org"), Student("s2", "Ben", "ben@x.org")


def made(folder: Path, text: str, *students: Student, what: str = "solutions", groups: str = "") -> Delivery:
    """The delivery for a worksheet with this text."""
    sheet = folder / "W.csv"
    sheet.write_bytes(text.encode("utf-8-sig"))
    (folder / "groups.csv").write_text(groups)
    numbers = read_groups(folder / "groups.csv") if groups else None
    manifest = handed(folder, *students)
    kind = next(one for one in ("questions", "solutions", "feedback") if one == what)
    return delivery(manifest, read_worksheet(sheet), kind, folder, folder / "feedback", numbers)


@pytest.mark.parametrize(
    ("header", "identifier"), [(EN, "Participant "), (DE, "Teilnehmer/in"), (DE, "Teilnehmer/in ")], ids=str
)
def test_each_gets_the_own_files(tmp_path: Path, header: str, identifier: str) -> None:
    """Found by id number or by address, whatever the number in this assignment; English and German."""
    text = f'{header}\r\n{identifier}2,Ben,BEN@x.org,,-,,"100,00",-\r\n{identifier}12,Anna,,S1,-,,100,-\r\n'
    found = made(tmp_path, text, ANNA, BEN)
    assert (found.problems, found.left, found.reached) == ((), (), 2)
    assert imported(b"".join(found.content()), {2: ["Ben"], 12: ["Anna"], 1: ["Eve"]}) == {
        "Anna": {f"ML-2-7-solutions.{lang}.pdf": f"solutions/s1.{lang}.pdf".encode() for lang in ("en", "de")},
        "Ben": {f"ML-2-7-solutions.{lang}.pdf": f"solutions/s2.{lang}.pdf".encode() for lang in ("en", "de")},
    }


def test_the_bytes_are_the_same(tmp_path: Path) -> None:
    """Whatever the order of the worksheet and the time; the ZIP is whole."""
    lines = [f"{EN}\n", "Participant 2,Ben,ben@x.org,,,,,\n", "Participant 12,Anna,anna@x.org,,,,,\n"]
    one = b"".join(made(tmp_path, "".join(lines), ANNA, BEN).content())
    other = b"".join(made(tmp_path, "".join([lines[0], lines[2], lines[1]]), BEN, ANNA).content())
    assert one == other
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert archive.testzip() is None
        assert [info.flag_bits for info in archive.infolist()] == [0] * 4  # no sizes behind the content
        assert all(name.split("_")[0] == "Participant" for name in archive.namelist())


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            "Participant 1,Eve,eve@x.org,,,,,",
            "'s1': not in the worksheet; nobody there has the id number 's1' or",
        ),
        (
            "Participant 1,Anna,anna@x.org,,,,,\nParticipant 2,Anna,anna@x.org,,,,,",
            r"'s1': more than once in the worksheet: the address is that of 'Anna' \(line 2\), 'Anna' \(line 3\)",
        ),
        (
            "Participant 1,Anna,anna@x.org,,,,,\nParticipant 2,Eve,e@x.org,s1,,,,",
            r"the id number is that of 'Eve' \(line 3\) in the worksheet, and the address that of 'Anna' \(line 2\)",
        ),
        (
            "Participant 1,Anna,anna@x.org,,,,,\nParticipant 1,Eve,e@x.org,,,,,",
            "line 2: Participant 1 stands there twice",
        ),
        ("Anna,Anna,anna@x.org,,,,,", "line 2: 'Anna' is no number of a participant"),
        ('Participant 1,"Anna,anna@x.org,,,,,', "line 2: a quotation mark is opened and not closed"),
    ],
)
def test_whoever_is_not_found_or_twice_is_named(tmp_path: Path, lines: str, problem: str) -> None:
    """And gets nothing; the others get theirs."""
    found = made(tmp_path, f"{EN}\n{lines}\nParticipant 7,Ben,ben@x.org,,,,,\n", ANNA, BEN)
    with pytest.raises(AssertionError, match=problem):
        assert not "\n".join(found.problems), "\n".join(found.problems)
    assert imported(b"".join(found.content()), {1: ["x"], 2: ["y"], 7: ["Ben"]}).keys() == {"Ben"}


def test_two_students_who_are_one_participant(tmp_path: Path) -> None:
    """Neither gets the other's."""
    found = made(tmp_path, f"{EN}\nParticipant 7,Ben,ben@x.org,s1,,,,\n", ANNA, BEN)
    assert "student 's1' and student 's2': the worksheet's 'Ben' (line 2) is each of them" in found.problems[0]
    assert not found.pieces


def test_who_has_no_sheet_is_left(tmp_path: Path) -> None:
    """A tutor among the participants, say."""
    found = made(tmp_path, f"{EN}\nParticipant 7,Ben,ben@x.org,,,,,\nParticipant 8,Eve,e@x.org,,,,,\n", BEN)
    assert [str(one) for one in found.left] == ["'Eve' (line 3)"]
    assert not found.problems


def test_hidden_names(tmp_path: Path) -> None:
    """With the identities that some may see, it is a worksheet like any other; without, it says what to do."""
    header = "Identifier,Full name,Email address,Status,Grade,Maximum grade"
    found = made(tmp_path, f"{header}\nParticipant 6,Ben,ben@x.org,,,\n", BEN)
    assert {piece.name.split("/")[0] for piece in found.pieces} == {"Participant_6_assignsubmission_file"}
    assert not any("s2" in piece.name or "Ben" in piece.name for piece in found.pieces)
    with pytest.raises(InputError, match=r"neither addresses nor id numbers.*where names are hidden"):
        made(tmp_path, "Identifier,Status,Grade,Maximum grade\nParticipant 6,,,\n", BEN)


TEAMS = "Identifier,Full name,Email address,Status,Group,Grade,Maximum grade"


def test_teams(tmp_path: Path) -> None:
    """The importer goes by the group's number; every member gets the team's file. Without them nothing is guessed."""
    text = f"{TEAMS}\nParticipant 1,Anna,anna@x.org,-,Team A,,\nParticipant 2,Ben,ben@x.org,-,Team B,,\n"
    with pytest.raises(InputError, match="the numbers of the groups, which no worksheet has; name with --groups"):
        made(tmp_path, text, ANNA, BEN)
    found = made(tmp_path, text, ANNA, BEN, groups="group,id\nteam a,41\nTeam B,2\n")
    given = imported(b"".join(found.content()), {41: ["Anna", "Cem"], 2: ["Ben"]})
    assert given["Anna"] == given["Cem"] and b"s1" in given["Anna"]["ML-2-7-solutions.en.pdf"]
    assert b"s2" in given["Ben"]["ML-2-7-solutions.en.pdf"]
    found = made(tmp_path, text, ANNA, BEN, groups="Gruppe;ID\nTeam A;41\n")
    assert "student 's2': no number for the group 'Team B' of 'Ben' (line 3)" in found.problems[0]
    both = text.replace("Team B", "Team A")
    found = made(tmp_path, both, ANNA, BEN, groups="group,id\nTeam A,41\n")
    assert "students 's1', 's2' are in one team" in found.problems[0] and not found.pieces


def test_a_sheet_for_a_team(tmp_path: Path) -> None:
    """Each member gets it, whether Moodle knows of teams or not."""
    members = (Member("s1", "Anna", "anna@x.org"), Member("s2", "Ben", "ben@x.org"))
    team = Student("T1", "Anna, Ben", members=members)
    plain = f"{EN}\nParticipant 1,Anna,anna@x.org,,,,,\nParticipant 2,Ben,ben@x.org,,,,,\n"
    given = imported(b"".join(made(tmp_path, plain, team).content()), {1: ["Anna"], 2: ["Ben"]})
    assert given["Anna"] == given["Ben"] and b"T1" in given["Anna"]["ML-2-7-solutions.en.pdf"]
    text = f"{TEAMS}\nParticipant 1,Anna,anna@x.org,-,Team A,,\nParticipant 2,Ben,ben@x.org,-,Team A,,\n"
    found = made(tmp_path, text, team, groups="group,id\nTeam A,41\n")
    assert (found.reached, found.problems) == (1, ())
    apart = text.replace("ben@x.org,-,Team A", "ben@x.org,-,Team B")
    found = made(tmp_path, apart, team, groups="group,id\nTeam A,41\n")
    assert "student 's2' of 'T1': no number for the group 'Team B'" in found.problems[0]


def test_groups_from_the_submissions(tmp_path: Path) -> None:
    """'Download all submissions' has the numbers in its folders; two numbers for one name are an error."""
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("Team A_41_assignsubmission_file/x.pdf", "")
        archive.writestr("Team_B_42_assignsubmission_file_/y.pdf", "")
        archive.writestr("readme.txt", "")
    assert read_groups(tmp_path / "all.zip") == {"team a": 41, "team_b": 42}
    (tmp_path / "g.csv").write_text("group,id\nA,1\nA,2\n")
    with pytest.raises(InputError, match="the group 'A' has the numbers 1 and 2"):
        read_groups(tmp_path / "g.csv")
    (tmp_path / "g.csv").write_text("group,name,id\nA,B,1\n")
    with pytest.raises(InputError, match="needs one column group and one column id"):
        read_groups(tmp_path / "g.csv")


def test_a_file_that_is_not_the_one_handed_out_is_not_delivered(tmp_path: Path) -> None:
    """Digests are those of the manifest; a missing file is named too."""
    text = f"{EN}\nParticipant 1,Anna,anna@x.org,,,,,\nParticipant 7,Ben,ben@x.org,,,,,\n"
    manifest = handed(tmp_path, ANNA, BEN)
    (tmp_path / "W.csv").write_text(text)
    (tmp_path / "questions/s1.de.pdf").write_bytes(b"other")
    (tmp_path / "questions/s2.en.pdf").unlink()
    found = delivery(manifest, read_worksheet(tmp_path / "W.csv"), "questions", tmp_path, tmp_path)
    assert not found.pieces
    assert "questions/s1.de.pdf is not the file that the manifest lists; build it again" in found.problems[0]
    assert "questions/s2.en.pdf cannot be read: No such file" in found.problems[1]


def test_feedback_is_what_marking_wrote(tmp_path: Path) -> None:
    """By the student's id; a name that could be two people's is nobody's."""
    (tmp_path / "feedback").mkdir()
    for name in ("s1.en.pdf", "s2.pdf", "s2.en.pdf", "s3.pdf", "s2.txt"):
        (tmp_path / "feedback" / name).write_bytes(name.encode())
    text = f"{EN}\nParticipant 1,Anna,anna@x.org,,,,,\nParticipant 7,Ben,ben@x.org,,,,,\n"
    found = made(tmp_path, text, ANNA, BEN, what="feedback")
    given = imported(b"".join(found.content()), {1: ["Anna"], 7: ["Ben"]})
    assert given == {
        "Anna": {"ML-2-7-feedback.en.pdf": b"s1.en.pdf"},
        "Ben": {"ML-2-7-feedback.en.pdf": b"s2.en.pdf", "ML-2-7-feedback.pdf": b"s2.pdf"},
    }
    found = made(tmp_path, text, ANNA, Student("s1.en", "Ben", "ben@x.org"), what="feedback")
    assert "s1.en.pdf could be of 's1' or 's1.en'; nobody gets it" in found.problems[0]
    assert not found.pieces
