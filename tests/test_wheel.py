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
pages = {path.stem for path in (root / "topics").glob("*.md")}
assert len(pages) > 10
for exercise in catalogue().keys() - pages:
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


def test_a_topic_of_ones_own_is_written_far_from_any_checkout(clean: Installed, tmp_path: Path) -> None:
    """`new` writes a page, and `build` makes a sheet of it, found in `topics/` beside the sheet file."""
    assert clean.run("new", "my_coin", cwd=tmp_path).returncode == 0
    sheet = '[course]\ntitle = "ML"\n[sheet]\ntitle = "Coins"\n[[exercises]]\nid = "my_coin"\n'
    (tmp_path / "sheet.toml").write_text(sheet)
    done = clean.run("build", "sheet.toml", "--seed", "7", "--lang", "de", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "solutions" / "seed-7.de.pdf").is_file()
    assert (tmp_path / "out" / "topics" / "my_coin.md").is_file()


@pytest.mark.long
def test_a_new_page_is_green_far_from_any_checkout(clean: Installed, tmp_path: Path) -> None:
    """All that `check` demands, of the page that `new` writes, with the installed wheel."""
    assert clean.run("new", "my_coin", cwd=tmp_path).returncode == 0
    done = clean.run("check", "topics/my_coin.md", cwd=tmp_path)
    assert done.returncode == 0 and "keeps" in done.stdout, done.stdout + done.stderr
