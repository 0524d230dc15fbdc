"""The one filled sheet of a workbook (.xlsx), as rows of text. Nothing in it is computed, and its size has bounds."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from blattwerk.build.order.csv_records import Row
from blattwerk.errors import RosterError

PARTS, UNPACKED, ROWS, WIDTH = 2000, 200 << 20, 200_000, 200
EXACT = 10**15  # what a spreadsheet keeps of a number
# A document type could define entities that grow; a workbook has none. In UTF-8, and in UTF-16 either way.
DOCTYPE = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def is_workbook(content: bytes) -> bool:
    """Whether a file is a workbook, by its content."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return "xl/workbook.xml" in parts.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def workbook_rows(content: bytes, where: str) -> tuple[Row, ...]:
    """The filled rows of the one sheet that holds something.

    Raises RosterError for a workbook that is damaged, too large, or has several such sheets.
    """
    _check_size(content, where)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        filled = {sheet.title: rows for sheet in book.worksheets if (rows := tuple(_rows(sheet, where)))}
    except RosterError:
        raise
    except Exception as error:  # whatever the library meets in a damaged file
        raise RosterError(f"{where} is a damaged workbook ({type(error).__name__}); save it again") from error
    if len(filled) > 1:
        names = ", ".join(f"{name!r:.42}" for name in filled)
        raise RosterError(f"{where} has {len(filled)} sheets with entries: {names}; keep the one that is the list")
    return next(iter(filled.values()), ())


def _check_size(content: bytes, where: str) -> None:
    """Raise RosterError before anything is unpacked that would not fit; what unpacks to more than it says is cut."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            infos = parts.infolist()
            if len(infos) > PARTS or sum(info.file_size for info in infos) > UNPACKED:
                raise RosterError(f"{where} unpacks to more than {UNPACKED >> 20} MB or {PARTS} parts")
            if any(sign in parts.read(info) for info in infos for sign in DOCTYPE):
                raise RosterError(f"{where} holds a document type, which no spreadsheet writes")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError) as error:
        raise RosterError(f"{where} is a damaged workbook, or has a password; save it again without one") from error


def _rows(sheet: Any, where: str) -> Iterator[Row]:
    """The rows that hold something, numbered as the spreadsheet numbers them."""
    for count, cells in enumerate(sheet.iter_rows(max_col=WIDTH), 1):
        if count > ROWS:
            raise RosterError(f"{where} has more than {ROWS} rows")
        said = [_text(cell.value, str(getattr(cell, "number_format", ""))) for cell in cells]
        texts = tuple(text for text, _ in said)
        if any(text.strip() for text in texts):
            trouble = {i: why for i, (_, why) in enumerate(said) if why}
            number = next(cell.row for cell, text in zip(cells, texts, strict=True) if text.strip())
            yield Row(number, " ".join(filter(None, texts)), "", texts, trouble=trouble)


_ERRORS: Mapping[str, str] = dict.fromkeys(
    ("#N/A", "#NV", "#REF!", "#BEZUG!", "#VALUE!", "#WERT!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#ZAHL!"),
    "is an error of a formula",
)


def _text(value: Any, form: str) -> tuple[str, str]:
    """A cell as text, and why it is none that was typed so."""
    if value is None:
        return "", ""
    if isinstance(value, str):
        return value, _ERRORS.get(value, "")
    if isinstance(value, bool):
        return str(value).upper(), "is a truth value; format the column as text"
    if isinstance(value, int | float):
        return _number(value, form)
    if isinstance(value, datetime | date | time | timedelta):
        return str(value), "is a date or time; format the column as text and type it again"
    return str(value), "is neither text nor a number"


def _number(value: int | float, form: str) -> tuple[str, str]:
    """A number as a column of ids shows it: whole, with the zeros in front that its format asks for."""
    if abs(value) >= EXACT:
        return repr(value), "is a number so long that the spreadsheet has rounded it; format the column as text"
    if value != int(value):
        return repr(value), "is a number with decimals"
    return (str(int(value)).zfill(len(form)) if form and set(form) == {"0"} else str(int(value))), ""
