"""Students of a class who got the same numbers: where a topic is small or the class large, nobody would notice."""

import json
from collections.abc import Collection, Iterable, Iterator

from blattwerk.build.store.records import StudentRecord


def repeats(records: Iterable[StudentRecord], given: Collection[str] = ()) -> Iterator[str]:
    """A sentence for each exercise of which there are fewer instances than students.

    Those who were to share their numbers, as a group or a variant, count as one; of the keys in `given`, the numbers
    stand in the sheet file.
    """
    numbers: dict[tuple[str, str], set[tuple[str, str]]] = {}
    who = "students"
    for record in records:
        for one in record.exercises:
            params = json.dumps(one.params, sort_keys=True)
            numbers.setdefault((one.key, one.difficulty), set()).add((record.shared or record.id, params))
            who = "draws" if record.shared else who
    for (key, difficulty), drawn in numbers.items():
        if key in given:
            continue
        different = {params for _, params in drawn}
        if len(different) < len(drawn):
            yield (
                f"'{key}' ({difficulty}): {len(drawn)} {who}, {len(different)} different instances, so some share "
                f"their numbers; another difficulty has more (see `blattwerk verify {key} --seeds 1000`)"
            )
