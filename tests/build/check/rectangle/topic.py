"""The draws of the rectangle, and the topic."""

from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part
from tests.build.check.rectangle import solver
from tests.build.check.rectangle.solver import Params


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """Two sides."""
    width = draws.fraction("width", 101, 999, 10)
    height = draws.fraction("height", 101, 999, 10)
    return Params(width, height)


EXERCISE = Exercise(
    id="rectangle",
    title=Localised("A rectangle", "Ein Rechteck"),
    params=Params,
    parts=(Part("area", "compute", {"value": 1}), Part("boundary", "compute", {"value": 1})),
    draw=draw,
    solve=solver.solve,
    answers=solver.answers,
    derivations=solver.derivations,
    oracles=solver.oracles,
)
