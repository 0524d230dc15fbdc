"""From an order to one job a student. A job holds everything that its sheet depends on, and can be sent anywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeVar

from blattwerk.build.codec import from_json
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.sheet_file import Entry, SheetFile
from blattwerk.build.page.view import KINDS, Item, Kind, placed
from blattwerk.build.proof.prove import Proof, drawn
from blattwerk.build.store.manifest import Manifest, StudentRecord
from blattwerk.errors import CatalogueError, InputError, ManifestError, TrainingFailure
from blattwerk.generators import find
from blattwerk.vocabulary.demo import Demo, Findings, Start
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Exercise, Instance, Lang

T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """What the command line asked for. The secret keeps students from drawing each other's sheets."""

    sheet: SheetFile
    students: tuple[Student, ...]
    seed: int
    languages: tuple[Lang, ...]
    secret: bytes = field(default=b"", repr=False)
    sources: bool = False
    mnist: str = ""


@dataclass(frozen=True)
class Job:
    """One student's sheet. `stored` holds the params of a manifest, which are then used instead of new draws.

    `proven` holds the proofs of exercises that were proven before, and have not changed since.
    `findings` is what the demos brought, by exercise, or why one brought nothing. `mnist` is the folder of MNIST.
    `executed` holds the notebooks of the sample solution, by file name, or why one could not be executed.
    """

    sheet: SheetFile
    student: Student
    seed: int
    languages: tuple[Lang, ...]
    kinds: tuple[Kind, ...] = KINDS
    secret: bytes = field(default=b"", repr=False)
    sources: bool = False
    stored: StudentRecord | None = None
    mnist: str = ""
    findings: Mapping[str, Findings | str] = field(default_factory=dict)
    proven: Mapping[str, Proof] = field(default_factory=dict)
    executed: Mapping[str, bytes | str] = field(default_factory=dict)


def plan(order: Order, only: Iterable[str] = ()) -> tuple[Job, ...]:
    """A job for each student, or for those named; raises InputError for a name that is not in the class list."""
    students = _chosen({student.id: student for student in order.students}, only, "the class list")
    return tuple(
        Job(
            order.sheet,
            student,
            order.seed,
            (student.language,) if student.language else order.languages,
            secret=order.secret,
            sources=order.sources,
            mnist=order.mnist,
        )
        for student in students
    )


def check_overrides(sheet: SheetFile, students: Iterable[Student]) -> None:
    """Raise InputError if the sheet file gives another draw to somebody who is not in the class list."""
    _chosen({student.id: student for student in students}, (o.student for o in sheet.overrides), "the class list")


def plan_again(manifest: Manifest, only: Iterable[str] = ()) -> tuple[Job, ...]:
    """A job for the solution of each student in a manifest, from the stored params."""
    records = _chosen({record.id: record for record in manifest.students}, only, "the manifest")
    return tuple(
        Job(
            manifest.sheet,
            Student(record.id, record.name, record.email, record.group),
            manifest.seed,
            record.languages,
            kinds=("solutions",),
            stored=record,
            findings={exercise.id: exercise.demo.findings() for exercise in record.exercises if exercise.demo},
        )
        for record in records
    )


def _chosen(known: Mapping[str, T], only: Iterable[str], where: str) -> tuple[T, ...]:
    wanted = tuple(only)
    if unknown := [name for name in wanted if name not in known]:
        raise InputError(f"{where} holds no {', '.join(map(repr, unknown))}")
    return tuple(known[name] for name in wanted) if wanted else tuple(known.values())


def single_student(seed: int) -> Student:
    """Who gets the sheet where there is no class list."""
    return Student(f"seed-{seed}")


def items(job: Job) -> tuple[Item, ...]:
    """The exercises of a job with this student's numbers, drawn or taken from the manifest."""
    return tuple(_item(job, entry) for entry in job.sheet.exercises)


def _item(job: Job, entry: Entry) -> Item:
    hints = job.sheet.sheet.hints if entry.hints is None else entry.hints
    instance = _stored(job.stored, entry) if job.stored else _drawn(job, entry)
    parts = placed(instance, entry.points, entry.without)
    return Item(instance, parts, hints, _findings(job, entry), _notebook(job, entry))


def _findings(job: Job, entry: Entry) -> Findings | None:
    """What the demo of an exercise brought; raises TrainingFailure where it brought nothing."""
    found = job.findings.get(entry.id)
    if isinstance(found, str):
        raise TrainingFailure(found)
    if found is None and entry.demo:
        raise TrainingFailure(f"the demo of '{entry.id}' was not trained")
    return found


def _notebook(job: Job, entry: Entry) -> int | None:
    """The seed of everything that an exercise's notebook draws for itself, if the sheet has that notebook."""
    if job.stored:
        return next((stored.notebook for stored in job.stored.exercises if stored.id == entry.id), None)
    draws = _draws(job, draw_name(job, entry.id))
    return draws.integer("seed of the notebook", 0, 2**48) if entry.notebook else None


def _drawn(job: Job, entry: Entry) -> Instance:
    return drawn(find(entry.id), _draws(job, draw_name(job, entry.id)), entry.difficulty)


def _draws(job: Job, name: str) -> Draws:
    return Draws(job.secret, job.seed, job.student.id, name)


def setting(job: Job, entry: Entry) -> Any:
    """What the training of an exercise's demo depends on."""
    return setting_of(_drawn(job, entry), _draws(job, draw_name(job, entry.id)), job.mnist)


def setting_of(instance: Instance, draws: Draws, mnist: str = "") -> Any:
    """The setting of an instance's demo; its seed is one more number drawn under the exercise's name."""
    seed = draws.integer("seed of the demo", 0, 2**48)
    return demo_of(instance.exercise).setting(instance.params, Start(seed, mnist))


def demo_of(exercise: Exercise[Any, Any]) -> Demo[Any, Any]:
    """The demo of an exercise: DEMO in the module of the same stem, in the folder `demos` beside its solver.

    It is imported here and not by the exercise, because it takes torch, which takes seconds.
    """
    room = exercise.solve.__module__.rpartition(".")[0]
    demo = import_module(f"{room}.demos.{exercise.id}").DEMO
    if not isinstance(demo, Demo) or demo.id != exercise.demo:
        raise CatalogueError(f"the exercise '{exercise.id}' has the demo {exercise.demo!r}, its module another")
    return demo


def draw_name(job: Job, exercise: str) -> str:
    """The exercise's name in the draws; an override makes it another one, for this student alone."""
    for override in job.sheet.overrides:
        if (override.student, override.exercise) == (job.student.id, exercise):
            return f"{exercise}#{override.draw}"
    return exercise


def _stored(record: StudentRecord, entry: Entry) -> Instance:
    exercise = find(entry.id)
    for stored in record.exercises:
        if stored.id == entry.id:
            return Instance(exercise, stored.difficulty, from_json(exercise.params, stored.params))
    raise ManifestError(f"the manifest has no numbers of '{entry.id}' for the student '{record.id}'")
