"""An author's mistake in a template is named by topic, file, line, block and language, whoever finds it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blattwerk.build.job import KINDS
from blattwerk.build.numbers import Drawn, draw
from blattwerk.build.order.catalogue import find_topic
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import order
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.page import templating
from blattwerk.build.page.nesting import unclosed
from blattwerk.build.page.places import unmarked
from blattwerk.build.page.printing import place_in_templates, printed
from blattwerk.build.page.templating import marked_environment, marking
from blattwerk.build.press.press import press_together
from blattwerk.build.proof.prove import Proven, proven
from blattwerk.errors import TemplateFailure, TexFailure
from blattwerk.vocabulary.language import LANGUAGES, Lang
from tests.build.classes import built
from tests.build.topicfile.three_files import instead

TOPIC = "kl_normal_1d"
SHEET = checked_sheet(
    {
        "course": {"title": "ML"},
        "sheet": {"title": "S", "hints": True},
        "exercises": [{"id": "kl_histogram", "without": ["zero"]}, {"id": TOPIC}],
    },
    "sheet",
)
Break = Callable[[str, str, Lang], Path]


@pytest.fixture(scope="module", autouse=True)
def three_files() -> Iterator[None]:
    """The topic in its form of three files: what is broken here is a template."""
    with instead():
        forget()
        yield
    forget()


@pytest.fixture(scope="module")
def proved() -> Proven:
    """One student's two exercises."""
    return proven(drawn(), {})


def drawn() -> Drawn:
    """One student's numbers."""
    (one,) = order(SHEET, [Student("s1")], 7, LANGUAGES)
    return draw(one)


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Break]:
    """Write something wrong into a copy of a topic's template; the copy is what is read then."""
    topic = find_topic(TOPIC)
    for file in topic.templates.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())

    def broken(right: str, wrong: str, lang: Lang = "en") -> Path:
        path = tmp_path / f"{lang}.tex.j2"
        text = path.read_text(encoding="utf-8")
        assert text.count(right) >= 1
        path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
        return path

    monkeypatch.setitem(topic.__dict__, "templates", tmp_path)
    forget()
    yield broken
    forget()


def forget() -> None:
    """Templates are read again."""
    templating._plain_environment.cache_clear()
    templating.marked_environment.cache_clear()


MEAN, CLAIM = "<< params.mean_p >>", "Up to the order of the terms this is the claim."
RUBRIC = 'rubric(insert="numbers inserted in the right places", '


@pytest.mark.parametrize(
    ("right", "wrong", "line", "block", "what"),
    [
        (CLAIM, "<< 1 +", 36, "derive_solution", "unexpected '<'"),
        (CLAIM, "<< 1 }} >>", 35, "derive_solution", "unexpected '}'"),
        (CLAIM, "<% endfor %>", 35, "derive_solution", "Encountered unknown tag 'endfor'"),
        (CLAIM, "<< x | upper >>", 35, "derive_solution", "No filter named 'upper'"),
        (CLAIM, "A share of 50 % of it.", 35, "derive_solution", "for TeX, '%' begins a comment, and the rest of"),
        ('insert="insert")', 'insert="50 % of it")', 57, "forward_solution", "write '\\%'"),
        (CLAIM, "<< parms.mean_p >>", 35, "derive_solution", "'parms' is undefined"),
        (MEAN, "<< params.newloss >>", 5, "intro", "no 'newloss' among deviation_p, deviation_q, mean_p, mean_q"),
        ("derivations.second_moment", "derivations.second", 34, "derive_solution", "no 'second' among backward, "),
        (CLAIM, "<< answers.newloss >>", 35, "derive_solution", "no 'newloss' among backward, forward"),
        (CLAIM, "<< none >>", 35, "derive_solution", "None was printed; choose words for it in the template"),
        (CLAIM, "<< 1.5 >>", 35, "derive_solution", "a float has no notation of its own"),
        (CLAIM, "<< 1 / 0 >>", 35, "derive_solution", "ZeroDivisionError: division by zero"),
        (CLAIM, '<< figure("bars") >>', 35, "derive_solution", "no figure 'bars' among none"),
        (
            CLAIM,
            '<< letter("x") >>',
            35,
            "derive_solution",
            "part 'x' does not stand on this sheet, but derive",
        ),
        (CLAIM, "<< rubric() >>", 35, "derive_solution", "rubric of part 'derive': no words for definition, densities"),
        (MEAN, "<< rubric() >>", 5, "intro", "marking schemes and usual mistakes stand in the blocks of a part"),
        (', linearity="linearity", centred=', ", centred=", 34, "derive_solution", "no words for linearity"),
        ('insert="insert"', 'inserted="insert"', 57, "forward_solution", "words without use: inserted"),
        (RUBRIC, "rubric(", 61, "forward_rubric", "rubric of part 'forward': no words for insert"),
        (
            "mistakes(variance=",
            "mistakes(varianz=",
            62,
            "forward_rubric",
            "no words for variance; words without",
        ),
    ],
)
def test_what_jinja_finds(
    proved: Proven, broken: Break, right: str, wrong: str, line: int, block: str, what: str
) -> None:
    """Syntax, names, values, words: the line where it stands, and what is there instead."""
    path = broken(right, wrong, "en")
    with pytest.raises(TemplateFailure) as caught:
        printed(proved)
    assert str(caught.value).startswith(f"topic {TOPIC}, {path}:{line}, block {block}, en: ")
    assert what in str(caught.value)


def test_a_missing_block_and_a_missing_file(proved: Proven, broken: Break) -> None:
    """There is no line to be named, but the file."""
    path = broken("<% block forward_short %>", "<% block forward_shrt %>", "de")
    with pytest.raises(TemplateFailure) as caught:
        printed(proved)
    assert str(caught.value) == f"topic {TOPIC}, {path}, de: there is no block 'forward_short'"
    path.unlink()
    forget()
    with pytest.raises(TemplateFailure) as caught:
        printed(proved)
    assert str(caught.value) == f"topic {TOPIC}, {path}, de: there is no such file"


def told_by_tex(one: Proven, path: str) -> str:
    """The message for a sheet that TeX cannot set."""
    sheets = printed(one)
    (made,) = press_together([sheets.sheets[path]], dict.fromkeys(sheets.sheets[path].figures, b""))
    assert isinstance(made, TexFailure)
    return str(place_in_templates(sheets, path, made))


@pytest.fixture(scope="module")
def alone() -> Proven:
    """The same topic on a sheet without figures, in both languages and as the second of two."""
    return with_name("Helen")


def with_name(name: str) -> Proven:
    """The sheet for a student with this name."""
    entries = [{"id": TOPIC, "key": "first", "without": ["derive", "forward", "zero"]}, {"id": TOPIC}]
    sheet = checked_sheet({**SHEET.model_dump(), "exercises": entries}, "sheet")
    (one,) = order(sheet, [Student("s1", name)], 7, ("en",), kinds=KINDS)
    return proven(draw(one), {})


HINT = "You need only two moments"


@pytest.mark.parametrize(
    ("right", "wrong", "line", "block", "what"),
    [
        (CLAIM, "Text \\nonsense here.", 35, "derive_solution", "Undefined control sequence. (at 'Text \\nonsense')"),
        (CLAIM, "A _ sign.", 35, "derive_solution", "Missing $ inserted"),
        ("\\(\\mu_p\\):", "\\(\\mu_p:", 33, "derive_solution", "allowed only in paragraph mode"),
        (CLAIM, "\\(\\frac{1}{2\\)", 35, "derive_solution", "File ended while scanning use of \\frac"),
        (CLAIM, "{\\bfseries this is the claim.", 35, "derive_solution", ""),
        (CLAIM, "this is the claim.}", 35, "derive_solution", "Extra }, or forgotten \\endgroup"),
        (CLAIM, "\\begin{center} claim", 35, "derive_solution", "\\begin{center} on input line"),
        (CLAIM, "claim\\end{center}", 35, "derive_solution", "ended by \\end{center}"),
        (CLAIM, "\\emph{claim\n\nmore}", 35, "derive_solution", "Paragraph ended before"),
        ('"\\\\(\\\\log(', '"\\\\log(', 41, "derive_rubric", "Missing $ inserted"),
        ('insert="insert")', 'insert="in \\\\sert")', 57, "forward_solution", "Undefined control sequence"),
        ("<< result(", "Hence \\so\n<< result(", 58, "forward_solution", "Undefined control sequence"),
        ("<% call boxed() %>", "<% call boxed() %>\n\\boxt", 115, "zero_solution", "Undefined control sequence"),
    ],
)
def test_what_tex_finds_in_a_tutors_copy(
    alone: Proven, broken: Break, right: str, wrong: str, line: int, block: str, what: str
) -> None:
    """The number on the sheet, and the line where the mistake begins, not the one where TeX notices it."""
    path = broken(right, wrong)
    message = told_by_tex(alone, "marking/s1.en.pdf")
    assert message.startswith(f"exercise 2 ({TOPIC}), {path}:{line}, block {block}, en: "), message
    assert what in message
    assert "l." not in message.split("en: ")[1]


@pytest.mark.parametrize(
    ("right", "wrong", "line", "block", "what"),
    [
        (HINT, "\\emph{You need only two moments", 22, "derive_hint", "File ended while scanning use of \\hint"),
        (HINT, "You need \\twice only two moments", 22, "derive_hint", "Undefined control sequence"),
        ("the real line, with", "the \\rael line, with", 3, "intro", "Undefined control sequence"),
        ("Show, for arbitrary", "Show, for $x arbitrary", 18, "derive_question", ""),
    ],
)
def test_what_tex_finds_in_a_question(
    alone: Proven, broken: Break, right: str, wrong: str, line: int, block: str, what: str
) -> None:
    """In the argument of a command of ours, too."""
    path = broken(right, wrong)
    message = told_by_tex(alone, "questions/s1.en.pdf")
    assert f"({TOPIC}), {path}:{line}, block {block}, en: " in message, message
    assert what in message


def test_a_missing_glyph(broken: Break) -> None:
    """Lualatex names no line, but the character."""
    path = broken(CLAIM, "Das ist \u6570.")
    message = told_by_tex(with_name("Ελένη"), "solutions/s1.en.pdf")
    assert f"{path}:35, block derive_solution, en: missing character: There is no \u6570" in message


def test_a_build_tells_it_and_keeps_the_source(broken: Break, tmp_path: Path) -> None:
    """Each student by himself; the other language is not blamed."""
    path = broken("entsprechend. In der", "\\entsprechend. In der", "de")
    sheet = checked_sheet({"course": {"title": "x"}, "sheet": {"title": "x"}, "exercises": [{"id": TOPIC}]}, "sheet")
    report, _ = built(order(sheet, [Student("a"), Student("b")], 7, LANGUAGES), tmp_path / "out")
    for student in ("a", "b"):
        wanted = f"exercise 1 ({TOPIC}), {path}:30, block derive_solution, de: Undefined control sequence. (at '"
        assert report.failures[student].startswith(f"student '{student}': {wanted}")
    assert (tmp_path / "out" / "tex" / "solutions" / "a.de.tex").exists()


def test_marks_change_nothing() -> None:
    """What bears marks is the same text without them, and each line knows its template."""
    with marking():
        text = printed(proven(drawn(), {})).sheets["solutions/s1.de.pdf"].body
    marked = unmarked(text, marked_environment("de").sources)
    assert marked.body == printed(proven(drawn(), {})).sheets["solutions/s1.de.pdf"].body
    source = marked.source_at(marked.body.index("Bis auf die Reihenfolge"))
    assert source is not None and (source.topic, source.line, source.block) == (TOPIC, 36, "derive_solution")
    assert unclosed(marked.body) is None


@pytest.mark.parametrize(
    ("tex", "found"),
    [
        ("{a} \\(b\\) \\{ \\\\ $c$ \\begin{x}\\[d\\]\\end{x}", None),
        ("a { b", (2, 5)),
        ("a } b", (2, 2)),
        ("\\(a\n\nb\\)", (0, 3)),
        ("\\(a { \\)", (4, 6)),
        ("\\begin{x} {\\end{x}", (10, 11)),
        ("\\end{x}", (0, 0)),
    ],
)
def test_what_is_not_closed(tex: str, found: tuple[int, int] | None) -> None:
    """Where it was opened, and where another sign came instead."""
    assert unclosed(tex) == found
