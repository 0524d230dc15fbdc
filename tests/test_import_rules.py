"""The rule of ours among those for imports (see pyproject.toml): no topic imports another."""

import grimp
import pytest

from tools.import_contracts import TopicsContract

ROOMS = ["house.generators", "house.solvers", "house.solvers.demos"]
SHARED = ["house.solvers.demos.lanes"]
MODULES = (
    *("house", *ROOMS, *SHARED, "house.words"),
    *(f"{room}.{topic}" for room in ROOMS for topic in ("one", "other")),
)


def wrong(importer: str, imported: str) -> list[tuple[str, str]]:
    """What the rule finds in a house with this one import; house.generators.one stands as generators.one."""
    graph = grimp.ImportGraph()
    for module in MODULES:
        graph.add_module(module)
    graph.add_import(importer=f"house.{importer}", imported=f"house.{imported}")
    contract = TopicsContract("topics", {}, {"rooms": ROOMS, "shared": SHARED})
    check = contract.check(graph, verbose=False)
    found: list[tuple[str, str]] = check.metadata["wrong"]
    assert check.kept is not bool(found)
    return found


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("generators.one", "generators.other"),
        ("generators.one", "solvers.other"),
        ("solvers.one", "solvers.other"),
        ("solvers.one", "solvers.demos.other"),
        ("solvers.demos.one", "solvers.other"),
        ("solvers.demos.one", "solvers.demos.other"),
        ("solvers.demos.lanes", "solvers.demos.one"),
    ],
)
def test_another_topic_is_found(importer: str, imported: str) -> None:
    """Wherever the two modules stand; a shared module belongs to no topic."""
    assert wrong(importer, imported) == [(f"house.{importer}", f"house.{imported}")]


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("generators.one", "solvers.one"),
        ("solvers.demos.one", "solvers.one"),
        ("solvers.demos.one", "solvers.demos.lanes"),
        ("solvers.one", "words"),
        ("words", "solvers.one"),
    ],
)
def test_ones_own_topic_and_what_is_shared_are_not(importer: str, imported: str) -> None:
    """Nor what stands outside of the rooms; other rules speak of that."""
    assert wrong(importer, imported) == []
