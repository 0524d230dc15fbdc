"""How many different instances a draw can make, from how often it repeats itself."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Instances:
    """What some draws show of how many different ones there are.

    drawn     how many were drawn
    distinct  how many of them differ
    estimate  how many there are at least, as an estimate: distinct + f1 (f1 - 1) / (2 (f2 + 1)), where f1 came once and
              f2 twice (Chao, Scandinavian Journal of Statistics 11, 1984; here in the form without bias). Without any
              repetition it is about half the square of the draws, and there may be far more.
    """

    drawn: int
    distinct: int
    estimate: int

    def sharing(self, students: int) -> float:
        """How many pairs of so many students are expected to get the same numbers, if all are equally likely."""
        return students * (students - 1) / 2 / self.estimate

    def __str__(self) -> str:
        return f"more than {self.estimate}" if self.distinct == self.drawn else f"about {self.estimate}"


def instances(draws: Iterable[Hashable]) -> Instances:
    """What these draws show. Raises ValueError if there are none."""
    times = Counter(Counter(draws).values())
    drawn, distinct = sum(often * count for often, count in times.items()), times.total()
    if not drawn:
        raise ValueError("nothing was drawn")
    once, twice = times[1], times[2]
    return Instances(drawn, distinct, distinct + once * (once - 1) // (2 * (twice + 1)))
