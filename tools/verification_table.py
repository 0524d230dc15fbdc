"""Write docs/verification.md from the JSON of `verify --json` (any number of files; later ones replace earlier rows).

python tools/verification_table.py FILE.json ... > docs/verification.md
"""

import json
import sys
from datetime import date
from pathlib import Path

HEAD = """# Verification

Every exercise, drawn, solved and proven for many seeds at each difficulty, and at corners of the drawn ranges (two
draws in three from an end of their range). A run fails if an oracle disagrees with the solver, a displayed relation
does not hold, or no admissible numbers are found.

Written {date}. To repeat it: `make verification SEEDS={seeds}` (the better part of an hour on two cores).

- *runs*: seeds and corners; *failed*: runs that failed; *distinct*: different instances among the seeds.
- *checked*: the share of the relations in derivations that a machine checked; the others are marked as cited. Relations
  that stand in a template alone are not counted.
- *solve*, *worst*: mean and worst milliseconds to draw and solve; *proof*: mean milliseconds for oracles and
  derivations; all on a busy machine.
- *spread*: lowest and highest value of one answer.

| exercise | difficulty | runs | failed | distinct | checked | solve | worst | proof | spread |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
"""


def main() -> None:
    """Print the page."""
    rows = {}
    for name in sys.argv[1:]:
        for row in json.loads(Path(name).read_text()):
            rows[row["exercise"], ("easy", "standard", "hard").index(row["difficulty"])] = row
    seeds = max(row["runs"] - row["corners"] for row in rows.values())
    print(HEAD.format(seeds=seeds, date=date.today()), end="")
    for _, row in sorted(rows.items()):
        spread = next((f"{name}: {low:.4g} to {high:.4g}" for name, (low, high) in row["spread"].items()), "")
        times = f"{row['mean_ms']:.1f} | {row['worst_ms']:.0f} | {row['proof_ms']:.1f}"
        counts = f"{row['runs']} | {len(row['failures'])} | {row['distinct']} | {row['checked_share']:.1%}"
        print(f"| {row['exercise']} | {row['difficulty']} | {counts} | {times} | {spread} |")


if __name__ == "__main__":
    main()
