"""The numbers at `easy` are for a pencil: nine instances in ten of every topic keep to the table in data/sizes.toml."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from blattwerk.build.check.sizes import Size, quantiles, shown, size
from blattwerk.build.order.catalogue import catalogue, find
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from tests.instances import instance

TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "data" / "sizes.toml").read_text(encoding="utf-8"))
EVERY, OF = TABLE["every"], TABLE["of"]
TOPICS = tuple(catalogue())
PAGES = 3  # the derivations that they display are taken for all that are displayed
# What differs where `easy` has all parts of `standard`, and where `hard` has no part more.
LIGHTER_AT_EASY = {
    "autoencoder": "connected layers instead of convolutions, a line in the plane",
    "elbo": "two values of z instead of three",
    "kl_factorised": "two components of two values",
    "kl_gaussian": "two dimensions instead of three",
    "kl_not_a_metric": "coins in order, so that it is known which way the inequality fails",
    "mixture_density": "two components instead of three",
    "noisy_labels": "three samples instead of four, one denominator",
}
HARDER_AT_HARD = {
    "deep_belief_net": "four layers instead of three, every row of the comparison",
    "gaussian_rbm": "columns of W that need not be orthogonal: the units of h are coupled",
    "kl_normal_1d": "the closed form is to be found, it is not given",
    "softmax": "four classes instead of three, in halves",
    "train_from_scratch": "more units in a layer",
    "vae": "five codes instead of four, to a place more",
}


@cache
def sizes(topic: str, difficulty: Difficulty, seeds: int, pages: int) -> tuple[Size, ...]:
    """Of the instances of the first seeds; what is displayed is known from the pages of the first ones."""
    displayed = frozenset[str]().union(*(shown(instance(topic, seed, difficulty)) for seed in range(pages)))
    return tuple(size(instance(topic, seed, difficulty), displayed) for seed in range(seeds))


def nine_in_ten(found: tuple[Size, ...]) -> Size:
    """What nine of ten do not exceed."""
    return Size(quantiles([one.integer for one in found])[1], quantiles([one.denominator for one in found])[1])


def limit(topic: str) -> Size:
    """What the table says of a topic."""
    said = OF.get(topic, EVERY)
    return Size(said["integer"], said["denominator"])


def beyond(found: Size, allowed: Size) -> bool:
    """Whether a number is larger than it may be."""
    return found.integer > allowed.integer or found.denominator > allowed.denominator


@pytest.mark.parametrize("topic", TOPICS)
def test_easy_is_for_a_pencil(topic: str) -> None:
    """Ten instances of each topic: three of them may be beyond, as some are if it is one in ten of all."""
    assert sum(beyond(one, limit(topic)) for one in sizes(topic, "easy", 10, 1)) <= 3


@pytest.mark.long
@pytest.mark.parametrize("topic", TOPICS)
def test_easy_is_for_a_pencil_over_many_seeds(topic: str) -> None:
    """Three hundred instances of each; a limit of a topic's own is needed, and not twice as large as it need be."""
    found = nine_in_ten(sizes(topic, "easy", 300, PAGES))
    assert not beyond(found, limit(topic))
    if topic in OF:
        both = max(found.integer, EVERY["integer"]), max(found.denominator, EVERY["denominator"])
        assert beyond(found, Size(**EVERY)), "the limit for every topic is kept: no other one is needed"
        assert not beyond(limit(topic), Size(2 * both[0], 2 * both[1])), "the limit is more than twice what is needed"


def test_the_table_names_topics_and_reasons() -> None:
    """Whatever has a limit of its own is in the catalogue, and says why."""
    assert set(OF) | set(LIGHTER_AT_EASY) | set(HARDER_AT_HARD) <= set(TOPICS)
    assert all(len(said["reason"]) > 20 and set(said) == {"integer", "denominator", "reason"} for said in OF.values())


@pytest.mark.parametrize("topic", TOPICS)
def test_three_difficulties_ask_for_more_and_more(topic: str) -> None:
    """What is asked for at one of them is asked for at the next one too, and something more, or named above."""
    asked = [[part.id for part in find(topic).parts_at(difficulty)] for difficulty in DIFFICULTIES]
    easy, standard, hard = map(set, asked)
    assert easy <= standard <= hard
    assert (easy == standard) == (topic in LIGHTER_AT_EASY)
    assert (standard == hard) == (topic in HARDER_AT_HARD)


@pytest.mark.long
@pytest.mark.parametrize("topic", TOPICS)
def test_easy_has_the_smaller_numbers(topic: str) -> None:
    """The medians of a hundred instances are at `easy` not larger than at `standard`, and one of them is smaller."""
    easy, standard = (_medians(sizes(topic, difficulty, 100, PAGES)) for difficulty in DIFFICULTIES[:2])
    assert easy.integer <= standard.integer and easy.denominator <= standard.denominator
    assert easy != standard


def _medians(found: tuple[Size, ...]) -> Size:
    return Size(quantiles([one.integer for one in found])[0], quantiles([one.denominator for one in found])[0])
