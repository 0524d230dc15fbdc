"""The built wheel, in a clean environment: every module imports, every template is there, a sheet comes out."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

CHECK = """
import blattwerk, pkgutil, importlib, pathlib
assert "site-packages" in blattwerk.__file__, blattwerk.__file__
names = [m.name for m in pkgutil.walk_packages(blattwerk.__path__, "blattwerk.")]
for name in names:
    importlib.import_module(name)
root = pathlib.Path(blattwerk.__file__).parent
from blattwerk.generators import catalogue
for exercise in catalogue():
    for lang in ("en", "de"):
        assert (root / "templates" / exercise / f"{lang}.tex.j2").is_file()
for exercise in ("inpainting", "train_from_scratch"):
    assert (root / "templates" / exercise / "notebook.py.j2").is_file()
print(len(names))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel; its dependencies come from the one that runs the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT], check=True
    )
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "dependencies.pth").write_text(ours + "\n")
    return python


def test_every_module_and_template_is_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    """Counted against the checkout."""
    done = subprocess.run([installed, "-c", CHECK], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    modules = [path for path in (ROOT / "blattwerk").rglob("*.py") if path != ROOT / "blattwerk" / "__init__.py"]
    assert int(done.stdout) == len(modules)


def test_a_sheet_comes_out_of_the_installed_command(installed: Path, tmp_path: Path) -> None:
    """The installed script, far from any checkout."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    script = installed.parent / "blattwerk"
    done = subprocess.run(
        [script, "build", "--seed", "7", "--lang", "de", "--out", tmp_path / "out"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "questions" / "seed-7.de.pdf").is_file()
