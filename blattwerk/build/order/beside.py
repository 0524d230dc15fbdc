"""The files that a sheet file names: own texts and exercises, logo, letterhead. Read with limits, and digested."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from blattwerk.build.codec import digest
from blattwerk.build.order.fields import prose_mistakes
from blattwerk.build.order.mistakes import Location, Mistake
from blattwerk.build.order.sheet_tables import SheetFile
from blattwerk.errors import InputError
from blattwerk.vocabulary.language import LANGUAGES, Localised

FOLDER = "own"  # where a build keeps copies, beside its manifest
LARGEST: Mapping[str, int] = {".md": 200_000, ".tex": 200_000, ".svg": 1 << 20, ".png": 4 << 20, ".pdf": 4 << 20}
_BEGINS: Mapping[str, bytes] = {".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF-"}


def named_files(sheet: SheetFile) -> Iterator[tuple[Location, str]]:
    """Each file that a sheet names, and where it names it."""
    for field in ("logo", "letterhead"):
        if name := getattr(sheet.page, field):
            yield ("page", field), name
    for number, text in enumerate(sheet.text):
        yield from (((("text", number, "file")), name) for name in _of(text.file))
    for number, entry in enumerate(sheet.entries):
        for which, part in enumerate(getattr(entry, "parts", ())):
            for field in ("question_file", "solution_file"):
                for name in _of(getattr(part, field)):
                    yield ("exercises", number, "parts", which, field), name


def _of(files: Localised | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(files[lang] for lang in LANGUAGES)) if files else ()


def read_beside(sheet: SheetFile, folder: Path) -> tuple[Mapping[str, bytes], tuple[Mistake, ...]]:
    """The content of each file that a sheet names, from this folder, and what is wrong with the others."""
    found: dict[str, bytes] = {}
    wrong: list[Mistake] = []
    for location, name in named_files(sheet):
        if name in found:
            continue
        try:
            found[name] = _read(folder, name)
        except ValueError as error:
            wrong.append((location, f"{name}: {error}"))
    return found, tuple(wrong)


def _read(folder: Path, name: str) -> bytes:
    path, ending = folder / name, Path(name).suffix.lower()
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ValueError("the file lies elsewhere, by way of a link; copy it beside the sheet file")
        if not path.is_file():
            raise ValueError(f"there is no such file in {folder.absolute()}")
        with path.open("rb") as file:
            content = file.read(LARGEST[ending] + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    if len(content) > LARGEST[ending]:
        raise ValueError(f"larger than {LARGEST[ending] // 1000} kB")
    if not content.startswith(_BEGINS.get(ending, b"")):
        raise ValueError(f"is no {ending[1:].upper()} file")
    if ending in (".md", ".tex"):
        _check_text(content, ending)
    elif ending == ".svg":
        from blattwerk.build.svg import pdf_of  # what reads drawings takes a while to load, and few sheets have any

        pdf_of(content)
    return content


def _check_text(content: bytes, ending: str) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    if ending == ".md":
        prose_mistakes(text)


def text_in(files: Mapping[str, bytes], name: str) -> str:
    """A text file's content."""
    return files[name].decode("utf-8-sig").replace("\r\n", "\n")


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """The digest of each file by its name."""
    return {name: digest(content) for name, content in sorted(files.items())}


def files_beside(sheet: SheetFile, folder: Path) -> Mapping[str, bytes]:
    """The files that a sheet names, as they were when it was read; raises InputError where one has changed since."""
    return {name: _same(folder / name, name, known) for name, known in _known(sheet)}


def kept_files(sheet: SheetFile, out: Path) -> Mapping[str, bytes]:
    """The files that the sheet of a build names, from the copies beside its manifest.

    Raises InputError where one is missing or says something else.
    """
    return {name: _same(out / kept_name(name, known), name, known) for name, known in _known(sheet)}


def kept_name(name: str, known: str) -> str:
    """Where the copy of a file lies in the folder of a build: another version of it lies beside it."""
    return f"{FOLDER}/{known[:12]}-{Path(name).name}"


def _known(sheet: SheetFile) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(name for _, name in named_files(sheet)):
        if name not in sheet.files:
            raise InputError(f"the sheet names the file {name}, and has no digest of it")
        yield name, sheet.files[name]


def _same(path: Path, name: str, known: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(max(LARGEST.values()) + 1)
    except OSError as error:
        raise InputError(f"the file {path} cannot be read, which the sheet names {name}: {error.strerror}") from error
    if digest(content) != known:
        raise InputError(f"the file {path} is not the one that the sheet was read or handed out with: {name}")
    return content
