"""A bank as Moodle XML, in pieces: the same questions give the same bytes.

Numbers have points, which import right in every language. Fractions are those that Moodle knows, or the whole file
would be refused. Names are cut before Moodle cuts them, and a slash in a category is doubled.
"""

from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from xml.sax.saxutils import escape

from blattwerk.build.export.cloze import decimal, with_fields
from blattwerk.build.export.questions import (
    LONGEST_ID,
    LONGEST_NAME,
    Bank,
    Cloze,
    Essay,
    MultipleChoice,
    Numerical,
    Question,
)
from blattwerk.build.export.texts import Text

TYPES = {Numerical: "numerical", Cloze: "cloze", MultipleChoice: "multichoice", Essay: "essay"}
TOP = "$course$/top"


def moodle_xml(bank: Bank) -> Iterator[bytes]:
    """The bank as a file; each category is named before its questions."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
    current: tuple[str, ...] = ()
    for question in bank.questions:
        if question.category != current:
            current = question.category
            yield _category(current).encode()
        yield _question(question).encode()
    yield b"</quiz>\n"


def _category(category: tuple[str, ...]) -> str:
    path = "/".join((TOP, *(cut(one).replace("/", "//") for one in category)))
    return (
        f'<question type="category">\n<category><text>{escape(path)}</text></category>\n'
        f'<info format="html"><text></text></info>\n<idnumber>{escape(short("/".join(category)))}</idnumber>\n'
        "</question>\n"
    )


def cut(name: str) -> str:
    """A name that Moodle takes whole."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def short(identity: str) -> str:
    """An idnumber that Moodle takes whole, and that is still nobody else's."""
    if len(identity) <= LONGEST_ID:
        return identity
    end = sha256(identity.encode()).hexdigest()[:16]
    return f"{identity[: LONGEST_ID - len(end) - 1]}-{end}"


def _question(question: Question) -> str:
    answering = question.answering
    text = question.text
    if isinstance(answering, Cloze):
        text = Text(type(text.html)(with_fields(str(text.html), answering)), text.pictures)
    pieces = [
        f'<question type="{TYPES[type(answering)]}">',
        f"<name><text>{escape(cut(question.name))}</text></name>",
        _text("questiontext", text),
        _text("generalfeedback", question.feedback),
        f"<defaultgrade>{_points(question.points)}</defaultgrade>",
        "<penalty>0.3333333</penalty>",
        "<hidden>0</hidden>",
        f"<idnumber>{escape(short(question.id))}</idnumber>",
        *_answering(answering),
        *(_text("hint", hint) for hint in question.hints),
        "<tags>" + "".join(f"<tag><text>{escape(tag)}</text></tag>" for tag in question.tags) + "</tags>",
        "</question>\n",
    ]
    return "\n".join(pieces)


def _answering(answering: Numerical | Cloze | MultipleChoice | Essay) -> Iterator[str]:
    match answering:
        case Numerical(field):
            for one in field.alternatives:
                more = f"<tolerance>{decimal(one.tolerance)}</tolerance>"
                yield _answer(one.percent, "moodle_auto_format", decimal(one.value), one.feedback, more)
            yield "<unitgradingtype>0</unitgradingtype>\n<unitpenalty>0.1</unitpenalty>"
            yield "<showunits>3</showunits>\n<unitsleft>0</unitsleft>"
        case MultipleChoice(options):
            yield "<single>true</single>\n<shuffleanswers>true</shuffleanswers>\n<answernumbering>abc</answernumbering>"
            yield "<showstandardinstruction>0</showstandardinstruction>"
            for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
                yield _text(name, Text())
            for option in options:
                yield _answer(option.percent, "html", str(option.text.html), option.feedback)
        case Essay(scheme):
            yield "<responseformat>editorfilepicker</responseformat>\n<responserequired>0</responserequired>"
            yield "<responsefieldlines>15</responsefieldlines>\n<minwordlimit></minwordlimit>"
            yield "<maxwordlimit></maxwordlimit>\n<attachments>3</attachments>"
            yield "<attachmentsrequired>0</attachmentsrequired>\n<maxbytes>0</maxbytes>"
            yield "<filetypeslist></filetypeslist>"
            yield _text("graderinfo", scheme)
            yield _text("responsetemplate", Text())


def _answer(percent: int, form: str, text: str, feedback: Text, more: str = "") -> str:
    return (
        f'<answer fraction="{percent}" format="{form}">\n<text>{escape(text)}</text>\n'
        f"{_text('feedback', feedback)}\n{more}</answer>"
    )


def _text(name: str, text: Text) -> str:
    """A text with the pictures that it shows."""
    files = "".join(
        f'<file name="{file}" path="/" encoding="base64">{b64encode(content).decode()}</file>'
        for file, content in text.pictures.items()
    )
    return f'<{name} format="html"><text>{escape(str(text.html))}</text>{files}</{name}>'


def _points(points: Fraction) -> str:
    return decimal((Decimal(points.numerator) / Decimal(points.denominator)).quantize(Decimal("0.0000001")))
