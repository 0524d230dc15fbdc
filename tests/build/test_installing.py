"""What `doctor --install` does on each system: it runs what needs no more rights, and prints everything else."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build import doctor, installing
from blattwerk.build.doctor import Finding
from blattwerk.build.installing import Remedy, remedies, run
from blattwerk.build.libraries import MISSING
from blattwerk.cli import app


def has(*programs: str) -> Callable[[str], str | None]:
    """A system with these programs."""
    return lambda name: f"/usr/bin/{name}" if name in programs else None


@pytest.mark.parametrize(
    ("platform", "programs", "user", "line", "runs"),
    [
        ("linux", ("apt-get",), 1000, "sudo apt-get update && sudo apt-get install --yes --no-install-rec", False),
        ("linux", ("apt-get",), 0, "apt-get update && apt-get install --yes --no-install-recommends lmodern", True),
        ("linux", ("dnf",), 0, "install a full TeX Live", False),
        ("darwin", ("brew",), 501, "brew install --cask mactex-no-gui", False),
        ("darwin", (), 501, "install MacTeX", False),
        ("win32", (), 1000, "on Windows, Blattwerk runs inside WSL", False),
    ],
)
def test_each_system_has_one_line(
    monkeypatch: pytest.MonkeyPatch, platform: str, programs: tuple[str, ...], user: int, line: str, runs: bool
) -> None:
    """It is run only where it needs no privileges that we have not."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(shutil, "which", has(*programs))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    (remedy,) = remedies((), ("texlive-luatex", "lmodern", "lmodern"))
    assert remedy.line.startswith(line) and bool(remedy.programs) == runs
    assert "\n" not in remedy.line


def test_libraries_go_where_blattwerk_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into an environment of pipx by pipx, of uv by uv, and by pip else."""
    assert remedies(("scipy", "scipy"), ())[0].programs == ((sys.executable, "-m", "pip", "install", "scipy"),)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "pipx_metadata.json").write_text("{}")
    assert remedies(("scipy",), ())[0].line == "pipx inject blattwerk scipy"
    (tmp_path / "pipx_metadata.json").unlink()
    monkeypatch.setattr("blattwerk.build.libraries._version", lambda name: MISSING)
    assert remedies(("scipy",), ())[0].line == f"uv pip install --python {sys.executable} scipy"


def test_a_remedy_is_run_up_to_the_first_failure(tmp_path: Path) -> None:
    """And a program that is not there is a failure, not a traceback."""
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(Remedy("", (("touch", str(first)), ("touch", str(second))))) and second.exists()
    assert not run(Remedy("", (("false",), ("touch", str(tmp_path / "third"))))) and not (tmp_path / "third").exists()
    assert not run(Remedy("", ((str(tmp_path / "nowhere"),),)))


def test_the_command_prints_and_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing and not needed (torch) is not installed unasked."""
    missing = (
        Finding("Python", "3.12"),
        Finding("torch", "not found", "pip install torch", needed=False, library="torch"),
        Finding("lmodern.sty", "not found", "apt-get install lmodern", package="lmodern"),
    )
    asked: list[tuple[list[str], list[str]]] = []
    monkeypatch.setattr(doctor, "examine", lambda: missing)

    def noted(libraries: object, packages: object) -> tuple[Remedy, ...]:
        asked.append((list(libraries), list(packages)))  # type: ignore[call-overload]
        return Remedy("true", (("true",),)), Remedy("sudo something")

    monkeypatch.setattr(installing, "remedies", noted)
    result = CliRunner().invoke(app, ["doctor", "--install"])
    assert asked == [([], ["lmodern"])]
    assert result.exit_code == 1 and "without torch" in result.output
    assert "running: true\ndone" in result.output and "to be done by hand: sudo something" in result.output
    monkeypatch.setattr(doctor, "examine", lambda: missing[:2])
    result = CliRunner().invoke(app, ["doctor", "--install"])
    assert result.exit_code == 0 and "nothing that a build needs is missing" in result.output
