"""The parts of an exercise, and the answers that they ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from blattwerk.vocabulary.terms import Term

Difficulty = Literal["easy", "standard", "hard"]
DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "standard", "hard")
PartKind = Literal["compute", "proof", "discussion"]


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
