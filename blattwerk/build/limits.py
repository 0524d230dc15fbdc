"""A limit of time for what a topic's code does: a draw without an end is one student's trouble, and not a class's.

In the main thread of a process the system's alarm stops it, also where it sleeps or waits; in another thread (of Dask's
workers) it is stopped between two instructions of Python. A single call into a library that never comes back, a power
with a billion digits, cannot be stopped by either.
"""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from blattwerk.errors import InputError

SECONDS = 120.0
VARIABLE = "BLATTWERK_SECONDS"
_AGAIN = 1.0  # seconds; what is stopped may have swallowed the first call

_here = threading.local()


class TimeUp(BaseException):
    """It took too long. No Exception: a topic that catches all of those is stopped too."""


def seconds() -> float:
    """How long one step of one student's exercise may take; raises InputError for a setting that is no such number."""
    said = os.environ.get(VARIABLE, "")
    try:
        limit = float(said or SECONDS)
    except ValueError:
        limit = 0.0
    if not 0 < limit < 1e6:  # not a number is not either
        raise InputError(f"{VARIABLE} is {said!r}; it is a number of seconds above 0, {SECONDS:g} if it is not set")
    return limit


@contextmanager
def within(limit: float) -> Iterator[None]:
    """Raise TimeUp in here after so many seconds; where a limit holds already, that one alone."""
    if getattr(_here, "limited", False):
        yield
        return
    in_main = threading.current_thread() is threading.main_thread()
    _here.limited = True
    try:
        with _alarm(limit) if in_main else _call(limit):
            yield
    except TimeUp as end:
        end.args = (f"it did not end within {limit:g} s and was stopped ({VARIABLE} sets the limit)",)
        raise
    finally:
        _here.limited = False


@contextmanager
def _alarm(limit: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, limit, _AGAIN)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _call(limit: float) -> Iterator[None]:
    thread, over, lock = threading.get_ident(), threading.Event(), threading.Lock()
    called = threading.Event()

    def watch() -> None:
        wait = limit
        while not over.wait(wait):
            with lock:
                if not over.is_set():
                    called.set()
                    _raise_in(thread)
            wait = _AGAIN

    threading.Thread(target=watch, name="limit", daemon=True).start()
    try:
        yield
    finally:
        with lock:
            over.set()
        if called.is_set():
            _take_in()


def _raise_in(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TimeUp))


def _take_in() -> None:
    """Let a call that has not arrived yet arrive here.

    To take it back, with NULL, would leave Python 3.11 looking for it at every step: slow, and under a tracer for ever.
    """
    try:
        _raise_in(threading.get_ident())  # there is room for one; so it does not matter whether the last one arrived
        while True:
            time.sleep(0)
    except TimeUp:
        return
