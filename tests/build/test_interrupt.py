"""Stopped at any moment: whole files only, no process and no sheet left behind, and the next run goes on from there."""

import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest

from blattwerk.build import files, lifeline
from blattwerk.build.store.folder import MANIFEST
from blattwerk.build.store.journal import JOURNAL
from tests.build.store.test_journal import disagreement

ROOT = Path(__file__).parents[2]
STUDENTS = 24  # two workers make their chunks in two rounds; the first PDFs come after the first one
LONG = 240  # seconds, in which a class is built on the busiest machine: nothing here waits any longer


def wait_until(reached: Callable[[], bool], what: str, seconds: float = LONG) -> None:
    """Wait until something is so; fail, saying what was waited for, where it does not become so."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)  # to look at all processes costs more than to wait


def output(process: "subprocess.Popen[str]", seconds: float = LONG) -> tuple[str, str]:
    """What a process has printed when it and all who can print there have ended; fail where they do not end."""
    try:
        said, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        there = processes_of(process.pid)
        end_session(process)
        pytest.fail(
            f"waited {seconds} s in vain for the end of {there or process.args!r}; said so far: {error.stderr!r}"
        )
    return said or "", errors or ""


def end_session(process: "subprocess.Popen[str]") -> None:
    """End a process that leads a session, and those that it has started there."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """A build of a class that takes long enough to be interrupted."""
    roster = tmp_path / "class.csv"
    roster.write_text("id,name,email\n" + "".join(f"s{i},Student {i},s{i}@x.org\n" for i in range(STUDENTS)))
    sheet = tmp_path / "sheet.toml"
    sheet.write_text('[course]\ntitle="ML"\n[sheet]\ntitle="S"\n[[exercises]]\nid="kl_normal_1d"\n')
    arguments = ["build", str(sheet), "--seed", "1", "--roster", str(roster), "--out", str(tmp_path / "out")]
    return [sys.executable, "cli.py", *arguments, "--jobs", "2"]


@pytest.fixture
def started(command: list[str], tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """The command under way, with a cache of its own, in a session of its own; its first files are there."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_listening,
    )
    try:
        wait_until(lambda: process.poll() is not None or any((tmp_path / "out").rglob("*.pdf")), "the first PDF")
        assert process.poll() is None, output(process)
        yield process
    finally:
        end_session(process)


def _listening() -> None:
    """A shell may start background processes with Ctrl-C ignored; a user's terminal does not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def processes_of(session: int) -> list[str]:
    """The command lines of all living processes of a session, from /proc (a minimal Debian has no ps)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, sid = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(sid) == session and state != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
    return found


def whole_pdfs(folder: Path) -> int:
    """How many PDFs of students there are; each one opens, and so do those of the class."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    for path in paths:
        assert path.suffix in (".pdf", ".json", ".csv")
        if path.suffix == ".pdf":
            pikepdf.open(path).close()
    return sum(path.suffix == ".pdf" and path.parent.name != "key" for path in paths)


def test_ctrl_c_stops_within_two_seconds(started: "subprocess.Popen[str]", tmp_path: Path) -> None:
    """The main process and its workers; the message has no traceback."""
    before = time.monotonic()
    os.kill(started.pid, signal.SIGINT)
    _, errors = output(started, 20)
    assert time.monotonic() - before < 2
    assert started.returncode == 130
    assert "interrupted; the files written so far are whole" in errors
    assert "Traceback" not in errors
    time.sleep(0.5)
    assert processes_of(started.pid) == []
    assert 0 < whole_pdfs(tmp_path / "out") < 4 * STUDENTS


def test_after_a_kill_the_next_run_goes_on(
    started: "subprocess.Popen[str]", command: list[str], tmp_path: Path
) -> None:
    """SIGKILL of the whole group: what is there is whole, and the next run completes it without making it again."""
    os.killpg(started.pid, signal.SIGKILL)
    output(started, 20)
    there = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("[qs]*/*.pdf")}
    assert 0 < whole_pdfs(tmp_path / "out") < 4 * STUDENTS
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=LONG)
    assert done.returncode == 0, done.stderr
    assert "is under way or was interrupted" in done.stderr  # the folder says so
    assert not (tmp_path / "out" / JOURNAL).exists()
    assert whole_pdfs(tmp_path / "out") == 4 * STUDENTS
    kept = sum(path.stat().st_mtime_ns == time_ for path, time_ in there.items())
    assert kept >= len(there) - 4  # the student being written when the kill came may be made again


@dataclass(frozen=True)
class Main:
    """The main process of a build, with a session, a temporary folder and a cache of its own."""

    process: "subprocess.Popen[str]"
    temporary: Path

    def family(self) -> dict[int, str]:
        """The living processes that it has started, by number.

        Those of its session, and those that work in its folders: TeX and kernels have sessions of their own.
        """
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
                ours = int(session) == self.process.pid or (folder / "cwd").readlink().is_relative_to(self.temporary)
                if ours and state != "Z" and int(folder.name) != self.process.pid:
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue  # it ended while we looked
        return found

    def wait_for(self, reached: "Callable[[Main], bool]", what: str = "a certain moment") -> bool:
        """Wait until something is so; whether it was before the end."""
        wait_until(lambda: self.process.poll() is not None or reached(self), f"{what} in {self.process.args!r}")
        return self.process.poll() is None

    def listens(self) -> bool:
        """Whether our own code runs already: then SIGTERM is caught."""
        caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{self.process.pid}/status").read_text())
        return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)

    @property
    def out(self) -> Path:
        """The output folder, which its command line ends with."""
        return Path(self.process.args[-1])  # type: ignore[index]

    def files_come(self) -> bool:
        """Whether the output folder has begun to change."""
        return (self.out / JOURNAL).exists()

    def end_alone(self, sign: signal.Signals) -> tuple[float, str]:
        """Send the signal to the main process, and to no other; the seconds until it ended, and what it said."""
        before = time.monotonic()
        os.kill(self.process.pid, sign)
        self.process.wait(timeout=30)
        seconds = time.monotonic() - before
        while self.family() and time.monotonic() < before + seconds + 2:
            time.sleep(0.02)
        assert self.family() == {}, "outlived the main process by two seconds"
        _, said = output(self.process, 20)
        return seconds, said


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Main]]:
    """Start a build of a class, whose sheet has notebooks if that is asked for."""
    begun: list[Main] = []
    temporary = Path(tempfile.mkdtemp(prefix="bw-", dir="/tmp"))  # the names of sockets must be short

    def starting(students: int = STUDENTS, notebooks: bool = False) -> Main:
        roster, sheet = tmp_path / "class.csv", tmp_path / "sheet.toml"
        roster.write_text("id,name,email\n" + "".join(f"s{i},Student {i},s{i}@x.org\n" for i in range(students)))
        exercise = 'id="inpainting"\nnotebook=true\n' if notebooks else 'id="kl_normal_1d"\n'
        sheet.write_text(f'[course]\ntitle="ML"\n[sheet]\ntitle="S"\n[[exercises]]\n{exercise}')
        arguments = ["build", str(sheet), "--seed", "1", "--roster", str(roster), "--lang", "en", "--jobs", "2"]
        out = tmp_path / f"out-{len(begun)}"
        process = subprocess.Popen(
            [sys.executable, "cli.py", *arguments, "--out", str(out)],
            cwd=ROOT,
            env={**os.environ, "XDG_CACHE_HOME": f"{out}-cache", "TMPDIR": str(temporary)},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_listening,
        )
        begun.append(Main(process, temporary))
        return begun[-1]

    yield starting
    for main in begun:
        end_session(main.process)
    shutil.rmtree(temporary)


def at_work(program: str) -> Callable[[Main], bool]:
    """A process of this name is there."""
    return lambda main: any(program in command for command in main.family().values())


# What is said before the signal comes.
BEFORE = ("warning: there is no secret", "class list ", "Matplotlib is building the font cache")
LOADING, TEX, KERNEL = at_work("forkserver"), at_work("pdflatex"), at_work("ipykernel_launcher")


def sheets_in(folder: Path) -> list[Path]:
    """What is left in a temporary folder, but for the empty places of sockets."""
    return [path for path in folder.rglob("*") if path.is_file()]


def swept(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What is left there when the next build has begun."""
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    files.sweep()
    return sheets_in(temporary)


def check_ending(main: Main, sign: signal.Signals) -> float:
    """Stop it: what is left, what it says, how long it takes, in seconds."""
    seconds, said = main.end_alone(sign)
    if sign == signal.SIGKILL or main.process.returncode == 0:  # it had done all before the signal came
        return seconds
    assert seconds < 2
    assert main.process.returncode == 128 + sign
    (line,) = [line for line in said.splitlines() if line and not line.startswith(BEFORE)]
    assert line.startswith("blattwerk: interrupted")
    assert sheets_in(main.temporary) == []
    return seconds


@pytest.mark.parametrize(
    ("sign", "moment"),
    [
        (signal.SIGKILL, LOADING),
        (signal.SIGKILL, TEX),
        (signal.SIGTERM, TEX),
        (signal.SIGINT, LOADING),
        (signal.SIGHUP, LOADING),
    ],
)
def test_nothing_outlives_the_main_process(
    sign: signal.Signals, moment: Callable[[Main], bool], start: Callable[..., Main], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It alone gets the signal; no worker, no TeX is left, nor a sheet when the next build begins."""
    main = start()
    assert main.wait_for(moment, "a process of that name"), output(main.process)
    check_ending(main, sign)
    assert swept(main.temporary, monkeypatch) == []


@pytest.mark.long
def test_nothing_outlives_the_main_process_at_sixty_random_moments(
    start: Callable[..., Main], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first line of our code to the last, every second one while files come; every third class has notebooks.

    What each ending took, and what the folder then held, is printed (`pytest -s`).
    """
    dice, took, stopped = random.Random(60), {}, 0
    for notebooks in (False, True):
        began, main = time.monotonic(), start(2 if notebooks else 12, notebooks)
        assert main.wait_for(Main.files_come, "the first file"), output(main.process)
        first = time.monotonic()
        output(main.process)
        took[notebooks] = time.monotonic() - began, time.monotonic() - first
    for _ in range(300):
        if stopped == 60:
            break
        notebooks, late = stopped % 3 == 0, stopped % 2 == 1
        main = start(2 if notebooks else 12, notebooks)
        sign = dice.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
        if late:
            main.wait_for(Main.files_come, "the first file")
        moment = time.monotonic() + dice.uniform(0, took[notebooks][late])
        if main.wait_for(Main.listens) and main.wait_for(lambda _: time.monotonic() >= moment):  # noqa: B023
            seconds = check_ending(main, sign)
            assert swept(main.temporary, monkeypatch) == []
            assert (main.out / JOURNAL).exists() or disagreement(main.out) == ""
            stopped += 1
            print(
                stopped, sign.name, "notebooks" if notebooks else "", f"{seconds:.2f} s", _state(main.out), flush=True
            )
    assert stopped == 60, f"only {stopped} of 300 builds could be stopped before their end"


def _state(out: Path) -> str:
    there = [name for name in (JOURNAL, MANIFEST) if (out / name).exists()]
    return f"{len(list(out.rglob('*.pdf')))} PDFs, {' and '.join(there) or 'no record'}"


@pytest.mark.long
def test_no_kernel_outlives_the_main_process(start: Callable[..., Main], monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while notebooks are executed."""
    main = start(2, notebooks=True)
    assert main.wait_for(KERNEL, "a kernel")
    check_ending(main, signal.SIGKILL)
    assert swept(main.temporary, monkeypatch) == []


SPAWNING = """
import time
from blattwerk.build import workers

workers._method = lambda: "spawn"
if __name__ == "__main__":
    with workers.processes(2, 2) as pool:
        list(pool.map(abs, range(4)))
        pool.submit(time.sleep, 60)
        print("there", flush=True)
        time.sleep(60)
"""


def test_where_workers_cannot_be_forked_they_end_with_the_main_process_too(tmp_path: Path) -> None:
    """There, a thread of each waits for that."""
    script = tmp_path / "spawning.py"
    script.write_text(SPAWNING)
    process = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    main = Main(process, tmp_path)
    try:
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], LONG)
        assert readable, f"waited {LONG} s in vain for two workers"
        assert process.stdout.readline() == "there\n"
        assert len(main.family()) >= 2
        main.end_alone(signal.SIGKILL)
    finally:
        end_session(process)


def test_a_program_ends_with_the_one_who_started_it(tmp_path: Path) -> None:
    """And with it whatever that program has started; nothing is left either when the context is left."""
    sleeps = ["/bin/sh", "-c", "sleep 60 & sleep 60"]
    with lifeline.guarded(sleeps) as (command, reading):
        process = subprocess.Popen(command, cwd=tmp_path, stdin=reading, start_new_session=True)
        main = Main(process, tmp_path)
        assert main.wait_for(lambda main: len(main.family()) == 3)  # two sleepers, and the one who waits
    process.wait(timeout=2)
    assert main.family() == {}


def test_the_folder_of_a_living_build_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what bears another name, nor a link; the folder of a dead build is."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "blattwerk-work-dead").mkdir()
    (tmp_path / "blattwerk-work-dead" / "sheet.pdf").write_text("x")
    (tmp_path / "blattwerk-mine").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "blattwerk-work-link").symlink_to(tmp_path / "elsewhere")
    with files.work_folder() as living:
        files.sweep()
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {living.name, "blattwerk-mine", "elsewhere", "blattwerk-work-link"}
    assert not living.exists()


def test_a_temporary_folder_whose_name_is_too_long_is_told(tmp_path: Path) -> None:
    """There workers cannot meet; one line says what to do."""
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    (tmp_path / "class.csv").write_text("id,name\na,A\nb,B\n")
    command = ["build", "--seed", "1", "--roster", str(tmp_path / "class.csv"), "--out", str(tmp_path / "out")]
    run = subprocess.run(
        [sys.executable, "cli.py", *command],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(deep)},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONG,
    )
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert line.startswith(f"blattwerk: workers cannot meet in {deep} (AF_UNIX path too long); set TMPDIR to a folder")


def parent_of(pid: int) -> int:
    """The parent of a process; 0 where it has ended meanwhile, as TeX does all the time."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def workers_at_tex(main: Main) -> list[int]:
    """The workers that have a run of TeX; in the end the main process has some of its own, for the keys."""
    family = main.family()
    parents = [parent_of(pid) for pid, command in family.items() if "pdflatex" in command]
    return [pid for pid in parents if "forkserver" in family.get(pid, "")]


def test_a_worker_that_is_killed_ends_the_build_with_one_line(start: Callable[..., Main]) -> None:
    """As the system does where memory runs out; it says what to do, and nothing is left."""
    main, workers = start(), list[int]()

    def at_tex(main: Main) -> bool:
        workers[:] = workers_at_tex(main)
        return bool(workers)

    assert main.wait_for(at_tex, "pdflatex of a worker")
    os.kill(workers[0], signal.SIGKILL)
    _, said = output(main.process)
    assert main.process.returncode == 1
    (line,) = [line for line in said.splitlines() if line and not line.startswith(BEFORE)]
    assert line.startswith("blattwerk: a worker process was killed, perhaps because memory ran out; the files written")
    time.sleep(0.5)
    assert main.family() == {}
