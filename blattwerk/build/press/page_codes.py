"""A code on each page, so that scans can be sorted: which sheet, which page, and a check sum.

A QR code of 2 cm: a scan at 200 dpi has six points for each of its squares, and four are enough to be read.
"""

import re
from zlib import crc32

import pikepdf

SIDE = 20 * 72 / 25.4  # of the code, in points
RIGHT = 12 * 72 / 25.4  # from the code to the right edge of the page
TOP = 8 * 72 / 25.4

_CODE = re.compile(r"(BW:([A-Z0-9-]+):([1-9][0-9]*)):([0-9A-F]{4})")


def page_code(sheet: str, page: int) -> str:
    """What the code on a page says: the sheet's code, the page, and a check sum of both."""
    said = f"BW:{sheet}:{page}"
    return f"{said}:{_sum(said)}"


def read_page_code(text: str) -> tuple[str, int]:
    """The sheet's code and the page; raises ValueError where the text is no such code, or was read wrongly."""
    found = _CODE.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:60]!r} is no code of a page")
    if _sum(found[1]) != found[4]:
        raise ValueError(f"the check sum of {text[:60]!r} is wrong; scan the page again")
    return found[2], int(found[3])


def _sum(said: str) -> str:
    return f"{crc32(said.encode()) & 0xFFFF:04X}"


def stamp(document: pikepdf.Pdf, page: pikepdf.Page, text: str) -> None:
    """Draw a code into the upper right corner of a page."""
    import segno  # only exams have codes

    rows = tuple(segno.make_qr(text, error="m", boost_error=False).matrix)
    side = SIDE / len(rows)
    left, top = float(page.mediabox[2]) - RIGHT - SIDE, float(page.mediabox[3]) - TOP
    squares = (
        f"{left + start * side:.3f} {top - (row + 1) * side:.3f} {(end - start) * side:.3f} {side:.3f} re"
        for row, bits in enumerate(rows)
        for start, end in _runs(bytes(bits))
    )
    drawn = "q 0 g " + " ".join(squares) + " f Q"
    page.contents_add(pikepdf.Stream(document, f"\n{drawn}\n".encode()))


def _runs(bits: bytes) -> list[tuple[int, int]]:
    """Where dark squares begin and end in a row."""
    return [found.span() for found in re.finditer(rb"\x01+", bits)]
