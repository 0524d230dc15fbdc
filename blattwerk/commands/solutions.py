"""`solutions`: made again from a manifest."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from blattwerk.commands.options import HtmlOption, JobsOption, MarkingOption, OnlyOption, OutOption
from blattwerk.commands.sheets import alone_in, command_line, made, prepare_workers, print_missing, print_report
from blattwerk.commands.telling import FAILED, warn, warn_of_broken_topics


def solutions(
    manifest: Annotated[Path, typer.Argument(help="The manifest.json of a build.")],
    only: OnlyOption = None,
    out: OutOption = Path("out-solutions"),
    jobs: JobsOption = 0,
    secret: Annotated[
        Path | None, typer.Option(help="The secret's file, if not in the manifest's folder or the one above.")
    ] = None,
    topics: Annotated[
        Path | None,
        typer.Option(
            "--topics",
            exists=True,
            file_okay=False,
            help="A folder of topic files to run: the build's copy.",
        ),
    ] = None,
    marking: MarkingOption = False,
    html: HtmlOption = False,
) -> None:
    """Make the solutions again from the manifest alone, and say where today's solver answers otherwise."""
    if not only:
        prepare_workers(jobs, out)
    from blattwerk.build.job import FOR_STAFF
    from blattwerk.build.order.catalogue import look_into
    from blattwerk.build.store.folder import claim_for_solutions
    from blattwerk.build.store.handed_out import changes, handed_out
    from blattwerk.build.store.journal import not_as_listed

    if topics:
        look_into(topics)
    warn_of_broken_topics()
    there = handed_out(manifest, secret)
    options = {"--secret": secret, "--topics": topics, "--out": out}
    command = command_line("solutions", manifest, options) + " --marking" * marking + " --html" * html
    orders, refused = there.wanted(only or (), command, FOR_STAFF if marking else ("solutions",))
    orders = tuple(replace(order, html=html) for order in orders)
    for warning in (*there.unfinished(manifest, orders), *there.unchecked(), *there.changed_topics()):
        warn(warning)
    with alone_in(out):
        claim_for_solutions(out, there.manifest.identity)
        with made(orders, out, jobs) as (report, records):
            missing = not_as_listed(out, records.listed())
            print_report(report, out, False)
            for change in changes(there.manifest.students, records):
                print(f"warning: the answer has changed: {change}", file=sys.stderr)
    for student, why in refused.items():
        print(f"failed: {student}: {why}", file=sys.stderr)
    print_missing(missing, out)
    if report.failures or refused or missing:
        raise typer.Exit(FAILED)
