"""The command line: what is printed, and the exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk import cli
from blattwerk.build.order.catalogue import catalogue
from blattwerk.cli import app
from blattwerk.errors import InputError

ROOT = Path(__file__).parents[1]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command from a checkout, as a user runs it."""
    return subprocess.run([sys.executable, "cli.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_imports_nothing_heavy() -> None:
    """torch, sympy, matplotlib and scipy are imported where they are used, not for --help."""
    code = (
        "import sys; from typer.testing import CliRunner; from blattwerk.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "print([m for m in ('torch', 'sympy', 'matplotlib', 'scipy', 'numpy', 'pydantic') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_catalogue_and_the_plan_need_no_torch() -> None:
    """Solving is exact; torch, scipy and sympy belong to the oracles, and what cuts PDFs to those who write them.

    The workers of `check` begin with what it imports.
    """
    code = (
        "import sys; from blattwerk.build import numbers, show; show.listing(); import blattwerk.build.check.check; "
        "print([m for m in ('torch', 'sympy', 'matplotlib', 'scipy', 'pikepdf', 'fontTools') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_list() -> None:
    """As JSON and as text."""
    rows = json.loads(CliRunner().invoke(app, ["list", "--json"]).output)
    assert [row["id"] for row in rows] == list(catalogue())
    assert all({"id", "title", "parts", "demo"} <= row.keys() and row["title"].keys() == {"en", "de"} for row in rows)
    text = CliRunner().invoke(app, ["list"]).output
    assert "kl_normal_1d" in text
    assert "parts: enumerate, identity (standard, hard only), variance, baseline (hard only); demo D2" in text


def test_help_asks_no_value_of_a_switch() -> None:
    """--version <bool> would."""
    for command in ([], ["build"], ["show"], ["list"], ["cache"]):
        lines = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "120"}).output.splitlines()
        assert [line for line in lines if "<bool>" in line and "--help" not in line] == []


def test_show_as_json() -> None:
    """Params, answers with exact and decimal form, checks."""
    shown = json.loads(CliRunner().invoke(app, ["show", "kl_normal_1d", "--seed", "7", "--json"]).output)
    assert shown["params"]["deviation_p"] == "2"
    assert shown["answers"]["forward"] == {
        "part": "forward",
        "exact": "log(4) - 179/800",
        "decimal": "1.162544361120",
    }
    assert all(c["agrees"] for said in shown["checks"]["oracles"].values() for c in said)
    assert shown["checks"]["relations"]["checked"] > 10


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
@pytest.mark.parametrize("lang", ["en", "de"])
def test_show_as_text(exercise_id: str, lang: str) -> None:
    """Readable in a terminal: no TeX command, no brace is left."""
    result = CliRunner().invoke(app, ["show", exercise_id, "--seed", "7", "--lang", lang, "--solution"])
    assert result.exit_code == 0, result.output
    assert "\\" not in result.output
    assert "%s" not in result.output
    assert "a) " in result.output
    assert ("Sample solution:" if lang == "en" else "Musterlösung:") in result.output


def test_verify() -> None:
    """A table, and JSON with every field that the documentation names."""
    result = CliRunner().invoke(app, ["verify", "kl_normal_1d", "--seeds", "3", "--jobs", "1"])
    assert result.exit_code == 0
    assert "kl_normal_1d" in result.output
    result = CliRunner().invoke(app, ["verify", "kl_normal_1d", "--seeds", "3", "--jobs", "1", "--json"])
    (row, *_) = json.loads(result.output)
    assert (row["runs"], row["corners"]) == (4, 1)
    assert row["failures"] == []
    assert row["relations"]["checked"] > 10 * row["pages"] > 0
    assert row["relations"]["cited"] <= 0.05 * row["relations"]["checked"]


def test_doctor() -> None:
    """Every need is listed, and where all is there the exit code says so."""
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0, result.output
    for need in ("Python", "torch", "pdflatex", "lualatex", "lmodern.sty", "cmunrm.ttf"):
        assert f"ok      {need}" in result.output


def test_doctor_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing engine comes with the command."""
    from blattwerk.build import doctor

    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "MISSING pdflatex" in result.output
    assert "apt-get install --no-install-recommends texlive-latex-base" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "nowhere.toml", "--seed", "1"], "the sheet file nowhere.toml cannot be read"),
        (["build", "--seed", "1", "--roster", "nowhere.csv"], "the class list nowhere.csv cannot be read"),
        (["build", "--seed", "1", "--lang", "fr"], "--lang 'fr' is not allowed; allowed: en, de"),
        (["build", "--seed", "1", "--only", "x"], "the class list holds no 'x'"),
        (["show", "kl_histogramm", "--seed", "1"], "there is no exercise 'kl_histogramm'; did you mean kl_histogram"),
        (["show", "kl_normal_1d", "--seed", "1", "--difficulty", "harder"], "allowed: easy, standard, hard"),
        (["solutions", "nowhere.json"], "the manifest nowhere.json cannot be read"),
        (["verify", "nothing"], "there is no exercise 'nothing'"),
        (["check", "nothing"], "there is no exercise 'nothing'"),
    ],
)
def test_wrong_input_ends_with_code_2_and_no_traceback(arguments: list[str], message: str) -> None:
    """One line on the error stream that says what to do."""
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_damaged_manifest(tmp_path: Path) -> None:
    """The place of the damage is named."""
    file = tmp_path / "manifest.json"
    file.write_text('{"format": 3}')
    done = run("solutions", str(file))
    assert done.returncode == 2
    assert "format 3 is not known" in done.stderr


def test_an_output_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file stands in the way."""
    (tmp_path / "out").write_text("")
    done = run("build", "--seed", "1", "--lang", "en", "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "is a file; name a folder" in done.stderr


def test_the_checkout_command_is_three_lines() -> None:
    """The same command as the installed one."""
    lines = [line for line in (ROOT / "cli.py").read_text().splitlines() if line.strip()]
    assert len(lines) == 3
    assert cli.main.__module__ == "blattwerk.cli"


FULL = """
import blattwerk.cli as cli
def app():
    raise OSError({number}, "No space left on device", "/somewhere/sheet.log")
cli.app = app
cli.main()
"""


@pytest.mark.parametrize(
    ("number", "message"),
    [(28, "blattwerk: the disk is full (/somewhere/sheet.log)"), (5, "blattwerk: /somewhere/sheet.log: ")],
)
def test_a_full_disk_is_no_traceback(number: int, message: str) -> None:
    """Wherever it is noticed; another error of the system names its file."""
    ended = subprocess.run(
        [sys.executable, "-c", FULL.format(number=number)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["build", "--seed", "9" * 5000],
            "--seed '999999999999999999999999999999' is not allowed; write a whole number",
        ),
        (["build", "--seed", "-1"], "--seed '-1' is not allowed; write a whole number from 0 to"),
        (["verify", "--seeds", "0"], "--seeds '0' is not allowed"),
        (["build", "--seed", "1", "--jobs", "many"], "--jobs 'many' is not allowed"),
        (["build", "--seed", "1", "--out", "o" * 300], "cannot be a folder: File name too long"),
        (["build", "--seed", "1", "--out", "pyproject.toml"], "--out pyproject.toml is a file; name a folder"),
        (["build", "s" * 300, "--seed", "1"], "cannot be read: File name too long"),
        (["build", "--seed", "1", "--secret", "s" * 300], "cannot be read: File name too long"),
    ],
)
def test_absurd_arguments_get_one_line(arguments: list[str], message: str) -> None:
    """Short, and raised on purpose."""
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, InputError) and message in str(error)
    assert "\n" not in str(error) and len(str(error)) < 400


def test_a_terminal_without_umlauts_stops_nothing() -> None:
    """What it cannot show is written as its number; JSON stays JSON."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "BLATTWERK_CACHE_MB": "abc"}
    command = "import sys; sys.argv = ['blattwerk', 'list', *sys.argv[1:]]; from blattwerk.cli import main; main()"
    for options in ([], ["--json"]):
        done = subprocess.run(
            [sys.executable, "-c", command, *options], env=environment, cwd=ROOT, capture_output=True, check=True
        )
        assert done.stderr == b"" and b"\\xe4" in done.stdout if not options else json.loads(done.stdout)
