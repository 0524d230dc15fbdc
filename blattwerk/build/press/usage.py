"""Which characters of which font a page shows, read from its content stream.

Only TeX's own content is read: font changes, and strings in brackets or angles. Whatever else could hold text is
refused, for a character that goes unnoticed would be missing on paper.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

import pikepdf

from blattwerk.errors import TexFailure

_FONT = re.compile(rb"/([A-Za-z]+\d+)(\s+[-+.\d]+\s+Tf\b)")
_FORM = re.compile(rb"/([A-Za-z]+\d+)(\s+Do\b)")
# TeX escapes brackets in strings, and puts no blank there. What looks like an operator in one would end with a bracket.
_INSIDE = re.compile(rb"/[A-Za-z]+\d+\s+(?:[-+.\d]+\s+Tf|Do)\b[^()]*\)")
_BETWEEN = re.compile(rb"\)[^()\\]*\(")  # two strings: an escaped bracket has a backslash before it
_CODE = re.compile(rb"<([0-9A-Fa-f]+)>")
_LITERAL = re.compile(rb"\((?:[^()\\]|\\.)*\)", re.DOTALL)
_BLACK = re.compile(rb"\A(0 g 0 G\s)(?:0 g 0 G\s)+")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_SIGNS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class Content:
    """A page's content stream, and what it shows: strings by the name of their font; forms and pictures by name.

    `pieces` is the stream: what stands before the first font, and then a font's name, its operator, and what follows.
    """

    pieces: tuple[bytes, ...]
    forms: tuple[str, ...]

    @classmethod
    def of(cls, page: pikepdf.Page) -> "Content":
        """The content of a page; raises TexFailure if it cannot be read."""
        stream = page.Contents.read_bytes() if "/Contents" in page else b""
        pieces = tuple(_FONT.split(stream))
        if _INSIDE.search(stream) or b"(" in pieces[0]:
            raise TexFailure("a page has a content that cannot be read; its fonts cannot be cut")
        return cls(pieces, tuple(_name(name) for name, _ in _FORM.findall(stream)))

    def codes(self, wide: Container[str]) -> dict[str, set[int]]:
        """The character codes that are shown, by font, in order; those of wide fonts have two bytes."""
        shown: dict[bytes, list[bytes]] = {}
        for name, following in zip(self.pieces[1::3], self.pieces[3::3], strict=True):
            shown.setdefault(name, []).append(following)
        found = {_name(name): b"".join(pieces) for name, pieces in shown.items()}
        codes = {name: _wide(text) if name in wide else _narrow(text) for name, text in found.items()}
        return {name: own for name, own in codes.items() if own}

    def renamed(self, names: Mapping[str, str]) -> bytes:
        """The stream with other names for its fonts, forms and pictures."""
        table = {old[1:].encode("ascii"): new.encode("ascii") for old, new in names.items()}
        fonts = (table[name] + operator for name, operator in zip(self.pieces[1::3], self.pieces[2::3], strict=True))
        both = zip(fonts, self.pieces[3::3], strict=True)
        begin = _BLACK.sub(rb"\1", self.pieces[0])  # TeX says it once more on the first page of a run
        stream = b"".join((begin, *(piece for pair in both for piece in pair)))
        return _FORM.sub(lambda match: table[match[1]] + match[2], stream) if self.forms else stream


def _name(name: bytes) -> str:
    return "/" + name.decode("ascii")


def _narrow(pieces: bytes) -> set[int]:
    """The bytes of all literal strings; there are no others in a font with codes of one byte."""
    if _CODE.search(pieces) and _CODE.search(_LITERAL.sub(b"", pieces)):  # in a string, <b> is what it says
        raise TexFailure("a page shows letters in a way that cannot be read; its fonts cannot be cut")
    inner = _BETWEEN.sub(b"", pieces)
    start, end = inner.find(b"("), inner.rfind(b")")
    return set(_plain(inner[start + 1 : end])) if start >= 0 else set()


def _wide(pieces: bytes) -> set[int]:
    """The numbers in all hexadecimal strings; there are no others in a font with codes of two bytes."""
    if b"(" in pieces:
        raise TexFailure("a page shows letters in a way that cannot be read; its fonts cannot be cut")
    codes = bytes.fromhex(b"".join(_CODE.findall(pieces)).decode("ascii"))
    return {high << 8 | low for high, low in zip(codes[::2], codes[1::2], strict=True)}


def _plain(literal: bytes) -> bytes:
    """A literal string without its escapes."""
    return _ESCAPED.sub(_unescaped, literal) if b"\\" in literal else literal


def _unescaped(match: "re.Match[bytes]") -> bytes:
    sign = match[1]
    if sign[:1] in b"01234567":
        return bytes([int(sign, 8) & 0xFF])
    return b"" if sign in (b"\n", b"\r", b"\r\n") else _SIGNS.get(sign, sign)


_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[(.*?)\])", re.DOTALL)


def texts(cmap: bytes) -> dict[int, str]:
    """What a ToUnicode map says of each code: UTF-16 in hexadecimal digits."""
    found: dict[int, str] = {}
    for kind, block in _BLOCK.findall(cmap):
        if kind == b"bfchar":
            pairs = iter(_CODE.findall(block))
            found |= {int(code, 16): text.decode("ascii").upper() for code, text in zip(pairs, pairs, strict=True)}
            continue
        for low, high, first, several in _RANGE.findall(block):
            codes = range(int(low, 16), int(high, 16) + 1)
            if several:
                found |= {c: t.decode("ascii").upper() for c, t in zip(codes, _CODE.findall(several), strict=False)}
            else:
                found |= {c: f"{int(first, 16) + i:0{len(first)}X}" for i, c in enumerate(codes)}
    return found


def cmap(said: Mapping[int, str], digits: int) -> bytes:
    """A ToUnicode map of these codes, each written with so many hexadecimal digits."""
    lines = [f"<{code:0{digits}X}> <{text}>" for code, text in sorted(said.items())]
    blocks = [lines[i : i + 100] for i in range(0, len(lines), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    room = f"<{'0' * digits}> <{'F' * digits}>"
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapType 2 def\n/CMapName /Own def\n"
        f"1 begincodespacerange\n{room}\nendcodespacerange\n{body}\nendcmap\nend\nend\n"
    ).encode("ascii")
