"""The catalogue: every topic that can be used, wherever it comes from, and what is wrong with those that cannot.

A topic comes through a door. There are two: the modules of `blattwerk.generators`, and what other packages offer under
the entry-point group `blattwerk.exercises`. A door hands on offers, and an offer is loaded here, by itself: one that
breaks is kept with its file and line, and stops no other. Importing this module finds and changes nothing.
"""

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules
from sys import modules
from types import MappingProxyType
from typing import Any

import blattwerk
from blattwerk import generators
from blattwerk.errors import UnknownExercise
from blattwerk.vocabulary.exercise import Exercise

ENTRY_POINTS = "blattwerk.exercises"
CODE = (".py",)
EVERYTHING = (".py", ".j2", ".md", ".sty", ".toml")


@dataclass(frozen=True)
class Offer:
    """What a door hands on: a name, the package and its version, and how the exercise is loaded."""

    name: str
    package: str
    version: str
    load: Callable[[], Any]


@dataclass(frozen=True)
class Broken:
    """A topic that cannot be used: its name and package, where the mistake is, and what it is."""

    name: str
    package: str
    place: str  # file:line, or empty where nobody knows
    what: str

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"the topic '{self.name}' of {self.package} cannot be used: {place}{self.what}"


@dataclass(frozen=True)
class Topic:
    """An exercise with its origin: the package that offers it, its version, and the files that it is made of."""

    exercise: Exercise[Any, Any]
    package: str
    version: str

    @cached_property
    def home(self) -> Path:
        """The folder of the top-level package that holds the topic."""
        module = modules[self.exercise.draw.__module__]
        above = len(module.__name__.split(".")) - 1 - hasattr(module, "__path__")
        return Path(module.__file__ or "").resolve().parents[max(above, 0)]

    @cached_property
    def templates(self) -> Path:
        """The folder of the topic's templates: templates/<id>, in its module's folder or in one above that."""
        folder = Path(modules[self.exercise.draw.__module__].__file__ or "").resolve().parent
        for room in (folder, *folder.parents):
            if (room / "templates" / self.exercise.id).is_dir() or room == self.home:
                return room / "templates" / self.exercise.id
        return folder / "templates" / self.exercise.id

    def has_notebook(self) -> bool:
        """Whether there is a notebook of this exercise."""
        return (self.templates / "notebook.py.j2").is_file()

    def digest(self, kinds: tuple[str, ...] = EVERYTHING) -> str:
        """The digest of the topic's files of these kinds; of another package, all its files are the topic's."""
        return _digest(tuple(path for path in self._files() if path.suffix in kinds))

    def _files(self) -> list[Path]:
        if self.package != blattwerk.__name__:
            return sorted(path for path in self.home.rglob("*") if path.is_file())
        own = {modules[f.__module__].__file__ or "" for f in (self.exercise.draw, self.exercise.solve)}
        demo = self.home / "solvers" / "demos" / f"{self.exercise.id}.py"
        beside = sorted(self.templates.glob("*"))
        return [*sorted(map(Path, own)), *([demo] if demo.exists() else []), *beside]


@dataclass(frozen=True)
class Catalogue:
    """All topics by id, in alphabetical order, and what is broken."""

    topics: Mapping[str, Topic]
    broken: tuple[Broken, ...]


@cache
def _digest(files: tuple[Path, ...]) -> str:
    return sha256(b"".join(sha256(path.read_bytes()).digest() for path in files)).hexdigest()


def own_topics() -> Iterator[Offer]:
    """A door: the modules of `blattwerk.generators`."""
    for module in iter_modules(generators.__path__):
        name = f"{generators.__name__}.{module.name}"
        yield Offer(module.name, blattwerk.__name__, blattwerk.__version__, _constant(name))


def _constant(module: str) -> Callable[[], Any]:
    return lambda: getattr(import_module(module), "EXERCISE", None)


def packages() -> Iterator[Offer]:
    """A door: what other installed packages offer as entry points."""
    for point in entry_points(group=ENTRY_POINTS):
        package = point.dist.name if point.dist else point.module.partition(".")[0]
        yield Offer(point.name, package, point.dist.version if point.dist else "", point.load)


DOORS: tuple[Callable[[], Iterator[Offer]], ...] = (own_topics, packages)


@cache
def whole_catalogue() -> Catalogue:
    """What the doors offer, loaded once."""
    topics: dict[str, Topic] = {}
    broken: list[Broken] = []
    for offer in (offer for door in DOORS for offer in door()):
        found = _loaded(offer)
        if isinstance(found, Broken):
            broken.append(found)
        elif found.exercise.id in topics:
            other = topics[found.exercise.id].package
            what = f"{other} offers a topic '{found.exercise.id}' already; choose another id"
            broken.append(Broken(offer.name, offer.package, "", what))
        else:
            topics[found.exercise.id] = found
    return Catalogue(MappingProxyType(dict(sorted(topics.items()))), tuple(broken))


def _loaded(offer: Offer) -> Topic | Broken:
    try:
        exercise = offer.load()
    except Exception as error:  # noqa: BLE001  # whatever another's topic raises on import must not stop the others
        return Broken(offer.name, offer.package, *_place_and_words(error))
    if not isinstance(exercise, Exercise):
        return Broken(offer.name, offer.package, "", f"it is {exercise!r}, and no Exercise (a module's EXERCISE)")
    return Topic(exercise, offer.package, offer.version)


def _place_and_words(error: Exception) -> tuple[str, str]:
    """Where an error was raised, and what it says."""
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}", f"{type(error).__name__}: {error.msg}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "importlib" not in f.filename]
    inner = [frame for frame in frames if frame.filename != __file__]
    return (f"{inner[-1].filename}:{inner[-1].lineno}" if inner else ""), words


def catalogue() -> Mapping[str, Exercise[Any, Any]]:
    """All exercises by id, in alphabetical order."""
    return MappingProxyType({name: topic.exercise for name, topic in whole_catalogue().topics.items()})


def broken_topics() -> tuple[Broken, ...]:
    """The topics that cannot be used."""
    return whole_catalogue().broken


def find_topic(exercise_id: str) -> Topic:
    """The topic with this id; raises UnknownExercise, with the closest ids or with what is broken, if there is none."""
    from difflib import get_close_matches

    known = whole_catalogue().topics
    if exercise_id in known:
        return known[exercise_id]
    for broken in broken_topics():
        if broken.name == exercise_id:
            raise UnknownExercise(str(broken))
    near = get_close_matches(exercise_id, known, n=3) or sorted(known)
    raise UnknownExercise(f"there is no exercise '{exercise_id}'; did you mean {' or '.join(near)}? See `list`.")


def find(exercise_id: str) -> Exercise[Any, Any]:
    """The exercise with this id; raises UnknownExercise if there is none."""
    return find_topic(exercise_id).exercise
