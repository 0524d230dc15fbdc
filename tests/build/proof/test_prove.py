"""Nothing unproven is printed: disagreement, silence and breakdown of an oracle are failures of that sheet alone."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.oracles import Comparison, equal
from tests.instances import instance


def disagreeing(params: Any, solution: Any) -> Iterator[Comparison]:
    """An oracle that finds another number."""
    yield equal("forward", 1, 2)


def silent(params: Any, solution: Any) -> Iterator[Comparison]:
    """An oracle that compares nothing."""
    yield from ()


def stumbling(params: Any, solution: Any) -> Iterator[Comparison]:
    """An oracle with a mistake of its own."""
    yield equal("forward", 1 // 0, 1)


def with_oracle(oracle: Any) -> Instance:
    """An instance with one more oracle."""
    one = instance("kl_normal_1d")
    return Instance(replace(one.exercise, oracles=(*one.exercise.oracles, oracle)), one.difficulty, one.params)


@pytest.mark.parametrize(
    ("oracle", "message"),
    [
        (disagreeing, "kl_normal_1d: the oracle disagreeing disagrees about 'forward' for Params.*solver 1, oracle 2"),
        (silent, "the oracle silent compared nothing"),
        (stumbling, "kl_normal_1d: the proof broke down for Params.*ZeroDivisionError"),
    ],
)
def test_a_bad_oracle_stops_the_sheet(oracle: Any, message: str) -> None:
    """The message names exercise, oracle, numbers."""
    with pytest.raises(ProofFailure, match=message):
        prove(with_oracle(oracle))


def test_one_oracle_is_not_enough() -> None:
    """Every exercise needs two."""
    one = instance("kl_normal_1d")
    alone = Instance(replace(one.exercise, oracles=one.exercise.oracles[:1]), one.difficulty, one.params)
    with pytest.raises(ProofFailure, match="has 1 oracle"):
        prove(alone)


@pytest.mark.parametrize("said", [False, None, 1])
def test_a_false_claim_stops_the_sheet(said: object) -> None:
    """And so does one that is neither true nor false."""
    one = instance("kl_normal_1d")
    claims: Any = {"larger": True, "falls": said}
    claiming = replace(one.exercise, claims=lambda params, solution: claims)
    with pytest.raises(ProofFailure, match=r"kl_normal_1d: the claim 'falls' does not hold for Params.*draw"):
        prove(Instance(claiming, one.difficulty, one.params))


def test_a_derivation_under_another_answer_s_symbol_stops_the_sheet() -> None:
    """Its relations hold, but the name at their left is that of the other direction."""
    one = instance("kl_histogram", 7, "easy")
    chains = dict(one.derivations)
    chains["forward"] = replace(chains["forward"], start=replace(chains["forward"].start, printed="D(Q\\|P)"))  # type: ignore[arg-type]
    wrong = replace(one.exercise, derivations=lambda params, solution: chains)
    with pytest.raises(ProofFailure, match=r"the derivation 'forward' begins with .* the answer 'backward'"):
        prove(Instance(wrong, one.difficulty, one.params))


def test_exact_powers_of_thousands_of_digits_can_be_compared() -> None:
    """Their words are short; Python refuses to print such numbers."""
    huge = Fraction(3**20000, 2**20000)
    assert equal("x", huge, huge).agrees
    assert len(equal("x", huge, huge + 1).detail) < 100
