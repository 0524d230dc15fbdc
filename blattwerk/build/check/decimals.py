"""Decimals are called what they are: equal where they end, approximate where they do not, and never all zeros."""

from collections.abc import Iterator

from blattwerk.build.check.complaint import Case, Objection, of_instances
from blattwerk.build.check.places import place_of
from blattwerk.vocabulary.derivation import Derivation


@of_instances
def decimals_tell(case: Case) -> Iterator[Objection]:
    """No approximate sign stands where equality holds, and no number other than 0 is rounded to 0."""
    one = case.instance()
    for name, chain in one.derivations.items():
        for what in () if chain.domain else _wrong(chain):
            yield place_of(one.exercise.derivations), f"in the derivation '{name}', {what}"


def _wrong(chain: Derivation) -> Iterator[str]:
    before = chain.start
    for step in chain.steps:
        if step.relation == "~":
            exact, rounded = before.value(), step.term.value()
            if exact == rounded:
                yield f"{before} ~ {step.term} is an equality; approx() writes what holds"
            elif rounded == 0:
                yield f"{before} ~ {step.term} tells nothing; give it more places"
        before = step.term
