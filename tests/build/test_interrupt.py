"""Stopped at any moment: whole files only, no process left, and the next run goes on from there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest

ROOT = Path(__file__).parents[2]
STUDENTS = 60


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """A build of a class that takes long enough to be interrupted."""
    roster = tmp_path / "class.csv"
    roster.write_text("id,name,email\n" + "".join(f"s{i},Student {i},s{i}@x.org\n" for i in range(STUDENTS)))
    sheet = tmp_path / "sheet.toml"
    sheet.write_text('[course]\ntitle="ML"\n[sheet]\ntitle="S"\n[[exercises]]\nid="kl_normal_1d"\n')
    arguments = ["build", str(sheet), "--seed", "1", "--roster", str(roster), "--out", str(tmp_path / "out")]
    return [sys.executable, "cli.py", *arguments, "--jobs", "2"]


def started(command: list[str], tmp_path: Path) -> "subprocess.Popen[str]":
    """The command under way, with a cache of its own, in a process group of its own; its first files are there."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_listening,
    )
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out").rglob("*.pdf")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def _listening() -> None:
    """A shell may start background processes with Ctrl-C ignored; a user's terminal does not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def processes_of(session: int) -> list[str]:
    """The command lines of all living processes of a session, from /proc (a minimal Debian has no ps)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, sid = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(sid) == session and state != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
    return found


def whole_pdfs(folder: Path) -> int:
    """How many PDFs there are; each one opens."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    for path in paths:
        assert path.suffix in (".pdf", ".json")
        if path.suffix == ".pdf":
            pikepdf.open(path).close()
    return sum(path.suffix == ".pdf" for path in paths)


def test_ctrl_c_stops_within_two_seconds(command: list[str], tmp_path: Path) -> None:
    """The main process and its workers; the message has no traceback."""
    process = started(command, tmp_path)
    before = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert time.monotonic() - before < 2
    assert process.returncode == 130
    assert "interrupted; the files written so far are whole" in errors
    assert "Traceback" not in errors
    time.sleep(0.5)
    assert processes_of(process.pid) == []
    assert 0 < whole_pdfs(tmp_path / "out") < 4 * STUDENTS


def test_after_a_kill_the_next_run_goes_on(command: list[str], tmp_path: Path) -> None:
    """SIGKILL of the whole group: what is there is whole, and the next run completes it without making it again."""
    process = started(command, tmp_path)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    there = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.pdf")}
    assert 0 < whole_pdfs(tmp_path / "out") < 4 * STUDENTS
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert whole_pdfs(tmp_path / "out") == 4 * STUDENTS
    kept = sum(path.stat().st_mtime_ns == time_ for path, time_ in there.items())
    assert kept >= len(there) - 4  # the student being written when the kill came may be made again
