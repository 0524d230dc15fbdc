"""Ctrl-C, a kill, a closed terminal: one line, and the end within two seconds.

Between the signals' coming and work that has something to tidy up, we end at once. Work that has says so (`tidying`);
there, `Interrupted` is raised, and whoever does not come to an end is ended.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from threading import Timer
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 1.3  # seconds for tidying up

_tidying: list[str] = []  # what is told about the work under way


class Interrupted(BaseException):
    """A signal came. It is no KeyboardInterrupt, for which libraries have their own words."""

    def __init__(self, number: int, told: str = "") -> None:
        super().__init__(number, told)
        self.number, self.told = number, told


def listen() -> None:
    """From now on, signals end us in order; one that whoever started us has switched off (nohup, &) stays so."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _came)


@contextlib.contextmanager
def tidying(told: str = "") -> Iterator[None]:
    """In here, a signal raises Interrupted; `told` is what the user is told besides."""
    _tidying.append(told)
    try:
        yield
    finally:
        _tidying.pop()


def ignore() -> None:
    """From now on, signals are not for us."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _came(number: int, frame: object) -> None:
    ignore()  # one is enough
    if not _tidying:
        end(Interrupted(number))
    stop = Interrupted(number, next(filter(None, _tidying), ""))
    # A library in the midst of loading may swallow what is raised, and a tidying may hang.
    last = Timer(PATIENCE, end, (stop,))
    last.daemon = True
    last.start()
    raise stop


def end(stop: Interrupted) -> NoReturn:
    """Say it, and end: what we have started ends with us."""
    name = "" if stop.number == signal.SIGINT else f" by {signal.Signals(stop.number).name}"
    leave("; ".join(filter(None, (f"interrupted{name}", stop.told))), 128 + stop.number)


def leave(message: str, code: int) -> NoReturn:
    """End at once: where workers were killed, Python would wait for ever for what they were about to send."""
    with contextlib.suppress(OSError, ValueError):  # the terminal may be gone
        print(f"blattwerk: {message}", file=sys.stderr, flush=True)
        sys.stdout.flush()
    os._exit(code)
