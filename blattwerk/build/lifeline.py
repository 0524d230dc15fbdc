"""No process of ours outlives the one that started it, whatever ended that one.

A program (TeX, Jupyter's kernel) is started beside a shell that reads from a pipe whose other end only we hold. When we
are gone, however we went, the system closes that end, the shell reads no more, and it kills the program with all that
it has started. Our own processes: on Linux, the system kills each with the one that started it; and everywhere, a
worker has a thread that waits for the end of the main process.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection, parent_process
from threading import Thread

# The pipe comes as standard input. The shell that waits is of the program's process group, which it kills, itself too.
_GUARDED = 'exec 3<&0; (read -r nothing; kill -9 0) <&3 >/dev/null 2>&1 & exec "$@" </dev/null 3<&-'
MAIN_PROCESS = "BLATTWERK_MAIN_PROCESS"  # its number, in the environment of the server of workers
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


@contextmanager
def guarded(command: Sequence[str]) -> Iterator[tuple[list[str], int]]:
    """The command that ends with us, and what is to be its standard input; it is to lead a session of its own.

    Whatever it has left behind is killed when the context is left.
    """
    reading, writing = os.pipe()  # neither is inherited by what is started without them
    try:
        yield ["/bin/sh", "-c", _GUARDED, "sh", *command], reading
    finally:
        os.close(writing)
        os.close(reading)


def end_with_parent(parent: int) -> None:
    """Tie this process to the one with this number, which started it: on Linux, it is killed together with that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has gone already
        os._exit(1)


def end_with_main() -> None:
    """Tie a worker to the main process, which need not be the one that it was forked from."""
    main = parent_process()
    if main is not None:
        Thread(target=_wait, args=(main.sentinel,), name="lifeline", daemon=True).start()


def _wait(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
