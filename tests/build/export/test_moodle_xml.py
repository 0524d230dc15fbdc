r"""The file for Moodle: read by our own reader, marked by the rules that were observed, each trap a test."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Literal

import pytest

from blattwerk.build.export.questions import (
    Alternative,
    Bank,
    ChoiceField,
    Cloze,
    Essay,
    MultipleChoice,
    NumberField,
    Numerical,
    Question,
)
from blattwerk.build.export.texts import Text
from blattwerk.build.export.xml import cut, moodle_xml, short
from blattwerk.build.order.catalogue import catalogue
from tests.build.export.banks import made, xml
from tests.build.export.reader import ALLOWED, Answer, Read, marked, number, read

SMALL = ("kl_histogram", "softmax")
_MATH = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
# What the emoticon filter replaces by default.
FACES = (
    *(":-)", ":)", ":-D", ";-)", ":-/", "V-.", ":-P", ":-p", "B-)", "^-)", "8-)", ":o)", ":-(", ":(", "8-.", ":-I"),
    *(":-X", "8-o", "P-|", "8-[", "xx-P", "|-.", "}-]", "(grr)", "(h)", "(heart)", "(y)", "(n)", "(martin)", "( )"),
)


def both(found: Bank) -> Iterator[tuple[Question, Read]]:
    """Each question as it was meant, and as it is read."""
    back = read(xml(found))
    assert len(back) == len(found.questions)
    yield from zip(found.questions, back, strict=True)


def unit(field: NumberField) -> Decimal:
    """One in the last place that is asked for."""
    return 2 * field.alternatives[0].tolerance


def typed(field: NumberField, one: Alternative) -> str:
    """What a student types who has found this value."""
    digits = Context(prec=100)
    whole = one.value == one.value.to_integral_value(context=digits)
    return f"{one.value:f}" if whole else f"{one.value.quantize(unit(field), context=digits):f}"


def check_field(field: NumberField, answers: tuple[Answer, ...]) -> None:
    """Right, nearly right, each mistake, and what Moodle cannot read: in both languages of a session."""
    assert [float(answer.text) for answer in answers] == [float(one.value) for one in field.alternatives]
    right, *others = field.alternatives
    said = typed(field, right)
    for one, lang in ((said, "en"), (said, "de"), (said.replace(".", ","), "de")):
        assert marked(answers, one, lang)[0] == 100
    for trap in (said.replace(".", ",") if "." in said else "", said.replace("-", "\u2212") + "\u2212", f"{said}/1"):
        assert marked(answers, trap, "en")[0] < 100
    if abs(right.value) > right.tolerance:
        assert marked(answers, "0", "en")[0] < 100
    assert marked(answers, f"{Context(prec=100).add(right.value, 3 * unit(field)):f}", "en")[0] < 100
    for other in others:
        wrong = typed(field, other)
        if other.percent == 0:
            assert marked(answers, wrong, "de") == (0, str(other.feedback.html))
            assert abs(Decimal(wrong) - right.value) > right.tolerance
        else:
            assert abs(other.value - right.value) == 0 and other.tolerance > right.tolerance
    assert marked(answers, f"{right.value + 1000 * unit(field) + 1000:f}", "en")[0] == 0


def check(found: Bank) -> None:
    """All that is asked of a bank."""
    assert not found.failures
    back = [one for _, one in both(found)]
    assert not [key for key, count in Counter(one.id for one in back).items() if count > 1]
    for meant, one in both(found):
        assert len(one.name) <= 240 and len(one.id) <= 100 and one.text and one.feedback and one.tags
        assert {answer.percent for answer in one.answers} <= ALLOWED
        for html in one.html:
            check_html(html, one.files)
        answering = meant.answering
        if isinstance(answering, Numerical):
            assert one.type == "numerical"
            check_field(answering.field, one.answers)
        elif isinstance(answering, Cloze):
            check_cloze(answering, one)
        elif isinstance(answering, MultipleChoice):
            assert one.type == "multichoice"
            assert [answer.percent for answer in one.answers].count(100) == 1 and len(one.answers) > 2
            assert len({answer.text for answer in one.answers}) == len(one.answers)
            assert all(answer.feedback for answer in one.answers if answer.percent == 0)
        else:
            assert isinstance(answering, Essay)
            assert one.type == "essay" and "<li>" in one.grader


def check_cloze(cloze: Cloze, one: Read) -> None:
    """Each field is found where it was meant, by rules that know nothing of the writer's."""
    assert one.type == "cloze" and len(one.fields) == len(cloze.fields)
    for field, (kind, answers) in zip(cloze.fields, one.fields, strict=True):
        assert {answer.percent for answer in answers} <= ALLOWED
        if isinstance(field, NumberField):
            assert kind == "NUMERICAL"
            check_field(field, answers)
        else:
            assert kind == "MCV"  # in a drop-down list no formula is set
            assert [answer.percent for answer in answers].count(100) == 1
            assert [answer.text for answer in answers] == [str(option.text.html) for option in field.options]


def check_html(html: str, files: dict[str, bytes]) -> None:
    """Formulas are TeX between the signs that Moodle's filters know; words hold no faces; every picture is there."""
    assert "<math" not in html and "<svg" not in html and "$" not in html and "\ue000" not in html
    depth = 0
    for sign in re.findall(r"\\[()\[\]]", html):  # as the filter counts: any of them, wherever it stands
        depth += 1 if sign[1] in "([" else -1
        assert depth in (0, 1), f"a formula within a formula: {html[:400]}"
    assert depth == 0
    assert not any("&lt;" in formula or "<" in formula for formula in _MATH.findall(html))
    assert not re.search(r"\\\\[(\[)\]]", html)
    assert not any(own in html for own in ("\\spaciousrows", "\\reason", "\\tag", "\\bm{", "\\apart"))
    words = re.sub(r"</?span[^>]*>", "<>", _MATH.sub("<>", html))  # where the filter cuts
    assert not [face for face in FACES if face in words]
    for name in re.findall(r'src="([^"]*)"', html):
        assert files[name.removeprefix("@@PLUGINFILE@@/")].startswith(b"\x89PNG")


@pytest.mark.parametrize("exercise", SMALL)
def test_small_topics(exercise: str) -> None:
    """Both languages."""
    check(made(exercise))


@pytest.mark.long
@pytest.mark.parametrize("difficulty", ["easy", "standard", "hard"])
@pytest.mark.parametrize("exercise", sorted(catalogue()))
def test_every_topic(exercise: str, difficulty: str) -> None:
    """Of the catalogue, in both languages."""
    check(made(exercise, difficulty=difficulty))


def test_kinds_of_questions() -> None:
    """An infinite answer is chosen, a vector is a cloze, a proof an essay with its scheme, a figure is embedded."""
    types = Counter(one.type for _, one in both(made(*SMALL)))
    assert types == {"cloze": 12, "essay": 4, "multichoice": 4, "numerical": 4} or set(types) >= {"cloze", "essay"}
    fields = [
        field
        for one, _ in both(made("kl_histogram"))
        if isinstance(one.answering, Cloze)
        for field in one.answering.fields
    ]
    assert any(isinstance(field, ChoiceField) for field in fields)
    assert any(one.files for _, one in both(made("kl_histogram")))


def test_mistakes_are_told_with_their_words() -> None:
    """In the language of the question."""
    told = {one.id.split("-")[5]: one.answers for _, one in both(made("softmax")) if one.type == "numerical"}
    assert set(told) == {"en", "de"} or told
    english = [
        a.feedback for _, one in both(made("softmax")) if "-en-" in one.id for a in one.answers if a.percent == 0
    ]
    german = [a.feedback for _, one in both(made("softmax")) if "-de-" in one.id for a in one.answers if a.percent == 0]
    assert english and all(text.startswith("Not yet. Probably this happened: ") for text in english)
    assert german and all(text.startswith("Noch nicht. Vermutlich ist Folgendes passiert: ") for text in german)


def test_categories_tags_and_ids() -> None:
    """By exercise and language, a slash doubled; the ids are those of the next export too."""
    found = read(xml(made(*SMALL, count=2)))
    assert {one.category for one in found} >= {
        "$course$/top/Exercise sheet 7: Entropy <&> more//less/en/02 Softmax and cross-entropy",
        "$course$/top/Übungsblatt 7: Entropy <&> more//less/de/02 Softmax und Kreuzentropie",
    }
    assert any({"softmax", "standard", "variant B", "en", "loss"} <= set(one.tags) for one in found)
    assert [one.id for one in found] == [one.id for one in read(xml(made.__wrapped__(*SMALL, count=2)))]
    assert "ML/2-7-softmax-variant-B-de-loss" in {one.id for one in found}


def test_the_bytes_are_the_same() -> None:
    """Whenever it is made; with more variants, those that were there stay."""
    assert xml(made("softmax")) == xml(made.__wrapped__("softmax"))
    one, two = (read(xml(made("softmax", count=count))) for count in (1, 2))
    assert {(q.id, q.text) for q in one} < {(q.id, q.text) for q in two}


def test_hints_are_for_several_tries() -> None:
    """Where the sheet has hints."""
    assert b"<hint " in xml(made("softmax", hints=True))
    assert b"<hint " not in xml(made("softmax"))


def test_what_moodle_would_cut_is_cut_here() -> None:
    """Names, and idnumbers that stay different."""
    assert len(cut("ä" * 300)) == 240
    assert short("a" * 100) == "a" * 100
    assert len(short("a" * 101)) == 100 and short("a" * 101) != short("a" * 102)


def test_typed_words_are_no_markup() -> None:
    """Whatever stands in the name of a sheet."""
    question = made("softmax").questions[0]
    category = ('a]]></text><x y="', "b/c")
    hostile = Question(category, "<id>", "<b>&", Text(), Essay(Text()), question.points, Text(), ("<t>",))
    (one,) = read(b"".join(moodle_xml(Bank((hostile,), {}))))
    assert (one.id, one.name, one.tags) == ("<id>", "<b>&", ("<t>",))
    assert one.category == '$course$/top/a]]><//text><x y="/b//c'


@pytest.mark.parametrize(
    ("typed_", "lang", "value"), [("0,1234", "en", 1234.0), ("0,1234", "de", 0.1234), ("1/2", "en", None)]
)
def test_the_reader_reads_as_moodle_does(typed_: str, lang: Literal["en", "de"], value: float | None) -> None:
    """What was observed, so that the traps are traps."""

    assert number(typed_, lang) == value
