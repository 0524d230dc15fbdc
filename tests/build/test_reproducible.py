"""Reproducibility: the same bytes whatever the folder, the workers, the hash seed or the order of the class list."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STUDENTS = [f"s{i:02d},Student {i},s{i}@x.org" for i in range(28)]
SHEET = """
[course]
title = "ML"
[sheet]
title = "S"
[[exercises]]
id = "kl_normal_1d"
[[exercises]]
id = "kl_histogram"
"""


def built(folder: Path, students: list[str], hash_seed: str, *options: str) -> Path:
    """The output folder of a build in a process of its own, with an empty cache."""
    folder.mkdir()
    (folder / "sheet.toml").write_text(SHEET)
    (folder / "class.csv").write_text("\n".join(["id,name,email", *students]) + "\n")
    arguments = ["build", str(folder / "sheet.toml"), "--seed", "5", "--roster", str(folder / "class.csv")]
    done = subprocess.run(
        [sys.executable, "cli.py", *arguments, "--out", str(folder / "out"), "--lang", "de", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One process, one worker."""
    return built(tmp_path_factory.mktemp("a") / "one", STUDENTS, "1", "--jobs", "1")


def test_a_class_built_twice_and_differently_is_the_same(first: Path, tmp_path: Path) -> None:
    """Two workers, another hash seed, the list reversed, another folder."""
    second = built(tmp_path / "a folder with spaces", STUDENTS[::-1], "2", "--jobs", "2")
    names = sorted(str(p.relative_to(first)) for p in first.rglob("*.pdf"))
    assert len(names) == 2 * len(STUDENTS)
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    one, two = (json.loads((out / "manifest.json").read_text()) for out in (first, second))
    assert one.pop("students") == two.pop("students")[::-1]
    assert one == two


def test_a_student_built_alone_has_the_same_pages(first: Path, tmp_path: Path) -> None:
    """The bytes differ, for TeX puts the letters of a whole run into its fonts; text and picture of the page do not."""
    alone = built(tmp_path / "alone", STUDENTS, "1", "--only", "s03")
    for kind in ("questions", "solutions"):
        pdfs = [out / kind / "s03.de.pdf" for out in (first, alone)]
        texts = [subprocess.run(["pdftotext", "-layout", p, "-"], capture_output=True, check=True).stdout for p in pdfs]
        pixels = [subprocess.run(["pdftoppm", "-r", "60", p], capture_output=True, check=True).stdout for p in pdfs]
        assert texts[0] == texts[1]
        assert pixels[0] == pixels[1]
