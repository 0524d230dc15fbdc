"""`build`: sheets from a sheet file, for one seed or for a class."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import blattwerk
from blattwerk.commands.options import (
    HtmlOption,
    JobsOption,
    MarkingOption,
    MnistOption,
    OnlyOption,
    OutOption,
    SeedOption,
)
from blattwerk.commands.sheets import alone_in, command_line, made, prepare_workers, print_missing, print_report
from blattwerk.commands.telling import FAILED, warn, warn_of_broken_topics

if TYPE_CHECKING:
    from blattwerk.build.order.class_list import ClassList
from blattwerk.errors import InputError


def build(
    seed: SeedOption,
    sheet: Annotated[Path | None, typer.Argument(help="The sheet file (TOML); a bundled example if left out.")] = None,
    roster: Annotated[
        Path | None, typer.Option(help="The class list (CSV, .xlsx, Moodle's exports); else one sheet, no names.")
    ] = None,
    lang: Annotated[str, typer.Option(help="The languages.")] = "en,de",
    only: OnlyOption = None,
    skip_bad_lines: Annotated[
        bool,
        typer.Option("--skip-bad-lines", metavar="", help="Build the others where lines of the class list are wrong."),
    ] = False,
    out: OutOption = Path("out"),
    jobs: JobsOption = 0,
    tex: Annotated[bool, typer.Option("--tex", metavar="", help="Keep the TeX sources too.")] = False,
    secret: Annotated[Path | None, typer.Option(help="The secret's file, if not beside the sheet file.")] = None,
    dask: Annotated[str | None, typer.Option(help="A Dask scheduler that does the work, tcp://host:port.")] = None,
    mnist: MnistOption = None,
    force: Annotated[
        bool,
        typer.Option("--force", metavar="", help="Into a folder that holds another build: its record is put aside."),
    ] = False,
    marking: MarkingOption = False,
    print_file: Annotated[
        bool, typer.Option("--print", metavar="", help="Also print/: each group's question sheets in one PDF, duplex.")
    ] = False,
    separator: Annotated[
        bool, typer.Option("--separator", metavar="", help="With --print: a page with the name before each one's.")
    ] = False,
    html: HtmlOption = False,
    draft: Annotated[
        bool, typer.Option("--draft", metavar="", help="Topics that are not proven or translated yet, marked as such.")
    ] = False,
) -> None:
    """Build question and solution PDFs, for one seed or for each student of a class."""
    if roster and not only and not dask:
        prepare_workers(jobs, out)
    from blattwerk.build.class_files.writing import ClassFiles
    from blattwerk.build.job import FOR_STUDENTS, KINDS
    from blattwerk.build.order.beside import files_beside
    from blattwerk.build.order.class_list import only_one, read_students
    from blattwerk.build.order.options import languages, mnist_folder
    from blattwerk.build.order.ordered import check_overrides, choose, order
    from blattwerk.build.order.sharing import alike, shared_numbers
    from blattwerk.build.order.sheet_file import check_drafts, read_sheet
    from blattwerk.build.order.teams import sheet_owners
    from blattwerk.build.store.cache import sheets_cache
    from blattwerk.build.store.folder import check_others, held, no_class_files, record
    from blattwerk.build.store.kept_pages import keep_own_files, keep_pages
    from blattwerk.build.store.manifest import identity_of, manifest_of
    from blattwerk.build.store.repeats import repeats

    _know_topics_beside(sheet)
    warn_of_broken_topics()
    path = sheet or _bundled_sheet()
    sheet_file, key = read_sheet(path), _secret(secret, sheet, roster)
    if not draft:
        check_drafts(sheet_file)
    class_list = read_students(roster, skip_bad_lines) if roster else only_one(seed)
    _tell(class_list)
    students = sheet_owners(class_list.students, sheet_file)
    if (print_file or separator) and not roster:
        raise InputError("--print is for a class; name its list with --roster")
    if separator and not print_file:
        raise InputError("--separator belongs to --print")
    if roster:
        check_overrides(sheet_file, students)
    wanted, digits = languages(lang), mnist_folder(mnist)
    options = {"--seed": seed, "--roster": roster, "--lang": lang, "--secret": secret, "--mnist": mnist, "--out": out}
    command = command_line("build", sheet, options) + " --marking" * marking + " --html" * html
    kinds = KINDS if marking else FOR_STUDENTS
    own_files = files_beside(sheet_file, path.parent)
    identity = identity_of(sheet_file, path.stem, seed, key, roster is not None)
    with alone_in(out):
        before = held(out, identity, key, force)
        shared = shared_numbers(students, sheet_file, before.shared)
        orders = order(
            sheet_file,
            students,
            seed,
            wanted,
            secret=key,
            sources=tex,
            html=html,
            mnist=digits,
            command=command,
            kinds=kinds,
            shared=shared,
            files=own_files,
        )
        wanted_orders = choose(orders, only or ())
        if only:
            check_others(before, sheet_file, [one.student.id for one in wanted_orders])
        warn(before.warning(out))
        warn("".join(alike([student.id for student in students], shared)))
        building = before.build(out, identity, wanted_orders)
        with made(wanted_orders, out, jobs, dask, building.begin) as (report, records):
            wanted_files = ClassFiles(
                sheet_file,
                [student.id for student in students],
                printing=print_file or (bool(only) and any(path.startswith("print/") for path in before.class_files)),
                separators=separator,
                kept=sheets_cache(),
            )
            head = manifest_of(sheet_file, identity)
            extra = wanted_files if roster else no_class_files
            missing = record(building, head, records, before, merge=bool(only), secret=key, class_files=extra)
            keep_pages(sheet_file, out)
            keep_own_files(sheet_file, own_files, out)
            print_report(report, out, bool(records))
            given = {entry.key for entry in sheet_file.exercises if entry.params is not None}
            for line in repeats((records.read(student) for student in records), given):
                warn(line)
    print_missing(missing, out)
    for trouble in wanted_files.troubles:
        print(f"failed: {trouble}", file=sys.stderr)
    if report.failures or missing or wanted_files.troubles:
        raise typer.Exit(FAILED)


def _tell(class_list: "ClassList") -> None:
    """What the class list's columns were taken for, and which of its lines are left out."""
    if class_list.taken:
        print(f"class list {class_list.taken}", file=sys.stderr)
    warn(class_list.warning)
    for line in class_list.refused:
        warn(f"left out of the class list: {line}")


def _know_topics_beside(sheet: Path | None) -> None:
    """Look into `topics/` beside the sheet file, and say which files there are about to run: a topic file is code."""
    from blattwerk.build.order.catalogue import look_into
    from blattwerk.build.order.pages import beside, pages_in

    if sheet and (found := pages_in(beside(sheet))):
        print(f"running the topic files {', '.join(map(str, found))}", file=sys.stderr)
        look_into(beside(sheet))


def _secret(file: Path | None, sheet: Path | None, roster: Path | None) -> bytes:
    """The course's secret, or none: then a class is warned."""
    from blattwerk.build.order.secret import beside, read_secret

    path = file or beside(sheet)
    if path:
        return read_secret(path)
    if roster:
        print(
            "warning: there is no secret, so anyone who knows the seed can make the solutions; "
            "`blattwerk secret new` writes one",
            file=sys.stderr,
        )
    return b""


def _bundled_sheet() -> Path:
    return Path(blattwerk.__file__).parent / "build" / "order" / "example.toml"
