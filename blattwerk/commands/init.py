"""A course's folder, and the schema of its sheet files."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from blattwerk.commands.telling import print_json


def init(
    folder: Annotated[Path, typer.Argument(help="The course's folder; it is made.")],
    us: Annotated[bool, typer.Option("--us", metavar="", help="US letter paper and US English.")] = False,
) -> None:
    """Write a course folder that builds at once: course.toml, a sheet, a class list, a topic, a secret."""
    from blattwerk.build.order.new_course import write_course

    for path in write_course(folder, us):
        print(path)
    sheet, roster, out = (str(folder / name) for name in ("sheet-1.toml", "class.csv", "sheet-1"))
    print(shlex.join(("blattwerk", "build", sheet, "--seed", "1", "--roster", roster, "--out", out)))


def schema(
    course: Annotated[bool, typer.Option("--course", metavar="", help="Of course.toml instead.")] = False,
) -> None:
    """Print the JSON Schema of a sheet file, by which editors complete and check it."""
    from blattwerk.build.order.schema import sheet_schema

    print_json(sheet_schema(course))
