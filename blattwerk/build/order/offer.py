"""What a door of the catalogue hands on for each topic; nothing of the topic is imported for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from blattwerk.build.order.places import Place


@dataclass(frozen=True)
class Offer:
    """What a door hands on.

    name     the id of the exercise
    package  who offers it, with the version
    source   where it is offered, for messages where no line is known
    code     the names of the packages on Python's path that its code is in
    load     the exercise; may raise whatever it likes
    place    where it lies; asked when it is loaded
    """

    name: str
    package: str
    version: str
    source: str
    code: frozenset[str]
    load: Callable[[], Any]
    place: Callable[[], Place]
