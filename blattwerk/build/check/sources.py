"""A topic's source: which modules are its own, and which of their functions call each other."""

import ast
import inspect
import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any, TypeGuard

from blattwerk.build.order.catalogue import Topic

Node = tuple[str, str]  # a module, and a function at its top
OURS = "blattwerk"
SHARED = tuple(f"{OURS}.{room}" for room in ("vocabulary", "build", "errors", "cli"))


def belongs(topic: Topic, module: str) -> bool:
    """Whether a module may hold something of the topic: it lies in the topic's package or among our own topics.

    The vocabulary is shared by solvers and oracles on purpose.
    """
    home = topic.exercise.solve.__module__.partition(".")[0]
    return module.partition(".")[0] in (home, OURS) and not module.startswith(SHARED)


def text_of(module: str) -> str:
    """The source of a module."""
    return inspect.getsource(sys.modules[module])


def tree_of(module: str) -> ast.Module:
    """The syntax tree of a module, not to be changed."""
    return _parsed(text_of(module))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def functions_of(module: str) -> dict[str, ast.FunctionDef]:
    """The functions at the top of a module."""
    return {node.name: node for node in tree_of(module).body if isinstance(node, ast.FunctionDef)}


def node_of(function: Callable[..., Any]) -> Node:
    """A function's node in the call graph; raises LookupError unless it stands at the top of a module."""
    plain = inspect.unwrap(function)
    module, name = plain.__module__, plain.__name__
    if name not in functions_of(module):
        raise LookupError(f"{module} has no function '{name}' at its top; define it there, with def")
    return module, name


def reachable(topic: Topic, start: Node) -> frozenset[Node]:
    """Everything of the topic that a function calls, directly or not, itself included."""
    seen: set[Node] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(_named(topic, node))
    return frozenset(seen)


def rightly_taken(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree without what usual mistakes compute instead, as `ast.walk` would give them."""
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        yield node
        of_mistakes = node.keywords if _takes_a_step(node) else []
        waiting.extend(child for child in ast.iter_child_nodes(node) if child not in of_mistakes)


def _takes_a_step(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "step"


def _named(topic: Topic, node: Node) -> set[Node]:
    """The functions of the topic that a function names."""
    module, name = node
    walked = list(rightly_taken(functions_of(module)[name]))
    names = {n.id for n in walked if isinstance(n, ast.Name)}
    dotted = {(n.value.id, n.attr) for n in walked if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)}
    found = {_resolved(topic, module, n) for n in names} | {_attribute(topic, module, *pair) for pair in dotted}
    return {other for other in found if other is not None}


def _resolved(topic: Topic, module: str, name: str) -> Node | None:
    """The function that a name in a module stands for, there or imported from another module."""
    if name in functions_of(module):
        return module, name
    return _known(topic, getattr(sys.modules[module], name, None))


def _attribute(topic: Topic, module: str, alias: str, name: str) -> Node | None:
    """The function that `alias.name` stands for, where the alias is an imported module."""
    holder = getattr(sys.modules[module], alias, None)
    return _known(topic, getattr(holder, name, None)) if isinstance(holder, ModuleType) else None


def _known(topic: Topic, value: Any) -> Node | None:
    if not callable(value) or isinstance(value, type):
        return None
    plain = inspect.unwrap(value)
    module, name = getattr(plain, "__module__", None) or "", getattr(plain, "__name__", "")
    return (module, name) if belongs(topic, module) and name in functions_of(module) else None
