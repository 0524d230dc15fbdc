"""The installed command. Signals are listened to before anything is loaded."""

from blattwerk.build.signals import ignore, listen


def main() -> None:
    """Listen, load the command line, and run it."""
    listen()
    from blattwerk.cli import main as command

    try:
        command()
    finally:
        ignore()  # all is done; Python's own end takes a moment


if __name__ == "__main__":
    main()
