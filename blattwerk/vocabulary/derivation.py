"""Chains of equalities (and inequalities) that a machine can check: the displayed steps of every solution.

A derivation is data: a start, and steps of a relation, a term, and the key of a reason whose words stand in the
templates. `verify` checks each relation: exactly where the values are rational, to 50 digits otherwise; where symbols
are left, on points of the declared domain. What only a theorem gives is marked as cited, and counted apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

from blattwerk.errors import ProofFailure
from blattwerk.vocabulary.functions import rounded_to
from blattwerk.vocabulary.terms import MP, NOWHERE, Env, Operand, Rounded, Term, Value, term

TOLERANCE = MP.mpf(10) ** -50
# What holds as an equation of numbers from everywhere is as good as never an accident. What is drawn from FEW values (a
# bit, an index) meets the case that matters at some points only, so there are more CASES; an inequality may be far from
# an equality at most points.
POINTS, CASES, MORE, FEW = 5, 15, 40, 9
Domain = Callable[[Random], Any]

RELATIONS = {"=": "=", "<": "<", ">": ">", "<=": "\\le", ">=": "\\ge", "!=": "\\ne", "~": "\\approx"}


@dataclass(frozen=True)
class Step:
    """One relation to the term before it, with the key of its reason.

    `named` says that the term before is but a name for what the chain leads to: such a step is no check of anything.
    """

    relation: str
    term: Term
    reason: str = ""
    cited: bool = False
    named: bool = False


@dataclass(frozen=True)
class Derivation:
    """start relation term relation term ..., for all values of the symbols in their domains."""

    start: Term
    steps: tuple[Step, ...] = ()
    domain: tuple[tuple[str, Domain], ...] = ()

    def then(self, relation: str, to: Operand, reason: str = "", cited: bool = False) -> "Derivation":
        """This derivation with one more step."""
        return replace(self, steps=(*self.steps, Step(relation, term(to), reason, cited)))

    def eq(self, to: Operand, reason: str = "", cited: bool = False) -> "Derivation":
        """One more step, with an equality."""
        return self.then("=", to, reason, cited)

    def approx(self, places: int = 4, reason: str = "") -> "Derivation":
        """One more step: the decimal value of the last term, with equality where the decimals end that early.

        A whole number stays as it is.
        """
        exact = self.steps[-1].term if self.steps else self.start
        value = exact.value()
        if not isinstance(value, int | Fraction) or (value * 10**places).denominator > 1:
            return self.then("~", rounded_to(exact, places), reason)
        needed = next(p for p in range(places + 1) if (value * 10**p).denominator == 1)
        return self.eq(rounded_to(exact, needed), reason) if needed else self

    @property
    def result(self) -> Term:
        """The last term that is not a rounded one."""
        return next(s.term for s in reversed(self.steps) if not isinstance(s.term, Rounded))


@dataclass(frozen=True)
class Verified:
    """How many relations were checked, and how many are cited.

    Counted apart, since they say nothing new: decimals of the term before them, and names for what follows.
    """

    checked: int = 0
    cited: int = 0
    rounded: int = 0
    named: int = 0

    def __add__(self, other: "Verified") -> "Verified":
        return Verified(
            self.checked + other.checked,
            self.cited + other.cited,
            self.rounded + other.rounded,
            self.named + other.named,
        )


def derive(start: Operand, **domain: Domain) -> Derivation:
    """The beginning of a derivation; the keywords give the domain of each symbol in it."""
    return Derivation(term(start), (), tuple(domain.items()))


def verify(name: str, derivation: Derivation) -> Verified:
    """Check every relation that is not cited; raise ProofFailure, naming the step, at the first that does not hold."""
    # A derivation for all values of its symbols is the same for every student, so its result is kept.
    return _kept(name, derivation) if derivation.domain else _checked(name, derivation)


@lru_cache(maxsize=1024)
def _kept(name: str, derivation: Derivation) -> Verified:
    return _checked(name, derivation)


def _checked(name: str, derivation: Derivation) -> Verified:
    many = POINTS if all(step.relation == "=" for step in derivation.steps) else MORE
    for env in _points(name, derivation.domain, many):
        before, earlier = derivation.start, derivation.start.value(env)
        for position, step in enumerate(derivation.steps, 1):
            later = step.term.value(env)
            if not step.cited and not _holds(step, earlier, later):
                raise ProofFailure(
                    f"derivation '{name}', step {position}: {before} {step.relation} {step.term} does not hold; "
                    f"the sides are {_shown(earlier)} and {_shown(later)}" + (f" at {dict(env)}" if env else "")
                )
            before, earlier = step.term, later
    return relations_of(derivation)


def relations_of(derivation: Derivation) -> Verified:
    """The relations of a derivation that holds, by what they are."""
    cited = sum(step.cited for step in derivation.steps)
    rounded = sum(isinstance(step.term, Rounded) for step in derivation.steps)
    named = sum(step.named for step in derivation.steps)
    return Verified(len(derivation.steps) - cited - rounded - named, cited, rounded, named)


def verify_all(derivations: Mapping[str, Derivation]) -> Verified:
    """Check all derivations of an exercise and add up the counts."""
    result = Verified()
    for name, derivation in derivations.items():
        result = result + verify(name, derivation)
    return result


def _points(name: str, domain: tuple[tuple[str, Domain], ...], many: int) -> list[Env]:
    """So many points; where symbols take a few values only, more, of as many combinations as there are."""
    if not domain:
        return [NOWHERE]
    random = Random(name)  # the same points in every run
    points: list[Env] = [{symbol: sample(random) for symbol, sample in domain} for _ in range(4 * CASES)]
    few = [symbol for symbol, _ in domain if 1 < len({str(point[symbol]) for point in points}) <= FEW]
    if not few:
        return points[:many]
    cases = [[str(point[symbol]) for symbol in few] for point in points]
    order = sorted(range(len(points)), key=lambda n: cases[:n].count(cases[n]))
    return [points[n] for n in order[: max(many, CASES)]]


def _holds(step: Step, earlier: Value, later: Value) -> bool:
    if step.relation == "~":
        assert isinstance(step.term, Rounded), "only a rounded value stands behind an approximate sign"
        return bool(abs(MP.convert(earlier) - MP.convert(later)) * 2 <= MP.mpf(10) ** -step.term.places + TOLERANCE)
    if isinstance(earlier, tuple) or isinstance(later, tuple):
        pairs = [pair for r, s in zip(earlier, later, strict=True) for pair in zip(r, s, strict=True)]
        return step.relation == "=" and all(_compare(a, b) == 0 for a, b in pairs)
    order = _compare(earlier, later)
    return {
        "=": order == 0,
        "!=": order != 0,
        "<": order < 0,
        ">": order > 0,
        "<=": order <= 0,
        ">=": order >= 0,
    }[step.relation]


def _compare(a: Value, b: Value) -> int:
    """-1, 0 or 1; numbers that agree to 50 digits count as equal, so a strict inequality needs more than that."""
    if isinstance(a, Fraction | int) and isinstance(b, Fraction | int):
        return (a > b) - (a < b)
    x, y = MP.convert(a), MP.convert(b)
    if x == y:
        return 0
    if MP.isinf(x) or MP.isinf(y):
        return 1 if x > y else -1
    if abs(x - y) <= TOLERANCE * max(1, abs(x), abs(y)):
        return 0
    return 1 if x > y else -1


def _shown(value: Value) -> str:
    return str(value) if isinstance(value, tuple | Fraction | int) else str(MP.nstr(value, 20))


def real(random: Random) -> Fraction:
    """A domain: the real numbers (points of -3..3)."""
    return Fraction(random.randint(-48, 48), 16)


def positive(random: Random) -> Fraction:
    """A domain: the positive numbers (points of 1/8..4)."""
    return Fraction(random.randint(2, 64), 16)


def unit(random: Random) -> Fraction:
    """A domain: the open unit interval."""
    return Fraction(random.randint(1, 31), 32)


def exactly(value: Any) -> Domain:
    """A domain of one value, such as a fixed dimension."""
    return lambda random: value


def vector(entries: Domain, size: int) -> Domain:
    """A domain: vectors of this size."""
    return lambda random: tuple(entries(random) for _ in range(size))


def simplex(size: int) -> Domain:
    """A domain: probability vectors of this size, with positive entries."""

    def sample(random: Random) -> tuple[Fraction, ...]:
        weights = [random.randint(1, 16) for _ in range(size)]
        return tuple(Fraction(w, sum(weights)) for w in weights)

    return sample
