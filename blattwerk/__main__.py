"""The installed command. Signals are listened to before anything is loaded."""

from blattwerk.build.signals import listen


def main() -> None:
    """Listen, load the command line, and run it."""
    listen()
    from blattwerk.cli import main as command

    command()


if __name__ == "__main__":
    main()
