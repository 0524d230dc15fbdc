"""The door of the room: all files of a whole class, written beside its sheets before the manifest that lists them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, count
from pathlib import Path

from blattwerk.build.class_files.answers import answers_csv
from blattwerk.build.class_files.key import key_sheet
from blattwerk.build.class_files.separators import separator
from blattwerk.build.files import write_whole
from blattwerk.build.order.class_list import id_mistakes
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.order.teams import team_id
from blattwerk.build.page.header import sheet_title
from blattwerk.build.page.printing import PrintedSheet
from blattwerk.build.page.words import english
from blattwerk.build.press.joining import joined
from blattwerk.build.press.press import KeptPdfs, Pressed, press
from blattwerk.build.store.folder import Merged
from blattwerk.build.store.journal import Building, is_there
from blattwerk.build.store.records import StudentRecord
from blattwerk.errors import BlattwerkError, TexFailure
from blattwerk.vocabulary.language import LANGUAGES, Lang

ANSWERS = "answers.csv"
TOGETHER = 100  # students in one run of TeX and in one piece of a key, so that a large class needs no more memory


@dataclass(frozen=True)
class Place:
    """Where a student stands: in which group, and in which languages the sheets are."""

    id: str
    group: str
    languages: tuple[Lang, ...]


@dataclass(frozen=True)
class Piece:
    """Some students of a group, and the name of the group in file names."""

    group: str
    name: str
    students: tuple[str, ...]


@dataclass
class ClassFiles:
    """What is to be written for a class: answers and keys, and print files where they are wanted.

    order       the students of the class list
    printing    whether print files are wanted
    separators  whether each student's sheets have a page with the name before them there
    troubles    what could not be made, and why
    """

    sheet: SheetFile
    order: Sequence[str]
    printing: bool = False
    separators: bool = False
    kept: KeptPdfs | None = None
    troubles: list[str] = field(default_factory=list)

    def __call__(self, building: Building, merged: Merged) -> dict[str, str]:
        """Write the files into the folder of a build; gives their digests by path.

        The journal names each before it is written.
        """
        with english(self.sheet.page.english):
            return dict(self._all(building, merged))

    def _all(self, building: Building, merged: Merged) -> Iterator[tuple[str, str]]:
        """Path and digest of each file, as it is written."""
        building.also([ANSWERS])
        places: list[Place] = []
        yield ANSWERS, _written(building.out / ANSWERS, answers_csv(self._told(merged, places)))
        groups = _grouped(places)
        names = file_names(groups)
        languages = {group: _languages(there) for group, there in groups.items()}
        keys = [f"key/{names[group]}.{lang}.pdf" for group in groups for lang in languages[group]]
        prints = [f"print/{names[group]}.pdf" for group in groups] if self.printing else []
        building.also([*keys, *prints])
        pieces = [
            Piece(group, names[group], tuple(one.id for one in there[first : first + TOGETHER]))
            for group, there in groups.items()
            for first in range(0, len(there), TOGETHER)
        ]
        for path, pdf in self._keys(pieces, languages, merged):
            yield path, _written(building.out / path, pdf)
        for group, there in groups.items() if self.printing else ():
            path = f"print/{names[group]}.pdf"
            if printed := self._print(building.out, group, there, merged):
                yield path, _written(building.out / path, printed)

    def _told(self, merged: Merged, places: list[Place]) -> Iterator[StudentRecord]:
        """The records in the order of the class list; where each student stands is noted on the way."""
        positions = {student: place for place, student in enumerate(self.order)}
        for student in sorted(merged.students, key=lambda one: positions.get(one, len(positions))):
            record = merged.read(student)
            places.append(Place(student, record.group, record.languages))
            yield record

    def _keys(
        self, pieces: Sequence[Piece], languages: Mapping[str, tuple[Lang, ...]], merged: Merged
    ) -> Iterator[tuple[str, Iterable[bytes]]]:
        """The keys by path, each as soon as all its pieces are there."""
        done: dict[str, list[bytes]] = {}
        last = {f"key/{one.name}.{lang}.pdf": one for one in pieces for lang in languages[one.group]}
        for batch in _batches(pieces):
            sheets: dict[str, PrintedSheet] = {}
            for number, one in batch:
                records = [merged.read(student) for student in one.students]
                for lang in languages[one.group]:
                    path = f"key/{one.name}.{lang}.pdf"
                    try:
                        sheets[f"{path}/{number}"] = key_sheet(self.sheet, one.group, records, lang, number)
                    except BlattwerkError as error:
                        self.troubles.append(f"{path}: {error}")
            made = self._pressed(sheets)
            for number, one in batch:
                for path in (f"key/{one.name}.{lang}.pdf" for lang in languages[one.group]):
                    if f"{path}/{number}" in made:
                        done.setdefault(path, []).append(made[f"{path}/{number}"])
                    if last[path] is one and path in done:
                        parts = done.pop(path)
                        yield path, parts if len(parts) == 1 else joined(parts, path, right_hand=False)

    def _print(self, out: Path, group: str, there: Sequence[Place], merged: Merged) -> Iterable[bytes] | None:
        """All question sheets of a group, each beginning on a right-hand page."""
        wanted = [(one, [f"questions/{one.id}.{lang}.pdf" for lang in one.languages]) for one in there]
        lost = [p for one, paths in wanted for p in paths if not is_there(out / p, merged.files(one.id).get(p, ""))]
        if lost:
            self.troubles.append(f"no print file of the group '{group}': {lost[0]} is not there as it was written")
            return None
        apart: dict[str, bytes] = {}
        for first in range(0, len(there) if self.separators else 0, TOGETHER):
            some = [merged.read(one.id) for one in there[first : first + TOGETHER]]
            apart |= self._pressed({f"print/{one.id}": separator(self.sheet, one) for one in some})
        files: list[bytes | Path] = []
        for one, paths in wanted:
            files += [apart[page] for page in (f"print/{one.id}",) if page in apart]
            files += [out / path for path in paths]
        title = ", ".join(filter(None, (sheet_title(self.sheet, there[0].languages[0]), group)))
        return joined(files, title, right_hand=True)

    def _pressed(self, sheets: Mapping[str, PrintedSheet]) -> dict[str, bytes]:
        """The PDFs; what TeX cannot set is a trouble, and the others are there."""
        made = {}
        for path, one in press(sheets, {}, self.kept).items():
            if isinstance(one, Pressed):
                made[path] = one.pdf
            elif isinstance(one, TexFailure):
                self.troubles.append(f"{path}: {one}")
        return made


def _batches(pieces: Iterable[Piece]) -> Iterator[list[tuple[int, Piece]]]:
    """Pieces of small groups together, each with its number, no more than so many students in all."""
    batch: list[tuple[int, Piece]] = []
    for number, piece in enumerate(pieces, 1):
        if batch and sum(len(one.students) for _, one in batch) + len(piece.students) > TOGETHER:
            yield batch
            batch = []
        batch.append((number, piece))
    if batch:
        yield batch


def _grouped(places: Iterable[Place]) -> dict[str, list[Place]]:
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.group, []).append(place)
    return groups


def _languages(places: Iterable[Place]) -> tuple[Lang, ...]:
    """The languages of all sheets of a group: who marks them may read either."""
    there = {lang for place in places for lang in place.languages}
    return tuple(lang for lang in LANGUAGES if lang in there)


def file_names(groups: Iterable[str]) -> dict[str, str]:
    """The name of each group's files: what cannot stand there becomes a hyphen; `all` where there are no groups."""
    names: dict[str, str] = {}
    there = tuple(groups)
    for group in there:
        plain = team_id(group)[:50].rstrip(".") if group else ("all" if len(there) == 1 else "no-group")
        base = f"group-{plain}" if any(id_mistakes(plain)) else plain
        taken = {name.casefold() for name in names.values()}
        names[group] = next(n for n in chain((base,), (f"{base}-{i}" for i in count(2))) if n.casefold() not in taken)
    return names


def _written(path: Path, pieces: Iterable[bytes]) -> str:
    """Write a file whole; gives its digest."""
    found = sha256()

    def told() -> Iterator[bytes]:
        for piece in pieces:
            found.update(piece)
            yield piece

    write_whole(path, told())
    return found.hexdigest()
