"""Reproducibility: the same bytes whatever the folder, the workers, the hash seed or the order of the class list."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STUDENTS = [f"s{i:02d},Student {i},s{i}@x.org" for i in range(12)]  # three chunks
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


def built(
    folder: Path, students: list[str], hash_seed: str, *options: str, cache: Path | None = None, sheet: str = SHEET
) -> Path:
    """The output folder of a build in a process of its own, with an empty cache, or with this one."""
    folder.mkdir()
    (folder / "sheet.toml").write_text(sheet)
    (folder / "class.csv").write_text("\n".join(["id,name,email", *students]) + "\n")
    arguments = ["build", str(folder / "sheet.toml"), "--seed", "5", "--roster", str(folder / "class.csv")]
    done = subprocess.run(
        [sys.executable, "cli.py", *arguments, "--out", str(folder / "out"), "--lang", "de", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "XDG_CACHE_HOME": str(cache or folder / "cache")},
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
    names = sorted(str(p.relative_to(first)) for p in first.glob("[qs]*/*.pdf"))
    assert len(names) == 2 * len(STUDENTS)
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    one, two = (json.loads((out / "manifest.json").read_text()) for out in (first, second))
    assert one.pop("students") == two.pop("students")[::-1]
    for manifest in (one, two):  # keys and answers are in the order of the list
        assert manifest.pop("class_files").keys() == {"answers.csv", "key/all.de.pdf"} and manifest.pop("class_seal")
    assert one == two


def contents(out: Path) -> dict[str, bytes]:
    """All files of an output folder, the manifest too."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def truncate(cache: Path) -> None:
    """Damage everything in a cache: a half of it is cut short, the rest emptied or changed."""
    files = sorted(path for path in cache.rglob("*") if path.is_file())
    for n, path in enumerate(files):
        content = path.read_bytes()
        path.write_bytes((content[: len(content) // 2], b"", b"?" + content[1:], content[:-1])[n % 4])


def test_a_student_built_alone_has_the_same_files(first: Path, tmp_path: Path) -> None:
    """To the byte: nothing tells who was set together with whom."""
    alone = built(tmp_path / "alone", STUDENTS, "1", "--only", "s03")
    for kind in ("questions", "solutions"):
        assert (first / kind / "s03.de.pdf").read_bytes() == (alone / kind / "s03.de.pdf").read_bytes()


def test_what_the_cache_holds_does_not_matter(first: Path, tmp_path: Path) -> None:
    """One student is built before the class, into the same cache, or another sheet is; then the cache is damaged."""
    cache = tmp_path / "cache"
    built(tmp_path / "alone", STUDENTS, "1", "--only", "s03", cache=cache)
    built(tmp_path / "half", STUDENTS[:5], "1", cache=cache, sheet=SHEET.replace("kl_histogram", "kl_factorised"))
    assert contents(built(tmp_path / "class", STUDENTS, "1", cache=cache)) == contents(first)
    truncate(cache / "blattwerk")
    assert contents(built(tmp_path / "damaged", STUDENTS, "1", cache=cache)) == contents(first)


# Names that lualatex sets, two of them in fonts of the machine where it has such; a figure, a notebook, a demo.
OTHERS = ["a,Anna Müller,a@x.org", "b,Ελένη Щербакова,b@x.org", "c,Nguyễn Thị,c@x.org"]
OTHERS += ["d,王小明,d@x.org", "e,Ev,e@x.org"]
RICH = """
[course]
title = "ML"
[sheet]
title = "S"
[[exercises]]
id = "binary_classifier"
demo = true
[[exercises]]
id = "inpainting"
notebook = true
"""


@pytest.mark.long
def test_nor_with_other_fonts_figures_demos_and_notebooks(tmp_path: Path) -> None:
    """The same for everything that is made together for several students."""
    wanted = contents(built(tmp_path / "empty", OTHERS, "1", sheet=RICH))
    assert {path.rpartition(".")[2] for path in wanted} == {"pdf", "ipynb", "json"}
    cache = tmp_path / "cache"
    built(tmp_path / "alone", OTHERS, "1", "--only", "b", cache=cache, sheet=RICH)
    assert contents(built(tmp_path / "class", OTHERS, "1", cache=cache, sheet=RICH)) == wanted
    truncate(cache / "blattwerk")
    assert contents(built(tmp_path / "damaged", OTHERS, "1", cache=cache, sheet=RICH)) == wanted
