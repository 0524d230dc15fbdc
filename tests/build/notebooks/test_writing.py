"""Notebooks in a build: the student's file, the executed solution, the same again from the manifest, and failures."""

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from typer.testing import CliRunner

from blattwerk.build import libraries
from blattwerk.build.batch import Report
from blattwerk.build.codec import digest
from blattwerk.build.notebooks import execution
from blattwerk.build.notebooks.execution import Solution
from blattwerk.build.notebooks.writing import markdown, notebooks
from blattwerk.build.numbers import draw
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.keys import order_key
from blattwerk.build.store.manifest import Manifest, order_again
from blattwerk.cli import app
from blattwerk.errors import InputError, SheetFileError
from tests.build.classes import built as build
from tests.build.classes import manifest

HOSTILE = 'Zoë "Q" <script>alert(1)</script> [x](http://x.org) $a$ `b` """ {{c}} *d* {% e %}'
DATA: dict[str, Any] = {
    "course": {"title": "ML"},
    "sheet": {"title": "S", "number": 3},
    "exercises": [{"id": "inpainting", "notebook": True}, {"id": "train_from_scratch", "notebook": True}],
}
SHEET = checked_sheet(DATA, "sheet")


def orders(*students: Student, **changes: Any) -> tuple[Ordered, ...]:
    """German sheets for these students; the changes are those of the sheet's own table."""
    sheet = checked_sheet({**DATA, "sheet": {**DATA["sheet"], **changes}}, "sheet")
    return order(sheet, students, 7, ("de",))


@dataclass(frozen=True)
class Built:
    """A finished build."""

    folder: Path
    report: Report
    manifest: Manifest

    def notebook(self, name: str) -> Any:
        """A notebook as nbformat reads it."""
        return nbformat.reads((self.folder / name).read_text(encoding="utf-8"), as_version=4)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """One student, both notebooks, in German; the student's name is a bad one."""
    folder = tmp_path_factory.mktemp("built")
    with ThreadPoolExecutor(2) as pool:
        report, records = build(orders(Student("m.4711", HOSTILE)), folder, pool)
    assert not report.failures
    return Built(folder, report, manifest(SHEET, records))


def printed(notebook: Any, name: str) -> str:
    """What a cell has printed."""
    (cell,) = (cell for cell in notebook.cells if cell.id == name)
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_the_students_notebook_and_the_solution_lie_in_different_folders(built: Built) -> None:
    """Both are reported, both have their digest in the manifest, and both pass for a notebook."""
    names = {
        f"{folder}/m.4711.{exercise}.de.ipynb"
        for folder in ("notebooks", "solutions")
        for exercise in ("inpainting", "train_from_scratch")
    }
    assert {str(path.relative_to(built.folder)) for path in built.folder.rglob("*.ipynb")} == names
    assert {built.folder / name for name in names} <= set(built.report.written)
    (student,) = built.manifest.students
    for name in names:
        assert student.files[name] == digest((built.folder / name).read_bytes())
        nbformat.validate(built.notebook(name))


def test_the_solution_is_executed_and_the_students_notebook_is_not(built: Built) -> None:
    """Every check passed, every picture is there; the student's file has no output and no trace of the solution."""
    for exercise, pictures in (("inpainting", 3), ("train_from_scratch", 1)):
        solution = built.notebook(f"solutions/m.4711.{exercise}.de.ipynb")
        student = built.notebook(f"notebooks/m.4711.{exercise}.de.ipynb")
        outputs = [output for cell in solution.cells for output in cell.get("outputs", ())]
        assert sum("image/png" in output.get("data", {}) for output in outputs) == pictures
        assert not [output for output in outputs if output.get("name") == "stderr"]
        assert [cell.id for cell in solution.cells] == [cell.id for cell in student.cells]
        assert not any(cell.outputs or cell.execution_count for cell in student.cells if cell.cell_type == "code")
        assert solution.metadata == student.metadata
        for mine, theirs in zip(solution.cells, student.cells, strict=True):
            written = mine.metadata.get("nbgrader", {}).get("solution", False)
            assert (mine.source == theirs.source) == (not written)


def test_the_numbers_of_the_digits_are_as_they_should_be(built: Built) -> None:
    """PCA beats the mean, and is the mean with all components; the generator beats the mean; known pixels stay."""
    solution = built.notebook("solutions/m.4711.inpainting.de.ipynb")
    said = printed(solution, "comparison-code")
    errors = {name.strip(): float(value) for name, value in re.findall(r"^  (.+?) +(0\.\d{4})$", said, re.MULTILINE)}
    best = int(printed(solution, "curve-code").split(":")[1])
    assert 5 <= best <= 20
    assert errors[f"PCA, d = {best}"] < errors["PCA, d = 2"] < errors["Mittelwert"] == errors["PCA, d = 64"]
    assert errors["Generator"] < errors["Mittelwert"]
    assert said.endswith("durch den Generator: 0.0\n")
    assert printed(solution, "training-loop").startswith(f"[{'#' * 30}] 40/40")


def test_the_students_name_stands_in_the_title_alone_and_means_nothing_there(built: Built) -> None:
    """As typed for a reader, without any sign that Markdown, HTML or mathematics could read."""
    from nbconvert.filters import markdown2html

    notebook = built.notebook("notebooks/m.4711.inpainting.de.ipynb")
    title, *others = (cell.source for cell in notebook.cells)
    assert not [source for source in others if "Zoë" in source or "4711" in source]
    fact = title.split("\n\n")[1]
    assert not set(fact.replace("&#", "").replace(";", "")) & set('"<>[]$`{}*%/')
    html = markdown2html(fact)
    assert "<a" not in html and "<script" not in html and "<em" not in html
    assert HOSTILE in unescape(html)


def test_neither_name_nor_id_where_the_sheet_does_not_show_them() -> None:
    """As on the sheets; the code is always there."""
    (one,) = orders(Student("m4711", "Ada Lovelace"), print_name=False, print_id=False)
    for notebook in notebooks(draw(one)):
        text = "\n".join(cell.source for cell in notebook.solved)
        assert "m4711" not in text and "Lovelace" not in text
        assert markdown(one.code) in text


def test_the_question_sheet_names_the_file(built: Built) -> None:
    """In one sentence an exercise; the sample solution does not."""
    for kind, times in (("questions", 2), ("solutions", 0)):
        path = built.folder / kind / "m.4711.de.pdf"
        text = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout.decode()
        text = " ".join(text.split())
        assert text.count("Die Programmieraufgaben dazu stehen in der Datei m.4711.") == times


def test_solutions_come_back_from_the_manifest_byte_for_byte(built: Built, tmp_path: Path) -> None:
    """Executed again, with the stored seed: no draw, no secret, no student's notebook."""
    again = order_again(built.manifest)
    with ThreadPoolExecutor(2) as pool:
        report, _ = build(again, tmp_path, pool)
    assert not report.failures
    assert not (tmp_path / "notebooks").exists()
    for path in (built.folder / "solutions").glob("*.ipynb"):
        assert (tmp_path / "solutions" / path.name).read_bytes() == path.read_bytes()


def fake(solution: Solution) -> bytes | str:
    """Executes nothing; one student's notebook fails."""
    name = solution.path.partition("/")[2]
    return f"the notebook {name}: cell 'x': ValueError: no" if solution.student == "bad" else solution.content


def test_one_failing_notebook_stops_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure names student, notebook, cell and error; the others have all their files."""
    monkeypatch.setattr(execution, "execute_one", fake)
    report, records = build(orders(Student("bad"), Student("good")), tmp_path)
    assert list(report.failures) == ["bad"]
    assert "student 'bad': the notebook bad.inpainting.de.ipynb: cell 'x': ValueError: no" in report.failures["bad"]
    assert [record.id for record in records] == ["good"]
    made = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {"good.de.pdf", "good.inpainting.de.ipynb", "good.train_from_scratch.de.ipynb"}


def test_nothing_is_executed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache knows a notebook by its content: one more student, and only that one's are executed."""
    executed: list[str] = []

    def noted(solution: Solution) -> bytes | str:
        executed.append(solution.student)
        return solution.content

    monkeypatch.setattr(execution, "execute_one", noted)
    cache = Cache(tmp_path / "cache")
    for students in ("a", "a", "ab"):
        build(orders(*map(Student, students)), tmp_path / "out", cache=cache)
    assert executed == ["a", "a", "b", "b"]
    executed.clear()
    for entry in (tmp_path / "cache" / "entries").rglob("*.json"):
        entry.unlink()
    build(orders(Student("a")), tmp_path / "out", cache=cache)
    assert executed == []


def test_a_notebook_changes_nothing_else_on_the_sheet(tmp_path: Path) -> None:
    """The same numbers with and without it; the key of the sheet differs."""
    (with_it,) = orders(Student("a"))
    plain = with_it.sheet.model_copy(
        update={"entries": tuple(entry.model_copy(update={"notebook": False}) for entry in with_it.sheet.exercises)}
    )
    without = replace(with_it, sheet=plain)
    both = draw(with_it).exercises, draw(without).exercises
    assert [one.params for one in both[0]] == [one.params for one in both[1]]
    assert [one.notebook for one in both[1]] == [None, None]
    assert order_key(with_it) != order_key(without)


def test_an_exercise_without_a_notebook_is_a_mistake_in_the_sheet_file() -> None:
    """With the key, and where to look."""
    wrong = {**DATA, "exercises": [{"id": "kl_normal_1d", "notebook": True}]}
    with pytest.raises(SheetFileError, match=r"exercises\[1\].notebook: there is no notebook of kl_normal_1d; `list`"):
        checked_sheet(wrong, "sheet.toml")


def test_list_shows_which_exercises_have_one() -> None:
    """As JSON and as text."""
    rows = {row["id"]: row for row in json.loads(CliRunner().invoke(app, ["list", "--json"]).output)}
    assert rows["inpainting"]["notebook"] is True and rows["kl_normal_1d"]["notebook"] is False
    assert CliRunner().invoke(app, ["list"]).output.count("; notebook") == sum(row["notebook"] for row in rows.values())


def test_without_jupyters_libraries_a_build_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is drawn or trained."""
    monkeypatch.setattr(libraries, "libraries", lambda extra: {"nbclient": libraries.MISSING})
    with pytest.raises(InputError, match=r"need nbclient \(.*\[notebooks\]\); install with: .*pip install nbclient$"):
        build(orders(Student("a")), tmp_path)
    assert not list(tmp_path.iterdir())
