"""How large the numbers are that a student meets: the integers and denominators of a sheet and of its solution."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from blattwerk.build.check.values import leaves
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.terms import Term
from blattwerk.vocabulary.writers import TextWriter

QUANTILES = (0.5, 0.9, 1.0)


@dataclass(frozen=True)
class Size:
    """The largest integer (a numerator too) and the largest denominator, both without their signs."""

    integer: int
    denominator: int


@dataclass(frozen=True)
class _Noting(TextWriter):
    """A writer that notes each exact number that it prints."""

    seen: list[Fraction] = field(default_factory=list, compare=False)

    def number(self, value: Fraction) -> str:
        self.seen.append(value)
        return super().number(value)

    def slashed(self, value: Fraction) -> str:
        self.seen.append(value)
        return super().slashed(value)


def size(instance: Instance) -> Size:
    """The largest ones in the numbers on the question, in the displayed steps, and in the answers."""
    noting = _Noting()
    for term in _terms(instance):
        term.write(noting)
    given = (value for _, value in leaves(instance.params, "") if isinstance(value, int | Fraction))
    met = [*noting.seen, *map(Fraction, given), Fraction(0)]
    return Size(max(abs(number.numerator) for number in met), max(number.denominator for number in met))


def _terms(instance: Instance) -> Iterator[Term]:
    parts = {part.id for part in instance.exercise.parts_at(instance.difficulty)}
    yield from (answer.value for answer in instance.answers if answer.part in parts)
    for derivation in instance.derivations.values():
        yield from (derivation.start, *(step.term for step in derivation.steps))


def quantiles(found: Sequence[int]) -> tuple[int, ...]:
    """The median, what nine in ten do not exceed, and the largest. Raises ValueError if there are none."""
    if not found:
        raise ValueError("no sizes were found")
    ordered = sorted(found)
    return tuple(ordered[max(0, -(-int(q * 1000) * len(ordered) // 1000) - 1)] for q in QUANTILES)
