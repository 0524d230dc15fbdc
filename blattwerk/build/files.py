"""Files that appear whole or not at all, and places for what is not to stay."""

import contextlib
import fcntl
import filecmp
import io
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from blattwerk.errors import InputError


def write_whole(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file beside its place and rename it; a reader sees the old file or the new one, never a part.

    `content` may come in pieces. Raises InputError, naming the file, where the folder cannot be written or the disk is
    full. Who may read the file is the user's decision (umask).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _beside(path, 0o666, [content] if isinstance(content, bytes) else content) as temporary:
            os.replace(temporary, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that nobody had before: whole or not at all, with this mode from its first byte on.

    Raises FileExistsError where something has the name, a link that leads nowhere included, and OSError where the
    file cannot be written.
    """
    with _beside(path, mode, [content]) as temporary:
        if os.path.lexists(path):
            raise FileExistsError(path)
        try:
            os.link(temporary, path)  # unlike a renaming, this replaces nothing
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            os.rename(temporary, path)


@contextlib.contextmanager
def _beside(path: Path, mode: int, content: Iterable[bytes]) -> Iterator[Path]:
    """A file with this content in the same folder, whatever goes wrong, it is gone afterwards."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(content)
        yield temporary
    finally:
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


def remove(path: Path) -> None:
    """Remove a file, if it is there."""
    try:
        path.unlink(missing_ok=True)
    except NotADirectoryError:  # what was its folder is a file by now
        return
    except OSError as error:
        raise InputError(f"{path} cannot be removed: {error.strerror}") from error


def remove_parts(folder: Path) -> None:
    """Remove what killed processes had begun to write here and one folder below; for those who are alone there."""
    for path in (*folder.glob(".*.part"), *folder.glob("*/.*.part")):
        if re.fullmatch(r"\.[0-9a-f]{16}\.part", path.name):
            remove(path)


@contextlib.contextmanager
def lock_file(path: Path, holder: str) -> Iterator[bool]:
    """A file that one process has at a time, and that says who; it goes with the lock, or is taken over from the dead.

    Gives whether the file system knows such locks at all. Raises BlockingIOError where another process has it, with
    what the file says of that one, and InputError where the file cannot be written.
    """
    try:
        handle, known = _lock_of_file(path)
    except BlockingIOError:
        raise
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with contextlib.suppress(OSError):  # a full disk; then it does not say who
            os.ftruncate(handle, 0)
            os.write(handle, holder.encode())
        yield known
    finally:
        try:
            if _is_at(handle, path):
                remove(path)
        finally:
            os.close(handle)


def _lock_of_file(path: Path) -> tuple[int, bool]:
    """The open file with the lock upon it, and whether there are locks."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = os.pread(handle, 300, 0).decode(errors="replace")
            os.close(handle)
            raise BlockingIOError(said) from None
        except OSError:  # a drive without locks
            return handle, False
        if _is_at(handle, path):
            return handle, True
        os.close(handle)  # its holder has just removed it


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except OSError:
        return False


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for what waits on disk while something is made; it is gone afterwards.

    It is locked as long as this process lives, so that `sweep` knows it from one that a killed process has left.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_WORK))
        lock = _locked(folder)
        if folder.exists():  # else it was swept before it was locked
            break
        _unlock(lock)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _unlock(lock)


def sweep() -> None:
    """Remove the work folders of this user's that killed processes have left; never that of a living one."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_WORK}*"):
        with contextlib.suppress(OSError):  # a link, another user's, or gone meanwhile
            if stat.S_ISDIR(folder.lstat().st_mode) and folder.lstat().st_uid == os.getuid():
                lock = _locked(folder)
                if lock is not None:
                    shutil.rmtree(folder, ignore_errors=True)
                _unlock(lock)


_WORK = "blattwerk-work-"


def _locked(folder: Path) -> int | None:
    """The lock upon a folder; None where another process holds it, or where the system has no such locks."""
    handle = None
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        _unlock(handle)
        return None
    return handle


def _unlock(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)


def file_in_memory() -> BinaryIO:
    """A real file in memory, where the system has such: pikepdf writes its thousands of pieces into it twice as fast.

    A file on a disk would not do: the library ends the process when the disk is full.
    """
    return open(os.memfd_create("blattwerk"), "w+b") if hasattr(os, "memfd_create") else io.BytesIO()
