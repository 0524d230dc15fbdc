"""The command line: the commands by name, and what becomes of their errors."""

import errno
import io
import os
import sys
import tempfile
from typing import Annotated

import typer

from blattwerk import __version__
from blattwerk.build.cached import place_for_matplotlib
from blattwerk.build.signals import Interrupted, end, leave, listen
from blattwerk.commands.build import build
from blattwerk.commands.exercises import check, demo, list_, new, show, verify
from blattwerk.commands.init import init, schema
from blattwerk.commands.machine import cache, doctor, secret_new
from blattwerk.commands.moodle import deliver_moodle, export_moodle
from blattwerk.commands.serve import serve
from blattwerk.commands.solutions import solutions
from blattwerk.commands.telling import FAILED, WRONG_INPUT
from blattwerk.errors import BlattwerkError, InputError

app = typer.Typer(
    help="Exercise sheets for machine-learning courses: drawn per student, solved exactly, proven twice, in English "
    "and German.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

secret_app = typer.Typer(help="The secret that keeps students from drawing each other's sheets.", no_args_is_help=True)
app.add_typer(secret_app, name="secret")
deliver_app = typer.Typer(help="To the students: what was built, as a platform takes it.", no_args_is_help=True)
app.add_typer(deliver_app, name="deliver")
export_app = typer.Typer(help="Into question banks, as a platform takes them.", no_args_is_help=True)
app.add_typer(export_app, name="export")


def main() -> None:
    """The installed command: errors that a user can mend are printed without a traceback."""
    # The oracles' tensors are tiny; torch's own threads would only wait for each other. Workers inherit this.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):  # a terminal that knows no umlauts is no reason to stop
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    listen()
    try:
        with place_for_matplotlib():
            app()
    except Interrupted as stop:
        end(stop)
    except InputError as error:
        leave(str(error), WRONG_INPUT)
    except BlattwerkError as error:
        leave(str(error), FAILED)
    except BrokenPipeError:  # whoever read our words has gone, `head` say
        os._exit(FAILED)
    except OSError as error:
        if error.errno != errno.ENOSPC and error.filename:
            leave(f"{str(error.filename)[:200]}: {error.strerror}", FAILED)
        if error.errno != errno.ENOSPC:
            raise
        leave(f"the disk is full ({error.filename or tempfile.gettempdir()}); what was written so far is whole", FAILED)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"blattwerk {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Options of the program itself."""


app.command()(init)
app.command()(build)
app.command()(schema)
secret_app.command("new")(secret_new)
app.command()(solutions)
deliver_app.command("moodle")(deliver_moodle)
export_app.command("moodle")(export_moodle)
app.command("list")(list_)
app.command()(show)
app.command()(serve)
app.command()(demo)
app.command()(verify)
app.command()(new)
app.command()(check)
app.command()(cache)
app.command()(doctor)
