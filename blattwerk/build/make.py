"""A chunk of students, from numbers to finished files: prove, print, draw figures, press, file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from blattwerk.build.drawing.pictures import pictures
from blattwerk.build.html import html_pages
from blattwerk.build.numbers import Drawn
from blattwerk.build.order.stopping import named, stopping_one_student
from blattwerk.build.page.printing import Printed, place_in_templates, printed
from blattwerk.build.press.press import KeptPdfs, Result, press
from blattwerk.build.proof.prove import KeptProofs, proven
from blattwerk.build.store.filing import Filed, failed, filed, told
from blattwerk.errors import NotebookFailure, SheetFailure, TexFailure
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.figures import Figure, file_name


class Kept(KeptProofs, KeptPdfs, Protocol):
    """Where proofs and PDFs may be kept, so that nothing is made twice."""


@dataclass(frozen=True)
class Task:
    """One student's numbers, and what was made of them beforehand, together with other students.

    findings   what the demos brought, by the entry's key, or why one brought nothing
    notebooks  the finished notebooks by path, or why one could not be executed
    """

    drawn: Drawn
    findings: Mapping[str, Findings | str] = field(default_factory=dict)
    notebooks: Mapping[str, bytes | str] = field(default_factory=dict)


def make(tasks: tuple[Task, ...], kept: Kept | None = None) -> tuple[Filed, ...]:
    """What becomes of each task. A student whose sheet fails does not touch the others."""
    ready: dict[str, Printed] = {}
    lost: dict[str, Filed] = {}
    for task in tasks:
        order = task.drawn.order
        try:
            with stopping_one_student():
                ready[order.student.id] = _printed(task, kept)
        except SheetFailure as error:
            lost[order.student.id] = failed(order, error)
    drawn: dict[str, bytes] = {}
    for name, picture in pictures(_figures(ready.values())).items():
        if isinstance(picture, bytes):
            drawn[name] = picture
            continue
        for student in [student for student, one in ready.items() if name in _figures([one])]:
            one = ready.pop(student)
            picture.exercise = _shown_in(one, name)
            lost[student] = failed(one.proven.order, picture)
    sheets = {path: sheet for one in ready.values() for path, sheet in one.sheets.items()}
    pressed = _placed(ready.values(), press(sheets, drawn, kept))
    return tuple(
        lost[student] if student in lost else _filed(task, ready[student], pressed, drawn)
        for task in tasks
        for student in (task.drawn.order.student.id,)
    )


def _placed(ready: Iterable[Printed], pressed: Mapping[str, Result]) -> dict[str, Result]:
    """The PDFs; what TeX found wrong is told as a place in a template."""
    by_path = {path: one for one in ready for path in one.sheets}
    return {
        path: place_in_templates(by_path[path], path, made) if isinstance(made, TexFailure) else made
        for path, made in pressed.items()
    }


def _printed(task: Task, kept: Kept | None) -> Printed:
    """Everything before TeX, for one student."""
    for made in task.notebooks.values():
        if isinstance(made, str):
            raise NotebookFailure(made)
    return printed(proven(task.drawn, task.findings, kept))


def _figures(printed: Iterable[Printed]) -> dict[str, Figure]:
    return {name: figure for one in printed for sheet in one.sheets.values() for name, figure in sheet.figures.items()}


def _shown_in(printed: Printed, figure: str) -> str:
    """The exercise of a student's sheet in which a figure stands."""
    for one in printed.proven.exercises:
        if figure in map(file_name, one.instance.figures.values()):
            return named(one.drawn.key, one.drawn.difficulty)
    return ""


def _filed(task: Task, ready: Printed, pressed: Mapping[str, Result], drawn: Mapping[str, bytes]) -> Filed:
    pages, without_html = _html(ready) if task.drawn.order.html and not _without_pdf(ready, pressed) else ({}, "")
    try:
        with stopping_one_student():
            made = filed(ready, pressed, drawn, {**_notebooks(task), **pages})
    except SheetFailure as error:
        return failed(task.drawn.order, error)
    return replace(made, failure=made.failure or without_html)


def _without_pdf(ready: Printed, pressed: Mapping[str, Result]) -> bool:
    return any(isinstance(pressed[path], TexFailure) for path in ready.sheets)


def _html(ready: Printed) -> tuple[dict[str, bytes], str]:
    """A student's pages of HTML; or none, and why: the PDFs can be handed out without them."""
    try:
        with stopping_one_student():
            return html_pages(ready), ""
    except SheetFailure as error:
        return {}, f"{told(ready.proven.order, error)}; the PDFs are there, the HTML is not"


def _notebooks(task: Task) -> dict[str, bytes]:
    return {path: made for path, made in task.notebooks.items() if isinstance(made, bytes)}
