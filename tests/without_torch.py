"""A machine without torch, for tests: whoever imports it is told that there is no such module."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from blattwerk.build import libraries
from blattwerk.build.store import keys


class Blocking(MetaPathFinder):
    """Finds no torch, and hides it from those who would look further."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Nothing, or the error that a missing module is."""
        if fullname.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


@contextmanager
def without_torch() -> Iterator[None]:
    """In here torch is not installed. What was imported before comes back afterwards."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torch"}
    for name in before:
        del sys.modules[name]
    finder = Blocking()
    sys.meta_path.insert(0, finder)
    _forget()
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.modules.update(before)
        _forget()


def _forget() -> None:
    """What was found out about the libraries."""
    libraries.libraries.cache_clear()
    keys._house.cache_clear()
    keys._kernel.cache_clear()
