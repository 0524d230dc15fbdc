"""The general chains once more, by sympy: what is checked at some points of a domain is proven for all of them.

Each equality of a derivation that holds for all values of its symbols becomes an expression that has to vanish. At a
point of the domain it has to be 0 in any case; where sympy sees that it is 0 everywhere, the step is proven. Not every
step can be: some have conditions that no symbol knows (orthonormal columns), and some are too long.
"""

import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import pytest
import sympy

from blattwerk.build.numbers import sample
from blattwerk.build.order.catalogue import catalogue
from blattwerk.vocabulary.derivation import Derivation, derive, positive, real, simplex, unit
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.functions import exp, log, number, sqrt, summed
from blattwerk.vocabulary.terms import At, Sym, Term
from tests.vocabulary.symbolic import Point, Untranslatable, differences, symbols_allowed, translated, vanishes

# Whose sums take a while.
LONG = {
    "autoencoder",
    "bernoulli_vae",
    "deep_boltzmann_machine",
    "gaussian_rbm",
    "kl_factorised",
    "mixture_density",
    "rbm_cd",
}
FLOOR, FLOOR_OF_ALL = 220, 215
a, b, p = (Sym(name) for name in "abp")


@dataclass(frozen=True)
class Verdict:
    """What became of one equality: proven, refuted, undecided, too long or untranslatable, and which one it is."""

    word: str
    step: str


class TooLong(BaseException):
    """The time for one step is over; no error that somebody on the way might take for one of theirs."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TooLong after so many seconds of this process's own time, however busy the machine is."""

    def stop(signal_number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.1)  # again, where a callback has swallowed it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def judged(derivation: Derivation, seconds: float) -> Iterator[Verdict]:
    """A verdict on each equality of a derivation."""
    point, before = Point(derivation, seed=0), derivation.start
    with symbols_allowed():
        for step in derivation.steps:
            if step.relation == "=" and not step.cited:
                yield Verdict(_judge(before, step.term, point, seconds), f"{before} = {step.term}")
            before = step.term


def _judge(left: Term, right: Term, point: Point, seconds: float) -> str:
    try:
        with at_most(seconds):
            found = differences(translated(left, point.env), translated(right, point.env))
            values = [sympy.N(one.subs(point.place), 30) for one in found]
            if any(value is sympy.nan for value in values):  # sympy does not get over this point
                return "undecided"
            if any(abs(value) > 1e-20 for value in values):
                return "refuted"
            return "proven" if all(vanishes(one, point) for one in found) else "undecided"
    except Untranslatable as reason:
        return f"untranslatable ({reason})"
    except TooLong:
        return "too long"


def general(topic: str) -> Iterator[tuple[str, Derivation]]:
    """The derivations of a topic that hold for all values of their symbols, each once, with a name."""
    seen = set()
    for difficulty in DIFFICULTIES:
        for name, derivation in sample(topic, 1, difficulty).instance().derivations.items():
            text = (name, str(derivation.start), *(str(step.term) for step in derivation.steps))
            if derivation.domain and text not in seen:
                seen.add(text)
                yield f"{topic}, {name}", derivation


def counted(topics: Iterable[str], seconds: float) -> Counter[str]:
    """How many steps got which verdict; all but the proven ones are printed, and a refuted one is an error."""
    counts: Counter[str] = Counter()
    for name, derivation in (one for topic in topics for one in general(topic)):
        for verdict in judged(derivation, seconds):
            counts[verdict.word.partition(" (")[0]] += 1
            if verdict.word != "proven":
                print(f"{name}: {verdict.step}: {verdict.word}")
            assert verdict.word != "refuted", f"{name}: {verdict.step}"
    print(f"{counts.total()} general equalities: {dict(counts)}")
    return counts


# An alarm that comes within a callback of the garbage collector is told as a warning, and comes again.
swallowed = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@swallowed
def test_general_chains_hold_for_all_values() -> None:
    """In the topics whose sums are short. The number may grow; where it falls, something is not translated any more."""
    assert counted(sorted(catalogue().keys() - LONG), 0.5)["proven"] >= FLOOR


@swallowed
@pytest.mark.long
def test_general_chains_of_all_topics_hold_for_all_values() -> None:
    """With more time for each step."""
    assert counted(sorted(catalogue()), 4)["proven"] >= FLOOR_OF_ALL


@pytest.mark.parametrize(
    "derivation",
    [
        derive((a + b) ** 2, a=real, b=real).eq(a**2 + 2 * a * b + b**2),
        derive(log(p * a), p=unit, a=positive).eq(log(p) + log(a)),
        derive(exp(a - b), a=real, b=real).eq(exp(a) / exp(b)),
        derive(sqrt(p**2), p=positive).eq(p),
        derive(log(1 - p), p=unit).eq(-log(1 / (1 - p))),
        derive(summed("i", 1, 3, At("q", Sym("i"))), q=simplex(3)).eq(1),
    ],
    ids=lambda derivation: f"{derivation.start} = {derivation.result}",
)
def test_a_true_equality_is_proven(derivation: Derivation) -> None:
    """By the rules of arithmetic, of logarithms and of exponentials, and by what the domain says."""
    assert [verdict.word for verdict in judged(derivation, 5)] == ["proven"]


@pytest.mark.parametrize(
    "derivation",
    [
        derive((a + b) ** 2, a=real, b=real).eq(a**2 + b**2),
        derive(log(1 + p), p=unit).eq(p),
        derive(exp(a) * (1 + number(1) / 10**12), a=real).eq(exp(a)),
        derive(summed("i", 1, 3, At("q", Sym("i")) ** 2), q=simplex(3)).eq(1),
    ],
    ids=lambda derivation: f"{derivation.start} = {derivation.result}",
)
def test_a_wrong_equality_is_refuted(derivation: Derivation) -> None:
    """Even where the sides are nearly equal."""
    assert [verdict.word for verdict in judged(derivation, 5)] == ["refuted"]
