"""Numbers typed by hand where they depend on the draw: right for the draw that the author looked at, wrong for others.

Looked for are numbers of three digits and more (of two, with a decimal point) that stand in a template as text. They
are suspected if they are a number of some draws (of Params, the solution, or an answer, exact or rounded) and not of
others of that difficulty. A number that no tried draw has is not seen, and neither are small ones: they are equal to
something too often.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from jinja2 import nodes

from blattwerk.build.check.complaint import Case, Objection, of_topic
from blattwerk.build.check.places import shown, template_blocks, template_source
from blattwerk.build.check.values import leaves
from blattwerk.build.order.catalogue import Topic
from blattwerk.vocabulary.exercise import DIFFICULTIES, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang, rounded

_NUMBER = re.compile(
    r"\\[dt]?frac\{(?P<over>\d[\d\\,]*)\}\{(?P<under>\d[\d\\,]*)\}|(?<![\w.\\])(?P<plain>\d+(?:\\,\d{3})*(?:(?:\.|\{,\})\d+)?)(?![\w%])"
)
SEEDS = 24  # at each difficulty


@of_topic
def numbers_not_typed(topic: Topic, seeds: int) -> Iterator[Objection]:
    """No number that depends on the draw is typed into a template."""
    drawn = {
        difficulty: [_numbers(Case(topic, seed, difficulty).instance()) for seed in range(max(seeds, SEEDS))]
        for difficulty in DIFFICULTIES
    }
    for lang in LANGUAGES:
        _, file = template_source(topic, lang)
        for line, written, value in _typed(topic, lang):
            for difficulty, found in drawn.items():
                having = [seed for seed, numbers in enumerate(found) if value in numbers]
                if having and len(having) < len(found):
                    of = f"it is a number of the draw of seed {having[0]}, {difficulty}, but not of others"
                    yield shown(file, line), f"'{written}' is typed, and {of}; print the value itself"
                    break


def _numbers(one: Instance) -> set[Fraction]:
    """All numbers of an instance, the answers also as they are rounded."""
    found = [leaf for name in ("params", "solution") for _, leaf in leaves(getattr(one, name), name)]
    exact = {abs(Fraction(leaf)) for leaf in found if isinstance(leaf, int | Fraction) and not isinstance(leaf, bool)}
    return exact | {
        abs(Fraction(rounded(value, answer.places)))
        for answer in one.answers
        for value in _entries(answer.value.value())
        if isinstance(value, int | Fraction) or (value == value and abs(value) != float("inf"))
    }


def _entries(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for entry in value:
            yield from _entries(entry)
    else:
        yield value


def _typed(topic: Topic, lang: Lang) -> Iterator[tuple[int, str, Fraction]]:
    """The telling numbers in the text of a template and in the strings of its commands, each with its line."""
    for block in template_blocks(topic, lang).values():
        texts = [(node.data, node.lineno) for node in block.find_all(nodes.TemplateData)]
        texts += [(node.value, node.lineno) for node in block.find_all(nodes.Const) if isinstance(node.value, str)]
        for text, line in texts:
            for found in _NUMBER.finditer(text):
                if (value := _value(found)) is not None:
                    yield line + text.count("\n", 0, found.start()), found[0], value


def _value(found: re.Match[str]) -> Fraction | None:
    """The number, if it is a telling one."""
    if found["over"]:
        over, under = (int(found[name].replace("\\,", "")) for name in ("over", "under"))
        return Fraction(over, under) if under and len(f"{over}{under}") > 2 else None
    plain = found["plain"].replace("\\,", "").replace("{,}", ".")
    return Fraction(plain) if len(plain.lstrip("0")) > 2 else None  # a decimal point counts
