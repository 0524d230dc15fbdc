"""The template environment: undefined names, floats and ways around the escaping are errors."""

from fractions import Fraction

import pytest
from jinja2 import TemplateAssertionError, TemplateSyntaxError, UndefinedError

from blattwerk.build.page.escape import Tex
from blattwerk.build.page.templating import environment, printed
from blattwerk.vocabulary.exact.log_sums import log_of
from blattwerk.vocabulary.functions import log, number


def rendered(source: str, lang: str = "en", **names: object) -> str:
    """A template's text."""
    return environment(lang).from_string(source).render(**names)  # type: ignore[arg-type]


def test_values_are_printed_by_type() -> None:
    """Whole numbers, fractions, terms, sums of logs, text, TeX."""
    values = {"i": 12345, "f": Fraction(-1, 2), "t": log(2), "l": log_of(6), "s": "a_b", "x": Tex("\\alpha")}
    source = "<< i >>|<< f >>|<< t >>|<< l >>|<< s >>|<< x >>"
    assert rendered(source, **values) == "12\\,345|-\\frac{1}{2}|\\log 2|\\log 2 + \\log 3|a\\_b|\\alpha"


def test_strings_in_templates_are_escaped_by_our_rules() -> None:
    """Constants are not folded: HTML's escaping would make &amp; of an ampersand."""
    assert rendered('<< "a & b < c" >>') == "a \\& b \\textless\\apart{} c"


def test_decimals_and_tuples_follow_the_language() -> None:
    """German has a decimal comma and a semicolon in tuples."""
    source = "<< v | decimal(3) >> << (v, w) | tuple >>"
    assert rendered(source, "en", v=Fraction(1, 8), w=2) == "0.125 (\\frac{1}{8}, 2)"
    assert rendered(source, "de", v=Fraction(1, 8), w=2) == "0{,}125 (\\frac{1}{8};\\, 2)"
    assert rendered("<< v | decimal(0) >>", v=Fraction(5, 2)) == "3"


@pytest.mark.parametrize("value", [0.5, None, True, object()])
def test_what_has_no_notation_is_refused(value: object) -> None:
    """Floats above all."""
    with pytest.raises(TypeError):
        printed(value, "en")


def test_undefined_names_are_errors() -> None:
    """No template prints an empty string by mistake."""
    with pytest.raises(UndefinedError, match="missing"):
        rendered("<< missing >>")


@pytest.mark.parametrize("filter_", ["safe", "replace('a', 'b')", "join", "escape", "format", "upper", "tojson"])
def test_filters_that_could_smuggle_are_not_there(filter_: str) -> None:
    """Only our own filters and a few harmless ones."""
    with pytest.raises(TemplateSyntaxError, match="No filter named"):
        rendered(f"<< x | {filter_} >>", x="a")


def test_joining_strings_is_refused() -> None:
    """The tilde would escape for HTML."""
    with pytest.raises(TemplateAssertionError, match="'~' joins strings"):
        rendered("<< x ~ y >>", x=number(1), y="&")
