"""Where the work is done: processes of this machine, or a Dask cluster."""

import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal, ParamSpec, TypeVar

from blattwerk.build.libraries import command_for
from blattwerk.build.lifeline import MAIN_PROCESS, end_with_main
from blattwerk.build.order.catalogue import look_into
from blattwerk.build.order.pages import looked_into
from blattwerk.errors import InputError, WorkerLost

# Imported once by the server from which the workers are forked, while the main process reads its files: for sheets of
# many topics all that these may need, for the demands on a single topic only what is always needed.
SHEETS = ("blattwerk.build.served", "blattwerk.build.make", "blattwerk.build.preload")
ONE_TOPIC = ("blattwerk.build.served", "blattwerk.build.check.check")

P = ParamSpec("P")
T = TypeVar("T")


def prepare(preloaded: Sequence[str] = SHEETS) -> None:
    """Start loading the workers' libraries beside the main process, where the system can fork."""
    if _method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload(list(preloaded))
        try:
            with _environment(), _not_interrupted():
                forkserver.ensure_running()
        except OSError as error:  # the name of its socket may have a hundred characters
            where = tempfile.gettempdir()
            raise InputError(
                f"workers cannot meet in {where} ({error}); set TMPDIR to a folder with a short name"
            ) from error


@contextmanager
def _not_interrupted() -> Iterator[None]:
    """Ctrl-C waits, for us and for a process that is started in here; that one asks for it no more (`served`)."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def _environment() -> Iterator[None]:
    """For a Python that is started in here: it imports from where we do, and from nowhere else, and knows its parent.

    By itself it would look into the current folder first, where a folder of any name may lie.
    """
    ours = {
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
        "PYTHONSAFEPATH": "1",
        MAIN_PROCESS: str(os.getpid()),
        # Where we are ended, Python's own process for semaphores tidies up after us, which is nobody's concern.
        "PYTHONWARNINGS": ",".join(filter(None, (os.environ.get("PYTHONWARNINGS"), "ignore:resource_tracker"))),
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _method() -> Literal["forkserver", "spawn"]:
    """How processes are started on this system."""
    return "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


class Pool(ProcessPoolExecutor):
    """Processes of this machine."""

    def __init__(self, count: int, preloaded: Sequence[str] = SHEETS) -> None:
        self._preloaded = preloaded
        context = multiprocessing.get_context(_method())
        super().__init__(count, mp_context=context, initializer=_begin, initargs=(looked_into(),))

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have something done. The first to be done starts what the workers are forked from, if nothing has before."""
        prepare(self._preloaded)
        return super().submit(fn, *args, **kwargs)


@contextmanager
def processes(jobs: int, tasks: int, preloaded: Sequence[str] = SHEETS) -> Iterator[Executor | None]:
    """A pool of processes, or None where one process does all the work. Whatever goes wrong, no worker is left.

    `jobs` is their number, or 0 for one a core; there are never more than tasks.
    """
    count = min(jobs or multiprocessing.cpu_count(), tasks)
    if count <= 1:
        yield None
        return
    pool = Pool(count, preloaded)
    try:
        yield pool
    except BrokenExecutor as error:
        _shut_down(pool)
        raise WorkerLost(
            "a worker process was killed, perhaps because memory ran out; the files written so far are whole, and the "
            "next run goes on from there (fewer workers take less memory: --jobs)"
        ) from error
    except BaseException:
        _shut_down(pool)
        raise
    pool.shutdown()


def _shut_down(pool: Pool) -> None:
    pool.shutdown(wait=False, cancel_futures=True)
    _end(multiprocessing.active_children())


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The executor of a Dask cluster. Its results are bytes, and are never kept or shared between calls."""
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(f"--dask needs Dask; install it with: {command_for('distributed')}") from error
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise InputError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        if topics := looked_into():
            client.run(look_into, *topics)
        yield client.get_executor(pure=False, retries=2)


def _begin(topics: tuple[Path, ...]) -> None:
    """A worker leaves the keyboard to the main process, ends in order when it is told to, and never outlives it.

    It knows the topics that the user has named.
    """
    end_with_main()
    look_into(*topics)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, _leave)


def _leave(*_: object) -> None:
    """End what is under way; told again, end at once, because the pool catches the first exit and waits for work."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    sys.exit(1)


def _end(workers: list[BaseProcess]) -> None:
    """Ask the workers to end, so that they take their TeX along; whoever is still there then is killed."""
    for patience in (0.4, 0.3):
        for worker in workers:
            worker.terminate()
        deadline = time.monotonic() + patience
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
    for worker in workers:
        worker.kill()
