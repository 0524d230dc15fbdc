"""What takes long: 200 seeds, a PDF, a training. Each in a thread of its own, with progress that the pages are told.

Of one kind there is one at a time: who asks again cancels what was asked before.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Lock, Thread
from typing import Any

from blattwerk.build.limits import TimeUp
from blattwerk.errors import BlattwerkError

Tell = Callable[[str, Any], None]
KEPT = 8  # finished pieces of work whose results can still be asked for


class Cancelled(Exception):
    """Somebody has asked for something else."""


@dataclass
class Piece:
    """A piece of work: how far it is, and what came of it.

    state   running, done, failed or cancelled
    result  what came of it; where it failed, {"message": ...}
    """

    number: int
    kind: str
    total: int
    done: int = 0
    state: str = "running"
    result: Any = None
    stop: Event = field(default_factory=Event)

    def told(self) -> dict[str, Any]:
        """What the pages are told while it goes on."""
        return {"number": self.number, "kind": self.kind, "total": self.total, "done": self.done, "state": self.state}


class Work:
    """All pieces of work."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._pieces: dict[int, Piece] = {}
        self._numbers = count(1)
        self._lock = Lock()

    def begin(self, kind: str, total: int, do: Callable[[Callable[[int], None]], Any]) -> Piece:
        """Begin something. `do` gets a function for its progress, which ends it where it has been cancelled."""
        with self._lock:
            self._cancel(kind)
            piece = Piece(next(self._numbers), kind, total)
            self._pieces[piece.number] = piece
            for old in list(self._pieces)[:-KEPT]:
                if self._pieces[old].state != "running":
                    del self._pieces[old]
        Thread(target=self._run, args=(piece, do), name=kind, daemon=True).start()
        return piece

    def cancel(self, kind: str = "") -> None:
        """Cancel what is under way of this kind, or all."""
        with self._lock:
            self._cancel(kind)

    def _cancel(self, kind: str) -> None:
        for piece in self._pieces.values():
            if piece.state == "running" and kind in ("", piece.kind):
                piece.stop.set()

    def piece(self, number: int) -> Piece | None:
        """A piece of work by its number, if it is still known."""
        return self._pieces.get(number)

    def _run(self, piece: Piece, do: Callable[[Callable[[int], None]], Any]) -> None:
        def advance(steps: int = 1) -> None:
            if piece.stop.is_set():
                raise Cancelled
            piece.done += steps
            self._tell("work", piece.told())

        try:
            advance(0)
            piece.result = do(advance)
            piece.state = "cancelled" if piece.stop.is_set() else "done"
        except Cancelled:
            piece.state = "cancelled"
        except BlattwerkError as error:
            piece.result, piece.state = {"message": str(error)}, "failed"
        except (Exception, TimeUp) as error:  # noqa: BLE001  # whatever it is, the page says it, and the server goes on
            piece.result, piece.state = {"message": f"{type(error).__name__}: {error}"}, "failed"
        self._tell("work", piece.told())
