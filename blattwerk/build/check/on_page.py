"""What is asked of a topic on one page beside all the rest: checks, translations, dice elsewhere."""

import ast
import copy
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from random import Random
from typing import Any

from blattwerk.build.check.complaint import Case, Objection, of_topic
from blattwerk.build.check.elsewhere import numbers, numbers_elsewhere
from blattwerk.build.check.places import place_of, shown
from blattwerk.build.check.planted import MUTANTS, TRIED, Replace, mutations, short, verdict
from blattwerk.build.order.catalogue import Topic
from blattwerk.build.topicfile.checking import confirmations, repeated
from blattwerk.build.topicfile.fingerprints import stale
from blattwerk.build.topicfile.lines import Line, exactly, line_of
from blattwerk.build.topicfile.reading import missing_texts
from blattwerk.build.topicfile.topic import TopicFile, compiled

Error = tuple[int, str, Callable[[Any], Any]]  # the line, what is wrong there, and a `solve` that has it


def file_of(topic: Topic) -> TopicFile | None:
    """The compiled file of a topic on one page; None for one of three files."""
    return compiled(str(topic.place.page)) if topic.place.page else None


@of_topic
def checks_independent(topic: Topic, seeds: int) -> Iterator[Objection]:
    """On one page: what is asked for is found by two checks, and by other expressions than in `solve`."""
    made = file_of(topic)
    if made is None:
        return
    asked = {name for part in made.page.parts for name in part.asks}
    for line, check, name in repeated(made.program, made.page):
        if name in asked:
            what = f"the check '{check}' finds '{name}' by the expression of `solve`; that confirms nothing"
            yield shown(made.page.path, line), what
    for part in made.page.parts:
        for name in part.asks:
            by = confirmations(made.program, name)
            if len(by) < 2:
                there = " and ".join(by) or "no check"
                yield (
                    shown(made.page.path, part.line),
                    f"'{name}' is asked for and confirmed by {there}; two checks must find it, each by its own means",
                )


@of_topic
def both_languages(topic: Topic, seeds: int) -> Iterator[Objection]:
    """On one page: every text is there in both languages, and none is older than the one it was translated from."""
    made = file_of(topic)
    if made is None:
        return
    for line, kind, lang in missing_texts(made.page):
        yield shown(made.page.path, line), f"this {kind} has no text in '{lang}' yet; until then, the topic is a draft"
    for line, what in stale(made.page):
        yield shown(made.page.path, line), what


@of_topic
def drawn_the_same_elsewhere(topic: Topic, seeds: int) -> Iterator[Objection]:
    """On one page: another process, with another hash seed, draws the same numbers."""
    if (page := topic.place.page) and numbers(str(page)) != numbers_elsewhere(page):
        yield (
            place_of(topic.exercise.draw),
            "another process draws other numbers; everything must come from the named draws, not from time, "
            "environment or the order of a set",
        )


@of_topic
def errors_in_lines_found(topic: Topic, seeds: int) -> Iterator[Objection]:
    """On one page: every error that is planted into a line of `solve` and changes a solution meets an objection."""
    made = file_of(topic)
    if made is None:
        return
    there = list(_planted(made))
    tried = Random(topic.exercise.id).sample(there, min(MUTANTS, len(there)))
    for place, what, verdicts in _verdicts(topic, made, tried):
        if "silent" in verdicts:
            yield place, f"{what} changes the solution, and no check objects; compare in one what follows from here"


def verdicts_on_page(topic: Topic) -> Iterator[tuple[str, str, set[str]]]:
    """For every error in a line of `solve` its place, what it is, and what becomes of it on a few instances."""
    if made := file_of(topic):
        yield from _verdicts(topic, made, _planted(made))


def _verdicts(topic: Topic, made: TopicFile, tried: Iterable[Error]) -> Iterator[tuple[str, str, set[str]]]:
    instances = [Case(topic, seed, difficulty).instance() for seed, difficulty in TRIED]
    for line, what, solve in tried:
        yield shown(made.page.path, line), what, {verdict(solve, one) for one in instances}


def _planted(made: TopicFile) -> Iterator[Error]:
    """All errors that can be planted."""
    lines = made.program.solve_lines
    for number, line in enumerate(lines):
        for position, node in enumerate(ast.walk(line.node)):
            if _is_required(line):
                continue
            for kind, wrong in mutations(node):
                mutant = _with(line, position, wrong, made.page.path)
                what = f"{kind} (`{short(node)}` made `{short(wrong)}`)"
                others = (*lines[:number], mutant, *lines[number + 1 :])
                yield getattr(node, "lineno", line.line), what, partial(made.program.solve, lines=others)


def _is_required(line: Line) -> bool:
    """Whether a line only says which numbers are drawn again."""
    call = line.node.value if isinstance(line.node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "require"


def _with(line: Line, position: int, wrong: ast.expr, path: str) -> Line:
    tree = copy.deepcopy(line.node)
    node = list(ast.walk(tree))[position]
    changed = Replace(node, ast.copy_location(copy.deepcopy(wrong), node)).visit(tree)
    return line_of(ast.fix_missing_locations(changed), {}, path, exactly)
