"""Doors for topics on one page: those of the catalogue, of packages, and of folders and files that a user names."""

import re
from collections.abc import Iterator
from functools import partial
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import blattwerk
from blattwerk.build.order.offer import Offer
from blattwerk.build.order.places import Place, Rooms, demo_files, templates_of
from blattwerk.build.topicfile.solving import MODULE
from blattwerk.build.topicfile.topic import compiled
from blattwerk.vocabulary.language import LANGUAGES

ENTRY_POINTS = "blattwerk.topics"
FOLDER = "topics"  # beside a sheet file
_named: list[Path] = []  # the folders and files that a user has named, in this process


def name(*places: Path) -> bool:
    """Remember these folders and files; whether one of them is new."""
    new = [place.absolute() for place in places if place.exists() and place.absolute() not in _named]
    _named.extend(new)
    return bool(new)


def looked_into() -> tuple[Path, ...]:
    """The folders and files that a user has named."""
    return tuple(_named)


def is_named(page: Path) -> bool:
    """Whether a topic file was found because a user has named it, or its folder."""
    return page in _named or page.parent in _named


def beside(file: Path | None) -> Path:
    """The folder of topics beside a sheet file; without one, that of the current folder."""
    return (file.parent if file else Path()) / FOLDER


def own_pages() -> Iterator[Offer]:
    """A door: the topics on one page of the catalogue."""
    root = Path(blattwerk.__file__).parent
    yield from _offers(root / FOLDER, blattwerk.__name__, blattwerk.__version__, ((blattwerk.__name__, root),))


def pages_of_packages() -> Iterator[Offer]:
    """A door: the files in the packages that others name under the entry points `blattwerk.topics`."""
    points = entry_points(group=ENTRY_POINTS)
    for point in sorted(points, key=lambda point: (point.dist.name if point.dist else "", point.name)):
        module = re.split(r"[:\s[]", point.value.strip())[0]
        name, version = (point.dist.name, point.dist.version) if point.dist else (point.name, "")
        try:
            spec = find_spec(module)  # of a package in a package, the outer one is imported
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it does must not stop the others
            yield _unfound(point.name, name, version, module, error)
            continue
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield from _offers(Path(folder), name, version, ((module, Path(folder)),))


def _unfound(topic: str, package: str, version: str, module: str, error: BaseException) -> Offer:
    """An offer of pages whose package cannot be looked into: whoever asks for it is told why."""

    def load() -> object:
        raise error

    source = f"entry point {topic} = {module}"
    return Offer(
        topic, package, version, source, frozenset({module.partition(".")[0]}), load, lambda: place_of_page(Path())
    )


def named_pages() -> Iterator[Offer]:
    """A door: the folders and files that a user has named."""
    for place in _named:
        yield from _offers(place, place.name if place.is_dir() else place.parent.name, "")


def is_ours(file: Path) -> bool:
    """Whether a file is a topic of the catalogue already."""
    return file.absolute().parent == Path(blattwerk.__file__).absolute().parent / FOLDER


def pages_in(folder: Path) -> tuple[Path, ...]:
    """The topic files in a folder: those that begin with a small letter, so no README.md."""
    return tuple(path for path in sorted(folder.glob("*.md")) if path.stem[:1].islower())


def _offers(place: Path, package: str, version: str, rooms: Rooms = ()) -> Iterator[Offer]:
    for path in (place,) if place.is_file() else pages_in(place):
        load, where = partial(_loaded, path), partial(place_of_page, path, rooms)
        yield Offer(path.stem, package, version, str(path), frozenset({MODULE}), load, where)


def _loaded(path: Path) -> object:
    return compiled(str(path)).exercise


def place_of_page(path: Path, rooms: Rooms = ()) -> Place:
    """The place of a topic on one page: a single file, and what its demo needs in the package whose rooms these are."""
    demo, beside = demo_files(rooms, path.stem)
    folder = templates_of(rooms, path.stem) if demo else path.with_suffix("")

    def text(file: str) -> str | None:
        lang = next((lang for lang in LANGUAGES if file == f"{lang}.tex.j2"), None)
        if lang:
            return compiled(str(path)).templates[lang].source()
        return (folder / file).read_text(encoding="utf-8") if demo and (folder / file).is_file() else None

    return Place(frozenset({MODULE}), folder, demo, lambda: {f"{FOLDER}/{path.name}": path, **beside()}, path, text)
