"""All planted errors of a topic, in what it computes and in what it displays, and what became of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from zlib import crc32

from blattwerk.build.check.displays import displayed_on, displayed_spots
from blattwerk.build.check.on_page import verdicts_on_page
from blattwerk.build.check.page_proofs import verdicts_in_proofs
from blattwerk.build.check.planted import Spot, described, spots, verdicts_on
from blattwerk.build.order.catalogue import Topic

EVERY = 4  # of the errors in the code of answers and derivations, one in so many is planted: each takes a second


@dataclass(frozen=True)
class Planted:
    """An error that was planted.

    code    "solve" (what is computed) or "display" (the code of answers, derivations and proofs)
    where   file:line
    within  module and function; of a topic on one page, its file
    what    which error it is
    said    "same" (it changes nothing that is shown), "found", or "silent" (nobody objected)
    """

    code: str
    where: str
    within: str
    what: str
    said: str

    @property
    def name(self) -> str:
        """What it is called, whichever line it stands in."""
        return f"{self.within}: {self.what}"


def planted_in(topic: Topic) -> Iterator[Planted]:
    """Every error that we know in all that is computed, and a sample of those in what is displayed."""
    if topic.place.page:
        for where, what, verdicts in verdicts_on_page(topic):
            yield Planted("solve", where, _file(where), what, _worst(verdicts))
        for where, what, said in verdicts_in_proofs(topic):
            yield Planted("display", where, _file(where), what, said)
        return
    in_solve, in_display = spots(topic), _some(displayed_spots(topic), topic)
    for spot, (where, what, verdicts) in zip(in_solve, verdicts_on(topic, in_solve), strict=True):
        yield Planted("solve", where, _within(spot), what, _worst(verdicts))
    for spot, (where, what, said) in zip(in_display, displayed_on(topic, in_display), strict=True):
        yield Planted("display", where, _within(spot), what, said)


def _some(there: list[Spot], topic: Topic) -> list[Spot]:
    """A sample that stays the same where other code changes."""
    return [spot for spot in there if crc32(f"{_within(spot)}:{described(spot)}".encode()) % EVERY == 0]


def _file(where: str) -> str:
    return PurePath(where.partition(":")[0]).name


def _within(spot: Spot) -> str:
    return f"{spot.module.rpartition('.')[2]}.{spot.function}"


def _worst(verdicts: set[str]) -> str:
    return next(word for word in ("silent", "found", "same") if word in verdicts)
