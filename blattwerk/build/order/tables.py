"""A table that somebody typed: CSV in the encodings that spreadsheets write, or a workbook (.xlsx); told by content."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blattwerk.build.order.csv_records import Row, rows_of
from blattwerk.build.order.workbook import is_workbook, workbook_rows
from blattwerk.errors import RosterError

LARGEST = 50 << 20
SIGNS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_WESTERN = re.compile("[\0-\x7f\xa0-\xffŠšŽžŒœŸ‘’‚“”„–—…€]*")  # what Windows-1252 has been used for


@dataclass(frozen=True)
class Table:
    """The rows of a file that hold something.

    form     what the file was taken for, for the report
    warning  what the reader should look at, where the file does not say how it is to be read
    """

    rows: tuple[Row, ...]
    form: str
    warning: str = ""


def read_table(path: Path, what: str, known_titles: Callable[[tuple[str, ...]], int]) -> Table:
    """The rows of a file; raises RosterError, which calls the file `what`, where it is no table."""
    try:
        if path.stat().st_size > LARGEST:
            raise RosterError(f"{what} {path} is larger than {LARGEST >> 20} MB")
        content = path.read_bytes()
    except OSError as error:
        raise RosterError(f"{what} {path} cannot be read: {error.strerror}") from error
    if is_workbook(content):
        return Table(workbook_rows(content, f"{what} {path}"), "a workbook")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise RosterError(f"{what} {path} is neither CSV nor a workbook of Excel's .xlsx; save it as one of these")
    text, encoding, warning = _decoded(content, f"{what} {path}")
    rows = tuple(rows_of(text, known_titles))
    sign = SIGNS.get(rows[0].delimiter, "") if rows else ""
    return Table(rows, f"CSV with {sign}, {encoding}", warning)


def _decoded(content: bytes, where: str) -> tuple[str, str, str]:
    """A file's text, its encoding, and what is to be said of it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "UTF-16", ""
        except UnicodeDecodeError as error:
            raise RosterError(f"{where} begins like UTF-16 and is none (byte {error.start})") from error
    if b"\0" in content:
        raise RosterError(f"{where} holds bytes that are no text; save it as 'CSV UTF-8' in the spreadsheet")
    try:
        return content.decode("utf-8-sig"), "UTF-8", ""
    except UnicodeDecodeError as error:
        return _of_windows(content, error.start, where)


def _of_windows(content: bytes, byte: int, where: str) -> tuple[str, str, str]:
    """The text of Excel's other CSV, if every character of it is one of Western Europe."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        text = "\0\u2713"
    if not _WESTERN.fullmatch(text):
        raise RosterError(f"{where} is not UTF-8 (byte {byte}); save it as 'CSV UTF-8' in the spreadsheet")
    words = dict.fromkeys(word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii())
    warning = (
        f"{where} is not UTF-8 (byte {byte}) and was read as Windows-1252; if {', '.join(list(words)[:3]) or 'it'} "
        "should read otherwise, save it as 'CSV UTF-8' in the spreadsheet"
    )
    return text, "Windows-1252", warning
