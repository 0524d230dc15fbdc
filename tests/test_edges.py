"""Only the edges write files or start programs: a walk over the syntax of all our modules finds no other."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import blattwerk

ROOT = Path(blattwerk.__file__).parent

# Each edge with the reason why it is one. What another module wants to write goes through `files.py`.
EDGES = {
    "build/cached.py": "makes the cache's folders, closes them to others, marks what was used, and removes it",
    "build/check/elsewhere.py": "asks another Python what a topic file draws there",
    "build/files.py": "writes whole files, moves old ones aside, and makes folders that go away again",
    "build/installing.py": "starts the programs that install what is missing, where `doctor --install` asks for it",
    "build/lifeline.py": "ties programs and processes to the one that started them",
    "build/notebooks/kernel.py": "starts Jupyter's kernel, in a folder of its own",
    "build/page/font_files.py": "asks kpsewhich and fontconfig where fonts lie",
    "build/press/fence.py": "starts TeX behind the fence, and ends it; asks kpsewhich where TeX's trees lie",
    "build/press/tex.py": "lays the files of a run of TeX into a folder of its own",
    "build/store/blobs.py": "appends to one file what does not fit into memory",
    "build/workers.py": "starts and ends our own processes",
}

WRITING_OR_STARTING = re.compile(
    r"os\.(open|replace|renames?|link|symlink|unlink|remove|removedirs|rmdir|mkdir|makedirs|mkfifo|chmod|chown|truncate"
    r"|utime|write|memfd_create|system|popen|exec\w+|spawn\w+|posix_spawn\w*|fork|forkpty|kill|killpg)"
    r"|(shutil|tempfile|subprocess|multiprocessing|pty)\..+"
    r"|concurrent\.futures\.(process\.)?ProcessPoolExecutor"
    r"|asyncio\.create_subprocess_\w+"
)
ASKING = {"shutil.which", "tempfile.gettempdir"}
METHODS = frozenset(  # of a Path
    ("write_text", "write_bytes", "mkdir", "rmdir", "unlink", "touch", "rename", "chmod", "symlink_to", "hardlink_to")
)
WRITING_MODE = re.compile(r"(?=.*[wax+])[rwaxbt+]+")


def found(source: str) -> list[str]:
    """What a module's source mentions that writes, removes, moves or starts something, with the line."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    return [f"line {node.lineno}: {what}" for node in ast.walk(tree) for what in _done(node, names)]


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The module's own name of everything that it imports, wherever, and what that is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _done(node: ast.AST, names: Mapping[str, str]) -> Iterator[str]:
    """What one node of the syntax does; a function that is only mentioned may be called by another."""
    if isinstance(node, ast.Name | ast.Attribute):
        name = _full_name(node, names)
        if name not in ASKING and WRITING_OR_STARTING.fullmatch(name):
            yield name
        elif isinstance(node, ast.Attribute) and node.attr in METHODS:
            yield f".{node.attr}"
    elif isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("open", "fdopen") and any(map(_is_writing_mode, _arguments(node))):
            yield f"{called}(...) for writing"
        if isinstance(node.func, ast.Attribute) and called == "replace" and len(node.args) == 1 and not node.keywords:
            yield ".replace of a path"  # that of a text has two arguments


def _full_name(node: ast.expr, names: Mapping[str, str]) -> str:
    """os.path.join for what was imported as such, or as anything else; empty for what is no name of a module's."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute) and (above := _full_name(node.value, names)):
        return f"{above}.{node.attr}"
    return ""


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "mode")


def _is_writing_mode(argument: ast.expr) -> bool:
    value = argument.value if isinstance(argument, ast.Constant) else None
    return isinstance(value, str) and bool(WRITING_MODE.fullmatch(value))


MODULES = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}


def test_only_the_edges_write_files_or_start_programs() -> None:
    """In all our modules."""
    assert len(MODULES) > 100
    wrong = {name: what for name, path in MODULES.items() if name not in EDGES and (what := found(path.read_text()))}
    assert not wrong, "write by way of blattwerk/build/files.py, or move this to an edge"


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_is_needed(edge: str) -> None:
    """A module that writes nothing any more is taken off the list."""
    assert found(MODULES[edge].read_text())


@pytest.mark.parametrize(
    "planted",
    [
        'open(name, "w")',
        'open(name, mode="a")',
        'path.open("xb")',
        'path.open("r+")',
        'gzip.open(name, "wb")',
        'path.write_text("x")',
        "path.mkdir(parents=True)",
        "path.replace(other)",
        "for_each(Path.unlink, paths)",
        "import os; os.replace(a, b)",
        "import os as o; o.makedirs(a)",
        "from os import remove; remove(a)",
        "import os.path; os.rename(a, b)",
        "import shutil; shutil.rmtree(a)",
        "from tempfile import mkstemp as fresh; fresh()",
        "def f():\n    from subprocess import run\n    run(a)",
        "import os; os.execvp(a, b)",
        "import multiprocessing.pool; multiprocessing.pool.Pool()",
        "from concurrent.futures import ProcessPoolExecutor\nclass Pool(ProcessPoolExecutor): pass",
    ],
)
def test_a_planted_call_is_found(planted: str) -> None:
    """However it is written."""
    assert found(planted)


@pytest.mark.parametrize(
    "harmless",
    [
        "open(name)",
        'open(name, "rb", encoding="w")',
        'path.open("rb")',
        'text.replace("a", "b")',
        "replace(value, name=1)",
        "import os; os.environ.get('a'); os.path.exists(a)",
        "import shutil; shutil.which('pdflatex')",
        "path.read_text()",
    ],
)
def test_what_only_reads_is_not(harmless: str) -> None:
    """Nor what has a like name."""
    assert not found(harmless)
