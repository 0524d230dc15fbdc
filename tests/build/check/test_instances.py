"""How many different instances there are, estimated from draws of known sizes."""

from random import Random

import pytest

from blattwerk.build.check.instances import instances


@pytest.mark.parametrize("size", [24, 1_000, 10_000])
def test_the_estimate_finds_a_known_number(size: int) -> None:
    """A thousand draws of `size` equally likely ones: within a factor of two, and exact where all have been seen."""
    for seed in range(10):
        random = Random(seed)
        found = instances(random.randrange(size) for _ in range(1000))
        assert size / 2 < found.estimate < 2 * size
        assert found.drawn == 1000 and found.distinct <= min(size, 1000)
    if size == 24:
        assert found.distinct == found.estimate == 24 and str(found) == "about 24"


def test_without_repetition_it_is_a_bound() -> None:
    """A thousand different draws: there are some half a million, or more."""
    found = instances(range(1000))
    assert found.estimate == 1000 + 1000 * 999 // 2 and str(found) == "more than 500500"
    assert found.sharing(500) == pytest.approx(0.249, abs=0.001)


def test_nothing_drawn_says_nothing() -> None:
    """An estimate from no draw would be an invention."""
    with pytest.raises(ValueError, match="nothing was drawn"):
        instances(())
