"""The built wheel, in a clean environment: every module imports, every template is there, a sheet comes out."""

import subprocess
from pathlib import Path

import pytest

from tests.environments import OURS, ROOT, Installed, installed, project, wheel

CHECK = """
import blattwerk, pkgutil, importlib, pathlib
assert "site-packages" in blattwerk.__file__, blattwerk.__file__
names = [m.name for m in pkgutil.walk_packages(blattwerk.__path__, "blattwerk.")]
for name in names:
    importlib.import_module(name)
root = pathlib.Path(blattwerk.__file__).parent
from blattwerk.build.order.catalogue import catalogue
for exercise in catalogue():
    for lang in ("en", "de"):
        assert (root / "templates" / exercise / f"{lang}.tex.j2").is_file()
for exercise in ("inpainting", "train_from_scratch"):
    assert (root / "templates" / exercise / "notebook.py.j2").is_file()
print(len(names))
"""


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment that holds the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    return installed(folder / "env", wheel(project(ROOT, OURS, folder / "ours")))


def test_every_module_and_template_is_in_the_wheel(clean: Installed, tmp_path: Path) -> None:
    """Counted against the checkout."""
    done = subprocess.run([clean.python, "-c", CHECK], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    modules = [path for path in (ROOT / "blattwerk").rglob("*.py") if path != ROOT / "blattwerk" / "__init__.py"]
    assert int(done.stdout) == len(modules)


def test_a_sheet_comes_out_of_the_installed_command(clean: Installed, tmp_path: Path) -> None:
    """The installed script, far from any checkout."""
    done = clean.run("build", "--seed", "7", "--lang", "de", "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "questions" / "seed-7.de.pdf").is_file()
