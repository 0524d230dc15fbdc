"""Named draws: (secret, seed, student, exercise, attempt, name) -> a value, stable for ever.

Every value is read off an HMAC-SHA256 digest whose message is made of length-delimited fields, so that it depends on
those six things and on nothing else: not on the order of the draws, on other exercises, on the platform, or on the
version of Python. Change nothing here without a new SCHEME: sheets that were handed out must be drawn again the same.
"""

import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from blattwerk.errors import DrawExhausted

SCHEME = 1
T = TypeVar("T")


@dataclass(frozen=True)
class Draws:
    """The source of one exercise's numbers for one student."""

    secret: bytes = field(repr=False)
    seed: int
    student: str
    exercise: str
    attempt: int = 0

    def integer(self, name: str, low: int, high: int) -> int:
        """A whole number, uniform on low..high, both included.

        Raises ValueError if the range is empty or wider than 2^128.
        """
        width = high - low + 1
        if not 0 < width <= 1 << 128:
            raise ValueError(f"draw '{name}': no uniform integer from {low} to {high}")
        bound = (1 << 256) - (1 << 256) % width
        counter = 0
        while True:  # each round is rejected with a probability below 2^-128
            digest = int.from_bytes(self._digest(name, counter), "big")
            if digest < bound:
                return low + digest % width
            counter += 1

    def choice(self, name: str, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[self.integer(name, 0, len(options) - 1)]

    def sign(self, name: str) -> int:
        """-1 or +1."""
        return self.choice(name, (-1, 1))

    def flag(self, name: str) -> bool:
        """True or False."""
        return self.integer(name, 0, 1) == 1

    def fraction(self, name: str, low: int, high: int, denominator: int) -> Fraction:
        """k/denominator with k uniform on low..high."""
        return Fraction(self.integer(name, low, high), denominator)

    def integers(self, name: str, count: int, low: int, high: int) -> tuple[int, ...]:
        """`count` independent whole numbers, each uniform on low..high."""
        return tuple(self.integer(f"{name}[{i}]", low, high) for i in range(count))

    def shuffle(self, name: str, items: Sequence[T]) -> tuple[T, ...]:
        """The items in a random order, all orders equally likely (Fisher and Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.integer(f"{name}[{last}]", 0, last)
            order[last], order[other] = order[other], order[last]
        return tuple(order)

    def sample(self, name: str, items: Sequence[T], count: int) -> tuple[T, ...]:
        """`count` different items, in random order."""
        if count > len(items):
            raise ValueError(f"draw '{name}': cannot take {count} of {len(items)} items")
        return self.shuffle(name, items)[:count]

    def composition(self, name: str, total: int, count: int, least: int = 1) -> tuple[int, ...]:
        """`count` whole numbers of at least `least` that add up to `total`, all such tuples equally likely.

        Stars and bars: a choice of `count` - 1 cuts among the places between the units that are free.
        """
        free = total - least * count
        if free < 0:
            raise ValueError(f"draw '{name}': {count} numbers of at least {least} do not add up to {total}")
        cuts = sorted(self.sample(name, range(free + count - 1), count - 1))
        edges = (-1, *cuts, free + count - 1)
        return tuple(least + right - left - 1 for left, right in pairwise(edges))

    def first(self, propose: Callable[["Draws"], T | None], limit: int = 1000) -> T:
        """What `propose` makes of this source, or of the first of its successors with which it is not None.

        Raises DrawExhausted after `limit` attempts: an exercise is never printed with numbers that do not fit.
        """
        for attempt in self.attempts(limit):
            if (proposed := propose(attempt)) is not None:
                return proposed
        raise AssertionError("attempts() ends in an error of its own")

    def attempts(self, limit: int = 1000) -> Iterator["Draws"]:
        """This source and its successors, for drawing again what is not admissible.

        Raises DrawExhausted after `limit` attempts: an exercise is never printed with numbers that do not fit.
        """
        for attempt in range(limit):
            yield replace(self, attempt=self.attempt + attempt)
        raise DrawExhausted(
            f"{self.exercise}: {limit} attempts brought no admissible numbers for student '{self.student}', "
            f"seed {self.seed}. This is a bug in the exercise: its admissible set is too small."
        )

    def _digest(self, name: str, counter: int) -> bytes:
        return hmac.digest(self.secret, self._source + _delimited(name) + _delimited(str(counter)), "sha256")

    @cached_property
    def _source(self) -> bytes:
        """The fields that all draws of this source share."""
        fields = (str(SCHEME), str(self.seed), self.student, self.exercise, str(self.attempt))
        return b"".join(map(_delimited, fields))


def _delimited(text: str) -> bytes:
    encoded = text.encode("utf-8")
    return len(encoded).to_bytes(8, "big") + encoded


@dataclass(frozen=True)
class Corners(Draws):
    """Draws of which two in three come from an end of their range: instances at and near the corners, for trials."""

    def integer(self, name: str, low: int, high: int) -> int:
        """The lowest number, the highest one, or any, by the digest."""
        usual = super().integer(name, low, high)
        return (low, high, usual)[super().integer(f"corner of {name}", 0, 2)]
