"""Draws for deep belief nets: layer sizes, the Gibbs chain, and the rows of the comparison of methods."""

from collections.abc import Sequence
from itertools import pairwise

from blattwerk.solvers import deep_belief_net as solver
from blattwerk.solvers.deep_belief_net import VERDICTS, Params
from blattwerk.vocabulary import Difficulty, Draws, Exercise, Localised, Part

# difficulty: (hidden layers, their sizes, sides of the square images, sweeps, rows of the comparison)
RANGES: dict[Difficulty, tuple[int, Sequence[int], Sequence[int], Sequence[int], int]] = {
    "easy": (2, range(10, 100, 10), range(8, 17), (10, 20, 50), 4),
    "standard": (3, range(20, 310, 10), range(8, 29), range(10, 51), 5),
    "hard": (4, range(24, 260, 4), range(8, 29), range(10, 51), len(VERDICTS)),
}


def draw(draws: Draws, difficulty: Difficulty) -> Params:
    """A stack whose layers have different sizes, and rows that hold something for and against each method."""
    return draws.first(lambda attempt: _proposed(attempt, *RANGES[difficulty]))


def _proposed(
    draws: Draws, hidden: int, sizes: Sequence[int], sides: Sequence[int], sweeps: Sequence[int], rows: int
) -> Params | None:
    params = Params(
        (draws.choice("side", sides) ** 2, *draws.sample("sizes", sizes, hidden)),
        draws.integer("classes", 3, 12),
        draws.choice("sweeps", sweeps),
        draws.sample("properties", tuple(VERDICTS), rows),
    )
    return params if _distinct(params) and _varied(params) else None


def _distinct(params: Params) -> bool:
    """No layer is much narrower than the one below, the last is not the widest, and the counts differ clearly."""
    sizes = params.sizes
    last = (sizes[-1] + 1) * params.classes
    return (
        len(set(sizes)) == len(sizes)
        and max(n / m for n, m in pairwise(sizes)) <= 20
        and sizes[-1] < sizes[0]
        and abs(last - sizes[0]) >= 10
        and last not in (sum(sizes[:-1]), sum(sizes[1:]))
    )


def _varied(params: Params) -> bool:
    """t-SNE and PCA have a clear yes and a clear no (so that the DBN does not win every row), and a cell is open."""
    verdicts = [VERDICTS[name] for name in params.properties]
    pca, tsne, _ = zip(*verdicts, strict=True)
    return all({"yes", "no"} <= set(column) for column in (pca, tsne)) and any("open" in row for row in verdicts)


EXERCISE = Exercise.of(
    solver,
    draw,
    id="deep_belief_net",
    title=Localised("Deep belief nets: stacked RBMs", "Deep-Belief-Netze: gestapelte RBMs"),
    parts=(
        Part(
            "parameters",
            "compute",
            rubric={"weights": 1, "rbms": 1, "dbn": 1, "network": 1, "difference": 1},
            mistakes={"inner_once": 1, "no_visible": 1, "output": 1},
        ),
        Part(
            "training",
            "discussion",
            rubric={"order": 1, "data": 1, "frozen": 1, "counts": 1, "reason": 1},
            mistakes={"jointly": 2, "labels": 1},
        ),
        Part(
            "sampling",
            "discussion",
            rubric={"steps": 2, "exact": 1, "approximate": 2, "draws": 1},
            mistakes={"lossy": 1, "upwards": 2, "bottom": 1},
        ),
        Part(
            "classifier",
            "discussion",
            rubric={"counts": 2, "fine_tuning": 1, "benefit": 1, "limits": 1},
            mistakes={"visible": 1, "frozen": 1},
            difficulties=("standard", "hard"),
        ),
        Part(
            "methods", "discussion", rubric={"clear": 3, "reasons": 1, "open": 1}, mistakes={"variant": 1, "verdict": 1}
        ),
    ),
    demo="D6",
    version=3,
)
