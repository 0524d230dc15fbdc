"""Usual mistakes that `solve` can make: each belongs to one part with computations."""

from collections.abc import Iterator

from blattwerk.build.check.complaint import Case, Objection, of_instances
from blattwerk.build.check.places import place_of
from blattwerk.vocabulary.mistakes import Noted


@of_instances
def mistakes_known(case: Case) -> Iterator[Objection]:
    """Every mistake that solve() can make is listed in exactly one part with computations."""
    one, noted = case.instance(), Noted()
    one.answers_by(noted)
    for key in sorted(noted.keys):
        parts = [part.id for part in one.exercise.parts if part.kind == "compute" and key in part.mistakes]
        if len(parts) != 1:
            where = f"the parts {' and '.join(parts)} list" if parts else "no part with computations lists"
            yield (
                place_of(one.exercise.solve),
                f"solve() can make the mistake '{key}', which {where}; give it one name in one part's `mistakes`",
            )
