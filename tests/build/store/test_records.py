"""What a record says of an answer: its symbol, and what the usual mistakes of its part make of it."""

from blattwerk.build.numbers import sample
from blattwerk.build.proof.prove import ProvenExercise, prove
from blattwerk.build.store.records import ExerciseRecord, decimals, exercise_record


def recorded(exercise_id: str, seed: int) -> tuple[ProvenExercise, ExerciseRecord]:
    """An exercise and its record."""
    drawn = sample(exercise_id, seed, "standard")
    instance = drawn.instance()
    one = ProvenExercise(drawn, instance, prove(instance))
    return one, exercise_record(one)


def test_the_values_of_usual_mistakes_are_recorded() -> None:
    """Those which the tutor's copy prints, at the answers that they change, and no others."""
    listed = 0
    for seed in range(5):
        one, record = recorded("binary_classifier", seed)
        for name, wrong in one.instance.slips.items():
            said = {a.name: m.decimal for a in record.answers for m in a.mistakes if m.name == name}
            assert said == {a.name: decimals(a.value.value()) for a in wrong.changed} if wrong else not said
            listed += len(said)
    assert listed > 10


def test_the_symbol_is_recorded() -> None:
    """As it stands on paper."""
    one, record = recorded("kl_normal_1d", 3)
    assert [a.symbol for a in record.answers] == [a.symbol for a in one.instance.answers]
    assert all(a.symbol for a in record.answers)
