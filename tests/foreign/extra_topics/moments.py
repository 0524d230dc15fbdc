"""Mean and variance of numbers that are equally likely: what the topics of this package share."""

from fractions import Fraction


def mean(values: tuple[int, ...]) -> Fraction:
    """The mean."""
    return Fraction(sum(values), len(values))


def variance(values: tuple[int, ...]) -> Fraction:
    """The mean squared distance from the mean."""
    return sum((value - mean(values)) ** 2 for value in values) / Fraction(len(values))
