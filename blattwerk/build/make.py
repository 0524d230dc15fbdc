"""A chunk of students: draw, solve, prove, render, draw figures, typeset. Nothing is written here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from blattwerk.build.notebooks.writing import mention, notebook_files
from blattwerk.build.page.header import printed_texts, sheet_code, sheet_mark, sheet_title, sheet_view
from blattwerk.build.page.typefaces import FONT_FILES, Face, engine_for, face_for, font_file
from blattwerk.build.page.view import ExerciseView, Item, exercise_view, sheet_body
from blattwerk.build.plan import Job, items
from blattwerk.build.press.preamble import Engine
from blattwerk.build.press.press import Printed, Sheet, document, press
from blattwerk.build.proof.prove import prove
from blattwerk.build.store import manifest
from blattwerk.build.store.manifest import ExerciseRecord, StudentRecord
from blattwerk.errors import SheetFailure, TexFailure, UnsettableText
from blattwerk.vocabulary.exercise import Lang
from blattwerk.vocabulary.figures import file_name


@dataclass(frozen=True)
class Outcome:
    """What became of a job: files by their path in the output folder, and the record; or why there are none."""

    student: str
    files: Mapping[str, bytes]
    record: StudentRecord | None
    failure: str = ""
    overfull: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Prepared:
    """A job that is ready for TeX: its sheets and its notebooks by path, and what the manifest will say."""

    job: Job
    code: str
    records: tuple[ExerciseRecord, ...]
    sheets: Mapping[str, Sheet]
    notebooks: Mapping[str, bytes]
    note: str = ""


def make(jobs: tuple[Job, ...]) -> tuple[Outcome, ...]:
    """The outcome of each job. Questions and solutions are typeset in runs of their own."""
    ready: dict[str, Prepared] = {}
    failed: dict[str, str] = {}
    for job in jobs:
        try:
            ready[job.student.id] = prepared(job)
        except SheetFailure as error:
            failed[job.student.id] = _failure(job, error)
    printed = _printed(ready.values())
    return tuple(
        Outcome(job.student.id, {}, None, failed[job.student.id])
        if job.student.id in failed
        else _outcome(ready[job.student.id], printed)
        for job in jobs
    )


def _failure(job: Job, error: SheetFailure) -> str:
    return (
        f"student '{job.student.id}': {error} (to see it again: build --seed {job.seed} --only {job.student.id} --tex)"
    )


def prepared(job: Job) -> Prepared:
    """Everything before TeX, for one student.

    Raises a SheetFailure where numbers cannot be drawn, a proof fails, or a character cannot be set.
    """
    exercises = items(job)
    proofs = [job.proven.get(item.instance.exercise.id) or prove(item.instance) for item in exercises]
    records = tuple(manifest.exercise_record(item, proof) for item, proof in zip(exercises, proofs, strict=True))
    code = code_of(job)
    notebooks = dict(notebook_files(job, exercises, code))
    job, face, note = _nameable(job)
    return Prepared(job, code, records, dict(_sheets(job, exercises, code, face)), notebooks, note)


def code_of(job: Job) -> str:
    """The code in the footer: the one that was handed out, where there was one."""
    if job.stored:
        return job.stored.code
    return sheet_code(job.secret, job.seed, job.student.id, job.sheet.sheet.number)


def _sheets(job: Job, exercises: tuple[Item, ...], code: str, face: Face | None) -> Iterator[tuple[str, Sheet]]:
    """The sheets of a job by the path of their PDF."""
    for lang in job.languages:
        pictures = _pictures(exercises, lang)
        views = tuple(_view(job, n, item, lang) for n, item in enumerate(exercises, 1))
        engine = engine_for(printed_texts(job.sheet, job.student, lang, face)) if face is None else "lualatex"
        for kind in job.kinds:
            body = sheet_body(sheet_view(job.sheet, job.student, code, views, lang, kind, face), lang)
            mark, title = sheet_mark(code, kind, lang), sheet_title(job.sheet, lang)
            shown = {name: content for name, content in pictures.items() if name in body}
            sheet = Sheet(body, mark, title, lang, engine, shown | _fonts(engine, face))
            yield f"{kind}/{job.student.id}.{lang}.pdf", sheet


def _view(job: Job, number: int, item: Item, lang: Lang) -> ExerciseView:
    view = exercise_view(number, item, lang, _picture_names(item, lang))
    return replace(view, notebook=mention(job, item, lang))


def _nameable(job: Job) -> tuple[Job, Face | None, str]:
    """The job with a name that can be printed, its font, and what to report where the id has to stand for the name."""
    try:
        return job, face_for(job.student.name) if job.sheet.sheet.print_name else None, ""
    except UnsettableText as error:
        info = job.sheet.sheet.model_copy(update={"print_name": False, "print_id": True})
        sheet = job.sheet.model_copy(update={"sheet": info})
        note = f"student '{job.student.id}': {error}; the sheet shows the id instead"
        return replace(job, sheet=sheet), None, note


def _picture_names(item: Item, lang: Lang) -> dict[str, str]:
    return {name: file_name(figure) for name, figure in item.figures(lang).items()}


def _pictures(exercises: Iterable[Item], lang: Lang) -> dict[str, bytes]:
    """The figures of a sheet by file name; equal ones are drawn once, for question and solution too."""
    from blattwerk.build.drawing.figures import pdf  # matplotlib takes a while to load, and many processes draw nothing

    wanted = {file_name(f): f for item in exercises for f in item.figures(lang).values()}
    return {name: pdf(figure) for name, figure in wanted.items()}


def _fonts(engine: Engine, face: Face | None) -> dict[str, bytes]:
    if engine == "pdflatex":
        return {}
    found = {name: font_file(name) for name in FONT_FILES} | ({face.file.name: face.file} if face else {})
    return {name: path.read_bytes() for name, path in found.items() if path}


def _printed(ready: Iterable[Prepared]) -> dict[str, Printed | TexFailure]:
    """All sheets of a chunk by path: one run of TeX for each kind and engine."""
    sheets = {path: sheet for one in ready for path, sheet in one.sheets.items()}
    printed: dict[str, Printed | TexFailure] = {}

    def run(path: str) -> tuple[str, str]:
        return path.split("/")[0], sheets[path].engine

    for _, group in groupby(sorted(sheets, key=run), key=run):
        paths = list(group)
        printed |= zip(paths, press([sheets[path] for path in paths]), strict=True)
    return printed


def _outcome(one: Prepared, printed: Mapping[str, Printed | TexFailure]) -> Outcome:
    """The files of one student, all or none."""
    pdfs: dict[str, bytes] = {}
    overfull: list[str] = []
    for path, sheet in one.sheets.items():
        made = printed[path]
        if isinstance(made, TexFailure):
            return Outcome(one.job.student.id, _source(path, sheet), None, _failure(one.job, made))
        pdfs[path] = made.pdf
        overfull += [f"{path}: {line}" for line in made.overfull]
    sources = [_source(path, sheet) for path, sheet in one.sheets.items()] if one.job.sources else []
    record = _record(one, {**pdfs, **one.notebooks})
    files = {name: content for source in (pdfs, one.notebooks, *sources) for name, content in source.items()}
    return Outcome(one.job.student.id, files, record, "", tuple(overfull), tuple(_changes(one.job, record)), one.note)


def _source(path: str, sheet: Sheet) -> dict[str, bytes]:
    """A sheet's complete source under tex/, with the files that it includes beside it."""
    folder, _, name = path.rpartition("/")
    beside = {f"tex/{folder}/{file}": content for file, content in sheet.files.items()}
    source = document([sheet.body], sheet.engine).encode("utf-8")
    return {f"tex/{folder}/{name.removesuffix('.pdf')}.tex": source} | beside


def _record(one: Prepared, files: Mapping[str, bytes]) -> StudentRecord:
    student = one.job.student
    return StudentRecord(
        id=student.id,
        name=student.name,
        email=student.email,
        group=student.group,
        languages=one.job.languages,
        code=one.code,
        exercises=one.records,
        files={path: manifest.digest(content) for path, content in files.items()},
    )


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
