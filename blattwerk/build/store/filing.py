"""The last stage: finished PDFs and notebooks, digested and recorded, ready to be written."""

from collections.abc import Mapping
from dataclasses import dataclass

from blattwerk.build.codec import digest
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.page.printing import Printed
from blattwerk.build.press.press import Result, source_files
from blattwerk.build.store.records import StudentRecord, exercise_record, student_record
from blattwerk.errors import SheetFailure, TexFailure


@dataclass(frozen=True)
class Filed:
    """What became of an order: files by their path in the output folder, and the record; or why there are none.

    A failure beside a record says what is missing of what was asked for; such an order is not finished.
    """

    student: str
    files: Mapping[str, bytes]
    record: StudentRecord | None
    failure: str = ""
    overfull: tuple[str, ...] = ()
    note: str = ""


def filed(
    printed: Printed, pressed: Mapping[str, Result], pictures: Mapping[str, bytes], beside: Mapping[str, bytes]
) -> Filed:
    """The files of one student, all or none; what lies beside the PDFs is finished already, and has its paths."""
    order = printed.proven.order
    pdfs: dict[str, bytes] = {}
    overfull: list[str] = []
    for path, sheet in printed.sheets.items():
        made = pressed[path]
        if isinstance(made, TexFailure):
            return failed(order, made, source_files(path, sheet, pictures))
        pdfs[path] = made.pdf
        overfull += [f"{path}: {line}" for line in made.overfull]
    files = {**pdfs, **beside}
    digests = {path: digest(content) for path, content in files.items()}
    record = student_record(order, tuple(map(exercise_record, printed.proven.exercises)), digests)
    if order.sources:
        for path, sheet in printed.sheets.items():
            files |= source_files(path, sheet, pictures)
    return Filed(order.student.id, files, record, "", tuple(overfull), printed.note)


def failed(order: Ordered, error: SheetFailure, files: Mapping[str, bytes] = {}) -> Filed:
    """What is reported of a student whose sheet could not be made, and the files that help to see why."""
    return Filed(order.student.id, files, None, told(order, error))


def told(order: Ordered, error: SheetFailure) -> str:
    """A failure with the student, the exercise, and the command that shows it again."""
    whose = ", ".join(filter(None, (f"student '{order.student.id}'", error.exercise)))
    return f"{whose}: {error} (to see it again: {order.again()})"
