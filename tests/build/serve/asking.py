"""Asking a server of ours over its socket, as a browser would or as it never would."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import blattwerk
from blattwerk.build.serve.server import Server

OURS = (
    (Path(blattwerk.__file__).parent / "topics" / "kl_normal_1d.md")
    .read_text()
    .replace("topic: kl_normal_1d", "topic: mine")
)


@dataclass(frozen=True)
class Said:
    """An answer: status, headers, and what it says."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """As a JSON value."""
        return json.loads(self.content)


def ask(server: Server, path: str, method: str = "GET", inside: bool = True, **headers: str) -> Said:
    """One request; `inside` puts the token in front of the path, headers are written with underscores."""
    connection = HTTPConnection("127.0.0.1", server.guard.port, timeout=60)
    try:
        connection.putrequest(method, f"/{server.guard.token}/{path}" if inside else path, skip_host=True)
        said = {"Host": f"127.0.0.1:{server.guard.port}"} | {n.replace("_", "-"): v for n, v in headers.items()}
        for name, value in said.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return Said(answer.status, dict(answer.headers), answer.read())
    finally:
        connection.close()


def origin(server: Server) -> str:
    """The origin of the server's own page."""
    return f"http://127.0.0.1:{server.guard.port}"


def begin(server: Server, query: str) -> int:
    """Begin work that takes long; its number."""
    said = ask(server, f"work?{query}", "POST", Origin=origin(server))
    assert said.status == 200, said.content
    return int(said.json["number"])


def ended(server: Server, number: int, patience: float = 60) -> Any:
    """What became of a piece of work, when it has ended."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        said = ask(server, f"work?number={number}").json
        if said["state"] != "running":
            return said
        time.sleep(0.02)
    raise AssertionError(f"the work {number} has not ended")


@contextmanager
def listening(server: Server) -> Iterator[HTTPResponse]:
    """The server's events, line by line."""
    connection = HTTPConnection("127.0.0.1", server.guard.port, timeout=20)
    connection.request("GET", f"/{server.guard.token}/events")
    answer = connection.getresponse()
    answer.readline()
    try:
        yield answer
    finally:
        answer.close()
        connection.close()


def event(answer: HTTPResponse, name: str) -> Any:
    """The value of the next event of this name."""
    while True:
        line = answer.readline().decode().strip()
        if line == f"event: {name}":
            return json.loads(answer.readline().decode().removeprefix("data: "))
