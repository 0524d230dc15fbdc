"""HTTP on the loopback: addresses to answers. Every address is one of a fixed list; none of them leads to a file."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from blattwerk.build.look.pages import STYLE
from blattwerk.build.serve.guard import Guard, new_token
from blattwerk.build.serve.site import Site, asked
from blattwerk.errors import BlattwerkError, InputError

HOST, PORT = "127.0.0.1", 8765
LONGEST = 2000  # characters of an address
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = {"": ("page.html", "text/html"), "page.js": ("page.js", "text/javascript"), "page.css": ("page.css", "text/css")}


class Server(ThreadingHTTPServer):
    """A site behind its guard."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, site: Site, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.site = site
        self.guard = Guard(self.server_address[1], new_token())

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that was closed while it was being answered is nobody's concern."""


def server(site: Site, port: int | None) -> Server:
    """The server at a port; without one at ours, or where that is taken at any. Raises InputError."""
    try:
        return Server(site, PORT if port is None else port)
    except OSError as error:
        if port is not None:
            why = error.strerror or str(error)
            raise InputError(
                f"port {port} of {HOST} cannot be had: {why}; leave --port out, or name another"
            ) from error
        return Server(site, 0)


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "blattwerk", ""
    timeout = 60

    def do_GET(self) -> None:  # the library's name
        self._answer("GET", _READ)

    def do_POST(self) -> None:  # likewise
        self.close_connection = True  # a body, if there is one, is not read
        self._answer("POST", _WRITTEN)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the terminal is the user's."""

    def _answer(self, method: str, known: Mapping[str, "Answer"]) -> None:
        guard = self.server.guard
        if len(self.path) > LONGEST:
            self.said(HTTPStatus.REQUEST_URI_TOO_LONG, "this address is too long")
            return
        address = urlsplit(self.path)
        if refusal := guard.refusal(method, address.path, self.headers.get):
            self.said(HTTPStatus.FORBIDDEN, refusal)
            return
        answer = known.get(guard.inside(address.path))
        if answer is None:
            self.said(HTTPStatus.NOT_FOUND, "there is nothing at this address")
            return
        try:
            answer(self, dict(parse_qsl(address.query, max_num_fields=20)))
        except (ConnectionError, TimeoutError):  # the page was closed
            self.close_connection = True
        except (BlattwerkError, ValueError) as error:
            self.said(HTTPStatus.BAD_REQUEST, str(error))

    def said(self, status: HTTPStatus, words: str) -> None:
        """An answer in words."""
        self.send(words.encode() + b"\n", "text/plain", status)

    def json(self, value: Any) -> None:
        """A JSON value."""
        self.send(json.dumps(value).encode(), "application/json")

    def send(self, content: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK, name: str = "") -> None:
        """An answer of this kind."""
        self.send_response(status)
        text = kind.startswith("text/") or kind == "application/json"
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if text else kind)
        self.send_header("Content-Length", str(len(content)))
        if name:
            self.send_header("Content-Disposition", f'inline; filename="{name}"')
        if status != HTTPStatus.OK:
            self.close_connection = True
            self.send_header("Connection", "close")
        self._headers()
        self.wfile.write(content)

    def _headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def events(self) -> None:
        """What happens from now on, until the page is closed."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self._headers()
        with self.server.site.events.listening() as told:
            for said in told:
                self.wfile.write(said)
                self.wfile.flush()


Answer = Callable[[_Handler, Mapping[str, str]], None]


def _static(name: str, kind: str) -> Answer:
    def answer(to: _Handler, query: Mapping[str, str]) -> None:
        to.send((files("blattwerk.build.serve") / name).read_bytes(), kind)

    return answer


def _work(to: _Handler, query: Mapping[str, str]) -> None:
    piece = to.server.site.work.piece(_number(query))
    if piece is None:
        to.said(HTTPStatus.NOT_FOUND, "this work is not known any more")
        return
    result = piece.result
    if isinstance(result, dict) and "files" in result:
        result = {**result, "files": list(result["files"])}
    to.json(piece.told() | {"result": result})


def _pdf(to: _Handler, query: Mapping[str, str]) -> None:
    piece = to.server.site.work.piece(_number(query))
    made = piece.result.get("files", {}) if piece and isinstance(piece.result, dict) else {}
    content = made.get(query.get("file", ""))
    if content is None:
        to.said(HTTPStatus.NOT_FOUND, "this PDF is not known any more")
        return
    to.send(content, "application/pdf", name=query["file"].replace("/", "-"))


def _number(query: Mapping[str, str]) -> int:
    said = query.get("number", "")
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        raise InputError("number= is the number of a piece of work")
    return int(said)


def _begin(to: _Handler, query: Mapping[str, str]) -> None:
    to.json(to.server.site.begin(query.get("kind", ""), asked(query)).told())


def _cancel(to: _Handler, query: Mapping[str, str]) -> None:
    to.server.site.work.cancel(query.get("kind", ""))
    to.json({})


_READ: Mapping[str, Answer] = {
    **{address: _static(name, kind) for address, (name, kind) in PAGE.items()},
    "sheet.css": lambda to, query: to.send(STYLE.encode(), "text/css"),
    "overview": lambda to, query: to.json(to.server.site.overview()),
    "look": lambda to, query: to.json(to.server.site.look(asked(query))),
    "sheet": lambda to, query: to.json(to.server.site.sheet(asked(query))),
    "glance": lambda to, query: to.json(to.server.site.glance(asked(query))),
    "events": lambda to, query: to.events(),
    "work": _work,
    "pdf": _pdf,
}
_WRITTEN: Mapping[str, Answer] = {"work": _begin, "cancel": _cancel}
