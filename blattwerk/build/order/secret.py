"""The course's secret: without it, whoever knows the seed could draw every student's sheet and make the solutions."""

import os
import secrets
import stat
from pathlib import Path

from blattwerk.build.files import write_new
from blattwerk.errors import InputError

FILE = "blattwerk.secret"
LENGTH = 32


def new_secret(folder: Path) -> Path:
    """Write a new secret that only its owner can read; raises InputError rather than replace one."""
    path = folder / FILE
    try:
        write_new(path, secrets.token_hex(LENGTH).encode("ascii") + b"\n", 0o600)
    except FileExistsError:
        _check_link(path)
        raise InputError(f"{path} is there already; a new secret would change the numbers of every sheet") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
    return path


def read_secret(path: Path) -> bytes:
    """The secret in a file; raises InputError if it is no secret, or if others can read it."""
    _check_link(path)
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise InputError(f"the secret {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"the secret {path} cannot be read: {type(error).__name__}") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"others can read the secret {path}; run: chmod 600 {path}")
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) < LENGTH:
        raise InputError(f"{path} holds no secret of {LENGTH} bytes; make one with: blattwerk secret new")
    return secret


def _check_link(path: Path) -> None:
    """Raise InputError where a link leads nowhere: whoever made it had a secret, and other numbers."""
    if os.path.islink(path) and not os.path.exists(path):
        raise InputError(
            f"the secret {path} is a link to {os.readlink(path)}, where nothing is; bring that file back, "
            "or remove the link if the course has no secret"
        )


def of_manifest(manifest: Path) -> Path | None:
    """The secret's file in the folder of a manifest or in the one above, where a course often lies, or none."""
    folder = manifest.absolute().parent
    return next((room / FILE for room in (folder, folder.parent) if os.path.lexists(room / FILE)), None)


def beside(sheet: Path | None) -> Path | None:
    """The secret's file beside a sheet file (or here, where the bundled sheet is built), if there is one.

    A link that leads nowhere counts: without the secret, other numbers would be drawn.
    """
    path = (sheet.parent if sheet else Path()) / FILE
    return path if os.path.lexists(path) else None
