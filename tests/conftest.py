"""Options of the test suite, and the sheets that several tests build."""

import os
from collections import Counter
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the command does: tiny tensors, several processes
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each command that a test starts would compile all our modules again

# Of few tests that take long. A module is one worker's, so whichever came last would keep the other one waiting.
EARLY = (
    "test_reproducible.py",
    "test_foreign.py",
    "test_interrupt.py",
    "test_demos.py",
    "test_one_student.py",
    "test_wheel.py",
    "test_training.py",
    "test_dask.py",
    "test_writing.py",
    "test_kernel.py",
    "test_secret.py",
    "test_sympy_proofs.py",
)
GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --update-golden` writes the golden files anew; look at the difference before you commit it."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A long test may take as long as it takes; the weightiest modules come first, then those of many tests."""
    many = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path.name not in EARLY, -many[item.path]))
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.timeout(0))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> "Golden":
    """Compare a text with the file of that name under tests/golden."""
    return Golden(request.config.getoption("--update-golden"))


class Golden:
    """Golden files: texts that change only on purpose."""

    def __init__(self, update: bool) -> None:
        self.update = update

    def check(self, name: str, text: str) -> None:
        """The text is the file's, to the last character; with the update flag, it becomes so."""
        file = GOLDEN / name
        if self.update:
            file.write_text(text, encoding="utf-8")
        assert file.exists(), f"tests/golden/{name} is missing; run pytest --update-golden"
        assert text == file.read_text(encoding="utf-8")
