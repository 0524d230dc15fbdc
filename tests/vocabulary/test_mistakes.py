"""Usual mistakes: a step is replaced, the later ones follow, and what cannot be told apart has no value."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from blattwerk.vocabulary import Answer, Part, Step, number, rightly
from blattwerk.vocabulary.mistakes import Given, Noted, Slip
from blattwerk.vocabulary.slips import Answers, By, Wrong, later, on_paper, slips


def solve(width: Fraction, height: Fraction, step: Step = rightly) -> tuple[Fraction, Fraction]:
    """The area of a rectangle, and its price at 3 a unit."""
    area = step("area", lambda: width * height, half=lambda: width * height / 2, sides=lambda: width * width)
    return area, step("price", lambda: 3 * area, half=lambda: area, shared=lambda: 3 / (width - height))


def by(width: int, height: int) -> By:
    """The answers, however the steps are taken."""

    def answers(step: Step) -> Answers:
        area, price = solve(Fraction(width), Fraction(height), step)
        return Answer("area", "area", number(area), symbol="A"), Answer("price", "price", number(price), symbol="P")

    return answers


PARTS = (
    Part("area", "compute", {"value": 1}, {"half": 1, "sides": 1}),
    Part("price", "compute", {"value": 1}, {"shared": 1, "words": 1}),
    Part("proof", "proof", {"value": 1}, {"sides": 1}),
)


def found(width: int, height: int) -> Mapping[str, Wrong | None]:
    """What the mistakes lead to."""
    return slips(PARTS, by(width, height)(rightly), by(width, height))


def test_a_mistake_is_solve_with_steps_replaced() -> None:
    """It is made wherever it can be, and what comes later follows from it."""
    slip = Slip("half")
    assert solve(Fraction(2), Fraction(5), slip) == (5, 5)
    assert slip.met
    assert solve(Fraction(2), Fraction(5), Slip("sides")) == (4, 12)
    nothing = Slip("otherwise")
    assert solve(Fraction(2), Fraction(5), nothing) == solve(Fraction(2), Fraction(5))
    assert not nothing.met


def test_a_given_value_is_carried_forward() -> None:
    """Whatever the student found, the later steps are taken rightly from there."""
    assert solve(Fraction(2), Fraction(5), Given({"area": Fraction(7)})) == (7, 21)


def test_steps_are_noted() -> None:
    """All names, and all keys."""
    noted = Noted()
    assert solve(Fraction(2), Fraction(5), noted) == (10, 30)
    assert noted.values == {"area": 10, "price": 30}
    assert noted.keys == {"half", "sides", "shared"}


def test_values_of_mistakes() -> None:
    """Of all computed parts; a mistake that solve() does not know stays words, one of a proof too."""
    wrong = found(2, 5)
    assert set(wrong) == {"half", "sides", "shared"}
    sides = wrong["sides"]
    assert sides is not None
    assert [(a.name, a.value.value()) for a in sides.changed] == [("area", 4)]
    assert [a.value.value() for a in sides.answers] == [4, 12]


def test_a_mistake_that_cannot_be_told_has_no_value() -> None:
    """In a square one breaks down, and another changes nothing."""
    assert found(3, 3)["shared"] is None
    assert found(3, 3)["sides"] is None
    assert found(3, 3)["half"] is not None


def test_what_is_asked_for_decides() -> None:
    """A difference beyond the last place that is printed is none."""
    answer = Answer("a", "area", number(Fraction(1, 3)), places=4)
    assert on_paper(answer) == on_paper(replace(answer, value=number(Fraction("0.33333"))))
    assert on_paper(answer) != on_paper(replace(answer, value=number(Fraction("0.33335"))))


def test_two_mistakes_with_the_same_value_are_one() -> None:
    """The second one is not listed: nobody could tell which it was."""
    wrong = found(5, 10)
    assert wrong["half"] is not None
    assert wrong["sides"] is None


def test_what_follows_from_an_answer() -> None:
    """It is inferred: another area is put in, and the price changes."""
    assert later(by(2, 5)(rightly), by(2, 5)) == {"area": ("price",), "price": ()}
