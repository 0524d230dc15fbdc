"""Keys of the cache: digests of everything that a sheet, a PDF, a proof, or a demo's findings depend on.

What depends on a student is digested under the course's secret, so that a key tells nothing without it.
"""

import hmac
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import blattwerk
from blattwerk.build.codec import digest, to_json
from blattwerk.build.libraries import TORCH, libraries
from blattwerk.build.numbers import DrawnExercise
from blattwerk.build.order.catalogue import CODE, EVERYTHING, find_topic, whole_catalogue
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.page.printing import PrintedSheet, other_fonts
from blattwerk.build.press.preamble import preamble
from blattwerk.build.press.tex import engine_version


def order_key(order: Ordered) -> str:
    """The key of a student's sheets: the order, its exercises' files, all that sheets share, libraries, TeX, fonts."""
    fonts, without = other_fonts(order)
    return _keyed(
        order.secret,
        _house(EVERYTHING),
        _engines(),
        {entry.key: _topic(entry.id, EVERYTHING) for entry in order.sheet.exercises},
        order.sheet.model_dump(mode="json"),
        asdict(order.student),
        order.shared,
        order.seed,
        order.languages,
        order.kinds,
        order.sources,
        order.html,
        order.mnist,
        order.code,
        order.sequence,
        repr(order.given),
        _kernel() if any(entry.notebook for entry in order.sheet.exercises) else None,
        sorted((path.name, _font(path)) for path in fonts),
        without,
    )


def proof_key(secret: bytes, drawn: DrawnExercise) -> str:
    """The key of a proof: the numbers and all code, but no template."""
    return _keyed(secret, _house(CODE), _topic(drawn.exercise, CODE), drawn.difficulty, to_json(drawn.params))


def pdf_key(sheet: PrintedSheet, pictures: Mapping[str, bytes]) -> str:
    """The key of a PDF: its source with the files beside it, and what sets it and cuts it."""
    beside = {name: digest(content) for name, content in (*_figures(sheet, pictures), *sheet.beside.items())}
    fonts = {path.name: _font(path) for path in sheet.fonts}
    look = (sheet.tag, str(sheet.scale), sheet.alone, sheet.code)
    source = (sheet.body, sheet.mark, sheet.title, sheet.lang, sheet.engine, beside, fonts, look)
    return _keyed(b"", *source, preamble(sheet.engine), _engines(), libraries().get("pikepdf"), _house(CODE))


def _figures(sheet: PrintedSheet, pictures: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    return [(name, pictures[name]) for name in sheet.figures]


@cache
def _font(path: Path) -> str:
    try:
        return digest(path.read_bytes())
    except OSError:  # whoever sets the sheet will say so
        return "cannot be read"


def demo_key(exercise_id: str, setting: Any) -> str:
    """The key of a demo's findings: what the training depends on, and the code that trains."""
    return _keyed(b"", _house(CODE), _topic(exercise_id, CODE), repr(setting))


def notebook_key(content: bytes) -> str:
    """The key of an executed notebook: its content, and what it is executed with."""
    return _keyed(b"", digest(content), _kernel())


@cache
def _kernel() -> str:
    """The digest of what notebooks are executed with."""
    ours = Path(blattwerk.__file__).parent / "build" / "notebooks" / "kernel.py"
    return _digest([ours], json.dumps(libraries("notebooks") | libraries(TORCH), sort_keys=True), sys.version)


def _keyed(secret: bytes, *parts: Any) -> str:
    return hmac.digest(secret, json.dumps(parts, sort_keys=True).encode(), "sha256").hex()


@cache
def _house(kinds: tuple[str, ...]) -> str:
    """The digest of what all sheets share: our files without the topics', and the libraries' versions.

    Whether torch is there belongs to it: without it, some oracles are left out of a proof.
    """
    root = Path(blattwerk.__file__).parent
    own = {topic.exercise.id for topic in whole_catalogue().topics.values() if topic.package == blattwerk.__name__}
    files = [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix in kinds and not _of_a_topic(path.relative_to(root), own)
    ]
    return _digest(files, json.dumps(libraries(TORCH), sort_keys=True), sys.version)


def _of_a_topic(path: Path, topics: set[str]) -> bool:
    """Whether a file of the package belongs to one topic: generators/<id>.py, topics/<id>.md, and the like."""
    rooms = path.parts
    return rooms[0] in ("generators", "solvers", "templates", "topics") and bool({path.stem, *rooms[1:-1]} & topics)


@cache
def _engines() -> tuple[str, str]:
    return engine_version("pdflatex"), engine_version("lualatex")


@cache
def _topic(exercise_id: str, kinds: tuple[str, ...]) -> tuple[str, str]:
    """The version of a topic's package and the digest of its files, wherever they lie.

    Another package may build on its own dependencies, and on topics of ours.
    """
    topic = find_topic(exercise_id)
    if topic.package == blattwerk.__name__:
        return topic.version, topic.digest(kinds)
    needed = json.dumps(libraries(package=topic.package), sort_keys=True)
    return f"{topic.package} {topic.version}", _digest((), topic.digest(kinds), _ours(kinds), needed)


@cache
def _ours(kinds: tuple[str, ...]) -> str:
    """The digest of all files of this package, the topics' too."""
    files = sorted(path for path in Path(blattwerk.__file__).parent.rglob("*") if path.suffix in kinds)
    return _digest(path for path in files if path.is_file())


def _digest(files: Iterable[Path], *texts: str) -> str:
    """The digest of the files' content and of some texts, each by its own digest."""
    pieces = [*(path.read_bytes() for path in files), *(text.encode() for text in texts)]
    return digest(b"".join(sha256(piece).digest() for piece in pieces))
