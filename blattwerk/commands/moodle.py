"""`deliver moodle`: to the students of a class, by way of Moodle."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from blattwerk.commands.telling import FAILED, warn
from blattwerk.errors import InputError


def deliver_moodle(
    manifest: Annotated[Path, typer.Argument(help="The manifest.json of a build.")],
    worksheet: Annotated[
        Path, typer.Option("--worksheet", help="The assignment's grading worksheet, as Moodle gives it, EN or DE.")
    ],
    what: Annotated[str, typer.Option(help="questions, solutions, or feedback (what `mark` wrote).")] = "questions",
    out: Annotated[Path | None, typer.Option("--out", help="The ZIP to write.")] = None,
    secret: Annotated[
        Path | None, typer.Option(help="The secret's file, if not in the manifest's folder or the one above.")
    ] = None,
    groups: Annotated[
        Path | None,
        typer.Option(help="For an assignment of teams: CSV with the columns group and id, or the ZIP of submissions."),
    ] = None,
    feedback: Annotated[
        Path | None, typer.Option(help="The folder of feedback files, if not feedback/ beside the manifest.")
    ] = None,
) -> None:
    """Make the ZIP that Moodle's 'Upload multiple feedback files' takes: to each student the student's own files.

    Students are found in the worksheet by their id number or address. Whoever is not found, or could be two, is named
    and gets nothing; the others get theirs, and the exit code is 1.
    """
    from blattwerk.build.deliver import moodle
    from blattwerk.build.deliver.groups import read_groups
    from blattwerk.build.deliver.worksheet import read_worksheet
    from blattwerk.build.files import write_whole
    from blattwerk.build.store.handed_out import handed_out

    wanted = next((kind for kind in moodle.WHAT if kind == what), None)
    if wanted is None:
        raise InputError(
            f"--what {what[:30]!r} is not allowed; write {', '.join(moodle.WHAT[:-1])} or {moodle.WHAT[-1]}"
        )
    there, sheet = handed_out(manifest, secret), read_worksheet(worksheet)
    print(f"worksheet {sheet.taken}", file=sys.stderr)
    for warning in (*there.unfinished(manifest, ()), *there.unchecked()):
        warn(warning)
    found = moodle.delivery(
        there.manifest,
        sheet,
        wanted,
        manifest.parent,
        feedback or manifest.parent / "feedback",
        read_groups(groups) if groups else None,
    )
    for participant in found.left:
        warn(f"{participant} of the worksheet is no student of the manifest, and gets nothing")
    problems = [*(f"{student}: {why}" for student, why in there.refused.items()), *found.problems]
    for problem in problems:
        print(f"failed: {problem}", file=sys.stderr)
    if found.pieces:
        path = out or manifest.parent / f"moodle-{wanted}.zip"
        write_whole(path, found.content())
        print(f"{path}: {len(found.pieces)} files for {found.reached} {'teams' if sheet.teams else 'participants'}")
    if problems or not found.pieces:
        raise typer.Exit(FAILED)
