"""The main job: one seed, question, solution and tutor's copy in both languages, and what a lecturer looks at there."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from typer.testing import CliRunner

from blattwerk.build.job import FOR_STAFF, KINDS
from blattwerk.cli import app
from blattwerk.vocabulary.language import LANGUAGES, Lang

LANGUAGE_TAGS = {"en": "en-GB", "de": "de-DE"}
TITLES = {
    "en": "Exercise sheet 7: Residual networks, autoencoders and KL divergence",
    "de": "Übungsblatt 7: Residual-Netze, Autoencoder und KL-Divergenz",
}
# Words that stand in every tutor's copy, and in nothing that students get.
TUTORS_WORDS = {"en": ("Marking", "Usual mistakes"), "de": ("Bewertung", "Häufige Fehler")}


@dataclass(frozen=True)
class Built:
    """A finished build and what it printed."""

    folder: Path
    output: str

    def text(self, kind: str, student: str, lang: str) -> str:
        """The text of a PDF, as a reader sees it."""
        path = self.folder / kind / f"{student}.{lang}.pdf"
        run = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
        return " ".join(run.stdout.decode().split())


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """`build --seed 7`, with sources."""
    folder = tmp_path_factory.mktemp("out")
    result = CliRunner().invoke(app, ["build", "--seed", "7", "--out", str(folder), "--tex", "--marking"])
    assert result.exit_code == 0, result.output
    return Built(folder, result.output)


def test_pdfs_and_a_manifest(sheet: Built) -> None:
    """Questions, solutions and tutors' copies lie in different folders."""
    made = {str(path.relative_to(sheet.folder)) for path in sheet.folder.rglob("*") if path.is_file()}
    wanted = {f"{kind}/seed-7.{lang}.pdf" for kind in KINDS for lang in LANGUAGES}
    assert {name for name in made if not name.startswith("tex/")} == wanted | {"manifest.json"}
    assert all(str(sheet.folder / name) in sheet.output for name in sorted(wanted)[:4])
    assert str(sheet.folder / "manifest.json") in sheet.output
    assert "margin" not in sheet.output


@pytest.mark.parametrize("lang", LANGUAGES)
def test_title_language_and_fonts(sheet: Built, lang: Lang) -> None:
    """The title is in the document's data, the language too, no date, and no bitmap font."""
    for kind in KINDS:
        path = sheet.folder / kind / f"seed-7.{lang}.pdf"
        with pikepdf.open(path) as pdf:
            assert str(pdf.docinfo.Title) == TITLES[lang]
            assert str(pdf.Root.Lang) == LANGUAGE_TAGS[lang]
            assert set(pdf.docinfo.keys()) == {"/Title"}
            assert len(pdf.pages) >= 2
        fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
        assert "LMRoman" in fonts
        text_fonts = [line for line in fonts.splitlines()[2:] if "Type 3" in line]
        assert all("Cm" in line or "DejaVu" in line for line in text_fonts)  # matplotlib's, in the figures


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_solution_in_a_question(sheet: Built, lang: Lang) -> None:
    """Neither its words nor its boxes; and in a solution nothing of the marking."""
    question, solution, marking = (sheet.text(kind, "seed-7", lang) for kind in KINDS)
    for word in TUTORS_WORDS[lang]:
        assert word in marking
        assert word not in question and word not in solution
    assert "≈" in solution and "≈" not in question


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_seed_is_not_printed(sheet: Built, lang: Lang) -> None:
    """It names the files; on paper it would hand out the solution."""
    for kind in KINDS:
        assert "seed" not in sheet.text(kind, "seed-7", lang).split("Solution")[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_answers_of_the_manifest_are_printed(sheet: Built, lang: Lang) -> None:
    """The decimal value of every scalar answer stands in the solution, with the language's decimal mark."""
    solution = sheet.text("solutions", "seed-7", lang)
    manifest = json.loads((sheet.folder / "manifest.json").read_text())
    answers = [a for e in manifest["students"][0]["exercises"] for a in e["answers"]]
    decimals = [a["decimal"] for a in answers if isinstance(a["decimal"], str) and "." in a["decimal"]]
    decimals = [d for d in decimals if 0.1 <= abs(float(d)) < 1000 and not float(d).is_integer()]
    assert len(decimals) >= 5
    for decimal in decimals:
        digits = decimal[: decimal.index(".") + 3].lstrip("-").replace(".", "," if lang == "de" else ".")
        assert digits in solution, decimal


def test_german_has_the_decimal_comma(sheet: Built) -> None:
    """And English the point."""
    assert re.search(r"≈ -?\d+,\d", sheet.text("solutions", "seed-7", "de"))
    assert not re.search(r"≈ -?\d+\.\d", sheet.text("solutions", "seed-7", "de"))
    assert re.search(r"≈ -?\d+\.\d", sheet.text("solutions", "seed-7", "en"))


def test_both_languages_have_the_same_pages_of_questions(sheet: Built) -> None:
    """Page numbers and the code are in the footer."""
    manifest = json.loads((sheet.folder / "manifest.json").read_text())
    code = manifest["students"][0]["code"]
    assert re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}", code)
    for lang in LANGUAGES:
        assert sheet.text("questions", "seed-7", lang).count(code) >= 2


def test_sources_compile_by_themselves(sheet: Built, tmp_path: Path) -> None:
    """A plain pdflatex in the folder of the source, nothing else needed."""
    shutil.copytree(sheet.folder / "tex", tmp_path / "tex")
    for kind in ("questions", "solutions"):
        run = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "seed-7.de.tex"],
            cwd=tmp_path / "tex" / kind,
            capture_output=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout[-2000:]


def test_the_same_command_makes_the_same_files(sheet: Built, tmp_path: Path) -> None:
    """In another folder, byte for byte."""
    result = CliRunner().invoke(app, ["build", "--seed", "7", "--out", str(tmp_path)])
    assert result.exit_code == 0
    for kind in ("questions", "solutions"):
        name = f"{kind}/seed-7.de.pdf"
        assert (tmp_path / name).read_bytes() == (sheet.folder / name).read_bytes()


def test_solutions_come_back_from_the_manifest(sheet: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the generators draw nothing any more."""
    from blattwerk.vocabulary.draws import Draws

    monkeypatch.setattr(Draws, "integer", lambda *_: pytest.fail("something was drawn"))
    manifest = str(sheet.folder / "manifest.json")
    result = CliRunner().invoke(app, ["solutions", manifest, "--only", "seed-7", "--out", str(tmp_path), "--marking"])
    assert result.exit_code == 0, result.output
    assert "has changed" not in result.output
    for name in (f"{kind}/seed-7.{lang}.pdf" for kind in FOR_STAFF for lang in LANGUAGES):
        assert (tmp_path / name).read_bytes() == (sheet.folder / name).read_bytes()
    assert not (tmp_path / "questions").exists()


def test_a_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet a student, in the student's language; names print as typed; nobody has another's numbers."""
    monkeypatch.setattr(
        "blattwerk.build.page.font_files.fonts_with", lambda letters: ()
    )  # a machine without Chinese fonts
    roster = tmp_path / "class.csv"
    roster.write_text(
        "id,name,email,group,language\n"
        'a1,"Zoë ""Q"" O’Brien--Łukasz {x} \\input{y} 50 %",a@x.org,,en\n'
        "a2,Nguyễn Thị Ánh Tuyết,b@x.org,,de\n"
        "a3,Ελένη Щербакова,c@x.org,,de\n"
        "a4,王小明,d@x.org,,de\n",
        encoding="utf-8",
    )
    sheet = tmp_path / "sheet.toml"
    sheet.write_text('[course]\ntitle="ML"\n[sheet]\ntitle="S"\n[[exercises]]\nid="kl_normal_1d"\n')
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app, ["build", str(sheet), "--seed", "3", "--roster", str(roster), "--out", str(out), "--jobs", "1"]
    )
    assert result.exit_code == 0, result.output
    assert "warning: student 'a4': no installed font has all the characters of the name '王小明'" in result.output
    assert "the sheet shows the id instead" in result.output
    built = Built(out, result.output)
    assert 'Zoë "Q" O’Brien--Łukasz {x} \\input{y} 50 % (a1)' in built.text("questions", "a1", "en")
    assert "Nguyễn Thị Ánh Tuyết (a2)" in built.text("questions", "a2", "de")
    assert "Ελένη Щербакова (a3)" in built.text("questions", "a3", "de")
    manifest = json.loads((out / "manifest.json").read_text())
    assert "Für a4 Aufgabe" in built.text("questions", "a4", "de")
    assert [s["id"] for s in manifest["students"]] == ["a1", "a2", "a3", "a4"]
    assert manifest["students"][3]["name"] == "王小明"
    assert len({json.dumps(s["exercises"][0]["params"]) for s in manifest["students"]}) == 4
    assert {path.name[:6] for path in (out / "solutions").iterdir()} == {"a1.en.", "a2.de.", "a3.de.", "a4.de."}


LOADED = """
import sys
from multiprocessing import forkserver
from typer.testing import CliRunner
from blattwerk.build.page import font_files
from blattwerk.cli import app
result = CliRunner().invoke(app, sys.argv[1:])
assert result.exit_code == 0, result.output
print(sorted({"matplotlib", "scipy", "torch"} & sys.modules.keys()), forkserver._forkserver._forkserver_pid)
"""


def test_where_nothing_is_to_be_done_little_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second build takes what the first one left: it loads no heavy library, and starts no worker."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # another test may clear the user's
    roster = tmp_path / "class.csv"
    roster.write_text("id,name,email\na,A,a@x.org\nb,B,b@x.org\n")
    arguments = [
        "build",
        "examples/midterm.toml",
        "--seed",
        "7",
        "--roster",
        str(roster),
        "--out",
        str(tmp_path / "out"),
    ]
    assert CliRunner().invoke(app, [*arguments, "--jobs", "1"]).exit_code == 0
    again = subprocess.run([sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=False)
    assert again.stdout == "[] None\n", again.stdout + again.stderr


def test_name_and_id_are_printed_only_if_wanted(tmp_path: Path) -> None:
    """Some universities forbid both together; the code is always there."""
    roster = tmp_path / "class.csv"
    roster.write_text("id,name,email\nm4711,Ada Lovelace,a@x.org\n")
    sheet = tmp_path / "sheet.toml"
    sheet.write_text(
        '[course]\ntitle="ML"\n[sheet]\ntitle="S"\nprint_name=false\nprint_id=false\n[[exercises]]\nid="kl_normal_1d"\n'
    )
    args = ["build", str(sheet), "--seed", "3", "--roster", str(roster), "--out", str(tmp_path / "o"), "--lang", "en"]
    assert CliRunner().invoke(app, args).exit_code == 0
    text = Built(tmp_path / "o", "").text("questions", "m4711", "en")
    assert "Lovelace" not in text
    assert "m4711" not in text
    assert json.loads((tmp_path / "o" / "manifest.json").read_text())["students"][0]["code"] in text
