"""Both languages say the same: the same blocks, the same names in them, and the same numbers on paper."""

import re
from collections import Counter
from collections.abc import Iterator

from jinja2 import nodes

from blattwerk.build.check.complaint import Case, Objection, of_instances, of_topic
from blattwerk.build.check.pieces import OF_A_PART, pieces
from blattwerk.build.check.places import place_of_block, shown, template_blocks, template_source
from blattwerk.build.order.catalogue import Topic
from blattwerk.build.order.parts import Placed, placed
from blattwerk.vocabulary.language import LANGUAGES

FIRST, *OTHERS = LANGUAGES
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@of_topic
def same_blocks(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Every language has the same blocks, and all that are needed."""
    needed = {"intro"} | {f"{part.id}_{name}" for part in topic.exercise.parts for name in OF_A_PART}
    there = {lang: set(template_blocks(topic, lang)) for lang in LANGUAGES}
    for lang in LANGUAGES:
        _, file = template_source(topic, lang)
        for block in sorted(needed.union(*there.values()) - there[lang]):
            other = "; the other language has it" if any(block in blocks for blocks in there.values()) else ""
            yield shown(file), f"there is no block '{block}'{other}"


@of_topic
def same_names(topic: Topic, seeds: int) -> Iterator[Objection]:
    """A name used in one language only is a number or a step that the other language lacks."""
    first = template_blocks(topic, FIRST)
    for lang in OTHERS:
        other = template_blocks(topic, lang)
        for block in first.keys() & other.keys():
            ours, theirs = Counter(_dotted(first[block])), Counter(_dotted(other[block]))
            if words := _difference(ours, theirs, lang):
                yield (
                    place_of_block(topic, lang, block),
                    f"the block '{block}' uses other names than in {FIRST}: {words}",
                )


def _dotted(tree: nodes.Node) -> Iterator[str]:
    """The dotted names, called functions and their keywords in a tree."""
    for node in tree.find_all((nodes.Getattr, nodes.Name, nodes.Keyword)):
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            yield f"{node.node.name}.{node.attr}"
        elif isinstance(node, nodes.Keyword):
            yield f"{node.key}="
        elif isinstance(node, nodes.Name):
            yield node.name


@of_instances
def same_numbers(case: Case) -> Iterator[Objection]:
    """The numbers of every block are the same in both languages."""
    exercise = case.topic.exercise
    yield from different_numbers(case, placed(exercise, case.difficulty))


def different_numbers(case: Case, parts: tuple[Placed, ...]) -> Iterator[Objection]:
    """Where the languages print different numbers, with these parts on the sheet."""
    one = case.instance()
    found = {lang: pieces(one, parts, lang) for lang in LANGUAGES}
    for lang in OTHERS:
        for block, text in found[lang].items():
            ours, theirs = (Counter(_NUMBER.findall(t.replace("{,}", "."))) for t in (found[FIRST][block], text))
            if words := _difference(ours, theirs, lang):
                yield place_of_block(case.topic, lang, block), f"the block '{block}' prints other numbers: {words}"


def _difference(first: Counter[str], other: Counter[str], lang: str) -> str:
    """What one of two languages lacks, in words."""
    lacks = ((FIRST, other - first), (lang, first - other))
    return "; ".join(f"{name} lacks {', '.join(sorted(missing.elements()))}" for name, missing in lacks if missing)
