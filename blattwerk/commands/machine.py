"""Commands about this machine: secret, cache, doctor."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from blattwerk.commands.telling import FAILED, warn


def secret_new(
    folder: Annotated[Path, typer.Argument(help="The course's folder, where the sheet files lie.")] = Path(),
) -> None:
    """Write a new secret beside the course, readable by you alone. Keep it as long as the sheets."""
    from blattwerk.build.order.secret import new_secret

    print(new_secret(folder))


def cache(clear: Annotated[bool, typer.Option("--clear", metavar="", help="Remove everything in it.")] = False) -> None:
    """The cache: where it lies and how large it is."""
    from blattwerk.build.cached import clear as clear_all
    from blattwerk.build.cached import size, tex_rooms, usable
    from blattwerk.build.store.cache import limit, sheets_cache

    warn(limit().note)
    warn(usable())
    left = clear_all() if clear else 0
    if held := sheets_cache():
        entries = sum(path.suffix == ".json" for _, _, path in held.contents())
        print(f"{held.folder}: {entries} sheets, {size(held.folder) / 2**20:.1f} MB of at most {limit().megabytes} MB")
    for folder, of_tex in tex_rooms().items():
        print(f"{folder}: {of_tex / 2**20:.1f} MB of TeX's formats and fonts")
    if left:
        print(f"{left} files could not be removed", file=sys.stderr)
        raise typer.Exit(FAILED)


def doctor(
    install: Annotated[
        bool,
        typer.Option(
            "--install",
            metavar="",
            help="Install what is missing, or print the line that does.",
        ),
    ] = False,
) -> None:
    """What is installed, what is missing, and the command that installs it."""
    from blattwerk.build.doctor import examine

    findings = examine()
    for finding in findings:
        word = "ok     " if finding.good else "MISSING" if finding.needed else "without"
        print(f"{word} {finding.what:<24} {finding.found}")
        if not finding.good:
            print(f"        {finding.remedy}")
    missing = [finding for finding in findings if not finding.good and finding.needed]
    if install and missing:
        _install([finding.library for finding in missing], [finding.package for finding in missing])
    elif install:
        print("nothing that a build needs is missing")
    if missing:
        raise typer.Exit(FAILED)


def _install(libraries: list[str], packages: list[str]) -> None:
    """Run what installs them where that takes no more rights than we have, else print it."""
    from blattwerk.build.installing import remedies, run

    for remedy in remedies(filter(None, libraries), filter(None, packages)):
        if not remedy.programs:
            print(f"\nto be done by hand: {remedy.line}")
            continue
        print(f"\nrunning: {remedy.line}", flush=True)
        print("done; `blattwerk doctor` shows what is there now" if run(remedy) else "that failed; see above")
