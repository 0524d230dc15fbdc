"""A topic's source: which modules are its own, and which of their functions call each other."""

import ast
import inspect
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from types import ModuleType
from typing import Any, TypeGuard

from blattwerk.build.numbers import sample_draws
from blattwerk.build.order.catalogue import Topic
from blattwerk.vocabulary.exercise import DIFFICULTIES, Instance

Node = tuple[str, str]  # a module, and a function at its top, or "Class.method" of a class there
OURS = "blattwerk"
SHARED = tuple(f"{OURS}.{room}" for room in ("vocabulary", "build", "errors", "cli"))
EXACT = tuple(f"{OURS}.vocabulary.{room}" for room in ("exact", "matrices"))


def belongs(topic: Topic, module: str) -> bool:
    """Whether a module may hold something of the topic: it lies in the topic's package or among our own topics."""
    home = topic.exercise.solve.__module__.partition(".")[0]
    return module.partition(".")[0] in (home, OURS) and not module.startswith(SHARED)


def computes(topic: Topic, module: str) -> bool:
    """Whether functions of a module may compute what a topic asks for: its own ones, and those of the exact room."""
    return belongs(topic, module) or module.startswith(EXACT)


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
    """The functions at the top of a module, and the methods and properties of the classes there."""
    return functions_in(tree_of(module))


def functions_in(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """The same of a syntax tree."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    methods = {f"{one.name}.{f.name}": f for one in classes for f in one.body if isinstance(f, ast.FunctionDef)}
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)} | methods


def node_of(function: Callable[..., Any]) -> Node:
    """A function's node in the call graph; raises LookupError unless it stands at the top of a module."""
    plain = inspect.unwrap(function)
    module, name = plain.__module__, plain.__name__
    if name not in functions_of(module):
        raise LookupError(f"{module} has no function '{name}' at its top; define it there, with def")
    return module, name


def reachable(topic: Topic, start: Node, without: frozenset[Node] = frozenset()) -> frozenset[Node]:
    """Everything that a function of the topic calls or reads, directly or not, itself included.

    That is the topic's functions, the methods and properties of the classes that its numbers are made of, and the
    functions of the exact room. What is reached only by way of the nodes left out is not there either.
    """
    classes = data_classes(topic)
    seen: set[Node] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node not in seen and node not in without:
            seen.add(node)
            waiting.extend(_named(topic, node, classes))
    return frozenset(seen)


def data_classes(topic: Topic) -> frozenset[Node]:
    """The classes that Params and Solution are made of."""
    return params_classes(topic) | solution_classes(topic)


def params_classes(topic: Topic) -> frozenset[Node]:
    """The classes that Params are made of."""
    return frozenset(made for one in _instances(topic) for made in _classes(one.params))


def solution_classes(topic: Topic) -> frozenset[Node]:
    """The classes that a Solution is made of."""
    return frozenset(made for one in _instances(topic) for made in _classes(one.solution))


def _instances(topic: Topic) -> Iterator[Instance]:
    exercise = topic.exercise
    for difficulty in DIFFICULTIES:
        yield Instance(exercise, difficulty, exercise.draw(sample_draws(exercise.id, 0), difficulty))


def _classes(value: Any) -> Iterator[Node]:
    if is_dataclass(value) and not isinstance(value, type):
        yield type(value).__module__, type(value).__name__
        for f in fields(value):
            yield from _classes(getattr(value, f.name))
    elif isinstance(value, tuple):
        for entry in value:
            yield from _classes(entry)


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


def _named(topic: Topic, node: Node, classes: frozenset[Node]) -> set[Node]:
    """The functions that a function names, and the methods and properties that it may reach."""
    module, name = node
    walked = list(rightly_taken(functions_of(module)[name]))
    names = {n.id for n in walked if isinstance(n, ast.Name)}
    dotted = {(n.value.id, n.attr) for n in walked if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)}
    found = {_resolved(topic, module, n) for n in names} | {_attribute(topic, module, *pair) for pair in dotted}
    called = {n.func for n in walked if isinstance(n, ast.Call)}
    attributes = {(n.attr, n in called) for n in walked if isinstance(n, ast.Attribute)}
    return {other for other in found if other is not None} | set(_methods(topic, classes, attributes))


def _methods(topic: Topic, classes: frozenset[Node], attributes: set[tuple[str, bool]]) -> Iterator[Node]:
    """The methods that are called and the properties that are read under these names, of some classes of the topic.

    Whose object it is in `x.name`, nobody can tell from the source: it may be of any of them.
    """
    for module, made in classes:
        for name, function in functions_of(module).items() if belongs(topic, module) else ():
            of, _, own = name.rpartition(".")
            if of == made and (own, not is_property(function)) in attributes:
                yield module, name


def is_property(function: ast.FunctionDef) -> bool:
    """Whether a method is read as an attribute."""
    return any("property" in ast.unparse(decorator) for decorator in function.decorator_list)


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
    return (module, name) if computes(topic, module) and name in functions_of(module) else None
