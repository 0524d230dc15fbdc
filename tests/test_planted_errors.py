"""Each solver is broken in turn, in its source: a sign, an operation, an order, a constant, an index. Oracles object.

A mutant whose solution is the right one all the same (for the instances tried) is no error and is passed over.
"""

import ast
import copy
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

import blattwerk
from blattwerk.build.order.catalogue import catalogue
from blattwerk.vocabulary.exercise import Difficulty, Instance
from tests.instances import instance
from tests.test_independence import called, reachable

SOLVERS = Path(blattwerk.__file__).parent / "solvers"
MUTANTS = 24  # tried per exercise, drawn from all that there are
TRIED: tuple[tuple[int, Difficulty], ...] = ((7, "hard"), (8, "standard"), (9, "easy"))

SWAPPED: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
}


def mutations(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What can replace a node: its description and the wrong node."""
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPPED:
        yield "another operation", ast.BinOp(node.left, SWAPPED[type(node.op)], node.right)
        if isinstance(node.op, ast.Sub | ast.Div):
            yield "swapped sides", ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "a lost sign", node.operand
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield "a constant off by one", ast.Constant(node.value + 1)
    elif isinstance(node, ast.Call) and len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args):
        first, second, *rest = node.args
        yield "swapped arguments", ast.Call(node.func, [second, first, *rest], node.keywords)


class Replace(ast.NodeTransformer):
    """Put a wrong node in the place of one node."""

    def __init__(self, wanted: ast.AST, wrong: ast.AST) -> None:
        self.wanted, self.wrong = wanted, wrong

    def visit(self, node: ast.AST) -> Any:
        """The wrong node there, everything else as it is."""
        return self.wrong if node is self.wanted else self.generic_visit(node)


def mutants(exercise_id: str) -> Iterator[tuple[str, ModuleType]]:
    """Broken copies of a solver's module, each with one mutation in what solve() reaches."""
    source = (SOLVERS / f"{exercise_id}.py").read_text(encoding="utf-8")
    within = reachable(called(exercise_id), "solve")
    places = [
        (index, position, number)
        for index, function in enumerate(ast.parse(source).body)
        if isinstance(function, ast.FunctionDef) and function.name in within
        for position, node in enumerate(_nodes(function))
        for number, _ in enumerate(mutations(node))
    ]
    random = Random(exercise_id)
    for index, position, number in random.sample(places, min(MUTANTS, len(places))):
        tree = ast.parse(source)
        function = tree.body[index]
        assert isinstance(function, ast.FunctionDef)
        node = _nodes(function)[position]
        what, wrong = list(mutations(node))[number]
        line = getattr(node, "lineno", 0)
        tree.body[index] = Replace(node, ast.copy_location(copy.deepcopy(wrong), node)).visit(function)
        name = f"mutant_of_{exercise_id}"
        module = ModuleType(name)
        sys.modules[name] = module  # dataclasses look their module up
        exec(compile(ast.fix_missing_locations(tree), name, "exec"), module.__dict__)
        yield f"{what} in line {line}", module


def _nodes(function: ast.FunctionDef) -> list[ast.AST]:
    """The nodes of a function's body, without its annotations and its docstring."""
    return [node for statement in function.body for node in ast.walk(statement)]


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_a_broken_solver_is_found(exercise_id: str) -> None:
    """Every mutant that answers otherwise on one of the instances meets an objection there."""
    instances = [instance(exercise_id, seed, difficulty) for seed, difficulty in TRIED]
    broken, silent = 0, []
    for what, module in mutants(exercise_id):
        verdicts = {_verdict(module, one) for one in instances}
        broken += verdicts != {"same"}
        if "silent" in verdicts:
            silent.append(what)
    assert silent == []
    assert broken >= 3


def _verdict(module: ModuleType, one: Instance) -> str:
    """Whether a mutant answers the same or is found (by an oracle, or by breaking down); 'silent' if nobody objects."""
    try:
        wrong = module.solve(one.params)
    except Exception:  # noqa: BLE001  # a mutant that breaks down would never be printed
        return "found"
    if _plain(wrong) == _plain(one.solution):
        return "same"
    for oracle in one.exercise.oracles:
        try:
            if not all(comparison.agrees for comparison in oracle(one.params, wrong)):
                return "found"
        except Exception:  # noqa: BLE001  # an oracle that stumbles over nonsense stops the sheet, too
            return "found"
    return "silent"


def _plain(value: Any) -> Any:
    """A solution as nested tuples: the mutant's classes are others, its numbers may be the same."""
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(_plain(getattr(value, field.name)) for field in fields(value))
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value
