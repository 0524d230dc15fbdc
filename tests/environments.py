"""Clean environments for tests: wheels built of copies, and installed; all without a network."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOREIGN = ROOT / "tests" / "foreign"
OURS = ("pyproject.toml", "README.md", "LICENSE", "blattwerk")
THEIRS = ("pyproject.toml", "extra_topics")


def project(source: Path, names: Iterable[str], folder: Path) -> Path:
    """A copy of a project, so that its builds leave nothing in the checkout and find nothing there."""
    folder.mkdir(parents=True)
    for path in map(source.joinpath, names):
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
    return folder


def wheel(copy: Path) -> Path:
    """The wheel of a copied project."""
    _pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", copy / "wheels", copy)
    (built,) = (copy / "wheels").glob("*.whl")
    return built


@dataclass(frozen=True)
class Installed:
    """An environment that holds some wheels; their dependencies come from the one that runs the tests."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.folder / "bin" / "python"

    @property
    def site(self) -> Path:
        """Where its packages lie."""
        (site,) = (self.folder / "lib").glob("python*/site-packages")
        return site

    def install(self, *wheels: Path) -> None:
        """Install wheels, in the place of earlier ones of the same name."""
        options = ("--no-deps", "--no-index", "--force-reinstall")
        _pip("--python", self.python, "install", *options, *wheels)

    def run(self, *arguments: str | Path, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
        """The installed command, in a folder and with a cache of its own."""
        import matplotlib

        own = {"XDG_CACHE_HOME": str(self.folder / "cache"), "OMP_NUM_THREADS": "1"}
        own |= {"MPLCONFIGDIR": matplotlib.get_cachedir(), **variables}  # searching for fonts takes long
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        command = [self.python.with_name("blattwerk"), *arguments]
        return subprocess.run(command, cwd=cwd, env=kept | own, capture_output=True, text=True, check=False)


def installed(folder: Path, *wheels: Path) -> Installed:
    """A new environment with these wheels."""
    venv.create(folder, with_pip=False)
    environment = Installed(folder)
    environment.install(*wheels)
    (environment.site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment


def _pip(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *arguments], check=True, capture_output=True)
