"""Measured figures: what their axes say."""

import pytest

from blattwerk.build.drawing.panels import tick


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ([0.0, 1.5, 3.0], ["$0.0$", "$1.5$", "$3.0$"]),
        ([0.0, 0.25, 0.5], ["$0.00$", "$0.25$", "$0.50$"]),
        ([-0.1, 0.0, 0.1], ["$-0.1$", "$0.0$", "$0.1$"]),
        ([0.0, 200.0], ["$0$", "$200$"]),
    ],
)
def test_ticks_have_as_many_decimals_as_they_need(ticks: list[float], labels: list[str]) -> None:
    """Steps like 1.5 and 0.25 need one more than their first digit has."""
    assert [tick(value, ticks, "en") for value in ticks] == labels
    assert [tick(value, ticks, "de") for value in ticks] == [label.replace(".", "{,}") for label in labels]
