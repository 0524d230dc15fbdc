"""Files that appear whole or not at all, and places for what is not to stay."""

import contextlib
import filecmp
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from blattwerk.errors import InputError


def write_whole(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file beside its place and rename it; a reader sees the old file or the new one, never a part.

    `content` may come in pieces. Raises InputError, naming the file, where the folder cannot be written or the disk is
    full.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        if temporary:  # it is still there if something went wrong, Ctrl-C included
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)


def replace_whole(path: Path, content: Iterable[bytes]) -> str:
    """Write a file whole; one that is there already and says something else is kept beside it under a dated name.

    Returns that date, or nothing where nothing was replaced.
    """
    fresh = path.with_name(f".{path.name}.new")
    write_whole(fresh, content)
    try:
        if not path.exists():
            os.replace(fresh, path)
            return ""
        if filecmp.cmp(fresh, path, shallow=False):
            fresh.unlink()
            return ""
        stamp = _stamp(path)
        _second_name(path, path.with_name(f"{path.stem}-{stamp}{path.suffix}"))
        os.replace(fresh, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
    return stamp


def _stamp(path: Path) -> str:
    """The date of a file's last change, with a number behind it where a file was kept under that date before."""
    date = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d-%H%M%S")
    dates = (date, *(f"{date}-{n}" for n in range(2, 1000)))
    return next(d for d in dates if not path.with_name(f"{path.stem}-{d}{path.suffix}").exists())


def _second_name(path: Path, name: Path) -> None:
    """The same file under a second name, so that there is no moment without either; a copy where links are unknown."""
    try:
        os.link(path, name)
    except OSError:
        write_whole(name, path.read_bytes())


def put_aside(path: Path, target: Path) -> None:
    """Move a file, if it is there."""
    try:
        if path.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
    except OSError as error:
        raise InputError(f"{path} cannot be moved to {target}: {error.strerror}") from error


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for what waits on disk while something is made; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="blattwerk-") as name:
        yield Path(name)


def file_in_memory() -> BinaryIO:
    """A real file in memory, where the system has such: pikepdf writes its thousands of pieces into it twice as fast.

    A file on a disk would not do: the library ends the process when the disk is full.
    """
    return open(os.memfd_create("blattwerk"), "w+b") if hasattr(os, "memfd_create") else io.BytesIO()
