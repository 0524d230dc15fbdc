"""The sizes of the numbers that a student meets."""

from fractions import Fraction

import pytest

from blattwerk.build.check.sizes import quantiles, shown, size
from blattwerk.build.numbers import sample_draws
from blattwerk.build.order.catalogue import find
from blattwerk.vocabulary.exercise import Instance


def test_the_largest_numbers_are_those_on_the_page() -> None:
    """For two normal distributions they can be read off: params, the inserted formula, its value."""
    exercise = find("kl_normal_1d")
    params = exercise.params(Fraction(1), Fraction(3), Fraction(-40), Fraction(5))
    instance = Instance(exercise, "standard", params)
    found = size(instance)
    # D(p||q) = log(5/3) + (9 + 41^2)/50 - 1/2 = log(5/3) + 333/10; the other one (25 + 41^2)/18 - 1/2 = 1697/18;
    # and the quotient of the variances is 9/25
    assert found.integer == 1697
    assert found.denominator == 25


def test_what_no_part_displays_is_not_met() -> None:
    """At easy the least squares line has no ridge regression beside it, whose numbers are the largest."""
    exercise = find("linear_regression")
    instance = Instance(exercise, "easy", exercise.draw(sample_draws("linear_regression", 1), "easy"))
    assert shown(instance) >= {"A", "b", "beta"}
    assert {"RSS_r", "h"} <= instance.derivations.keys() - shown(instance)
    assert size(instance).integer < size(instance, instance.derivations).integer


@pytest.mark.parametrize("topic", ["kl_histogram", "vae"])
def test_sizes_are_of_every_instance(topic: str) -> None:
    """Whatever is drawn has a size, and a denominator is at least one."""
    exercise = find(topic)
    instance = Instance(exercise, "easy", exercise.draw(sample_draws(topic, 1), "easy"))
    assert size(instance).integer > 0 and size(instance).denominator >= 1


def test_quantiles_are_values_that_came() -> None:
    """Of 1..10 the fifth, the ninth and the last one; of one value itself."""
    assert quantiles(range(1, 11)) == (5, 9, 10)
    assert quantiles([7]) == (7, 7, 7)
    with pytest.raises(ValueError, match="no sizes"):
        quantiles([])
