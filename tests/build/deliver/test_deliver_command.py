"""`deliver moodle`: the ZIP, what is told, and the exit codes."""

import zipfile
from pathlib import Path

from typer.testing import CliRunner

from blattwerk.build.order.class_list import Student
from blattwerk.cli import app
from tests.build.deliver.handed import handed
from tests.build.deliver.test_moodle import DE


def test_the_command(tmp_path: Path) -> None:
    """One student is found, one is not: the ZIP is written for the first, the second is named, the exit code is 1."""
    handed(tmp_path, Student("s1", "Anna", "anna@x.org"), Student("s2", "Ben", "ben@x.org"), langs=("de",))
    sheet = tmp_path / "Bewertungen.csv"
    sheet.write_bytes(
        f"{DE}\nTeilnehmer/in12,Anna,anna@x.org,,,,,\nTeilnehmer/in13,Eva,e@x.org,,,,,\n".encode("utf-8-sig")
    )
    command = ["deliver", "moodle", str(tmp_path / "manifest.json"), "--worksheet", str(sheet)]
    run = CliRunner().invoke(app, [*command, "--what", "solutions"])
    assert run.exit_code == 1
    assert "moodle-solutions.zip: 1 files for 1 participants" in run.stdout
    assert "failed: student 's2': not in the worksheet; nobody there has the id number" in run.stderr
    assert "warning: 'Eva' (line 3) of the worksheet is no student of the manifest, and gets nothing" in run.stderr
    assert "warning: UNCHECKED" in run.stderr
    assert "Moodle's number in an assignment from 'ID'" in run.stderr
    with zipfile.ZipFile(tmp_path / "moodle-solutions.zip") as archive:
        assert archive.namelist() == ["Participant_12_assignsubmission_file/ML-2-7-solutions.de.pdf"]
    handed(tmp_path, Student("s1", "Anna", "anna@x.org"), langs=("de",))
    assert CliRunner().invoke(app, command).exit_code == 0
    assert (tmp_path / "moodle-questions.zip").exists()
    assert "--what 'all' is not allowed" in str(CliRunner().invoke(app, [*command, "--what", "all"]).exception)
