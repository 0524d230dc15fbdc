"""Params as JSON and back: the types decide, and what does not fit is refused in words."""

from dataclasses import dataclass
from fractions import Fraction as Slow
from typing import Any, Literal

import pytest

from blattwerk.build.codec import from_json, to_json
from blattwerk.errors import ManifestError
from blattwerk.exact import Fraction


@dataclass(frozen=True)
class Point:
    """A part of other params."""

    x: Fraction
    y: Slow


@dataclass(frozen=True)
class Everything:
    """A field of every type that params have."""

    count: int
    word: str
    kind: Literal["a", "b"]
    wanted: bool
    pair: tuple[int, Fraction]
    many: tuple[tuple[Fraction, ...], ...]
    points: tuple[Point, ...]
    perhaps: Point | None = None


VALUE = Everything(
    3, "x", "b", True, (1, Fraction(3, 8)), ((Fraction(-1, 2), Fraction(2)), ()), (Point(Fraction(1), Slow(1, 3)),)
)
JSON: dict[str, Any] = {
    "count": 3,
    "word": "x",
    "kind": "b",
    "wanted": True,
    "pair": [1, "3/8"],
    "many": [["-1/2", "2"], []],
    "points": [{"x": "1", "y": "1/3"}],
    "perhaps": None,
}


def test_params_go_there_and_back() -> None:
    """Each type has its form in JSON, and the value that comes back has the types that it had."""
    assert to_json(VALUE) == JSON
    back = from_json(Everything, JSON)
    assert back == VALUE
    assert type(back.pair[1]) is Fraction
    assert type(back.points[0].y) is Slow


def test_what_has_a_default_may_be_missing() -> None:
    """A manifest of an older version does not know the newest fields."""
    assert from_json(Everything, {name: value for name, value in JSON.items() if name != "perhaps"}) == VALUE


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"count": "3"}, "'3' stands where int belongs"),
        ({"count": True}, "True stands where int belongs"),
        ({"count": 3.0}, "3.0 stands where int belongs"),
        ({"kind": "c"}, "'c' stands where"),
        ({"pair": [1, "3/0"]}, "Fraction"),
        ({"pair": [1, "1e999999999"]}, "'1e999999999' stands where Fraction belongs"),
        ({"pair": [1, 0.5]}, "0.5 stands where Fraction belongs"),
        ({"pair": [1]}, "1 entries stand where 2 belong"),
        ({"points": {"x": "1"}}, "stands where"),
        ({"points": [{"x": "1"}]}, "'y' missing or unknown in Point"),
        ({"surprise": 1}, "'surprise' missing or unknown in Everything"),
    ],
)
def test_what_does_not_fit_is_named(changed: dict[str, Any], message: str) -> None:
    """A damaged manifest is an error that says what is wrong."""
    with pytest.raises(ManifestError, match="do not fit") as error:
        from_json(Everything, JSON | changed)
    assert message in str(error.value)


def test_a_float_is_not_stored() -> None:
    """Params are exact."""
    with pytest.raises(TypeError, match=r"not 0\.5"):
        to_json(Point(0.5, Slow(1)))  # type: ignore[arg-type]
