"""Where a topic lies: its templates, the module of its demo, and the files whose change makes it another topic.

A topic's package is a folder of files; nothing here reads a zipped one. Of a package, everything is looked for from the
module that holds the exercise upwards: in that module's folder, then in the folder above, as far as the package goes.
So a package with our rooms (generators, solvers, templates) is found, and so is a single module beside its templates.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import Distribution
from importlib.util import find_spec
from pathlib import Path
from sys import modules

DEMOS = ("solvers/demos", "demos")
Rooms = tuple[tuple[str, Path], ...]  # packages from the inside, by name and folder


@dataclass(frozen=True)
class Place:
    """Where a topic lies.

    packages   the names of the packages on Python's path that its code is in: for messages
    templates  the folder of its templates
    demo       the module of its demo, or empty
    files      all that it is made of, by a name that does not depend on where the package lies; asked when it is needed
    page       the file that holds the whole topic, if it is one on one page
    text       of such a topic, the text of a template by its file's name, or None
    """

    packages: frozenset[str]
    templates: Path
    demo: str
    files: Callable[[], Mapping[str, Path]]
    page: Path | None = None
    text: Callable[[str], str | None] | None = None


def place_of_ours(module: str, topic: str) -> Place:
    """The place of a topic of this package: the files of one stem."""
    rooms = _rooms(module)
    root = rooms[-1][1]
    stems = (f"generators/{topic}.py", f"solvers/{topic}.py", f"solvers/demos/{topic}.py")

    def files() -> dict[str, Path]:
        found = [path for path in map(root.joinpath, stems) if path.is_file()]
        return {str(path.relative_to(root)): path for path in (*found, *_below(root / "templates" / topic))}

    return Place(frozenset({module.partition(".")[0]}), templates_of(rooms, topic), demo_of(rooms, topic), files)


def demo_files(rooms: Rooms, topic: str) -> tuple[str, Callable[[], dict[str, Path]]]:
    """The module of the demo that a package has for a topic on one page, and the files that belong to it."""
    demo = demo_of(rooms, topic)

    def files() -> dict[str, Path]:
        if not demo:
            return {}
        root = rooms[-1][1]
        code = [path for room in DEMOS if (path := root / room / f"{topic}.py").is_file()]
        return {str(path.relative_to(root)): path for path in (*code, *_below(templates_of(rooms, topic)))}

    return demo, files


def place_of(module: str, topic: str, distribution: Distribution | None) -> Place:
    """The place of a topic in another package: its distribution's files may all have a part in it."""
    rooms, packages = _rooms(module), packages_of(module, distribution)
    templates = templates_of(rooms, topic)

    def files() -> dict[str, Path]:
        roots = (*(root for name in sorted(packages) for root in _roots(name)), templates)
        names = {path: str(path.relative_to(root.parent)) for root in reversed(roots) for path in _below(root)}
        return {name: path for path, name in names.items()}

    return Place(packages, templates, demo_of(rooms, topic), files)


def packages_of(module: str, distribution: Distribution | None) -> frozenset[str]:
    """What a distribution puts on Python's path: the module's own package, and helpers beside it."""
    beside: Iterable[str] = ()
    if distribution is not None:
        said = (distribution.read_text("top_level.txt") or "").split()
        beside = said or (file.parts[0].removesuffix(".py") for file in distribution.files or () if _is_code(file.name))
    return frozenset({module.partition(".")[0], *(name for name in beside if name.isidentifier())})


def _is_code(name: str) -> bool:
    return name.endswith(".py")


def digest_of(files: Mapping[str, Path]) -> str:
    """The digest of files with their names."""
    pieces = (part for name, path in sorted(files.items()) for part in (name.encode(), path.read_bytes()))
    return sha256(b"".join(sha256(piece).digest() for piece in pieces)).hexdigest()


def _rooms(module: str) -> Rooms:
    """The packages that a module lies in, by name and folder, from the inside; of a single module, the folder alone.

    Folders are taken as the import found them, links and all: what lies beside a link need not lie beside its target.
    """
    loaded = modules[module]
    name = module if hasattr(loaded, "__path__") else module.rpartition(".")[0]
    folder = Path(loaded.__file__ or "").absolute().parent
    if not folder.is_dir():
        raise OSError(f"{folder} is no folder; a package of exercises has to be installed unzipped")
    if not name:
        return (("", folder),)
    parts = name.split(".")
    return tuple((".".join(parts[: len(parts) - up]), (folder, *folder.parents)[up]) for up in range(len(parts)))


def templates_of(rooms: Rooms, topic: str) -> Path:
    """The innermost templates/<id>; where there is none, the place at the top, which messages name then."""
    found = (folder / "templates" / topic for _, folder in rooms)
    return next((path for path in found if path.is_dir()), rooms[-1][1] / "templates" / topic)


def demo_of(rooms: Rooms, topic: str) -> str:
    """The innermost solvers/demos/<id>.py or demos/<id>.py; a module without a package has no demo."""
    for name, folder in rooms:
        for room in DEMOS:
            if name and (folder / room / f"{topic}.py").is_file():
                return f"{name}.{room.replace('/', '.')}.{topic}"
    return ""


def _roots(name: str) -> Iterator[Path]:
    """The folders of a package (of a namespace, all of them), or the file of a module."""
    with suppress(ImportError, ValueError):  # what a distribution says need not be there
        spec = find_spec(name)
        if spec is None:
            return
        for place in spec.submodule_search_locations or (spec.origin or "",):
            if place and Path(place).exists():
                yield Path(place).absolute()


def _below(root: Path) -> Iterator[Path]:
    """A file, or all files of a folder but those that programs leave there."""
    if root.is_file():
        yield root
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in inside):
            yield path
