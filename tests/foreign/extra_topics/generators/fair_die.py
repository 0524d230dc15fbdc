"""Draws for mean and variance of a fair die."""

from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from extra_topics.solvers import fair_die as solver
from extra_topics.solvers.fair_die import Params

LARGEST: dict[Difficulty, int] = {"easy": 12, "standard": 30, "hard": 99}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Six different numbers."""
    return Params(draws.sample("faces", range(1, LARGEST[difficulty] + 1), 6))


EXERCISE = Exercise.of(
    solver,
    draw,
    id="fair_die",
    title=Localised("A fair die", "Ein fairer Würfel"),
    parts=(
        Part("mean", "compute", rubric={"sum": 1, "value": 1}, mistakes={"count": 1}),
        Part("variance", "compute", rubric={"squares": 1, "value": 1}, mistakes={"root": 1}),
    ),
    demo="X1",
    version=4,
)
