"""Demos on sheets: trained together, kept in the manifest, shown in the solution and not in the question."""

import os
import subprocess
import sys
from concurrent.futures import Executor, Future
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from blattwerk.build.demos import training
from blattwerk.build.demos.training import demo_of
from blattwerk.build.numbers import Drawn, draw
from blattwerk.build.order.catalogue import find
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.order.sheet_file import SheetFile, checked_sheet
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.manifest import order_again
from blattwerk.cli import app
from blattwerk.errors import SheetFileError, TrainingFailure
from blattwerk.vocabulary.demo import Demo, Findings, measured, thinned
from tests.build.classes import built, german, manifest

ROOT = Path(__file__).parents[3]


def sheet(**more: object) -> SheetFile:
    """A sheet with one exercise and its demo."""
    exercise = {"id": "noisy_labels", "demo": True, "without": ["bound", "objectives"], **more}
    return checked_sheet({"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [exercise]}, "sheet")


def orders(*students: str) -> tuple[Ordered, ...]:
    """German question and solution for each student."""
    return german(sheet(), *students)


def drawn(*students: str) -> tuple[Drawn, ...]:
    """The same with their numbers."""
    return tuple(map(draw, orders(*students)))


def text(pdf: Path) -> str:
    """The text of a PDF."""
    return subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def few_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings of three students: as long as of a hundred they need not take here."""
    monkeypatch.setattr(training, "demo_of", lambda exercise: replace(demo_of(exercise), lanes=3))


@pytest.mark.usefixtures("few_lanes")
def test_findings_stand_in_the_solution_and_in_the_manifest_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question says what was trained and shows no number; the solution is made again without training."""
    report, records = built(orders("a", "b"), tmp_path / "out")
    assert not report.failures
    first = records[0].exercises[0].demo
    assert first is not None and first.id == "D1"
    question, solution = (text(tmp_path / "out" / kind / "a.de.pdf") for kind in ("questions", "solutions"))
    for value in first.numbers.values():
        printed = str(value).replace(".", ",")
        assert printed in solution and printed not in question
    assert "Experiment." in question and "Experiment." in solution

    def forbidden(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(training, "trained", forbidden)
    again, _ = built(order_again(manifest(sheet(), records)), tmp_path / "again")
    assert not again.failures
    there = (tmp_path / "out" / "solutions" / "a.de.pdf").read_bytes()
    assert (tmp_path / "again" / "solutions" / "a.de.pdf").read_bytes() == there


@pytest.mark.usefixtures("few_lanes")
def test_findings_are_kept_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A student more, and only that one is trained."""
    trained: list[int] = []

    def noted(chunk: training.Chunk) -> tuple[Findings | str, ...]:
        trained.append(len(chunk.owners))
        return real(chunk)

    real = training.train_chunk
    monkeypatch.setattr(training, "train_chunk", noted)
    held = Cache(tmp_path)
    settings = training.wanted(drawn("a", "b"))
    first = training.train(settings, cache=held)
    both = training.train(training.wanted(drawn("c", "a", "b")), cache=held)
    assert trained == [2, 1]
    assert {key: both[key] for key in first} == first


def test_a_training_that_fails_stops_its_own_sheet_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each student of the chunk is then trained alone."""
    demo = demo_of(find("noisy_labels"))
    wrong = training.wanted(drawn("b"))[0].setting

    def train(settings: list[object], advance: object) -> tuple[Findings, ...]:
        if wrong in settings:
            raise TrainingFailure("a training ended in nan")
        return demo.train(settings, lambda steps: None)

    broken: Demo[object, object] = replace(demo, train=train, lanes=3)
    monkeypatch.setattr(training, "demo_of", lambda exercise: broken)
    report, records = built(orders("a", "b", "c"), tmp_path)
    assert [record.id for record in records] == ["a", "c"]
    assert "the demo of 'noisy_labels': a training ended in nan" in report.failures["b"]
    assert list(report.failures) == ["b"]


def test_measured_numbers_are_finite_decimals() -> None:
    """Rounded once, without a minus before zero; anything else is an error."""
    assert (measured(0.12345, 3), measured(-0.0001, 2)) == (Decimal("0.123"), Decimal("0.00"))
    assert str(measured(-0.0001, 2)) == "0.00"
    assert thinned([1.23456, -9876.5]) == (1.235, -9876.0)
    with pytest.raises(TrainingFailure, match="a training ended in nan"):
        measured(float("nan"), 3)


def test_a_demo_that_is_not_there_is_a_mistake_of_the_sheet_file() -> None:
    """Reported with its key."""
    with pytest.raises(SheetFileError, match=r"exercises\[1\].demo: there is no demo of kl_histogram"):
        sheet(id="kl_histogram", without=[])


def test_the_command_trains_reads_and_draws(tmp_path: Path) -> None:
    """By the demo's id, in German, with decimal commas; an unknown id lists those that there are."""
    run = CliRunner().invoke(app, ["demo", "d1", "--seed", "7", "--lang", "de", "--out", str(tmp_path)])
    assert run.exit_code == 0, run.output
    assert "aware     0," in run.output
    assert (tmp_path / "D1.seed-7.de.png").read_bytes().startswith(b"\x89PNG")
    wrong = CliRunner().invoke(app, ["demo", "D99", "--seed", "7"])
    assert wrong.exit_code == 1
    assert "there is no demo 'D99'; there are D1 (noisy_labels)" in str(wrong.exception)


THREADS = """
import torch
from blattwerk.build.demos.training import on_one_thread
from blattwerk.build.workers import processes

if __name__ == "__main__":
    with processes(2, 2) as pool:
        print(pool.submit(torch.get_num_threads).result())
    torch.set_num_threads(3)
    on_one_thread()
    print(torch.get_num_threads())
"""


def test_each_process_trains_on_one_thread(tmp_path: Path) -> None:
    """A worker and the main process, whatever the environment says: threads would fight for the cores."""
    (tmp_path / "threads.py").write_text(THREADS)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "4", "MKL_NUM_THREADS": "4"}
    run = subprocess.run(
        [sys.executable, str(tmp_path / "threads.py")], env=environment, capture_output=True, text=True, check=False
    )
    assert run.stdout == "1\n1\n", run.stderr


def test_a_training_says_before_it_begins_that_it_needs_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the main process trains."""
    seen = []
    demo = demo_of(find("noisy_labels"))

    def train(settings: object, advance: object) -> object:
        seen.append(torch.get_num_threads())
        raise TrainingFailure("enough")

    monkeypatch.setattr(training, "demo_of", lambda exercise: replace(demo, train=train))
    torch.set_num_threads(2)
    try:
        training.train_chunk(training.Chunk("noisy_labels", (("a", "noisy_labels"),), (None,)))
        assert seen == [1]
    finally:
        torch.set_num_threads(1)


def test_the_chunks_of_all_demos_are_handed_out_at_once() -> None:
    """So no core waits for one demo's last chunk while another's are left."""
    handed: list[str] = []

    class Slow(Executor):
        def submit(self, task: object, chunk: training.Chunk) -> "Future[object]":  # type: ignore[override]
            handed.append(chunk.exercise)
            future: Future[object] = Future()
            future.set_result(("nothing was trained",) * len(chunk.settings))
            return future

    demos = [training.Wanted((f"s{n}", one), one, None) for one in ("noisy_labels", "rbm_cd") for n in range(101)]
    found = training.train(demos, Slow())
    assert handed == ["noisy_labels"] * 2 + ["rbm_cd"] * 3
    assert len(found) == 202
