"""Where torch is not installed, its oracles are left out and named, as long as every answer has two others."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blattwerk.build.demos.training import demo_of
from blattwerk.build.doctor import examine
from blattwerk.build.libraries import MISSING, TORCH, libraries, torch_is_there
from blattwerk.build.numbers import sample
from blattwerk.build.order.catalogue import catalogue, find
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import order
from blattwerk.build.order.sheet_file import SheetFile
from blattwerk.build.proof.hearing import complaint, heard
from blattwerk.build.proof.prove import prove
from blattwerk.build.store.keys import proof_key
from blattwerk.commands.sheets import made
from blattwerk.errors import InputError, ProofFailure
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.oracles import Comparison, equal
from tests.build.classes import built, manifest
from tests.instances import instance
from tests.without_torch import without_torch


def sheet(*exercises: str, **more: Any) -> SheetFile:
    """A sheet file with these exercises."""
    text = {"en": "A course", "de": "Ein Kurs"}
    return SheetFile.model_validate(
        {
            "course": {"code": "ML", "title": text},
            "sheet": {"number": 1, "title": text},
            "exercises": [{"id": id_, **more} for id_ in exercises],
        }
    )


def test_a_sheet_is_built_and_its_manifest_names_what_was_left_out(tmp_path: Path) -> None:
    """Three oracles of four are asked; with torch, all four are, and a proof that was kept is not taken for another."""
    ours = sheet("kl_histogram")
    orders = order(ours, (Student("ada"),), 7, ("en",))
    one = sample("kl_histogram", 7, "standard")
    with without_torch():
        key = proof_key(b"", one)
        report, records = built(orders, tmp_path)
        written = manifest(ours, records)
    assert not report.failures and list(tmp_path.rglob("*.pdf"))
    (exercise,) = written.students[0].exercises
    assert exercise.left_out == ("by_torch",) and len(exercise.oracles) == 3 and "by_torch" not in exercise.oracles
    assert written.libraries[TORCH] == MISSING
    assert proof_key(b"", one) != key
    proof = prove(one.instance())
    assert proof.left_out == () and "by_torch" in proof.oracles and libraries(TORCH)[TORCH] != MISSING


def by_torch(params: Any, solution: Any) -> Iterator[Comparison]:
    """An oracle that needs it."""
    import torch

    yield equal("forward", solution.forward, solution.forward if torch else None)


def by_a_module_that_never_was(params: Any, solution: Any) -> Iterator[Comparison]:
    """An oracle whose author mistyped."""
    import torch.distribution  # type: ignore[import-not-found]

    yield equal("forward", solution.forward, torch)


def needing(*oracles: Any) -> Instance:
    """An instance with these oracles and its own first one."""
    one = instance("kl_normal_1d")
    return Instance(replace(one.exercise, oracles=(one.exercise.oracles[0], *oracles)), one.difficulty, one.params)


def test_an_answer_with_one_oracle_left_is_not_printed() -> None:
    """The message says which answers, which oracles, and the command."""
    with (
        without_torch(),
        pytest.raises(ProofFailure, match=r"answers backward, forward .*by_torch.*install torch$"),
    ):
        prove(needing(by_torch))


def test_a_mistyped_module_is_no_missing_library() -> None:
    """It is a mistake of the oracle's author where torch is there."""
    with pytest.raises(ProofFailure, match=r"broke down.*torch\.distribution"):
        prove(needing(by_a_module_that_never_was))


def test_a_class_is_refused_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message for all exercises of the sheet."""
    short = needing(by_torch).exercise
    monkeypatch.setattr("blattwerk.build.numbers.find", lambda id_: replace(find(id_), oracles=short.oracles))
    orders = order(sheet("kl_normal_1d"), (Student("ada"), Student("bob")), 7, ("en",))
    with (
        without_torch(),
        pytest.raises(InputError, match=r"torch is not .*kl_normal_1d \(by_torch: forward, b"),
        made(orders, tmp_path / "out", 1),
    ):
        pass
    assert not (tmp_path / "out").exists()


def test_a_demo_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each demo trains with torch."""
    import sys

    monkeypatch.delitem(sys.modules, "blattwerk.solvers.demos.noisy_labels", raising=False)
    with without_torch(), pytest.raises(InputError, match=r"training demos need torch.*install torch"):
        demo_of(find("noisy_labels"))


def test_a_notebook_says_what_to_install(tmp_path: Path) -> None:
    """Both of ours import it; no cell is executed before that is said."""
    orders = order(sheet("inpainting", notebook=True), (Student("ada"),), 7, ("en",))
    with without_torch(), pytest.raises(InputError, match=r"notebooks that import torch need torch.*install torch"):
        built(orders, tmp_path / "out")


def test_the_doctor_does_without_it_and_says_how_to_get_it() -> None:
    """It is no mistake that torch is missing."""
    with without_torch():
        assert not torch_is_there()
        (torch,) = (finding for finding in examine() if finding.what == TORCH)
    assert torch.found == MISSING and not torch.needed and torch.remedy.endswith("install torch")


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_each_exercise_does_without(exercise_id: str) -> None:
    """At its hardest, every answer has two oracles that need no torch; docs/installing.md says so."""
    one = instance(exercise_id, difficulty="hard")
    with without_torch():
        words = heard(one)
    assert not complaint(one, words)
    assert all(comparison.agrees for said in words.said.values() for comparison in said)
