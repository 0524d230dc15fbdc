"""The fonts of a finished PDF: cut down to the letters on its own pages, so that it holds nobody else's.

In a run of TeX, all sheets share their fonts, which hold the letters of the whole run. Here each PDF gets its own: Type
1 fonts become CFF (a third of the size), others keep their format. What is left out cannot be told from the result:
equal pages have equal fonts, whoever shared the run.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from blattwerk.build.press import cff
from blattwerk.build.press.type1 import Type1, type2
from blattwerk.build.press.usage import Content, cmap, texts
from blattwerk.errors import TexFailure

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Outlines that were converted before, by font, glyph and what it was converted from; few hundred in a course.
_OUTLINES: dict[tuple[str, str, bytes], bytes] = {}


@dataclass(frozen=True)
class _Known:
    """What a run of TeX says of one of its fonts.

    encoding  the names of the glyphs by code, of a simple font
    widths    by code
    texts     what the codes mean, in UTF-16 in hexadecimal digits
    program   of a simple font
    """

    name: str
    encoding: Mapping[int, str]
    widths: Mapping[int, Any]
    texts: Mapping[int, str] | None
    program: Type1 | None


@dataclass
class _Used:
    """A font of a document, and the codes of it that pages show."""

    font: Any
    known: _Known
    codes: set[int] = field(default_factory=set)

    def glyphs(self) -> dict[int, str]:
        """The names of the glyphs that are shown, by code."""
        if missing := self.codes - self.known.encoding.keys():
            raise TexFailure(f"{self.known.name} has no character {min(missing)}, which a page shows")
        return {code: self.known.encoding[code] for code in sorted(self.codes)}

    def keep_texts(self, document: pikepdf.Pdf, digits: int) -> None:
        """Say of the codes that are shown what they mean, and of no other."""
        if self.known.texts is not None:
            own = {code: self.known.texts[code] for code in self.codes if code in self.known.texts}
            self.font.ToUnicode = document.make_stream(cmap(own, digits))


@dataclass
class Fonts:
    """The fonts of one run of TeX: what is known of them is read once for all the PDFs that come of it."""

    known: dict[str, _Known] = field(default_factory=dict)  # by TeX's name, which no other font of the run has
    programs: dict[str, Type1] = field(default_factory=dict)

    def cut(self, document: pikepdf.Pdf) -> None:
        """Replace the fonts of a document by those with its own letters.

        Raises TexFailure for a font of a kind that is not known here.
        """
        used: dict[tuple[int, int], _Used] = {}
        names = _Names()
        for page in document.pages:
            for name, font, codes in _own_fonts(page, names):
                if name not in self.known:
                    self.known[name] = self._read(font)
                used.setdefault(font.objgen, _Used(font, self.known[name])).codes.update(codes)
        simple = [one for one in used.values() if one.known.program]
        for name in sorted({one.known.name for one in simple}):
            _cut_simple(document, name, [one for one in simple if one.known.name == name])
        for one in used.values():
            if not one.known.program:
                _cut_composite(document, one)

    def _read(self, font: Any) -> _Known:
        said = texts(font.ToUnicode.read_bytes()) if "/ToUnicode" in font else None
        if font.Subtype == "/Type0":
            (inner,) = font.DescendantFonts
            return _Known(str(font.BaseFont), {}, dict(_widths(inner.W)), said, None)
        name, descriptor = str(font.BaseFont), font.get("/FontDescriptor", {})
        if font.Subtype != "/Type1" or "/FontFile" not in descriptor:
            raise TexFailure(f"the font {name} is of a kind that cannot be cut down to a sheet's own letters")
        program = self._program(name, descriptor.FontFile)
        encoding = _differences(font.Encoding) if "/Encoding" in font else program.encoding()
        return _Known(name, encoding, dict(enumerate(font.Widths, int(font.FirstChar))), said, program)

    def _program(self, name: str, file: Any) -> Type1:
        """A program, which fonts with other encodings may share."""
        if name not in self.programs:
            self.programs[name] = Type1.read(file.read_bytes(), int(file.Length1), int(file.Length2))
        return self.programs[name]


def _own_fonts(page: pikepdf.Page, names: "_Names") -> Iterator[tuple[str, Any, set[int]]]:
    """The fonts that a page shows something in: TeX's name, the font, the codes. Others are taken off its resources.

    Fonts and figures get names that count from one in each document: TeX's own count through the run.
    """
    content = Content.of(page)
    fonts, forms = (dict(page.resources.get(kind, {})) for kind in ("/Font", "/XObject"))
    codes = content.codes({name for name, font in fonts.items() if font.Subtype == "/Type0"})
    new = {name: names.of("/F", fonts[name]) for name in codes} | {n: names.of("/X", forms[n]) for n in content.forms}
    own = {
        "/Font": pikepdf.Dictionary({new[name]: fonts[name] for name in codes}),
        "/XObject": pikepdf.Dictionary({new[name]: forms[name] for name in content.forms}),
    }
    page.obj.Resources = pikepdf.Dictionary({**dict(page.resources), **{kind: own[kind] for kind in own if own[kind]}})
    page.Contents.write(content.renamed(dict.fromkeys(fonts, "/F0") | new))
    yield from ((name, fonts[name], own_codes) for name, own_codes in codes.items())


@dataclass
class _Names:
    """Names for the objects of a document, in the order in which they are met."""

    given: dict[tuple[int, int], str] = field(default_factory=dict)

    def of(self, kind: str, thing: Any) -> str:
        """The name of a font or figure."""
        return self.given.setdefault(thing.objgen, f"{kind}{len(self.given) + 1}")


def _cut_simple(document: pikepdf.Pdf, run_name: str, sharing: list[_Used]) -> None:
    """Fonts that share a Type 1 program (with other encodings) get one CFF program with the letters of all."""
    base = run_name.lstrip("/").partition("+")[2] or run_name.lstrip("/")
    program, descriptor = sharing[0].known.program, sharing[0].font.FontDescriptor
    assert program is not None, "simple fonts have one"
    wanted = sorted({glyph for one in sharing for glyph in one.glyphs().values()})
    name = f"{_tag(base, *wanted)}+{base}"
    outlines = {glyph: _outline(base, glyph, program) for glyph in (".notdef", *wanted)}
    box = [float(value) for value in descriptor.FontBBox]
    file = document.make_stream(cff.program(name, box, outlines, program.hints), Subtype=pikepdf.Name.Type1C)
    own = document.make_indirect(_descriptor(descriptor, name, FontFile3=file))
    for one in sharing:
        _show_with(document, one, own)


def _show_with(document: pikepdf.Pdf, one: _Used, descriptor: pikepdf.Object) -> None:
    """Let a simple font show the same characters with a program that has no others."""
    first, last = min(one.codes), max(one.codes)
    differences = [x for code, glyph in one.glyphs().items() for x in (code, pikepdf.Name("/" + glyph))]
    one.font.Encoding = pikepdf.Dictionary(Type=pikepdf.Name.Encoding, Differences=differences)
    one.font.FirstChar, one.font.LastChar = first, last
    codes, widths = one.codes, one.known.widths
    one.font.Widths = pikepdf.Array([widths[code] if code in codes else 0 for code in range(first, last + 1)])
    one.font.FontDescriptor, one.font.BaseFont = descriptor, descriptor.FontName
    one.keep_texts(document, 2)


def _differences(encoding: pikepdf.Object) -> dict[int, str]:
    names, code = {}, 0
    for item in encoding.Differences:
        if isinstance(item, pikepdf.Name):
            names[code] = str(item)[1:]
            code += 1
        else:
            code = int(item)
    return names


def _tag(*parts: str) -> str:
    """Six letters that tell this selection from another one of the same font."""
    number = int.from_bytes(sha256("\0".join(parts).encode()).digest()[:8], "big")
    return "".join(_LETTERS[number // 26**i % 26] for i in range(6))


def _descriptor(descriptor: pikepdf.Object, name: str, **program: Any) -> pikepdf.Dictionary:
    dropped = ("/FontFile", "/FontFile2", "/FontFile3", "/CharSet", "/CIDSet")
    kept = {key: value for key, value in dict(descriptor).items() if key not in dropped}
    new = pikepdf.Dictionary(kept)
    new.FontName = pikepdf.Name("/" + name)
    for key, value in program.items():
        new["/" + key] = value
    return new


def _outline(base: str, glyph: str, font: Type1) -> bytes:
    key = base, glyph, font.encrypted(glyph)
    if key not in _OUTLINES:
        _OUTLINES[key] = type2(font.outline(glyph))
    return _OUTLINES[key]


def _cut_composite(document: pikepdf.Pdf, one: _Used) -> None:
    """A font with codes of two bytes, which are numbers of glyphs."""
    (inner,) = one.font.DescendantFonts
    base = str(inner.FontDescriptor.FontName).lstrip("/").partition("+")[2]
    name = f"{_tag(base, *map(str, sorted(one.codes)))}+{base}"
    if "/FontFile2" in inner.FontDescriptor:
        file = document.make_stream(_cut_truetype(inner.FontDescriptor.FontFile2.read_bytes(), one.codes))
        file.Length1 = len(file.read_bytes())
        descriptor = _descriptor(inner.FontDescriptor, name, FontFile2=file)
    elif inner.FontDescriptor.get("/FontFile3", {}).get("/Subtype") == "/CIDFontType0C":
        program = _cut_cid(inner.FontDescriptor.FontFile3.read_bytes(), one.codes)
        file = document.make_stream(program, Subtype=pikepdf.Name.CIDFontType0C)
        descriptor = _descriptor(inner.FontDescriptor, name, FontFile3=file)
    else:
        raise TexFailure(f"the font {base} is embedded in a way that is not known here; it cannot be cut")
    widths = one.known.widths
    inner.W = pikepdf.Array([x for code in sorted(one.codes & widths.keys()) for x in (code, [widths[code]])])
    inner.FontDescriptor = document.make_indirect(descriptor)
    inner.BaseFont = one.font.BaseFont = descriptor.FontName
    one.keep_texts(document, 4)


def _widths(array: pikepdf.Object) -> Iterator[tuple[int, Any]]:
    """The width of each code in a W array: c [w ...], or first last w."""
    items = list(array)
    while items:
        first, second = int(items.pop(0)), items.pop(0)
        if isinstance(second, pikepdf.Array):
            yield from ((first + i, width) for i, width in enumerate(second))
        else:
            width = items.pop(0)
            yield from ((code, width) for code in range(first, int(second) + 1))


def _options() -> Options:
    options = Options(retain_gids=True, notdef_outline=True, layout_features=[], name_IDs=[], hinting=True)
    options.drop_tables += ["post", "cmap", "OS/2", "name", "GPOS", "GSUB", "GDEF"]
    return options


def _cut_truetype(program: bytes, glyphs: set[int]) -> bytes:
    """A TrueType program of these glyphs, which keep their numbers."""
    with TTFont(io.BytesIO(program), recalcTimestamp=False, recalcBBoxes=False) as font:
        _decompose(font, glyphs)
        subsetter = Subsetter(_options())
        subsetter.populate(gids=sorted(glyphs))
        subsetter.subset(font)
        target = io.BytesIO()
        font.save(target, reorderTables=True)
        return target.getvalue()


def _decompose(font: TTFont, glyphs: set[int]) -> None:
    """Draw glyphs that are put together of others as glyphs of their own: TeX numbers the others run by run."""
    names, table, all_glyphs = font.getGlyphOrder(), font["glyf"], font.getGlyphSet()
    for name in (names[number] for number in sorted(glyphs)):
        if table[name].isComposite():
            whole, drawn = DecomposingRecordingPen(all_glyphs), TTGlyphPen(None)
            all_glyphs[name].draw(whole)
            whole.replay(drawn)
            table[name] = drawn.glyph()
            table[name].recalcBounds(table)


def _cut_cid(program: bytes, glyphs: set[int]) -> bytes:
    """A CFF program with numbered glyphs, in which all but these (and the first) are empty."""
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(program), None)
    fonts.desubroutinize()  # a subroutine could hold another glyph's outline
    top = fonts[0]
    for number, name in enumerate(top.charset):
        if number and number not in glyphs:
            top.CharStrings[name].setProgram(["endchar"])
    target = io.BytesIO()
    fonts.compile(target, None)
    return target.getvalue()
