"""The catalogue: every topic that can be used, wherever it comes from, and what is wrong with those that cannot.

A topic comes through a door: the modules of `blattwerk.generators`, what other packages offer under the entry-point
group `blattwerk.exercises`, and topics on one page, wherever they lie (`pages`). A door is a function without
arguments; it imports nothing of a topic but hands on an offer for each: its name, and two functions that load the
exercise and say where it lies. An offer is loaded here, by itself: one that breaks is kept with its file and line, and
stops no other. It is loaded when it is asked for: who wants one topic does not wait for the others. For a new door
write such a function and add it to DOORS. Importing this module finds and changes nothing.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache, cached_property, partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from pkgutil import iter_modules
from threading import RLock
from types import MappingProxyType
from typing import Any

import blattwerk
from blattwerk import generators
from blattwerk.build.order import pages
from blattwerk.build.order.offer import Offer
from blattwerk.build.order.pages import named_pages, own_pages, pages_of_packages
from blattwerk.build.order.places import Place, digest_of, packages_of, place_of, place_of_ours
from blattwerk.build.order.trouble import place_and_words
from blattwerk.errors import UnknownExercise
from blattwerk.vocabulary.exercise import Exercise

ENTRY_POINTS = "blattwerk.exercises"
CODE = (".py",)
EVERYTHING = (".py", ".j2", ".md", ".sty", ".toml", ".css")
TEMPLATES = (".j2",)
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
RESERVED = ("sheet",)  # a folder of templates that is no topic's


@dataclass(frozen=True)
class Broken:
    """A topic that cannot be used: its name, package and version, where the mistake is, and what it is."""

    name: str
    package: str
    version: str
    place: str  # file:line, or where it is offered
    what: str

    def __str__(self) -> str:
        owner = f"{self.package} {self.version}".strip()
        return f"the topic '{self.name}' of {owner} cannot be used: {self.place}: {self.what}"


@dataclass(frozen=True)
class Topic:
    """An exercise with its origin: the package that offers it, its version, and where it lies."""

    exercise: Exercise[Any, Any]
    package: str
    version: str
    place: Place

    @cached_property
    def templates(self) -> Path:
        """The folder of the topic's templates."""
        return self.place.templates

    def template(self, file: str) -> tuple[str, str] | None:
        """The text of one of the topic's templates, and the path for messages; None where there is no such file."""
        if self.place.text is not None:
            text = self.place.text(file)
            return None if text is None else (text, self.template_path(file))
        path = self.templates / file
        return (path.read_text(encoding="utf-8"), str(path)) if path.is_file() else None

    def template_path(self, file: str) -> str:
        """Where the text of a template stands: in a file of its own, or on the topic's page."""
        own = self.templates / file
        return str(own if self.place.page is None or own.is_file() else self.place.page)

    def has_notebook(self) -> bool:
        """Whether there is a notebook of this exercise."""
        return (self.templates / "notebook.py.j2").is_file()

    def digest(self, kinds: tuple[str, ...] = EVERYTHING) -> str:
        """The digest of all the topic's files, or of all but its templates where these are not among the kinds.

        A file of whatever kind counts: another package may compute with a table.
        """
        left = set(TEMPLATES) - set(kinds)
        return _digest(tuple((name, path) for name, path in self._files.items() if path.suffix not in left))

    @cached_property
    def _files(self) -> Mapping[str, Path]:
        return self.place.files()


@dataclass(frozen=True)
class Catalogue:
    """All topics by id, in alphabetical order, and what is broken."""

    topics: Mapping[str, Topic]
    broken: Collection[Broken]


class _Offered(Mapping[str, Topic]):
    """The topics of offers by id, in alphabetical order; each is loaded when it is asked for, and once."""

    def __init__(self, offers: Iterable[Offer]) -> None:
        self.offers: dict[str, list[Offer]] = {}
        for offer in offers:
            self.offers.setdefault(offer.name, []).append(offer)
        self._known: dict[str, Catalogue] = {}
        self._lock = RLock()

    def found(self, name: str) -> Catalogue:
        """What the offers of this name brought."""
        with self._lock:
            if name not in self._known:
                self._known[name] = collected(self.offers.get(name, ()))
            return self._known[name]

    def __getitem__(self, name: str) -> Topic:
        return self.found(name).topics[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(name for name in self.offers if self.found(name).topics))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _BrokenOnes(Collection[Broken]):
    """What is broken of the offers: to know that, all are loaded."""

    def __init__(self, offered: _Offered) -> None:
        self._offered = offered

    def __iter__(self) -> Iterator[Broken]:
        return (broken for name in self._offered.offers for broken in self._offered.found(name).broken)

    def __contains__(self, broken: object) -> bool:
        return any(one == broken for one in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def _digest(files: tuple[tuple[str, Path], ...]) -> str:
    return digest_of(dict(files))


def own_topics() -> Iterator[Offer]:
    """A door: the modules of `blattwerk.generators`."""
    package, version = blattwerk.__name__, blattwerk.__version__
    for module in iter_modules(generators.__path__):
        name = f"{generators.__name__}.{module.name}"
        place = partial(place_of_ours, name, module.name)
        yield Offer(module.name, package, version, name, frozenset({package}), partial(_constant, name), place)


def _constant(module: str) -> Any:
    return getattr(import_module(module), "EXERCISE", None)


def packages() -> Iterator[Offer]:
    """A door: what other installed packages offer as entry points, in an order that every process finds again."""
    yield from sorted(map(_offer, entry_points(group=ENTRY_POINTS)), key=lambda offer: (offer.package, offer.name))


def _offer(point: EntryPoint) -> Offer:
    module, dist = re.split(r"[:\s[]", point.value.strip())[0], point.dist
    return Offer(
        point.name,
        dist.name if dist else module.partition(".")[0],
        dist.version if dist else "",
        f"entry point {point.name} = {point.value}",
        packages_of(module, dist),
        point.load,
        partial(place_of, module, point.name, dist),
    )


Door = Callable[[], Iterable[Offer]]
DOORS: tuple[Door, ...] = (own_topics, own_pages, packages, pages_of_packages, named_pages)


@cache
def whole_catalogue() -> Catalogue:
    """What the doors offer, each topic loaded once, when it is asked for."""
    offered = _Offered(offer for door in DOORS for offer in door())
    return Catalogue(offered, _BrokenOnes(offered))


def look_into(*places: Path) -> None:
    """From now on, this process knows the topics of these folders and files, too."""
    if pages.name(*places):
        whole_catalogue.cache_clear()


def collected(offers: Iterable[Offer]) -> Catalogue:
    """The topics of these offers; of two with one id, the first."""
    topics: dict[str, Topic] = {}
    broken: list[Broken] = []
    for offer in offers:
        found = _loaded(offer)
        if isinstance(found, Topic) and offer.name in topics:
            first = f"{topics[offer.name].package} {topics[offer.name].version}".strip()
            what = f"{first} offers a topic of this id already; choose another one"
            found = _broken(offer, what)
        if isinstance(found, Broken):
            broken.append(found)
        else:
            topics[offer.name] = found
    return Catalogue(MappingProxyType(dict(sorted(topics.items()))), tuple(broken))


def _loaded(offer: Offer) -> Topic | Broken:
    try:
        with redirect_stdout(sys.stderr):  # what another's module prints has no place in our output
            exercise = offer.load()
            place = offer.place()
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever another's topic does must not stop the others
        where, words = place_and_words(error, offer.code)
        return _broken(offer, words, where)
    wrong = _mistake(offer, exercise)
    return _broken(offer, wrong) if wrong else Topic(exercise, offer.package, offer.version, place)


def _mistake(offer: Offer, exercise: Any) -> str:
    """What is wrong with what was loaded, or nothing."""
    if not isinstance(exercise, Exercise):
        return (
            f"it is no Exercise but of the type {type(exercise).__name__}; a topic's module has the constant EXERCISE"
        )
    if exercise.id != offer.name:
        return f"the exercise has the id '{exercise.id}', and is offered as '{offer.name}'; give it one name"
    if not NAME.fullmatch(offer.name) or offer.name in RESERVED:
        return "an id is made of small letters, digits and underscores, begins with a letter, and is not 'sheet'"
    return ""


def _broken(offer: Offer, what: str, place: str = "") -> Broken:
    return Broken(offer.name, offer.package, offer.version, place or offer.source, what)


def catalogue() -> Mapping[str, Exercise[Any, Any]]:
    """All exercises by id, in alphabetical order."""
    return MappingProxyType({name: topic.exercise for name, topic in whole_catalogue().topics.items()})


def broken_topics() -> tuple[Broken, ...]:
    """The topics that cannot be used."""
    return tuple(whole_catalogue().broken)


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
