"""The preamble as a format: made once, never used when damaged, and not needed in the cache."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from blattwerk.build.press import formats
from blattwerk.build.press.tex import Product
from blattwerk.errors import TexFailure


def test_half_a_format_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full, TeX leaves a part of it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    half = gzip.compress(b"format" * 1000)[:40]
    monkeypatch.setattr("blattwerk.build.press.formats.compiled", lambda *_: Product(half, "the log"))
    with pytest.raises(TexFailure, match="not written whole"):
        formats.loaded_preamble()
    assert not list(tmp_path.rglob("*.fmt"))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources of which a format was really made, with an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made: list[str] = []

    def noted(source: str, *rest: Any) -> Product:
        made.extend([source] * source.endswith("\\dump\n"))
        return compiled(source, *rest)

    compiled = formats.compiled
    monkeypatch.setattr(formats, "compiled", noted)
    return made


def fresh() -> bytes:
    """The format as another process would read it."""
    formats._format.cache_clear()
    return formats.loaded_preamble()


def test_the_format_is_made_once(runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In the user's cache, unpacked, under a name that changes with the preamble."""
    first = fresh()
    assert not first.startswith(b"\x1f\x8b")
    assert fresh() == first and len(runs) == 1
    monkeypatch.setattr(formats, "preamble", lambda _: "\\documentclass{article}\n")
    assert fresh() != first and len(runs) == 2


def test_a_damaged_format_is_made_again(runs: list[str], tmp_path: Path) -> None:
    """Truncated, emptied, one byte changed: it counts as missing, and is whole again afterwards."""
    first = fresh()
    (kept,) = (tmp_path / "blattwerk" / "formats").iterdir()
    whole = kept.read_bytes()
    for damaged in (b"", whole[:-1000], whole[:5000] + b"?" + whole[5001:]):
        kept.write_bytes(damaged)
        assert fresh() == first and kept.read_bytes() == whole
    assert len(runs) == 4


def test_a_format_is_used_though_the_cache_is_gone(runs: list[str], tmp_path: Path) -> None:
    """Deleted or damaged between two runs of TeX, or with nowhere to lie."""
    document = "\\begin{document}\\begin{sheet}{english}{}{}{mark}x\\end{sheet}\\end{document}\n"
    first = formats.set_with_format(document, {}).content
    (kept,) = (tmp_path / "blattwerk" / "formats").iterdir()
    kept.write_bytes(b"damaged")
    assert formats.set_with_format(document, {}).content == first
    kept.unlink()
    assert formats.set_with_format(document, {}).content == first and len(runs) == 1
    (tmp_path / "blattwerk" / "formats").rmdir()
    (tmp_path / "blattwerk" / "formats").write_text("in the way")
    formats._format.cache_clear()
    assert formats.set_with_format(document, {}).content == first and len(runs) == 2
