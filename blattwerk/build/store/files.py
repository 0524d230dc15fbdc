"""Files that appear whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

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
