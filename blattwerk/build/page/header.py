"""What stands around the exercises: course, title, deadline, tutors, the student, and the sheet's code."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
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
from blattwerk.build.page.words import locale, words
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
    faces: Mapping[str, Face] = {},
) -> SheetView:
    """Everything that the sheet's template prints; `faces` are the fonts of names in other scripts."""
    w, info, course = words(lang), sheet.sheet, sheet.course
    label = course.code if info.number is None else f"{w.sheet} {info.number}"
    return SheetView(
        kind=kind,
        copy=kind_of_copy(kind, lang),
        babel=BABEL[lang],
        code=code,
        footer=" · ".join(filter(None, (label, kind_of_copy(kind, lang)))),
        mark=verbatim(sheet_mark(code, kind, lang)),
        institution=course.institution[lang],
        course=f"{course.code} · {course.title[lang]}" if course.code else course.title[lang],
        term=course.term[lang],
        title=sheet_title(sheet, lang),
        facts=tuple(_facts(sheet, student, lang, faces)),
        font=_font(*faces.values()) if len(faces) == 1 else Tex(""),
        exercises=exercises,
        across=_across(sheet, lang),
        lang=lang,
    )


def kind_of_copy(kind: Kind, lang: Lang) -> str:
    """What a sheet with solutions says of itself in its header and footer."""
    w = words(lang)
    return {"questions": "", "solutions": w.solution, "marking": w.marking_copy}[kind]


def _across(sheet: SheetFile, lang: Lang) -> str:
    """What is printed across each page of a sheet with drafts on it."""
    lacks = {lack for entry in sheet.exercises for lack in find(entry.id).draft}
    w = words(lang)
    return " · ".join([w.unproven] * ("unproven" in lacks) + [w.untranslated] * (lang in lacks))


def _facts(sheet: SheetFile, student: Student, lang: Lang, faces: Mapping[str, Face]) -> Iterator[tuple[str, str]]:
    """The lines of the header, as far as there is something to say."""
    w, info = words(lang), sheet.sheet
    if printed := printed_student(sheet, student, faces):
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
        return str(format_datetime(deadline, words(lang).deadline_format, locale=locale(lang)))
    return str(format_date(deadline, words(lang).deadline_day_format, locale=locale(lang)))


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


def printed_student(sheet: SheetFile, student: Student, faces: Mapping[str, Face] = {}) -> Tex:
    """Name and id as far as the sheet file wants them on the sheet; of a team, its name and those of its members."""
    if not student.members:
        return _printed_person(sheet, student.name, student.printed_id, faces)
    if not (sheet.sheet.print_name or sheet.sheet.print_id):
        return Tex("")
    members = (_printed_person(sheet, one.name, one.id, faces) or escape(one.id) for one in student.members)
    return Tex(f"{printed_name(student.name, faces)}: {', '.join(members)}")


def _printed_person(sheet: SheetFile, name: str, identity: str, faces: Mapping[str, Face]) -> Tex:
    printed = printed_name(name, faces) if sheet.sheet.print_name else Tex("")
    shown = escape(identity) if sheet.sheet.print_id else Tex("")
    return Tex(f"{printed} ({shown})") if printed and shown else printed or shown


def printed_name(name: str, faces: Mapping[str, Face], alone: bool = True) -> Tex:
    """A name in its own font, if it needs one.

    Where it is the only such name of a sheet, `alone`, the sheet has loaded its font; else the name does.
    """
    if name not in faces:
        return breakable(name)
    face = faces[name]
    direction = "\\textdir TRT " if face.right_to_left else ""
    load = "" if alone and len(faces) == 1 else _font(face)
    return Tex(f"\\leavevmode{{{load}\\bwother {direction}{breakable(name)}}}")


def with_variant(view: SheetView, letter: str, lang: Lang) -> SheetView:
    """The sheet with its variant in the header and footer, if it has one."""
    if not letter:
        return view
    told = f"{words(lang).variant} {letter}"
    return replace(view, variant=told, footer=" · ".join(filter(None, (view.footer, told))))


def printed_texts(sheet: SheetFile, student: Student, lang: Lang, faces: Mapping[str, Face] = {}) -> Mapping[str, str]:
    """The texts on a sheet that people have typed, by field, for choosing an engine that has the letters.

    A name with a face of its own needs no letters of the sheet's fonts.
    """
    return {
        "name": "".join(name for name in names_of(sheet, student) if name not in faces),
        "course": sheet.course.title[lang] + sheet.course.code,
        "institution": sheet.course.institution[lang],
        "term": sheet.course.term[lang],
        "title": sheet.sheet.title[lang],
        "hand_in": sheet.sheet.hand_in[lang],
        "tutors": "".join(tutor.name for tutor in sheet.tutors),
        "id": student.printed_id if sheet.sheet.print_id else "",
        "ids": "".join(member.id for member in student.members),
    }


def names_of(sheet: SheetFile, student: Student) -> tuple[str, ...]:
    """The names that a sheet prints: the student's, or a team's and its members'."""
    members = tuple(member.name for member in student.members)
    return (student.name, *members) if sheet.sheet.print_name else (student.name,) if members else ()
