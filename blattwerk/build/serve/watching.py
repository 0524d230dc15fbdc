"""Noticing that a file was saved: the modification times, asked ten times a second; every file system has them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from threading import Event, Thread

EVERY = 0.1  # seconds

Stamp = tuple[int, int, int] | None
"""Time, size and number of a file; None where there is none. An editor that saves by renaming changes the number."""


def stamps(paths: Iterable[Path]) -> dict[Path, Stamp]:
    """The stamps of files and folders."""
    return {path: _stamp(path) for path in paths}


def _stamp(path: Path) -> Stamp:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino


def changed(before: Mapping[Path, Stamp], now: Mapping[Path, Stamp]) -> frozenset[Path]:
    """Those that are in both and differ: what has only come into view was not saved just now."""
    return frozenset(path for path, stamp in now.items() if path in before and before[path] != stamp)


class Watch:
    """Calls `saved` with the files that were saved, in a thread of its own, until it is stopped.

    `files` says what there is to watch; it is asked again after each change.
    """

    def __init__(self, files: Callable[[], Collection[Path]], saved: Callable[[frozenset[Path]], None]) -> None:
        self._files, self._saved = files, saved
        self._over = Event()
        self._thread = Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch; what is saved from now on is noticed."""
        self._before = stamps(self._files())
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(EVERY):
            now = stamps(self._before)
            if different := changed(self._before, now):
                self._saved(different)
                now = stamps(self._files()) | {path: now[path] for path in different}
            self._before = now
