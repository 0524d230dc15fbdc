"""Claims: every sentence whose truth depends on the draw has its predicate, and every predicate its sentence."""

import inspect
from collections.abc import Iterator

from jinja2 import nodes

from blattwerk.build.check.complaint import Case, Objection, of_instances, of_topic
from blattwerk.build.check.places import place_of, shown, template_blocks, template_source
from blattwerk.build.order.catalogue import Topic
from blattwerk.vocabulary.language import LANGUAGES, Lang

FIRST, *OTHERS = LANGUAGES


@of_topic
def claims_in_both_languages(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Every claim of a template is the solver's, and stands in both languages."""
    source = inspect.getsource(inspect.getmodule(topic.exercise.claims) or topic.exercise.claims)
    for lang in LANGUAGES:
        _, file = template_source(topic, lang)
        there = dict(_claims(topic, lang))
        for name, line in there.items():
            if not topic.place.page and f'"{name}"' not in source:
                yield shown(file, line), f"the solver's claims() says nothing of '{name}'"
        for other in (one for one in LANGUAGES if one != lang):
            for name, line in there.items():
                if name not in dict(_claims(topic, other)):
                    yield shown(file, line), f"the claim '{name}' is not made in '{other}'"


@of_instances
def claims_used(case: Case) -> Iterator[Objection]:
    """Every claim of the solver is made in the template: else nobody reads what is proven."""
    used = {name for name, _ in _claims(case.topic, FIRST)}
    for name in case.instance().claims:
        if name not in used and not case.topic.place.page:
            yield place_of(case.topic.exercise.claims), f"the claim '{name}' stands in no sentence of the template"


def _claims(topic: Topic, lang: Lang) -> Iterator[tuple[str, int]]:
    """The names of the claims in a template, each with a line; a condition may choose among several."""
    for block in template_blocks(topic, lang).values():
        for call in block.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "claim":
                for argument in call.args:
                    yield from _names(argument)


def _names(argument: nodes.Expr) -> Iterator[tuple[str, int]]:
    if isinstance(argument, nodes.CondExpr):
        yield from _names(argument.expr1)
        if argument.expr2:
            yield from _names(argument.expr2)
    elif isinstance(argument, nodes.Const) and isinstance(argument.value, str):
        yield argument.value, argument.lineno
