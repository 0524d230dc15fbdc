"""The fonts of a finished PDF: cut down to the letters on its own pages, so that it holds nobody else's.

In a run of TeX, all sheets share their fonts, which hold the letters of the whole run. Here each PDF gets its own: Type
1 fonts become CFF (a third of the size), others keep their format. What is left out cannot be told from the result:
equal pages have equal fonts, whoever shared the run.
"""

import io
from collections.abc import Iterator
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
from blattwerk.build.press.type1 import Type1, private_entries, type2
from blattwerk.build.press.usage import Content, cmap, texts
from blattwerk.errors import TexFailure

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Outlines that were converted before, by font, glyph and what it was converted from; few hundred in a course.
_OUTLINES: dict[tuple[str, str, bytes], bytes] = {}


@dataclass
class Fonts:
    """The fonts of one run of TeX: programs are read once for all the PDFs that come of it."""

    programs: dict[str, Type1] = field(default_factory=dict)  # by name, which the run's tag makes unique

    def cut(self, document: pikepdf.Pdf) -> None:
        """Replace the fonts of a document by those with its own letters.

        Raises TexFailure for a font of a kind that is not known here.
        """
        users: dict[tuple[int, int], _User] = {}
        names = _Names()
        for page in document.pages:
            for font, codes in _own_fonts(page, names):
                users.setdefault(font.objgen, _User(font)).codes.update(codes)
        self._cut_type1(document, [user for user in users.values() if user.font.Subtype == "/Type1"])
        for user in users.values():
            if user.font.Subtype == "/Type0":
                _cut_composite(document, user)
            elif user.font.Subtype != "/Type1":
                raise TexFailure(f"a font of the kind {user.font.Subtype} cannot be cut down to a sheet's own letters")

    def _cut_type1(self, document: pikepdf.Pdf, users: "list[_User]") -> None:
        """Fonts that share a program (with other encodings) get one with the letters of both."""
        for name in sorted({str(user.font.FontDescriptor.FontName) for user in users}):
            sharing = [user for user in users if str(user.font.FontDescriptor.FontName) == name]
            font = self._program(name, sharing[0].font.FontDescriptor)
            wanted = sorted({glyph for user in sharing for glyph in user.encoding(font).values()})
            base = name.lstrip("/").partition("+")[2] or name.lstrip("/")
            descriptor = _with_program(document, sharing[0].font.FontDescriptor, base, wanted, font)
            for user in sharing:
                user.become_simple(document, descriptor, font)

    def _program(self, name: str, descriptor: pikepdf.Object) -> Type1:
        if name not in self.programs:
            file = descriptor.get("/FontFile")
            if file is None:
                raise TexFailure(f"the font {name} is not embedded as a Type 1 program; it cannot be cut")
            self.programs[name] = Type1.read(file.read_bytes(), int(file.Length1), int(file.Length2))
        return self.programs[name]


def _own_fonts(page: pikepdf.Page, names: "_Names") -> Iterator[tuple[Any, set[int]]]:
    """The fonts that a page shows something in, with the codes; the others are taken off its resources.

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
    yield from ((fonts[name], own_codes) for name, own_codes in codes.items())


@dataclass
class _Names:
    """Names for the objects of a document, in the order in which they are met."""

    given: dict[tuple[int, int], str] = field(default_factory=dict)

    def of(self, kind: str, thing: Any) -> str:
        """The name of a font or figure."""
        return self.given.setdefault(thing.objgen, f"{kind}{len(self.given) + 1}")


@dataclass
class _User:
    """A font of a document, and the codes of it that pages show."""

    font: Any
    codes: set[int] = field(default_factory=set)

    def encoding(self, font: Type1) -> dict[int, str]:
        """The names of the glyphs that are shown, by code."""
        names = _differences(self.font.Encoding) if "/Encoding" in self.font else font.encoding()
        if missing := self.codes - names.keys():
            raise TexFailure(f"{self.font.BaseFont} has no character {min(missing)}, which a page shows")
        return {code: names[code] for code in sorted(self.codes)}

    def become_simple(self, document: pikepdf.Pdf, descriptor: pikepdf.Object, font: Type1) -> None:
        """Show the same characters with a program that has no others."""
        first, last, names = min(self.codes), max(self.codes), self.encoding(font)
        before = int(self.font.FirstChar)
        widths = [self.font.Widths[code - before] if code in self.codes else 0 for code in range(first, last + 1)]
        self.font.Encoding = pikepdf.Dictionary(
            Type=pikepdf.Name.Encoding,
            Differences=[x for code, glyph in names.items() for x in (code, pikepdf.Name("/" + glyph))],
        )
        self.font.FirstChar, self.font.LastChar = first, last
        self.font.Widths = pikepdf.Array(widths)
        self.font.FontDescriptor, self.font.BaseFont = descriptor, descriptor.FontName
        self.keep_texts(document, 2)

    def keep_texts(self, document: pikepdf.Pdf, digits: int) -> None:
        """Say of the codes that are shown what they mean, and of no other."""
        if "/ToUnicode" in self.font:
            said = texts(self.font.ToUnicode.read_bytes())
            own = {code: said[code] for code in self.codes if code in said}
            self.font.ToUnicode = document.make_stream(cmap(own, digits))


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


def _with_program(
    document: pikepdf.Pdf, descriptor: pikepdf.Object, base: str, glyphs: list[str], font: Type1
) -> pikepdf.Object:
    """The descriptor with a CFF program of these glyphs."""
    name = f"{_tag(base, *glyphs)}+{base}"
    outlines = {glyph: _outline(base, glyph, font) for glyph in (".notdef", *glyphs)}
    box = [float(value) for value in descriptor.FontBBox]
    program = cff.program(name, box, outlines, private_entries(font))
    return document.make_indirect(
        _descriptor(descriptor, name, FontFile3=document.make_stream(program, Subtype=pikepdf.Name.Type1C))
    )


def _descriptor(descriptor: pikepdf.Object, name: str, **program: Any) -> pikepdf.Dictionary:
    dropped = ("/FontFile", "/FontFile2", "/FontFile3", "/CharSet", "/CIDSet")
    kept = {key: value for key, value in dict(descriptor).items() if key not in dropped}
    new = pikepdf.Dictionary(kept)
    new.FontName = pikepdf.Name("/" + name)
    for key, value in program.items():
        new["/" + key] = value
    return new


def _outline(base: str, glyph: str, font: Type1) -> bytes:
    key = base, glyph, font.charstring(glyph)
    if key not in _OUTLINES:
        _OUTLINES[key] = type2(font.outline(glyph))
    return _OUTLINES[key]


def _cut_composite(document: pikepdf.Pdf, user: _User) -> None:
    """A font with codes of two bytes, which are numbers of glyphs."""
    (inner,) = user.font.DescendantFonts
    base = str(inner.FontDescriptor.FontName).lstrip("/").partition("+")[2]
    name = f"{_tag(base, *map(str, sorted(user.codes)))}+{base}"
    if "/FontFile2" in inner.FontDescriptor:
        file = document.make_stream(_cut_truetype(inner.FontDescriptor.FontFile2.read_bytes(), user.codes))
        file.Length1 = len(file.read_bytes())
        descriptor = _descriptor(inner.FontDescriptor, name, FontFile2=file)
    elif inner.FontDescriptor.get("/FontFile3", {}).get("/Subtype") == "/CIDFontType0C":
        program = _cut_cid(inner.FontDescriptor.FontFile3.read_bytes(), user.codes)
        file = document.make_stream(program, Subtype=pikepdf.Name.CIDFontType0C)
        descriptor = _descriptor(inner.FontDescriptor, name, FontFile3=file)
    else:
        raise TexFailure(f"the font {base} is embedded in a way that is not known here; it cannot be cut")
    widths = dict(_widths(inner.W))
    inner.W = pikepdf.Array([x for code in sorted(user.codes & widths.keys()) for x in (code, [widths[code]])])
    inner.FontDescriptor = document.make_indirect(descriptor)
    inner.BaseFont = user.font.BaseFont = descriptor.FontName
    user.keep_texts(document, 4)


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
