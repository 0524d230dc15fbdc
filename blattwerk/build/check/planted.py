"""Planted errors: what solve() reaches is broken in its source (a sign, an operation, ...), and an oracle must object.

Reached are its own functions, the methods and properties of Params and Solution, and shared modules. The oracles run
with the error in place: it is there for all who call it.

A mutant that answers the same on the instances tried is no error and is passed over.
"""

import ast
import copy
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from types import FrameType
from typing import Any, NoReturn

from blattwerk.build.check.complaint import Case, Objection, of_topic
from blattwerk.build.check.independence import NEUTRAL, printed
from blattwerk.build.check.places import place_of, shown
from blattwerk.build.check.proofs import objected
from blattwerk.build.check.sources import Node, computes, functions_of, node_of, reachable, rightly_taken
from blattwerk.build.check.values import leaves, plain
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
    """Where an error can be planted: a node of a function (or "Class.method"), and which of its mutations."""

    module: str
    function: str
    position: int
    number: int


@of_topic
def planted_errors_found(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Every planted error that changes a solution meets an objection."""
    if topic.place.page:  # its lines are planted with errors in `on_page`
        return
    found = spots(topic)
    tried = Random(topic.exercise.id).sample(found, min(MUTANTS, len(found)))
    visible = 0
    for place, what, verdicts in verdicts_on(topic, tried):
        visible += verdicts != {"same"}
        if "silent" in verdicts:
            yield place, f"{what} changes the solution, and no oracle objects; compare in one what follows from here"
    if visible < min(VISIBLE, len(found)):
        yield (
            place_of(topic.exercise.solve),
            f"only {visible} of {len(tried)} planted errors change a solution; what the page shows must be computed "
            "by solve() and the functions of the topic that it calls",
        )


def verdicts_on(topic: Topic, tried: Iterable[Spot]) -> Iterator[tuple[str, str, set[str]]]:
    """For each planted error its place, what it is, and what becomes of it on a few instances."""
    instances = [Case(topic, seed, difficulty).instance() for seed, difficulty in TRIED]
    for one in instances:
        _ = one.solution  # before anything is planted
    home, name = node_of(topic.exercise.solve)
    for spot in tried:
        with planted(topic, spot) as (place, what):
            verdicts = {verdict(getattr(sys.modules[home], name), _anew(one)) for one in instances}
        yield place, what, verdicts


def spots(topic: Topic) -> list[Spot]:
    """All places in what solve() reaches, its own module first; but not in tools, nor in what the question prints."""
    start = node_of(topic.exercise.solve)
    within = reachable(topic, start, without=frozenset(NEUTRAL) | printed(topic))
    return spots_in(sorted(within, key=lambda node: (node[0] != start[0], node)))


def spots_in(functions: Iterable[Node]) -> list[Spot]:
    """All places in some functions."""
    return [
        Spot(module, name, position, number)
        for module, name in functions
        for position, node in enumerate(_nodes(functions_of(module)[name]))
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


def described(spot: Spot) -> str:
    """What would be planted there."""
    node = _nodes(functions_of(spot.module)[spot.function])[spot.position]
    return what_is_planted(*list(mutations(node))[spot.number], node)


def what_is_planted(kind: str, wrong: ast.AST, node: ast.AST) -> str:
    """An error in words."""
    return f"{kind} (`{short(node)}` made `{short(wrong)}`)"


@contextmanager
def planted(topic: Topic, spot: Spot) -> Iterator[tuple[str, str]]:
    """In here there is an error in the topic, whoever calls it: its place, and what it is."""
    function = copy.deepcopy(functions_of(spot.module)[spot.function])
    node = _nodes(function)[spot.position]
    kind, wrong = list(mutations(node))[spot.number]
    module = sys.modules[spot.module]
    place = shown(module.__file__ or spot.module, getattr(node, "lineno", None))
    what = what_is_planted(kind, wrong, node)
    mutant = Replace(node, ast.copy_location(copy.deepcopy(wrong), node)).visit(function)
    made: dict[str, Any] = {}
    tree = ast.fix_missing_locations(ast.Module([mutant], []))
    exec(compile(tree, module.__file__ or spot.module, "exec"), module.__dict__, made)
    with _in_place(topic, spot, made[function.name]):
        yield place, what


@contextmanager
def _in_place(topic: Topic, spot: Spot, mutant: Any) -> Iterator[None]:
    """The mutant in all places where the function stands: in its class, or in every module that has it."""
    home = sys.modules[spot.module]
    owner, _, name = spot.function.rpartition(".")
    if owner:
        before = vars(getattr(home, owner))[name]
        holders: list[tuple[Any, str]] = [(getattr(home, owner), name)]
    else:  # it may go by another name elsewhere
        before = getattr(home, name)
        modules = [one for key, one in sys.modules.items() if computes(topic, key) or key == spot.module]
        holders = [(one, key) for one in modules for key, value in vars(one).items() if value is before]
    _forget(topic)
    for holder, key in holders:
        setattr(holder, key, mutant)
    try:
        yield
    finally:
        for holder, key in holders:
            setattr(holder, key, before)
        _forget(topic)


def _forget(topic: Topic) -> None:
    """What the topic's functions keep of earlier calls is thrown away."""
    for key, module in list(sys.modules.items()):
        for value in list(vars(module).values()) if computes(topic, key) else ():
            if callable(getattr(value, "cache_clear", None)):
                value.cache_clear()


def _anew(one: Instance) -> Instance:
    """The instance with params that remember nothing, and with the solution that it has."""
    again = replace(one, params=copy.deepcopy(one.params))
    vars(again)["solution"] = one.solution
    return again


def short(node: ast.AST) -> str:
    """A node as Python, cut where it is long."""
    text = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node)))
    return text if len(text) <= 60 else f"{text[:57]}..."


def verdict(solve: Solve, one: Instance) -> str:
    """Whether a mutant answers the same or is found (by an oracle, or by breaking down); 'silent' if nobody objects."""
    try:
        with _at_most(SECONDS):
            wrong = solve(one.params)
    except Exception:  # noqa: BLE001  # a mutant that breaks down would never be printed
        return "found"
    if any(isinstance(leaf, float) for _, leaf in leaves(wrong, "")):
        return "found"  # what is not exact would never be printed
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
