"""What was found of an instance: for each answer, who confirms it; which claims hold; where a usual mistake leads.

Other than a proof, which ends at the first disagreement, it looks on: who writes a topic wants to see all at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from blattwerk.build.libraries import for_want_of_torch
from blattwerk.build.limits import TimeUp, seconds, within
from blattwerk.build.order.catalogue import find_topic
from blattwerk.build.order.stopping import seen
from blattwerk.build.proof.hearing import ENOUGH, Heard
from blattwerk.build.proof.prove import judged
from blattwerk.build.store.records import decimals
from blattwerk.build.topicfile.checking import confirmations
from blattwerk.build.topicfile.topic import compiled
from blattwerk.errors import BlattwerkError
from blattwerk.vocabulary.derivation import Verified, verify_all
from blattwerk.vocabulary.exercise import Answer, Instance
from blattwerk.vocabulary.oracles import Comparison, Oracle


@dataclass(frozen=True)
class SeenAnswer:
    """One answer, and who has found the same.

    symbol   what it is called on paper, in TeX
    exact    its exact form as text; `value` is the exact value itself
    decimal  as text; a list for a vector, a list of lists for a matrix
    by       the oracles that found the same, each by other means than `solve`
    against  the oracles that found something else, with both values
    """

    name: str
    part: str
    symbol: str
    exact: str
    decimal: Any
    places: int
    value: Any = field(repr=False)
    by: tuple[str, ...] = ()
    against: Mapping[str, str] = field(default_factory=dict)

    @property
    def proven(self) -> bool:
        """Whether two oracles confirm it, and none is against it."""
        return len(self.by) >= ENOUGH and not self.against


@dataclass(frozen=True)
class SeenMistake:
    """A usual mistake: its key, its part, what it costs, and the answers that it changes.

    known  whether `solve` can make it; if not, the marker's copy has words for it, and no value
    """

    name: str
    part: str
    cost: int
    known: bool
    answers: Mapping[str, SeenAnswer]


@dataclass(frozen=True)
class Lights:
    """All that was found. `why` says why the instance is not proven, and is empty if it is.

    left_out  the oracles that could not be asked, because torch is not installed
    """

    answers: tuple[SeenAnswer, ...]
    claims: Mapping[str, bool]
    relations: Verified | None
    oracles: Mapping[str, tuple[Comparison, ...]]
    why: str = ""
    left_out: tuple[str, ...] = ()


def lights(instance: Instance) -> Lights:
    """What was found of a solved instance. No oracle stops another one, nor a derivation a claim."""
    words, failures = _heard(instance)
    relations, claims = None, {}
    try:
        with within(seconds()):
            relations = verify_all(instance.derivations)
    except (Exception, TimeUp) as error:  # noqa: BLE001  # the author sees what it is, and the rest besides
        failures.append(_told(error, instance))
    try:
        with within(seconds()):
            claims = dict(instance.claims)
    except (Exception, TimeUp) as error:  # noqa: BLE001  # likewise
        failures.append(_told(error, instance))
    if relations is not None and not failures:
        try:
            judged(instance, words, relations, claims)
        except BlattwerkError as error:
            failures.append(str(error))
    answers = tuple(_seen_answer(instance, answer, words.said) for answer in instance.answers)
    return Lights(answers, claims, relations, words.said, "; ".join(failures), words.left_out)


def _heard(instance: Instance) -> tuple[Heard, list[str]]:
    """What each oracle says, and what is wrong with those that broke down."""
    said: dict[str, tuple[Comparison, ...]] = {}
    left_out: list[str] = []
    failures: list[str] = []
    for oracle in instance.exercise.oracles:
        try:
            said[_name(oracle)] = _asked(oracle, instance)
        except ModuleNotFoundError as error:
            if for_want_of_torch(error):
                left_out.append(_name(oracle))
            else:
                failures.append(f"the oracle {_name(oracle)} broke down: {_told(error, instance)}")
        except (Exception, TimeUp) as error:  # noqa: BLE001  # one that breaks down confirms nothing; the others may
            failures.append(f"the oracle {_name(oracle)} broke down: {_told(error, instance)}")
    return Heard(said, tuple(left_out)), failures


def _asked(oracle: Oracle, instance: Instance) -> tuple[Comparison, ...]:
    with within(seconds()):
        return tuple(oracle(instance.params, instance.solution))


def _name(oracle: Oracle) -> str:
    return str(getattr(oracle, "__name__", oracle))


def _told(error: BaseException, instance: Instance) -> str:
    return str(error) if isinstance(error, BlattwerkError) else seen(error, instance.exercise)


def _seen_answer(instance: Instance, answer: Answer, said: Mapping[str, tuple[Comparison, ...]]) -> SeenAnswer:
    words = {oracle: [word for word in all_ if word.what == answer.name] for oracle, all_ in said.items()}
    own = _own_means(instance, answer.name)
    by = tuple(name for name, ones in words.items() if ones and all(w.agrees for w in ones) and name not in own)
    against = {name: "; ".join(w.detail for w in ones if not w.agrees) for name, ones in words.items()}
    return _of(answer, by, {name: detail for name, detail in against.items() if detail})


def _of(answer: Answer, by: tuple[str, ...] = (), against: Mapping[str, str] = {}) -> SeenAnswer:
    value = answer.value.value()
    exact = str(answer.value)
    return SeenAnswer(
        answer.name, answer.part, answer.symbol, exact, decimals(value), answer.places, value, by, against
    )


def _own_means(instance: Instance, answer: str) -> frozenset[str]:
    """The checks of a page that find an answer with the very expression of `solve`: these confirm nothing."""
    page = find_topic(instance.exercise.id).place.page
    if page is None:
        return frozenset()
    made = compiled(str(page))
    named = {_name(oracle) for oracle in instance.exercise.oracles}
    return frozenset(named - set(confirmations(made.program, answer)))


def seen_mistakes(instance: Instance) -> Iterator[SeenMistake]:
    """The usual mistakes, part by part, each with the values that it leads to on these numbers."""
    for part in instance.parts:
        for name, cost in part.mistakes.items():
            wrong = instance.slips.get(name)
            changed = {answer.name: _of(answer) for answer in wrong.changed} if wrong else {}
            yield SeenMistake(name, part.id, cost, name in instance.slips, changed)
