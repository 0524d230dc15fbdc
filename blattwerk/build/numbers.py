"""The second stage, and the one place where a student is drawn: from an order to numbers.

What comes out is data: it names its exercises, and can be sent anywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blattwerk.build.codec import from_json, to_json
from blattwerk.build.order.catalogue import find
from blattwerk.build.order.class_list import single_student
from blattwerk.build.order.parts import Placed, lettered, placed
from blattwerk.build.order.stopping import of_exercise, stopping_its_sheet
from blattwerk.errors import CatalogueError, ManifestError
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Difficulty, Exercise, Instance

if TYPE_CHECKING:  # who shows one exercise needs no models of sheet files
    from blattwerk.build.order.ordered import Given, Ordered
    from blattwerk.build.order.sheet_file import Entry

SEEDS = 2**48  # of demos and notebooks


@dataclass(frozen=True)
class DrawnExercise:
    """An entry of the sheet with this student's numbers.

    demo      the seed of its demo's training, if the sheet has that demo and it is not known yet what it brought
    findings  what its demo brought, where a manifest says it
    notebook  the seed of everything that its notebook draws for itself, if the sheet has that notebook
    """

    key: str
    exercise: str
    difficulty: Difficulty
    params: Any
    parts: tuple[Placed, ...]
    hints: bool = False
    demo: int | None = None
    findings: Findings | None = None
    notebook: int | None = None

    def instance(self) -> Instance:
        """The exercise with these numbers, not solved yet."""
        return Instance(find(self.exercise), self.difficulty, self.params, frozenset(p.part.id for p in self.parts))


@dataclass(frozen=True)
class Drawn:
    """One student's sheet with all its numbers."""

    order: "Ordered"
    exercises: tuple[DrawnExercise, ...]


def draw(order: "Ordered") -> Drawn:
    """The numbers of a student's sheet, drawn or given.

    Raises a SheetFailure where no admissible numbers are found, ManifestError where given ones do not fit.
    """
    if order.given is None:
        return Drawn(order, tuple(_drawn(order, entry) for entry in order.sheet.exercises))
    return Drawn(order, tuple(_given(order, order.given, entry) for entry in order.sheet.exercises))


def _drawn(order: "Ordered", entry: "Entry") -> DrawnExercise:
    exercise = find(entry.id)
    draws = Draws(order.secret, order.seed, order.drawn_by, order.draw_name(entry.key))
    with of_exercise(entry.key, entry.difficulty):
        params = (
            _given_in(entry, exercise) if entry.params is not None else params_of(exercise, draws, entry.difficulty)
        )
    return DrawnExercise(
        entry.key,
        entry.id,
        entry.difficulty,
        params,
        placed(exercise, entry.difficulty, entry.points, entry.without),
        order.hints(entry),
        demo=draws.integer("seed of the demo", 0, SEEDS) if entry.demo else None,
        notebook=draws.integer("seed of the notebook", 0, SEEDS) if entry.notebook else None,
    )


def _given_in(entry: "Entry", exercise: Exercise[Any, Any]) -> Any:
    """The numbers that the sheet file gives."""
    from blattwerk.build.order.given_numbers import given_numbers

    return given_numbers(exercise, entry.params or {})


def params_of(exercise: Exercise[Any, Any], draws: Draws, difficulty: Difficulty) -> Any:
    """What an exercise draws: a frozen value that can be kept. Raises a SheetFailure where there is none."""
    with stopping_its_sheet(exercise, "the draw"):
        params = exercise.draw(draws, difficulty)
        for use in (hash, to_json):  # they are compared, and stored
            use(params)
    if not isinstance(params, exercise.params):
        raise CatalogueError(
            f"{exercise.id}: the draw brought a {type(params).__name__}, no {exercise.params.__name__}"
        )
    return params


def _given(order: "Ordered", given: "Mapping[str, Given]", entry: "Entry") -> DrawnExercise:
    if entry.key not in given:
        raise ManifestError(f"the manifest has no numbers of '{entry.key}' for the student '{order.student.id}'")
    known, exercise = given[entry.key], find(entry.id)
    return DrawnExercise(
        entry.key,
        entry.id,
        known.difficulty,
        from_json(exercise.params, known.params),
        placed_as_given(exercise, known),
        order.hints(entry),
        findings=known.findings,
        notebook=known.notebook,
    )


def placed_as_given(exercise: Exercise[Any, Any], known: "Given") -> tuple[Placed, ...]:
    """The parts and points that were handed out, whatever the topic offers by now; ManifestError if one is gone.

    A part that is no longer asked for at this difficulty is still there.
    """
    today = [part.id for part in exercise.parts]
    if gone := [part for part in known.points if part not in today]:
        raise ManifestError(
            f"{exercise.id} was handed out with the part {gone[0]!a}, which this version of the topic has not; "
            "use the version of its package that the manifest names"
        )
    return lettered((part for part in exercise.parts if part.id in known.points), known.points)


def sample(exercise_id: str, seed: int, difficulty: Difficulty) -> DrawnExercise:
    """What a build with this seed and without a class list draws for an exercise, its demo's seed with it."""
    exercise, draws = find(exercise_id), sample_draws(exercise_id, seed)
    demo = draws.integer("seed of the demo", 0, SEEDS) if exercise.demo else None
    params = params_of(exercise, draws, difficulty)
    parts = placed(exercise, difficulty)
    return DrawnExercise(exercise_id, exercise_id, difficulty, params, parts, hints=True, demo=demo)


def sample_draws(exercise_id: str, seed: int) -> Draws:
    """The draws of an exercise in a build with this seed and without a class list."""
    return Draws(b"", seed, single_student(seed).id, exercise_id)
