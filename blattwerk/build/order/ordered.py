"""The first stage: what was asked for, student by student. An order holds all that a student's sheet depends on."""

import hmac
from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from shlex import quote
from typing import Any, TypeVar

from blattwerk.build.job import FOR_STUDENTS, Kind
from blattwerk.build.libraries import check_extra
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.sheet_file import Entry, OwnExercise, SheetFile
from blattwerk.errors import InputError
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Difficulty
from blattwerk.vocabulary.language import Lang

T = TypeVar("T")


@dataclass(frozen=True)
class Given:
    """An exercise's numbers that are not to be drawn: those that a manifest says were handed out.

    params    as the manifest has them
    points    what each part brought; no other part stood on the sheet
    notebook  the seed of what its notebook draws for itself, if there was one
    findings  what its demo brought, if there was one
    """

    difficulty: Difficulty
    params: Any
    points: Mapping[str, Fraction]
    notebook: int | None = None
    findings: Findings | None = None


@dataclass(frozen=True)
class Ordered:
    """One student's sheet as it was asked for.

    sheet    the sheet file, with no overrides but this student's own
    code     what stands in the footer
    secret   keeps students from drawing each other's sheets
    sources  whether the TeX sources are wanted too
    html     whether a page of HTML is wanted beside each PDF
    mnist    the folder of MNIST's files, or empty
    files    the content of the files that the sheet names
    sequence the keys of all exercises in the order on paper, where each student has another one
    given    by the entry's key, the numbers that are not to be drawn; None where all are
    command  the command line that asked for the whole class, for messages
    shared   the id that the numbers are drawn by, where several students have the same ones (`sharing`)
    """

    sheet: SheetFile
    student: Student
    seed: int
    languages: tuple[Lang, ...]
    code: str
    kinds: tuple[Kind, ...] = FOR_STUDENTS
    secret: bytes = field(default=b"", repr=False)
    sources: bool = False
    html: bool = False
    mnist: str = ""
    given: Mapping[str, Given] | None = None
    command: str = ""
    shared: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    sequence: tuple[str, ...] = ()

    @property
    def drawn_by(self) -> str:
        """The id by which the numbers are drawn: the student's own, or one that several share."""
        return self.shared or self.student.id

    @property
    def entries(self) -> tuple[Entry | OwnExercise, ...]:
        """All exercises, those written by hand too, in the order on paper."""
        by_key = {entry.key: entry for entry in self.sheet.entries}
        return tuple(by_key[key] for key in self.sequence) or self.sheet.entries

    def number(self, key: str) -> int:
        """The number that an exercise has on paper."""
        return next(number for number, entry in enumerate(self.entries, 1) if entry.key == key)

    @property
    def notebooks(self) -> int:
        """How many notebooks belong to this student's sheet."""
        return len(self.languages) * sum(entry.notebook for entry in self.sheet.exercises)

    def hints(self, entry: Entry | OwnExercise) -> bool:
        """Whether hints are printed with an exercise."""
        return self.sheet.sheet.hints if entry.hints is None else entry.hints

    def draw_name(self, key: str) -> str:
        """An entry's name in the draws; an override makes it another one, for this student alone."""
        for override in self.sheet.overrides:
            if override.exercise == key:
                return f"{key}#{override.draw}"
        return key

    def again(self) -> str:
        """The command that shows this student's trouble once more."""
        if self.given is not None:
            return f"{self.command or 'solutions MANIFEST'} --only {quote(self.student.id)}"
        return f"{self.command or f'build SHEET --seed {self.seed}'} --only {quote(self.student.id)} --tex"


def order(
    sheet: SheetFile,
    students: Iterable[Student],
    seed: int,
    languages: tuple[Lang, ...],
    *,
    secret: bytes = b"",
    sources: bool = False,
    html: bool = False,
    mnist: str = "",
    command: str = "",
    kinds: tuple[Kind, ...] = FOR_STUDENTS,
    shared: Mapping[str, str] = {},
    files: Mapping[str, bytes] = {},
) -> tuple[Ordered, ...]:
    """The order of each student; a language in the class list comes before those of the command line."""
    return tuple(
        Ordered(
            sheet_of(sheet, student.id),
            student,
            seed,
            (student.language,) if student.language else languages,
            sheet_code(secret, seed, student.id, sheet.sheet.number),
            kinds=kinds,
            secret=secret,
            sources=sources,
            html=html,
            mnist=mnist,
            command=command,
            shared=shared.get(student.id, ""),
            files=files,
            sequence=sequence_of(sheet, secret, seed, student.id),
        )
        for student in students
    )


def sequence_of(sheet: SheetFile, secret: bytes, seed: int, student: str) -> tuple[str, ...]:
    """The keys of the exercises in an order of this student's own, where the sheet wants that; bonus comes last."""
    if not sheet.sheet.shuffle:
        return ()
    draws = Draws(secret, seed, student, "the order of the exercises")
    usual = [entry.key for entry in sheet.entries if not entry.bonus]
    return (*draws.shuffle("order", usual), *(entry.key for entry in sheet.entries if entry.bonus))


def sheet_of(sheet: SheetFile, student: str) -> SheetFile:
    """The sheet file as it concerns one student: another's override changes nothing here."""
    own = tuple(override for override in sheet.overrides if override.student == student)
    return sheet.model_copy(update={"overrides": own})


def sheet_code(secret: bytes, seed: int, student: str, number: int | None) -> str:
    """A short code for the footer. The manifest says whose it is; without the secret nobody can work that out."""
    message = f"code|{seed}|{number}|{student}".encode()
    code = b32encode(hmac.digest(secret, message, "sha256")[:5]).decode()
    return f"{code[:4]}-{code[4:]}"


def check_overrides(sheet: SheetFile, students: Iterable[Student]) -> None:
    """Raise InputError if the sheet file gives another draw to somebody who is not in the class list."""
    chosen({student.id: student for student in students}, (o.student for o in sheet.overrides), "the class list")


def choose(orders: Iterable[Ordered], only: Iterable[str]) -> tuple[Ordered, ...]:
    """The orders of those named (a team by its id, or by a member), or all.

    Raises InputError for a name that is not in the class list.
    """
    there = tuple(orders)
    teams = {member.id: order for order in there for member in order.student.members}
    known = {**{order.student.id: order for order in there}, **teams}
    wanted = {order.student.id for order in chosen(known, only, "the class list")}
    return tuple(order for order in there if order.student.id in wanted)


def check_libraries(orders: Iterable[Ordered]) -> None:
    """Raise InputError, saying what to install, where libraries are missing that not every sheet needs."""
    if any(order.notebooks for order in orders):
        check_extra("notebooks", "notebooks")


def chosen(known: Mapping[str, T], only: Iterable[str], where: str) -> tuple[T, ...]:
    """The values of the names wanted, or all if none is; raises InputError for a name that `where` does not hold."""
    wanted = tuple(dict.fromkeys(only))
    if unknown := [name for name in wanted if name not in known]:
        raise InputError(f"{where} holds no {', '.join(map(repr, unknown))}")
    return tuple(known[name] for name in wanted) if wanted else tuple(known.values())
