"""Write docs/verification.md from the JSON of `verify --json` and of tools/planted_errors.py.

python tools/verification_table.py FOLDER FILE.json ... > docs/verification.md

FOLDER is what tools/planted_errors.py wrote; of the files any number, later ones replace earlier rows.
"""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

KINDS = ("checked", "answers", "defined", "assumed", "mistaken", "cited", "rounded")

HEAD = """# Verification

Every exercise, drawn, solved and proven for many seeds at each difficulty, and at corners of the drawn ranges (two
draws in three from an end of their range). A run fails if an oracle disagrees with the solver, a displayed relation
does not hold, or no admissible numbers are found.

Written {date}. To repeat it: `make verification SEEDS={seeds}` (the number of seeds is what decides how
long it takes: an hour or so on two cores for a thousand).

- *runs*: seeds and corners; *failed*: runs that failed; *instances*: how many different ones there are, estimated
  from how often numbers came back (Chao, 1984).
- Relations on {pages} solution pages of each, per page, each counted once: *checked* by a machine; *answers*, which the
  oracles have compared; *defined* (what a symbol stands for); *assumed* (conditions and cases); *mistaken* (false on
  purpose); *cited* (by theorems that are named); *rounded* (decimals of the term before them); *typed* into a template
  and accounted for by nothing, in the language that has more of them. *claims*: sentences that depend on the draw,
  evaluated in every run, per run.
- *solve*, *worst*: mean and worst milliseconds to draw and solve; *proof*: mean milliseconds for oracles and
  derivations; all on a busy machine.
- *spread*: lowest and highest value of one answer.

| exercise | difficulty | runs | failed | instances | {names} | typed | claims | solve | worst | proof | spread |
| --- | --- | ---: | ---: | ---: | {rules}---: | ---: | ---: | ---: | ---: | --- |
"""

SIZES = """
## The numbers that a student meets

The largest integer (a numerator too) and the largest denominator on a sheet and in its solution: the median over all
runs, what nine runs in ten do not exceed, and the largest of all.

| exercise | difficulty | integer | nine in ten | largest | denominator | nine in ten | largest |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"""

PLANTED = """
## Planted errors

A sign, an operation, an order of arguments, a constant is changed in the source, one at a time: everywhere in what
`solve` reaches (its own functions, properties of Params, shared modules), in one of four places of the code of answers
and derivations, and in all proofs of topics on one page. *visible*: the errors that change what is computed, or what is
printed, on one of three instances. *found*: those to which an oracle or a checked relation objects, or that break down,
on every instance on which they are visible. `python tools/planted_errors.py FOLDER` plants them, a long test
asserts it.

| exercise | planted | visible | found | in what is displayed | visible | found |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |"""
SURVIVORS = Path(__file__).parent.parent / "tests" / "data" / "survivors.toml"


def main() -> None:
    """Print the page."""
    rows = {}
    folder, *names = sys.argv[1:]
    for name in names:
        for row in json.loads(Path(name).read_text()):
            rows[row["exercise"], ("easy", "standard", "hard").index(row["difficulty"])] = row
    seeds = max(row["runs"] - row["corners"] for row in rows.values())
    pages = max(row["pages"] for row in rows.values())
    rules = "---: | " * len(KINDS)
    names = " | ".join(KINDS)
    print(HEAD.format(seeds=seeds, date=date.today(), pages=pages, names=names, rules=rules), end="")
    for _, row in sorted(rows.items()):
        spread = next((f"{name}: {low:.4g} to {high:.4g}" for name, (low, high) in row["spread"].items()), "")
        times = f"{row['mean_ms']:.1f} | {row['worst_ms']:.0f} | {row['proof_ms']:.1f}"
        runs = f"{row['runs']} | {len(row['failures'])} | {row['instances']}"
        print(f"| {row['exercise']} | {row['difficulty']} | {runs} | {relations(row)} | {times} | {spread} |")
    print(SIZES)
    for _, row in sorted(rows.items()):
        sizes = " | ".join(str(size) for name in ("integers", "denominators") for size in row[name])
        print(f"| {row['exercise']} | {row['difficulty']} | {sizes} |")
    for line in planted(Path(folder)):
        print(line)


def planted(folder: Path) -> Iterator[str]:
    """What became of planted errors, by topic, and who survived and why."""
    yield PLANTED
    total = [0] * 6
    silent = set()
    for path in sorted(folder.glob("*.json")):
        made = json.loads(path.read_text())
        counts = [n for code in ("solve", "display") for n in counted([one for one in made if one["code"] == code])]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        silent |= {one["name"] for one in made if one["said"] == "silent"}
        yield f"| {path.stem} | {' | '.join(map(str, counts))} |"
    yield f"| together | {' | '.join(map(str, total))} |"
    found, visible = total[2] + total[5], total[1] + total[4]
    yield f"\nOf {visible} visible ones {found} are found ({found / visible:.1%}). The others, and what they are:\n"
    for kind in tomllib.loads(SURVIVORS.read_text()).values():
        if there := sorted(silent & set(kind["errors"])):
            yield f"- {kind['reason']} ({len(there)}):"
            yield from (f"  - {name}" for name in there)
            silent -= set(there)
    if silent:
        yield f"- not explained yet ({len(silent)}):"
        yield from (f"  - {name}" for name in sorted(silent))


def counted(made: list[Mapping[str, str]]) -> tuple[int, int, int]:
    """How many errors are planted, visible, found."""
    said = [one["said"] for one in made]
    return len(said), len(said) - said.count("same"), said.count("found")


def relations(row: dict[str, Any]) -> str:
    """The relations on a page, and the claims of a run, on the average."""
    of_a_page = [*(row["relations"][kind] for kind in KINDS), max(row["unaccounted"].values())]
    counts = [*(count / row["pages"] for count in of_a_page), row["claims"] / row["runs"]]
    return " | ".join(f"{count:.3g}" for count in counts)


if __name__ == "__main__":
    main()
