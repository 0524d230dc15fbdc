"""Students of a class who got the same numbers: where a topic is small or the class large, nobody would notice."""

import json
from collections.abc import Iterable, Iterator

from blattwerk.build.store.records import StudentRecord


def repeats(records: Iterable[StudentRecord]) -> Iterator[str]:
    """A sentence for each exercise of which there are fewer instances than students."""
    numbers: dict[tuple[str, str], list[str]] = {}
    for record in records:
        for one in record.exercises:
            numbers.setdefault((one.key, one.difficulty), []).append(json.dumps(one.params, sort_keys=True))
    for (key, difficulty), drawn in numbers.items():
        if len(set(drawn)) < len(drawn):
            yield (
                f"'{key}' ({difficulty}): {len(drawn)} students, {len(set(drawn))} different instances, so some share "
                f"their numbers; another difficulty has more (see `blattwerk verify {key} --seeds 1000`)"
            )
