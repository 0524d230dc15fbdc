"""A real browser for tests; where none is installed they are skipped, and say how to get one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HOW = "no browser is installed; `make setup-browser` installs one"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium: the system's, or else the one that playwright has fetched."""
    api = pytest.importorskip("playwright.sync_api", reason=HOW)
    system = next(filter(None, map(shutil.which, NAMES)), None)
    with api.sync_playwright() as playwright:
        if system is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip(HOW)
        opened = playwright.chromium.launch(executable_path=system, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield opened
        finally:
            opened.close()
