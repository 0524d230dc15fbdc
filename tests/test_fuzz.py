"""Whatever stands in the files and flags that people give, it is used or refused with a message: no other error comes.

Some hundred inputs in the quick suite, 21,000 in the long one. Each is made of its own number, so a failure comes back.
"""

import io
import json
import os
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from blattwerk import cli
from blattwerk.build.deliver.matching import Person, matched
from blattwerk.build.deliver.worksheet import read_worksheet
from blattwerk.build.numbers import draw
from blattwerk.build.order.class_list import Student, parse_class_list, read_class_list
from blattwerk.build.order.ordered import check_overrides, order
from blattwerk.build.order.sheet_file import checked_sheet, read_sheet
from blattwerk.build.proof.prove import proven
from blattwerk.build.store.handed_out import handed_out
from blattwerk.build.store.manifest import order_again, read_records
from blattwerk.build.store.records import exercise_record, student_record
from blattwerk.build.store.seal import sealed
from blattwerk.errors import BlattwerkError
from tests.build.classes import manifest

EXAMPLES = Path(__file__).parents[1] / "examples"
QUICK, LONG, CHUNK = 100, 5250, 350  # inputs of each kind

TOKENS = (
    *(b'"', b"'", b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"[", b"]", b"{", b"}", b"=", b"#", b"\\", b"\x00"),
    *(
        b"-1",
        b"1e999",
        b"nan",
        b"inf",
        b"9" * 5000,
        b"9" * 4000,
        b"0x" + b"f" * 5000,
        b"1979-05-27",
        b"0001-01-01T00:00:00",
    ),
    *(
        b"true",
        b"null",
        b"sep=;\n",
        b"[[exercises]]\n",
        b"[" * 2000,
        b"{a=" * 2000,
        b"a." * 2000,
        b"x" * 5000,
        b"id,name\n",
    ),
    *(sign.encode() for sign in "\ufeff\u200c\u200d\u202e\u2028\u0085\u000b\u0301ä€👧"),
    *(
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"../../x",
        b"id",
        b"key",
        b"points",
        b"deadline = ",
        b"\\ud800",
        b"1/0",
        b"/",
    ),
)
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 10**400, float("inf"), float("nan"), "", "x", "1/0", "nan", "\ud800", "\x00", "9" * 5000),
    *(
        [],
        {},
        [[]],
        [None],
        {"": {}},
        {"en": "x"},
        {"en": 1, "de": []},
        ["x"] * 50,
        "2027-01-15",
        "../../x",
        "kl_normal_1d",
    ),
)


@contextmanager
def refused_at_most() -> Iterator[None]:
    """Only errors that are raised on purpose."""
    with suppress(BlattwerkError):
        yield


def mutated(content: bytes, random: Random) -> bytes:
    """Some bytes replaced, removed, doubled, moved, or a token put between."""
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        a, b = sorted(random.randrange(len(content) + 1) for _ in range(2))
        b = min(b, a + random.choice((0, 1, 3, 20, 400)))
        token = random.choice((*TOKENS, bytes([random.randrange(256)]), content[a:b] * 2, b""))
        content = random.choice((content[:a] + token + content[b:],) * 8 + (content[:a], content[b:]))
    return content


def exchanged(data: Any, random: Random) -> Any:
    """The same tree with one value replaced, removed, renamed or doubled, somewhere."""
    keys = list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
    if not keys or random.random() < 0.08:
        return random.choice(VALUES)
    key, what = random.choice(keys), random.random()
    if what < 0.06:
        return {k: v for k, v in data.items() if k != key} if isinstance(data, dict) else data[:key] + data[key + 1 :]
    if what < 0.12:
        return {**data, str(key) + "x": data[key]} if isinstance(data, dict) else [*data, data[key]]
    fresh = exchanged(data[key], random)
    return {**data, key: fresh} if isinstance(data, dict) else [*data[:key], fresh, *data[key + 1 :]]


def use_sheet(path: Path) -> None:
    """As `build` does, before anything is drawn."""
    sheet = read_sheet(path)
    order(sheet, (Student("s1"),), 7, ("en", "de"))
    check_overrides(sheet, (Student("s1"),))


def use_manifest(path: Path) -> None:
    """As `solutions` does, up to the numbers; and as if nobody had looked at the seals."""
    there = handed_out(path)
    there.wanted(())
    assert all(line.isprintable() for line in (*there.refused, *there.refused.values(), *there.unchecked()))
    list(there.changed_topics())
    for one in order_again(read_records(path).manifest):
        assert draw(one).exercises


@pytest.fixture(scope="module")
def manifest_json() -> bytes:
    """A manifest of two students."""
    text = (EXAMPLES / "quiz.toml").read_text(encoding="utf-8")
    sheet = checked_sheet(
        {**tomllib.loads(text), "exercises": [{"id": "kl_normal_1d"}, {"id": "kl_histogram"}]}, "quiz"
    )
    students = (Student("s1", "Zoë"), Student("s2", "B"))
    records = tuple(
        student_record(
            one,
            tuple(map(exercise_record, proven(draw(one), {}).exercises)),
            {f"questions/{one.student.id}.en.pdf": "0" * 64},
        )
        for one in order(sheet, students, 7, ("en",))
    )
    head = manifest(sheet, records)
    return manifest(sheet, tuple(sealed(one, head, b"") for one in records)).model_dump_json().encode()


def run(use: Callable[[Path], object], make: Callable[[Random], bytes], path: Path, numbers: range) -> None:
    """Use one file after another."""
    for number in numbers:
        content = make(Random(number))
        path.write_bytes(content)
        try:
            with refused_at_most():
                use(path)
        except Exception as error:
            raise AssertionError(f"input {number}: {content[:300]!r}...") from error


def chunks() -> list[Any]:
    """The numbers of the inputs: a few at once, the others behind the mark."""
    later = [range(a, a + CHUNK) for a in range(0, LONG, CHUNK)]
    return [range(QUICK), *(pytest.param(chunk, marks=pytest.mark.long) for chunk in later)]


@pytest.mark.parametrize("numbers", chunks(), ids=str)
def test_sheet_files(tmp_path: Path, numbers: range) -> None:
    """Each example, changed byte by byte."""
    examples = [path.read_bytes() for path in sorted(EXAMPLES.glob("*.toml"))]
    run(use_sheet, lambda random: mutated(random.choice(examples), random), tmp_path / "sheet.toml", numbers)


@pytest.mark.parametrize("numbers", chunks(), ids=str)
def test_class_lists(tmp_path: Path, numbers: range) -> None:
    """The example, changed byte by byte; what is read has ids that are different and can be file names."""

    def use(path: Path) -> None:
        found = read_class_list(path)
        ids = [student.id.casefold() for student in found.students]
        assert len(set(ids)) == len(ids) and not any("/" in one or "\n" in one for one in ids)

    example = (EXAMPLES / "class.csv").read_bytes()
    run(use, lambda random: mutated(example, random), tmp_path / "class.csv", numbers)


@pytest.mark.parametrize("numbers", chunks(), ids=str)
def test_workbooks(tmp_path: Path, numbers: range) -> None:
    """Of a class: its parts changed byte by byte, and the archive around them."""
    workbook = openpyxl.Workbook()
    for row in (("id", "name", "group"), (17, "Zoë", "A"), ("s2", "Müller, Anna", None)):
        workbook.worksheets[0].append(row)
    workbook.save(tmp_path / "good.xlsx")
    good = (tmp_path / "good.xlsx").read_bytes()

    def make(random: Random) -> bytes:
        return mutated(good, random) if random.random() < 0.3 else repacked(good, random)

    run(lambda path: read_class_list(path), make, tmp_path / "class.xlsx", numbers)


def repacked(archive: bytes, random: Random) -> bytes:
    """The archive with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(file, "w") as new:
        changed = random.choice(old.namelist())
        for name in old.namelist():
            new.writestr(name, mutated(old.read(name), random) if name == changed else old.read(name))
    return file.getvalue()


@pytest.mark.parametrize("numbers", chunks(), ids=str)
def test_grading_worksheets(tmp_path: Path, numbers: range) -> None:
    """Of Moodle's, changed byte by byte."""
    text = (
        "\ufeffIdentifier,Full name,Email address,ID number,Status,Group,Grade,Maximum grade,Feedback comments\r\n"
        'Participant 12,"Müller, Anna",a@x.org,17,"No submission",A,,100.00,\r\n'
        "Participant 2,B,b@x.org,,,A,,100.00,\r\n"
    )

    def use(path: Path) -> None:
        found = read_worksheet(path)
        assert len({one.number for one in found.participants}) == len(found.participants)
        matched([Person("r", "17", "b@x.org"), Person("s", "a", "a@x.org")], found.participants)

    run(use, lambda random: mutated(text.encode(), random), tmp_path / "W.csv", numbers)


@pytest.mark.parametrize("numbers", chunks(), ids=str)
def test_manifests(tmp_path: Path, manifest_json: bytes, numbers: range) -> None:
    """Changed byte by byte, and value by value."""
    data = json.loads(manifest_json)

    def make(random: Random) -> bytes:
        if random.random() < 0.4:
            return mutated(manifest_json, random)
        return json.dumps(exchanged(data, random)).encode()

    run(use_manifest, make, tmp_path / "manifest.json", numbers)


WORDS = (
    *(
        "--seed",
        "7",
        "-1",
        "x",
        "9" * 5000,
        "--out",
        "out",
        "o" * 300,
        "--lang",
        "en",
        "de,en",
        "fr",
        "",
        "--only",
        "s1",
        "../x",
    ),
    *(
        "--roster",
        "class.csv",
        "sheet.toml",
        "nowhere.toml",
        ".",
        "--jobs",
        "0",
        "1",
        "--secret",
        "--difficulty",
        "easy",
    ),
    *(
        "no",
        "--json",
        "--solution",
        "--force",
        "--skip-bad-lines",
        "--tex",
        "--seeds",
        "--mnist",
        "kl_normal_1d",
        "D5",
        "\ud800",
    ),
    *(
        "--help",
        "--version",
        "--",
        "-",
        "--seed=7",
        "--seed=",
        "ä",
        "\u202e",
        "a\nb",
        "1e3",
        "²",
        "10000000000000000000000",
    ),
)
COMMANDS = (["build"], ["solutions"], ["show"], ["demo"], ["verify"], ["secret", "new"], ["cache"], ["list"], [], ["x"])


@pytest.mark.parametrize("numbers", chunks(), ids=str)
def test_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: range) -> None:
    """Of every command that reads any; nothing is made or trained, which stands in other tests."""

    def stop(*_: object, **__: object) -> None:
        raise BlattwerkError("would be made now")

    for name in ("build", "solutions"):  # not by dots: the package's attribute of this name may be the function
        module = import_module(f"blattwerk.commands.{name}")
        monkeypatch.setattr(module, "made", stop)
        monkeypatch.setattr(module, "prepare_workers", lambda jobs, out: None)
    monkeypatch.setattr("blattwerk.build.demos.demonstrate.demonstration", stop)
    monkeypatch.setattr("blattwerk.build.check.verify.trials", stop)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheet.toml").write_bytes((EXAMPLES / "quiz.toml").read_bytes())
    (tmp_path / "class.csv").write_bytes((EXAMPLES / "class.csv").read_bytes())
    for number in numbers:
        random = Random(number)
        arguments = [*random.choice(COMMANDS[:5] * 3 + COMMANDS[5:]), *random.choices(WORDS, k=random.randrange(7))]
        if random.random() < 0.6:
            arguments += ["--seed", "7"]
        done = CliRunner().invoke(cli.app, [os.fsdecode(word.encode("utf-8", "surrogatepass")) for word in arguments])
        assert isinstance(done.exception, BlattwerkError | SystemExit | None), (number, arguments, done.exception)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.times() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["title", "code", "number", "deadline", "id", "key", "points", "without", "name", "student", "en"]
)
TABLE = st.dictionaries(KEYS, ANYTHING, max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional={
    "course": TABLE | ANYTHING, "sheet": TABLE | ANYTHING, "tutors": st.lists(TABLE, max_size=2) | ANYTHING,
    "exercises": st.lists(TABLE, max_size=3) | ANYTHING, "overrides": st.lists(TABLE, max_size=2) | ANYTHING,
}))  # fmt: skip
def test_any_tables_are_a_sheet_or_refused(data: dict[str, Any]) -> None:
    """Of any kind of values under the keys that are known."""
    with refused_at_most():
        checked_sheet(data, "sheet.toml")


CELL = st.text(st.sampled_from('ab1"\n\r,; \t\u200c\u0085@ä'), max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=4), st.sampled_from(",;\t"))
def test_what_a_spreadsheet_writes_is_read_line_by_line(rows: list[list[str]], delimiter: str) -> None:
    """Quoted as it should be, no row is lost, split, or taken for two without a word."""
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in [["id", "name", "email"], *rows]]
    filled = sum(any(cell.strip(" \t\r\n\u00a0") for cell in row) for row in rows)
    with refused_at_most():
        found = parse_class_list("\r\n".join(map(delimiter.join, quoted)), "list")
        assert len(found.students) + len(found.refused) == filled
