"""Fonts as lualatex's loader keeps them: the pages are the same with and without, and nothing damaged is used."""

import re
import subprocess
from pathlib import Path

import pytest

from blattwerk.build.page.escape import escape
from blattwerk.build.page.typefaces import FONT_FILES, face_for, font_file
from blattwerk.build.press import loaded_fonts
from blattwerk.build.press.loaded_fonts import loaded
from blattwerk.build.press.preamble import preamble
from blattwerk.build.press.tex import Product, typeset

TYPED = 'A--B---C <<D>> "E" !`F ?` ,,G -h fi ffl Müller-Lüdenscheidt Ελένη | a_b ^~ \\x'


@pytest.fixture(scope="module")
def fonts() -> dict[str, bytes]:
    """What a sheet's source needs beside it."""
    return {name: path.read_bytes() for name in FONT_FILES if (path := font_file(name))}


def page(body: str, files: dict[str, bytes]) -> Product:
    """One page by lualatex."""
    return typeset(preamble("lualatex") + f"\\begin{{document}}{body}\\end{{document}}\n", files, "lualatex")


def test_typed_signs_print_as_typed(fonts: dict[str, bytes], tmp_path: Path) -> None:
    """No dash of two hyphens, no quotation mark of two signs, in the serif and the sans-serif font; and the page is
    the same to the byte whether the fonts were loaded before or not."""
    body = f"{escape(TYPED)}\n\n\\textsf{{{escape(TYPED)}}}"
    one, other = page(body, fonts), page(body, fonts | loaded(fonts, FONT_FILES))
    bare = [re.sub(rb"/ID \[.*?\]", b"", made.content, flags=re.DOTALL) for made in (one, other)]
    assert bare[0] == bare[1]
    (tmp_path / "a.pdf").write_bytes(one.content)
    text = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert text.split("\n")[:2] == [TYPED, TYPED]


def test_damaged_is_missing(fonts: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A truncated or changed file is made anew; without a place to keep it everything goes on."""
    made = {"texmf-var/x.luc": b"lua"}
    runs = []
    monkeypatch.setattr(loaded_fonts, "_made", lambda fonts: runs.append(1) or made)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def again() -> dict[str, bytes]:
        loaded_fonts._kept.cache_clear()
        return loaded(fonts, FONT_FILES)

    assert again() == again() == made and len(runs) == 1
    (kept,) = (tmp_path / "blattwerk" / "texmf-var").iterdir()
    whole = kept.read_bytes()
    for damaged in (b"", whole[:-1], whole[:40] + b"?" + whole[41:]):
        kept.write_bytes(damaged)
        assert again() == made
    assert len(runs) == 4 and kept.read_bytes() == whole
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert again() == made
    loaded_fonts._kept.cache_clear()


@pytest.mark.parametrize("name", ["שלום לוי", "محمد علي"])
def test_a_face_of_another_script_is_set_behind_both_lines(name: str, fonts: dict[str, bytes], tmp_path: Path) -> None:
    """Its loader works while the document is set, when Lua has lost the ways out already."""
    face = face_for(name)
    if face is None:
        pytest.skip(f"{name} needs no font of its own here")
    given = fonts | {face.file.name: face.file.read_bytes()}
    direction = "\\textdir TRT " if face.right_to_left else ""
    body = f"\\bwotherfont{{{face.file.name}}}{{,Script={face.script}}}{{\\bwother {direction}{name}}}"
    made = page(body, given | loaded(given, FONT_FILES))
    (tmp_path / "a.pdf").write_bytes(made.content)
    listed = subprocess.run(["pdffonts", tmp_path / "a.pdf"], capture_output=True, text=True, check=True).stdout
    assert face.file.stem in listed


def test_what_is_kept_for_a_while_lies_in_the_folder(fonts: dict[str, bytes]) -> None:
    """The loader's temporary files, which it names before the fence of Lua is up."""
    source = "\\directlua{local f = io.open(os.tmpname(), 'wb') f:write('x') f:close() texio.write_nl('log', 'kept')}"
    made = typeset(f"\\documentclass{{article}}{source}\\begin{{document}}x\\end{{document}}\n", fonts, "lualatex")
    assert "\nkept" in made.log
