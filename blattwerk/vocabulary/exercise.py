"""The vocabulary: what an exercise, its parts, its answers and one drawn instance of it are.

Everything here is a frozen value.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from blattwerk.vocabulary.derivation import Derivation
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.figures import Figure
from blattwerk.vocabulary.language import Localised
from blattwerk.vocabulary.mistakes import Step
from blattwerk.vocabulary.oracles import Oracle
from blattwerk.vocabulary.parts import DIFFICULTIES as DIFFICULTIES
from blattwerk.vocabulary.parts import Answer as Answer
from blattwerk.vocabulary.parts import Difficulty as Difficulty
from blattwerk.vocabulary.parts import Part as Part
from blattwerk.vocabulary.parts import PartKind as PartKind
from blattwerk.vocabulary.slips import Wrong, later, slips, stepwise

P = TypeVar("P")
T = TypeVar("T")
S = TypeVar("S")


class Solver(Protocol):
    """What a topic's module of mathematics offers; `figures` and `claims` may stand there too."""

    @property
    def Params(self) -> type[Any]:  # noqa: N802  # the name of the class
        """The numbers on the question."""

    @property
    def oracles(self) -> tuple[Oracle, ...]:
        """The checks by other means."""

    def solve(self, params: Any, /) -> Any:
        """What follows from the params; a second argument `step` makes the usual mistakes (see `mistakes`)."""

    def answers(self, params: Any, solution: Any, /) -> tuple[Answer, ...]:
        """The results, in the order of the parts."""

    def derivations(self, params: Any, solution: Any, /) -> Mapping[str, Derivation]:
        """The displayed chains of relations by name."""


def no_figures(params: Any, solution: Any) -> Mapping[str, Figure]:
    """The figures of an exercise without any."""
    return {}


def no_claims(params: Any, solution: Any) -> Mapping[str, bool]:
    """The claims of an exercise whose sentences hold for all numbers."""
    return {}


def no_values(params: Any, solution: Any) -> Mapping[str, Any]:
    """The values of an exercise whose templates print params, solution and answers only."""
    return {}


@dataclass(frozen=True)
class Exercise(Generic[P, S]):
    """One topic: how its numbers are drawn, solved, checked and shown.

    draw         (draws, difficulty) -> params; pure
    solve        params -> solution; pure; (params, step) -> solution where usual mistakes have values
    answers      (params, solution) -> the results, in the order of the parts
    derivations  (params, solution) -> the displayed chains of relations by name
    oracles      at least two, each by other means than the solver's
    figures      (params, solution) -> the figures by name
    claims       (params, solution) -> by name, whether a sentence that depends on the numbers holds for these
    values       (params, solution) -> what else the templates print or ask for, by name
    draft        what it lacks: "unproven", or a language; a draft is built only where that is wanted, and marked
    offers       how many different `standard` instances there are, if fewer than a large class needs
    version      raised by one whenever a draw, Params or the parts change: what was handed out names the one it is of
    """

    id: str
    title: Localised
    params: type[P]
    parts: tuple[Part, ...]
    draw: Callable[[Draws, Difficulty], P]
    solve: Callable[..., S]
    answers: Callable[[P, S], tuple[Answer, ...]]
    derivations: Callable[[P, S], Mapping[str, Derivation]]
    oracles: tuple[Oracle, ...]
    figures: Callable[[P, S], Mapping[str, Figure]] = no_figures
    demo: str | None = None  # its id; the training stands under the same stem in solvers/demos
    offers: int | None = None
    version: int = 1
    claims: Callable[[P, S], Mapping[str, bool]] = no_claims
    values: Callable[[P, S], Mapping[str, Any]] = no_values
    draft: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        solver: Solver,
        draw: Callable[[Draws, Difficulty], Any],
        *,
        id: str,
        title: Localised,
        parts: tuple[Part, ...],
        demo: str | None = None,
        offers: int | None = None,
        version: int = 1,
    ) -> "Exercise[Any, Any]":
        """The exercise of a module of mathematics and a draw."""
        return cls(
            id,
            title,
            solver.Params,
            parts,
            draw,
            solver.solve,
            solver.answers,
            solver.derivations,
            solver.oracles,
            getattr(solver, "figures", no_figures),
            demo,
            offers,
            version,
            getattr(solver, "claims", no_claims),
        )

    def parts_at(self, difficulty: Difficulty) -> tuple[Part, ...]:
        """The parts that exist at this difficulty."""
        return tuple(part for part in self.parts if difficulty in part.difficulties)


@dataclass(frozen=True)
class Instance:
    """One exercise with one student's numbers, and everything that follows from them.

    `more` names parts that were handed out at this difficulty, and that the topic asks for at others only by now.
    """

    exercise: Exercise[Any, Any]
    difficulty: Difficulty
    params: Any
    more: frozenset[str] = frozenset()

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        there = {part.id for part in self.exercise.parts_at(self.difficulty)} | self.more
        return tuple(part for part in self.exercise.parts if part.id in there)

    @cached_property
    def solution(self) -> Any:
        return self.exercise.solve(self.params)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        return self._answers(self.solution)

    @cached_property
    def slips(self) -> Mapping[str, Wrong | None]:
        """For each usual mistake that `solve` can make here, what it leads to, or None where that cannot be told."""
        return slips(self.parts, self.answers, self.answers_by)

    @cached_property
    def follows(self) -> Mapping[str, tuple[str, ...]]:
        """For each answer that is the name of a step: which other answers change if that step brings something else."""
        return later(self.answers, self.answers_by)

    def answers_by(self, step: Step) -> tuple[Answer, ...]:
        """The answers if the steps of `solve` are taken like this; the right ones if it does not ask."""
        solve, more = self.exercise.solve, (step,) if stepwise(self.exercise.solve) else ()
        return self._answers(solve(self.params, *more))

    def _answers(self, solution: Any) -> tuple[Answer, ...]:
        there = {part.id for part in self.parts}
        return tuple(a for a in self.exercise.answers(self.params, solution) if a.part in there)

    @cached_property
    def derivations(self) -> Mapping[str, Derivation]:
        return self._of_parts(self.exercise.derivations)

    @cached_property
    def claims(self) -> Mapping[str, bool]:
        return self._of_parts(self.exercise.claims)

    def _of_parts(self, function: Callable[..., Mapping[str, T]]) -> Mapping[str, T]:
        """What a function of params and solution says; one that asks for them is told the ids of today's parts."""
        asked = "parts" in inspect.signature(function).parameters
        return function(self.params, self.solution, *([frozenset(part.id for part in self.parts)] if asked else []))

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        return self.exercise.figures(self.params, self.solution)

    @cached_property
    def values(self) -> Mapping[str, Any]:
        return self.exercise.values(self.params, self.solution)
