"""The Python of a fence, line by line: parsed with the line numbers of the file, made exact, and compiled.

Every statement at the top of a fence is a `Line` with the names that it assigns and the symbol in its comment. Whatever
goes wrong in it later carries the file and the line, because that is what it was compiled with.
"""

import ast
import builtins
import copy
import io
import tokenize
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from blattwerk.build.topicfile.reading import Fence, mistakes

PYTHON = (  # of Python's own names
    *("all", "any", "bool", "divmod", "dict", "enumerate", "filter", "frozenset", "int", "isinstance", "len", "list"),
    *("map", "max", "min", "next", "pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str"),
    *("tuple", "zip", "ValueError", "ZeroDivisionError"),
)


@dataclass(frozen=True)
class Line:
    """A statement: the names that it assigns (none if it is no assignment), its symbol, its place, and its code.

    value    the code of the right-hand side, for an assignment to one name
    node     the statement as it was written
    """

    names: tuple[str, ...]
    symbol: str
    line: int
    node: ast.stmt
    code: CodeType
    value: CodeType | None

    @property
    def right(self) -> ast.expr | None:
        """The right-hand side of an assignment."""
        return self.node.value if isinstance(self.node, ast.Assign | ast.AnnAssign) else None

    @property
    def demands(self) -> bool:
        """Whether it is a `require(...)`, which says what is drawn and nothing else."""
        call = self.node.value if isinstance(self.node, ast.Expr) else None
        return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "require"


def tree_of(fence: Fence, path: str) -> ast.Module:
    """The syntax of a fence, its lines counted as in the file; raises TopicFileError."""
    try:
        tree = ast.parse(fence.code)
    except SyntaxError as error:
        raise mistakes(
            path, [(fence.line - 1 + (error.lineno or 1), f"Python cannot read this: {error.msg}")]
        ) from None
    return ast.increment_lineno(tree, fence.line - 1)


def comments(fence: Fence) -> Mapping[int, str]:
    """The comments behind code, by line of the file."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(fence.code).readline):
        if token.type == tokenize.COMMENT:
            found[fence.line - 1 + token.start[0]] = token.string.lstrip("#").strip()
    return found


def lines_of(
    fence: Fence, path: str, change: Callable[[ast.Module], ast.Module], tree: ast.Module | None = None
) -> tuple[Line, ...]:
    """The statements of a fence, changed and compiled; a tree may stand for the fence's own."""
    whole = tree if tree is not None else tree_of(fence, path)
    said = comments(fence)
    return tuple(line_of(node, said, path, change) for node in whole.body)


def line_of(node: ast.stmt, said: Mapping[int, str], path: str, change: Callable[[ast.Module], ast.Module]) -> Line:
    """A statement, changed and compiled; `said` holds the comments by line."""
    there = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    is_definition = isinstance(node, ast.FunctionDef)
    symbol = "" if is_definition else next((said[n] for n in reversed(there) if n in said), "")
    changed = change(ast.Module([copy.deepcopy(node)], []))
    names = tuple(_targets(node))
    statement = changed.body[0]
    value = None
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        value = compile(ast.Expression(statement.value), path, "eval")
    return Line(names, symbol, node.lineno, node, compile(changed, path, "exec"), value)


def _targets(node: ast.stmt) -> Iterator[str]:
    """The names that an assignment binds."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    for target in targets:
        for inner in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if isinstance(inner, ast.Name):
                yield inner.id


class Exactly(ast.NodeTransformer):
    """Division and powers that stay exact, and lists as vectors."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:  # ast's name
        """a / b as a call of our own, which knows Fractions."""
        self.generic_visit(node)
        name = {ast.Div: "__over", ast.Pow: "__power"}.get(type(node.op))
        if name is None:
            return node
        return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), [node.left, node.right], []), node)

    def _vector(self, node: ast.List | ast.ListComp) -> ast.AST:
        self.generic_visit(node)
        is_target = isinstance(getattr(node, "ctx", None), ast.Store)
        if is_target:
            return node
        return ast.copy_location(ast.Call(ast.Name("__vector", ast.Load()), [node], []), node)

    visit_List = _vector  # noqa: N815  # ast's name
    visit_ListComp = _vector  # noqa: N815  # ast's name


class Lazily(Exactly):
    """Of `by(easy=..., hard=...)`, only what is asked for is drawn."""

    def visit_Call(self, node: ast.Call) -> ast.AST:  # ast's name
        """Each value of `by` as a function."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "by":
            nothing = ast.arguments([], [], None, [], [], None, [])
            for keyword in node.keywords:
                keyword.value = ast.Lambda(nothing, keyword.value)
        return node


def exactly(tree: ast.Module) -> ast.Module:
    """The change for `solve`."""
    changed: ast.Module = Exactly().visit(tree)
    return ast.fix_missing_locations(changed)


def lazily(tree: ast.Module) -> ast.Module:
    """The change for `draw`."""
    changed: ast.Module = Lazily().visit(tree)
    return ast.fix_missing_locations(changed)


def unchanged(tree: ast.Module) -> ast.Module:
    """No change: a check computes as Python does."""
    return tree


def inexact(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Floats and imports, which have no place where numbers are exact."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"{node.value!r} is a float; numbers are exact here, write a fraction such as 1/2"
        elif isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            yield node.lineno, f"'{node.attr}' is nothing that numbers are made of"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield node.lineno, "nothing is imported here; the functions are there, and libraries belong into a check"


def unknown(tree: ast.AST, known: Collection[str]) -> Iterator[tuple[int, str]]:
    """Names that are neither given nor assigned."""
    from difflib import get_close_matches

    bound = set(_bound(tree))
    told = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            name = node.id
            if name not in bound and name not in known and name not in told:
                told.add(name)
                near = "".join(f"; did you mean {n}?" for n in get_close_matches(name, [*bound, *known], 1))
                yield node.lineno, f"the name '{name}' is not known{near}"


def _bound(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


def pythons() -> dict[str, Any]:
    """What of Python's own names there is where numbers are exact; neither clock nor file nor `float` among them."""
    return {name: getattr(builtins, name) for name in PYTHON if hasattr(builtins, name)}
