"""Jinja for LaTeX: delimiters that TeX leaves alone, nothing undefined, everything escaped by type.

`<< value >>` prints, `<% ... %>` commands, `<# ... #>` comments. What is printed goes through `finalize`: trusted TeX
as it is, numbers and terms in the notation of the language, any other string escaped; floats and everything else are
refused. Filters that could smuggle a string past this are not there. `~` (which joins strings by HTML's rules) and a
`%` that TeX would take for the beginning of a comment are refused when a template is loaded.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FunctionLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import TemplateAssertionError, TemplateSyntaxError
from jinja2.utils import missing
from markupsafe import Markup

import blattwerk
from blattwerk.build.order.catalogue import Topic, whole_catalogue
from blattwerk.build.page.escape import Tex, escape
from blattwerk.build.page.places import SHEET, Source, mark
from blattwerk.vocabulary.language import TUPLE_SEPARATOR, Lang, decimal_tex, digits_tex, fraction_tex, integer_tex
from blattwerk.vocabulary.terms import Term


class Unknown(StrictUndefined):
    """An undefined name, whose message lists what is there instead."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        known = _names(self._undefined_obj)
        if not known or not isinstance(self._undefined_name, str):
            return str(super()._undefined_message)
        return f"no {self._undefined_name!r} among {', '.join(sorted(known))}"


def _names(value: Any) -> list[str]:
    """The names by which a template reaches what a value holds; none where nobody can list them."""
    if isinstance(value, Mapping):
        return [str(key) for key in value]
    if value is missing or not is_dataclass(value):
        return []
    derived = [name for name in dir(type(value)) if isinstance(getattr(type(value), name), property)]
    return [field.name for field in fields(value)] + derived


# Of all templates, those of notebooks too: signs that TeX and Python leave alone, and nothing undefined.
SYNTAX: Any = {
    "block_start_string": "<%",
    "block_end_string": "%>",
    "variable_start_string": "<<",
    "variable_end_string": ">>",
    "comment_start_string": "<#",
    "comment_end_string": "#>",
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    "undefined": Unknown,
    "auto_reload": False,
}
E = TypeVar("E", bound="TexEnvironment")
SAFE_FILTERS = ("first", "last", "length", "batch")


def printed(value: Any, lang: Lang) -> Tex:
    """A value in the notation of a language: the one way from a value to TeX.

    Raises TypeError for what has no notation, floats above all.
    """
    if isinstance(value, Markup):  # trusted TeX, or what a macro or a call block of a template has put together
        return Tex(value)
    if isinstance(value, bool) or value is None:
        raise TypeError(f"{value!r} was printed; choose words for it in the template")
    if isinstance(value, int):
        return Tex(integer_tex(value))
    if isinstance(value, Fraction):
        return Tex(fraction_tex(value))
    if isinstance(value, Decimal):  # a measured number of a demo, rounded when it was measured
        return Tex(digits_tex(value, lang))
    if isinstance(value, Term):
        return Tex(value.tex(lang))
    if isinstance(value, str):
        return escape(value)
    if hasattr(value, "term"):
        return Tex(value.term().tex(lang))
    raise TypeError(f"a {type(value).__name__} has no notation of its own; print its parts, or use the decimal filter")


class _Generator(CodeGenerator):
    """Jinja's code generator without folding of constants, which would escape them by HTML's rules."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Any, finalize: Any) -> str:
        if isinstance(node, nodes.TemplateData):
            return str(node.data)
        raise nodes.Impossible


# A sign of percent that no backslash precedes: for TeX, the rest of the line would not be there.
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%")


class TexEnvironment(Environment):
    """Jinja's environment for one language."""

    code_generator_class = _Generator

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for concat in tree.find_all(nodes.Concat):
            raise TemplateAssertionError(
                "'~' joins strings without TeX's escaping; write the values side by side", concat.lineno, name, filename
            )
        for text, line in _tex_of(tree):
            if found := _COMMENT.search(text):
                raise TemplateSyntaxError(
                    "for TeX, '%' begins a comment, and the rest of the line would be lost; write '\\%'",
                    line + text.count("\n", 0, found.start()),
                    name,
                    filename,
                )
        return tree


def _tex_of(node: nodes.Node) -> Iterator[tuple[str, int]]:
    """The TeX that stands in a template, as prose or as a string, with the line where it begins."""
    if isinstance(node, nodes.Mod):  # a string to be filled in: its signs of percent are places for values
        yield from _tex_of(node.right)
    elif isinstance(node, nodes.TemplateData):
        yield node.data, node.lineno
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value, node.lineno
    else:
        for child in node.iter_child_nodes():
            yield from _tex_of(child)


class MarkedEnvironment(TexEnvironment):
    """The same, but what it renders bears marks that say from which line of which template each piece comes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sources: list[Source] = []

    def marked(self, value: Any, number: int) -> Tex:
        """What is printed for a value, behind its mark; what is not seen on paper has none."""
        text = self.finalize(value)  # type: ignore[misc]  # never None here
        return Tex(mark(number) + text) if text.strip() else text

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        self._mark(tree, name or "", filename or "", "")
        tree.set_environment(self)
        return tree

    def _mark(self, node: nodes.Node, name: str, path: str, block: str) -> None:
        for child in node.iter_child_nodes():
            self._mark(child, name, path, child.name if isinstance(child, nodes.Block) else block)

        def number(line: int) -> int:
            self.sources.append(Source(name.partition("/")[0], path, line, block))
            return len(self.sources) - 1

        if isinstance(node, nodes.Output):
            node.nodes = [
                _marked_prose(piece, number) if isinstance(piece, nodes.TemplateData) else _marked_value(piece, number)
                for piece in node.nodes
            ]


def _marked_prose(prose: nodes.TemplateData, number: Callable[[int], int]) -> nodes.Expr:
    """Prose with a mark before the first sign of each line: blank space around it is the same as before."""

    def marked(found: re.Match[str]) -> str:
        line = prose.lineno + prose.data.count("\n", 0, found.start())
        return f"{found[1]}{mark(number(line))}{found[2]}"

    return nodes.TemplateData(re.sub(r"(?m)^([ \t]*)(\S)", marked, prose.data), lineno=prose.lineno)


def _marked_value(value: nodes.Expr, number: Callable[[int], int]) -> nodes.Expr:
    how = nodes.EnvironmentAttribute("marked", lineno=value.lineno)
    arguments = [value, nodes.Const(number(value.lineno), lineno=value.lineno)]
    return nodes.Call(how, arguments, [], None, None, lineno=value.lineno)


def _template(name: str) -> tuple[str, str, Callable[[], bool]] | None:
    """The source of '<topic>/<file>', its path, and whether it is still the topic's own.

    Templates come from the topic's own place. An id may get another topic while a process runs: a file that was
    edited, or one in a folder that was named later.
    """
    topic, _, file = name.partition("/")
    if topic == SHEET:
        path = _SHEET_TEMPLATES / file
        return (path.read_text(encoding="utf-8"), str(path), lambda: True) if path.is_file() else None
    then = _topic(topic)
    found = then.template(file) if then else None
    return (*found, lambda: _topic(topic) is then) if found else None


def _topic(name: str) -> Topic | None:
    return whole_catalogue().topics.get(name)


_SHEET_TEMPLATES = Path(blattwerk.__file__).parent / "templates" / SHEET
_MARKING = ContextVar("_MARKING", default=False)


@contextmanager
def marking() -> Iterator[None]:
    """In here, whatever is rendered bears marks, which `places.unmarked` takes away again."""
    before = _MARKING.set(True)
    try:
        yield
    finally:
        _MARKING.reset(before)


def is_marking() -> bool:
    """Whether marks are wanted here."""
    return _MARKING.get()


def environment(lang: Lang) -> TexEnvironment:
    """The templates of all topics and of the sheet, for one language."""
    return marked_environment(lang) if _MARKING.get() else _plain_environment(lang)


@cache
def _plain_environment(lang: Lang) -> TexEnvironment:
    return _made(TexEnvironment, lang)


@cache
def marked_environment(lang: Lang) -> MarkedEnvironment:
    """The environment in which marks are set."""
    return _made(MarkedEnvironment, lang)


def _made(kind: type[E], lang: Lang) -> E:
    env = kind(
        **SYNTAX | {"auto_reload": True},
        autoescape=True,
        finalize=lambda value: printed(value, lang),
        loader=FunctionLoader(_template),
    )
    env.filters = {name: env.filters[name] for name in SAFE_FILTERS} | _filters(lang)
    return env


def _filters(lang: Lang) -> dict[str, Callable[..., Tex]]:
    def decimal(value: Any, places: int = 4) -> Tex:
        """The value with so many decimals."""
        exact = value.value() if hasattr(value, "value") else value
        if isinstance(exact, Decimal):
            exact = Fraction(exact)
        return Tex(decimal_tex(exact, places, lang))

    def listing(values: Any) -> Tex:
        """Numbers side by side: 1, 2, 3 in English, 1; 2; 3 in German."""
        return Tex(TUPLE_SEPARATOR[lang].join(printed(v, lang) for v in values))

    def tuple_(values: Any) -> Tex:
        """Numbers as a tuple in brackets."""
        return Tex(f"({listing(values)})")

    def column(values: Any) -> Tex:
        """Numbers as a column vector."""
        from blattwerk.vocabulary.functions import column_term

        return Tex(column_term(values).tex(lang))

    def matrix(rows: Any) -> Tex:
        """Rows of numbers as a matrix."""
        from blattwerk.vocabulary.functions import matrix_term

        return Tex(matrix_term(rows).tex(lang))

    return {"decimal": decimal, "listing": listing, "tuple": tuple_, "column": column, "matrix": matrix}
