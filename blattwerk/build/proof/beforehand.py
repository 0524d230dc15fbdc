"""What is known before a class is built: whether the sheet's exercises can be proven on this machine."""

from collections.abc import Iterator, Sequence

from blattwerk.build.libraries import TORCH, command_for, torch_is_there
from blattwerk.build.numbers import DrawnExercise, draw
from blattwerk.build.order.ordered import Ordered
from blattwerk.build.order.stopping import stopping_its_sheet
from blattwerk.build.proof.hearing import heard
from blattwerk.errors import InputError, SheetFailure


def check_oracles(orders: Sequence[Ordered]) -> None:
    """Raise InputError where torch is missing, and exercises of the sheet have too few oracles without it.

    They are tried with the first student's numbers; what fails in another way is told when the sheets are made.
    """
    if torch_is_there() or not orders:
        return
    try:
        drawn = draw(orders[0])
    except SheetFailure:
        return
    if complaints := [words for one in drawn.exercises for words in _short(one)]:
        raise InputError(
            f"torch is not installed, and without it these exercises cannot be proven twice: {'; '.join(complaints)}; "
            f"install it with: {command_for(TORCH)}"
        )


def _short(one: DrawnExercise) -> Iterator[str]:
    """What an exercise lacks without torch, if it lacks something."""
    instance = one.instance()
    if instance.exercise.draft:
        return
    try:
        with stopping_its_sheet(instance.exercise, "an oracle"):
            words = heard(instance)
            short = words.short(instance)
    except SheetFailure:
        return
    if short:
        yield f"{one.key} ({', '.join(words.left_out)}: {', '.join(short)})"
