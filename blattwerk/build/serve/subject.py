"""What is shown: the catalogue, one topic, or the exercises of a sheet; and the files that it is made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blattwerk.build.job import KINDS
from blattwerk.build.numbers import DrawnExercise, draw, sample
from blattwerk.build.order import secret
from blattwerk.build.order.beside import files_beside, named_files
from blattwerk.build.order.catalogue import find, find_topic, whole_catalogue
from blattwerk.build.order.class_list import single_student
from blattwerk.build.order.course_file import COURSE
from blattwerk.build.order.ordered import Ordered, order
from blattwerk.build.order.pages import beside, named_pages, own_pages, pages_in, pages_of_packages
from blattwerk.build.order.sheet_file import Entry, SheetFile, checked_sheet, read_sheet
from blattwerk.build.topicfile.topic import compiled
from blattwerk.errors import InputError
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Exercise
from blattwerk.vocabulary.language import LANGUAGES, Lang, Localised


@dataclass(frozen=True)
class Subject:
    """What the server was started for: a sheet file, or one topic, or (neither) the catalogue."""

    sheet: Path | None = None
    topic: str = ""

    @property
    def kind(self) -> str:
        """In one word."""
        return "sheet" if self.sheet else "topic" if self.topic else "catalogue"


def check(subject: Subject) -> None:
    """Raise UnknownExercise for a topic that there is not; one that is broken can be mended."""
    broken = {one.name for one in whole_catalogue().broken} if subject.topic and not _page(subject.topic) else set()
    if subject.topic and not _page(subject.topic) and subject.topic not in broken:
        find(subject.topic)


def overview(subject: Subject) -> dict[str, Any]:
    """What there is to choose from. Raises an InputError where the sheet file is wrong."""
    if subject.sheet:
        sheet = read_sheet(subject.sheet)
        rows = [_row(find(entry.id), entry.key, entry.difficulty) for entry in sheet.exercises]
        return {"kind": "sheet", "name": subject.sheet.name, "title": _both(sheet.sheet.title), "entries": rows}
    if subject.topic:
        return {"kind": "topic", "name": subject.topic, "entries": [_row(_found(subject.topic))]}
    rows = [_row(topic.exercise) for topic in whole_catalogue().topics.values()]
    broken = [str(one) for one in whole_catalogue().broken]
    return {"kind": "catalogue", "name": "catalogue", "entries": rows, "broken": broken}


def _row(exercise: Exercise[Any, Any], key: str = "", difficulty: Difficulty = "standard") -> dict[str, Any]:
    return {
        "name": key or exercise.id,
        "id": exercise.id,
        "title": _both(exercise.title),
        "difficulty": difficulty,
        "parts": [
            {"id": part.id, "kind": part.kind, "points": part.points, "difficulties": list(part.difficulties)}
            for part in exercise.parts
        ],
        "difficulties": list(DIFFICULTIES),
        "demo": exercise.demo or "",
        "draft": list(exercise.draft),
    }


def _both(title: Any) -> dict[Lang, str]:
    return {lang: title[lang] for lang in LANGUAGES}


def names(subject: Subject) -> tuple[str, ...]:
    """The names of the exercises that are shown: on a sheet the entries' keys, else ids."""
    if subject.sheet:
        return tuple(entry.key for entry in read_sheet(subject.sheet).entries)
    return (subject.topic,) if subject.topic else tuple(whole_catalogue().topics)


def wording(subject: Subject, name: str) -> Mapping[str, Localised]:
    """The questions that the sheet asks in words of its own, by part."""
    entries = read_sheet(subject.sheet).exercises if subject.sheet else ()
    return next((entry.wording for entry in entries if entry.key == name), {})


def drawn_one(subject: Subject, name: str, seed: int, difficulty: Difficulty | None) -> DrawnExercise:
    """The numbers of one exercise, those that `build` or `show` has for this seed."""
    if subject.sheet:
        (one,) = draw(_ordered(subject.sheet, _only(read_sheet(subject.sheet), name, difficulty), seed)).exercises
        return one
    if subject.topic and name != subject.topic:
        raise InputError(f"this server shows the topic {subject.topic}, and no {name[:60]!r}")
    _found(name)
    return sample(name, seed, difficulty or "standard")


def ordered(subject: Subject, name: str, seed: int, difficulty: Difficulty | None, demo: bool) -> Ordered:
    """The order of a PDF: of a whole sheet where no name is given, or of one exercise."""
    if subject.sheet:
        sheet = read_sheet(subject.sheet)
        sheet = _only(sheet, name, difficulty) if name else sheet
        return _ordered(subject.sheet, _changed(sheet, {"notebook": False} | ({} if demo else {"demo": False})), seed)
    exercise = _found(name)
    alone = {"id": name, "difficulty": difficulty or "standard", "hints": True, "demo": demo}
    title = {"en": exercise.title.en or name, "de": exercise.title.de or name}
    data = {"course": {"title": "Blattwerk"}, "sheet": {"title": title}, "exercises": [alone]}
    return order(checked_sheet(data, name), (single_student(seed),), seed, LANGUAGES, kinds=KINDS)[0]


def _only(sheet: SheetFile, key: str, difficulty: Difficulty | None) -> SheetFile:
    entries = [entry for entry in sheet.exercises if entry.key == key]
    if not entries:
        raise InputError(f"the sheet has no exercise {key[:60]!r}")
    alone = sheet.model_copy(update={"entries": tuple(entries), "text": ()})
    return _changed(alone, {"difficulty": difficulty}) if difficulty else alone


def _changed(sheet: SheetFile, change: Mapping[str, Any]) -> SheetFile:
    """The sheet with all its drawn exercises changed."""
    entries = (one.model_copy(update=change) if isinstance(one, Entry) else one for one in sheet.entries)
    return sheet.model_copy(update={"entries": tuple(entries)})


def _ordered(path: Path, sheet: SheetFile, seed: int) -> Ordered:
    file = secret.beside(path)
    key = secret.read_secret(file) if file else b""
    beside_it = files_beside(sheet, path.parent)
    return order(sheet, (single_student(seed),), seed, LANGUAGES, secret=key, kinds=KINDS, files=beside_it)[0]


def _found(name: str) -> Exercise[Any, Any]:
    """The topic of this name; a page with mistakes tells them all."""
    if name not in whole_catalogue().topics and (page := _page(name)):
        compiled(str(page))
    return find(name)


def _page(name: str) -> Path | None:
    return _pages().get(name)


def _pages() -> dict[str, Path]:
    """The topics on one page, whole or broken, in the order in which the catalogue takes them."""
    doors = (pages_of_packages, own_pages, named_pages)
    return {offer.name: Path(offer.source) for door in doors for offer in door()}


def files(subject: Subject) -> frozenset[Path]:
    """The files whose change changes what is shown; of folders with topics, the folders too."""
    return frozenset(_files(subject))


def _files(subject: Subject) -> Iterator[Path]:
    if subject.sheet:
        folder = beside(subject.sheet)
        yield from (subject.sheet, *(subject.sheet.parent / name for name in (secret.FILE, COURSE)))
        yield from (folder, *pages_in(folder))
    try:
        wanted = names(subject)
        if subject.sheet:
            sheet = read_sheet(subject.sheet)
            wanted = tuple(entry.id for entry in sheet.exercises)
            yield from (subject.sheet.parent / name for _, name in named_files(sheet))
    except InputError:
        return  # the sheet file is broken; it is being watched
    pages = _pages()
    for name in wanted:
        if name in pages:
            yield pages[name]
        elif name in whole_catalogue().topics:
            yield from find_topic(name).place.files().values()
