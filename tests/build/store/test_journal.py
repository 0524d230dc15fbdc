"""One folder, one build: who writes there is alone; at every moment files and record agree, or the journal says so."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from blattwerk.build import batch, files
from blattwerk.build.codec import digest
from blattwerk.build.store.folder import MANIFEST, SOLUTIONS
from blattwerk.build.store.journal import JOURNAL, LOCK, alone_in
from blattwerk.cli import app
from blattwerk.errors import InputError
from tests.build.store.test_folder import Course

ROOT = Path(__file__).parents[3]
ROOMS = ("questions", "solutions", "notebooks")


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of these tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course that was built once, for a, b and c."""
    made = Course(tmp_path)
    made.build()
    return made


def run(course: Course, *more: str, seed: int = 7) -> Result:
    """A build of the course, however it ends."""
    arguments = ["build", str(course.folder / "sheet.toml"), "--seed", str(seed), "--out", str(course.out)]
    roster = ["--roster", str(course.folder / "class.csv")]
    return CliRunner().invoke(app, [*arguments, *roster, "--lang", "en", "--jobs", "1", *more])


def dies(course: Course, *more: str, seed: int = 7) -> bool:
    """Whether a build was killed."""
    try:
        run(course, *more, seed=seed)
    except Killed:
        return True
    return False


def restore(course: Course, *more: str, out: str = "again") -> Result:
    """The solutions of the course."""
    manifest, folder = str(course.out / MANIFEST), str(course.folder / out)
    return CliRunner().invoke(app, ["solutions", manifest, "--out", folder, "--jobs", "1", *more])


class Killed(BaseException):
    """Nothing happens any more."""


WRITING = (os, "replace"), (os, "link"), (os, "unlink"), (shutil, "move"), (Path, "unlink"), (Path, "mkdir")


@contextmanager
def killed_before(change: int, folder: Path) -> Iterator[None]:
    """The process dies before this change of the folder, counted from 1."""
    changes = 0

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **more: Any) -> Any:
            if not any(isinstance(one, Path) and folder in one.parents for one in arguments):
                return real(*arguments, **more)
            nonlocal changes
            changes += 1
            if changes >= change:  # nor does anything that would tidy up
                raise Killed
            return real(*arguments, **more)

        return do

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in WRITING:
            patch.setattr(owner, name, dying(getattr(owner, name)))
        yield


def disagreement(out: Path) -> str:
    """A file that is not as the manifest lists it, or that no manifest lists; nothing where all is well."""
    there = {str(path.relative_to(out)) for kind in ROOMS for path in out.glob(f"{kind}/[!.]*")}
    if not (out / MANIFEST).exists():
        return min(there, default="")
    students = json.loads((out / MANIFEST).read_text())["students"]
    listed = {path: found for student in students for path, found in student["files"].items()}
    wrong = [path for path, found in listed.items() if path not in there or digest((out / path).read_bytes()) != found]
    return min(wrong, default="") or min(there - listed.keys(), default="")


def test_another_seed_killed_before_every_change(course: Course, tmp_path: Path) -> None:
    """A folder without a journal holds what its manifest lists and nothing else; and the next run completes it."""
    course.enrol("a", "b", "d")
    shutil.copytree(course.out, tmp_path / "before")
    assert run(course, "--force", seed=8).exit_code == 0  # from now on, the cache has it
    said, change, died = 0, 0, True
    while died:
        shutil.rmtree(course.out)
        shutil.copytree(tmp_path / "before", course.out)
        change += 1
        with killed_before(change, course.out):
            died = dies(course, "--force", seed=8)
        if not (course.out / JOURNAL).exists():
            assert disagreement(course.out) == ""
        elif died and disagreement(course.out):
            said += 1
            if said % 5 == 1:
                done = run(course, seed=8)  # without --force: it goes on
                assert done.exit_code == 0 and "is under way or was interrupted (sheet 3 of ML, seed 8" in done.output
                assert disagreement(course.out) == ""
                assert not (course.out / JOURNAL).exists()
                assert len(list(course.out.glob("earlier-*/*/c.en.pdf"))) == 2
                assert not list(course.out.rglob(".*"))
    assert said > 10  # else nothing was tried
    assert disagreement(course.out) == "" and not (course.out / JOURNAL).exists()


def interrupted(course: Course, after: int, monkeypatch: pytest.MonkeyPatch, *more: str, seed: int = 7) -> None:
    """A build that is interrupted after so many files."""
    written: list[Path] = []

    def write(path: Path, content: bytes) -> None:
        if len(written) == after:
            raise Killed
        files.write_whole(path, content)
        written.append(path)

    with monkeypatch.context() as patch:
        patch.setattr(batch, "write_whole", write)
        assert dies(course, *more, seed=seed)


def test_whose_files_are_of_another_seed_is_told(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """By `solutions`, of those who are asked for, and by the next build; either identity may go on, no third one."""
    interrupted(course, 2, monkeypatch, "--force", seed=8)
    journal = json.loads((course.out / JOURNAL).read_text())
    assert set(journal["making"]) == {"a", "b", "c"} and journal["identity"]["seed"] == 8
    told = "these students' files there are not those that manifest.json lists: a"
    assert told in restore(course).output
    again = restore(course, "--only", "b")
    assert again.exit_code == 0 and "is under way or was interrupted" in again.output and told not in again.output
    refused = run(course, seed=9)
    assert isinstance(refused.exception, InputError) and "holds the record of another build" in str(refused.exception)
    assert told in run(course, seed=7).output
    assert disagreement(course.out) == "" and not (course.out / JOURNAL).exists()
    assert course.old() == []


def test_a_first_build_that_was_interrupted_is_the_folders_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one is refused; by force, the files that no record lists are put aside."""
    course = Course(tmp_path)
    interrupted(course, 3, monkeypatch)
    refused = run(course, seed=8)
    assert isinstance(refused.exception, InputError)
    assert "holds another build that has not come to its end (sheet 3 of ML, seed 7" in str(refused.exception)
    course.enrol("c", "d")
    done = run(course, "--force", seed=8)
    assert done.exit_code == 0 and "there is no record yet of a, b, c" in done.output
    assert disagreement(course.out) == "" and course.ids() == ["c", "d"]
    aside = sorted(path.name for path in course.out.glob("earlier-*/*/*"))
    assert aside == ["a.en.pdf", "a.en.pdf", "b.en.pdf"]


def test_one_student_of_an_interrupted_build(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--only` makes the one; who still disagrees is named, with exit code 1, until the class was built."""
    interrupted(course, 4, monkeypatch, "--force", seed=8)
    done = run(course, "--only", "a")
    assert done.exit_code == 1
    assert "failed: student 'b': not in" in done.output and "student 'a'" not in done.output
    assert set(json.loads((course.out / JOURNAL).read_text())["making"]) == {"b"}
    assert run(course).exit_code == 0
    assert disagreement(course.out) == "" and not (course.out / JOURNAL).exists()


def test_what_changes_nothing_leaves_no_journal(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that stops before its first file changes."""
    course.write(title="Another title")
    monkeypatch.setattr(batch, "_drawn", lambda *_: (_ for _ in ()).throw(Killed()))
    assert dies(course)
    assert not (course.out / JOURNAL).exists() and disagreement(course.out) == ""


def test_a_folder_that_is_deleted_while_it_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named; the exit code is 1; the folder says so until the next build."""
    course, real = Course(tmp_path), files.write_whole

    def write(path: Path, content: bytes) -> None:
        if path.name == "b.en.pdf" and (course.out / "questions" / "a.en.pdf").exists():
            shutil.rmtree(course.out)
        real(path, content)

    monkeypatch.setattr(batch, "write_whole", write)
    done = run(course)
    assert done.exit_code == 1
    assert f"failed: student 'a': not in {course.out} as they were written: questions/a.en.pdf, " in done.output
    assert "student 'b'" not in done.output and "Traceback" not in done.output
    assert set(json.loads((course.out / JOURNAL).read_text())["making"]) == {"a"}
    monkeypatch.undo()
    assert run(course).exit_code == 0
    assert disagreement(course.out) == "" and not (course.out / JOURNAL).exists()


def test_solutions_that_vanish_are_named(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """There too."""
    real = files.write_whole

    def write(path: Path, content: bytes) -> None:
        real(path, content)
        if path.name == "b.en.pdf":
            path.unlink()

    monkeypatch.setattr(batch, "write_whole", write)
    done = restore(course)
    assert done.exit_code == 1 and "student 'b': not in" in done.output and "student 'a'" not in done.output


def test_a_damaged_journal_is_told(course: Course) -> None:
    """`solutions` goes on; a build asks for --force."""
    (course.out / JOURNAL).write_text('{"making": {"a": ["../../x.pdf"]}}')
    assert f"warning: the state of the folder, {course.out / JOURNAL}, is damaged" in restore(course).output
    refused = run(course)
    assert isinstance(refused.exception, InputError) and "put it aside with --force" in str(refused.exception)
    assert run(course, "--force").exit_code == 0 and not (course.out / JOURNAL).exists()


def test_what_an_unreadable_record_listed_is_put_aside(course: Course) -> None:
    """By force: nobody knows whose files these were; what is not ours stays."""
    (course.out / MANIFEST).write_text("{")
    (course.out / "questions" / "notes.txt").write_text("mine")
    course.enrol("a²", "b")
    assert run(course, "--force").exit_code == 0
    assert {path.name for path in course.out.glob("earlier-*/*/*")} == {"a.en.pdf", "c.en.pdf"}
    (course.out / "questions" / "notes.txt").unlink()
    assert disagreement(course.out) == "" and course.ids() == ["a²", "b"]


@pytest.mark.parametrize("path", ["../x.pdf", "questions/../../x.pdf", "/etc/passwd", "questions/..", "manifest.json"])
def test_a_journal_moves_nothing_but_sheets(course: Course, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Somebody may have edited it."""
    interrupted(course, 1, monkeypatch, "--force", seed=8)
    journal = json.loads((course.out / JOURNAL).read_text())
    (course.out / JOURNAL).write_text(json.dumps({**journal, "earlier": [path]}))
    assert "is damaged" in str(run(course).exception)


def test_two_at_once_are_refused_with_the_name_of_the_first(course: Course) -> None:
    """By exit code 2, in one line, and nothing changes; `solutions` too."""
    before = (course.out / MANIFEST).read_bytes()
    with alone_in(course.out) as warning:
        assert warning == ""
        for command in (
            ["build", course.folder / "sheet.toml", "--seed", 7, "--roster", course.folder / "class.csv", "--force"],
            ["solutions", course.out / MANIFEST],
        ):
            arguments = [sys.executable, "cli.py", *map(str, command), "--out", str(course.out)]
            done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
            assert done.returncode == 2
            (line,) = (one for one in done.stderr.splitlines() if not one.startswith(("warning: ", "class list ")))
            start = f"blattwerk: another build is writing into {course.out} (process {os.getpid()} on "
            assert line.startswith(start) and " since 2" in line and "; wait for its end, or build into " in line
    assert (course.out / MANIFEST).read_bytes() == before
    assert run(course).exit_code == 0
    assert not (course.out / LOCK).exists()


HOLDING = "import sys, time; from pathlib import Path; from blattwerk.build.store.journal import alone_in\n" + (
    "with alone_in(Path(sys.argv[1])):\n print('there', flush=True)\n time.sleep(60)"
)


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    """Killed, it has left the file; what it had begun to write goes."""
    with subprocess.Popen([sys.executable, "-c", HOLDING, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"there\n"
        try:
            with pytest.raises(InputError, match=rf"process {other.pid} on "), alone_in(tmp_path):
                pass
        finally:
            other.send_signal(signal.SIGKILL)
    (tmp_path / "questions").mkdir()
    part = tmp_path / "questions" / f".{'0' * 16}.part"
    part.write_text("x")
    assert (tmp_path / LOCK).exists()
    with alone_in(tmp_path):
        assert f"process {os.getpid()} on " in (tmp_path / LOCK).read_text()
        assert not part.exists()
    assert list(tmp_path.iterdir()) == [tmp_path / "questions"]


def test_a_drive_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And stops nothing."""

    def none(handle: int, what: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(files.fcntl, "flock", none)
    with alone_in(tmp_path) as warning:
        assert warning.startswith(f"the drive of {tmp_path} has no locks; see to it that")
    assert list(tmp_path.iterdir()) == []


def test_solutions_have_a_folder_of_their_own(course: Course, tmp_path: Path) -> None:
    """Not that of a build, nor that of another build's solutions."""
    refused = restore(course, out="out")
    assert isinstance(refused.exception, InputError) and "holds a build (manifest.json)" in str(refused.exception)
    assert restore(course).exit_code == restore(course, "--only", "b").exit_code == 0
    other = Course(tmp_path / "other") if (tmp_path / "other").mkdir() is None else course
    other.build(seed=8)
    refused = restore(other, out="../again")
    assert isinstance(refused.exception, InputError)
    assert "holds the solutions of another build (sheet 3 of ML, seed 7" in str(refused.exception)
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == ["solutions", SOLUTIONS]
    other.out = tmp_path / "again"
    refused = run(other, "--force")
    assert isinstance(refused.exception, InputError) and "holds solutions that were made again" in str(
        refused.exception
    )
