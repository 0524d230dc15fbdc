"""The names of a topic: its files, its parts, its titles."""

from collections import Counter
from collections.abc import Iterator

from jinja2 import TemplateNotFound

import blattwerk
from blattwerk.build.check.complaint import Objection, of_topic
from blattwerk.build.check.places import place_of, shown, template_source, topic_file
from blattwerk.build.order.catalogue import Topic
from blattwerk.vocabulary.exercise import DIFFICULTIES
from blattwerk.vocabulary.language import LANGUAGES


@of_topic
def named(topic: Topic, seeds: int) -> Iterator[Objection]:
    """Every file, part and title has its name."""
    yield from _files(topic)
    yield from _parts(topic)
    for lang in LANGUAGES:
        if not topic.exercise.title[lang].strip():
            yield topic_file(topic), f"there is no title in '{lang}'; give Localised both"


def _files(topic: Topic) -> Iterator[Objection]:
    """The templates; and that the catalogue's own topics are one stem everywhere."""
    for lang in LANGUAGES:
        try:
            template_source(topic, lang)
        except TemplateNotFound:
            yield shown(topic.templates / f"{lang}.tex.j2"), "there is no such template; every topic has one a language"
    if topic.package == blattwerk.__name__:
        for function in (topic.exercise.draw, topic.exercise.solve):
            if function.__module__.rpartition(".")[2] != topic.exercise.id:
                yield place_of(function), f"the module is named otherwise than the topic '{topic.exercise.id}'"


def _parts(topic: Topic) -> Iterator[Objection]:
    place, parts = topic_file(topic), topic.exercise.parts
    for part, times in Counter(part.id for part in parts).items():
        if times > 1:
            yield place, f"{times} parts are named '{part}'; give each a name of its own"
    for one in parts:
        if one.points <= 0:
            yield place, f"the part '{one.id}' brings no points; its rubric gives them"
    for difficulty in DIFFICULTIES:
        if not topic.exercise.parts_at(difficulty):
            yield place, f"no part is left at the difficulty {difficulty}"
