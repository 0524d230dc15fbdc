"""The vocabulary of training demos: what is trained on a student's own numbers, and what comes out of it.

Unlike an answer, a finding is measured. Its numbers are rounded to the digits that are the same on every machine as
soon as they are there; what was printed stands in the manifest and is never trained again at marking time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, Generic, TypeVar

from blattwerk.errors import TrainingFailure
from blattwerk.vocabulary.figures import Panels

P = TypeVar("P")
T = TypeVar("T")
Advance = Callable[[int], None]


@dataclass(frozen=True)
class Start:
    """Where a training starts: the seed of all its random numbers, and the folder of MNIST's files.

    Without a folder, a demo that needs handwritten digits takes those that come with scikit-learn.
    """

    seed: int
    mnist: str = ""


@dataclass(frozen=True)
class Findings:
    """What a training brought: numbers by name, rounded, and a figure; `mnist` tells whether MNIST was used."""

    numbers: Mapping[str, Decimal]
    figure: Panels
    mnist: bool = False


@dataclass(frozen=True)
class Demo(Generic[P, T]):
    """One small training.

    lanes    how many students are trained together, always: a chunk that is not full is filled up
    steps    how many steps a chunk reports, all in all
    setting  (params, start) -> everything that the training depends on
    train    (as many settings as there are lanes, advance) -> their findings; pure, advance(n) reports n steps
    """

    id: str
    lanes: int
    steps: int
    setting: Callable[[P, Start], T]
    train: Callable[[Sequence[T], Advance], tuple[Findings, ...]]


def trained(demo: Demo[Any, T], settings: Sequence[T], advance: Advance = lambda steps: None) -> tuple[Findings, ...]:
    """The findings of each setting.

    Chunks have a fixed number of lanes, the last one filled up by its own first setting, so that the shape of every
    tensor, and with it every rounding error, is the same whoever else is in the class.
    """
    findings: list[Findings] = []
    for start in range(0, len(settings), demo.lanes):
        chunk = list(settings[start : start + demo.lanes])
        full = chunk + chunk[:1] * (demo.lanes - len(chunk))
        findings += demo.train(full, advance)[: len(chunk)]
    return tuple(findings)


def measured(value: float, places: int) -> Decimal:
    """A measured number with so many decimals; the only way from a float to paper.

    Raises TrainingFailure for what is not finite.
    """
    if not isfinite(value):
        raise TrainingFailure(f"a training ended in {value}")
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places))
    return rounded if rounded else abs(rounded)  # no "-0"


def thinned(values: Sequence[float], digits: int = 4) -> tuple[float, ...]:
    """Numbers for a curve: a picture needs no more than `digits` significant digits."""
    return tuple(float(f"{value:.{digits - 1}e}") for value in values)
