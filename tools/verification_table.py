"""Write docs/verification.md from the JSON of `verify --json` (any number of files; later ones replace earlier rows).

python tools/verification_table.py FILE.json ... > docs/verification.md
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

KINDS = ("checked", "answers", "defined", "assumed", "mistaken", "cited", "rounded")

HEAD = """# Verification

Every exercise, drawn, solved and proven for many seeds at each difficulty, and at corners of the drawn ranges (two
draws in three from an end of their range). A run fails if an oracle disagrees with the solver, a displayed relation
does not hold, or no admissible numbers are found.

Written {date}. To repeat it: `make verification SEEDS={seeds}` (the better part of an hour on two cores).

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


def main() -> None:
    """Print the page."""
    rows = {}
    for name in sys.argv[1:]:
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


def relations(row: dict[str, Any]) -> str:
    """The relations on a page, and the claims of a run, on the average."""
    of_a_page = [*(row["relations"][kind] for kind in KINDS), max(row["unaccounted"].values())]
    counts = [*(count / row["pages"] for count in of_a_page), row["claims"] / row["runs"]]
    return " | ".join(f"{count:.3g}" for count in counts)


if __name__ == "__main__":
    main()
