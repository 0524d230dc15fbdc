"""A topic on one page stays on one: few lines, none of them wide."""

from pathlib import Path

import pytest

import blattwerk
from blattwerk.build.order.new_page import EXAMPLE

PAGES = sorted(Path(blattwerk.__file__).parent.glob("topics/*.md"))
SHORT = {
    *("attention", "bayes_test", "convolution", "em_coins", "information_gain", "k_means"),
    *("linear_regression", "logistic_regression", "max_margin", "pca_2d", "perceptron", "softmax"),
}
"""The topics that were written for one page; others were moved to one, however long they are."""
LINES, SIGNS = 120, 120


def test_every_short_topic_is_there() -> None:
    """Else a page that was renamed would never be measured again."""
    assert {page.stem for page in PAGES} >= SHORT


@pytest.mark.parametrize("page", [*(page for page in PAGES if page.stem in SHORT), EXAMPLE], ids=lambda page: page.stem)
def test_a_page_has_few_lines(page: Path) -> None:
    """As many as one sees at once on a tall screen; the page that `new` writes is no longer."""
    assert len(page.read_text(encoding="utf-8").splitlines()) <= LINES


@pytest.mark.parametrize("page", [*PAGES, EXAMPLE], ids=lambda page: page.stem)
def test_no_line_is_wide(page: Path) -> None:
    """Counted in signs, not in bytes."""
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [f"{page.name}:{number}" for number, line in enumerate(lines, 1) if len(line) > SIGNS] == []
