"""A PDF holds its own letters and nobody else's, looks as TeX made it, and does not tell who shared the run."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pymupdf
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.misc.psCharStrings import T1CharString
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import order
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.press import split
from blattwerk.build.press.type1 import Type1, decrypted
from blattwerk.build.press.usage import Content, texts
from blattwerk.errors import TexFailure
from tests.build.classes import built, contents

NAMES = {
    "greek": "Ελένη Παπαδοπούλου",
    "cyrillic": "Жанна Щербакова",
    "vietnamese": "Nguyễn Thị Ánh Tuyết",
    "polish": "Łukasz Żółć",
    "plain": "Ann Bee",
}
SHEET = checked_sheet(
    {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": "kl_histogram"}]}, "sheet"
)


class Uncut:
    """Fonts that stay as TeX made them."""

    def cut(self, document: pikepdf.Pdf) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A mixed class, as it is handed out, and with the fonts of the whole run."""
    orders = order(SHEET, tuple(Student(*one) for one in NAMES.items()), 7, ("de",))
    own, whole = tmp_path_factory.mktemp("own"), tmp_path_factory.mktemp("whole")
    assert not built(orders, own)[0].failures
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split, "Fonts", Uncut)
        built(orders, whole)
    return own, whole


def pages(path: Path) -> Iterator[tuple[pikepdf.Page, pikepdf.Dictionary]]:
    """The pages of a PDF with their fonts."""
    with pikepdf.open(path) as pdf:
        for page in pdf.pages:
            yield page, dict(page.resources.get("/Font", {}))


def programs(path: Path) -> dict[str, pikepdf.Dictionary]:
    """The font descriptors in a PDF with a program, wherever they are."""
    with pikepdf.open(path) as pdf:
        found = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
        return {str(one.FontName): _letters(one) for one in found if {"/FontFile2", "/FontFile3"} & set(one.keys())}


def _letters(descriptor: Any) -> set[Any]:
    """The glyphs of a program that draw something, by name or number."""
    if "/FontFile3" in descriptor:
        fonts = CFFFontSet()
        fonts.decompile(io.BytesIO(descriptor.FontFile3.read_bytes()), None)
        return set(fonts[0].CharStrings.keys()) - {".notdef"}
    with TTFont(io.BytesIO(descriptor.FontFile2.read_bytes())) as font:
        table = font["glyf"]
        return {n for n, name in enumerate(font.getGlyphOrder()) if table[name].numberOfContours and n}


def test_no_program_has_a_letter_that_its_pages_do_not_show(made: tuple[Path, Path]) -> None:
    """Font programs, encodings and the maps to Unicode, of every PDF of a mixed class."""
    for path in sorted(made[0].rglob("*.pdf")):
        shown: dict[str, set[Any]] = {}
        for page, fonts in pages(path):
            wide = {name for name, font in fonts.items() if font.Subtype == "/Type0"}
            for name, codes in Content.of(page).codes(wide).items():
                font = fonts[name]
                if "/ToUnicode" in font:
                    shown.setdefault(f"{font.BaseFont} means", set()).update(codes)
                    said = texts(font.ToUnicode.read_bytes())
                    shown.setdefault(f"{font.BaseFont} says", set()).update(said)
                names = {} if name in wide else _named(font)
                shown.setdefault(str(font.BaseFont), set()).update(names.get(code, code) for code in codes)
        held = programs(path)
        assert held
        for name, letters in held.items():
            assert letters <= shown[name], f"{path.name}: {name} holds {sorted(letters - shown[name], key=str)[:5]}"
            assert shown.get(f"{name} says", set()) <= shown.get(f"{name} means", set())


def _named(font: Any) -> dict[int, str]:
    names, code = {}, 0
    for item in font.Encoding.Differences:
        if isinstance(item, pikepdf.Name):
            names[code] = str(item)[1:]
            code += 1
        else:
            code = int(item)
    return names


def test_nothing_of_a_classmates_script_is_left(made: tuple[Path, Path]) -> None:
    """The Greek name is spelt by no other PDF's fonts; with the fonts of the whole run, it would be."""
    secret = {f"{ord(letter):04X}" for letter in "Ελένηαπδοπύου"}

    def spelt(path: Path) -> set[str]:
        return {
            said
            for _, fonts in pages(path)
            for font in fonts.values()
            if "/ToUnicode" in font
            for said in texts(font.ToUnicode.read_bytes()).values()
        }

    for folder, expected in ((made[0], set()), (made[1], secret)):
        assert spelt(folder / "questions" / "cyrillic.de.pdf") & secret == expected
    assert secret <= spelt(made[0] / "questions" / "greek.de.pdf")


@pytest.mark.parametrize("student", sorted(NAMES))
def test_pages_look_and_read_as_tex_made_them(made: tuple[Path, Path], student: str) -> None:
    """Text, and pixels in two viewers; letters that TeX's font puts together of two may differ by a shade."""
    for kind in ("questions", "solutions"):
        own, whole = (folder / kind / f"{student}.de.pdf" for folder in made)
        assert _text(own) == _text(whole)
        assert own.stat().st_size < 0.6 * whole.stat().st_size
        with pikepdf.open(own) as pdf:
            assert pdf.check_pdf_syntax() == []
        for picture in (_poppler, _mupdf):
            for ours, theirs in zip(picture(own), picture(whole), strict=True):
                assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 8


def _text(path: Path) -> bytes:
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout


def _poppler(path: Path) -> list[Any]:
    run = subprocess.run(["pdftoppm", "-r", "60", "-gray", path], capture_output=True, check=True)
    found, rest = [], run.stdout
    while rest:
        _, size, _, _ = rest.split(maxsplit=4)[0], rest.split(b"\n", 3)[1], 0, 0
        width, height = map(int, size.split())
        start = rest.index(b"255\n") + 4
        found.append(np.frombuffer(rest[start : start + width * height], dtype=np.uint8))
        rest = rest[start + width * height :]
    return found


def _mupdf(path: Path) -> list[Any]:
    with pymupdf.open(path) as document:
        pictures = [page.get_pixmap(dpi=60, colorspace=pymupdf.csGRAY) for page in document]
        return [np.frombuffer(picture.samples, dtype=np.uint8) for picture in pictures]


@pytest.mark.parametrize("student", ["greek", "polish", "plain"])
def test_bytes_do_not_tell_who_shared_the_run(made: tuple[Path, Path], student: str, tmp_path: Path) -> None:
    """Built alone, the same files."""
    built(order(SHEET, (Student(student, NAMES[student]),), 7, ("de",)), tmp_path)
    for name, content in contents(tmp_path).items():
        assert content == (made[0] / name).read_bytes(), name


def test_outlines_are_those_of_the_type_1_font(made: tuple[Path, Path]) -> None:
    """Each glyph of each font, drawn by another library from the original and from what became of it."""
    compared = 0
    with pikepdf.open(made[1] / "solutions" / "plain.de.pdf") as pdf:
        files = {
            str(o.FontName): o.FontFile for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/FontFile" in o
        }
        from blattwerk.build.press import cff
        from blattwerk.build.press.type1 import type2

        for file in files.values():
            font = Type1.read(file.read_bytes(), int(file.Length1), int(file.Length2))
            glyphs = {name: type2(font.outline(name)) for name in font.names}
            fonts = CFFFontSet()
            fonts.decompile(io.BytesIO(cff.program("X+Y", (0, 0, 1, 1), glyphs, font.hints)), None)
            count = max((int(n) for n in font._strings[0]), default=-1) + 1
            subroutines = [
                T1CharString(bytecode=font.subroutine(n)) if n in font._strings[0] else None for n in range(count)
            ]
            for name in sorted(font.names):
                old, new = RecordingPen(), RecordingPen()
                T1CharString(bytecode=font.charstring(name), subrs=subroutines).draw(old)
                fonts[0].CharStrings[name].draw(new)
                assert _drawn(old) == _drawn(new), name
                compared += 1
    assert compared > 200


def _drawn(pen: RecordingPen) -> list[Any]:
    return [
        (what, [(round(x, 2), round(y, 2)) for x, y in points])
        for what, points in pen.value
        if what not in ("closePath", "endPath")
    ]


def test_decryption_is_that_of_the_specification() -> None:
    """Byte by byte, as section 7.3 has it; also past the period of the keys."""
    plain, key, cipher = bytes(range(256)) * 300, 55665, bytearray()
    for byte in b"salt" + plain:
        cipher.append(byte ^ key >> 8)
        key = (cipher[-1] + key) * 52845 + 22719 & 0xFFFF
    assert decrypted(bytes(cipher), 55665) == plain


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (b"BT /F8 9.96 Tf [(a\\)b)-333(\\050c)]TJ (\\\\) Tj ET", set(b"a)b(c\\")),
        (b"BT /F8 9.96 Tf (A) Tj /F9 1 Tf (B) Tj /F8 2 Tf (C) Tj ET", set(b"AC")),
        (b"BT /F8 9.96 Tf 1 0 0 1 0 0 Tm ET q /Im1 Do Q", set()),
        (b"BT /F8 9.96 Tf [(To)-333(Do)]TJ ET", set(b"ToD")),
        (b"BT /F8 9.96 Tf [(a)-333(<b>\\))]TJ ET", set(b"a<b>)")),
    ],
)
def test_what_a_page_shows(content: bytes, codes: set[int]) -> None:
    """Escapes, several strings, several fonts, none."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.Contents = pdf.make_stream(content)
        assert Content.of(page).codes(()).get("/F8", set()) == codes


@pytest.mark.parametrize(
    "content", [b"BT /F8 1 Tf (/F9 1 Tf) Tj ET", b"BT (lost) Tj ET", b"BT /F8 1 Tf (a)Tj <41> Tj ET"]
)
def test_what_cannot_be_read_is_refused(content: bytes) -> None:
    """A string that looks like an operator, a string without a font, one in another notation."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.Contents = pdf.make_stream(content)
        with pytest.raises(TexFailure, match="cannot be read; its fonts cannot be cut"):
            Content.of(page).codes(())
