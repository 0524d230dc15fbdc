"""Jobs to files: each student's sheet is made apart, a failure is a value, and the others go on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from blattwerk.build import figures, manifest
from blattwerk.build.files import write_whole
from blattwerk.build.glyphs import FONT_FILES, engine_for, font_file
from blattwerk.build.header import printed_texts, sheet_code, sheet_title, sheet_view
from blattwerk.build.manifest import Manifest, StudentRecord
from blattwerk.build.plan import Job, items
from blattwerk.build.preamble import Engine
from blattwerk.build.prove import prove
from blattwerk.build.render import Item, Kind, document, exercise_view, sheet_body
from blattwerk.build.split import finished
from blattwerk.build.tex import typeset
from blattwerk.errors import SheetFailure
from blattwerk.exercise import Lang


@dataclass(frozen=True)
class Outcome:
    """What became of a job: files by their path in the output folder, and the record; or why there are none."""

    student: str
    files: Mapping[str, bytes]
    record: StudentRecord | None
    failure: str = ""
    overfull: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What became of a build."""

    written: tuple[Path, ...]
    failures: Mapping[str, str]
    overfull: Mapping[str, tuple[str, ...]]
    changed: tuple[str, ...]


def make(job: Job) -> Outcome:
    """One student's sheet: draw, solve, prove, render, draw figures, typeset. Writes nothing."""
    try:
        return _made(job)
    except SheetFailure as error:
        again = f"to see it again: build --seed {job.seed} --only {job.student.id}"
        return Outcome(job.student.id, {}, None, failure=f"student '{job.student.id}': {error} ({again})")


def _made(job: Job) -> Outcome:
    exercises = items(job)
    proofs = [prove(item.instance) for item in exercises]
    records = tuple(manifest.exercise_record(item, proof) for item, proof in zip(exercises, proofs, strict=True))
    code = job.stored.code if job.stored else sheet_code(
        job.secret, job.seed, job.student.id, job.sheet.sheet.number
    )  # fmt: skip
    pictures = _pictures(exercises)
    files: dict[str, bytes] = {}
    overfull: list[str] = []
    for lang in job.languages:
        engine = engine_for(printed_texts(job.sheet, job.student, lang))
        for kind in job.kinds:
            source = sheet_source(job, exercises, code, lang, kind, engine)
            made = typeset(source, pictures | _fonts(engine), engine)
            files[f"{kind}/{job.student.id}.{lang}.pdf"] = finished(made.pdf, sheet_title(job.sheet, lang), lang)
            overfull += [f"{kind}, {lang}: {line}" for line in made.overfull]
            if job.sources:
                files[f"tex/{kind}/{job.student.id}.{lang}.tex"] = source.encode("utf-8")
                files |= {f"tex/{kind}/{name}": content for name, content in (pictures | _fonts(engine)).items()}
    record = StudentRecord(
        id=job.student.id,
        name=job.student.name,
        email=job.student.email,
        group=job.student.group,
        languages=job.languages,
        code=code,
        exercises=records,
        files={path: manifest.digest(content) for path, content in files.items() if path.endswith(".pdf")},
    )
    return Outcome(job.student.id, files, record, overfull=tuple(overfull), changed=tuple(_changes(job, record)))


def sheet_source(
    job: Job, exercises: tuple[Item, ...], code: str, lang: Lang, kind: Kind, engine: Engine = "pdflatex"
) -> str:
    """The TeX source of one PDF."""
    views = tuple(exercise_view(number, item, lang, _picture_names(item)) for number, item in enumerate(exercises, 1))
    return document([sheet_body(sheet_view(job.sheet, job.student, code, views, lang, kind), lang)], engine)


def _picture_names(item: Item) -> dict[str, str]:
    return {name: figures.file_name(figure) for name, figure in item.instance.figures.items()}


def _pictures(exercises: Iterable[Item]) -> dict[str, bytes]:
    """The figures of a sheet by file name, each drawn once for both languages, question and solution."""
    wanted = {figures.file_name(f): f for item in exercises for f in item.instance.figures.values()}
    return {name: figures.pdf(figure) for name, figure in wanted.items()}


def _fonts(engine: Engine) -> dict[str, bytes]:
    if engine == "pdflatex":
        return {}
    found = {name: font_file(name) for name in FONT_FILES}
    return {name: path.read_bytes() for name, path in found.items() if path}


def _changes(job: Job, record: StudentRecord) -> Iterator[str]:
    """Where today's solver answers otherwise than the manifest says."""
    if job.stored is None:
        return
    before = {exercise.id: exercise.answers for exercise in job.stored.exercises}
    for exercise in record.exercises:
        old = {answer.name: answer for answer in before[exercise.id]}
        for answer in exercise.answers:
            if answer.name not in old or old[answer.name].decimal != answer.decimal:
                was = old[answer.name].exact if answer.name in old else "nothing"
                yield f"{job.student.id}, {exercise.id}, {answer.name}: the manifest says {was}, today {answer.exact}"


def run(jobs: Iterable[Job], executor: Executor | None, done: Callable[[Outcome], None]) -> None:
    """Make all jobs, here or by an executor; `done` is called for each outcome as it comes."""
    if executor is None:
        for job in jobs:
            done(make(job))
        return
    for future in as_completed([executor.submit(make, job) for job in jobs]):
        done(future.result())


def build(
    jobs: tuple[Job, ...], out: Path, executor: Executor | None = None, advance: Callable[[], None] = lambda: None
) -> tuple[Report, tuple[StudentRecord, ...]]:
    """Make all jobs and write their files; the records come in the order of the jobs."""
    written: list[Path] = []
    outcomes: dict[str, Outcome] = {}

    def done(outcome: Outcome) -> None:
        for path, content in outcome.files.items():
            write_whole(out / path, content)
            written.append(out / path)
        outcomes[outcome.student] = replace(outcome, files={})
        advance()

    run(jobs, executor, done)
    ordered = [outcomes[job.student.id] for job in jobs]
    report = Report(
        tuple(sorted(path for path in written if path.suffix == ".pdf")),
        {outcome.student: outcome.failure for outcome in ordered if outcome.failure},
        {outcome.student: outcome.overfull for outcome in ordered if outcome.overfull},
        tuple(change for outcome in ordered for change in outcome.changed),
    )
    return report, tuple(outcome.record for outcome in ordered if outcome.record)


def write_manifest(content: Manifest, out: Path) -> Path:
    """Write manifest.json into the output folder."""
    path = out / "manifest.json"
    write_whole(path, manifest.to_bytes(content))
    return path
