"""The libraries that Blattwerk needs: those of its own metadata, no list kept by hand."""

import tomllib
from importlib.metadata import version
from pathlib import Path

import pikepdf
import pytest

import blattwerk
from blattwerk.build import doctor, libraries
from blattwerk.errors import InputError

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements: list[str]) -> set[str]:
    """The names of requirements, without versions."""
    return {requirement.partition(">=")[0].lower() for requirement in requirements}


def test_the_libraries_are_those_of_the_project() -> None:
    """All that a page or a number may depend on, and what an extra adds."""
    needed = names(PROJECT["dependencies"])
    assert libraries.libraries().keys() >= needed
    assert {"babel", "scikit-learn"} <= needed
    assert libraries.libraries("notebooks").keys() >= needed | names(PROJECT["optional-dependencies"]["notebooks"])
    assert libraries.MISSING not in libraries.libraries("notebooks").values()


def test_the_version_is_told_once_and_has_its_changes() -> None:
    """By the package, by its metadata, and as the newest of the changelog."""
    assert blattwerk.__version__ == PROJECT["version"]
    headings = [line for line in CHANGELOG.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    released = [heading.split()[1] for heading in headings if heading != "## Unreleased"]
    assert released[0] == blattwerk.__version__


def test_what_the_libraries_need_in_turn_is_named() -> None:
    """matplotlib's and pydantic's own needs change pages too; what is there for development does not."""
    found = libraries.libraries()
    assert {"pillow", "contourpy", "markupsafe", "lxml", "pydantic-core", "joblib", "threadpoolctl"} <= found.keys()
    assert not {"pytest", "hypothesis", "mypy", "nbformat", "blattwerk"} & found.keys()
    assert all(version(name) == found[name] for name in found)


def test_the_doctor_knows_every_library() -> None:
    """With its version, the same that a manifest names."""
    found = {finding.what: finding.found for finding in doctor.examine() if finding.good}
    assert found.items() >= libraries.libraries().items()
    assert found["qpdf (in pikepdf)"] == pikepdf.__libqpdf_version__
    assert found.keys() >= {"FreeType (in matplotlib)"}


def test_a_missing_library_comes_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the doctor, and from whoever needs an extra."""
    monkeypatch.setattr(doctor, "libraries", lambda extra="": {"scikit-learn": libraries.MISSING, "torch": "2"})
    (missing,) = (finding for finding in doctor.examine() if finding.what == "scikit-learn")
    assert not missing.good and missing.remedy.endswith("-m pip install scikit-learn")
    monkeypatch.setattr(libraries, "version", _not_there)
    libraries.libraries.cache_clear()
    with pytest.raises(InputError, match=r"notebooks need .*nbclient.*\[notebooks\].*-m pip install .*nbclient"):
        libraries.check_extra("notebooks", "notebooks")
    libraries.libraries.cache_clear()


def _not_there(name: str) -> str:
    if name == "pip":
        return "25.0"
    raise libraries.PackageNotFoundError(name)
