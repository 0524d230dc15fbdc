"""Plant every error that we know into every topic, and write down what became of each.

python tools/planted_errors.py FOLDER [TOPIC ...]

A JSON file a topic; a topic whose file is there already is passed over. `make verification` counts them.
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from blattwerk.build.check.survey import planted_in
from blattwerk.build.order.catalogue import catalogue, find_topic


def main() -> None:
    """The topics that are named, or all."""
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or sorted(catalogue()):
        path, start = folder / f"{name}.json", time.monotonic()
        if not path.exists():
            made = [asdict(one) | {"name": one.name} for one in planted_in(find_topic(name))]
            path.write_text(json.dumps(made, indent=1) + "\n")
            said = [one["said"] for one in made]
            counts = ", ".join(f"{said.count(word)} {word}" for word in ("found", "silent", "same"))
            print(f"{name}: {len(made)} planted, {counts}, {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
