r"""The fields of a cloze in Moodle's own notation: {1:NUMERICAL:=0.5:0.00005#...~%50%0.5:0.0005#...}.

Within a field a closing brace and a number sign are escaped, a tilde cannot be, and what is told is decoded once more.
A choice stands as MCV: in a drop-down list no formula can be set.
"""

from decimal import Decimal

from blattwerk.build.export.questions import FULL, NONE, ChoiceField, Cloze, NumberField, place
from blattwerk.build.export.texts import Text


def with_fields(html: str, cloze: Cloze) -> str:
    """The text of a cloze, its fields written in their places."""
    for number, field in enumerate(cloze.fields):
        mark = place(number)
        if html.count(mark) != 1:
            raise ValueError(f"the field {number} has {html.count(mark)} places")
        html = html.replace(mark, _written(field))
    return html


def _written(field: NumberField | ChoiceField) -> str:
    if isinstance(field, NumberField):
        said = (
            f"{_share(one.percent)}{decimal(one.value)}:{decimal(one.tolerance)}{_told(one.feedback)}"
            for one in field.alternatives
        )
        return f"{{1:NUMERICAL:{'~'.join(said)}}}"
    options = (f"{_share(one.percent)}{_escaped(one.text)}{_told(one.feedback)}" for one in field.options)
    return f"{{1:MCV:{'~'.join(options)}}}"


def _share(percent: int) -> str:
    return {FULL: "=", NONE: "%0%"}.get(percent, f"%{percent}%")


def _told(feedback: Text) -> str:
    return f"#{_escaped(feedback)}" if feedback else ""


def _escaped(text: Text) -> str:
    if text.pictures:
        raise ValueError("a picture cannot stand within a field")
    html = " ".join(str(text.html).replace("&", "&amp;").split())
    return html.replace("~", "\u223c").replace("}", "\\}").replace("#", "\\#")


def decimal(value: Decimal) -> str:
    """A number as Moodle reads it in every language: with a point, without an exponent."""
    return f"{value:f}"
