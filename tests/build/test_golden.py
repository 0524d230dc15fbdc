"""Golden TeX: one instance of every exercise in both languages, question and solution. PDFs would differ by TeX."""

from typing import Any

import pytest

from blattwerk.build.job import WHOLE
from blattwerk.build.order.catalogue import catalogue
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.page.header import sheet_view
from blattwerk.build.page.view import Item, exercise_view, sheet_body
from blattwerk.build.press.preamble import preamble
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.instances import instance, placed

HARD = (
    *("attention", "autoencoder", "bayes_test", "bernoulli_vae", "binary_classifier", "conditional_rbm", "convolution"),
    *(
        "deep_boltzmann_machine",
        "elbo",
        "em_coins",
        "information_gain",
        "inpainting",
        "k_means",
        "kl_factorised",
        "kl_gaussian",
    ),
    *("kl_histogram", "kl_not_a_metric", "linear_regression", "logistic_regression", "max_margin", "mixture_density"),
    *("noisy_labels", "pca_2d", "perceptron", "rbm_cd", "residual_backprop"),
)
"""The topics whose `hard` has parts that `standard` has not."""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_exercises(exercise_id: str, lang: Lang, golden: Any) -> None:
    """The sheet's body for seed 7."""
    golden.check(f"{exercise_id}.{lang}.tex", _bodies(instance(exercise_id, 7), lang))


@pytest.mark.parametrize("exercise_id", HARD)
def test_hard(exercise_id: str, golden: Any) -> None:
    """The same at `hard`, where there is more to read."""
    one = instance(exercise_id, 7, "hard")
    for lang in LANGUAGES:
        golden.check(f"{exercise_id}.hard.{lang}.tex", _bodies(one, lang))


def test_no_hard_part_is_left_out() -> None:
    """A topic with a part for `hard` alone stands in HARD."""
    parts = {
        key: [{part.id for part in one.parts_at(at)} for at in ("standard", "hard")] for key, one in catalogue().items()
    }
    assert set(HARD) == {key for key, (standard, hard) in parts.items() if hard - standard}


def _bodies(one: Instance, lang: Lang) -> str:
    name = one.exercise.id
    sheet = checked_sheet(
        {
            "course": {"title": {"en": "Machine learning", "de": "Maschinelles Lernen"}},
            "sheet": {"number": 7, "title": name, "deadline": "2026-12-10T10:00:00", "hints": True},
            "exercises": [{"id": name}],
        },
        "golden",
    )
    item = Item(one, placed(one), hints=True)
    view = exercise_view(1, item, lang, {name: f"{name}.pdf" for name in one.figures})
    bodies = (sheet_body(sheet_view(sheet, Student("s1"), "CODE-CODE", (view,), lang, kind), lang) for kind in WHOLE)
    return "\n".join(bodies)


def test_preamble(golden: Any) -> None:
    """Everything before the document."""
    golden.check("preamble.pdflatex.tex", preamble("pdflatex"))
