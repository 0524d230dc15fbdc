"""Own texts, own exercises and the files that a sheet names: what is refused, and in which words."""

from pathlib import Path
from typing import Any

import pytest

from blattwerk.build.order import beside
from blattwerk.build.order.fields import contrast_with_white
from blattwerk.build.order.sheet_file import checked_sheet, read_sheet
from blattwerk.build.topicfile.own_text import tex_of
from blattwerk.errors import SheetFileError
from tests.build.own_sheet import SHEET, write

PART = {"question": "Why?", "solution": "So.", "points": 2}
OWN = {"key": "own", "title": "By hand", "parts": [PART]}
GOOD: dict[str, Any] = {"course": {"title": "ML"}, "sheet": {"title": "One"}, "exercises": [{"id": "softmax"}, OWN]}


def mistakes(**changes: object) -> str:
    """The message for a good sheet with these changes."""
    with pytest.raises(SheetFileError) as caught:
        checked_sheet({**GOOD, **changes}, "sheet.toml")
    return str(caught.value)


def own(**changes: object) -> list[object]:
    """The exercises, the one by hand with these changes."""
    return [{"id": "softmax"}, {**OWN, **changes}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exercises": own(parts=[])}, "exercises[2].parts: an empty list is not allowed; write for each part a table"),
        (
            {"exercises": own(parts=[{**PART, "pionts": 1}])},
            "exercises[2].parts[1].pionts: unknown key; allowed here: que",
        ),
        ({"exercises": own(parts=[{**PART, "pionts": 1}])}, "did you mean points?"),
        (
            {"exercises": own(parts=[{"question": "Why?", "points": 1}])},
            "exercises[2].parts[1]: write either solution =",
        ),
        (
            {"exercises": own(parts=[{**PART, "question_file": "a.tex"}])},
            "exercises[2].parts[1]: write either question = ... (Markdown) or question_file = ... (a file), and not",
        ),
        (
            {"exercises": own(parts=[{**PART, "question": "Is $\\gdef\\a{b}$?"}])},
            "exercises[2].parts[1].question: line 1 of the text: \\gdef defines, reads or writes",
        ),
        (
            {"exercises": own(parts=[{**PART, "question": "a\n\n$b"}])},
            "line 3 of the text: a dollar without its partner",
        ),
        ({"exercises": own(parts=[{**PART, "question": "is {{x}}?"}])}, "line 1 of the text: there are no values to"),
        (
            {"exercises": own(parts=[{**PART, "question": "a\n{{box}}b{{end}}"}])},
            "line 2 of the text: there are no val",
        ),
        ({"exercises": own(parts=[{**PART, "question": "{{steps L}}"}])}, "line 1 of the text: there are no values to"),
        ({"exercises": own(parts=[{**PART, "question": "{{if at(hard)}}b{{end}}"}])}, "there are no values to"),
        ({"exercises": own(parts=[{**PART, "question": " "}])}, "exercises[2].parts[1].question: the text is empty"),
        ({"exercises": own(parts=[{**PART, "question": "a\u202eb"}])}, "U+202E"),
        (
            {"exercises": own(parts=[{**PART, "marking": [{"points": 1, "text": "a"}]}])},
            "exercises[2].parts[1]: the steps of the marking scheme have 1 points, the part 2",
        ),
        ({"exercises": own(key="softmax")}, "exercises[2].key: 'softmax' stands on the sheet already"),
        ({"exercises": [{"title": "x", "parts": [PART]}]}, "exercises[1].key: missing; write small letters, digits"),
        ({"text": [{"body": "a", "before": "vae"}]}, "text[1].before: 'vae' is the key of no exercise of this sheet"),
        ({"text": [{"body": "a", "before": "own", "at": "end"}]}, "text[1]: it can stand at one place only"),
        ({"text": [{"at": "end"}]}, "text[1]: write either body = ... (Markdown) or file"),
        ({"text": [{"body": "a", "at": "top"}]}, 'text[1].at: \'top\' is not allowed; write "cover", "start" or "end"'),
        ({"page": {"paper": "a3"}}, 'page.paper: \'a3\' is not allowed; write "a4", "a5" or "letter"'),
        ({"page": {"accent": "red"}}, "page.accent: 'red' is no colour; write red, green and blue in hexadecimal"),
        ({"page": {"accent": "#CCCCCC"}}, "its contrast is 1.6, and 4.5 is the least"),
        ({"page": {"logo": "../logo.png"}}, "page.logo: '../logo.png' is no name of a file beside the sheet file"),
        ({"page": {"logo": "/etc/passwd.png"}}, "page.logo: '/etc/passwd.png' is no name of a file beside"),
        ({"page": {"logo": "logo.gif"}}, "page.logo: 'logo.gif' ends in none of .pdf, .png, .svg"),
        ({"page": {"logo": ".hidden/.a.png"}}, "is no name of a file beside"),
        ({"page": {"paper": "a5", "columns": 2}}, "page: two columns need a4 or letter"),
        ({"files": {"a": "0" * 64}}, "files: a record has it, and no sheet file; remove it"),
        ({"exercises": [{"id": "softmax", "wording": {"x": "y"}}]}, "exercises[1].wording: 'x' is no part of softmax"),
        (
            {"exercises": [{"id": "softmax", "params": {"n": 3, "z": 1}}]},
            "exercises[1].params.z: no number of softmax has this name; it has n, odds, label, rate",
        ),
        (
            {"exercises": [{"id": "softmax", "params": {"n": 3, "odds": [1, "x", 2], "label": 0, "rate": 1}}]},
            "exercises[1].params.odds[2]: ",
        ),
        (
            {
                "exercises": [{"id": "softmax", "params": {"n": 3, "odds": [1, 2, 3], "label": 0, "rate": 1}}],
                "overrides": [{"student": "a", "exercise": "softmax"}],
            },
            "overrides[1].exercise: 'softmax' has its numbers from params, so there is no other draw",
        ),
    ],
)
def test_mistakes_are_told(changes: dict[str, object], message: str) -> None:
    """By key, with what is allowed."""
    assert message in mistakes(**changes)


def test_files_are_read_with_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each missing, outsized or wrong file is told with its key and line, all at once."""
    file = write(tmp_path)
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><text>a</text></svg>')
    (tmp_path / "own" / "square.tex").unlink()
    with pytest.raises(SheetFileError) as caught:
        read_sheet(file)
    assert "page.logo: logo.svg: the SVG holds <text>, which cannot be drawn here" in str(caught.value)
    assert "exercises[3].parts[2].question_file: own/square.tex: there is no such file in" in str(caught.value)
    monkeypatch.setitem(beside.LARGEST, ".svg", 10)  # type: ignore[misc]  # it is a dictionary
    with pytest.raises(SheetFileError, match=r"logo.svg: larger than"):
        read_sheet(file)


def test_a_link_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    """What lies outside the course is no part of it."""
    file = write(tmp_path / "course")
    (tmp_path / "secret.tex").write_text("secret")
    (tmp_path / "course" / "own" / "square.tex").unlink()
    (tmp_path / "course" / "own" / "square.tex").symlink_to(tmp_path / "secret.tex")
    with pytest.raises(SheetFileError, match="the file lies elsewhere, by way of a link"):
        read_sheet(file)


def test_a_png_is_one(tmp_path: Path) -> None:
    """By its first bytes, not by its name."""
    file = write(tmp_path, SHEET.replace("logo.svg", "logo.png"))
    (tmp_path / "logo.png").write_bytes(b"GIF89a")
    with pytest.raises(SheetFileError, match=r"logo.png: is no PNG file"):
        read_sheet(file)


def test_contrast_is_that_of_the_guidelines() -> None:
    """Black 21, white 1, and #767676, the lightest grey that passes."""
    assert round(contrast_with_white("#000000"), 2) == 21
    assert round(contrast_with_white("#FFFFFF"), 2) == 1
    assert round(contrast_with_white("#767676"), 2) == 4.54


@pytest.mark.parametrize(
    ("markdown", "tex"),
    [
        ("50% of `a_b` & *c*, \\$5", "50\\% of \\texttt{a\\_b} \\& \\emph{c}, \\$5"),
        ("$x_{1_{2}}$ \\input{x}", "\\(x_{1_{2} }\\) \\textbackslash{}input\\{x\\}"),
        ("$$\n{{a}}\n$$", "\\[\n{ {a} }\n\\]"),
        ("- a\n- $b$", "\\begin{itemize}\\item a\n\\item \\(b\\)\\end{itemize}"),
        ("$\\begin{cases}1\\\\2\\end{cases}$", "\\(\\begin{cases}1\\\\2\\end{cases}\\)"),
        ("<% x %> << y >>", "<\\% x \\%> <{}< y >>"),
    ],
)
def test_markdown_becomes_our_tex(markdown: str, tex: str) -> None:
    """Line by line, words escaped, mathematics as it is."""
    assert "\n".join(tex_of(markdown)) == tex
