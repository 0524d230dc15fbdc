"""What commands say: warnings, progress, JSON; and how they find a topic."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blattwerk.build.signals import tidying
from blattwerk.errors import InputError

FAILED, WRONG_INPUT = 1, 2


def warn(note: str) -> None:
    """Say what the user should know, if there is something."""
    if note:
        print(f"warning: {note}", file=sys.stderr)


def warn_of_broken_topics() -> bool:
    """A line for each topic that cannot be used; the others go on. Whether there is one."""
    from blattwerk.build.order.catalogue import broken_topics

    for broken in broken_topics():
        warn(str(broken))
    return bool(broken_topics())


def topic_named(named: str) -> str:
    """The id of a topic that is named by its id or by its file; those in `topics/` of this folder are known."""
    from blattwerk.build.order.catalogue import look_into
    from blattwerk.build.order.pages import beside, is_ours

    look_into(beside(None))
    if not named.endswith(".md"):
        return named
    file = Path(named)
    if not file.is_file():
        raise InputError(f"there is no topic file {named}; `blattwerk new ID` writes one")
    if not is_ours(file):
        look_into(file)
    return file.stem


@contextmanager
def progress(what: str, total: int) -> Iterator[Any]:
    """A progress bar on the error stream, gone when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with tidying(), Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count=1: progress.advance(task, count)


def print_json(data: Any) -> None:
    import json

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(data, ensure_ascii=not unicode, indent=2))
