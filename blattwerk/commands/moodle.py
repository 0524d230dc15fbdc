"""`deliver moodle` and `export moodle`: to the students of a class, and into a question bank, by way of Moodle."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blattwerk.commands.options import whole
from blattwerk.commands.telling import FAILED, progress, warn, warn_of_broken_topics
from blattwerk.errors import InputError

if TYPE_CHECKING:
    from blattwerk.build.order.ordered import Ordered

TopicsOption = Annotated[
    Path | None,
    typer.Option("--topics", exists=True, file_okay=False, help="A folder of topic files to run: the build's copy."),
]


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
    topics: TopicsOption = None,
) -> None:
    """Make the ZIP that Moodle's 'Upload multiple feedback files' takes: to each student the student's own files.

    Students are found in the worksheet by their id number or address. Whoever is not found, or could be two, is named
    and gets nothing; the others get theirs, and the exit code is 1.
    """
    from blattwerk.build.deliver import moodle
    from blattwerk.build.deliver.groups import read_groups
    from blattwerk.build.deliver.worksheet import read_worksheet
    from blattwerk.build.files import write_whole
    from blattwerk.build.order.catalogue import look_into
    from blattwerk.build.store.handed_out import handed_out

    if topics:
        look_into(topics)
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


def export_moodle(
    source: Annotated[Path, typer.Argument(metavar="SHEET|MANIFEST", help="A sheet file, or a build's manifest.json.")],
    out: Annotated[Path, typer.Option("--out", help="The XML file to write.")],
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="INTEGER", parser=whole("--seed", 0, 10**18), help="For a sheet: as in build."),
    ] = None,
    variants: Annotated[
        int | None,
        typer.Option(
            "--variants", metavar="INTEGER", parser=whole("--variants", 1, 26), help="For a sheet: how many variants."
        ),
    ] = None,
    lang: Annotated[str, typer.Option(help="The languages.")] = "en,de",
    secret: Annotated[Path | None, typer.Option(help="The secret's file, if not beside the sheet or manifest.")] = None,
    topics: TopicsOption = None,
) -> None:
    """Make a question bank for Moodle (XML): variants of a sheet, or the numbers that a class has on paper.

    What is computed becomes a question that Moodle marks by itself, right to the last place that the sheet asks for,
    and that tells the usual mistakes; proofs and discussions come with the marking scheme for the person who marks.
    """
    from blattwerk.build.export.bank import bank, left_out
    from blattwerk.build.export.xml import moodle_xml
    from blattwerk.build.files import write_whole
    from blattwerk.build.order.catalogue import look_into
    from blattwerk.build.order.options import languages
    from blattwerk.build.store.cache import sheets_cache

    if topics:
        look_into(topics)
    wanted = languages(lang)
    if source.suffix == ".json":
        if seed is not None or variants is not None:
            raise InputError("a manifest has its numbers already; leave out --seed and --variants")
        orders, refused = _of_manifest(source, secret)
    else:
        if seed is None or variants is None:
            raise InputError("a sheet file needs --seed N and --variants K; a manifest (.json) has its numbers already")
        orders, refused = _variants(source, seed, variants, lang, secret), {}
    warn_of_broken_topics()
    warn(left_out(orders))
    with progress("asking", len(orders)) as advance:
        made = bank(orders, wanted, sheets_cache(), advance)
    for student, why in {**refused, **made.failures}.items():
        print(f"failed: {student}: {why}", file=sys.stderr)
    if made.questions:
        write_whole(out, moodle_xml(made))
        print(f"{out}: {len(made.questions)} questions")
    if refused or made.failures or not made.questions:
        raise typer.Exit(FAILED)


def _of_manifest(source: Path, secret: Path | None) -> "tuple[tuple[Ordered, ...], dict[str, str]]":
    """The orders of a class with the numbers that were handed out, and whose record cannot be used."""
    from blattwerk.build.store.handed_out import handed_out

    there = handed_out(source, secret)
    orders, refused = there.wanted(())
    for warning in (*there.unchecked(), *there.changed_topics()):
        warn(warning)
    return orders, dict(refused)


def _variants(source: Path, seed: int, count: int, lang: str, secret: Path | None) -> "tuple[Ordered, ...]":
    """The orders of a sheet's variants."""
    from blattwerk.build.export.bank import variants
    from blattwerk.build.order.catalogue import look_into
    from blattwerk.build.order.options import languages
    from blattwerk.build.order.pages import beside as topics_beside
    from blattwerk.build.order.pages import pages_in
    from blattwerk.build.order.secret import beside, read_secret
    from blattwerk.build.order.sheet_file import check_drafts, read_sheet

    if found := pages_in(topics_beside(source)):
        print(f"running the topic files {', '.join(map(str, found))}", file=sys.stderr)
        look_into(topics_beside(source))
    sheet = read_sheet(source)
    check_drafts(sheet)
    file = secret or beside(source)
    return variants(sheet, count, seed, languages(lang), read_secret(file) if file else b"")
