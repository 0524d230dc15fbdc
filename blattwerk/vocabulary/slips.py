"""What a usual mistake leads to on an instance, and which answers follow from which.

A mistake is listed with a value only where it can be told from the right solution, and from the mistakes listed before
it, by what stands on paper: the answers of its part, at the places asked for.
"""

import inspect
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from blattwerk.vocabulary.exact.closed import Closed
from blattwerk.vocabulary.exact.log_sums import LogSum, rational
from blattwerk.vocabulary.language import rounded
from blattwerk.vocabulary.mistakes import Given, Noted, Slip, Step
from blattwerk.vocabulary.parts import Answer, Part
from blattwerk.vocabulary.terms import MP

Answers = tuple[Answer, ...]
By = Callable[[Step], Answers]  # the answers if the steps are taken like this


@dataclass(frozen=True)
class Wrong:
    """A mistake that was made: all answers that it leads to, and those of its part that it changes."""

    answers: Answers
    changed: Answers


def slips(parts: Iterable[Part], right: Answers, by: By) -> Mapping[str, Wrong | None]:
    """For each mistake of a part with computations that `solve` can make on this instance, what it leads to.

    None where it leads to nothing that could be printed: it breaks down, or changes nothing, or brings the same values
    as another mistake that is listed. A mistake that `solve` does not know is not named here: it stays words.
    """
    return {key: wrong for part in parts if part.kind == "compute" for key, wrong in _of_part(part, right, by)}


def _of_part(part: Part, right: Answers, by: By) -> Iterator[tuple[str, Wrong | None]]:
    paper = _on_paper(right, part)
    seen: list[Mapping[str, Hashable]] = []
    for key in part.mistakes:
        slip = Slip(key)
        answers = _tried(by, slip)
        if not slip.met:
            continue
        found = _on_paper(answers, part)
        told = found.keys() == paper.keys() and found != paper and found not in seen
        changed = (a for a in answers if a.part == part.id and found[a.name] != paper.get(a.name))
        yield key, Wrong(answers, tuple(changed)) if told else None
        if told:
            seen.append(found)


def _tried(by: By, step: Step) -> Answers:
    """The answers if the steps are taken like this; none where this breaks down."""
    try:
        return by(step)
    except (ArithmeticError, ValueError):  # a logarithm of 0, say: on these numbers the mistake leads nowhere
        return ()


def stepwise(solve: Callable[..., Any]) -> bool:
    """Whether `solve` can be told how to take its steps."""
    return "step" in inspect.signature(solve).parameters


def _on_paper(answers: Answers, part: Part) -> Mapping[str, Hashable]:
    return {answer.name: on_paper(answer) for answer in answers if answer.part == part.id}


def on_paper(answer: Answer) -> Hashable:
    """An answer as it is printed at the places asked for: two that are the same here look the same."""
    return _rounded(answer.value.value(), answer.places)


def _rounded(value: Any, places: int) -> Hashable:
    if isinstance(value, tuple):
        return tuple(_rounded(entry, places) for entry in value)
    if not isinstance(value, int | Fraction) and not MP.isfinite(value):
        return str(value)
    return rounded(value, places)


def later(right: Answers, by: By) -> Mapping[str, tuple[str, ...]]:
    """For each answer that is the name of a step: which other answers change if that step brings something else."""
    noted = Noted()
    by(noted)
    paper = {answer.name: on_paper(answer) for answer in right}
    return {name: _later(name, noted.values[name], paper, by) for name in paper if name in noted.values}


def _later(name: str, value: Any, paper: Mapping[str, Hashable], by: By) -> tuple[str, ...]:
    found = _tried(by, Given({name: other(value)}))
    return tuple(a.name for a in found if a.name != name and paper.get(a.name) != on_paper(a))


def other(value: Any) -> Any:
    """Another value of the same kind, every number in it changed."""
    if isinstance(value, LogSum):
        return value + rational(Fraction(1, 7))
    if isinstance(value, Closed):
        return value + Fraction(1, 7)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Fraction):
        return value + 1
    if isinstance(value, tuple):
        return tuple(map(other, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: other(getattr(value, f.name)) for f in fields(value)})
    return value
