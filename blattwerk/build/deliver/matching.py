"""Which participant of an assignment is which student of the record: by id number or address; nothing is guessed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from blattwerk.build.deliver.worksheet import Participant


@dataclass(frozen=True)
class Person:
    """Somebody who is to get what was made under the name `record`."""

    record: str
    id: str
    email: str = ""

    def __str__(self) -> str:
        return f"student '{self.id}'" + (f" of '{self.record}'" if self.id != self.record else "")


@dataclass(frozen=True)
class Matched:
    """Who is who: participants with their records, why others are nobody, and the participants that are left."""

    found: tuple[tuple[Participant, Person], ...]
    problems: tuple[str, ...]
    left: tuple[Participant, ...]


def matched(people: Sequence[Person], participants: Sequence[Participant]) -> Matched:
    """Each person with the one participant who has the id number or the address; all others are named."""
    by_id, by_email = _index(participants, "id"), _index(participants, "email")
    said = {person: _participant(person, by_id, by_email) for person in people}
    whose = defaultdict(list)
    for person, one in said.items():
        if isinstance(one, Participant):
            whose[one].append(person)
    problems = [f"{person}: {one}" for person, one in said.items() if isinstance(one, str)]
    problems += [
        f"{' and '.join(map(str, several))}: the worksheet's {one} is each of them; nobody gets anything"
        for one, several in whose.items()
        if len(several) > 1
    ]
    found = tuple((one, several[0]) for one, several in whose.items() if len(several) == 1)
    return Matched(found, tuple(problems), tuple(one for one in participants if one not in whose))


def _index(participants: Iterable[Participant], key: str) -> Mapping[str, list[Participant]]:
    index = defaultdict(list)
    for one in participants:
        index[getattr(one, key).casefold()].append(one)
    index.pop("", None)
    return index


def _participant(
    person: Person, by_id: Mapping[str, list[Participant]], by_email: Mapping[str, list[Participant]]
) -> Participant | str:
    """The one participant who has the person's id number or address, or why there is none."""
    keys = {"id number": (person.id, by_id), "address": (person.email, by_email)}
    hits = {key: index[text.casefold()] for key, (text, index) in keys.items() if text.casefold() in index}
    if not hits:
        looked = f"the id number '{person.id}'" + (f" or the address '{person.email}'" if person.email else "")
        return f"not in the worksheet; nobody there has {looked}"
    for key, several in hits.items():
        if len(several) > 1:
            return f"more than once in the worksheet: the {key} is that of {', '.join(map(str, several))}"
    (one, *others) = {several[0]: None for several in hits.values()}
    if others:
        return f"the id number is that of {one} in the worksheet, and the address that of {others[0]}; correct one"
    return one
