"""Draw, solve and prove: nothing goes on paper before its oracles and its derivations have been checked."""

from dataclasses import dataclass
from typing import Any

from blattwerk.derivation import Verified, verify_all
from blattwerk.draws import Draws
from blattwerk.errors import ProofFailure
from blattwerk.exercise import Comparison, Difficulty, Exercise, Instance


@dataclass(frozen=True)
class Proof:
    """What was checked: the oracles that passed, their comparisons, and the displayed relations."""

    oracles: tuple[str, ...]
    comparisons: int
    relations: Verified


def drawn(exercise: Exercise[Any, Any], draws: Draws, difficulty: Difficulty) -> Instance:
    """One student's instance of an exercise."""
    return Instance(exercise, difficulty, exercise.draw(draws, difficulty))


def comparisons(instance: Instance) -> dict[str, tuple[Comparison, ...]]:
    """What each oracle says of the instance, by the oracle's name."""
    exercise = instance.exercise
    return {oracle.__name__: tuple(oracle(instance.params, instance.solution)) for oracle in exercise.oracles}


def prove(instance: Instance) -> Proof:
    """Run all oracles and verify all derivations.

    Raises ProofFailure at the first disagreement, and where an oracle has nothing to say.
    """
    said = comparisons(instance)
    if len(said) < 2:
        raise ProofFailure(f"{instance.exercise.id} has {len(said)} oracle(s); every exercise needs two")
    for oracle, words in said.items():
        if not words:
            raise ProofFailure(f"{instance.exercise.id}: the oracle {oracle} compared nothing for {instance.params}")
        for comparison in words:
            if not comparison.agrees:
                raise ProofFailure(
                    f"{instance.exercise.id}: the oracle {oracle} disagrees about '{comparison.what}' for "
                    f"{instance.params}: {comparison.detail}"
                )
    relations = verify_all(instance.derivations)
    return Proof(tuple(said), sum(map(len, said.values())), relations)
