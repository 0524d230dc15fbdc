"""The law of large numbers: how the mean of many throws settles at the expectation."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from blattwerk.vocabulary.demo import Advance, Demo, Findings, Start, measured, thinned
from blattwerk.vocabulary.figures import Mark, Panels, Plot
from blattwerk.vocabulary.language import Localised
from extra_topics.moments import mean
from extra_topics.solvers.fair_die import Params

THROWS = 200
ALT = Localised(
    "The mean of the first n throws, and the expectation.", "Das Mittel der ersten n Würfe und die Erwartung."
)


@dataclass(frozen=True)
class Setting:
    """The faces, and the source of the throws."""

    faces: tuple[int, ...]
    seed: int


def setting(params: Params, start: Start) -> Setting:
    """The student's own die."""
    return Setting(params.faces, start.seed)


def train(settings: Sequence[Setting], advance: Advance) -> tuple[Findings, ...]:
    """All throws of each student."""
    found = tuple(map(_thrown, settings))
    advance(1)
    return found


def _thrown(one: Setting) -> Findings:
    source = torch.Generator().manual_seed(one.seed)
    faces = torch.tensor(one.faces, dtype=torch.float64)
    throws = faces[torch.randint(len(one.faces), (THROWS,), generator=source)]
    counts = torch.arange(1, THROWS + 1, dtype=torch.float64)
    means = (throws.cumsum(0) / counts).tolist()
    expected = float(mean(one.faces))
    marks = (
        Mark("line", (1.0, float(THROWS)), (expected, expected), style=-1),
        Mark("line", thinned(counts.tolist()), thinned(means)),
    )
    plot = Plot(marks, Localised("$n$", "$n$"), Localised("mean", "Mittel"))
    return Findings({"mean": measured(means[-1], 2)}, Panels(ALT, (plot,)))


DEMO = Demo("X1", lanes=4, steps=1, setting=setting, train=train)
