"""What stands around the exercises: course, title, deadline, tutors, the student, and the sheet's code."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import pairwise

from babel.dates import format_date, format_datetime

from blattwerk.build.job import Kind
from blattwerk.build.order.catalogue import find
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.printable import belongs_to_the_last
from blattwerk.build.order.sheet_file import SheetFile, TutorInfo
from blattwerk.build.page.escape import Tex, escape, verbatim
from blattwerk.build.page.typefaces import Face
from blattwerk.build.page.view import BABEL, ExerciseView, SheetView
from blattwerk.build.page.words import words
from blattwerk.vocabulary.language import Lang


def sheet_mark(code: str, kind: Kind, lang: Lang) -> str:
    """What stands in the dictionary of each page of a sheet until the sheets are cut apart."""
    return f"{code} {kind} {lang}"


def sheet_title(sheet: SheetFile, lang: Lang) -> str:
    """'Exercise sheet 7: Title', or the title alone where the sheet has no number."""
    info = sheet.sheet
    return info.title[lang] if info.number is None else f"{words(lang).sheet} {info.number}: {info.title[lang]}"


def sheet_view(
    sheet: SheetFile,
    student: Student,
    code: str,
    exercises: tuple[ExerciseView, ...],
    lang: Lang,
    kind: Kind,
    face: Face | None = None,
) -> SheetView:
    """Everything that the sheet's template prints; `face` is the font of a name in another script."""
    w, info, course = words(lang), sheet.sheet, sheet.course
    label = course.code if info.number is None else f"{w.sheet} {info.number}"
    return SheetView(
        kind=kind,
        copy=_kind_of_copy(kind, lang),
        babel=BABEL[lang],
        code=code,
        footer=" · ".join(filter(None, (label, _kind_of_copy(kind, lang)))),
        mark=verbatim(sheet_mark(code, kind, lang)),
        institution=course.institution[lang],
        course=f"{course.code} · {course.title[lang]}" if course.code else course.title[lang],
        term=course.term[lang],
        title=sheet_title(sheet, lang),
        facts=tuple(_facts(sheet, student, lang, face)),
        font=_font(face) if face else Tex(""),
        exercises=exercises,
        across=_across(sheet, lang),
    )


def _kind_of_copy(kind: Kind, lang: Lang) -> str:
    """What a sheet with solutions says of itself in its header and footer."""
    w = words(lang)
    return {"questions": "", "solutions": w.solution, "marking": w.marking_copy}[kind]


def _across(sheet: SheetFile, lang: Lang) -> str:
    """What is printed across each page of a sheet with drafts on it."""
    lacks = {lack for entry in sheet.exercises for lack in find(entry.id).draft}
    w = words(lang)
    return " · ".join([w.unproven] * ("unproven" in lacks) + [w.untranslated] * (lang in lacks))


def _facts(sheet: SheetFile, student: Student, lang: Lang, face: Face | None) -> Iterator[tuple[str, str]]:
    """The lines of the header, as far as there is something to say."""
    w, info = words(lang), sheet.sheet
    if printed := printed_student(sheet, student, face):
        yield w.handed_to, printed
    if info.deadline:
        yield w.deadline, _deadline(info.deadline, lang)
    if info.hand_in[lang]:
        yield w.hand_in, info.hand_in[lang]
    if sheet.tutors:
        yield w.tutor if len(sheet.tutors) == 1 else w.tutors, Tex(", ".join(map(_tutor, sheet.tutors)))


def _deadline(deadline: date, lang: Lang) -> str:
    """A day, and the time where the sheet file names one."""
    if isinstance(deadline, datetime):
        return str(format_datetime(deadline, words(lang).deadline_format, locale=lang))
    return str(format_date(deadline, words(lang).deadline_day_format, locale=lang))


def _font(face: Face) -> Tex:
    """The command that loads a face, whose file lies beside the source."""
    script = f",Script={face.script}" if face.script else ""
    return Tex(f"\\bwotherfont{{{face.file.name}}}{{{script}}}")


def breakable(text: str) -> Tex:
    """A text whose words of more than 40 characters may be broken, so that nothing runs off the page."""
    words_ = (_pieces(word) if len(word) > 40 else escape(word) for word in text.split())
    return Tex(" ".join(words_))


def _pieces(word: str) -> Tex:
    """A word that may be broken after some twenty characters; marks and joiners stay with their letter."""
    ends = [0]
    for place in range(len(word)):
        if place - ends[-1] >= 20 and not belongs_to_the_last(word, place):
            ends.append(place)
    return Tex("\\allowbreak{}".join(escape(word[a:b]) for a, b in pairwise((*ends, len(word)))))


def _tutor(tutor: TutorInfo) -> Tex:
    """A tutor's name, and the address as a link."""
    if tutor.email is None:
        return escape(tutor.name)
    target = tutor.email.replace("%", "\\%").replace("_", "\\_")  # a checked address; nothing else is special in it
    return Tex(f"{escape(tutor.name)} (\\href{{mailto:{target}}}{{{escape(tutor.email)}}})")


def printed_student(sheet: SheetFile, student: Student, face: Face | None = None) -> Tex:
    """Name and id as far as the sheet file wants them on the sheet."""
    name = breakable(student.name) if sheet.sheet.print_name else Tex("")
    identity = escape(student.printed_id) if sheet.sheet.print_id else Tex("")
    if name and face:
        direction = "\\textdir TRT " if face.right_to_left else ""
        name = Tex(f"\\leavevmode{{\\bwother {direction}{name}}}")
    return Tex(f"{name} ({identity})") if name and identity else name or identity


def printed_texts(sheet: SheetFile, student: Student, lang: Lang, face: Face | None) -> Mapping[str, str]:
    """The texts on a sheet that people have typed, by field, for choosing an engine that has the letters.

    A name with a face of its own needs no letters of the sheet's fonts.
    """
    return {
        "name": student.name if sheet.sheet.print_name and not face else "",
        "course": sheet.course.title[lang] + sheet.course.code,
        "institution": sheet.course.institution[lang],
        "term": sheet.course.term[lang],
        "title": sheet.sheet.title[lang],
        "hand_in": sheet.sheet.hand_in[lang],
        "tutors": "".join(tutor.name for tutor in sheet.tutors),
        "id": student.printed_id if sheet.sheet.print_id else "",
    }
