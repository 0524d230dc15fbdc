"""One student's failure is one student's: whatever a topic's code does, it is named, and the others are built."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blattwerk.build import limits
from blattwerk.build.order import catalogue as rooms
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.errors import InputError
from tests.build.classes import built, german

ROOT = Path(__file__).parents[2]
ID = "kl_gaussian"
SHEET = checked_sheet(
    {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": ID, "difficulty": "hard"}]}, "test"
)


def for_ever() -> None:
    """What no student should wait for; it does not let itself be stopped easily either."""
    try:
        while True:
            time.sleep(0.01)
    except BaseException:  # noqa: BLE001  # a topic that catches all, once
        while True:
            time.sleep(0.01)


def by_zero() -> None:
    """A mistake of the topic's author."""
    print(1 / 0)


@pytest.fixture(params=["draw", "solve", "answers", "figures", "oracle"])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], str]:
    """Let one function of a topic do something for student b; returned is the function's name."""
    step = request.param

    def break_with(trouble: Callable[[], None]) -> str:
        topic = rooms.whole_catalogue().topics[ID]
        exercise, chosen = topic.exercise, set()

        def draw(draws: Any, difficulty: Any) -> Any:
            params = exercise.draw(draws, difficulty)
            if draws.student == "b":
                chosen.add(params)
                if step == "draw":
                    trouble()
            return params

        def troubled(function: Callable[..., Any]) -> Callable[..., Any]:
            def called(params: Any, *more: Any) -> Any:
                if params in chosen:
                    trouble()
                return function(params, *more)

            called.__name__ = function.__name__
            return called

        more: dict[str, Any] = {} if step == "draw" else {step: troubled(getattr(exercise, step, exercise.oracles[0]))}
        if "oracle" in more:
            more = {"oracles": (more["oracle"], *exercise.oracles[1:])}
        changed = replace(topic, exercise=replace(exercise, draw=draw, **more))
        monkeypatch.setattr(rooms, "whole_catalogue", lambda: rooms.Catalogue({ID: changed}, ()))
        return step

    return break_with


def failure_of_b(folder: Path) -> str:
    """Build three students; the second one fails alone."""
    orders = german(SHEET, "a", "b", "c")
    report, records = built(orders, folder)
    assert [record.id for record in records] == ["a", "c"]
    assert {path.name for path in report.written} == {"a.de.pdf", "c.de.pdf"}
    assert list(report.failures) == ["b"]
    return report.failures["b"]


def test_an_exception_is_named_and_stops_one_student(broken: Callable[..., str], tmp_path: Path) -> None:
    """With student, exercise, difficulty, type, words, file and line, and the command that shows it again."""
    broken(by_zero)
    said = failure_of_b(tmp_path)
    assert said.startswith(f"student 'b', exercise '{ID}' (hard): {ID}: "), said
    assert "ZeroDivisionError: division by zero" in said
    assert ".py:" in said
    assert said.endswith("(to see it again: build SHEET --seed 7 --only b --tex)")


def test_what_never_ends_is_stopped(
    broken: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the limit, also what catches everything; the others are built."""
    monkeypatch.setenv("BLATTWERK_SECONDS", "4")
    broken(for_ever)
    said = failure_of_b(tmp_path)
    assert said.startswith(f"student 'b', exercise '{ID}' (hard): {ID}: "), said
    assert "TimeUp: it did not end within 4 s and was stopped (BLATTWERK_SECONDS sets the limit)" in said


def test_a_mistake_of_our_own_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names our file and line, and stops one student too."""
    from blattwerk.build import make

    right, nothing = make.printed, ()

    def wrong(proven: Any) -> Any:
        return nothing[0] if proven.order.student.id == "b" else right(proven)

    monkeypatch.setattr(make, "printed", wrong)
    said = failure_of_b(tmp_path)
    assert said.startswith("student 'b': a mistake in Blattwerk itself: ")
    assert "make.py:" in said and "IndexError: tuple index out of range; please report it" in said


@pytest.mark.parametrize("in_main", [True, False])
def test_the_limit_holds_in_any_thread(in_main: bool) -> None:
    """Dask's workers have others than the main one; afterwards nothing comes late."""
    found: list[str] = []

    def work() -> None:
        try:
            with limits.within(0.2), limits.within(100):
                while True:
                    pass
        except limits.TimeUp as end:
            found.append(str(end))
        with limits.within(0.3):
            found.append("within")
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            pass
        found.append("nothing came late")

    if in_main:
        work()
    else:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found[0].startswith("it did not end within 0.2 s")
    assert found[1:] == ["within", "nothing came late"]


@pytest.mark.parametrize("said", ["abc", "0", "-1", "nan", "inf"])
def test_an_absurd_limit_is_wrong_input(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable."""
    monkeypatch.setenv("BLATTWERK_SECONDS", said)
    with pytest.raises(InputError, match=f"BLATTWERK_SECONDS is '{said}'; it is a number of seconds above 0"):
        limits.seconds()


TOPIC = """
import time
from dataclasses import replace
from blattwerk.generators.kl_gaussian import EXERCISE as OURS

def draw(draws, difficulty):
    if draws.student == "s2":
        1 / 0
    while draws.student == "s5":
        time.sleep(0.01)
    return OURS.draw(draws, difficulty)

EXERCISE = replace(OURS, id="trouble", draw=draw)
"""


@pytest.fixture
def troubled(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """The command, with a topic on its path that makes trouble for two students."""
    site = tmp_path / "site"
    (site / "trouble-1.dist-info").mkdir(parents=True)
    (site / "trouble-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: trouble\nVersion: 1\n")
    (site / "trouble-1.dist-info" / "entry_points.txt").write_text(
        "[blattwerk.exercises]\ntrouble = trouble:EXERCISE\n"
    )
    (site / "trouble.py").write_text(TOPIC)
    shutil.copytree(ROOT / "blattwerk/templates" / ID, site / "templates" / "trouble")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(site))),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }

    def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "blattwerk", *arguments],
            cwd=tmp_path,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_workers_go_on_and_the_command_shows_it_again(
    tmp_path: Path, troubled: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    """In two processes; the command that is printed fails in the same way, for that student alone."""
    (tmp_path / "a class.csv").write_text("id,name\n" + "".join(f"s{i},Student {i}\n" for i in range(6)))
    (tmp_path / "sheet.toml").write_text('[course]\ntitle="M"\n[sheet]\ntitle="S"\n[[exercises]]\nid="trouble"\n')
    arguments = ["build", "sheet.toml", "--seed", "1", "--roster", "a class.csv", "--lang", "en", "--jobs", "2"]
    run = troubled(*arguments, BLATTWERK_SECONDS="8")
    assert run.returncode == 1, run.stderr
    there = {path.name for path in (tmp_path / "out").glob("[qs]*/*.pdf")}
    assert there == {f"s{i}.en.pdf" for i in (0, 1, 3, 4)}
    first, second = [line for line in run.stderr.splitlines() if line.startswith("failed: ")]
    assert first.startswith("failed: student 's2', exercise 'trouble' (standard): trouble: the draw broke down: ")
    assert "trouble.py:8: ZeroDivisionError: division by zero" in first
    assert "TimeUp: it did not end within 8 s" in second and "trouble.py:10" in second
    command = first.rpartition("(to see it again: ")[2].removesuffix(")")
    assert command == ("blattwerk build sheet.toml --seed 1 --roster 'a class.csv' --lang en --out out --only s2 --tex")
    again = troubled(*shlex.split(command)[1:])
    assert [line for line in again.stderr.splitlines() if line.startswith("failed: ")] == [first]


def test_after_failed_solutions_the_hint_restores_and_does_not_draw(
    tmp_path: Path, troubled: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    """What it names is the command that failed, for this student, and it fails again in the same way."""
    (tmp_path / "sheet.toml").write_text('[course]\ntitle="M"\n[sheet]\ntitle="S"\n[[exercises]]\nid="trouble"\n')
    (tmp_path / "class.csv").write_text("id,name\ns0,A\n")
    done = troubled("build", "sheet.toml", "--seed", "1", "--roster", "class.csv", "--lang", "en", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    (tmp_path / "site/templates/trouble/en.tex.j2").write_text("<% block intro %><< 1 // 0 >><% endblock %>")
    run = troubled("solutions", "out/manifest.json", "--out", "again", "--jobs", "1")
    assert run.returncode == 1
    (line,) = [line for line in run.stderr.splitlines() if line.startswith("failed: ")]
    assert line.startswith("failed: student 's0', exercise 'trouble' (standard): ")
    command = line.rpartition("(to see it again: ")[2].removesuffix(")")
    assert command == "blattwerk solutions out/manifest.json --out again --only s0"
    again = troubled(*shlex.split(command)[1:])
    assert [one for one in again.stderr.splitlines() if one.startswith("failed: ")] == [line]
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["students"]
