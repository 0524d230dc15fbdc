"""manifest.json: what each student got, exactly, so that it can be made again for ever. The secret is not in it."""

import platform
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

import blattwerk
from blattwerk.build.codec import to_json
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.page.view import Item
from blattwerk.build.press.tex import engine_version
from blattwerk.build.proof.prove import Proof
from blattwerk.errors import ManifestError
from blattwerk.vocabulary import draws
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.exercise import LANGUAGES, Answer, Difficulty, Lang
from blattwerk.vocabulary.figures import Panels
from blattwerk.vocabulary.language import rounded
from blattwerk.vocabulary.terms import MP

FORMAT: Literal[1] = 1
LIBRARIES = ("jinja2", "matplotlib", "mpmath", "numpy", "pikepdf", "pylatex", "scipy", "sympy", "torch")
DECIMALS = 12


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AnswerRecord(_Record):
    """One answer: exact in sympy's syntax, and with twelve decimals."""

    name: str
    part: str
    exact: str
    decimal: Any


class DemoRecord(_Record):
    """What a training brought, digit by digit as it was printed, and its figure, whatever is trained later."""

    id: str
    numbers: Mapping[str, Decimal]
    figure: Panels
    mnist: bool

    def findings(self) -> Findings:
        """The findings as they were."""
        return Findings(self.numbers, self.figure, self.mnist)


class ExerciseRecord(_Record):
    """One exercise of one student.

    `figures` holds the text alternative of each figure, `notebook` the seed of what its notebook draws for itself.
    """

    id: str
    difficulty: Difficulty
    params: Any
    answers: tuple[AnswerRecord, ...]
    oracles: tuple[str, ...]
    relations: Mapping[str, int]
    points: Mapping[str, str]
    figures: Mapping[str, Mapping[Lang, str]]
    demo: DemoRecord | None = None
    notebook: int | None = None


class StudentRecord(_Record):
    """One student: what was drawn, proven and written. `files` maps paths to SHA-256."""

    id: str
    name: str
    email: str
    group: str
    languages: tuple[Lang, ...]
    code: str
    exercises: tuple[ExerciseRecord, ...]
    files: Mapping[str, str]


def _known_format(value: Any) -> Any:
    if value != FORMAT:
        raise ValueError(f"format {value!r} is not known to this version of Blattwerk, which reads format {FORMAT}")
    return value


class Manifest(_Record):
    """A whole build."""

    format: Annotated[Literal[1], BeforeValidator(_known_format)]
    blattwerk: str
    draw_scheme: int
    seed: int
    python: str
    libraries: Mapping[str, str]
    tex: Mapping[str, str]
    sheet: SheetFile
    students: tuple[StudentRecord, ...]


def manifest_of(sheet: SheetFile, seed: int, students: tuple[StudentRecord, ...] = ()) -> Manifest:
    """The manifest of a build, with the versions of everything that had a part in it."""
    return Manifest(
        format=FORMAT,
        blattwerk=blattwerk.__version__,
        draw_scheme=draws.SCHEME,
        seed=seed,
        python=platform.python_version(),
        libraries={name: version(name) for name in LIBRARIES},
        tex={"pdflatex": engine_version("pdflatex"), "lualatex": engine_version("lualatex")},
        sheet=sheet,
        students=students,
    )


def exercise_record(item: Item, proof: Proof) -> ExerciseRecord:
    """What the manifest says of one exercise: the answers of the parts that stand on the sheet."""
    instance = item.instance
    there = {placed.part.id for placed in item.parts}
    return ExerciseRecord(
        id=instance.exercise.id,
        difficulty=instance.difficulty,
        params=to_json(instance.params),
        answers=tuple(answer_record(answer) for answer in instance.answers if answer.part in there),
        oracles=proof.oracles,
        relations={"checked": proof.relations.checked, "cited": proof.relations.cited},
        points={placed.part.id: str(placed.points) for placed in item.parts},
        figures={name: {lang: figure.alt[lang] for lang in LANGUAGES} for name, figure in instance.figures.items()},
        demo=demo_record(instance.exercise.demo or "", item.findings) if item.findings else None,
        notebook=item.notebook,
    )


def demo_record(demo: str, findings: Findings) -> DemoRecord:
    """What the manifest says of a demo."""
    return DemoRecord(id=demo, numbers=findings.numbers, figure=findings.figure, mnist=findings.mnist)


def answer_record(answer: Answer) -> AnswerRecord:
    """An answer as text and as decimals."""
    return AnswerRecord(
        name=answer.name, part=answer.part, exact=str(answer.value), decimal=_decimal(answer.value.value())
    )


def _decimal(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_decimal(entry) for entry in value]
    return "oo" if MP.isinf(MP.convert(value)) else str(rounded(value, DECIMALS))


def digest(content: bytes) -> str:
    """The SHA-256 of a file."""
    return sha256(content).hexdigest()


def to_bytes(manifest: Manifest, records: Iterable[bytes]) -> Iterator[bytes]:
    """A manifest without students and the students' records as JSON, in pieces: a class need not fit into memory."""
    head, tail = manifest.model_dump_json(indent=1).encode("utf-8").split(b'"students": []')
    yield head + b'"students": ['
    for i, record in enumerate(records):
        yield (b",\n  " if i else b"\n  ") + record.replace(b"\n", b"\n  ")
    yield b"\n ]" + tail + b"\n"


def read_manifest(path: Path) -> Manifest:
    """A manifest from its file; raises ManifestError, saying where it is wrong."""
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ManifestError(f"the manifest {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole file"
        raise ManifestError(f"the manifest {path} is damaged or of another version: {place}: {first['msg']}") from error
