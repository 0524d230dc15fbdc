"""Sheets come from workers through files: the same bytes, and nothing is left behind."""

import pickle
import tempfile
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build.batch import make_and_leave
from blattwerk.build.make import Task, make
from blattwerk.build.numbers import draw
from blattwerk.build.store.blobs import Blobs
from blattwerk.build.store.cache import Cache
from blattwerk.cli import app
from tests.build.store.test_cache import contents, orders


def test_what_a_worker_leaves_is_what_it_made(tmp_path: Path) -> None:
    """Read when asked for, in another process too, and gone when disposed of."""
    tasks = tuple(Task(draw(one)) for one in orders("a"))
    (made,), (left,) = make(tasks), make_and_leave(tmp_path, None, tasks)
    assert isinstance(left.files, Blobs)
    assert dict(left.files) == dict(made.files)
    assert len(left.files) == 2
    assert left.record == made.record
    assert dict(pickle.loads(pickle.dumps(left.files))) == dict(made.files)
    left.files.dispose()
    assert not list(tmp_path.iterdir())


def test_the_last_of_a_key_counts(tmp_path: Path) -> None:
    """And no other entry is touched."""
    blobs = Blobs(tmp_path / "file")
    for key, content in (("a", b"1"), ("b", b"22"), ("a", b"333")):
        blobs.put(key, content)
    assert dict(blobs) == {"a": b"333", "b": b"22"}


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither after a build nor after one that is interrupted."""
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    monkeypatch.setattr(tempfile, "TemporaryDirectory", partial(tempfile.TemporaryDirectory, dir=waiting))
    roster = tmp_path / "class.csv"
    roster.write_text("id,name,email\n" + "".join(f"s{i},S,s@x.org\n" for i in range(6)))
    sheet = tmp_path / "sheet.toml"
    sheet.write_text('course.title="ML"\nsheet.title="S"\n[[exercises]]\nid="kl_normal_1d"\n')
    arguments = ["build", str(sheet), "--seed", "7", "--roster", str(roster), "--lang", "de"]
    first = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "out"), "--jobs", "2"])
    assert first.exit_code == 0, first.output
    assert not list(waiting.glob("blattwerk-*"))
    assert len(contents(tmp_path / "out")) == 15  # the sheets, the manifest, the answers and the key of the class

    def interrupted(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(Cache, "keep", interrupted)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cut = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "cut"), "--jobs", "2"])
    assert str(cut.exception) == "in the middle"
    assert not list(waiting.glob("blattwerk-*"))
