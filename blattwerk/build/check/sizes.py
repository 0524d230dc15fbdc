"""How large the numbers are that a student meets: the integers and denominators of a sheet and of its solution."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from blattwerk.build.check.pieces import pieces
from blattwerk.build.check.values import leaves
from blattwerk.build.order.parts import placed
from blattwerk.build.page.accounts import accounting
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.language import LANGUAGES
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


def shown(instance: Instance) -> frozenset[str]:
    """The names of the derivations that are displayed on its page: those of parts that it does not have are not."""
    with accounting() as ledger:
        pieces(instance, placed(instance.exercise, instance.difficulty), LANGUAGES[0])
    displayed = {id(entry.derivation) for entry in ledger}
    return frozenset(name for name, derivation in instance.derivations.items() if id(derivation) in displayed)


def size(instance: Instance, displayed: Container[str] | None = None) -> Size:
    """The largest ones in the numbers on the question, in the displayed derivations, and in the answers.

    `displayed` spares rendering the page where its derivations' names are known, as from other instances.
    """
    noting = _Noting()
    for term in _terms(instance, shown(instance) if displayed is None else displayed):
        term.write(noting)
    given = (value for _, value in leaves(instance.params, "") if isinstance(value, int | Fraction))
    met = [*noting.seen, *map(Fraction, given), Fraction(0)]
    return Size(max(abs(number.numerator) for number in met), max(number.denominator for number in met))


def _terms(instance: Instance, displayed: Container[str]) -> Iterator[Term]:
    parts = {part.id for part in instance.exercise.parts_at(instance.difficulty)}
    yield from (answer.value for answer in instance.answers if answer.part in parts)
    for name, derivation in instance.derivations.items():
        if name in displayed:
            yield from (derivation.start, *(step.term for step in derivation.steps))


def quantiles(found: Sequence[int]) -> tuple[int, ...]:
    """The median, what nine in ten do not exceed, and the largest. Raises ValueError if there are none."""
    if not found:
        raise ValueError("no sizes were found")
    ordered = sorted(found)
    return tuple(ordered[max(0, -(-int(q * 1000) * len(ordered) // 1000) - 1)] for q in QUANTILES)
