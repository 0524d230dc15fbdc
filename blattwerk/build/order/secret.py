"""The course's secret: without it, whoever knows the seed could draw every student's sheet and make the solutions."""

import os
import secrets
import stat
from pathlib import Path

from blattwerk.errors import InputError

FILE = "blattwerk.secret"
LENGTH = 32


def new_secret(folder: Path) -> Path:
    """Write a new secret that only its owner can read; raises InputError rather than replace one."""
    path = folder / FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(f"{path} is there already; a new secret would change the numbers of every sheet") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(LENGTH) + "\n")
    return path


def read_secret(path: Path) -> bytes:
    """The secret in a file; raises InputError if it is no secret, or if others can read it."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
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


def beside(sheet: Path | None) -> Path | None:
    """The secret's file beside a sheet file (or here, where the bundled sheet is built), if there is one."""
    path = (sheet.parent if sheet else Path()) / FILE
    return path if path.exists() else None
