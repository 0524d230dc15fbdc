"""Commands about exercises: list, show, demo, verify, new, check."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from blattwerk.commands.options import JobsOption, JsonOption, MnistOption, OutOption, SeedOption, whole
from blattwerk.commands.telling import FAILED, print_json, progress, topic_named, warn_of_broken_topics


def list_(json: JsonOption = False) -> None:
    """The exercises: id, titles, parts, demo."""
    from blattwerk.build.show import listing

    topic_named("")
    warn_of_broken_topics()
    print_json(listing()) if json else print(_listing_text(listing()))


def _listing_text(rows: list[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        offers = f"; offers {row['offers']} instances" if row["offers"] else ""
        parts = ", ".join(part["id"] + _only_at(part, row) for part in row["parts"])
        demo = f"; demo {row['demo']}" if row["demo"] else ""
        more = f"{offers}{demo}{'; notebook' if row['notebook'] else ''}"
        lines.append(f"{row['id']}\n    {row['title']['en']} / {row['title']['de']}\n    parts: {parts}{more}")
    return "\n".join(lines)


def _only_at(part: dict[str, Any], row: dict[str, Any]) -> str:
    """The difficulties at which a part is there, where it is not there at all of them."""
    return "" if part["difficulties"] == row["difficulties"] else f" ({', '.join(part['difficulties'])} only)"


def show(
    exercise: Annotated[str, typer.Argument(help="The exercise's id, see `list`, or a topic file.")],
    seed: SeedOption,
    difficulty: Annotated[str, typer.Option(help="easy, standard or hard.")] = "standard",
    lang: Annotated[str, typer.Option(help="en or de.")] = "en",
    solution: Annotated[bool, typer.Option("--solution", metavar="", help="The solution too.")] = False,
    json: JsonOption = False,
) -> None:
    """One exercise as text, or its numbers, answers and checks as JSON."""
    from blattwerk.build.numbers import sample
    from blattwerk.build.order import options
    from blattwerk.build.show import as_json, as_text

    exercise = topic_named(exercise)  # of the others nothing is loaded, so nothing is said of those that are broken
    drawn = sample(exercise, seed, options.difficulty(difficulty))
    print_json(as_json(drawn)) if json else print(as_text(drawn, options.languages(lang)[0], solution))


def demo(
    demo_id: Annotated[str, typer.Argument(metavar="ID", help="D1 to D9, or the exercise's id.")],
    seed: SeedOption,
    difficulty: Annotated[str, typer.Option(help="easy, standard or hard.")] = "standard",
    lang: Annotated[str, typer.Option(help="en or de.")] = "en",
    out: OutOption = Path("out"),
    mnist: MnistOption = None,
) -> None:
    """Train a demo on the numbers of an exercise; print what it found and write its figure."""
    from blattwerk.build.demos.demonstrate import as_text, demonstration, write_figure
    from blattwerk.build.order import options

    warn_of_broken_topics()
    language = options.languages(lang)[0]
    planned = demonstration(demo_id, seed, options.difficulty(difficulty), options.mnist_folder(mnist))
    name = planned.name
    with progress(f"training {name}", planned.steps) as advance:
        item = planned.run(advance)
    print(as_text(item, language), end="\n\n")
    print(write_figure(item, language, out / f"{name}.seed-{seed}.{language}.png"))


def verify(
    exercises: Annotated[list[str] | None, typer.Argument(help="Ids; all exercises if left out.")] = None,
    seeds: Annotated[
        int,
        typer.Option(metavar="INTEGER", parser=whole("--seeds", 1, 10**6), help="How many seeds at each difficulty."),
    ] = 100,
    difficulty: Annotated[str | None, typer.Option(help="Only easy, standard or hard.")] = None,
    jobs: JobsOption = 0,
    json: JsonOption = False,
) -> None:
    """Draw, solve and prove exercises many times over, and report; without ids, a topic that is broken is a failure."""
    from blattwerk.build.check.verify import trials
    from blattwerk.build.order import options
    from blattwerk.build.order.catalogue import catalogue, find
    from blattwerk.build.workers import processes

    exercises = [topic_named(one) for one in exercises or ()]
    topic_named("")
    broken = warn_of_broken_topics()
    ids = [find(exercise).id for exercise in exercises] if exercises else list(catalogue())
    difficulties = options.difficulties(difficulty)
    total = len(ids) * len(difficulties)
    with processes(jobs, total) as executor, progress("verifying", total) as advance:
        results = trials(ids, difficulties, seeds, executor, advance)
    if json:
        print_json([result.as_json() for result in results])
    else:
        print(f"{'exercise':<24}{'difficulty':<11}{'runs':>7}{'failed':>8}{'distinct':>10}{'checked':>9}{'typed':>7}"
              f"{'mean ms':>9}{'worst ms':>10}{'proof ms':>10}")  # fmt: skip
        for r in results:
            counts = r.relations
            print(f"{r.exercise:<24}{r.difficulty:<11}{r.runs:>7}{len(r.failures):>8}{r.distinct:>10}"
                  f"{counts.checked:>9}{counts.unaccounted:>7}"
                  f"{r.mean_ms:>9.2f}{r.worst_ms:>10.2f}{r.proof_ms:>10.2f}")  # fmt: skip
    failures = [failure for result in results for failure in result.failures]
    for failure in failures[:20]:
        print(f"failed: {failure}", file=sys.stderr)
    if failures or (broken and not exercises):
        raise typer.Exit(FAILED)


def new(
    topic: Annotated[str, typer.Argument(metavar="ID", help="The topic's id: small letters, digits, underscores.")],
    folder: Annotated[Path, typer.Option("--dir", help="The folder of your topics.")] = Path("topics"),
) -> None:
    """Write a topic on one page that is already whole, and shows every construct once."""
    from blattwerk.build.order.new_page import write_page

    print(write_page(topic, folder))


def check(
    topic: Annotated[str, typer.Argument(help="The exercise's id, see `list`, or a topic file.")],
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds at each difficulty.")] = 8,
    jobs: JobsOption = 0,
) -> None:
    """All that is asked of an exercise, wherever it lives: draws, proof, planted errors, both languages, TeX."""
    from blattwerk.build.workers import ONE_TOPIC, prepare, processes

    if jobs != 1:
        prepare(ONE_TOPIC)  # it imports what we import meanwhile
    from blattwerk.build.check import check as demands
    from blattwerk.build.order.catalogue import find_topic

    topic = topic_named(topic)
    found, total = find_topic(topic), len(demands.DEMANDS)
    with processes(jobs, total, ONE_TOPIC) as executor, progress(f"checking {topic}", total) as advance:
        complaints = demands.check(found, seeds, advance, executor)
    print("\n".join(demands.told(topic, complaints)))
    if complaints:
        raise typer.Exit(FAILED)
