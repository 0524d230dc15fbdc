"""A ZIP in pieces: the same files give the same bytes, and no more than one of them lies in memory."""

import io
import zipfile
from collections.abc import Iterable, Iterator

BEGINNING = (1980, 1, 1, 0, 0, 0)  # of time, for a ZIP


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A ZIP of these files. They are stored as they are: PDFs are compressed, and zlib's versions differ."""
    sink = _Pieces()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, BEGINNING)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, on every machine
            archive.writestr(entry, content)
            yield sink.taken()
    yield sink.taken()


class _Pieces(io.RawIOBase):
    """A file of which the last piece can still be changed: an entry's head is written again behind its content."""

    def __init__(self) -> None:
        super().__init__()
        self._before, self._piece = 0, io.BytesIO()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._before + self._piece.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or offset < self._before:
            raise io.UnsupportedOperation("what was taken is written")
        return self._before + self._piece.seek(offset - self._before)

    def write(self, content: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes
        return self._piece.write(content)

    def taken(self) -> bytes:
        """The piece that is finished."""
        content = self._piece.getvalue()
        self._before, self._piece = self._before + len(content), io.BytesIO()
        return content
