"""Where something stands: a function, a block of a template, what an exception has gone through."""

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from blattwerk.build.check.sources import belongs
from blattwerk.build.order.catalogue import Topic
from blattwerk.build.page.templating import environment
from blattwerk.vocabulary.language import Lang


def shown(file: str | Path, line: int | None = None) -> str:
    """A place in words: the file as seen from here, if it lies below, and the line."""
    path = Path(file)
    here = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{here}:{line}" if line else str(here)


def place_of(function: Callable[..., Any]) -> str:
    """Where a function is defined."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return shown(code.co_filename, code.co_firstlineno) if code else repr(function)


def topic_file(topic: Topic) -> str:
    """The file in which the topic is put together."""
    return shown(inspect.getsourcefile(inspect.unwrap(topic.exercise.draw)) or "")


def template_name(topic: Topic, lang: Lang) -> str:
    """The name by which the templates know the topic's template in a language."""
    return f"{topic.exercise.id}/{lang}.tex.j2"


def template_source(topic: Topic, lang: Lang) -> tuple[str, str]:
    """The text of a topic's template, and its file; raises TemplateNotFound if there is none."""
    env = environment(lang)
    assert env.loader
    text, file, _ = env.loader.get_source(env, template_name(topic, lang))
    return text, file or template_name(topic, lang)


def template_blocks(topic: Topic, lang: Lang) -> dict[str, nodes.Block]:
    """The blocks of a topic's template by name."""
    text, file = template_source(topic, lang)
    return dict(_blocks(text, template_name(topic, lang), file, lang))


@cache
def _blocks(text: str, name: str, file: str, lang: Lang) -> tuple[tuple[str, nodes.Block], ...]:
    tree = environment(lang).parse(text, name, file)
    return tuple((block.name, block) for block in tree.find_all(nodes.Block))


def place_of_block(topic: Topic, lang: Lang, block: str) -> str:
    """Where a block of a template stands."""
    _, file = template_source(topic, lang)
    found = template_blocks(topic, lang).get(block)
    return shown(file, found.lineno if found else None)


def place_of_error(topic: Topic, error: BaseException) -> str:
    """The innermost line of the topic's own code or templates that an error has gone through."""
    for one in reversed(tuple(_causes(error))):
        if isinstance(one, TemplateSyntaxError) and one.filename:
            return shown(one.filename, one.lineno)
        for frame, line in reversed(tuple(walk_tb(one.__traceback__))):
            template = frame.f_globals.get("__jinja_template__")
            if template is not None and template.filename:
                return shown(template.filename, template.get_corresponding_lineno(line))
            if belongs(topic, str(frame.f_globals.get("__name__"))):
                return shown(frame.f_code.co_filename, line)
    return topic_file(topic)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
