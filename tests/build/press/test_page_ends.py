"""Where a page ends, tried at every height: what belongs together stays together."""

import re

import pymupdf
import pytest

from blattwerk.build.page.escape import Tex
from blattwerk.build.page.layout import with_its_result
from blattwerk.build.press.formats import set_with_format

RESULT = "Thus\n\\begin{align*}\nx &= 1 \\\\*\n&= CHAIN\n\\end{align*}\n\\result{BOX}"
MARKING = """Thus
\\[ x = 1 \\]
\\result{BOX}

\\begin{marking}{RUBRIC}\n\\item[1] a\n\\item[2] LAST\n\\end{marking}
\\begin{marking}{MISTAKES}\n\\item[-1] FIRST\n\\item[-1] b\n\\end{marking}"""
TABLE = """They are SHOWN:
{\\spaciousrows
\\begin{center}
\\begin{tabular}{r}CELL\\\\1\\end{tabular}
\\end{center}}
\\result{BOX}"""
HEIGHTS = range(430, 720, 5)
SHORT = "\\begin{parts}\n\\item[a)] FIRST" + " word" * 54 + " LAST\\points{2~P.}\n\\end{parts}"  # four lines
HINTED = "\\begin{parts}\n\\item[a)] Show this. ASKED\\points{2~P.}\n\\hint{Hint}{HINT}\n\\end{parts}"

HEADED = (
    "\\parthead{a)}{HEAD}{2~P.}\n\\begin{align*}\nx &= FIRST\n\\end{align*}\n\\begin{align*}\ny &= 2\n\\end{align*}"
)
TALL = "\\[ \\rule{1pt}{90pt} \\]"
PARTS = "\n".join(f"\\parthead{{a)}}{{HEAD}}{{2~P.}}\n{TALL * 2}" for _ in range(4))


def pages(body: str, heights: range) -> list[list[str]]:
    """The text of the pages of documents in which the body stands so many points below the page's top."""
    sheets = [
        f"\\begin{{sheet}}{{english}}{{}}{{}}{{mark}}\n\\vspace*{{{height}pt}}\n\nText.\n\n{body}\n\\end{{sheet}}"
        for height in heights
    ]
    document = "\\begin{document}\n" + "\n".join(sheets) + "\n\\end{document}\n"
    with pymupdf.open(stream=set_with_format(document, {}).content) as pdf:
        texts = [page.get_text() for page in pdf]
    return [re.findall(r"[A-Z]{3,}", text) for text in texts]


@pytest.mark.parametrize(
    ("body", "first", "second"),
    [
        (with_its_result(Tex(RESULT)), "CHAIN", "BOX"),
        (with_its_result(Tex(TABLE)), "CELL", "BOX"),
        (TABLE, "SHOWN", "CELL"),
        (MARKING, "BOX", "RUBRIC"),
        (MARKING, "LAST", "MISTAKES"),
        (MARKING, "MISTAKES", "FIRST"),
        (HINTED, "ASKED", "HINT"),
        (SHORT, "FIRST", "LAST"),
        (HEADED, "HEAD", "FIRST"),
    ],
)
def test_what_belongs_together_stays_on_one_page(body: str, first: str, second: str) -> None:
    """At every fifth point of the page's lower part, in which the page's end passes through the body."""
    found = pages(body, HEIGHTS)
    assert any(first in page for page in found) and len(found) > len(HEIGHTS)
    assert [page for page in found if (first in page) != (second in page)] == []


def test_a_page_is_filled_rather_than_ended_before_a_heading() -> None:
    """Wherever the parts begin, less than one display's height is left on a page."""
    sheets = "\n".join(
        f"\\begin{{sheet}}{{english}}{{}}{{}}{{mark}}\n\\vspace*{{{height}pt}}\n\nText.\n\n{PARTS}\n\\end{{sheet}}"
        for height in range(0, 400, 20)
    )
    document = "\\begin{document}\n" + sheets + "\n\\end{document}\n"
    with pymupdf.open(stream=set_with_format(document, {}).content) as pdf:
        rules = [[d["rect"].y1 for d in page.get_drawings() if d["rect"].height > 80] for page in pdf]
        goes_on = ["Text." not in page.get_text() for page in pdf][1:]
        ends = [max(found) for found, more in zip(rules, goes_on, strict=False) if more]
        assert len(ends) >= 20 and min(ends) > pdf[0].rect.height - 230, sorted(ends)


def test_between_two_boxes_a_page_may_end() -> None:
    """Many results in a row fill pages, and the rubric stays with the last one."""
    found = pages("\\[ x = 1 \\]\n" + "\\result{BOX}" * 9 + MARKING.partition("\\result{BOX}")[2], HEIGHTS)
    counts = {page.count("BOX") for page in found if "BOX" in page}
    assert len(counts) > 4 and all("BOX" in page for page in found if "RUBRIC" in page)


def test_no_line_ends_behind_the_bar_of_a_condition() -> None:
    """In narrow columns of many widths: the bar and what is given stand at the same height."""
    columns = "\n\n".join(
        f"\\parbox{{{width}pt}}{{with the density \\(p(x_1, x_2 \\mid YY)\\) of both}}" for width in range(80, 200, 3)
    )
    document = f"\\begin{{document}}\n{columns}\n\\end{{document}}\n"
    with pymupdf.open(stream=set_with_format(document, {}).content) as pdf:
        words = [word for page in pdf for word in page.get_text("words")]
    behind = [(bar[1], words[i + 1][1]) for i, bar in enumerate(words) if bar[4] in "|∣"]
    assert len(behind) > 30
    assert [pair for pair in behind if abs(pair[0] - pair[1]) > 5] == []
