"""Answers and parameters on the page: what was asked for is displayed, and what is used was given."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from blattwerk.build.check.complaint import Case, Objection, of_one_instance, of_topic
from blattwerk.build.check.pieces import pieces
from blattwerk.build.check.places import place_of_block
from blattwerk.build.check.values import changed, leaves
from blattwerk.build.order.catalogue import Topic
from blattwerk.build.order.parts import Placed, placed
from blattwerk.build.page.accounts import Entry, accounting, regions
from blattwerk.build.page.view import Item
from blattwerk.vocabulary.exercise import Answer, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang, decimal_tex
from blattwerk.vocabulary.terms import MP, term

FIRST = LANGUAGES[0]


@of_one_instance
def answers_displayed(case: Case) -> Iterator[Objection]:
    """Every answer is displayed in the solution of its part: in a box, at the end of a derivation, or in a table."""
    one = case.instance()
    for lang in LANGUAGES:
        with accounting() as ledger:
            texts = pieces(one, placed(one.exercise, case.difficulty), lang)
        for answer in one.answers:
            block = f"{answer.part}_solution"
            found = list(regions(texts.get(block, ""), ledger))
            entries = [region.entry for region in found if region.entry]
            text = "".join(region.text for region in found)
            if not (any(_shows(entry, answer) for entry in entries) or _stands(answer, text, lang)):
                place = place_of_block(case.topic, lang, block)
                yield place, f"the answer '{answer.name}' is displayed nowhere; result(answers.{answer.name}) boxes it"


def _shows(entry: Entry, answer: Answer) -> bool:
    """Whether it is the answer's box, or a derivation one of whose terms has its value."""
    if entry.kind == "answer":
        return entry.what == answer.name
    chain = entry.derivation
    if chain is None or chain.domain:
        return False
    value = answer.value.value()
    return any(_same(step.term.value(), value) for step in chain.steps)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) or isinstance(b, tuple):
        both = isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b)
        return both and all(_same(x, y) for x, y in zip(a, b, strict=True))
    x, y = MP.convert(a), MP.convert(b)
    return bool(x == y or (MP.isfinite(x) and MP.isfinite(y) and abs(x - y) < MP.mpf(10) ** -40))


def _stands(answer: Answer, text: str, lang: Lang) -> bool:
    """Whether it is in the text: as it is written, or entry by entry, exactly or rounded."""
    value = answer.value.value()
    rows = value if isinstance(value, tuple) else ((value,),)
    whole = answer.value.tex(lang) in text
    return whole or (
        isinstance(value, tuple) and all(_number(x, answer.places, text, lang) for row in rows for x in row)
    )


def _number(value: Any, places: int, text: str, lang: Lang) -> bool:
    return decimal_tex(value, places, lang) in text or (not isinstance(value, MP.mpf) and term(value).tex(lang) in text)


@of_topic
def parameters_given(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Every number that a solution uses reaches the question, with or without the other parts."""
    case = Case(topic, seeds - 1, "hard")
    one = case.instance()
    drawn = [Case(topic, seed, "hard").instance().params for seed in range(seeds - 1)]
    torn = [(_kind(path), replace(one, params=params)) for path, params in changed(one.params, "params")]
    for part in placed(one.exercise, one.difficulty):
        alone = placed(one.exercise, one.difficulty, without=_others(one, part))
        printed = _question_and_solution(one, alone)
        for kind in dict.fromkeys(kind for kind, other in torn if _hidden(printed, other, alone)):
            # Numbers that hang together were torn apart there; so all of a kind are taken from another draw.
            kinds = _always_equal(kind, [one.params, *drawn])
            whole = (replace(one, params=_with(one.params, other, kinds, "params")) for other in drawn)
            if any(_hidden(printed, other, alone) for other in whole):
                yield (
                    place_of_block(topic, FIRST, f"{part.part.id}_question"),
                    f"{kind} changes the solution of '{part.part.id}', but neither the introduction nor the question; "
                    f"without the other parts nobody is given it ({case})",
                )


def _hidden(printed: tuple[Any, str], other: Instance, alone: tuple[Placed, ...]) -> bool:
    """Whether the other instance's solution is not the one that is printed, and what is given is the same."""
    question, solution = printed
    try:
        given, found = _question_and_solution(other, alone)
    except Exception:  # noqa: BLE001  # with a number changed alone, the topic may make no sense
        return False
    return solution != found and question == given


def _kind(path: str) -> str:
    """A path without its indices: numbers of one kind have the same."""
    return re.sub(r"\[\d+\]", "[]", path)


def _always_equal(kind: str, drawn: list[Any]) -> set[str]:
    """A kind of numbers, and those that are the same ones in all draws: some stand in several places of the Params."""
    values: list[dict[str, set[Any]]] = []
    for params in drawn:
        values.append({})
        for path, leaf in leaves(params, "params"):
            values[-1].setdefault(_kind(path), set()).add(leaf)
    return {other for other in values[0] if all(found.get(other) == found.get(kind) for found in values)}


def _with(value: Any, other: Any, kinds: set[str], path: str) -> Any:
    """A value with those of its leaves that are of these kinds taken from another one, as far as that has its shape."""
    if type(value) is not type(other):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value)]
        return replace(value, **{n: _with(getattr(value, n), getattr(other, n), kinds, f"{path}.{n}") for n in names})
    if isinstance(value, tuple) and len(value) == len(other):
        return tuple(_with(a, b, kinds, f"{path}[]") for a, b in zip(value, other, strict=True))
    return other if path in kinds else value


def _others(one: Instance, kept: Placed) -> list[str]:
    return [part.id for part in one.exercise.parts_at(one.difficulty) if part is not kept.part]


def _question_and_solution(one: Instance, parts: tuple[Placed, ...]) -> tuple[Any, str]:
    """What a student is given, figures too, and the solution that is printed for it."""
    (only,) = parts
    texts = pieces(one, parts, FIRST)
    figures = Item(one, parts).figures(FIRST)
    return (texts["intro"], texts[f"{only.part.id}_question"], dict(figures)), texts[f"{only.part.id}_solution"]
