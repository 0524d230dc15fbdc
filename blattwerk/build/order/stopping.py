"""What a topic's own code raises stops one sheet, and no class."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from blattwerk.build.order.catalogue import whole_catalogue
from blattwerk.build.order.trouble import place_and_words
from blattwerk.errors import BlattwerkError, TopicFailure
from blattwerk.vocabulary.exercise import Exercise


@contextmanager
def stopping_its_sheet(exercise: Exercise[Any, Any], what: str) -> Iterator[None]:
    """Whatever a topic's code raises in here becomes a TopicFailure, which names what broke down, and the line."""
    try:
        yield
    except BlattwerkError:
        raise
    except Exception as error:
        raise TopicFailure(f"{exercise.id}: {what} broke down: {seen(error, exercise)}") from error


def seen(error: Exception, exercise: Exercise[Any, Any]) -> str:
    """An error of a topic's code: the line of the topic's package where it was made, and its words."""
    topic = whole_catalogue().topics.get(exercise.id)
    packages = topic.place.packages if topic else {str(exercise.draw.__module__).partition(".")[0]}
    return ": ".join(filter(None, place_and_words(error, packages)))
