"""Do two checkouts print the same pages? Builds all example sheets with both, and compares text and pixels.

    python tools/equal_pages.py OLD NEW [--seeds 1,2,3] [--sheets quiz,midterm] [--keep FOLDER]

Every sheet in examples/ of OLD is built for a class with names that are hard to set, questions and solutions, English
and German, each checkout with its own code and a cache of its own. PDFs that are equal byte for byte are equal; of the
others, the text (pdftotext) and every pixel of every page (pdftoppm, 60 dots an inch) are compared. Exit code 1 if a
page differs; pictures are kept with --keep only, and never belong into the repository.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = (
    "Maximiliane Friederike Dorothea Müller-Lüdenscheidt von und zu Guttenberg-Hohenzollern, geb. Schmidt",
    'Łukasz Żółć & Ümit 100% $x_1^2$ {a} #b ~c \\d "e"',
    "Ελένη Παπαδοπούλου",
    "王小明",
    "O'Brien -- <<Ren'e>> ffi",
)


def main() -> int:
    """Build with both, compare, report."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="equal-pages-") as name:
        work = Path(arguments.keep or name).resolve()
        work.mkdir(parents=True, exist_ok=True)
        with (work / "class.csv").open("w", encoding="utf-8", newline="") as file:
            rows = [(f"k{n}", student, f"k{n}@example.org") for n, student in enumerate(NAMES, 1)]
            csv.writer(file).writerows([("id", "name", "email"), *rows])
        sheets = sorted((arguments.old / "examples").glob("*.toml"))
        chosen = [s for s in sheets if not arguments.sheets or s.stem in arguments.sheets.split(",")]
        for side, checkout in (("old", arguments.old), ("new", arguments.new)):
            for sheet in chosen:
                for seed in arguments.seeds.split(","):
                    _build(checkout, sheet, seed, work, side)
        return _compare(work / "old", work / "new")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", type=lambda p: Path(p).resolve())
    parser.add_argument("new", type=lambda p: Path(p).resolve())
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--sheets", default="")
    parser.add_argument("--keep", default="")
    return parser.parse_args()


def _build(checkout: Path, sheet: Path, seed: str, work: Path, side: str) -> None:
    """One class with the code of one checkout; its findings and notebooks are of no interest here."""
    out = work / side / f"{sheet.stem}-{seed}"
    environment = os.environ | {"PYTHONPATH": str(checkout), "XDG_CACHE_HOME": str(work / f"cache-{side}")}
    command = [sys.executable, str(checkout / "cli.py"), "build", str(sheet), "--seed", seed]
    command += ["--roster", str(work / "class.csv"), "--out", str(out)]
    made = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if made.returncode:
        raise SystemExit(f"{side}: {' '.join(command)}\n{made.stderr}")
    print(f"{side}: {sheet.stem}, seed {seed}", file=sys.stderr)


def _compare(old: Path, new: Path) -> int:
    names = sorted({p.relative_to(root) for root in (old, new) for p in root.rglob("*.pdf")})
    same = different = 0
    for name in names:
        if what := _difference(old / name, new / name):
            different += 1
            print(f"{name}: {what}")
        else:
            same += 1
    print(f"{same} PDFs with equal pages, {different} with different ones")
    return 1 if different or not names else 0


def _difference(old: Path, new: Path) -> str:
    """What differs between two PDFs: nothing, a missing file, text, or pixels, with the first page where it does."""
    if not old.exists() or not new.exists():
        return f"only in {'new' if new.exists() else 'old'}"
    if old.read_bytes() == new.read_bytes():
        return ""
    ours, theirs = (_pages(path) for path in (old, new))
    if len(ours) != len(theirs):
        return f"{len(ours)} pages, {len(theirs)} in new"
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True), 1):
        if a != b:
            words = [f"- {x}\n    + {y}" for x, y in zip(a.splitlines(), b.splitlines(), strict=False) if x != y]
            return f"the text of page {number}\n    " + "\n    ".join(words[:3] or ["(more lines)"])
    with tempfile.TemporaryDirectory() as name:
        pictures = [_pictures(path, Path(name) / side) for path, side in ((old, "old"), (new, "new"))]
        for number, (a, b) in enumerate(zip(*pictures, strict=True), 1):
            if a != b:
                return f"the pixels of page {number}"
    return ""


def _pages(path: Path) -> list[str]:
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout
    return text.decode("utf-8").split("\f")


def _pictures(path: Path, folder: Path) -> list[bytes]:
    folder.mkdir(parents=True)
    subprocess.run(["pdftoppm", "-r", "60", "-gray", str(path), str(folder / "page")], check=True)
    return [picture.read_bytes() for picture in sorted(folder.iterdir())]


if __name__ == "__main__":
    sys.exit(main())
