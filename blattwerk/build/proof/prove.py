"""Draw, solve and prove: nothing goes on paper before its oracles and its derivations have been checked."""

from dataclasses import dataclass
from typing import Any

from blattwerk.errors import BlattwerkError, ProofFailure
from blattwerk.vocabulary.derivation import Verified, verify_all
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Comparison, Difficulty, Exercise, Instance


@dataclass(frozen=True)
class Proof:
    """What was checked: the oracles that passed, and the displayed relations."""

    oracles: tuple[str, ...]
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

    Raises ProofFailure at the first disagreement, where an oracle has nothing to say, and where one breaks down: then
    this sheet is not printed, and the others are.
    """
    try:
        said = comparisons(instance)
        relations = verify_all(instance.derivations)
    except BlattwerkError:
        raise
    except Exception as error:
        raise ProofFailure(
            f"{instance.exercise.id}: the proof broke down for {instance.params}: {type(error).__name__}: {error}"
        ) from error
    if len(said) < 2:
        raise ProofFailure(f"{instance.exercise.id} has {len(said)} oracle(s); every exercise needs two")
    for oracle, words in said.items():
        _judge(instance, oracle, words)
    return Proof(tuple(said), relations)


def _judge(instance: Instance, oracle: str, words: tuple[Comparison, ...]) -> None:
    if not words:
        raise ProofFailure(f"{instance.exercise.id}: the oracle {oracle} compared nothing for {instance.params}")
    for comparison in words:
        if not comparison.agrees:
            raise ProofFailure(
                f"{instance.exercise.id}: the oracle {oracle} disagrees about '{comparison.what}' for "
                f"{instance.params}: {comparison.detail}"
            )
