"""CSV as spreadsheets write it: comma, semicolon or tab; a line break inside quotation marks; any end of a line.

Only CR and LF end a line: other programs' line breaks (U+000B, U+0085, U+2028) are characters of a cell. A quotation
mark that is never closed spoils its own line, not those that follow.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

DELIMITERS = ",;\t"
LONGEST = 20  # lines of a cell; a quotation mark that is still open then was forgotten
OPEN = "unexpected end of data"  # what csv says of a quotation mark that is not closed
_LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n|$)")
_SEPARATOR = re.compile(r"\s*sep=([,;\t])\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """A line and its cells, or what is wrong with it; its number is that of its first line in the file.

    `delimiter` is empty for the row of a workbook; `trouble` says by a cell's place why it cannot be used.
    """

    line: int
    source: str
    delimiter: str
    cells: tuple[str, ...] = ()
    mistake: str = ""
    trouble: Mapping[int, str] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the file that the row runs over."""
        return tuple(line for line in _LINE.findall(self.source) if line)


def rows_of(text: str, known_titles: Callable[[tuple[str, ...]], int]) -> Iterator[Row]:
    """The lines of a file that hold something.

    The delimiter is the one that Excel's line `sep=;` names, or else the one with which the header's line holds the
    most titles that are known.
    """
    lines = [line for line in _LINE.findall(text) if line]
    place = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    if place == len(lines):
        return
    if said := _SEPARATOR.fullmatch(lines[place]):
        place, delimiter = place + 1, said.group(1)
    else:
        delimiter = max(DELIMITERS, key=lambda sign: _likeness(lines, place, sign, known_titles))
    while place < len(lines):
        row, place = _row(lines, place, delimiter)
        if row.source.strip():
            yield row


def _likeness(
    lines: list[str], place: int, delimiter: str, known_titles: Callable[[tuple[str, ...]], int]
) -> tuple[int, int]:
    """How much a line is like a header with this delimiter."""
    cells = _row(lines, place, delimiter)[0].cells
    return known_titles(cells), len(cells)


def _row(lines: list[str], place: int, delimiter: str) -> tuple[Row, int]:
    """The row that begins at a line, and the place of the next one."""
    for end in range(place, min(place + LONGEST, len(lines))):
        source = "".join(lines[place : end + 1])
        try:
            return Row(place + 1, source, delimiter, _cells(lines[place : end + 1], delimiter)), end + 1
        except csv.Error as error:
            mistake = str(error)
        if mistake != OPEN:
            break
    return Row(place + 1, lines[place], delimiter, (), _told(mistake)), place + 1


def _cells(lines: list[str], delimiter: str) -> tuple[str, ...]:
    """The cells of a row; raises csv.Error where its quotation marks do not fit."""
    return tuple(cell for row in csv.reader(lines, delimiter=delimiter, strict=True) for cell in row)


def _told(mistake: str) -> str:
    """What the reader says, in the words of those who see a spreadsheet."""
    if "expected after" in mistake:
        return 'something stands behind a closing quotation mark; write "" for a quotation mark inside a cell'
    return "a quotation mark is opened and not closed" if mistake == OPEN else mistake
