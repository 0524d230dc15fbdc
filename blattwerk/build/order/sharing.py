"""Who shares numbers: students of a group or team, every K-th of the list, or all.

A draw goes by an id: the student's own, or one that several have, `group:A`, `variant:B`, `all:one`. No student's id
holds a colon.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from string import ascii_uppercase

from blattwerk.build.order.class_list import Student
from blattwerk.build.order.sheet_file import SheetFile

GROUP, VARIANT, ONE = "group:", "variant:", "all:one"


def shared_numbers(students: Sequence[Student], sheet: SheetFile, known: Mapping[str, str] = {}) -> Mapping[str, str]:
    """By student, the id that the numbers are drawn by, for those whose numbers are not their own.

    `known` is the same of those who were dealt a variant before: they keep it.
    """
    info = sheet.sheet
    if info.variants is not None:
        before = {student: variant(numbers) for student, numbers in known.items()}
        dealt = deal([student.id for student in students], info.variants, before)
        return {student: f"{VARIANT}{letter}" for student, letter in dealt.items()}
    if info.numbers == "one":
        return {student.id: ONE for student in students}
    if info.numbers == "group":
        return {student.id: f"{GROUP}{student.group}" for student in students if student.group}
    return {}


def variant(numbers: str) -> str:
    """The letter of the variant that numbers are of; nothing where there are none."""
    return numbers.removeprefix(VARIANT) if numbers.startswith(VARIANT) else ""


def deal(students: Sequence[str], count: int, known: Mapping[str, str] = {}) -> dict[str, str]:
    """A letter for each student of a list, A to the count-th, so that neighbours differ.

    Who has a letter keeps it, so that what was handed out stays when others come or go. A new one between two who have
    theirs gets a third; where there is none, one that the left neighbour has not.
    """
    letters = ascii_uppercase[:count]
    kept = {student: known[student] for student in students if known.get(student, "") in tuple(letters)}
    dealt: dict[str, str] = {}
    left = letters[-1]
    for place, student in enumerate(students):
        right = kept.get(students[place + 1]) if place + 1 < len(students) else None
        left = kept.get(student) or _between(left, right, letters)
        dealt[student] = left
    return dealt


def _between(left: str, right: str | None, letters: str) -> str:
    """The letter after the left neighbour's that is not the right one's either, if there is one."""
    start = letters.index(left)
    others = [letters[(start + step) % len(letters)] for step in range(1, len(letters))]
    return next((letter for letter in others if letter != right), others[0])


def alike(students: Sequence[str], numbers: Mapping[str, str]) -> Iterator[str]:
    """A line, if neighbours on the list have the same variant: those who had it before keep it."""
    pairs = [
        f"{one} and {other}"
        for one, other in pairwise(students)
        if variant(numbers.get(one, "")) and numbers.get(one) == numbers.get(other)
    ]
    if pairs:
        more = f" and {len(pairs) - 5} more" if len(pairs) > 5 else ""
        yield (
            f"neighbours on the list have the same variant, for what was handed out stays: {', '.join(pairs[:5])}{more}"
        )
