"""Type 1 font programs, as TeX embeds them: read, and their outlines turned into Type 2 charstrings.

Adobe Type 1 Font Format (1990), chapters 5 to 8; The Type 2 Charstring Format, Adobe Technical Note 5177. Stem hints
are kept: where a glyph replaces its hints on the way, the Type 2 charstring has a mask for each set of them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from fontTools.encodings.StandardEncoding import StandardEncoding

from blattwerk.errors import TexFailure

_C1, _C2 = 52845, 22719  # of the encryption, section 7.2
_EEXEC, _CHARSTRING = 55665, 4330
_SKIPPED = 4  # random bytes at the beginning of what is encrypted

# What a CFF's private dictionary has too.
PRIVATE = (
    "BlueValues", "OtherBlues", "FamilyBlues", "FamilyOtherBlues", "StdHW", "StdVW",
    "BlueScale", "BlueShift", "BlueFuzz", "StemSnapH", "StemSnapV", "LanguageGroup",
)  # fmt: skip

_BINARY = re.compile(rb"(?:dup\s+(\d+)|/(\S+))\s+(\d+)\s+(?:RD|-\|)\s")
_ENCODED = re.compile(rb"dup\s+(\d+)\s*/(\S+)\s+put")


def _powers(base: int, count: int) -> npt.NDArray[np.uint64]:
    found = [1]
    for _ in range(count - 1):
        found.append(found[-1] * base & 0xFFFF)
    return np.array(found, dtype=np.uint64)


_ROOM = 1 << 16
_UP, _DOWN = _powers(_C1, _ROOM), _powers(pow(_C1, -1, _ROOM), _ROOM)  # both have a period that divides _ROOM


def decrypted(cipher: bytes, key: int) -> bytes:
    """What was encrypted as section 7.1 has it.

    The key of a byte is r' = (c + r) C1 + C2 modulo 2^16. As C1 is odd, r' / C1^k is a sum over the bytes before it.
    """
    c = np.frombuffer(cipher, dtype=np.uint8).astype(np.uint64)
    k = np.arange(len(c))
    steps = (c * np.uint64(_C1) + np.uint64(_C2)) * _DOWN[(k + 1) % _ROOM]
    sums = np.concatenate(([np.uint64(key)], np.uint64(key) + np.cumsum(steps, dtype=np.uint64)[:-1]))
    keys = sums * _UP[k % _ROOM] & np.uint64(0xFFFF)
    return bytes((c ^ (keys >> np.uint64(8))).astype(np.uint8).tobytes()[_SKIPPED:])


@dataclass(frozen=True)
class Type1:
    """A Type 1 program: its part in clear text and the decrypted one; both are read when something is asked for."""

    clear: bytes
    private: bytes

    @classmethod
    def read(cls, program: bytes, clear: int, encrypted: int) -> "Type1":
        """The program in a PDF's FontFile, whose parts have these lengths."""
        return cls(program[:clear], decrypted(program[clear : clear + encrypted], _EEXEC))

    @cached_property
    def _strings(self) -> tuple[dict[int, bytes], dict[str, bytes]]:
        """Subroutines by number and charstrings by name, still encrypted."""
        subroutines: dict[int, bytes] = {}
        glyphs: dict[str, bytes] = {}
        place = 0
        while found := _BINARY.search(self.private, place):
            place = found.end() + int(found[3])
            content = self.private[found.end() : place]
            if found[1] is not None:
                subroutines[int(found[1])] = content
            else:
                glyphs[found[2].decode("ascii")] = content
        return subroutines, glyphs

    @property
    def names(self) -> frozenset[str]:
        """The names of all glyphs."""
        return frozenset(self._strings[1])

    def subroutine(self, number: int) -> bytes:
        """A subroutine's charstring."""
        return decrypted(self._strings[0][number], _CHARSTRING)

    def charstring(self, name: str) -> bytes:
        """A glyph's charstring; raises TexFailure if there is no such glyph."""
        return decrypted(self.encrypted(name), _CHARSTRING)

    def encrypted(self, name: str) -> bytes:
        """A glyph's charstring as the program holds it."""
        try:
            return self._strings[1][name]
        except KeyError:
            raise TexFailure(f"a font has no glyph '{name}', which a page uses") from None

    def encoding(self) -> dict[int, str]:
        """The names by code of the font's own encoding."""
        if b"StandardEncoding def" in self.clear:
            return dict(enumerate(StandardEncoding))
        return {int(code): name.decode("ascii") for code, name in _ENCODED.findall(self.clear)}

    def numbers(self, key: str) -> tuple[float, ...]:
        """The numbers under a key of either part, such as BlueValues; none where it is not there."""
        pattern = rb"/" + key.encode() + rb"\s*(?:[\[{]([^\]}]*)[\]}]|([-+.\dEe]+))"
        found = re.search(pattern, self.clear) or re.search(pattern, self.private)
        return tuple(map(float, (found[1] or found[2] or b"").split())) if found else ()

    @cached_property
    def hints(self) -> Mapping[str, tuple[float, ...]]:
        """What a CFF's private dictionary takes over."""
        return {key: numbers for key in PRIVATE if (numbers := self.numbers(key))}

    def outline(self, name: str) -> "Outline":
        """A glyph's outline."""
        reader = _Reader(self)
        reader.run(self.charstring(name))
        return reader.outline()


Segment = tuple[float, ...]  # a move or line (dx, dy), a curve (dx1, dy1, dx2, dy2, dx3, dy3)
Stem = tuple[float, float]  # lower edge and width


@dataclass(frozen=True)
class Outline:
    """A glyph: its width, and what is drawn, with each set of stem hints before what it holds for.

    `parts` holds (horizontal stems, vertical stems, [(kind, segment)]); kinds are m (move), l (line) and c (curve).
    """

    width: float
    parts: tuple[tuple[frozenset[Stem], frozenset[Stem], tuple[tuple[str, Segment], ...]], ...]


@dataclass
class _Reader:
    """Carries out a Type 1 charstring."""

    font: Type1
    stack: list[float] = field(default_factory=list)
    postscript: list[float] = field(default_factory=list)
    width: float = 0.0
    side: float = 0.0  # the left sidebearing, which vertical stems are counted from
    ahead: tuple[float, float] = (0.0, 0.0)  # moves that are not drawn yet
    flex: list[tuple[float, float]] | None = None
    horizontal: set[Stem] = field(default_factory=set)
    vertical: set[Stem] = field(default_factory=set)
    drawn: list[tuple[str, Segment]] = field(default_factory=list)
    parts: list[tuple[frozenset[Stem], frozenset[Stem], tuple[tuple[str, Segment], ...]]] = field(default_factory=list)
    ended: bool = False

    def outline(self) -> Outline:
        """What was drawn."""
        self._close_part()
        return Outline(self.width, tuple(self.parts))

    def run(self, code: bytes) -> None:
        """Carry out a charstring, its subroutines too."""
        for operator in _read(code, self.stack):
            if operator == 10:
                self.run(self.font.subroutine(int(self.stack.pop())))
            elif operator == 11:
                return
            elif self._escape(operator) or self._hint(operator):
                continue
            else:
                self._draw(operator)
                self.stack.clear()
            if self.ended:
                return

    def _escape(self, operator: int) -> bool:
        """Operators that leave something on the stack."""
        if operator == 1200 + 12:  # div
            divisor = self.stack.pop()
            self.stack.append(self.stack.pop() / divisor)
        elif operator == 1200 + 16:  # callothersubr
            self._other_subroutine()
        elif operator == 1200 + 17:  # pop
            self.stack.append(self.postscript.pop())
        else:
            return False
        return True

    def _other_subroutine(self) -> None:
        number, count = int(self.stack.pop()), int(self.stack.pop())
        arguments = [self.stack.pop() for _ in range(count)]
        if number == 1:
            self.flex = []
        elif number == 0 and self.flex is not None:
            self._end_flex(self.flex)
            self.flex = None
            self.postscript = [arguments[0], arguments[1]]
        elif number == 3:  # other hints from here on
            self._close_part()
            self.postscript = [arguments[0]]
        elif number != 2:
            self.postscript = arguments

    def _end_flex(self, moves: list[tuple[float, float]]) -> None:
        """Two curves; the first move only leads to a point of reference."""
        (x, y), (x1, y1), *others = moves
        points = [(x + x1, y + y1), *others]
        for three in (points[:3], points[3:]):
            self._add("c", tuple(value for point in three for value in point))

    def _hint(self, operator: int) -> bool:
        if operator not in (1, 3, 1200, 1201, 1202):
            return False
        stems, base = (self.horizontal, 0.0) if operator in (1, 1202) else (self.vertical, self.side)
        pairs = zip(self.stack[::2], self.stack[1::2], strict=False)
        if operator != 1200:  # dotsection has no arguments and no successor
            stems.update((base + edge, size) for edge, size in pairs)
        self.stack.clear()
        return True

    def _draw(self, operator: int) -> None:
        s = self.stack
        match operator:
            case 13:  # hsbw
                self.side, self.width = s
                self.ahead = (self.side, 0.0)
            case 1207:  # sbw
                self.side, self.width = s[0], s[2]
                self.ahead = (s[0], s[1])
            case 21:
                self._move(s[0], s[1])
            case 22:
                self._move(s[0], 0.0)
            case 4:
                self._move(0.0, s[0])
            case 5:
                self._add("l", (s[0], s[1]))
            case 6:
                self._add("l", (s[0], 0.0))
            case 7:
                self._add("l", (0.0, s[0]))
            case 8:
                self._add("c", tuple(s))
            case 30:
                self._add("c", (0.0, s[0], s[1], s[2], s[3], 0.0))
            case 31:
                self._add("c", (s[0], 0.0, s[1], s[2], 0.0, s[3]))
            case 9 | 1233:  # closepath: Type 2 closes by itself; setcurrentpoint: we know where we are
                pass
            case 14:
                self.ended = True
            case 1206:
                self._accent(*s)
                self.ended = True
            case _:
                raise TexFailure(f"a font has an outline with the operator {operator}, which nobody knows")

    def _move(self, dx: float, dy: float) -> None:
        if self.flex is None:
            self.ahead = (self.ahead[0] + dx, self.ahead[1] + dy)
        else:
            self.flex.append((dx, dy))

    def _add(self, kind: str, segment: Segment) -> None:
        if any(self.ahead) or (not any(drawn for _, _, drawn in self.parts) and not self.drawn):
            self.drawn.append(("m", self.ahead))
            self.ahead = (0.0, 0.0)
        self.drawn.append((kind, segment))

    def _close_part(self) -> None:
        if self.drawn or self.horizontal or self.vertical:
            self.parts.append((frozenset(self.horizontal), frozenset(self.vertical), tuple(self.drawn)))
        self.horizontal, self.vertical, self.drawn = set(), set(), []

    def _accent(self, side: float, dx: float, dy: float, base: float, accent: float) -> None:
        """A glyph made of two, without hints."""
        names = (StandardEncoding[int(base)], StandardEncoding[int(accent)])
        first, second = (self.font.outline(name) for name in names)
        below = [one for _, _, drawn in first.parts for one in drawn]
        above = [one for _, _, drawn in second.parts for one in drawn]
        x, y = (sum(value for _, segment in below for value in segment[i::2]) for i in (0, 1))
        (kind, start), *others = above
        shift = (self.side - side + dx - x, dy - y)
        self.drawn = [*below, (kind, (start[0] + shift[0], start[1] + shift[1])), *others]


def _read(code: bytes, stack: list[float]) -> Iterator[int]:
    """The operators of a charstring, the numbers before each put on the stack; 12 n is 1200 + n."""
    place = 0
    while place < len(code):
        byte = code[place]
        place += 1
        if byte >= 32:
            place = _number(code, byte, place, stack)
        elif byte == 12:
            place += 1
            yield 1200 + code[place - 1]
        else:
            yield byte


def _number(code: bytes, byte: int, place: int, stack: list[float]) -> int:
    if byte <= 246:
        stack.append(byte - 139)
        return place
    if byte <= 250:
        stack.append((byte - 247) * 256 + code[place] + 108)
        return place + 1
    if byte <= 254:
        stack.append(-(byte - 251) * 256 - code[place] - 108)
        return place + 1
    stack.append(int.from_bytes(code[place : place + 4], "big", signed=True))
    return place + 4


def type2(outline: Outline) -> bytes:
    """An outline as a Type 2 charstring."""
    return b"".join(_pieces(outline))


def _pieces(outline: Outline) -> Iterator[bytes]:
    horizontal = sorted({stem for part in outline.parts for stem in part[0]})
    vertical = sorted({stem for part in outline.parts for stem in part[1]})
    masks = [_mask(part[0], part[1], horizontal, vertical) for part in outline.parts]
    masked = len(set(masks)) > 1
    yield _operand(outline.width)
    for stems, operator in ((horizontal, 18 if masked else 1), (vertical, 23 if masked else 3)):
        if stems:
            yield from _stems(stems, operator)
    before = b""
    for (_, _, drawn), mask in zip(outline.parts, masks, strict=True):
        if masked and mask != before:
            yield b"\x13" + mask
            before = mask
        for kind, segment in drawn:
            yield from map(_operand, segment)
            yield bytes([{"m": 21, "l": 5, "c": 8}[kind]])
    yield b"\x0e"


def _stems(stems: list[Stem], operator: int) -> Iterator[bytes]:
    """Each edge as the distance from the one before."""
    edge = 0.0
    for low, size in stems:
        yield _operand(low - edge) + _operand(size)
        edge = low + size
    yield bytes([operator])


def _mask(own: frozenset[Stem], upright: frozenset[Stem], horizontal: list[Stem], vertical: list[Stem]) -> bytes:
    bits = [stem in own for stem in horizontal] + [stem in upright for stem in vertical]
    size = -(-len(bits) // 8)
    value = sum(bit << (8 * size - 1 - i) for i, bit in enumerate(bits))
    return value.to_bytes(size, "big")


def _operand(value: float) -> bytes:
    """A number in a Type 2 charstring."""
    if value != int(value):
        return b"\xff" + (round(value * 65536) & 0xFFFFFFFF).to_bytes(4, "big")
    whole = int(value)
    if -107 <= whole <= 107:
        return bytes([whole + 139])
    if 108 <= whole <= 1131:
        return bytes([247 + (whole - 108 >> 8), whole - 108 & 0xFF])
    if -1131 <= whole <= -108:
        return bytes([251 + (-whole - 108 >> 8), -whole - 108 & 0xFF])
    return b"\x1c" + (whole & 0xFFFF).to_bytes(2, "big")
