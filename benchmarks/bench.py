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
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from blattwerk.build import make
from blattwerk.build.batch import chunk_size
from blattwerk.build.drawing import figures
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.sheet_file import read_sheet
from blattwerk.build.job import KINDS
from blattwerk.build.page.view import exercise_view
from blattwerk.build.plan import Job, Order, items, plan
from blattwerk.build.press.formats import format_file
from blattwerk.build.press.press import Sheet, document, press
from blattwerk.build.press.split import SheetPages, cut
from blattwerk.build.press.tex import compiled
from blattwerk.build.proof.prove import prove
from blattwerk.build.files import write_whole
from blattwerk.build.order.catalogue import catalogue

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


def jobs_of(sheet: Path, count: int) -> tuple[Job, ...]:
    """The jobs of a class, both languages."""
    return plan(Order(read_sheet(sheet), class_of(count), 7, ("en", "de")))


def command(sheet: Path, count: int, cache: Path, out: Path) -> tuple[float, float]:
    """Wall-clock seconds and peak memory (MB, of the main process) of the command line for a class."""
    roster = cache / f"class-{count}.csv"
    formats = cache / "blattwerk" / "formats"  # made once for ever, and preloaded for the floor too
    shutil.copytree(format_file().parent, formats, dirs_exist_ok=True)
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


def peers(sheets: list[Sheet]) -> dict[str, float | None]:
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
        def run(folder: Path, source: str) -> None:
            (folder / "sheet.tex").write_text(source)
            subprocess.run([*program, "sheet.tex"], cwd=folder, check=True, capture_output=True)

        return run

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
        for sheet in sheets[:SAMPLE]:
            with tempfile.TemporaryDirectory() as folder:
                for file, content in sheet.files.items():
                    (Path(folder) / file).write_bytes(content)
                with timed(seconds, name):
                    way(Path(folder), document([sheet.body]))
        results[name] = seconds[name] / len(sheets[:SAMPLE])
    return results


def floor_half(sheets: list[Sheet]) -> None:
    """One plain run of TeX over these sheets, the preamble preloaded."""
    fmt = format_file()
    files = {name: content for sheet in sheets for name, content in sheet.files.items()}
    source = "\\begin{document}\n" + "\n".join(sheet.body for sheet in sheets) + "\\end{document}\n"
    compiled(source, files, "pdflatex", (f"-fmt={fmt.stem}", "sheet.tex"), ".pdf", formats=fmt.parent)


def pressed(runs: list[list[Sheet]]) -> int:
    """TeX and split for a chunk of students, one run after the other."""
    return sum(len(press(sheets)) for sheets in runs)


def side_by_side(task: Callable[[Any], Any], parts: list[Any]) -> float:
    """Seconds for all parts, two at a time, the workers warm."""
    with ProcessPoolExecutor(WORKERS) as pool:
        list(pool.map(_warm, range(WORKERS)))
        start = time.perf_counter()
        list(pool.map(task, parts))
        return time.perf_counter() - start


def _warm(_: int) -> None:
    format_file()
    time.sleep(0.2)


def stages(jobs: tuple[Job, ...]) -> dict[str, float]:
    """Seconds of each stage for one chunk, in one process, libraries loaded and templates compiled."""
    make.make(jobs[:1])
    figures.pdf.cache_clear()  # they were drawn for the peers
    seconds: dict[str, float] = {}
    for job in jobs:
        with timed(seconds, "draw and solve"):
            exercises = items(job)
            for item in exercises:
                _ = item.instance.answers
        with timed(seconds, "prove"):
            for item in exercises:
                prove(item.instance)
        with timed(seconds, "figures"):
            for item in exercises:
                for figure in item.instance.figures.values():
                    figures.pdf(figure)
        with timed(seconds, "render"):
            for lang in job.languages:
                for n, item in enumerate(exercises, 1):
                    exercise_view(n, item, lang, dict.fromkeys(item.instance.figures, "x"))
    sheets = [sheet for job in jobs for sheet in make.prepared(job).sheets.values()]
    fmt = format_file()
    files = {name: content for sheet in sheets for name, content in sheet.files.items()}
    source = "\\begin{document}\n" + "\n".join(sheet.body for sheet in sheets) + "\\end{document}\n"
    with timed(seconds, "TeX"):
        made = compiled(source, files, "pdflatex", (f"-fmt={fmt.stem}", "sheet.tex"), ".pdf", formats=fmt.parent)
    pages = [int(line.split()[1]) for line in made.log.splitlines() if line.startswith("bw-sheet ")]
    with timed(seconds, "split"):
        wanted = [SheetPages(n, s.mark, s.title, s.lang) for n, s in zip(pages, sheets, strict=True)]
        pdfs = list(cut(made.content, wanted))
    with tempfile.TemporaryDirectory() as folder, timed(seconds, "write"):
        for i, pdf in enumerate(pdfs):
            write_whole(Path(folder) / f"{i}.pdf", pdf)
    return seconds


def chunks(by_student: list[Mapping[str, Sheet]]) -> list[list[list[Sheet]]]:
    """The sheets of each chunk of students in a build, and in it of each run of TeX: questions and solutions apart."""
    size = chunk_size(len(by_student))
    return [
        [
            [sheet for one in by_student[i : i + size] for path, sheet in one.items() if path.startswith(kind)]
            for kind in KINDS
        ]
        for i in range(0, len(by_student), size)
    ]


def measured(sheet: Path, count: int, large: int) -> dict[str, Any]:
    """Everything about one sheet."""
    jobs = jobs_of(sheet, count)
    by_student = [make.prepared(job).sheets for job in jobs]
    sheets = [sheet for one in by_student for sheet in one.values()]
    pdfs = len(sheets)
    floor = side_by_side(floor_half, [sheets[: pdfs // 2], sheets[pdfs // 2 :]])
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
        "floor, s": floor,
        "end to end / floor": small / floor,
        "TeX and split / floor": press_seconds / floor,
        "nothing changed / first": again / small,
        "stages, s": stages(jobs[:25]),
    }
    for peer, seconds in peers(sheets).items():
        result[f"{peer}, ms per pdf"] = None if seconds is None else 1000 * seconds
        result[f"{peer} / ours"] = None if seconds is None else seconds * pdfs / small
    if large > count:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            seconds, memory = command(sheet, large, folder / "cache", folder / "out")
            again, _ = command(sheet, large, folder / "cache", folder / "out")
        result[f"{large} students / {count} students"] = seconds / small
        later = side_by_side(floor_half, [sheets[: pdfs // 2], sheets[pdfs // 2 :]])
        result[f"end to end, {large}, s"] = seconds
        result["floor, later, s"] = later
        result[f"end to end / floor, {large}"] = seconds / ((floor + later) / 2) * count / large
        result[f"nothing changed / first, {large}"] = again / seconds
        result["peak memory, large / small"] = memory / small_memory
    return result


def per_topic(seeds: int = 20) -> dict[str, tuple[float, float]]:
    """Milliseconds to draw, solve and render a standard instance, in English and in both languages, without oracles."""
    from blattwerk.build.page.view import Item
    from blattwerk.build.order.parts import placed
    from blattwerk.build.numbers import drawn
    from blattwerk.vocabulary.draws import Draws
    from blattwerk.vocabulary.language import LANGUAGES, Lang

    results = {}
    for exercise in catalogue().values():

        def mean(first: int, languages: tuple[Lang, ...], exercise: Any = exercise) -> float:
            start = time.perf_counter()
            for seed in range(first, first + seeds):
                one = drawn(exercise, Draws(b"", seed, "bench", exercise.id), "standard")
                for lang in languages:
                    exercise_view(1, Item(one, placed(one)), lang, dict.fromkeys(one.figures, "x"))
            return 1000 * (time.perf_counter() - start) / seeds

        mean(0, LANGUAGES)  # what is kept from student to student
        results[exercise.id] = mean(1000, ("en",)), mean(2000, LANGUAGES)
    return results


DEMO_STUDENTS, DEMO_SAMPLE = 200, 5


def demos() -> dict[str, dict[str, float]]:
    """Seconds for the demos of 200 students, trained together and one after the other (from a sample)."""
    from blattwerk.build.plan import demo_of, setting_of
    from blattwerk.build.numbers import drawn
    from blattwerk.vocabulary.demo import trained
    from blattwerk.vocabulary.draws import Draws

    results = {}
    for exercise in (e for e in catalogue().values() if e.demo):
        demo, settings = demo_of(exercise), []
        for i in range(DEMO_STUDENTS):
            draws = Draws(b"", 7, f"s{i}", exercise.id)
            settings.append(setting_of(drawn(exercise, draws, "standard"), draws))
        seconds: dict[str, float] = {}
        demo.train(settings[:1], lambda steps: None)
        with timed(seconds, "together, s"):
            trained(demo, settings)
        with timed(seconds, "loop, s"):
            for setting in settings[:DEMO_SAMPLE]:
                demo.train([setting], lambda steps: None)
        seconds["loop, s"] *= DEMO_STUDENTS / DEMO_SAMPLE
        name = f"{exercise.demo} ({exercise.id})"
        results[name] = seconds | {"loop / together": seconds["loop, s"] / seconds["together, s"]}
    return results


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
    print(f"demos of {DEMO_STUDENTS} students: together, one after the other, ratio")
    for demo, row in results["demos"].items():
        print(f"    {demo:<30}{row['together, s']:10.2f} s{row['loop, s']:10.2f} s{row['loop / together']:8.1f}")
    print(f"R/exams: {results['R/exams']}")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=1) + "\n")
    print(f"written to {options.json}")


if __name__ == "__main__":
    main()
