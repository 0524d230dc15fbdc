"""The user's cache as files and folders: nothing damaged comes out, nothing that goes wrong is an error."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build import cached
from blattwerk.build.cached import ROOMS, room, usable, user_cache
from blattwerk.cli import app
from tests.build.caches import read_only, small_disk


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where blattwerk's part of an empty cache will lie."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "blattwerk"


@pytest.mark.parametrize("base", ["cache", "./cache", "../cache"])
def test_a_relative_cache_folder_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base: str) -> None:
    """The standard says to ignore it. It is told, in one line."""
    monkeypatch.setenv("XDG_CACHE_HOME", base)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_cache().folder == tmp_path / ".cache"
    assert usable() == f"XDG_CACHE_HOME is '{base}', which is no full path; the cache is in {tmp_path / '.cache'}"


def test_the_cache_lies_where_the_standard_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the folder that is set, or in the home folder; without one, nowhere, which is told."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert user_cache() == cached.Place(Path("/somewhere"))
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_cache() == cached.Place(tmp_path / ".cache")
    monkeypatch.setenv("HOME", "relative")
    assert user_cache().folder is None and room("sheets").folder is None
    assert usable().startswith("the user has no home folder")


def test_the_rooms_are_the_users_alone(ours: Path) -> None:
    """Whatever the umask; folders of earlier versions are closed too."""
    before = os.umask(0o002)
    try:
        (ours / "formats").mkdir(parents=True)
        assert not usable()
    finally:
        os.umask(before)
    assert {stat.S_IMODE((ours / name).stat().st_mode) for name in ROOMS} == {0o700}
    assert not stat.S_IMODE(ours.stat().st_mode) & 0o022


def test_a_cache_of_somebody_else_is_not_used(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor read, nor cleared: whoever owns it could put anything there."""
    assert room("sheets").folder == ours / "sheets"
    (ours / "sheets" / "theirs").write_text("x")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert {room(name).folder for name in ROOMS} == {None}
    assert "belongs to another user; everything is made without it" in usable()
    assert cached.clear() == 0 and (ours / "sheets" / "theirs").exists()


def test_a_cache_that_others_may_write_and_cannot_be_closed(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without modes, say."""
    room("sheets")
    (ours / "sheets").chmod(0o777)

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "chmod", refuse)
    assert room("sheets").folder is None and "others may write in it" in usable()


@pytest.mark.parametrize("where", ["", "blattwerk", "blattwerk/formats"])
def test_a_file_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """It is told, and there is no cache, or not for this."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "cache" / where
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("in the way")
    assert room("formats").folder is None
    assert "cannot be used" in usable() and "\n" not in usable()


@pytest.mark.parametrize("where", ["/proc/nothing", "/" + "x" * 300, "/proc" + "/a\nb" * 1000])
def test_an_absurd_place(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """There is no cache, and a line of bearable length."""
    monkeypatch.setenv("XDG_CACHE_HOME", where)
    assert room("sheets").folder is None
    assert "everything is made without it" in usable() and len(usable()) < 400 and "\n" not in usable()


def test_what_is_damaged_counts_as_missing(tmp_path: Path) -> None:
    """Truncated, emptied, changed, longer, under another's name, or no file at all."""
    path, other = tmp_path / "one", tmp_path / "other"
    assert cached.read(path) is None
    assert not cached.keep(path, b"content") and cached.read(path) == b"content"
    whole = path.read_bytes()
    for damaged in (b"", whole[:10], whole[:-1], whole[:-1] + b"?", b"?" + whole[1:], whole + b" ", b"content"):
        path.write_bytes(damaged)
        assert cached.read(path) is None
    other.write_bytes(whole)
    assert cached.read(other) is None
    path.unlink()
    path.mkdir()
    assert cached.read(path) is None
    assert "Is a directory" in cached.keep(path, b"content")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """And no part of a file is left there."""
    with small_disk(tmp_path / "disk", 64) as disk:
        assert "No space left on device" in cached.keep(disk / "a" / "large", b"x" * 200_000)
        assert not [path for path in disk.rglob("*") if path.is_file()]
        assert not cached.keep(disk / "a" / "small", b"x" * 2000)


def test_a_read_only_cache_is_read(ours: Path) -> None:
    """What is in it is used, nothing is kept, and that is told."""
    folder = room("sheets").folder
    assert folder
    cached.keep(folder / "one", b"content")
    for name in ROOMS:
        room(name)
    with read_only(ours.parent):
        assert room("sheets") == cached.Room(folder, False, usable())
        assert usable() == f"the cache in {folder} cannot be written; what is made is not kept"
        assert cached.read(folder / "one") == b"content"
        assert "Read-only file system" in cached.keep(folder / "two", b"content")
        assert cached.clear() == 1
        told = CliRunner().invoke(app, ["cache", "--clear"])
        assert told.exit_code == 1 and "1 files could not be removed" in told.output
    assert cached.read(folder / "one") == b"content"


def test_the_date_of_last_use_is_no_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another's file in our folder can be read, but not be marked."""
    cached.keep(tmp_path / "one", b"content")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "utime", refuse)
    assert cached.read(tmp_path / "one") == b"content"


def test_contents_may_vanish_while_they_are_listed(tmp_path: Path) -> None:
    """Another process clears the cache."""
    for name in ("a/1", "a/2", "b/3"):
        cached.keep(tmp_path / name, b"content")
    seen = []
    for _, _, path in cached.contents(tmp_path):
        seen.append(path)
        for other in tmp_path.rglob("?"):
            cached.remove(other)
    assert len(seen) == 1
    assert list(cached.contents(tmp_path / "nowhere")) == []


def test_clearing_leaves_nothing(ours: Path) -> None:
    """Sheets, formats and fonts, those of earlier versions too; what is not ours stays."""
    for name in ROOMS:
        folder = room(name).folder
        assert folder
        cached.keep(folder / "some" / "thing", b"x" * 10_000)
    (ours / "formats" / "blattwerk-0123.fmt").write_text("of an earlier version")
    (ours.parent / "other").write_text("another program's")
    told = CliRunner().invoke(app, ["cache"])
    assert f"{ours / 'formats'}: 0.0 MB" in told.output
    assert CliRunner().invoke(app, ["cache", "--clear"]).exit_code == 0
    left = [path for path in ours.parent.rglob("*") if path.is_file()]
    assert left == [ours.parent / "other"]


def test_the_format_and_the_fonts_of_a_build_are_cleared(ours: Path) -> None:
    """Those that a build has really left: afterwards, the cache is as empty as before."""
    from blattwerk.build.page.typefaces import FONT_FILES, font_file
    from blattwerk.build.press import formats, loaded_fonts

    formats._format.cache_clear()
    formats.loaded_preamble()
    assert list((ours / "formats").iterdir())
    fonts = {name: path.read_bytes() for name in FONT_FILES[:1] if (path := font_file(name))}
    loaded_fonts.loaded(fonts, FONT_FILES)
    assert list((ours / "texmf-var").iterdir())
    CliRunner().invoke(app, ["cache", "--clear"])
    assert not [path for path in ours.rglob("*") if path.is_file()]


ASKED = """
import os
from blattwerk.build.cached import place_for_matplotlib
with place_for_matplotlib():
    import matplotlib
    print(matplotlib.get_cachedir())
print(os.path.exists(matplotlib.get_cachedir()), "MPLCONFIGDIR" in os.environ)
"""


@pytest.mark.parametrize("said", [{"XDG_CACHE_HOME": "rel"}, {"XDG_CACHE_HOME": "/proc/x"}, {"HOME": "/proc/x"}])
def test_matplotlib_has_nothing_to_say(tmp_path: Path, said: dict[str, str]) -> None:
    """Where the user's folders cannot be used, it gets one that goes again: no line of its own, no folder of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG", "MPL"))}
    environment = kept | {"PYTHONPATH": os.getcwd(), "TMPDIR": str(tmp_path)} | said
    done = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    place, rest = done.stdout.splitlines()
    assert place.startswith(str(tmp_path / "blattwerk-work-")) and rest == "False False"
    assert done.stderr == "" and list(tmp_path.iterdir()) == []
