"""Options that several commands take, and how they are read."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from blattwerk.errors import InputError


def whole(option: str, low: int, high: int) -> Callable[[Any], int]:
    """A parser of whole numbers from `low` to `high`; raises InputError, which shows a long one cut short."""

    def parse(text: Any) -> int:
        said = str(text).strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,20}", said) or not low <= int(said) <= high:
            raise InputError(f"{option} {said[:30]!r} is not allowed; write a whole number from {low} to {high}")
        return int(said)

    return parse


def folder(path: Path) -> Path:
    """A folder that can be written; raises InputError where the name cannot be one."""
    try:
        is_file = path.exists() and not path.is_dir()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", "") or str(error)
        raise InputError(f"--out {str(path)[:60]!r} cannot be a folder: {why}") from error
    if is_file:
        raise InputError(f"--out {path} is a file; name a folder")
    return path


SeedOption = Annotated[
    int,
    typer.Option(
        "--seed", metavar="INTEGER", parser=whole("--seed", 0, 10**18), help="The number that all draws begin with."
    ),
]
OutOption = Annotated[Path, typer.Option("--out", callback=folder, help="Where the files go.")]
OnlyOption = Annotated[list[str] | None, typer.Option("--only", help="Only this student (can be repeated).")]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs", metavar="INTEGER", parser=whole("--jobs", 0, 1000), help="Worker processes; 0 for one a core."
    ),
]
MnistOption = Annotated[
    Path | None, typer.Option("--mnist", help="A folder with MNIST's idx files, for the demos on handwritten digits.")
]
MarkingOption = Annotated[
    bool,
    typer.Option(
        "--marking", metavar="", help="Also marking/, the tutor's copy: marking scheme, usual mistakes, their values."
    ),
]
HtmlOption = Annotated[
    bool,
    typer.Option("--html", metavar="", help="Also a page of HTML beside each PDF, with mathematics as MathML."),
]
JsonOption = Annotated[bool, typer.Option("--json", metavar="", help="For machines.")]
