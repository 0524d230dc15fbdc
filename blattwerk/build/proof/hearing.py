"""What the oracles of an instance say. Where torch is not installed, those that need it are left out, and named."""

from collections.abc import Mapping
from dataclasses import dataclass

from blattwerk.build.libraries import TORCH, command_for, for_want_of_torch
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.oracles import Comparison

ENOUGH = 2  # oracles that compare an answer


@dataclass(frozen=True)
class Heard:
    """What each oracle says, by its name, and those that could not speak because torch is not there."""

    said: Mapping[str, tuple[Comparison, ...]]
    left_out: tuple[str, ...] = ()

    def short(self, instance: Instance) -> dict[str, tuple[str, ...]]:
        """The answers that fewer than two oracles compare, with these; none where no oracle was left out."""
        if not self.left_out:
            return {}
        by = {
            answer.name: tuple(oracle for oracle, words in self.said.items() if answer.name in {w.what for w in words})
            for answer in instance.answers
        }
        return {name: oracles for name, oracles in by.items() if len(oracles) < ENOUGH}


def heard(instance: Instance) -> Heard:
    """What the oracles say of the instance."""
    said, left_out = {}, []
    for oracle in instance.exercise.oracles:
        try:
            said[oracle.__name__] = tuple(oracle(instance.params, instance.solution))
        except ModuleNotFoundError as error:
            if not for_want_of_torch(error):
                raise
            left_out.append(oracle.__name__)
    return Heard(said, tuple(left_out))


def comparisons(instance: Instance) -> dict[str, tuple[Comparison, ...]]:
    """What each oracle says of the instance, by the oracle's name."""
    return dict(heard(instance).said)


def complaint(instance: Instance, words: Heard) -> str:
    """What is to be done where answers are left with too few oracles; nothing where all have two."""
    if not (short := words.short(instance)):
        return ""
    return (
        f"the answers {', '.join(sorted(short))} need two oracles each, and {', '.join(words.left_out)} cannot be "
        f"asked without torch; install it with: {command_for(TORCH)}"
    )
