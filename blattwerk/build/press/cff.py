"""The Compact Font Format: a small font program of some glyphs.

The Compact Font Format Specification, Adobe Technical Note 5176. One font, no subroutines, glyphs by name.
"""

from collections.abc import Iterable, Mapping, Sequence

from fontTools.cffLib import cffStandardStrings

_STANDARD = {name: number for number, name in enumerate(cffStandardStrings)}
# Operators of a private dictionary, and whether their numbers are written as differences.
_PRIVATE: Mapping[str, tuple[bytes, bool]] = {
    "BlueValues": (b"\x06", True),
    "OtherBlues": (b"\x07", True),
    "FamilyBlues": (b"\x08", True),
    "FamilyOtherBlues": (b"\x09", True),
    "StdHW": (b"\x0a", False),
    "StdVW": (b"\x0b", False),
    "BlueScale": (b"\x0c\x09", False),
    "BlueShift": (b"\x0c\x0a", False),
    "BlueFuzz": (b"\x0c\x0b", False),
    "StemSnapH": (b"\x0c\x0c", True),
    "StemSnapV": (b"\x0c\x0d", True),
    "LanguageGroup": (b"\x0c\x11", False),
}
_OFFSET = 5  # bytes of a whole number in the top dictionary, written at full length so that offsets change no length


def program(
    name: str,
    box: Sequence[float],
    glyphs: Mapping[str, bytes],
    private: Mapping[str, Sequence[float]],
    matrix: Sequence[float] = (),
) -> bytes:
    """A font with these glyphs, .notdef first; `glyphs` holds Type 2 charstrings by name."""
    ordered = [".notdef", *sorted(glyphs.keys() - {".notdef"})]
    own = [glyph for glyph in ordered if glyph not in _STANDARD]
    numbers = _STANDARD | {glyph: len(cffStandardStrings) + i for i, glyph in enumerate(own)}
    charset = b"\x00" + b"".join(numbers[glyph].to_bytes(2, "big") for glyph in ordered[1:])
    charstrings = index(glyphs[glyph] for glyph in ordered)
    last = b"".join(_entry(key, values) for key, values in private.items())
    start = b"\x01\x00\x04\x04" + index([name.encode("ascii")])
    strings = index(glyph.encode("ascii") for glyph in own) + index(())

    def top(offsets: tuple[int, int, int]) -> bytes:
        head = b"".join(map(real, box)) + b"\x05"
        if matrix:
            head += b"".join(map(real, matrix)) + b"\x0c\x07"
        places, sizes = map(_long, offsets), _long(len(last))
        first, second, third = places
        return index([head + first + b"\x0f" + second + b"\x11" + sizes + third + b"\x12"])

    begin = len(start) + len(top((0, 0, 0))) + len(strings)
    offsets = (begin, begin + len(charset), begin + len(charset) + len(charstrings))
    return start + top(offsets) + strings + charset + charstrings + last


def index(items: Iterable[bytes]) -> bytes:
    """An INDEX: a count, offsets, and the items one behind the other."""
    there = tuple(items)
    if not there:
        return b"\x00\x00"
    places = [1]
    for item in there:
        places.append(places[-1] + len(item))
    size = (places[-1].bit_length() + 7) // 8
    offsets = b"".join(place.to_bytes(size, "big") for place in places)
    return len(there).to_bytes(2, "big") + bytes([size]) + offsets + b"".join(there)


def _entry(key: str, values: Sequence[float]) -> bytes:
    operator, differences = _PRIVATE[key]
    if differences:
        values = [value - before for before, value in zip((0, *values[:-1]), values, strict=True)]
    return b"".join(map(real, values)) + operator


def real(value: float) -> bytes:
    """A number of a dictionary: a whole one in few bytes, any other in decimal digits."""
    if value == int(value) and abs(value) < 1 << 31:
        return _whole(int(value))
    nibbles = [_NIBBLES[sign] for sign in repr(float(value)).replace("e-", "~").replace("e+", "e")] + [15]
    nibbles += [15] * (len(nibbles) % 2)
    return b"\x1e" + bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))


_NIBBLES = {**{str(digit): digit for digit in range(10)}, ".": 10, "e": 11, "~": 12, "-": 14}


def _whole(value: int) -> bytes:
    if -107 <= value <= 107:
        return bytes([value + 139])
    if 108 <= value <= 1131:
        return bytes([247 + (value - 108 >> 8), value - 108 & 0xFF])
    if -1131 <= value <= -108:
        return bytes([251 + (-value - 108 >> 8), -value - 108 & 0xFF])
    return _long(value) if not -32768 <= value <= 32767 else b"\x1c" + (value & 0xFFFF).to_bytes(2, "big")


def _long(value: int) -> bytes:
    return b"\x1d" + (value & 0xFFFFFFFF).to_bytes(4, "big")
