"""Sheets come from workers through files: the same bytes, and nothing is left behind."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from blattwerk.build import workers
from blattwerk.build.batch import build
from blattwerk.build.make import make
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.handover import Left, dispose, make_and_leave
from blattwerk.build.workers import processes
from tests.build.store.test_cache import contents, jobs


def test_what_a_worker_leaves_is_what_it_made(tmp_path: Path) -> None:
    """Read when asked for, and gone when disposed of."""
    (made,), (left,) = make(jobs("a")), make_and_leave(tmp_path, jobs("a"))
    assert isinstance(left.files, Left)
    assert dict(left.files) == dict(made.files)
    assert len(left.files) == 2
    assert left.record == made.record
    dispose(left)
    assert not list(tmp_path.iterdir())
    dispose(made)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither after a build nor after one that is interrupted."""
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    monkeypatch.setattr(workers, "TemporaryDirectory", partial(TemporaryDirectory, dir=waiting))
    students = [f"s{i}" for i in range(12)]
    with processes(2, 12) as executor:
        build(jobs(*students), tmp_path / "out", executor)
    build(jobs(*students), tmp_path / "same")
    assert not list(waiting.glob("*"))
    assert contents(tmp_path / "out") == contents(tmp_path / "same")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Cache, "put", interrupted)
    with pytest.raises(KeyboardInterrupt), processes(2, 12) as executor:
        build(jobs(*students), tmp_path / "cut", executor, cache=Cache(tmp_path / "cache"))
    assert not list(waiting.glob("*"))
