"""A topic rewritten on one page: the same numbers for every student, the same answers, the same parts and points."""

import pytest

from blattwerk.build.codec import to_json
from blattwerk.build.numbers import sample_draws
from blattwerk.build.order.catalogue import find
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.terms import MP
from tests.build.topicfile.three_files import EXERCISE


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_page_and_the_three_files_say_the_same(difficulty: Difficulty) -> None:
    """For forty seeds."""
    page = find(EXERCISE.id)
    assert [(part.id, part.points, part.kind) for part in page.parts] == [
        (part.id, part.points, part.kind) for part in EXERCISE.parts
    ]
    for seed in range(40):
        one, other = (
            Instance(topic, difficulty, topic.draw(sample_draws(topic.id, seed), difficulty))
            for topic in (page, EXERCISE)
        )
        assert to_json(one.params) == to_json(other.params)
        for answer, old in zip(one.answers, other.answers, strict=True):
            assert (answer.name, answer.part, answer.symbol) == (old.name, old.part, old.symbol)
            assert abs(MP.convert(answer.value.value()) - MP.convert(old.value.value())) < MP.mpf(10) ** -50
