"""Which characters of which font a page shows, read from its content stream.

Only TeX's own content is read: font changes, and strings in brackets or angles. Whatever else could hold text is
refused, for a character that goes unnoticed would be missing on paper.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

import pikepdf

from blattwerk.errors import TexFailure

_LITERAL = rb"\((?:[^()\\]|\\.)*\)"  # TeX escapes every bracket inside a string
_HEXADECIMAL = rb"<[0-9A-Fa-f\s]*>"
_NAMED = rb"/([^\s/\[\]()<>{}%]+)(\s+[-+.\d]+\s+Tf\b|\s+Do\b)"  # a font with its size, a form or picture
# A row of strings with the kerns between them, or one string; a dictionary; a name with its operator.
_STRINGS = rb"\[(?:" + _LITERAL + rb"|" + _HEXADECIMAL + rb"|[-+.\d\s]+)*\]|" + _LITERAL + rb"|<<|>>|" + _HEXADECIMAL
_TOKEN = re.compile(rb"(" + _STRINGS + rb")|" + _NAMED, re.DOTALL)
_RENAMED = re.compile(_NAMED)
_BETWEEN = re.compile(rb"\)[-+.\d\s\[\]]*\(")  # two strings; what is escaped in one has a backslash before the next
_CODE = re.compile(rb"<([0-9A-Fa-f]+)>")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_SIGNS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class Content:
    """A page's content stream, and what it shows: strings by the name of their font; forms and pictures by name."""

    stream: bytes
    shown: Mapping[str, bytes]
    forms: tuple[str, ...]

    @classmethod
    def of(cls, page: pikepdf.Page) -> "Content":
        """The content of a page; raises TexFailure if it cannot be read."""
        stream = page.Contents.read_bytes() if "/Contents" in page else b""
        rows: dict[bytes, list[bytes]] = {}
        forms: list[bytes] = []
        own = rows.setdefault(b"", [])
        for row, name, operator in _TOKEN.findall(stream):
            if row:
                own.append(row)
            elif operator.endswith(b"Tf"):
                own = rows.setdefault(name, [])
            else:
                forms.append(name)
        joined = {name: b"".join(there) for name, there in rows.items() if there}
        if sum(map(_brackets, joined.values())) != _brackets(stream):
            raise TexFailure("a page has a content that cannot be read; its fonts cannot be cut")
        shown = {_name(name): _text(there) for name, there in joined.items()}
        return cls(stream, {name: text for name, text in shown.items() if text}, tuple(map(_name, forms)))

    def codes(self, wide: Container[str]) -> dict[str, set[int]]:
        """The character codes that are shown, by font, in order; those of wide fonts have two bytes."""
        return {
            name: {high << 8 | low for high, low in zip(text[::2], text[1::2], strict=True)}
            if name in wide
            else set(text)
            for name, text in self.shown.items()
        }

    def renamed(self, names: Mapping[str, str]) -> bytes:
        """The stream with other names for its fonts, forms and pictures; no string of TeX's looks like one of these."""

        table = {old[1:].encode("latin-1"): new.encode("ascii") for old, new in names.items()}
        return _RENAMED.sub(lambda match: table[match[1]] + match[2], self.stream)


def _name(name: bytes) -> str:
    return "/" + name.decode("latin-1")


def _brackets(stream: bytes) -> int:
    return stream.count(b"(") + stream.count(b")")


def _text(rows: bytes) -> bytes:
    """The bytes of the strings in rows of them."""
    if b"(" in rows:
        inner = _BETWEEN.sub(b"", rows)
        return _plain(inner[inner.find(b"(") + 1 : inner.rfind(b")")])
    return bytes.fromhex(b"".join(_CODE.findall(rows)).decode("ascii"))


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
