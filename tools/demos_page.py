"""Train every demo for one seed and write docs/demos.md with the figures in both languages.

python tools/demos_page.py SEED
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from blattwerk.build.demos.demonstrate import as_text, demonstration, write_figure
from blattwerk.build.order.catalogue import catalogue
from blattwerk.build.page.view import Item
from blattwerk.vocabulary.language import LANGUAGES

DOCS = Path(__file__).parents[1] / "docs"
HEAD = """# Training demos

`demo = true` at an exercise of a sheet file trains a small network (or estimates a gradient) on the student's own
numbers: the question says what is trained, the solution shows figure, numbers and a reading, the manifest keeps them.
In the terminal: `python cli.py demo D1 --seed 7 --lang de`.

A demo is a measurement. What it should show is asserted on averages over many seeds in `tests/solvers/demos/`; where a
single student's run comes out otherwise, the sheet says so. The demos of a class are trained together, in chunks of a
fixed size, and a student gets the same numbers in any class. Nothing is downloaded: data are generated, or the 8 x 8
digits that come with scikit-learn. With `--mnist FOLDER` (the four usual idx files, packed or not), the demos on digits
use MNIST.

This page is written by `make demos SEED={seed}`.
"""


def main() -> None:
    """Write the page and its pictures."""
    seed = int(sys.argv[1])
    sections = []
    for exercise in sorted((e for e in catalogue().values() if e.demo), key=lambda e: str(e.demo)):
        print(exercise.demo, exercise.id, flush=True)
        sections.append(_section(demonstration(exercise.id, seed, "standard").run(), seed))
    (DOCS / "demos.md").write_text("\n".join([HEAD.format(seed=seed), *sections]), encoding="utf-8")


def _section(item: Item, seed: int) -> str:
    """One demo: heading, and for each language the text and the figure with its text alternative."""
    exercise, pieces = item.instance.exercise, []
    for lang in LANGUAGES:
        name = f"{exercise.demo}.{lang}.png"
        write_figure(item, lang, DOCS / "images" / "demos" / name)
        alternative = item.figures(lang)["demo"].alt[lang].replace("\n", " ")
        pieces.append(f"{_paragraphs(as_text(item, lang))}\n\n![{alternative}](images/demos/{name})\n")
    return f"## {exercise.demo}: {exercise.title.en} / {exercise.title.de}\n\n" + "\n".join(pieces)


def _paragraphs(text: str) -> str:
    """What was trained, the numbers as they stand, the reading."""
    about, numbers, reading = text.split("\n\n", 2)
    return f"{about}\n\n```\n{numbers}\n```\n\n{reading}"


if __name__ == "__main__":
    main()
