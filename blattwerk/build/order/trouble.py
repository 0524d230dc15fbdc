"""What the code of a topic did wrong: in which file and line, and in which words."""

import traceback
from collections.abc import Collection
from pathlib import Path
from types import FrameType

from blattwerk.build import limits
from blattwerk.errors import TopicFileError

LONGEST = 300  # characters of an error's words


def place_and_words(error: BaseException, packages: Collection[str]) -> tuple[str, str]:
    """Where an error was made, as file:line, and what it says, on one line.

    The place is the innermost line of these packages: what divides by zero deep in a library is a call of theirs. Where
    none of theirs is to be seen, it is the innermost line that there is, or empty.
    """
    if isinstance(error, TopicFileError):
        return error.place, error.what
    words = f"{type(error).__name__}: {' '.join(str(error).split())[:LONGEST]}"
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_file():
        return f"{error.filename}:{error.lineno}", f"{type(error).__name__}: {error.msg}"
    lines = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__) if not _machinery(frame)]
    own = [(frame, line) for frame, line in lines if _is_of(frame, packages)]
    for frame, line in reversed(own or lines):
        return f"{frame.f_code.co_filename}:{line}", words
    return "", words


def _machinery(frame: FrameType) -> bool:
    """Whether a line is Python's own way of importing, or the catalogue's, or the clock's that stopped it."""
    name = str(frame.f_globals.get("__name__"))
    return (
        name in (__name__, f"{__package__}.catalogue", limits.__name__)
        or "importlib" in f"{name} {frame.f_code.co_filename}"
    )


def _is_of(frame: FrameType, packages: Collection[str]) -> bool:
    """Whether a line stands in one of these packages, or in a template."""
    top = str(frame.f_globals.get("__name__")).partition(".")[0]
    return top in packages or frame.f_code.co_filename.endswith(".j2")
