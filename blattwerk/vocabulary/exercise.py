"""The vocabulary: what an exercise, its parts, its answers and one drawn instance of it are.

Everything here is a frozen value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Literal, Protocol, TypeVar

from blattwerk.vocabulary.derivation import Derivation
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.figures import Figure
from blattwerk.vocabulary.language import Localised
from blattwerk.vocabulary.oracles import Oracle
from blattwerk.vocabulary.terms import Term

Difficulty = Literal["easy", "standard", "hard"]
DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "standard", "hard")
PartKind = Literal["compute", "proof", "discussion"]

P = TypeVar("P")
S = TypeVar("S")


@dataclass(frozen=True)
class Part:
    """One lettered part of an exercise.

    `rubric` gives the points for each step of the solution, `mistakes` what the usual mistakes cost; their texts
    stand under the same keys in the templates. The part's points are the rubric's sum.
    """

    id: str
    kind: PartKind
    rubric: Mapping[str, int]
    mistakes: Mapping[str, int] = field(default_factory=dict)
    difficulties: tuple[Difficulty, ...] = DIFFICULTIES

    @property
    def points(self) -> int:
        """The points that the part brings unless the sheet file says otherwise."""
        return sum(self.rubric.values())


@dataclass(frozen=True)
class Answer:
    """One result that a student can be asked for: a closed expression whose value is the answer.

    `places` is the number of decimals that the sample solution prints (and the oracles compare far more of them).
    `symbol` is what it is called on paper, in TeX of math mode, the same in all languages.
    """

    name: str
    part: str
    value: Term
    places: int = 4
    symbol: str = ""


class Solver(Protocol):
    """What a topic's module of mathematics offers; `figures` may stand there too."""

    @property
    def Params(self) -> type[Any]:  # noqa: N802  # the name of the class
        """The numbers on the question."""

    @property
    def oracles(self) -> tuple[Oracle, ...]:
        """The checks by other means."""

    def solve(self, params: Any, /) -> Any:
        """What follows from the params."""

    def answers(self, params: Any, solution: Any, /) -> tuple[Answer, ...]:
        """The results, in the order of the parts."""

    def derivations(self, params: Any, solution: Any, /) -> Mapping[str, Derivation]:
        """The displayed chains of relations by name."""


def no_figures(params: Any, solution: Any) -> Mapping[str, Figure]:
    """The figures of an exercise without any."""
    return {}


@dataclass(frozen=True)
class Exercise(Generic[P, S]):
    """One topic: how its numbers are drawn, solved, checked and shown.

    draw         (draws, difficulty) -> params; pure
    solve        params -> solution; pure
    answers      (params, solution) -> the results, in the order of the parts
    derivations  (params, solution) -> the displayed chains of relations by name
    oracles      at least two, each by other means than the solver's
    figures      (params, solution) -> the figures by name
    offers       how many different `standard` instances there are, if fewer than a large class needs
    version      raised by one whenever a draw, Params or the parts change: what was handed out names the one it is of
    """

    id: str
    title: Localised
    params: type[P]
    parts: tuple[Part, ...]
    draw: Callable[[Draws, Difficulty], P]
    solve: Callable[[P], S]
    answers: Callable[[P, S], tuple[Answer, ...]]
    derivations: Callable[[P, S], Mapping[str, Derivation]]
    oracles: tuple[Oracle, ...]
    figures: Callable[[P, S], Mapping[str, Figure]] = no_figures
    demo: str | None = None  # its id; the training stands under the same stem in solvers/demos
    offers: int | None = None
    version: int = 1

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
        )

    def parts_at(self, difficulty: Difficulty) -> tuple[Part, ...]:
        """The parts that exist at this difficulty."""
        return tuple(part for part in self.parts if difficulty in part.difficulties)


@dataclass(frozen=True)
class Instance:
    """One exercise with one student's numbers, and everything that follows from them."""

    exercise: Exercise[Any, Any]
    difficulty: Difficulty
    params: Any

    @cached_property
    def solution(self) -> Any:
        return self.exercise.solve(self.params)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        there = {part.id for part in self.exercise.parts_at(self.difficulty)}
        return tuple(a for a in self.exercise.answers(self.params, self.solution) if a.part in there)

    @cached_property
    def derivations(self) -> Mapping[str, Derivation]:
        return self.exercise.derivations(self.params, self.solution)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        return self.exercise.figures(self.params, self.solution)
