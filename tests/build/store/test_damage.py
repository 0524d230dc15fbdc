"""A cache that is damaged, full, read-only, foreign or vanishing: the same files are delivered, made once more."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from typer.testing import CliRunner

from blattwerk.build import cached
from blattwerk.build.batch import Report
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.page import font_files, typefaces
from blattwerk.build.page.typefaces import font_file
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.keys import order_key
from blattwerk.build.store.records import StudentRecord
from blattwerk.cli import app
from tests.build.caches import read_only, small_disk
from tests.build.classes import built, contents
from tests.build.store.test_cache import SHEET, orders

Bytes = dict[str, bytes]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[StudentRecord, ...]]:
    """The folder and the records of two students, made without a cache."""
    folder = tmp_path_factory.mktemp("good")
    return folder, built(orders("a", "b"), folder)[1]


@pytest.fixture(scope="module")
def good(records: tuple[Path, tuple[StudentRecord, ...]]) -> Bytes:
    """What is to be delivered to them."""
    return contents(records[0])


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds all of it."""
    folder = tmp_path_factory.mktemp("filled")
    built(orders("a", "b"), folder / "out", cache=Cache(folder / "cache"))
    return folder / "cache"


@pytest.fixture
def held(filled: Path, tmp_path: Path) -> Cache:
    """A copy of it, to be damaged."""
    return Cache(Path(shutil.copytree(filled, tmp_path / "cache")))


def again(cache: Cache, out: Path) -> tuple[Bytes, Report]:
    """What is delivered from this cache into an empty folder."""
    report, _ = built(orders("a", "b"), out, cache=cache)
    return contents(out), report


def files_of(cache: Cache) -> list[Path]:
    """Everything in a cache, in a fixed order."""
    return sorted(path for _, _, path in cache.contents())


def _truncate(paths: list[Path]) -> None:
    for path in paths:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(paths: list[Path]) -> None:
    for path in paths:
        path.write_bytes(b"")


def _one_letter(paths: list[Path]) -> None:
    """An answer, a name or a number becomes another one, and JSON stays JSON."""
    for path in paths:
        content = path.read_bytes()
        place = max(content.rfind(b"1"), content.rfind(b"2"))
        path.write_bytes(content[:place] + b"7" + content[place + 1 :])


def _exchanged(paths: list[Path]) -> None:
    """Whole, and somebody else's: a solution where the question was, another's record."""
    for room in ("entries", "files", "parts"):
        own = [path for path in paths if room in path.parts]
        whole = [path.read_bytes() for path in own]
        for path, content in zip(own, whole[1:] + whole[:1], strict=True):
            path.write_bytes(content)


def _half_gone(paths: list[Path]) -> None:
    for path in paths[::2]:
        path.unlink()


@pytest.mark.parametrize("damage", [_truncate, _empty, _one_letter, _exchanged, _half_gone])
@pytest.mark.parametrize("room", ["", "entries", "files", "parts"])
def test_nothing_damaged_is_delivered(
    held: Cache,
    records: tuple[Path, tuple[StudentRecord, ...]],
    tmp_path: Path,
    damage: Callable[[list[Path]], None],
    room: str,
) -> None:
    """Neither at once nor later, when what was damaged has been made again; the record is the same too."""
    damage([path for path in files_of(held) if room in path.parts or not room])
    for out in ("one", "two"):
        _, made = built(orders("a", "b"), tmp_path / out, cache=held)
        assert contents(tmp_path / out) == contents(records[0]) and made == records[1]


def test_a_record_is_not_taken_from_a_damaged_entry(held: Cache, tmp_path: Path) -> None:
    """Though it can be read: another answer would go into the manifest."""
    key = order_key(orders("a")[0])
    entry = held.finished(key)
    assert entry
    (path,) = (held.folder / "entries").rglob(f"{key}.json")
    title = entry.record.code.encode()
    path.write_bytes(path.read_bytes().replace(title, title[::-1]))
    assert held.finished(key) is None


def test_a_cache_that_vanishes(held: Cache, good: Bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the question whether something is there and the reading."""
    read = Cache.read

    def gone(cache: Cache, file_digest: str) -> bytes:
        shutil.rmtree(cache.folder)
        return read(cache, file_digest)

    monkeypatch.setattr(Cache, "read", gone)
    assert again(held, tmp_path / "out")[0] == good


@contextmanager
def vanishing(folder: Path) -> Iterator[None]:
    """Somebody removes a folder all the time."""
    over = Event()

    def remove() -> None:
        while not over.wait(0.002):
            shutil.rmtree(folder, ignore_errors=True)

    thread = Thread(target=remove)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_cache_that_is_removed_all_the_time(held: Cache, good: Bytes, tmp_path: Path) -> None:
    """While sheets are made."""
    with vanishing(held.folder):
        for out in ("one", "two"):
            assert again(held, tmp_path / out)[0] == good


def test_a_full_cache_stops_nobody(good: Bytes, tmp_path: Path) -> None:
    """The output has room. It is told once; what was kept is used, and nothing else."""
    with small_disk(tmp_path / "cache", 200) as disk:
        cache = Cache(disk / "sheets")
        delivered, report = again(cache, tmp_path / "one")
        assert delivered == good
        (note,) = report.notes
        assert "the cache is not complete" in note and "No space left on device" in note and "\n" not in note
        assert again(Cache(disk / "sheets"), tmp_path / "two")[0] == good


def test_a_read_only_cache_is_used(held: Cache, good: Bytes, tmp_path: Path) -> None:
    """What is in it is not made again; what is not is made, and nothing is told that was not told before."""
    paths = files_of(held)
    _truncate([path for path in paths if "entries" in path.parts][:1])
    with read_only(held.folder):
        delivered, report = again(Cache(held.folder, kept=False), tmp_path / "out")
    assert delivered == good and not report.notes
    assert files_of(held) == paths


def test_what_cannot_be_written_is_told_once(good: Bytes, tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "cache").write_text("in the way")
    delivered, report = again(Cache(tmp_path / "cache"), tmp_path / "out")
    assert delivered == good
    assert [note for note in report.notes if "the cache is not complete" in note] == list(report.notes)
    assert len(report.notes) == 1


def test_files_of_others_are_not_trimmed(held: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be removed does not count as removed, and is no error."""
    before = files_of(held)
    own, really = before[: len(before) // 2], cached.remove
    monkeypatch.setattr(cached, "remove", lambda path: path in own and really(path))
    held.trim(0)
    assert files_of(held) == before[len(before) // 2 :]


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("XDG_CACHE_HOME", "relative", "XDG_CACHE_HOME is 'relative', which is no full path"),
        ("XDG_CACHE_HOME", "/proc/nothing", "/proc/nothing/blattwerk/sheets cannot be used"),
        ("XDG_CACHE_HOME", "/dev/null", "/dev/null/blattwerk/sheets cannot be used: Not a directory"),
        ("BLATTWERK_CACHE_MB", "abc", "BLATTWERK_CACHE_MB is 'abc', which is no whole number of megabytes"),
        ("BLATTWERK_CACHE_MB", "-5", "BLATTWERK_CACHE_MB is '-5', which is no whole number of megabytes"),
    ],
)
def test_absurd_settings_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str, told: str
) -> None:
    """And the sheet is made."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv(name, said)
    sheet, out = tmp_path / "sheet.toml", tmp_path / "out"
    sheet.write_text('[course]\ntitle="ML"\n[sheet]\ntitle="S"\n[[exercises]]\nid="kl_normal_1d"\n')
    result = CliRunner().invoke(app, ["build", str(sheet), "--seed", "3", "--lang", "de", "--out", str(out)])
    assert result.exit_code == 0, result.output
    warnings = [line for line in result.output.splitlines() if line and not line.startswith(str(out))]
    assert len(warnings) == 1 and warnings[0].startswith("warning: ") and told in warnings[0]
    assert len(list(out.rglob("*.pdf"))) == 2
    told_again = CliRunner().invoke(app, ["cache"])
    assert told_again.exit_code == 0 and told in told_again.output


def named(name: str) -> tuple[Ordered, ...]:
    """One student of this name."""
    return order(SHEET, (Student("a", name),), 7, ("de",))


def test_a_font_that_is_installed_later_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The id stood for the name; then there is a font, another version of it, and it is gone again."""
    cache, found = Cache(tmp_path / "cache"), list[Path]()
    monkeypatch.setattr(font_files, "fonts_with", lambda letters: tuple(found))

    def delivered(out: str) -> tuple[bytes, tuple[str, ...]]:
        typefaces._font_with.cache_clear()
        report, _ = built(named("王"), tmp_path / out, cache=cache)
        assert not report.failures
        return (tmp_path / out / "questions" / "a.de.pdf").read_bytes(), report.notes

    without, note = delivered("one")
    assert "no installed font has all the characters of the name '王'" in note[0]
    assert delivered("two") == (without, note)
    found.append(_with_letter(tmp_path / "new.ttf", "王"))
    with_font, note = delivered("three")
    assert with_font != without and not note
    found.clear()
    assert delivered("four")[0] == without


def test_fonts_are_part_of_the_key_only_where_they_are_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of a name that pdflatex sets, nothing is asked."""
    keys = []
    for fonts in ((), (tmp_path / "a.ttf",), (tmp_path / "b.ttf",)):
        typefaces._font_with.cache_clear()
        monkeypatch.setattr(font_files, "fonts_with", lambda letters, fonts=fonts: fonts)
        keys.append([order_key(named(name)[0]) for name in ("Müller", "王")])
    typefaces._font_with.cache_clear()
    assert [len(set(own)) for own in zip(*keys, strict=True)] == [1, 3]


def _with_letter(path: Path, letter: str) -> Path:
    """A font that has this letter: one of ours, whose A stands for it."""
    from fontTools.ttLib import TTFont

    source = font_file("cmunrm.ttf")
    assert source
    with TTFont(source) as font:
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[ord(letter)] = table.cmap[ord("A")]
        font.save(path)
    os.utime(path, (1, 1))
    return path
