"""The command line: parse, call one function of `build`, print.

Heavy modules (pydantic, matplotlib, torch) are imported by the commands that need them, so that --help is quick.
"""

import errno
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blattwerk import __version__
from blattwerk.build.cached import place_for_matplotlib
from blattwerk.build.signals import Interrupted, end, leave, listen, tidying
from blattwerk.errors import BlattwerkError, InputError

if TYPE_CHECKING:
    from blattwerk.build.batch import Report
    from blattwerk.build.order.ordered import Ordered
    from blattwerk.build.store.blobs import Records

app = typer.Typer(
    help="Exercise sheets for machine-learning courses: drawn per student, solved exactly, proven twice, in English "
    "and German.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

secret_app = typer.Typer(help="The secret that keeps students from drawing each other's sheets.", no_args_is_help=True)
app.add_typer(secret_app, name="secret")

FAILED, WRONG_INPUT = 1, 2
WHOLE = "the files written so far are whole, and the next run goes on from there"


def main() -> None:
    """The installed command: errors that a user can mend are printed without a traceback."""
    # The oracles' tensors are tiny; torch's own threads would only wait for each other. Workers inherit this.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):  # a terminal that knows no umlauts is no reason to stop
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    listen()
    try:
        with place_for_matplotlib():
            app()
    except Interrupted as stop:
        end(stop)
    except InputError as error:
        leave(str(error), WRONG_INPUT)
    except BlattwerkError as error:
        leave(str(error), FAILED)
    except BrokenPipeError:  # whoever read our words has gone, `head` say
        os._exit(FAILED)
    except OSError as error:
        if error.errno != errno.ENOSPC and error.filename:
            leave(f"{str(error.filename)[:200]}: {error.strerror}", FAILED)
        if error.errno != errno.ENOSPC:
            raise
        leave(f"the disk is full ({error.filename or tempfile.gettempdir()}); what was written so far is whole", FAILED)


def _warn(note: str) -> None:
    """Say what the user should know, if there is something."""
    if note:
        print(f"warning: {note}", file=sys.stderr)


def _warn_of_broken_topics() -> bool:
    """A line for each topic that cannot be used; the others go on. Whether there is one."""
    from blattwerk.build.order.catalogue import broken_topics

    for broken in broken_topics():
        _warn(str(broken))
    return bool(broken_topics())


def _topic(named: str) -> str:
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


def _version(wanted: bool) -> None:
    if wanted:
        print(f"blattwerk {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Options of the program itself."""


def _whole(option: str, low: int, high: int) -> Callable[[Any], int]:
    """A parser of whole numbers from `low` to `high`; raises InputError, which shows a long one cut short."""

    def parse(text: Any) -> int:
        said = str(text).strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,20}", said) or not low <= int(said) <= high:
            raise InputError(f"{option} {said[:30]!r} is not allowed; write a whole number from {low} to {high}")
        return int(said)

    return parse


def _folder(path: Path) -> Path:
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
        "--seed", metavar="INTEGER", parser=_whole("--seed", 0, 10**18), help="The number that all draws begin with."
    ),
]
OutOption = Annotated[Path, typer.Option("--out", callback=_folder, help="Where the files go.")]
OnlyOption = Annotated[list[str] | None, typer.Option("--only", help="Only this student (can be repeated).")]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs", metavar="INTEGER", parser=_whole("--jobs", 0, 1000), help="Worker processes; 0 for one a core."
    ),
]
MnistOption = Annotated[
    Path | None, typer.Option("--mnist", help="A folder with MNIST's idx files, for the demos on handwritten digits.")
]
JsonOption = Annotated[bool, typer.Option("--json", metavar="", help="For machines.")]


@app.command()
def build(
    seed: SeedOption,
    sheet: Annotated[Path | None, typer.Argument(help="The sheet file (TOML); a bundled example if left out.")] = None,
    roster: Annotated[Path | None, typer.Option(help="The class list (CSV); else one sheet, no names.")] = None,
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
    draft: Annotated[
        bool, typer.Option("--draft", metavar="", help="Topics that are not proven or translated yet, marked as such.")
    ] = False,
) -> None:
    """Build question and solution PDFs, for one seed or for each student of a class."""
    if roster and not dask:
        _prepare_workers(jobs, out)
    from blattwerk.build.order.class_list import read_students, single_student
    from blattwerk.build.order.options import languages, mnist_folder
    from blattwerk.build.order.ordered import check_overrides, choose, order
    from blattwerk.build.order.sheet_file import check_drafts, read_sheet
    from blattwerk.build.store.folder import check_others, held, record
    from blattwerk.build.store.kept_pages import keep_pages
    from blattwerk.build.store.manifest import identity_of, manifest_of
    from blattwerk.build.store.repeats import repeats

    _know_topics_beside(sheet)
    _warn_of_broken_topics()
    path = sheet or _bundled_sheet()
    sheet_file, key = read_sheet(path), _secret(secret, sheet, roster)
    if not draft:
        check_drafts(sheet_file)
    students, left_out = read_students(roster, skip_bad_lines) if roster else ((single_student(seed),), ())
    for line in left_out:
        _warn(f"left out of the class list: {line}")
    if roster:
        check_overrides(sheet_file, students)
    wanted, digits = languages(lang), mnist_folder(mnist)
    options = {"--seed": seed, "--roster": roster, "--lang": lang, "--secret": secret, "--mnist": mnist, "--out": out}
    command = _command("build", sheet, options)
    orders = order(sheet_file, students, seed, wanted, secret=key, sources=tex, mnist=digits, command=command)
    identity = identity_of(sheet_file, path.stem, seed, key, roster is not None)
    with _alone_in(out):
        before = held(out, identity, key, force)
        if only:
            check_others(before, sheet_file, only)
        _warn(before.warning(out))
        wanted_orders = choose(orders, only or ())
        building = before.build(out, identity, wanted_orders)
        with _made(wanted_orders, out, jobs, dask, building.begin) as (report, records):
            missing = record(building, manifest_of(sheet_file, identity), records, before, merge=bool(only), secret=key)
            keep_pages(sheet_file, out)
            _print_report(report, out, bool(records))
            for shared in repeats(records.read(student) for student in records):
                _warn(shared)
    _print_missing(missing, out)
    if report.failures or missing:
        raise typer.Exit(FAILED)


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """Nobody else writes into the folder meanwhile."""
    from blattwerk.build.store.journal import alone_in

    with tidying(WHOLE), alone_in(out) as warning:
        _warn(warning)
        yield


def _know_topics_beside(sheet: Path | None) -> None:
    """Look into `topics/` beside the sheet file, and say which files there are about to run: a topic file is code."""
    from blattwerk.build.order.catalogue import look_into
    from blattwerk.build.order.pages import beside, pages_in

    if sheet and (found := pages_in(beside(sheet))):
        print(f"running the topic files {', '.join(map(str, found))}", file=sys.stderr)
        look_into(beside(sheet))


def _command(name: str, argument: Path | None, options: dict[str, Any]) -> str:
    """The command line of a whole class, to be shown with --only for a student who failed."""
    said = [(option, value) for option, value in options.items() if value is not None]
    words = ("blattwerk", name, argument, *(word for pair in said for word in pair))
    return shlex.join(str(word) for word in words if word is not None)


def _prepare_workers(jobs: int, out: Path) -> None:
    """Let the workers load their libraries while this process reads its files.

    Where the output folder is there, perhaps nothing is to be done; then they wait until there is work.
    """
    from blattwerk.build.workers import prepare

    if jobs != 1 and not out.exists():
        prepare()


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


@secret_app.command("new")
def secret_new(
    folder: Annotated[Path, typer.Argument(help="The course's folder, where the sheet files lie.")] = Path(),
) -> None:
    """Write a new secret beside the course, readable by you alone. Keep it as long as the sheets."""
    from blattwerk.build.order.secret import new_secret

    print(new_secret(folder))


@app.command()
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
) -> None:
    """Make the solutions again from the manifest alone, and say where today's solver answers otherwise."""
    _prepare_workers(jobs, out)
    from blattwerk.build.order.catalogue import look_into
    from blattwerk.build.store.folder import claim_for_solutions
    from blattwerk.build.store.handed_out import changes, handed_out
    from blattwerk.build.store.journal import not_as_listed

    if topics:
        look_into(topics)
    _warn_of_broken_topics()
    there = handed_out(manifest, secret)
    options = {"--secret": secret, "--topics": topics, "--out": out}
    orders, refused = there.wanted(only or (), _command("solutions", manifest, options))
    for warning in (*there.unfinished(manifest, orders), *there.unchecked(), *there.changed_topics()):
        _warn(warning)
    with _alone_in(out):
        claim_for_solutions(out, there.manifest.identity)
        with _made(orders, out, jobs) as (report, records):
            missing = not_as_listed(out, records.listed())
            _print_report(report, out, False)
            for change in changes(there.manifest.students, records):
                print(f"warning: the answer has changed: {change}", file=sys.stderr)
    for student, why in refused.items():
        print(f"failed: {student}: {why}", file=sys.stderr)
    _print_missing(missing, out)
    if report.failures or refused or missing:
        raise typer.Exit(FAILED)


def _print_missing(missing: Mapping[str, list[str]], out: Path) -> None:
    for student, files in missing.items():
        print(f"failed: student '{student}': not in {out} as they were written: {', '.join(files)}", file=sys.stderr)


@contextmanager
def _made(
    orders: "tuple[Ordered, ...]",
    out: Path,
    jobs: int,
    dask: str | None = None,
    changing: Callable[[], None] = lambda: None,
) -> "Iterator[tuple[Report, Records]]":
    """The sheets, made with a progress bar and written; the report and the students' records, which lie on disk."""
    from blattwerk.build.batch import build as make_all
    from blattwerk.build.cached import usable
    from blattwerk.build.files import sweep, work_folder
    from blattwerk.build.store.cache import limit, sheets_cache
    from blattwerk.build.workers import cluster, processes

    _warn(limit().note)
    _warn(usable())
    sweep()
    try:
        with tidying(WHOLE), work_folder() as work:
            workers = cluster(dask) if dask else processes(jobs, len(orders))
            with workers as executor:
                made = make_all(orders, out, work, executor, _progress, sheets_cache(), changing)
            yield made
    except Interrupted:
        sweep()  # workers that were killed have left theirs
        raise


def _print_report(report: "Report", out: Path, with_manifest: bool) -> None:
    shown = report.written if len(report.written) <= 8 else report.written[:4]
    for path in shown:
        print(path)
    if len(report.written) > len(shown):
        print(f"... and {len(report.written) - len(shown)} more files in {out}")
    if with_manifest:
        print(out / "manifest.json")
    for note in report.notes:
        print(f"warning: {note}", file=sys.stderr)
    for student, lines in report.overfull.items():
        print(f"warning: '{student}': something sticks out of the margin: {lines[0]}", file=sys.stderr)
    for failure in report.failures.values():
        print(f"failed: {failure}", file=sys.stderr)


@app.command("list")
def list_(json: JsonOption = False) -> None:
    """The exercises: id, titles, parts, demo."""
    from blattwerk.build.show import listing

    _topic("")
    _warn_of_broken_topics()
    _print_json(listing()) if json else print(_listing_text(listing()))


def _listing_text(rows: list[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        offers = f"; offers {row['offers']} instances" if row["offers"] else ""
        parts = ", ".join(part["id"] + _only_at(part, row) for part in row["parts"])
        demo = f"; demo {row['demo']}" if row["demo"] else ""
        more = f"{offers}{demo}{'; notebook' if row['notebook'] else ''}"
        lines.append(f"{row['id']}\n    {row['title']['en']} / {row['title']['de']}\n    parts: {parts}{more}")
    return "\n".join(lines)


def _only_at(part: dict[str, Any], row: dict[str, Any]) -> str:
    """The difficulties at which a part is there, where it is not there at all of them."""
    return "" if part["difficulties"] == row["difficulties"] else f" ({', '.join(part['difficulties'])} only)"


@app.command()
def show(
    exercise: Annotated[str, typer.Argument(help="The exercise's id, see `list`, or a topic file.")],
    seed: SeedOption,
    difficulty: Annotated[str, typer.Option(help="easy, standard or hard.")] = "standard",
    lang: Annotated[str, typer.Option(help="en or de.")] = "en",
    solution: Annotated[bool, typer.Option("--solution", metavar="", help="The solution too.")] = False,
    json: JsonOption = False,
) -> None:
    """One exercise as text, or its numbers, answers and checks as JSON."""
    from blattwerk.build.numbers import sample
    from blattwerk.build.order import options
    from blattwerk.build.show import as_json, as_text

    exercise = _topic(exercise)
    _warn_of_broken_topics()
    drawn = sample(exercise, seed, options.difficulty(difficulty))
    _print_json(as_json(drawn)) if json else print(as_text(drawn, options.languages(lang)[0], solution))


@app.command()
def demo(
    demo_id: Annotated[str, typer.Argument(metavar="ID", help="D1 to D9, or the exercise's id.")],
    seed: SeedOption,
    difficulty: Annotated[str, typer.Option(help="easy, standard or hard.")] = "standard",
    lang: Annotated[str, typer.Option(help="en or de.")] = "en",
    out: OutOption = Path("out"),
    mnist: MnistOption = None,
) -> None:
    """Train a demo on the numbers of an exercise; print what it found and write its figure."""
    from blattwerk.build.demos.demonstrate import as_text, demonstration, write_figure
    from blattwerk.build.order import options

    _warn_of_broken_topics()
    language = options.languages(lang)[0]
    planned = demonstration(demo_id, seed, options.difficulty(difficulty), options.mnist_folder(mnist))
    name = planned.name
    with _progress(f"training {name}", planned.steps) as advance:
        item = planned.run(advance)
    print(as_text(item, language), end="\n\n")
    print(write_figure(item, language, out / f"{name}.seed-{seed}.{language}.png"))


@app.command()
def verify(
    exercises: Annotated[list[str] | None, typer.Argument(help="Ids; all exercises if left out.")] = None,
    seeds: Annotated[
        int,
        typer.Option(metavar="INTEGER", parser=_whole("--seeds", 1, 10**6), help="How many seeds at each difficulty."),
    ] = 100,
    difficulty: Annotated[str | None, typer.Option(help="Only easy, standard or hard.")] = None,
    jobs: JobsOption = 0,
    json: JsonOption = False,
) -> None:
    """Draw, solve and prove exercises many times over, and report; without ids, a topic that is broken is a failure."""
    from blattwerk.build.check.verify import trials
    from blattwerk.build.order import options
    from blattwerk.build.order.catalogue import catalogue, find
    from blattwerk.build.workers import processes

    exercises = [_topic(one) for one in exercises or ()]
    _topic("")
    broken = _warn_of_broken_topics()
    ids = [find(exercise).id for exercise in exercises] if exercises else list(catalogue())
    difficulties = options.difficulties(difficulty)
    total = len(ids) * len(difficulties)
    with processes(jobs, total) as executor, _progress("verifying", total) as advance:
        results = trials(ids, difficulties, seeds, executor, advance)
    if json:
        _print_json([result.as_json() for result in results])
    else:
        print(f"{'exercise':<24}{'difficulty':<11}{'runs':>7}{'failed':>8}{'distinct':>10}{'checked':>9}{'typed':>7}"
              f"{'mean ms':>9}{'worst ms':>10}{'proof ms':>10}")  # fmt: skip
        for r in results:
            counts = r.relations
            print(f"{r.exercise:<24}{r.difficulty:<11}{r.runs:>7}{len(r.failures):>8}{r.distinct:>10}"
                  f"{counts.checked:>9}{counts.unaccounted:>7}"
                  f"{r.mean_ms:>9.2f}{r.worst_ms:>10.2f}{r.proof_ms:>10.2f}")  # fmt: skip
    failures = [failure for result in results for failure in result.failures]
    for failure in failures[:20]:
        print(f"failed: {failure}", file=sys.stderr)
    if failures or (broken and not exercises):
        raise typer.Exit(FAILED)


@app.command()
def new(
    topic: Annotated[str, typer.Argument(metavar="ID", help="The topic's id: small letters, digits, underscores.")],
    folder: Annotated[Path, typer.Option("--dir", help="The folder of your topics.")] = Path("topics"),
) -> None:
    """Write a topic on one page that is already whole, and shows every construct once."""
    from blattwerk.build.order.new_page import write_page

    print(write_page(topic, folder))


@app.command()
def check(
    topic: Annotated[str, typer.Argument(help="The exercise's id, see `list`, or a topic file.")],
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds at each difficulty.")] = 8,
    jobs: JobsOption = 0,
) -> None:
    """All that is asked of an exercise, wherever it lives: draws, proof, planted errors, both languages, TeX."""
    from blattwerk.build.check import check as demands
    from blattwerk.build.order.catalogue import find_topic
    from blattwerk.build.workers import processes

    topic = _topic(topic)
    found, total = find_topic(topic), len(demands.DEMANDS)
    with processes(jobs, total) as executor, _progress(f"checking {topic}", total) as advance:
        complaints = demands.check(found, seeds, advance, executor)
    print("\n".join(demands.told(topic, complaints)))
    if complaints:
        raise typer.Exit(FAILED)


@app.command()
def cache(clear: Annotated[bool, typer.Option("--clear", metavar="", help="Remove everything in it.")] = False) -> None:
    """The cache: where it lies and how large it is."""
    from blattwerk.build.cached import clear as clear_all
    from blattwerk.build.cached import size, tex_rooms, usable
    from blattwerk.build.store.cache import limit, sheets_cache

    _warn(limit().note)
    _warn(usable())
    left = clear_all() if clear else 0
    if held := sheets_cache():
        entries = sum(path.suffix == ".json" for _, _, path in held.contents())
        print(f"{held.folder}: {entries} sheets, {size(held.folder) / 2**20:.1f} MB of at most {limit().megabytes} MB")
    for folder, of_tex in tex_rooms().items():
        print(f"{folder}: {of_tex / 2**20:.1f} MB of TeX's formats and fonts")
    if left:
        print(f"{left} files could not be removed", file=sys.stderr)
        raise typer.Exit(FAILED)


@app.command()
def doctor() -> None:
    """What is installed, what is missing, and the command that installs it."""
    from blattwerk.build.doctor import examine

    findings = examine()
    for finding in findings:
        print(f"{'ok     ' if finding.good else 'MISSING'} {finding.what:<24} {finding.found}")
        if not finding.good:
            print(f"        {finding.remedy}")
    if not all(finding.good for finding in findings):
        raise typer.Exit(FAILED)


def _bundled_sheet() -> Path:
    return Path(__file__).parent / "build" / "order" / "example.toml"


@contextmanager
def _progress(what: str, total: int) -> Iterator[Any]:
    """A progress bar on the error stream, gone when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with tidying(), Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count=1: progress.advance(task, count)


def _print_json(data: Any) -> None:
    import json

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(data, ensure_ascii=not unicode, indent=2))
