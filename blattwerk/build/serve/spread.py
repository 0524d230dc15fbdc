"""How an answer is spread over many seeds, as a small picture; and the largest integer that a student meets."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from html import escape
from math import isfinite
from typing import Any

from blattwerk.build.check.sizes import Size, shown, size
from blattwerk.build.numbers import sample
from blattwerk.build.order.stopping import stopping_its_sheet
from blattwerk.errors import BlattwerkError
from blattwerk.vocabulary.exercise import Difficulty, Instance

SEEDS = 200
PAGE = 10  # the page is rendered for every tenth seed: it tells which derivations a student sees
ENTRIES = 4  # of a vector or a matrix, so many are shown
BINS, WIDTH, HEIGHT = 24, 280, 70
FAILURES = 5  # seeds that brought no numbers, so many are told


@dataclass
class Spread:
    """What many seeds brought: the values of each answer, the largest numbers with their seeds, and what failed."""

    values: dict[str, list[float]] = field(default_factory=dict)
    largest: tuple[int, int] = (0, 0)  # the number, the seed
    denominator: tuple[int, int] = (0, 0)
    instances: set[Any] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    def take(self, seed: int, instance: Instance, met: Size) -> None:
        """What one seed brought."""
        self.instances.add(instance.params)
        self.largest = max(self.largest, (met.integer, seed), key=lambda one: one[0])
        self.denominator = max(self.denominator, (met.denominator, seed), key=lambda one: one[0])
        for answer in instance.answers:
            for name, value in _numbers(answer.name, answer.value.value()):
                self.values.setdefault(name, []).append(value)


def spread(
    exercise: str,
    difficulty: Difficulty,
    advance: Callable[[int], None],
    alone: Callable[[], AbstractContextManager[None]],
    seeds: int = SEEDS,
) -> Spread:
    """The first so many seeds, one after the other; `alone` is held while a topic computes."""
    found = Spread()
    displayed: set[str] = set()
    for seed in range(seeds):
        try:
            with alone():
                instance = sample(exercise, seed, difficulty).instance()
                with stopping_its_sheet(instance.exercise, "the solver"):
                    if seed % PAGE == 0:
                        displayed |= shown(instance)
                    found.take(seed, instance, size(instance, displayed))
        except BlattwerkError as error:
            found.failures.append(f"seed {seed}: {error}")
        advance(1)
    return found


def _numbers(name: str, value: Any) -> Iterator[tuple[str, float]]:
    """The numbers of an answer: itself, or the first entries of a vector or a matrix by their places."""
    places = tuple(_entries(value))[:ENTRIES]
    for place, entry in places:
        number = float(entry)
        if isfinite(number):
            yield name + (f"[{', '.join(map(str, place))}]" if place else ""), number


def _entries(value: Any, place: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    if isinstance(value, tuple):
        for at, entry in enumerate(value, 1):
            yield from _entries(entry, (*place, at))
    else:
        yield place, value


def told(found: Spread, seeds: int = SEEDS) -> dict[str, Any]:
    """For the page: a picture for each answer, and the rest in words."""
    return {
        "seeds": seeds,
        "different": len(found.instances),
        "largest": {"number": str(found.largest[0]), "seed": found.largest[1]},
        "denominator": {"number": str(found.denominator[0]), "seed": found.denominator[1]},
        "failures": found.failures[:FAILURES],
        "failed": len(found.failures),
        "answers": [{"name": name, "svg": picture(name, values)} for name, values in found.values.items()],
    }


def picture(name: str, values: Sequence[float]) -> str:
    """The values as bars: one for each where there are few different ones, else one for each of equal intervals."""
    low, high, middle = min(values), max(values), sorted(values)[len(values) // 2]
    bars = _bars(values, low, high)
    top, wide = max(bars.values()), WIDTH / (max(bars) + 1)
    rectangles = "".join(
        f'<rect x="{at * wide + 0.5:.1f}" y="{HEIGHT * (1 - n / top):.1f}" width="{max(wide - 1, 1):.1f}" '
        f'height="{HEIGHT * n / top:.1f}"/>'
        for at, n in sorted(bars.items())
    )
    alt = f"{name}: {len(values)} values from {low:.4g} to {high:.4g}, half of them up to {middle:.4g}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + 16}" role="img" aria-label="{escape(alt)}">'
        f'<g class="bars">{rectangles}</g><line x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}"/>'
        f'<text x="0" y="{HEIGHT + 13}">{low:.4g}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT + 13}" text-anchor="end">{high:.4g}</text></svg>'
    )


def _bars(values: Sequence[float], low: float, high: float) -> Mapping[int, int]:
    different = sorted(set(values))
    if len(different) <= BINS:
        return Counter(different.index(value) for value in values)
    return Counter(min(int((value - low) / (high - low) * BINS), BINS - 1) for value in values)
