"""How fast is a class? All figures of one run, so that their ratios can be trusted on a noisy machine.

    python benchmarks/bench.py [--students 100] [--large 1000] [--sheet FILE ...] [--json FILE]

Peer: the same sources compiled one by one. Floor: plain pdflatex over all pages with the preamble preloaded, two runs
side by side. The build's stages are timed in one process on one chunk of students.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from blattwerk.build.batch import chunk_size
from blattwerk.build.cached import room
from blattwerk.build.demos import training
from blattwerk.build.demos.training import demo_of, setting_of, train
from blattwerk.build.drawing import figures
from blattwerk.build.files import write_whole
from blattwerk.build.job import KINDS
from blattwerk.build.make import Task, make
from blattwerk.build.numbers import draw, sample
from blattwerk.build.order.catalogue import catalogue
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.parts import placed
from blattwerk.build.order.sheet_file import read_sheet
from blattwerk.build.page.printing import PrintedSheet, printed
from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.press.formats import loaded_preamble, set_with_format
from blattwerk.build.press.press import press_together
from blattwerk.build.press.runs import document, files_beside
from blattwerk.build.press.split import SheetPages, cut
from blattwerk.build.press.tex import Product
from blattwerk.build.proof.prove import prove, proven
from blattwerk.build.workers import processes
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang

ROOT = Path(__file__).parents[1]
SAMPLE = 8  # sources compiled one by one for the peers
WORKERS = 2


@contextmanager
def timed(results: dict[str, float], name: str) -> Iterator[None]:
    """The wall-clock seconds of a block, added up under a name."""
    start = time.perf_counter()
    yield
    results[name] = results.get(name, 0.0) + time.perf_counter() - start


def class_of(count: int) -> tuple[Student, ...]:
    """Students with names that pdflatex can set."""
    return tuple(Student(f"s{i:05d}", f"Student Nummer {i}", f"s{i}@example.org") for i in range(count))


def orders_of(sheet: Path, count: int) -> tuple[Ordered, ...]:
    """The orders of a class, both languages."""
    return order(read_sheet(sheet), class_of(count), 7, ("en", "de"))


@dataclass(frozen=True)
class Run:
    """Sheets for one run of TeX, and their figures by file name."""

    sheets: tuple[PrintedSheet, ...]
    pictures: Mapping[str, bytes]

    @property
    def files(self) -> dict[str, bytes]:
        """What lies beside the source."""
        return {name: content for one in self.sheets for name, content in files_beside(one, self.pictures).items()}


def run_of(sheets: Iterable[PrintedSheet]) -> Run:
    """The sheets with their figures drawn."""
    chosen = tuple(sheets)
    return Run(chosen, {name: figures.pdf(figure) for one in chosen for name, figure in one.figures.items()})


def sheets_of(one: Ordered) -> Mapping[str, PrintedSheet]:
    """A student's sheets, ready for TeX but for their figures, by path."""
    return printed(proven(draw(one), {})).sheets


def command(sheet: Path, count: int, cache: Path, out: Path) -> tuple[float, float]:
    """Wall-clock seconds and peak memory (MB, of the main process) of the command line for a class."""
    roster = cache / f"class-{count}.csv"
    loaded_preamble()  # made once for ever, and preloaded for the floor too
    if ours := room("formats").folder:
        shutil.copytree(ours, cache / "blattwerk" / ours.name, dirs_exist_ok=True)
    roster.write_text("id,name,email\n" + "".join(f"{s.id},{s.name},{s.email}\n" for s in class_of(count)))
    arguments = [str(sheet), "--seed", "7", "--roster", str(roster), "--out", str(out), "--jobs", str(WORKERS)]
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", MEASURED, "build", *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"the build failed: {output}")
    return time.perf_counter() - start, int(output.rsplit("peak ", 1)[1]) / 1024


MEASURED = """
import resource, sys
from blattwerk.cli import main
if __name__ == "__main__":
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peers(run: Run) -> dict[str, float | None]:
    """Seconds a PDF when sources are compiled one by one, by each tool that is installed."""
    from pylatex import Document

    class Raw(Document):  # type: ignore[misc]  # the library has no types
        """A pylatex document whose source is ours."""

        def __init__(self, source: str) -> None:
            super().__init__()
            self.source = source

        def dumps(self) -> str:
            return self.source

    def pylatex_way(folder: Path, source: str) -> None:
        Raw(source).generate_pdf(str(folder / "sheet"), clean_tex=False, compiler="pdflatex")

    def by(*program: str) -> Callable[[Path, str], None]:
        def way(folder: Path, source: str) -> None:
            (folder / "sheet.tex").write_text(source)
            subprocess.run([*program, "sheet.tex"], cwd=folder, check=True, capture_output=True)

        return way

    ways: dict[str, Callable[[Path, str], None] | None] = {
        "plain pdflatex": by("pdflatex", "-interaction=batchmode"),
        "latexmk": by("latexmk", "-pdf", "-interaction=batchmode") if shutil.which("latexmk") else None,
        "pylatex generate_pdf": pylatex_way,
    }
    results: dict[str, float | None] = {}
    for name, way in ways.items():
        if way is None:
            results[name] = None
            continue
        seconds: dict[str, float] = {}
        for sheet in run.sheets[:SAMPLE]:
            with tempfile.TemporaryDirectory() as folder:
                for file, content in files_beside(sheet, run.pictures).items():
                    (Path(folder) / file).write_bytes(content)
                with timed(seconds, name):
                    way(Path(folder), document([sheet.body]))
        results[name] = seconds[name] / len(run.sheets[:SAMPLE])
    return results


def floor(run: Run) -> Product:
    """One plain run of TeX over these sheets, the preamble preloaded."""
    source = "\\begin{document}\n" + "\n".join(sheet.body for sheet in run.sheets) + "\\end{document}\n"
    return set_with_format(source, run.files)


def floor_only(run: Run) -> None:
    """The same for its time alone: nothing is sent back."""
    floor(run)


def halves(sheets: list[PrintedSheet]) -> list[Run]:
    """The sheets in two runs of TeX."""
    middle = len(sheets) // 2
    return [run_of(sheets[:middle]), run_of(sheets[middle:])]


def pressed(runs: list[Run]) -> int:
    """TeX and split for a chunk of students, one run after the other."""
    return sum(len(press_together(run.sheets, run.pictures)) for run in runs)


def side_by_side(task: Callable[[Any], Any], parts: list[Any]) -> float:
    """Seconds for all parts, two at a time, the workers warm."""
    with ProcessPoolExecutor(WORKERS) as pool:
        list(pool.map(_warm, range(WORKERS)))
        start = time.perf_counter()
        list(pool.map(task, parts))
        return time.perf_counter() - start


def _warm(_: int) -> None:
    loaded_preamble()
    time.sleep(0.2)


def stages(orders: tuple[Ordered, ...]) -> dict[str, float]:
    """Seconds of each stage for one chunk, in one process, libraries loaded and templates compiled."""
    make(tuple(Task(draw(one)) for one in orders[:1]))
    figures.pdf.cache_clear()  # they were drawn for the peers
    seconds: dict[str, float] = {}
    for one in orders:
        with timed(seconds, "draw and solve"):
            drawn = draw(one)
            items = [Item(entry.instance(), entry.parts, entry.hints) for entry in drawn.exercises]
            for item in items:
                _ = item.instance.answers
        with timed(seconds, "prove"):
            for item in items:
                prove(item.instance)
        with timed(seconds, "figures"):
            for item in items:
                for figure in item.instance.figures.values():
                    figures.pdf(figure)
        with timed(seconds, "render"):
            for lang in one.languages:
                for n, item in enumerate(items, 1):
                    exercise_view(n, item, lang, dict.fromkeys(item.instance.figures, "x"))
    run = run_of(sheet for one in orders for sheet in sheets_of(one).values())
    with timed(seconds, "TeX"):
        made = floor(run)
    pages = [int(line.split()[1]) for line in made.log.splitlines() if line.startswith("bw-sheet ")]
    with timed(seconds, "split"):
        slips = [SheetPages(n, sheet.mark, sheet.title, sheet.lang) for n, sheet in zip(pages, run.sheets, strict=True)]
        pdfs = list(cut(made.content, slips))
    with tempfile.TemporaryDirectory() as folder, timed(seconds, "write"):
        for i, pdf in enumerate(pdfs):
            write_whole(Path(folder) / f"{i}.pdf", pdf)
    return seconds


def chunks(by_student: list[Mapping[str, PrintedSheet]]) -> list[list[Run]]:
    """The runs of TeX of each chunk of students in a build: questions and solutions apart."""
    size = chunk_size(len(by_student))
    return [
        [
            run_of(sheet for one in by_student[i : i + size] for path, sheet in one.items() if path.startswith(kind))
            for kind in KINDS
        ]
        for i in range(0, len(by_student), size)
    ]


def measured(sheet: Path, count: int, large: int) -> dict[str, Any]:
    """Everything about one sheet."""
    orders = orders_of(sheet, count)
    by_student = [sheets_of(one) for one in orders]
    sheets = [sheet for one in by_student for sheet in one.values()]
    pdfs = len(sheets)
    floor_seconds = side_by_side(floor_only, halves(sheets))
    press_seconds = side_by_side(pressed, chunks(by_student))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, small_memory = command(sheet, count, folder / "cache", folder / "out")
        again, _ = command(sheet, count, folder / "cache", folder / "out")
    result: dict[str, Any] = {
        "sheet": sheet.stem,
        "students": count,
        "pdfs": pdfs,
        "end to end, s": small,
        "per pdf, ms": 1000 * small / pdfs,
        "peak memory, MB": small_memory,
        "floor, s": floor_seconds,
        "end to end / floor": small / floor_seconds,
        "TeX and split / floor": press_seconds / floor_seconds,
        "nothing changed / first": again / small,
        "stages, s": stages(orders[:25]),
    }
    for peer, seconds in peers(run_of(sheets[:SAMPLE])).items():
        result[f"{peer}, ms per pdf"] = None if seconds is None else 1000 * seconds
        result[f"{peer} / ours"] = None if seconds is None else seconds * pdfs / small
    if large > count:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            seconds, memory = command(sheet, large, folder / "cache", folder / "out")
            again, _ = command(sheet, large, folder / "cache", folder / "out")
        result[f"{large} students / {count} students"] = seconds / small
        later = side_by_side(floor_only, halves(sheets))
        result[f"end to end, {large}, s"] = seconds
        result["floor, later, s"] = later
        result[f"end to end / floor, {large}"] = seconds / ((floor_seconds + later) / 2) * count / large
        result[f"nothing changed / first, {large}"] = again / seconds
        result["peak memory, large / small"] = memory / small_memory
    return result


def per_topic(seeds: int = 20) -> dict[str, tuple[float, float]]:
    """Milliseconds to draw, solve and render a standard instance, in English and in both languages, without oracles."""
    results = {}
    for exercise in catalogue().values():

        def mean(first: int, languages: tuple[Lang, ...], exercise: Any = exercise) -> float:
            start = time.perf_counter()
            for seed in range(first, first + seeds):
                params = exercise.draw(Draws(b"", seed, "bench", exercise.id), "standard")
                item = Item(Instance(exercise, "standard", params), placed(exercise, "standard"))
                for lang in languages:
                    exercise_view(1, item, lang, dict.fromkeys(item.instance.figures, "x"))
            return 1000 * (time.perf_counter() - start) / seeds

        mean(0, LANGUAGES)  # what is kept from student to student
        results[exercise.id] = mean(1000, ("en",)), mean(2000, LANGUAGES)
    return results


DEMO_STUDENTS, DEMO_SAMPLE = 200, 5


def demos() -> dict[str, dict[str, float]]:
    """Seconds for the demos of 200 students: by the workers of a build, the same beside a busy neighbour, one by one.

    One after the other is measured on a sample, in one process with one thread.
    """
    results = {}
    for exercise in (e for e in catalogue().values() if e.demo):
        demo = demo_of(exercise)
        drawn = [sample(exercise.id, seed, "standard") for seed in range(DEMO_STUDENTS)]
        wanted = [training.Wanted((str(n), one.key), exercise.id, setting_of(one)) for n, one in enumerate(drawn)]
        seconds: dict[str, float] = {}
        with processes(0, DEMO_STUDENTS) as executor:
            train(wanted[:1], executor)
            with timed(seconds, "together, s"):
                train(wanted, executor)
            with busy_neighbour(), timed(seconds, "beside a neighbour, s"):
                train(wanted, executor)
        training.on_one_thread()
        demo.train([wanted[0].setting], lambda steps: None)
        with timed(seconds, "loop, s"):
            for one in wanted[:DEMO_SAMPLE]:
                demo.train([one.setting], lambda steps: None)
        seconds["loop, s"] *= DEMO_STUDENTS / DEMO_SAMPLE
        ratios = {
            "loop / together": seconds["loop, s"] / seconds["together, s"],
            "beside a neighbour / alone": seconds["beside a neighbour, s"] / seconds["together, s"],
        }
        results[f"{exercise.demo} ({exercise.id})"] = seconds | ratios
    return results


@contextmanager
def busy_neighbour() -> Iterator[None]:
    """Another process that takes all it can get of one core."""
    neighbour = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        neighbour.kill()
        neighbour.wait()


# Five exercises that come with the package, 20 sheets.
R_EXAMS = """
library(exams); set.seed(7)
files <- c("tstat", "deriv", "boxplots", "relfreq", "ttest")
seconds <- system.time(exams2pdf(files, n = 20, dir = tempfile(), template = "exam"))[["elapsed"]]
cat("ms per pdf:", 1000 * seconds / 20)
"""


def r_exams() -> str:
    """Milliseconds a PDF that R's package exams takes for sheets of five exercises of its own, if it is installed."""
    if shutil.which("Rscript") is None:
        return "not measured: R is not installed"
    run = subprocess.run(["Rscript", "-e", R_EXAMS], capture_output=True, text=True, check=False)
    if run.returncode:
        return f"not measured: {run.stderr.strip().splitlines()[-1]}"
    return run.stdout[run.stdout.index("ms per pdf:") :]


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--large", type=int, default=0, help="a second class, for growth (1000 takes minutes)")
    parser.add_argument("--sheet", type=Path, action="append")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json")
    options = parser.parse_args()
    chosen = options.sheet or [ROOT / "examples" / name for name in ("uebungsblatt-7.toml", "midterm.toml")]
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    results: dict[str, Any] = {"sheets": [], "per topic, ms": per_topic(), "demos": demos(), "R/exams": r_exams()}
    for sheet in chosen:
        result = measured(sheet, options.students, options.large)
        results["sheets"].append(result)
        for name, value in result.items():
            if isinstance(value, dict):
                whole = sum(value.values())
                for stage, seconds in value.items():
                    print(f"    {stage:<30}{seconds:10.3f} s {seconds / whole:8.1%}")
            else:
                print(f"{name:<34}{value:>14.3f}" if isinstance(value, float) else f"{name:<34}{value!s:>14}")
    print("per topic, ms: draw, solve and render without oracles, in one language and in both")
    for exercise, (one, both) in results["per topic, ms"].items():
        print(f"    {exercise:<30}{one:10.2f}{both:10.2f}")
    means = [sum(column) / len(column) for column in zip(*results["per topic, ms"].values(), strict=True)]
    print(f"    {'mean':<30}{means[0]:10.2f}{means[1]:10.2f}")
    print(f"demos of {DEMO_STUDENTS} students: together, one after the other, ratio; ratio beside a busy neighbour")
    for demo, row in results["demos"].items():
        print(f"    {demo:<30}{row['together, s']:10.2f} s{row['loop, s']:10.2f} s{row['loop / together']:8.1f}"
              f"{row['beside a neighbour / alone']:8.2f}")  # fmt: skip
    print(f"R/exams: {results['R/exams']}")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=1) + "\n")
    print(f"written to {options.json}")


if __name__ == "__main__":
    main()
