"""What a topic's own code raises stops one sheet, and no class; nor does what never ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from blattwerk.build.limits import TimeUp, seconds, within
from blattwerk.build.order.catalogue import whole_catalogue
from blattwerk.build.order.trouble import place_and_words
from blattwerk.errors import BlattwerkError, InternalFailure, SheetFailure, TopicFailure
from blattwerk.vocabulary.exercise import Difficulty, Exercise


@contextmanager
def stopping_its_sheet(exercise: Exercise[Any, Any], what: str, times: int = 1) -> Iterator[None]:
    """Whatever a topic's code raises in here becomes a TopicFailure, which names what broke down, and the line.

    So does what takes longer than so many times the limit.
    """
    try:
        with within(times * seconds()):
            yield
    except BlattwerkError:
        raise
    except (Exception, TimeUp) as error:
        raise TopicFailure(f"{exercise.id}: {what} broke down: {seen(error, exercise)}") from error


@contextmanager
def of_exercise(key: str, difficulty: Difficulty) -> Iterator[None]:
    """A SheetFailure that is raised in here says of which entry of the sheet it is."""
    try:
        yield
    except SheetFailure as error:
        error.exercise = error.exercise or named(key, difficulty)
        raise


def named(key: str, difficulty: Difficulty) -> str:
    """How messages name an entry of the sheet."""
    return f"exercise '{key}' ({difficulty})"


@contextmanager
def stopping_one_student() -> Iterator[None]:
    """A mistake of our own, whatever it is, is told as such, and stops one student's sheet like any other.

    What the system says of disks and files concerns everybody.
    """
    try:
        yield
    except (BlattwerkError, OSError):
        raise
    except Exception as error:
        place, words = place_and_words(error, {"blattwerk"})
        raise InternalFailure(f"a mistake in Blattwerk itself: {place}: {words}; please report it") from error


def seen(error: BaseException, exercise: Exercise[Any, Any]) -> str:
    """An error of a topic's code: the line of the topic's package where it was made, and its words."""
    topic = whole_catalogue().topics.get(exercise.id)
    packages = topic.place.packages if topic else {str(exercise.draw.__module__).partition(".")[0]}
    return ": ".join(filter(None, place_and_words(error, packages)))
