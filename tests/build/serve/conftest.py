"""A topic of one's own in a folder, and the server that shows it, in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from blattwerk.build.order import pages
from blattwerk.build.order.catalogue import look_into, whole_catalogue
from blattwerk.build.serve.server import Server
from blattwerk.build.serve.site import Site
from blattwerk.build.serve.subject import Subject
from tests.build.serve.asking import OURS

Serve = Callable[[Subject], Server]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A topic file that can be edited: a copy of one of ours under another name."""
    file = tmp_path_factory.mktemp("served") / "topics" / "mine.md"
    file.parent.mkdir()
    file.write_text(OURS)
    named = list(pages._named)
    look_into(file)
    yield file
    pages._named[:] = named
    whole_catalogue.cache_clear()


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Starts servers at ports of their own, and ends them."""
    servers: list[Server] = []

    def start(subject: Subject) -> Server:
        server = Server(Site(subject), 0)
        server.site.start()
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.site.stop()
        server.shutdown()
        server.server_close()
