"""The fence around TeX: what a run may touch, held by the operating system wherever it offers that without privileges.

On Linux that is Landlock: a thread of ours gives up its own rights, for ever, and starts TeX, which inherits what is
left and cannot get more back. Where the kernel has no Landlock, bubblewrap does the same if it is installed and may
work. Elsewhere (macOS) there is no such fence: TeX's own rules and the Lua of the preamble are all there is, which
`doctor` says. A fence that is offered and cannot be put up stops the run.

Nobody needs to restrict themselves between fork and exec for this, which is not safe in a process with threads, and
no second program has to start before TeX does.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from blattwerk.build.lifeline import guarded
from blattwerk.errors import FenceFailure

if TYPE_CHECKING:  # it exists on Linux only
    from landlockpy import Ruleset

Process = subprocess.Popen[bytes]

# What a program needs before it is TeX: libraries, the loader's list of them, the locale, the clock's zone.
LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib")
STORES = ("/nix/store", "/gnu/store")  # where whole systems lie in one folder that everybody may read
SMALL_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/dev/urandom")
SHARED = ("/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/fonts", "/usr/local/share/fonts")
LOADERS = ("/lib*/ld-linux*.so*", "/lib*/ld-musl*.so*", "/lib/*/ld-linux*.so*", "/usr/lib*/ld-linux*.so*")
# TeX's trees, by the names under which kpsewhich knows them; not those in somebody's home.
TREES = ("TEXMFDIST", "TEXMFMAIN", "TEXMFLOCAL", "TEXMFDEBIAN", "TEXMFSYSVAR", "TEXMFSYSCONFIG", "TEXMFCNF")
SHELL = "/bin/sh"


@dataclass(frozen=True)
class Fence:
    """What holds TeX on this machine: by which means, in words, and what would make it better where it is weak."""

    kind: Literal["landlock", "bubblewrap", "lua"]
    words: str
    remedy: str = ""


@dataclass(frozen=True)
class Allowed:
    """All that a run of TeX may touch: folders and files to read, programs to start, and its own folder."""

    folder: str
    readable: tuple[str, ...]
    programs: tuple[str, ...]


@contextmanager
def fenced(command: list[str], program: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Process]:
    """A command that starts this program of TeX, running in its folder behind the fence; leaving the block ends it.

    It reads what TeX is made of, and writes in its own folder only.
    Raises FenceFailure where the fence that this machine offers cannot be put up.
    """
    allowed = _allowed(program, folder)
    kind = standing().kind
    rules = _ruleset(allowed) if kind == "landlock" else None
    full = [*_bubblewrap(allowed), *command] if kind == "bubblewrap" else command

    with guarded(full) as (watched, lifeline):

        def start() -> Process:
            return subprocess.Popen(
                watched,
                cwd=folder,
                env=dict(environment),
                stdin=lifeline,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        with _started(start, rules) as process:
            yield process


@contextmanager
def _started(start: Callable[[], Process], rules: Ruleset | None) -> Iterator[Process]:
    """What `start` starts in a thread that has taken on these rules; it lives as long as the thread.

    The thread waits with its process: to some parts of a system it is the parent, not the whole of ours.
    """
    born: Future[Process] = Future()
    over = threading.Event()

    def live() -> None:
        try:
            if rules:
                _take_on(rules)
            born.set_result(start())
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that waits, whatever it is
            born.set_exception(error)
        over.wait()

    thread = threading.Thread(target=live, name="fenced", daemon=True)
    thread.start()
    try:
        yield born.result()
    finally:  # also if we were interrupted while it started
        over.set()
        thread.join()
        if not born.exception():
            _end(born.result())


def _end(process: Process) -> None:
    """Too slow, or we were interrupted: TeX goes with us."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@cache
def standing() -> Fence:
    """The best fence that this machine offers."""
    version, reason = _landlock()
    if version:
        net = "no TCP" if version >= 4 else "the network is not fenced before version 4"
        return Fence("landlock", f"Landlock (version {version}): TeX reads its own trees, writes in its folder, {net}")
    if (program := shutil.which("bwrap")) and _bubblewrap_works(program):
        return Fence("bubblewrap", f"bubblewrap: TeX sees its own trees and its folder, no network ({reason})")
    weak = f"by Lua and TeX's own rules only, not by the operating system ({reason}); see docs/security.md"
    linux = sys.platform == "linux"
    why = "bubblewrap may not work here" if shutil.which("bwrap") else "apt-get install bubblewrap"
    return Fence("lua", weak, f"a kernel with Landlock (5.13 or newer), or bubblewrap ({why})" if linux else "")


def _landlock() -> tuple[int, str]:
    """The version of Landlock, or 0 and why there is none.

    Raises FenceFailure where the library that asks for it is missing.
    """
    if sys.platform != "linux":
        return 0, f"Landlock is Linux's, this is {sys.platform}"
    try:
        from landlockpy import LandlockError, abi_version
    except ImportError as error:
        remedy = f"{sys.executable} -m pip install landlockpy"
        raise FenceFailure(f"the fence around TeX needs landlockpy, which is not installed: {remedy}") from error
    try:
        version = abi_version()
    except LandlockError as error:  # a container that forbids the very question
        return 0, f"Landlock is forbidden here: {error.strerror}"
    return version, "" if version else "the kernel has no Landlock"


def _allowed(program: str, folder: Path) -> Allowed:
    programs = {path for name in (program, SHELL, *_loaders()) for path in (name, os.path.realpath(name))}
    return Allowed(
        os.path.realpath(folder), tuple(sorted(filter(os.path.exists, trees(program)))), tuple(sorted(programs))
    )


@cache
def _loaders() -> tuple[str, ...]:
    """What the kernel starts in order to start a program."""
    return tuple(str(path) for pattern in LOADERS for path in Path("/").glob(pattern.lstrip("/")))


@cache
def trees(program: str) -> tuple[str, ...]:
    """The folders and files that TeX is made of: those that kpsewhich names, and the system's libraries and fonts."""
    asked = "|".join(f"${name}" for name in TREES)
    kpsewhich = shutil.which("kpsewhich", path=f"{Path(program).parent}:{os.environ.get('PATH', '')}")
    told = ""
    if kpsewhich:
        bare = {"PATH": f"{Path(kpsewhich).parent}:/usr/bin:/bin", "HOME": "/nonexistent"}
        told = subprocess.run(
            [kpsewhich, f"-expand-var={asked}"], capture_output=True, text=True, env=bare, check=False
        ).stdout
    found = {part for part in told.strip().replace("|", ":").split(":") if part.startswith("/")}
    return tuple(sorted(found | {*LIBRARIES, *STORES, *SMALL_FILES, *SHARED}))


def _ruleset(allowed: Allowed) -> Ruleset:
    """Everything that Landlock knows is forbidden, on the disk, over TCP and between processes, but what is allowed."""
    from landlockpy import AccessFS, Ruleset, Scope

    read, run = AccessFS.READ_FILE, AccessFS.EXECUTE
    write = AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.MAKE_REG | AccessFS.REMOVE_FILE
    own = read | AccessFS.READ_DIR | write | AccessFS.MAKE_DIR | AccessFS.REMOVE_DIR
    try:
        rules = Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL)
        for path in allowed.readable:
            rules.allow_path(path, read | AccessFS.READ_DIR if os.path.isdir(path) else read)
        for path in filter(os.path.exists, STORES):
            rules.allow_path(path, read | AccessFS.READ_DIR | run)
        for path in allowed.programs:
            rules.allow_path(path, read | run)
        rules.allow_path(os.devnull, read | AccessFS.WRITE_FILE)
        rules.allow_path(allowed.folder, own)
    except OSError as error:
        raise _not_put_up(error) from error
    return rules


def _take_on(rules: Ruleset) -> None:
    """From here on, this thread and what it starts have no other rights."""
    try:
        with rules:
            rules.restrict()
    except OSError as error:
        raise _not_put_up(error) from error


def _not_put_up(error: OSError) -> FenceFailure:
    what = f" of {error.filename}" if error.filename else ""
    return FenceFailure(
        f"the fence around TeX could not be put up with Landlock{what}: {error.strerror}; TeX is not run without it"
    )


def _bubblewrap(allowed: Allowed) -> list[str]:
    """The start of a command that sees nothing of this machine but what is allowed."""
    folders = [place for place in allowed.readable if not place.startswith("/dev/")]
    single = [path for path in allowed.programs if not path.startswith(tuple(f"{folder}/" for folder in folders))]
    shown = [word for place in (*folders, *single) for word in ("--ro-bind", place, place)]
    alone = ["--unshare-all", "--die-with-parent", "--dev", "/dev"]
    own = ["--bind", allowed.folder, allowed.folder, "--chdir", allowed.folder]
    return [shutil.which("bwrap") or "bwrap", *alone, *shown, *own, "--"]


def _bubblewrap_works(program: str) -> bool:
    """Whether bubblewrap may make the namespaces that it needs; some systems forbid it."""
    tried = [program, "--unshare-all", "--ro-bind", "/", "/", SHELL, "-c", ":"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0
