"""The user's cache: files with their digest in front of them, in folders that are the user's alone.

It is a help that nobody depends on. What is damaged counts as missing, and so does what cannot be read; where nothing
can be kept, nothing is. So no error comes out of here, but words that say what is wrong.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from blattwerk.build.files import work_folder, write_whole
from blattwerk.errors import InputError

RoomName = Literal["sheets", "formats", "texmf-var"]
ROOMS: tuple[RoomName, ...] = ("sheets", "formats", "texmf-var")
DIGEST = 32  # bytes in front of the content
WITHOUT = "everything is made without it"


@dataclass(frozen=True)
class Place:
    """Where the user's cache lies, if it can lie anywhere, and what is wrong with how that was said."""

    folder: Path | None
    note: str = ""


@dataclass(frozen=True)
class Room:
    """A folder of the cache, or None where it is not to be used.

    kept  whether something can be written there
    note  what the user should know of it
    """

    folder: Path | None
    kept: bool = True
    note: str = ""


def user_cache() -> Place:
    """$XDG_CACHE_HOME where that is a full path (the standard ignores others), or ~/.cache; nowhere without a home."""
    said = os.environ.get("XDG_CACHE_HOME", "")
    if said and Path(said).is_absolute():
        return Place(Path(said))
    wrong = f"XDG_CACHE_HOME is {said[:60]!r}, which is no full path" if said else ""
    home = _home()
    if home is None:
        why = wrong or "the user has no home folder and XDG_CACHE_HOME is not set"
        return Place(None, f"{why}, so there is no cache; {WITHOUT}")
    return Place(home / ".cache", wrong and f"{wrong}; the cache is in {home / '.cache'}")


def _home() -> Path | None:
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home if home.is_absolute() else None


def room(name: RoomName) -> Room:
    """A folder of the cache; made if it is not there. One that others own or may write in is not used."""
    place = user_cache()
    if place.folder is None:
        return Room(None, kept=False, note=place.note)
    folder = place.folder / "blattwerk" / name
    try:
        for one, mode in ((folder.parent, 0o755), (folder, 0o700)):  # solutions lie in it
            one.mkdir(parents=True, exist_ok=True, mode=mode)
            if whose := _others(one, mode):
                return Room(None, kept=False, note=f"the cache in {one} is not used: {whose}; {WITHOUT}")
    except _NO_FOLDER as error:
        why = getattr(error, "strerror", None) or str(error)
        return Room(None, kept=False, note=f"the cache in {_shown(folder)} cannot be used: {why}; {WITHOUT}")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Room(folder, False, f"the cache in {folder} cannot be written; what is made is not kept")
    return Room(folder, note=place.note)


# A name that is too long, that has a null in it, or a thousand levels.
_NO_FOLDER = (OSError, ValueError, RecursionError)


def _shown(folder: Path) -> str:
    """A path on one line, however absurd."""
    return str(folder)[:200] if str(folder).isprintable() else repr(str(folder)[:200])


def _others(folder: Path, mode: int) -> str:
    """Why others could put something into a folder; nothing where they cannot. One of the user's own gets this mode."""
    about = folder.stat()
    if about.st_uid != os.geteuid():
        return "it belongs to another user"
    if about.st_mode & 0o777 & ~mode:
        with suppress(OSError):
            folder.chmod(about.st_mode & mode)
    return "others may write in it" if folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH) else ""


def usable() -> str:
    """What the user should know of the whole cache, in one line; nothing where all is well."""
    return next(filter(None, (room(name).note for name in ROOMS)), "")


@contextmanager
def place_for_matplotlib() -> Iterator[None]:
    """Matplotlib has folders of its own in the user's; where these cannot be, it gets one that goes away again.

    By itself it would complain, and leave one in the temporary folder, or in the current one.
    """
    ours, config = user_cache(), Path(os.environ.get("XDG_CONFIG_HOME") or (_home() or Path()) / ".config")
    if "MPLCONFIGDIR" in os.environ or (not ours.note and _can_be(ours.folder) and _can_be(config)):
        yield
        return
    with work_folder() as folder:
        os.environ["MPLCONFIGDIR"] = str(folder)
        try:
            yield
        finally:
            del os.environ["MPLCONFIGDIR"]


def _can_be(folder: Path | None) -> bool:
    """Whether a folder is there, or could be made, and can be written."""
    if folder is None or not folder.is_absolute():
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except _NO_FOLDER:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def read(path: Path) -> bytes | None:
    """What was kept under this name; None where there is nothing, or nothing whole."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if _digest(path, content[DIGEST:]) != content[:DIGEST]:
        return None
    with suppress(OSError):  # what can be read only is used all the same
        os.utime(path)
    return content[DIGEST:]


def keep(path: Path, content: bytes) -> str:
    """Keep something under a name; returns why that could not be, or nothing."""
    return keep_bare(path, _digest(path, content) + content)


def keep_bare(path: Path, content: bytes) -> str:
    """The same for what has its digest elsewhere, in its name say."""
    try:
        write_whole(path, content)
    except InputError as error:
        return str(error)
    return ""


def _digest(path: Path, content: bytes) -> bytes:
    """Of the content and its name: what was kept under another name is not this."""
    return sha256(path.name.encode() + b"\0" + content).digest()


def remove(path: Path) -> bool:
    """Remove a file; whether it is gone."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        return True
    return False


def contents(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Last use, size and path of everything in a folder, which may change meanwhile."""
    for above, _, names in os.walk(folder):
        for path in (Path(above, name) for name in names):
            with suppress(OSError):
                about = path.lstat()
                yield about.st_mtime, about.st_size, path


def clear() -> int:
    """Remove all that is in the cache: sheets, formats, fonts. Returns how many files could not be removed."""
    folders = (folder for name in ROOMS if (folder := room(name).folder))
    return sum(not remove(path) for folder in folders for _, _, path in contents(folder))


def size(folder: Path) -> int:
    """The bytes in a folder."""
    return sum(one for _, one, _ in contents(folder))


def tex_rooms() -> dict[Path, int]:
    """The folders of TeX's formats and fonts that are used, and their bytes."""
    folders = (room(name).folder for name in ROOMS[1:])
    return {folder: size(folder) for folder in folders if folder}
