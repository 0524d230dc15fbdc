"""The relations on a page: each is counted once, by what it came from."""

from dataclasses import replace
from pathlib import Path

import pytest

from blattwerk.build.check.complaint import Case
from blattwerk.build.check.relations import Relations, counted, found
from blattwerk.build.order.catalogue import Topic
from blattwerk.build.order.parts import placed
from blattwerk.build.page.accounts import accounting, typed
from blattwerk.build.page.escape import Tex
from tests.build.check.conftest import Broken
from tests.build.check.foreign import line

NOTHING = Relations(checked=2, answers=2)
PLACE = "<< result(answers.area) >>"


def on_the_page(topic: Topic) -> Relations:
    """The English relations of all parts."""
    return counted(Case(topic, 1, "easy").instance(), placed(topic.exercise, "easy"), "en")


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("So \\(A > 0\\).", {"unaccounted": 1}),
        ("<< steps(derivations.area) >>", {}),
        ("Again << inline(answers.area) >> and << inline(derivations.area) >>.", {}),
        ('Let << defined("d = 2a") >>.', {"defined": 1}),
        ('Let << defined("d = 2a") >>; << defined("d = 2a") >>.', {"defined": 1}),
        ('Let << assumed("a < ", params.height, " < c") >>.', {"assumed": 2}),
        ('Not << mistaken("A = a + b") >>.', {"mistaken": 1}),
        ('So << cited("A \\\\le d^2", source="Euclid, Elements, book II", display=True) >>', {"cited": 1}),
        ("<% call boxed() %>\n\\(A = 3\\)\n<% endcall %>", {"unaccounted": 1}),
    ],
)
def test_every_relation_is_counted_once(broken: Broken, text: str, more: dict[str, int]) -> None:
    """By what it is; what stands on the page already is not counted again."""
    topic, _ = broken(("en.tex.j2", PLACE, f"{PLACE}\n{text}"))
    assert on_the_page(topic) == replace(NOTHING, **more)


def test_a_typed_relation_has_its_line(broken: Broken) -> None:
    """Also within the reason of a step, which is typed too."""
    topic, home = broken(
        ("solver.py", ".eq(solution.area)", '.eq(solution.area, "insert")'),
        ("en.tex.j2", "steps(derivations.area)", 'steps(derivations.area, insert="as \\\\(a > 0\\\\)")'),
    )
    said, _ = found(Case(topic, 1, "easy").instance(), placed(topic.exercise, "easy"), "en", places=True)
    (one,) = [relation for relation in said if not relation.accounted]
    assert (one.sign, one.part) == (">", "area")
    assert one.source is not None
    assert (Path(one.source.path).name, one.source.line) == ("en.tex.j2", line(home, "en.tex.j2", "derivations.area"))


def test_pages_bear_no_signs_of_accounts() -> None:
    """Only while they are kept."""
    assert typed("words") == Tex("words")
    with accounting() as ledger:
        assert len(typed("words")) > len("words")
    assert len(ledger) == 1
    assert typed("words") == Tex("words")
