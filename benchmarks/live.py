"""How long does somebody wait who writes a topic? The live page's looks, a save, and `show` in the terminal.

    python benchmarks/live.py [--seeds 5]

A look is what the page shows of an exercise: drawn, solved, proven, printed as HTML in one language; warm means that
the libraries are loaded and the topic has been looked at once. Wall-clock milliseconds, and those of the processor,
which a busy machine changes less.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import blattwerk
from blattwerk.build.look.look import looked_at
from blattwerk.build.numbers import sample
from blattwerk.build.order.catalogue import catalogue, look_into, whole_catalogue
from blattwerk.build.serve.pieces import look
from blattwerk.build.serve.site import Asked, Site
from blattwerk.build.serve.subject import Subject
from blattwerk.build.serve.watching import EVERY
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty

Times = tuple[float, float]  # wall clock and processor, ms
RUNS = 7  # of the terminal


def timed(do: Callable[[], object]) -> Times:
    """Milliseconds of a call."""
    wall, processor = time.perf_counter(), time.process_time()
    do()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor)


def one_look(exercise: str, seed: int, difficulty: Difficulty) -> Times:
    """One look at an exercise."""

    def do() -> None:
        drawn = sample(exercise, seed, difficulty)
        look(looked_at(drawn, seed), drawn, ("en",))

    return timed(do)


def looks(seeds: int) -> dict[str, Times]:
    """For each topic, the median over seeds and difficulties, warm."""
    found = {}
    for exercise in catalogue():
        one_look(exercise, 0, "standard")
        each = [one_look(exercise, seed, difficulty) for seed in range(1, seeds + 1) for difficulty in DIFFICULTIES]
        found[exercise] = (median(wall for wall, _ in each), median(processor for _, processor in each))
    return found


def saved() -> Times:
    """From a save to the new look, in the worst case of the watch, for a topic on one page."""
    ours = (Path(blattwerk.__file__).parent / "topics" / "kl_normal_1d.md").read_text()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "saved.md"
        file.write_text(ours.replace("topic: kl_normal_1d", "topic: saved"))
        look_into(file)
        site, wanted = Site(Subject(topic="saved")), Asked("saved", 1, "standard", ("en",))
        site.look(wanted)
        each = []
        for number in range(RUNS):
            file.write_text(file.read_text().replace(":en: ", f":en: {number} ", 1))
            each.append(timed(lambda: (whole_catalogue.cache_clear(), site.look(wanted))))
    return 1000 * EVERY + median(wall for wall, _ in each), 1000 * EVERY + median(cpu for _, cpu in each)


def shown() -> Times:
    """`blattwerk show kl_normal_1d` as a whole process, the median."""
    each = []
    for seed in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "blattwerk", "show", "kl_normal_1d", "--seed", str(seed)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        each.append((1000 * wall, 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)))
    return median(wall for wall, _ in each), median(processor for _, processor in each)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    found = looks(options.seeds)
    rows = {**dict(sorted(found.items(), key=lambda row: row[1])), "a save, with the wait for it": saved()}
    rows["show in the terminal"] = shown()
    rows["median of the looks"] = (median(w for w, _ in found.values()), median(c for _, c in found.values()))
    load = f", load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else ""
    print(f"ms: wall clock, processor{load}")
    for name, (wall, processor) in rows.items():
        print(f"    {name:<30}{wall:10.0f}{processor:10.0f}")


if __name__ == "__main__":
    main()
