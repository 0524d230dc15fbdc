"""Planted errors: solve() is broken in its source (a sign, an operation, a constant), and an oracle must object.

A mutant that answers the same on the instances tried is no error and is passed over.
"""

import ast
import copy
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from random import Random
from types import FrameType, ModuleType
from typing import Any, NoReturn

from blattwerk.build.check.complaint import Case, Objection, of_topic
from blattwerk.build.check.places import place_of, shown
from blattwerk.build.check.proofs import objected
from blattwerk.build.check.sources import node_of, reachable, rightly_taken, text_of, tree_of
from blattwerk.build.check.values import plain
from blattwerk.build.order.catalogue import Topic
from blattwerk.vocabulary.exercise import Difficulty, Instance

MUTANTS = 24  # tried of each topic, drawn from all that there are
VISIBLE = 3  # of these, at least: else solve() computes elsewhere, and nothing was tried
TRIED: tuple[tuple[int, Difficulty], ...] = ((7, "hard"), (8, "standard"), (9, "easy"))
SECONDS = 10  # for a mutant that has lost the end of a loop

SWAPPED: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
}
Solve = Callable[[Any], Any]


@dataclass(frozen=True)
class Spot:
    """Where an error can be planted: a node of a function at the top of a module, and which of its mutations."""

    module: str
    index: int
    position: int
    number: int


@of_topic
def planted_errors_found(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Every planted error that changes a solution meets an objection."""
    if topic.place.page:  # its lines are planted with errors in `on_page`
        return
    instances = [Case(topic, seed, difficulty).instance() for seed, difficulty in TRIED]
    spots, visible = _spots(topic), 0
    tried = Random(topic.exercise.id).sample(spots, min(MUTANTS, len(spots)))
    for spot in tried:
        place, what, solve = _planted(topic, spot)
        verdicts = {verdict(solve, one) for one in instances}
        visible += verdicts != {"same"}
        if "silent" in verdicts:
            yield place, f"{what} changes the solution, and no oracle objects; compare in one what follows from here"
    if visible < min(VISIBLE, len(spots)):
        yield (
            place_of(topic.exercise.solve),
            f"only {visible} of {len(tried)} planted errors change a solution; what the page shows must be computed "
            "by solve() and the functions of the topic that it calls",
        )


def _spots(topic: Topic) -> list[Spot]:
    """All places in what solve() reaches, its own module first."""
    start = node_of(topic.exercise.solve)
    within = reachable(topic, start)
    return [
        Spot(module, index, position, number)
        for module in sorted({module for module, _ in within}, key=lambda module: (module != start[0], module))
        for index, function in enumerate(tree_of(module).body)
        if isinstance(function, ast.FunctionDef) and (module, function.name) in within
        for position, node in enumerate(_nodes(function))
        for number, _ in enumerate(mutations(node))
    ]


def _nodes(function: ast.FunctionDef) -> list[ast.AST]:
    """The nodes of a function's body, without its annotations and without usual mistakes."""
    return [node for statement in function.body for node in rightly_taken(statement)]


def mutations(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
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


def _planted(topic: Topic, spot: Spot) -> tuple[str, str, Solve]:
    """A planted error: its place, what it is, and a solve() that has it."""
    tree = ast.parse(text_of(spot.module))
    function = tree.body[spot.index]
    assert isinstance(function, ast.FunctionDef)
    node = _nodes(function)[spot.position]
    kind, wrong = list(mutations(node))[spot.number]
    what = f"{kind} (`{short(node)}` made `{short(wrong)}`)"
    place = shown(sys.modules[spot.module].__file__ or spot.module, getattr(node, "lineno", None))
    tree.body[spot.index] = Replace(node, ast.copy_location(copy.deepcopy(wrong), node)).visit(function)
    return place, what, _solving(topic, spot.module, ast.fix_missing_locations(tree))


def short(node: ast.AST) -> str:
    """A node as Python, cut where it is long."""
    text = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node)))
    return text if len(text) <= 60 else f"{text[:57]}..."


def _solving(topic: Topic, module: str, tree: ast.Module) -> Solve:
    """solve() with this tree in the place of one of the topic's modules; all that imports it is imported anew."""
    home, name = node_of(topic.exercise.solve)
    original = sys.modules[module]
    with _set_aside({home, module} | {other for other, _ in reachable(topic, (home, name))}):
        mutant = ModuleType(module)
        kept = ("__file__", "__package__", "__path__", "__spec__", "__loader__")
        mutant.__dict__.update({key: value for key, value in vars(original).items() if key in kept})
        _install(module, mutant)
        try:
            exec(compile(tree, original.__file__ or module, "exec"), mutant.__dict__)
            solve: Solve = getattr(import_module(home), name)
        except Exception as error:  # noqa: BLE001  # it breaks down as soon as it is imported
            return _broken(error)
    return solve


def _broken(error: Exception) -> Solve:
    def solve(params: Any) -> NoReturn:
        raise error

    return solve


@contextmanager
def _set_aside(names: set[str]) -> Iterator[None]:
    """Python knows nothing of these modules in here, and the same ones afterwards."""
    before = {name: sys.modules.pop(name) for name in names}
    try:
        yield
    finally:
        for name, module in before.items():
            _install(name, module)


def _install(name: str, module: ModuleType) -> None:
    sys.modules[name] = module
    package, _, leaf = name.rpartition(".")
    if package in sys.modules:
        setattr(sys.modules[package], leaf, module)


def verdict(solve: Solve, one: Instance) -> str:
    """Whether a mutant answers the same or is found (by an oracle, or by breaking down); 'silent' if nobody objects."""
    try:
        with _at_most(SECONDS):
            wrong = solve(one.params)
    except Exception:  # noqa: BLE001  # a mutant that breaks down would never be printed
        return "found"
    if plain(wrong) == plain(one.solution):
        return "same"
    return "found" if objected(one, wrong) else "silent"


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Raise TimeoutError after so many seconds, where the system can (in the main thread, not on Windows)."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _too_late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _too_late(number: int, frame: FrameType | None) -> NoReturn:
    raise TimeoutError
