"""The record of what was handed out to one student: exact, and enough to make everything again.

Format 2. What will be needed later (marking, delivery) has its place already: the symbol, unit and form of an answer,
the answers that it follows from, and the values of the usual mistakes.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from blattwerk.build.codec import to_json
from blattwerk.build.order.catalogue import find_topic
from blattwerk.build.order.ordered import Given, Ordered
from blattwerk.build.order.stopping import stopping_its_sheet
from blattwerk.build.proof.prove import ProvenExercise
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.exercise import Answer, Difficulty
from blattwerk.vocabulary.figures import Panels
from blattwerk.vocabulary.language import LANGUAGES, Lang, rounded
from blattwerk.vocabulary.terms import MP

SheetCode = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{4}-[A-Z2-7]{4}$")]  # as `sheet_code` makes them
DIGITS = 12  # significant ones of a decimal, at least; and at least as many decimals


class Record(BaseModel):
    """A part of the manifest: frozen, and without keys that this version does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MistakeRecord(Record):
    """A usual mistake: the value that a student finds who makes it."""

    name: str
    exact: str
    decimal: Any


class AnswerRecord(Record):
    """One answer.

    exact      in sympy's syntax
    decimal    with at least twelve significant digits; a list for a vector, a list of lists for a matrix, 'oo'
    symbol     its name on paper, in TeX
    places     how many decimals the sheet asks for; or else
    tolerance  how far from the value an answer may lie
    unit       empty for a pure number
    form       the form that is asked for, if one is
    follows    the names of the answers that it is computed from
    """

    name: str
    part: str
    exact: str
    decimal: Any
    symbol: str = ""
    places: int | None = None
    tolerance: str | None = None
    unit: str = ""
    form: str = ""
    follows: tuple[str, ...] = ()
    mistakes: tuple[MistakeRecord, ...] = ()


class DemoRecord(Record):
    """What a training brought, digit by digit as it was printed, and its figure, whatever is trained later."""

    id: str
    numbers: Mapping[str, Decimal]
    figure: Panels
    mnist: bool

    def findings(self) -> Findings:
        """The findings as they were."""
        return Findings(self.numbers, self.figure, self.mnist)


class TopicRecord(Record):
    """Which topic an exercise is of: its own version, its package's, and the digest of its files."""

    version: int
    package: str
    package_version: str
    digest: str


class ExerciseRecord(Record):
    """One entry of a student's sheet; `key` names it, `id` its topic.

    relations  how many displayed relations are of which kind (checked, cited)
    points     by part
    figures    the text alternative of each figure
    notebook   the seed of what its notebook draws for itself
    """

    key: str
    id: str
    difficulty: Difficulty
    topic: TopicRecord
    params: Any
    answers: tuple[AnswerRecord, ...]
    oracles: tuple[str, ...]
    relations: Mapping[str, int]
    points: Mapping[str, str]
    figures: Mapping[str, Mapping[Lang, str]]
    demo: DemoRecord | None = None
    notebook: int | None = None

    def given(self) -> Given:
        """Its numbers, for making it again."""
        return Given(self.difficulty, self.params, self.notebook, self.demo.findings() if self.demo else None)


class StudentRecord(Record):
    """One student: what was drawn, proven and written. `files` maps paths to SHA-256."""

    id: str
    name: str
    email: str
    group: str
    languages: tuple[Lang, ...]
    code: SheetCode
    exercises: tuple[ExerciseRecord, ...]
    files: Mapping[str, str]


def student_record(order: Ordered, exercises: tuple[ExerciseRecord, ...], files: Mapping[str, str]) -> StudentRecord:
    """What the manifest says of a student; `files` are digests by path."""
    student = order.student
    return StudentRecord(
        id=student.id,
        name=student.name,
        email=student.email,
        group=student.group,
        languages=order.languages,
        code=order.code,
        exercises=exercises,
        files=files,
    )


def exercise_record(one: ProvenExercise) -> ExerciseRecord:
    """What the manifest says of one exercise: the answers of the parts that stand on the sheet."""
    with stopping_its_sheet(one.instance.exercise, "its record"):
        return _exercise_record(one)


def _exercise_record(one: ProvenExercise) -> ExerciseRecord:
    instance, drawn, proof = one.instance, one.drawn, one.proof
    there = {placed.part.id for placed in drawn.parts}
    return ExerciseRecord(
        key=drawn.key,
        id=drawn.exercise,
        difficulty=drawn.difficulty,
        topic=topic_record(drawn.exercise),
        params=to_json(drawn.params),
        answers=tuple(answer_record(answer) for answer in instance.answers if answer.part in there),
        oracles=proof.oracles,
        relations={"checked": proof.relations.checked, "cited": proof.relations.cited},
        points={placed.part.id: str(placed.points) for placed in drawn.parts},
        figures={name: {lang: figure.alt[lang] for lang in LANGUAGES} for name, figure in instance.figures.items()},
        demo=demo_record(instance.exercise.demo or "", one.findings) if one.findings else None,
        notebook=drawn.notebook,
    )


def topic_record(exercise_id: str) -> TopicRecord:
    """Which version of a topic is at work today."""
    topic = find_topic(exercise_id)
    return TopicRecord(
        version=topic.exercise.version,
        package=topic.package,
        package_version=topic.version,
        digest=topic.digest(),
    )


def demo_record(demo: str, findings: Findings) -> DemoRecord:
    """What the manifest says of a demo."""
    return DemoRecord(id=demo, numbers=findings.numbers, figure=findings.figure, mnist=findings.mnist)


def answer_record(answer: Answer) -> AnswerRecord:
    """An answer as text and as decimals."""
    return AnswerRecord(
        name=answer.name,
        part=answer.part,
        exact=str(answer.value),
        decimal=decimals(answer.value.value()),
        places=answer.places,
    )


def decimals(value: Any) -> Any:
    """An exact value as decimals: twelve places, and more where it takes them to show twelve significant digits."""
    if isinstance(value, tuple):
        return [decimals(entry) for entry in value]
    number = MP.convert(value)
    if MP.isinf(number):
        return "oo"
    magnitude = int(MP.floor(MP.log10(abs(number)))) if number else 0
    return str(rounded(value, max(DIGITS, DIGITS - 1 - magnitude)))


def agree(before: Any, today: Any) -> bool:
    """Whether two decimals of records say the same, the shorter one rounded as it was."""
    if isinstance(before, list | tuple) and isinstance(today, list | tuple):
        return len(before) == len(today) and all(map(agree, before, today))
    if isinstance(before, str) and isinstance(today, str) and "oo" not in (before, today):
        old, new = Decimal(before), Decimal(today)
        unit = Decimal(1).scaleb(max(int(old.as_tuple().exponent), int(new.as_tuple().exponent)))
        return abs(old - new) <= unit
    return bool(before == today)
