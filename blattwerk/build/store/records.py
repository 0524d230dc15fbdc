"""The record of what was handed out to one student: exact, and enough to make everything again.

A record comes back from a file that anybody may have edited, so each field says what can stand in it. Format 2. What
will be needed later (marking, delivery) has its place already: the symbol, unit and form of an answer, the answers that
it follows from, and the values of the usual mistakes.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from string import ascii_lowercase
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from blattwerk.build.codec import to_json
from blattwerk.build.order.catalogue import find_topic
from blattwerk.build.order.class_list import id_mistakes, text_mistakes
from blattwerk.build.order.ordered import Given, Ordered
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.order.stopping import of_exercise, stopping_its_sheet
from blattwerk.build.page.names import own_paths
from blattwerk.build.proof.prove import ProvenExercise
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.exercise import Answer, Difficulty, Instance
from blattwerk.vocabulary.figures import Panels
from blattwerk.vocabulary.language import LANGUAGES, Lang, rounded
from blattwerk.vocabulary.terms import MP

SheetCode = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{4}-[A-Z2-7]{4}$")]  # as `sheet_code` makes them
UNKNOWN = "unknown"  # what format 1 says neither of a topic's files nor of the secret
TELLING = 10  # significant digits, by which two exact forms are taken for one number
DIGITS = 12  # significant ones of a decimal, at least; and at least as many decimals


_NUMBER = re.compile(r"-?\d{1,5000}(\.\d{1,5000})?(E[+-]?\d{1,4})?")


def _identity(identity: str) -> str:
    if not re.fullmatch(r"seed-\d+", identity):  # of a sheet without a class list, however long its seed
        _refuse(id_mistakes(identity))
    return identity


def _refuse(mistakes: Iterator[str]) -> None:
    for mistake in mistakes:
        raise ValueError(mistake.strip(" :"))


def _of_class_list(text: str) -> str:
    _refuse(text_mistakes(text))
    return text


def _shown(text: str) -> str:
    if not text.isprintable():  # it is shown in a terminal
        raise ValueError(f"{text[:60]!a} holds characters that cannot be shown")
    return text


def _decimals(value: Any, deep: int = 4) -> Any:
    """A number, or rows of numbers."""
    if isinstance(value, list | tuple) and deep:
        return [_decimals(entry, deep - 1) for entry in value]
    if not isinstance(value, str) or not (value == "oo" or _NUMBER.fullmatch(value)):
        raise ValueError(f"{str(value)[:60]!a} is no decimal")
    return value


def _different(values: tuple[Lang, ...]) -> tuple[Lang, ...]:
    if len(set(values)) < len(values):
        raise ValueError("one of them stands there twice")
    return values


_OF_A_CLASS = re.compile(r"answers\.csv|(key|print)/[\w.@+-]+\.pdf")


def is_of_class(path: str) -> bool:
    """Whether a path in an output folder is that of a file of the whole class."""
    return bool(_OF_A_CLASS.fullmatch(path))


def _of_class(path: str) -> str:
    if not is_of_class(path):  # it is joined to the folder
        raise ValueError(f"{path[:100]!a} is no file of a class")
    return path


ClassPath = Annotated[str, AfterValidator(_of_class)]
Identifier = Annotated[str, AfterValidator(_identity)]
Cell = Annotated[str, AfterValidator(_of_class_list)]
Shown = Annotated[str, AfterValidator(_shown)]
Decimals = Annotated[Any, AfterValidator(_decimals)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
Languages = Annotated[tuple[Lang, ...], Field(min_length=1), AfterValidator(_different)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PartPoints = Annotated[str, Field(pattern=r"^\d{1,4}(/2)?$")]


class Record(BaseModel):
    """A part of the manifest: frozen, and without keys that this version does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MistakeRecord(Record):
    """A usual mistake: the value that a student finds who makes it."""

    name: Shown
    exact: Shown
    decimal: Decimals


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

    name: Shown
    part: Shown
    exact: Shown
    decimal: Decimals
    symbol: Shown = ""
    places: int | None = None
    tolerance: Shown | None = None
    unit: Shown = ""
    form: Shown = ""
    follows: tuple[Shown, ...] = ()
    mistakes: tuple[MistakeRecord, ...] = ()


class DemoRecord(Record):
    """What a training brought, digit by digit as it was printed, and its figure, whatever is trained later."""

    id: Shown
    numbers: Mapping[Shown, Decimal]
    figure: Panels
    mnist: bool

    def findings(self) -> Findings:
        """The findings as they were."""
        return Findings(self.numbers, self.figure, self.mnist)


class TopicRecord(Record):
    """Which topic an exercise is of: its own version, its package's, and the digest of its files."""

    version: Annotated[int, Field(ge=1)]
    package: Name
    package_version: Shown
    digest: Shown


class ExerciseRecord(Record):
    """One entry of a student's sheet; `key` names it, `id` its topic.

    relations  how many displayed relations are of which kind (checked, cited)
    points     by part
    figures    the text alternative of each figure
    notebook   the seed of what its notebook draws for itself
    left_out   the oracles that could not be asked, because torch was not installed
    """

    key: Name
    id: Name
    difficulty: Difficulty
    topic: TopicRecord
    params: Any
    answers: tuple[AnswerRecord, ...]
    oracles: tuple[Shown, ...]
    relations: Mapping[Shown, int]
    points: Annotated[Mapping[Shown, PartPoints], Field(min_length=1)]
    figures: Mapping[Shown, Mapping[Lang, str]]
    demo: DemoRecord | None = None
    notebook: Annotated[int, Field(ge=0, le=2**64)] | None = None
    left_out: tuple[Shown, ...] = ()

    def given(self) -> Given:
        """Its numbers, for making it again."""
        points = {part: Fraction(points) for part, points in self.points.items()}
        findings = self.demo.findings() if self.demo else None
        return Given(self.difficulty, self.params, points, self.notebook, findings)


class MemberRecord(Record):
    """One of a team, who gets the marks of its sheet."""

    id: Identifier
    name: Cell
    email: Cell


class OwnRecord(Record):
    """An exercise that was written by hand: nothing of it was proven. `points` are those of its parts."""

    key: Name
    points: Annotated[Mapping[Shown, PartPoints], Field(min_length=1)]
    proven: Literal[False] = False


class StudentRecord(Record):
    """One student, or a team: what was drawn, proven and written. `files` maps paths to SHA-256.

    members  of a team, whose name and id stand in `name` and `id`; none of a student
    shared   the id that the numbers were drawn by, where several have the same ones; `variant:B` of variant B
    own      the exercises that were written by hand
    sequence the keys of all exercises as they stand on paper, where each student has another order
    digest  against accidents: of the record, and of the build and the sheet that it belongs to
    check   against people: the same, keyed with the secret; empty where there is none
    """

    id: Identifier
    name: Cell
    email: Cell
    group: Cell
    languages: Languages
    code: SheetCode
    exercises: tuple[ExerciseRecord, ...]
    files: Mapping[str, Digest]
    members: tuple[MemberRecord, ...] = ()
    shared: Cell = ""
    own: tuple[OwnRecord, ...] = ()
    sequence: tuple[Name, ...] = ()
    digest: Digest | Literal[""] = ""
    check: Digest | Literal[""] = ""

    @property
    def of_format_1(self) -> bool:
        """Whether the record was made when records had neither digests nor checks."""
        return all(one.topic.digest == UNKNOWN for one in self.exercises)

    @model_validator(mode="after")
    def _own_files(self) -> "StudentRecord":
        """Paths are joined to output folders, so that they are known names, of this student, and nothing else."""
        known = own_paths(self.id, (one.key for one in self.exercises), self.languages)
        if foreign := [path for path in self.files if path not in known]:
            raise ValueError(f"{foreign[0][:100]!a} is no file of this student's")
        return self


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
        members=tuple(MemberRecord(id=one.id, name=one.name, email=one.email) for one in student.members),
        shared=order.shared,
        own=own_records(order.sheet),
        sequence=order.sequence,
    )


def own_records(sheet: SheetFile) -> tuple[OwnRecord, ...]:
    """What the manifest says of the exercises that were written by hand."""
    return tuple(
        OwnRecord(
            key=own.key,
            points={letter: str(part.points) for letter, part in zip(ascii_lowercase, own.parts, strict=False)},
        )
        for own in sheet.own
    )


def exercise_record(one: ProvenExercise) -> ExerciseRecord:
    """What the manifest says of one exercise: the answers of the parts that stand on the sheet."""
    drawn = one.drawn
    with of_exercise(drawn.key, drawn.difficulty), stopping_its_sheet(one.instance.exercise, "its record"):
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
        answers=tuple(answer_record(a, _mistakes(instance, a)) for a in instance.answers if a.part in there),
        oracles=proof.oracles,
        relations={"checked": proof.relations.checked, "cited": proof.relations.cited},
        points={placed.part.id: str(placed.points) for placed in drawn.parts},
        figures={name: {lang: figure.alt[lang] for lang in LANGUAGES} for name, figure in instance.figures.items()},
        demo=demo_record(instance.exercise.demo or "", one.findings) if one.findings else None,
        notebook=drawn.notebook,
        left_out=proof.left_out,
    )


def topic_record(exercise_id: str) -> TopicRecord:
    """Which version of a topic is at work today."""
    topic = find_topic(exercise_id)
    return TopicRecord(
        version=topic.exercise.version,
        package=topic.package,
        package_version=" ".join(filter(None, (topic.version, "draft" if topic.exercise.draft else ""))),
        digest=topic.digest(),
    )


def demo_record(demo: str, findings: Findings) -> DemoRecord:
    """What the manifest says of a demo."""
    return DemoRecord(id=demo, numbers=findings.numbers, figure=findings.figure, mnist=findings.mnist)


def answer_record(answer: Answer, mistakes: tuple[MistakeRecord, ...] = ()) -> AnswerRecord:
    """An answer as text and as decimals, and what those find who make a usual mistake."""
    return AnswerRecord(
        name=answer.name,
        part=answer.part,
        exact=str(answer.value),
        decimal=decimals(answer.value.value()),
        symbol=answer.symbol,
        places=answer.places,
        mistakes=mistakes,
    )


def _mistakes(instance: Instance, answer: Answer) -> tuple[MistakeRecord, ...]:
    """What the usual mistakes of an answer's part make of it, as far as they change it into another number."""
    wrong = (
        (name, a.value)
        for name, wrong in instance.slips.items()
        if wrong
        for a in wrong.changed
        if a.name == answer.name
    )
    return tuple(
        MistakeRecord(name=name, exact=str(value), decimal=decimals(value.value()))
        for name, value in wrong
        if _finite(value.value())
    )


def _finite(value: Any) -> bool:
    return all(map(_finite, value)) if isinstance(value, tuple) else bool(MP.isfinite(MP.convert(value)))


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


def same_value(before: AnswerRecord, today: AnswerRecord) -> bool:
    """Whether two records give one answer, be it written in another way, log(7/2) for log(7) - log(2).

    Where the exact forms differ, the decimals have to tell it: an old one of a tiny number may have no digits at all.
    """
    return agree(before.decimal, today.decimal) and (before.exact == today.exact or _telling(before.decimal))


def _telling(decimal: Any) -> bool:
    if isinstance(decimal, list | tuple):
        return all(map(_telling, decimal))
    return decimal != "oo" and len(Decimal(decimal).as_tuple().digits) >= TELLING
