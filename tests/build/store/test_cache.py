"""The cache and the batch: nothing is made twice, nothing is left half written, the order does not matter."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blattwerk.build import batch, make
from blattwerk.build.make import Kept, Task
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.proof import prove
from blattwerk.build.proof.prove import Proof
from blattwerk.build.store import keys
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.filing import Filed
from blattwerk.build.store.keys import order_key
from blattwerk.errors import InputError
from blattwerk.vocabulary.exercise import Instance
from tests.build.classes import built, contents, german

SHEET = checked_sheet(
    {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": "kl_normal_1d"}]}, "sheet"
)


def orders(*students: str, **more: Any) -> tuple[Ordered, ...]:
    """German question and solution for each student."""
    return german(SHEET, *students, **more)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The students whose sheets were really made."""
    seen: list[str] = []

    def noted(chunk: tuple[Task, ...], kept: Kept | None = None) -> tuple[Filed, ...]:
        seen.extend(task.drawn.order.student.id for task in chunk)
        return make.make(chunk, kept)

    monkeypatch.setattr(batch, "make", noted)
    return seen


def test_nothing_is_made_twice(tmp_path: Path, made: list[str]) -> None:
    """A second build makes nothing; one student more, and only that one is made; a lost file comes back."""
    held = Cache(tmp_path / "cache")
    first, records = built(orders("a", "b"), tmp_path / "out", cache=held)
    assert made == ["a", "b"]
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "questions" / "a.de.pdf").unlink()
    (tmp_path / "out" / "solutions" / "b.de.pdf").write_bytes(b"damaged")
    again, same = built(orders("c", "b", "a"), tmp_path / "out", cache=held)
    assert made == ["a", "b", "c"]
    assert {k: v for k, v in contents(tmp_path / "out").items() if "c." not in k} == before
    assert [record.id for record in same] == ["c", "b", "a"]
    assert same[2] == records[0]
    assert len(again.written) == len(first.written) + 2


def test_what_matters_changes_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed, secret, student, languages, exercise files, shared code."""
    (one,) = orders("a")
    different = [
        order_key(one),
        order_key(orders("b")[0]),
        order_key(orders("a", seed=8)[0]),
        order_key(orders("a", secret=b"x")[0]),
        order_key(replace(one, languages=("en",))),
        order_key(replace(one, sources=True)),
    ]
    monkeypatch.setattr(keys, "_topic", lambda exercise, kinds: "edited")
    different.append(order_key(one))
    monkeypatch.setattr(keys, "_house", lambda kinds: "edited")
    different.append(order_key(one))
    assert len(set(different)) == len(different)


def test_editing_a_topic_changes_only_its_own_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a copy of the package: the shared digest leaves the topics' files out, and has everything else."""
    root = tmp_path / "blattwerk"
    shutil.copytree(Path(keys.blattwerk.__file__).parent, root, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(keys.blattwerk, "__file__", str(root / "__init__.py"))
    digests = []
    for edited in (
        None,
        "templates/kl_gaussian/de.tex.j2",
        "solvers/kl_gaussian.py",
        "vocabulary/terms.py",
        "templates/sheet/words.toml",
    ):
        if edited:
            (root / edited).write_bytes((root / edited).read_bytes() + b"\n")
        keys._house.cache_clear()
        digests.append(keys._house(keys.EVERYTHING))
    keys._house.cache_clear()
    keys._topic.cache_clear()
    assert digests[0] == digests[1] == digests[2] != digests[3] != digests[4]


def test_after_an_edit_only_what_depends_on_it_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another template: new sheets, but no proof; another solver of one exercise: that one alone is proven again."""
    data = {"course": {"title": "ML"}, "sheet": {"title": "S"}}
    exercises = [{"id": "kl_normal_1d"}, {"id": "kl_histogram"}]
    planned = german(checked_sheet({**data, "exercises": exercises}, "sheet"), "a")
    proven: list[str] = []

    def noted(instance: Instance) -> Proof:
        proven.append(instance.exercise.id)
        return really(instance)

    really = prove.prove
    monkeypatch.setattr(prove, "prove", noted)
    real, edited = keys._topic, [""]

    def topic(exercise: str, kinds: tuple[str, ...]) -> tuple[str, str]:
        version, digest = real(exercise, kinds)
        return version, digest + edited[0] * (exercise == "kl_histogram" and edited[0] in kinds)

    monkeypatch.setattr(keys, "_topic", topic)
    held, done = Cache(tmp_path / "cache"), []
    for kind in ("", ".j2", ".py"):
        edited[0] = kind
        _, records = built(planned, tmp_path / "out", cache=held)
        done.append((records[0].exercises, tuple(proven)))
        proven.clear()
    assert [what for _, what in done] == [("kl_normal_1d", "kl_histogram"), (), ("kl_histogram",)]
    assert done[0][0] == done[1][0] == done[2][0]


def test_a_damaged_cache_is_not_used(tmp_path: Path, made: list[str]) -> None:
    """An entry that cannot be read, or whose file is gone, is made again."""
    held = Cache(tmp_path / "cache")
    built(orders("a"), tmp_path / "one", cache=held)
    (entry,) = (tmp_path / "cache" / "entries").rglob("*.json")
    pieces = [path for path in (tmp_path / "cache" / "parts").rglob("*") if path.is_file()]
    assert len(pieces) == 3  # a proof and two PDFs
    for path in (entry, *pieces):
        path.write_text("{")
    built(orders("a"), tmp_path / "two", cache=held)
    next(p for p in (tmp_path / "cache" / "files").rglob("*") if p.is_file()).unlink()
    built(orders("a"), tmp_path / "three", cache=held)
    assert made == ["a"] * 3
    assert contents(tmp_path / "one") == contents(tmp_path / "three")


def test_the_limit_is_kept(tmp_path: Path) -> None:
    """The least recently used goes first."""
    import os

    held = Cache(tmp_path)
    for age, name in enumerate(("new", "old")):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    held.trim(150)
    assert [p.name for _, _, p in held.contents()] == ["new"]
    held.trim(0)
    assert not list(held.contents())


def test_the_order_of_the_list_and_the_workers_do_not_matter(tmp_path: Path) -> None:
    """Same bytes for a shuffled list, and from threads."""
    students = [f"s{i}" for i in range(6)]
    built(orders(*students), tmp_path / "one")
    with ThreadPoolExecutor(2) as pool:
        built(orders(*reversed(students)), tmp_path / "two", pool)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_full_disk_is_an_error_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no part of a file is left."""
    import errno
    import os

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match=r"a.de.pdf cannot be written: No space left on device"):
        built(orders("a"), tmp_path)
    assert contents(tmp_path) == {}


def test_a_damaged_file_is_not_delivered(tmp_path: Path, made: list[str]) -> None:
    """Truncated, emptied, or with another's content: it is made again, and whole again in the cache too."""
    held = Cache(tmp_path / "cache")
    built(orders("a"), tmp_path / "one", cache=held)
    good = contents(tmp_path / "one")
    for number, damage in enumerate((b"", b"%PDF-1.5 of somebody else")):
        for file in (path for path in (tmp_path / "cache" / "files").rglob("*") if path.is_file()):
            file.write_bytes(damage)
        out = tmp_path / f"again-{number}"
        built(orders("a"), out, cache=held)
        assert contents(out) == good
    assert made == ["a"] * 3
    built(orders("a"), tmp_path / "last", cache=held)
    assert made == ["a"] * 3 and contents(tmp_path / "last") == good
