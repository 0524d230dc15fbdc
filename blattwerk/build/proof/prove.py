"""Solve and prove: nothing goes on paper before its oracles and its derivations have been checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from blattwerk.build.limits import TimeUp, seconds, within
from blattwerk.build.numbers import Drawn, DrawnExercise
from blattwerk.build.order.stopping import of_exercise, seen, stopping_its_sheet
from blattwerk.build.proof.hearing import Heard, complaint, heard
from blattwerk.errors import BlattwerkError, ProofFailure, TrainingFailure
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.derivation import Verified, verify_all
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.oracles import Comparison
from blattwerk.vocabulary.terms import Named

if TYPE_CHECKING:  # who proves one exercise needs no models of sheet files
    from blattwerk.build.order.ordered import Ordered


@dataclass(frozen=True)
class Proof:
    """What was checked: the oracles that passed, and the displayed relations; who was left out for want of torch."""

    oracles: tuple[str, ...]
    relations: Verified
    left_out: tuple[str, ...] = ()


class KeptProofs(Protocol):
    """Where proofs may be kept, under the numbers and today's code: what has not changed need not be proven again."""

    def proof(self, secret: bytes, drawn: DrawnExercise) -> Proof | None:
        """The proof that was made of these numbers before, if it is there."""

    def keep_proof(self, secret: bytes, drawn: DrawnExercise, proof: Proof) -> None:
        """Keep a proof."""


@dataclass(frozen=True)
class ProvenExercise:
    """An entry of the sheet, solved and proven; `findings` is what its demo brought, if there is one."""

    drawn: DrawnExercise
    instance: Instance
    proof: Proof
    findings: Findings | None = None


@dataclass(frozen=True)
class Proven:
    """One student's sheet, every exercise of it proven."""

    order: "Ordered"
    exercises: tuple[ProvenExercise, ...]


def proven(drawn: Drawn, findings: Mapping[str, Findings | str], kept: KeptProofs | None = None) -> Proven:
    """A student's sheet solved and proven; what is kept is not proven again.

    `findings` is what the demos brought, by the entry's key, or why one brought nothing. Raises a SheetFailure where a
    proof fails or a demo brought nothing.
    """
    order = drawn.order
    return Proven(
        order,
        tuple(_proven(order.secret, one, findings.get(one.key, one.findings), kept) for one in drawn.exercises),
    )


def _proven(secret: bytes, one: DrawnExercise, found: Findings | str | None, kept: KeptProofs | None) -> ProvenExercise:
    with of_exercise(one.key, one.difficulty):
        if isinstance(found, str):
            raise TrainingFailure(found)
        if found is None and one.demo is not None:
            raise TrainingFailure(f"the demo of '{one.key}' was not trained")
        instance = one.instance()
        proof = _proof(secret, one, instance, kept)
        with stopping_its_sheet(instance.exercise, "the solver"):
            _ = instance.answers  # what breaks down is told here with its line, and not by a template
        return ProvenExercise(one, instance, proof, found)


def _proof(secret: bytes, one: DrawnExercise, instance: Instance, kept: KeptProofs | None) -> Proof:
    """The proof of an exercise, kept or made."""
    if kept is None:
        return prove(instance)
    proof = kept.proof(secret, one)
    if proof is None:
        proof = prove(instance)
        kept.keep_proof(secret, one, proof)
    return proof


def prove(instance: Instance) -> Proof:
    """Run all oracles, verify all derivations and ask all claims.

    Raises ProofFailure at the first disagreement, where an oracle has nothing to say, and where one breaks down: then
    this sheet is not printed, and the others are.
    """
    try:
        with within(seconds()):
            words = heard(instance)
            relations = verify_all(instance.derivations)
            claims = instance.claims
    except BlattwerkError:
        raise
    except (Exception, TimeUp) as error:
        what = f"the proof broke down for {instance.params}: {seen(error, instance.exercise)}"
        raise ProofFailure(f"{instance.exercise.id}: {what}") from error
    return judged(instance, words, relations, claims)


def judged(instance: Instance, words: Heard, relations: Verified, claims: Mapping[str, bool]) -> Proof:
    """The proof that was found, if it is one; raises ProofFailure for the first thing that is wrong with it."""
    if missing := complaint(instance, words):
        raise ProofFailure(f"{instance.exercise.id}: {missing}")
    said = words.said
    if len(said) < 2 and not instance.exercise.draft:
        raise ProofFailure(f"{instance.exercise.id} has {len(said)} oracle(s); every exercise needs two")
    for oracle, comparisons in said.items():
        _judge(instance, oracle, comparisons)
    _hold(instance, claims)
    with stopping_its_sheet(instance.exercise, "the solver"):
        _called_rightly(instance)
    return Proof(tuple(said), relations, words.left_out)


def _called_rightly(instance: Instance) -> None:
    """A derivation of these numbers, with the name of an answer, does not begin with the symbol of another one."""
    symbols: dict[str, set[str]] = {}
    for answer in instance.answers:
        symbols.setdefault("".join(answer.symbol.split()), set()).add(answer.name)
    chains = {name: chain for name, chain in instance.derivations.items() if not chain.domain}
    for name in {answer.name for answer in instance.answers} & set(chains):
        start = chains[name].start
        whose = symbols.get("".join(start.printed.split()), {name}) if isinstance(start, Named) else {name}
        if name not in whose:
            raise ProofFailure(
                f"{instance.exercise.id}: the derivation '{name}' begins with {start}, and that is the answer "
                f"'{min(whose)}'; name the derivation after the answer that it leads to, or correct what it begins with"
            )


def _hold(instance: Instance, claims: Mapping[str, bool]) -> None:
    for name, held in claims.items():
        if held is not True:
            raise ProofFailure(
                f"{instance.exercise.id}: the claim '{name}' does not hold for {instance.params}; draw other numbers, "
                "or let the template say what holds"
            )


def _judge(instance: Instance, oracle: str, words: tuple[Comparison, ...]) -> None:
    if not words:
        raise ProofFailure(f"{instance.exercise.id}: the oracle {oracle} compared nothing for {instance.params}")
    for comparison in words:
        if not comparison.agrees:
            raise ProofFailure(
                f"{instance.exercise.id}: the oracle {oracle} disagrees about '{comparison.what}' for "
                f"{instance.params}: {comparison.detail}"
            )
