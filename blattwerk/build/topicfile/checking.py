"""Checks: code that sees the draw and libraries only; what it shares a name with in `solve` is compared."""

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from types import CodeType
from typing import Any

from blattwerk.build.topicfile.lines import tree_of
from blattwerk.build.topicfile.reading import Fence, Page
from blattwerk.build.topicfile.solving import Program, given
from blattwerk.vocabulary.exact.closed import Closed
from blattwerk.vocabulary.oracles import Comparison

TOLERANCE = 1e-9
LONGEST = 400  # nodes of an expression that is written out; what a check copies is short
_EXACT = int | Fraction | Closed


def oracle(program: Program, fence: Fence) -> Callable[[Any, Any], Iterator[Comparison]]:
    """The check of a fence, as an oracle."""
    tree = tree_of(fence, program.page.path)
    code, wanted = compile(tree, program.page.path, "exec"), compared(tree, program)

    def run(params: Any, solution: Any) -> Iterator[Comparison]:
        found = _found(code, program.module, params)
        for name in wanted:
            yield agreement(name, getattr(solution, name), found[name])

    return run


def _found(code: CodeType, module: str, params: Any) -> dict[str, Any]:
    space: dict[str, Any] = {**given(params), "floats": floats, "Fraction": Fraction, "__name__": module}
    exec(code, space)
    return space


def compared(tree: ast.Module, program: Program) -> tuple[str, ...]:
    """The names of `solve` that a check assigns at its top."""
    assigned = {
        node.id
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    assigned |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return tuple(name for name in program.solved_names if name in assigned)


def floats(x: Any) -> Any:
    """Exact numbers as floats; lists of them as lists."""
    return [floats(y) for y in x] if isinstance(x, list | tuple) else float(x)


def agreement(name: str, ours: Any, theirs: Any) -> Comparison:
    """Whether a check has found the same: exactly where it is exact, else to nine digits."""
    plain = _plain(theirs)
    agrees = _agree(ours, plain)
    return Comparison(name, agrees, f"solve {_shown(ours)}, check {_shown(plain)}")


def _plain(x: Any) -> Any:
    """Tensors, arrays and lists as tuples of Python's numbers."""
    if hasattr(x, "detach"):
        x = x.detach()
    if hasattr(x, "tolist"):
        x = x.tolist()
    if isinstance(x, list | tuple):
        return tuple(_plain(y) for y in x)
    if isinstance(x, bool | str | float | _EXACT):
        return x
    return float(x) if hasattr(x, "__float__") else x


def _agree(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, tuple) or isinstance(theirs, tuple):
        both = isinstance(ours, tuple) and isinstance(theirs, tuple) and len(ours) == len(theirs)
        return both and all(map(_agree, ours, theirs))
    if isinstance(ours, bool | str) or isinstance(theirs, bool | str):
        return bool(ours == theirs)
    if isinstance(theirs, _EXACT):
        return bool(ours == theirs) or (isinstance(ours, Closed) and ours - theirs == 0)
    if not isinstance(theirs, float):
        return False
    return abs(float(ours) - theirs) <= TOLERANCE * max(1.0, abs(theirs))


def _shown(x: Any) -> str:
    if isinstance(x, tuple):
        return f"({', '.join(map(_shown, x))})"
    return f"{x} = {float(x):.12g}" if isinstance(x, Closed) else str(x)


def repeated(program: Program, page: Page) -> Iterator[tuple[int, str, str]]:
    """Where a check computes a value with the very expression of `solve`: the line, the check, the name.

    Whatever names stand for in between: both are written out down to what is drawn.
    """
    checks = [(fence, list(assignments(tree_of(fence, page.path)))) for fence in page.intro.fences_of("check")]
    lines = [(line.names[0], 0, line.right) for line in program.solve_lines if len(line.names) == 1]
    solved = written_out(lines, {name for _, steps in checks for name, _, _ in steps})
    for fence, steps in checks:
        found = written_out(steps, solved.keys())
        for name, line, right in steps:
            if name in solved and (solved[name] == found.get(name) or solved[name] == _bare(right)):
                yield line, fence.words[0], name


def written_out(steps: Iterable[tuple[str, int, ast.expr | None]], wanted: Collection[str]) -> dict[str, str]:
    """Each wanted name's expression, the names before it replaced by theirs; what grows too long is left out."""
    found: dict[str, ast.expr] = {}
    for name, _, right in steps:
        found.pop(name, None)
        if right is None:
            continue
        whole: ast.expr = _Replaced(found).visit(_bared(right))
        if sum(1 for _ in ast.walk(whole)) <= LONGEST:
            found[name] = whole
    return {name: ast.unparse(_Numbered().visit(_copied(found[name]))) for name in found if name in wanted}


def _copied(x: Any) -> Any:
    """A copy of an expression without its places; `copy.deepcopy` takes five times as long."""
    if isinstance(x, ast.AST):
        return type(x)(*(_copied(getattr(x, field, None)) for field in x._fields))
    return [_copied(y) for y in x] if isinstance(x, list) else x


class _Replaced(ast.NodeTransformer):
    """An expression with other expressions in the place of names."""

    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.AST:  # ast's name
        """What the name stands for."""
        there = self.known.get(node.id) if isinstance(node.ctx, ast.Load) else None
        return node if there is None else _copied(there)


class _Numbered(ast.NodeTransformer):
    """An expression whose names of its own (of a comprehension, a lambda) are numbered in their order."""

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:  # ast's name
        """The targets come first: they are what is numbered."""
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:  # ast's name
        """Likewise."""
        return self._comprehension(node)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> ast.AST:
        for each in node.generators:
            for inner in ast.walk(each.target):
                if isinstance(inner, ast.Name):
                    self.numbers[inner.id] = f"_{len(self.numbers)}"
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:  # ast's name
        """Its number, if it has one."""
        return ast.Name(self.numbers.get(node.id, node.id), node.ctx)


def confirmations(program: Program, name: str) -> list[str]:
    """The checks that find a value by another expression than `solve`."""
    again = _again(program)
    return [check for check, found in _found_by(program) if name in found and (check, name) not in again]


@cache
def _found_by(program: Program) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The checks, each with the names of `solve` that it assigns."""
    page = program.page
    checks = page.intro.fences_of("check")
    return tuple((fence.words[0], compared(tree_of(fence, page.path), program)) for fence in checks)


@cache
def _again(program: Program) -> frozenset[tuple[str, str]]:
    """The checks that compute a value with the very expression of `solve`, each with the name of the value."""
    return frozenset((check, what) for _, check, what in repeated(program, program.page))


def assignments(tree: ast.Module) -> Iterator[tuple[str, int, ast.expr]]:
    """Each name that is assigned at the top of a check, with the line and the expression, tuples taken apart."""
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.lineno, node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for inner, value in zip(target.elts, node.value.elts, strict=False):
                    if isinstance(inner, ast.Name):
                        yield inner.id, node.lineno, value


class _Bare(ast.NodeTransformer):
    """An expression without what a change of library brings with it: float(...), np., torch."""

    def visit_Call(self, node: ast.Call) -> Any:  # ast's name
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        return node.args[0] if name in ("float", "floats", "Fraction", "int") and len(node.args) == 1 else node

    def visit_Attribute(self, node: ast.Attribute) -> Any:  # ast's name
        is_library = isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy", "torch", "math", "sympy")
        return ast.Name(node.attr, ast.Load()) if is_library else self.generic_visit(node)


def _bared(node: ast.expr) -> ast.expr:
    bared: ast.expr = _Bare().visit(_copied(node))
    return bared


def _bare(node: ast.expr) -> str:
    return ast.unparse(_Numbered().visit(_bared(node)))
