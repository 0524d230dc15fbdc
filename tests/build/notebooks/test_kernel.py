"""The kernel: outputs, failures that say where, and no process left, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from blattwerk.build import libraries
from blattwerk.build.notebooks.cells import Cell, notebook_bytes
from blattwerk.build.notebooks.kernel import executed
from blattwerk.errors import InputError, NotebookFailure

ROOT = Path(__file__).parents[3]
SLEEPER = """
from blattwerk.build.notebooks.kernel import executed
from tests.build.notebooks.test_kernel import notebook

executed(notebook("open('there', 'w'); import time; time.sleep(60)"))
"""


def notebook(*sources: str) -> bytes:
    """A notebook with these cells."""
    return notebook_bytes([Cell("code", f"cell-{i}", source) for i, source in enumerate(sources, 1)])


def kernels() -> list[int]:
    """The processes of this machine that are kernels of ours: their sockets lie in a folder of ours."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue  # it ended while we looked
        if b"ipykernel_launcher" in command and b"/blattwerk-" in command:
            found.append(int(folder.name))
    return found


def test_what_cells_print_is_in_the_notebook_and_the_bytes_are_always_the_same() -> None:
    """A progress bar leaves its last line; the user's settings have no part in it; there is no trace of time."""
    source = notebook(
        "import sys\nfor i in range(3):\n    print(f'\\r{i}', end='', flush=True)", "print(1, file=sys.stderr)"
    )
    one, two = executed(source), executed(source)
    assert one == two
    made = nbformat.reads(one.decode(), as_version=4)
    assert [(output.name, output.text) for cell in made.cells for output in cell.outputs] == [
        ("stdout", "2"),
        ("stderr", "1\n"),
    ]
    assert [cell.execution_count for cell in made.cells] == [1, 2]
    assert made.metadata.language_info == {"name": "python"} and set(made.cells[0].metadata) == {"nbgrader"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", "cell 'cell-2': ZeroDivisionError: division by zero"),
        ("while True:\n    pass", "cell 'cell-2' did not end within 2 s and was stopped"),
        ("import os; os._exit(1)", "cell 'cell-2': the kernel died"),
    ],
)
def test_a_failure_names_the_cell_and_leaves_no_kernel(source: str, message: str) -> None:
    """An error, a cell without an end, a kernel that dies."""
    before = set(kernels())
    with pytest.raises(NotebookFailure, match=message):
        executed(notebook("x = 1", source), seconds=2)
    assert not set(kernels()) - before


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_kernel_ends_with_us(sign: signal.Signals) -> None:
    """At Ctrl-C at once; when we are killed, soon."""
    before = set(kernels())
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while not (started := set(kernels()) - before) or not any(_is_there(pid) for pid in started):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, sign)
    begin = time.monotonic()
    process.communicate(timeout=20)
    while started & set(kernels()):
        assert time.monotonic() - begin < (2 if sign == signal.SIGINT else 5)
        time.sleep(0.05)


def _is_there(pid: int) -> bool:
    """Whether the sleeping cell has begun."""
    return Path(f"/proc/{pid}/cwd/there").exists()


def test_without_the_libraries_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind error instead of an ImportError."""
    monkeypatch.setattr(libraries, "libraries", lambda extra: {"nbclient": libraries.MISSING})
    with pytest.raises(InputError, match=r"blattwerk\[notebooks\].*pip install"):
        executed(notebook("1"))
