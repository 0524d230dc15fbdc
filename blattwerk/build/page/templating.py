"""Jinja for LaTeX: delimiters that TeX leaves alone, nothing undefined, everything escaped by type.

`<< value >>` prints, `<% ... %>` commands, `<# ... #>` comments. What is printed goes through `finalize`: trusted TeX
as it is, numbers and terms in the notation of the language, any other string escaped; floats and everything else are
refused. Filters that could smuggle a string past this are not there, and `~` (which joins strings by HTML's rules) is
refused when a template is loaded.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, FunctionLoader, PackageLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import TemplateAssertionError
from markupsafe import Markup

from blattwerk.build.order.catalogue import catalogue, find_topic
from blattwerk.build.page.escape import Tex, escape
from blattwerk.vocabulary.language import TUPLE_SEPARATOR, Lang, decimal_tex, digits_tex, fraction_tex, integer_tex
from blattwerk.vocabulary.terms import Term

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
    "undefined": StrictUndefined,
    "auto_reload": False,
}
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


class TexEnvironment(Environment):
    """Jinja's environment for one language."""

    code_generator_class = _Generator

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for concat in tree.find_all(nodes.Concat):
            raise TemplateAssertionError(
                "'~' joins strings without TeX's escaping; write the values side by side", concat.lineno, name, filename
            )
        return tree


def _topic_template(name: str) -> tuple[str, str, None] | None:
    """The source of '<topic>/<file>', and its path; templates come from the topic's own place."""
    topic, _, file = name.partition("/")
    if topic not in catalogue():
        return None
    path = find_topic(topic).templates / file
    return (path.read_text(encoding="utf-8"), str(path), None) if path.is_file() else None


@cache
def environment(lang: Lang) -> TexEnvironment:
    """The templates of all topics and of the sheet, for one language."""
    env = TexEnvironment(
        **SYNTAX,
        autoescape=True,
        finalize=lambda value: printed(value, lang),
        loader=ChoiceLoader([FunctionLoader(_topic_template), PackageLoader("blattwerk")]),
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
