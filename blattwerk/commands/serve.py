"""`serve`: the live page."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from blattwerk.commands.options import whole
from blattwerk.commands.telling import topic_named, warn
from blattwerk.errors import InputError

PATIENCE = "10"  # seconds for one step of a topic's code; whoever writes has a loop without an end now and then


def serve(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[SHEET.toml|TOPIC|FILE]", help="What is shown; the whole catalogue if left out."),
    ] = None,
    port: Annotated[
        Any,
        typer.Option(
            "--port",
            metavar="INTEGER",
            parser=whole("--port", 1, 65535),
            help="The port on 127.0.0.1; 8765 if left out, or another where that is taken.",
        ),
    ] = None,
) -> None:
    """A page in your browser that shows a topic or a sheet while you write it: save the file, and see.

    It shows what was proven, the usual mistakes with their values, how answers are spread over 200 seeds, and the PDF
    on request. Only this machine can open it, at the address that is printed. Ctrl-C ends it.
    """
    from blattwerk.build.limits import VARIABLE
    from blattwerk.build.order.catalogue import look_into
    from blattwerk.build.order.pages import beside, pages_in
    from blattwerk.build.serve.server import server
    from blattwerk.build.serve.site import Site
    from blattwerk.build.serve.subject import Subject, check

    os.environ.setdefault(VARIABLE, PATIENCE)
    sys.dont_write_bytecode = True  # it would keep, for a second, what was there before a file was saved
    sheet = Path(what) if what and what.endswith(".toml") else None
    if sheet and not sheet.is_file():
        raise InputError(f"there is no sheet file {sheet}")
    if sheet:
        if found := pages_in(beside(sheet)):
            print(f"running the topic files {', '.join(map(str, found))}", file=sys.stderr)
        look_into(beside(sheet))
    topic = "" if sheet else topic_named(what or "")
    subject = Subject(sheet.absolute() if sheet else None, topic)
    check(subject)
    site = Site(subject)
    at = server(site, port)
    site.start()
    if wrong := site.mistake():
        warn(f"{wrong}\n(the page shows it until it is mended)")
    site.load_libraries()
    print(f"{at.guard.address}\n(Ctrl-C ends it)", flush=True)
    at.serve_forever(poll_interval=0.2)
