"""An oracle that calls the solver's own helpers proves nothing: their call graphs must not meet."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

import blattwerk
from blattwerk.build.order.catalogue import catalogue

SOLVERS = Path(blattwerk.__file__).parent / "solvers"


def called(module: str) -> dict[str, set[str]]:
    """For each function at the top of a module, the other such functions that it names."""
    tree = ast.parse((SOLVERS / f"{module}.py").read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {
        name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in functions} - {name}
        for name, node in functions.items()
    }


def reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """Everything that a function calls, directly or not, itself included."""
    seen, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(graph[name])
    return seen


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_oracles_share_no_function_with_the_solver(exercise_id: str) -> None:
    """Neither solve() nor anything below it is used by an oracle."""
    graph = called(exercise_id)
    solver = reachable(graph, "solve")
    for oracle in catalogue()[exercise_id].oracles:
        assert reachable(graph, oracle.__name__) & solver == set()
