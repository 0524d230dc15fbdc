"""Files appear whole, readable by whom the user wants; an absurd limit of the cache is told."""

import os
import stat
from pathlib import Path

import pytest

from blattwerk.build.files import write_whole
from blattwerk.build.store.cache import MEGABYTES, limit
from blattwerk.errors import InputError


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o002, 0o664)])
def test_who_may_read_a_file_is_the_users_decision(tmp_path: Path, mask: int, mode: int) -> None:
    """The umask holds, for files and their folders, also where a file is replaced."""
    before = os.umask(mask)
    try:
        for content in (b"one", b"two"):
            write_whole(tmp_path / "folder" / "file", content)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "folder" / "file").stat().st_mode) == mode
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o777 & ~mask
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["file"]


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    """And nothing is left behind."""
    with pytest.raises(InputError, match="cannot be written: File name too long"):
        write_whole(tmp_path / ("x" * 300), b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("said", ["abc", "-1", "1.5", "1e3", "9" * 5000, "²", "1 2"])
def test_an_absurd_limit_of_the_cache_is_told_and_not_used(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """The cache is a help: it stops no build."""
    monkeypatch.setenv("BLATTWERK_CACHE_MB", said)
    assert limit().megabytes == MEGABYTES
    assert "BLATTWERK_CACHE_MB is" in limit().note and len(limit().note) < 150
    monkeypatch.setenv("BLATTWERK_CACHE_MB", " 17 ")
    assert (limit().megabytes, limit().note) == (17, "")
