"""All demands together, and the command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build.check import planted
from blattwerk.build.check.check import DEMANDS, SEEDS, check, told
from blattwerk.build.check.complaint import Case, Complaint
from blattwerk.build.check.planted import planted_errors_found
from blattwerk.build.check.sources import node_of, reachable
from blattwerk.build.order.catalogue import find_topic
from blattwerk.cli import app
from tests.build.check.conftest import Broken
from tests.build.check.foreign import Change, install, line, where

ROOT = Path(__file__).parents[3]
NO_HINT: Change = ("de.tex.j2", "<% block area_hint %>\nMultiplizieren Sie.\n<% endblock %>\n", "")


def run(site: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command, with what is installed in this folder."""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "cli.py", "check", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_demand_that_breaks_down_does_not_stop_the_others(broken: Broken) -> None:
    """What the solver raises is told once, with its place, however many demands it stops; so is the rest."""
    topic, home = broken(("solver.py", "return 2 * (width + height)", "return width // 0"), NO_HINT)
    first, *others = check(topic, 1)
    assert first.place == f"{home / 'solver.py'}:{line(home, 'solver.py', 'width // 0')}"
    assert "ZeroDivisionError" in first.message
    assert [one.demand for one in others if one.place != first.place] == ["same_blocks"]


def test_complaints_come_in_the_order_of_mending(broken: Broken) -> None:
    """Whatever is wrong with the words is told after what is wrong with the numbers."""
    topic, home = broken(NO_HINT, ("solver.py", "derive(width * height)", "derive(width + height)"))
    complaints = check(topic, 1)
    names = [demand.__name__ for demand in DEMANDS]
    said = [names.index(complaint.demand) for complaint in complaints]
    assert said == sorted(said)
    assert complaints[0].demand == "proven"
    assert f"{where(home, 'de.tex.j2')}" in {complaint.place for complaint in complaints}


def test_what_an_author_reads() -> None:
    """Grouped by demand, with a closing line."""
    complaints = (Complaint("exact", "a.py:1", "one"), Complaint("exact", "a.py:2", "two"))
    assert list(told("x", complaints)) == [
        "All numbers are exact. (exact)",
        "  a.py:1: one",
        "  a.py:2: two",
        f"x keeps {len(DEMANDS) - 1} of {len(DEMANDS)} demands: 2 complaints; mend the first ones first",
    ]
    assert list(told("x", ())) == [f"x keeps {len(DEMANDS)} of {len(DEMANDS)} demands"]


def test_planting_leaves_no_trace(broken: Broken) -> None:
    """The modules are the same ones afterwards, and solve as before."""
    topic, home = broken()
    before, module = Case(topic, 7, "easy").instance().solution, sys.modules[f"{home.name}.solver"]
    assert list(planted_errors_found(topic, SEEDS)) == []
    assert sys.modules[f"{home.name}.solver"] is module
    assert sys.modules[home.name].solver is module  # type: ignore[attr-defined]
    assert Case(topic, 7, "easy").instance().solution == before


def test_a_mutant_without_an_end_is_stopped(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that counts in the wrong direction is found, not waited for."""
    monkeypatch.setattr(planted, "SECONDS", 1)
    loop = "    n = 0\n    while n < 2:\n        n = n + 1\n    return n * (width + height)"
    topic, _ = broken(("solver.py", "    return 2 * (width + height)", loop))
    assert list(planted_errors_found(topic, SEEDS)) == []


def test_our_own_call_graph() -> None:
    """The module of the solver, and no other topic's."""
    topic = find_topic("kl_gaussian")
    module = "blattwerk.solvers.kl_gaussian"
    reached = reachable(topic, node_of(topic.exercise.solve))
    assert (module, "solve") in reached
    assert all(home == module or home.startswith("blattwerk.vocabulary.") for home, _ in reached)


def test_the_command_praises_a_good_topic() -> None:
    """One line, and exit code 0."""
    result = CliRunner().invoke(app, ["check", "kl_histogram", "--seeds", "1", "--jobs", "1"])
    assert result.exit_code == 0
    assert result.stdout == f"kl_histogram keeps {len(DEMANDS)} of {len(DEMANDS)} demands\n"


def test_the_command_names_the_place_of_a_mistake(tmp_path: Path) -> None:
    """Exit code 1, the places, a closing line, no traceback; of another package, by several workers."""
    home = install(tmp_path, "bad_rectangle", (("solver.py", "2 * strips * STRIP", "3 * strips * STRIP"),))
    done = run(tmp_path, "bad_rectangle", "--seeds", "1", "--jobs", "2")
    assert done.returncode == 1
    assert f"  {home / 'solver.py'}:{line(home, 'solver.py', 'def by_strips')}: " in done.stdout
    assert done.stdout.splitlines()[-1].startswith("bad_rectangle keeps ")
    assert "Traceback" not in done.stdout + done.stderr
