"""The contract that every programming notebook keeps."""

import ast
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

from blattwerk.build.notebooks.cells import PROSE, Cell, cells, notebook_bytes, open_cells
from blattwerk.build.notebooks.writing import literal, topic_cells
from blattwerk.build.order.catalogue import catalogue, find_topic
from blattwerk.build.page.words import words
from blattwerk.errors import TemplateFailure
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.instances import instance
from tests.notebooks.course import code, graded, run, solved

IDS = tuple(exercise for exercise in catalogue() if find_topic(exercise).has_notebook())
every_notebook = pytest.mark.parametrize("exercise_id", IDS)
every_language = pytest.mark.parametrize("lang", LANGUAGES)


def node(shown: tuple[Cell, ...]) -> Any:
    """The notebook as nbformat reads it."""
    return nbformat.reads(notebook_bytes(shown).decode(), as_version=4)


def test_two_topics_have_one() -> None:
    """Inpainting, and the training step from scratch."""
    assert set(IDS) >= {"inpainting", "train_from_scratch"}


@every_notebook
def test_both_languages_have_the_same_code(exercise_id: str) -> None:
    """Cell by cell, apart from comments, docstrings and messages; the texts differ."""
    english, german = (solved(exercise_id, lang) for lang in LANGUAGES)
    assert [(c.kind, c.name, c.points) for c in english] == [(c.kind, c.name, c.points) for c in german]
    for one, other in zip(english, german, strict=True):
        if one.kind in PROSE:
            assert one.source != other.source
        else:
            assert _bare(one.source) == _bare(other.source)


def _bare(source: str) -> str:
    """The syntax tree of Python code, its texts emptied."""
    tree = ast.parse(source)
    for part in ast.walk(tree):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            part.value = ""
    return ast.dump(tree)


@every_notebook
@every_language
def test_the_student_gets_nothing_of_the_solution(exercise_id: str, lang: Lang) -> None:
    """What nbgrader's own preprocessor makes of the solution is the student's notebook, to the letter."""
    from nbgrader.preprocessors import ClearSolutions

    whole = solved(exercise_id, lang)
    open_ = open_cells(whole, lang)
    stub = f'raise NotImplementedError("{words(lang).notebook_open}")'
    clear = ClearSolutions(code_stub={"python": stub}, text_stub=words(lang).notebook_answer)
    cleared, _ = clear.preprocess(node(whole), {})
    assert cleared == node(open_)
    assert b"SOLUTION" not in notebook_bytes(open_)
    text = "\n".join(cell.source for cell in open_)
    for cell, kept in zip(whole, open_, strict=True):
        gone = set(cell.source.splitlines()) - set(kept.source.splitlines()) - {""}
        assert bool(gone) == (cell.kind in ("task", "answer"))
        assert not [line for line in gone if line.strip() in text]
    empty = [(c.outputs, c.execution_count) for c in node(open_).cells if c.cell_type == "code"]
    assert empty == [([], None)] * len(code(whole))


@every_notebook
@every_language
def test_it_is_a_valid_notebook_for_jupyter_and_nbgrader(exercise_id: str, lang: Lang) -> None:
    """nbformat 4.5, with ids that tell what a cell is; nbgrader finds tasks, checks and answers with their points."""
    from nbgrader.preprocessors import CheckCellMetadata

    whole = solved(exercise_id, lang)
    for shown in (whole, open_cells(whole, lang)):
        notebook = node(shown)
        nbformat.validate(notebook)
        CheckCellMetadata().preprocess(notebook, {})
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert [cell.id for cell in notebook.cells] == [cell.name for cell in shown]
    marks = {cell.name: cell.points for cell in whole if cell.points}
    assert sum(marks.values()) >= 10
    for task, check in pairwise(code(whole)):
        assert task.kind != "task" or (check.kind == "check" and check.name in marks)


@every_notebook
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_solution_passes_its_checks(exercise_id: str, difficulty: Difficulty) -> None:
    """At each difficulty, with each student's numbers."""
    run(graded(solved(exercise_id, difficulty=difficulty)))


@every_notebook
@every_language
def test_the_students_notebook_stops_at_the_first_task(exercise_id: str, lang: Lang) -> None:
    """Its check says what there is to do."""
    executed = graded(open_cells(solved(exercise_id, lang), lang))
    first = next(i for i, cell in enumerate(executed) if cell.kind == "check")
    names = run(executed[:first])
    with pytest.raises(NotImplementedError, match=words(lang).notebook_open):
        run(executed[first:], names)


@every_notebook
def test_the_code_is_in_good_form(exercise_id: str, tmp_path: Path) -> None:
    """ruff finds nothing and would format nothing, in both languages and both files."""
    for lang in LANGUAGES:
        whole = solved(exercise_id, lang)
        for name, shown in (("solution", whole), ("student", open_cells(whole, lang))):
            (tmp_path / f"{name}.{lang}.ipynb").write_bytes(notebook_bytes(shown))
    ruff = [sys.executable, "-m", "ruff"]
    rules = ["--select=E,F,W,B,UP,SIM,C4", "--ignore=B905,E266"]  # the marks of nbgrader; zip() without strict
    for command in (["check", *rules, "--per-file-ignores=student*:F401"], ["format", "--check"]):
        call = [*ruff, *command, "--isolated", "--no-cache", "--line-length=110", str(tmp_path)]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@every_notebook
def test_every_student_has_a_notebook_of_their_own(exercise_id: str) -> None:
    """Other numbers on the sheet or another seed, another notebook; the same, the same."""
    one, other = instance(exercise_id, 1), instance(exercise_id, 2)
    seeds = [Draws(b"", n, "s", exercise_id).integer("seed of the notebook", 0, 2**48) for n in range(2)]
    made = [notebook_bytes(topic_cells(i, seed, "en")) for i, seed in ((one, seeds[0]), (other, seeds[1]))]
    assert made[0] != made[1]
    assert notebook_bytes(topic_cells(instance(exercise_id, 1), seeds[0], "en")) == made[0]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\n# %% code a\n", "stands before the first cell"),
        ("# %% code a\n1\n# %% code a\n2\n", "two cells are called 'a'"),
        ("# %% code a\n1\n# %% cod b\n2\n", "looks like the beginning of a cell"),
        ("# %% code A b\n1\n", "stands before the first cell"),
        ("# %% check a\n1\n", "checks and answers have points"),
        ("# %% code a 3\n1\n", "checks and answers have points"),
        ("# %% task a\n1\n", "every task, and nothing else, has a solution"),
        ("# %% code a\n### BEGIN SOLUTION\n1\n### END SOLUTION\n", "every task, and nothing else, has a solution"),
        ("# %% task a\n### BEGIN SOLUTION\n1\n", "every task, and nothing else, has a solution"),
    ],
)
def test_a_template_that_breaks_a_rule_is_refused(source: str, message: str) -> None:
    """With the file, the cell and the rule; above all where a solution would slip through."""
    with pytest.raises(TemplateFailure, match=f"templates/x.*{message}"):
        cells(source, "templates/x")


def test_only_numbers_are_printed_into_a_notebook() -> None:
    """As Python writes them; a text of the student's, a float or nothing at all is an error."""
    from fractions import Fraction

    assert literal(((1, -2), (3, 4))) == "[[1, -2], [3, 4]]"
    assert literal(Fraction(1, 20)) == "1 / 20"
    for value in ("text", 0.5, None, True):
        with pytest.raises(TypeError, match="was printed into a notebook"):
            literal(value)


@pytest.mark.parametrize(
    ("right", "wrong", "what"),
    [
        ("<< height >>,", "<< hight >>,", "'hight' is undefined"),
        ("<< height >>,", "<< params.nothing >>,", "no 'nothing' among "),
        ("<< height >>,", "<< 1.5 >>,", "a float was printed into a notebook; only numbers and say(...) can be"),
    ],
)
def test_a_template_that_goes_wrong_is_named(
    right: str, wrong: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its topic, file, line and language."""
    topic = find_topic("inpainting")
    text = (topic.templates / "notebook.py.j2").read_text(encoding="utf-8")
    line = text[: text.index(right)].count("\n") + 1
    (tmp_path / "notebook.py.j2").write_text(text.replace(right, wrong, 1), encoding="utf-8")
    monkeypatch.setitem(topic.__dict__, "templates", tmp_path)
    with pytest.raises(TemplateFailure) as caught:
        topic_cells(instance("inpainting"), 1, "en")
    assert str(caught.value).startswith(f"topic inpainting, {tmp_path}/notebook.py.j2:{line}, en: {what}")
