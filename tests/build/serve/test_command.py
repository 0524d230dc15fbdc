"""The command: what it refuses, which port it takes, how it ends; and a demo on the page."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from blattwerk.build.limits import VARIABLE
from blattwerk.build.serve import server as http
from blattwerk.build.serve.server import HOST, server
from blattwerk.build.serve.site import Site
from blattwerk.build.serve.subject import Subject, check
from blattwerk.commands.serve import serve
from blattwerk.errors import InputError, UnknownExercise
from tests.build.serve.asking import ask, begin, ended
from tests.build.serve.conftest import Serve


@pytest.fixture(autouse=True)
def _settings_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command sets for its own process is taken back."""
    monkeypatch.setenv(VARIABLE, "120")
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)


def test_what_there_is_not_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the nearest id, or with the file that is not there; no server is started."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownExercise, match="did you mean softmax"):
        serve("softmaxx")
    with pytest.raises(InputError, match=r"there is no sheet file nothing\.toml"):
        serve("nothing.toml")
    with pytest.raises(InputError, match=r"there is no topic file nothing\.md"):
        serve("nothing.md")


def test_a_topic_that_is_broken_is_served_until_it_is_mended(page: Path) -> None:
    """It can be named: the page shows its mistake."""
    text = page.read_text()
    page.write_text(text.replace("```python solve\n", "```python solve\nnonsense = (\n"))
    try:
        check(Subject(topic="mine"))
        assert Site(Subject(topic="mine")).mistake().startswith(f"{page}:")
    finally:
        page.write_text(text)


def test_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was asked for is an error; the usual one gives way to another."""
    site = Site(Subject(topic="softmax"))
    with server(site, 0) as first:
        taken = first.guard.port
        with pytest.raises(InputError, match=f"port {taken} of {HOST} cannot be had"):
            server(site, taken)
        monkeypatch.setattr(http, "PORT", taken)
        with server(site, None) as second:
            assert second.guard.port not in (taken, 0)
            assert second.server_address[0] == "127.0.0.1"
            assert second.guard.token != first.guard.token


@pytest.mark.long
def test_ctrl_c_ends_it_with_one_line(tmp_path: Path) -> None:
    """Also while a page listens: no traceback, at once."""
    command = [sys.executable, "-m", "blattwerk", "serve", "softmax"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    start = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, "blattwerk: interrupted\n")
    assert time.monotonic() - start < 10


@pytest.mark.long
def test_a_demo_is_trained_with_progress_and_stands_in_the_solution(serve: Serve) -> None:
    """Before it there is none; afterwards its figure and reading are in the solution of these numbers."""
    site = serve(Subject(topic="bernoulli_vae"))
    look = "look?name=bernoulli_vae&seed=1"
    before = ask(site, look).json["look"]["html"]["en"]["solution"]
    said = ended(site, begin(site, "kind=demo&name=bernoulli_vae&seed=1"), patience=300)
    assert said["state"] == "done", said
    assert said["done"] == said["total"] > 1
    after = ask(site, look).json["look"]["html"]["en"]["solution"]
    assert after.count("<svg") == before.count("<svg") + 1
    assert ask(site, "look?name=bernoulli_vae&seed=2").json["look"]["html"]["en"]["solution"].count(
        "<svg"
    ) < after.count("<svg")
