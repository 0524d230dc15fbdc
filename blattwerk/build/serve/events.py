"""What the server tells all open pages: server-sent events, each a name and a JSON value."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from threading import Lock
from typing import Any

ALIVE = 15.0  # seconds; a line without meaning, by which we notice that the page has been closed
WAITING = 1000  # events, at most, for a page that does not read them


class Events:
    """Those who listen, and what they are told."""

    def __init__(self) -> None:
        self._queues: set[Queue[bytes]] = set()
        self._lock = Lock()

    def tell(self, name: str, value: Any) -> None:
        """Tell everybody."""
        said = f"event: {name}\ndata: {json.dumps(value)}\n\n".encode()
        with self._lock:
            for queue in tuple(self._queues):
                try:
                    queue.put_nowait(said)
                except Full:  # a page that sleeps; it asks for everything when it comes again
                    self._queues.discard(queue)

    @contextmanager
    def listening(self) -> Iterator[Iterator[bytes]]:
        """What is told from now on, as it is sent."""
        queue: Queue[bytes] = Queue(WAITING)
        with self._lock:
            self._queues.add(queue)
        try:
            yield self._told(queue)
        finally:
            with self._lock:
                self._queues.discard(queue)

    def _told(self, queue: "Queue[bytes]") -> Iterator[bytes]:
        yield b"retry: 500\n\n"
        while queue in self._queues or not queue.empty():
            try:
                yield queue.get(timeout=ALIVE)
            except Empty:
                yield b": \n\n"
