"""Keys of the cache: digests of everything that a sheet, a proof, or a demo's findings depend on.

What depends on a student is digested under the course's secret, so that a key tells nothing without it.
"""

import hmac
import json
import sys
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import blattwerk
from blattwerk.build.order.sheet_file import Entry
from blattwerk.build.plan import Job, draw_name
from blattwerk.build.press.tex import engine_version
from blattwerk.build.store.manifest import LIBRARIES, digest
from blattwerk.generators import find

TOPIC_ROOMS = ("generators", "solvers", "demos")
# What a notebook is executed with, besides the libraries of the manifest.
JUPYTER = ("ipykernel", "ipython", "matplotlib-inline", "nbclient", "nbformat", "scikit-learn")
CODE = (".py",)
EVERYTHING = (".py", ".j2", ".sty", ".toml")


def key_of(job: Job) -> str:
    """The key of a job's sheets: the job, the files of its exercises, all that sheets share, libraries and TeX."""
    return _keyed(
        job.secret,
        _house(EVERYTHING),
        _engines(),
        {entry.id: _topic(entry.id, EVERYTHING) for entry in job.sheet.exercises},
        job.sheet.model_dump(mode="json"),
        vars(job.student),
        job.seed,
        job.languages,
        job.kinds,
        job.sources,
        job.mnist,
        job.stored.model_dump(mode="json") if job.stored else None,
        _kernel() if any(entry.notebook for entry in job.sheet.exercises) else None,
    )


def proof_key(job: Job, entry: Entry) -> str:
    """The key of a student's proof of an exercise: its numbers and all code, but no template."""
    drawn = (job.seed, job.student.id, draw_name(job, entry.id), entry.difficulty)
    return _keyed(job.secret, _house(CODE), _topic(entry.id, CODE), *drawn)


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
    return _digest([ours], *(f"{name} {version(name)}" for name in (*LIBRARIES, *JUPYTER)), sys.version)


def _keyed(secret: bytes, *parts: Any) -> str:
    return hmac.digest(secret, json.dumps(parts, sort_keys=True).encode(), "sha256").hex()


@cache
def _house(kinds: tuple[str, ...]) -> str:
    """The digest of what all sheets share: our files without the topics', and the libraries' versions."""
    root = Path(blattwerk.__file__).parent
    topics = {path.name.split(".")[0] for path in (root / "generators").glob("*.py")} - {"__init__"}
    files = [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file()
        and path.suffix in kinds
        and not (path.parent.name in TOPIC_ROOMS and path.stem in topics)
        and path.parent.name not in topics
    ]
    return _digest(files, *(f"{name} {version(name)}" for name in LIBRARIES), sys.version)


@cache
def _engines() -> tuple[str, str]:
    return engine_version("pdflatex"), engine_version("lualatex")


@cache
def _topic(exercise_id: str, kinds: tuple[str, ...]) -> str:
    """The digest of one topic's files, wherever its modules lie."""
    exercise = find(exercise_id)
    modules = {sys.modules[function.__module__].__file__ for function in (exercise.draw, exercise.solve)}
    solver = Path(sys.modules[exercise.solve.__module__].__file__ or "")
    demo = solver.parent / "demos" / f"{exercise_id}.py"
    templates = sorted((Path(blattwerk.__file__).parent / "templates" / exercise_id).iterdir())
    paths = [*sorted(Path(name) for name in modules if name), *([demo] if demo.exists() else []), *templates]
    return _digest(path for path in paths if path.suffix in kinds)


def _digest(files: Iterable[Path], *texts: str) -> str:
    """The digest of the files' content and of some texts, each by its own digest."""
    pieces = [*(path.read_bytes() for path in files), *(text.encode() for text in texts)]
    return digest(b"".join(sha256(piece).digest() for piece in pieces))
