"""Whatever is wrong with a topic file is told with the file and the line."""

from pathlib import Path

import pytest

from blattwerk.build.topicfile.topic import compiled
from blattwerk.errors import TopicFileError
from tests.build.topicfile.pages import BARS, line, page

# What is changed, what stands in the line that is named, and a word of the message.
TABLE: tuple[tuple[tuple[str, str], str, str], ...] = (
    (("mean = p + shift ", "mean = p + shift + 0.5 "), "mean = p + shift", "0.5 is a float"),
    (("mean = p + shift ", "import time\nmean = p + shift "), "import time", "nothing is imported here"),
    (("mean = p + shift ", "mean = p + shif "), "mean = p", "the name 'shif' is not known; did you mean shift?"),
    (("mean = p + shift ", "mean = = p "), "mean = = p", "Python cannot read this"),
    (("p = fraction(1, 98, 99)", "p = time()"), "p = time()", "the name 'time' is not known"),
    (('asks="entropy"', 'asks="entropie"'), "## entropy", "which `solve` does not assign"),
    (("# \\operatorname{Var}[x]", ""), "variance = second", "has no symbol"),
    (("$x = {{shift + 1}}$ with", "$x = {{shft + 1}}$ with"), "with probability", "'shft' is not known"),
    (("{{end}}.\n:hint.de", ".\n:hint.de"), "There are", "{{for ...}}, {{holds ...}} or {{box}} has no {{end}}"),
    (("{{if shown(entropy)}}", "{{if shown(entropie)}}"), "There are", "there is no part 'entropie'"),
    (("{{if shown(entropy)}}", "{{if at(easy, hart)}}"), "There are", "'hart' is no difficulty; allowed: easy, stan"),
    (("the entropy $H$", "the entropy H$"), "Compute the entropy", "a dollar without its partner"),
    ((":hint.en: It", ":hnt.en: It"), ":hnt.en", "'hnt' is no kind of text"),
    (("{points=3 ", "{point=3 "), "{point=3", "did you mean points?"),
    (('hold="variance < mean"', 'hold="variance"'), "## moments", "is no comparison"),
    (("```python check scipy", "```python chek scipy"), "```python chek", "did you mean check?"),
    ((":rubric 2: the", ":rubric 1: the"), "## entropy", "the rubric gives 1 points, the heading says points=2"),
    (("variance = second\n```", "varianz = second\n```"), "varianz = second", "a mistake replaces lines of `solve`"),
    (("title.de: Eine", "demo: six\ntitle.de: Eine"), "demo: six", "a demo's id is a capital letter and a number"),
    (("title.de: Eine", "titel.de: Eine"), "titel.de", "did you mean title.de?"),
    (("## bound {points=2}", "## entropy {points=2}"), "## entropy {points=2}", "there is a part 'entropy' already"),
    (("_ <= 1/4", "_ in (1,)"), "_ in", "is made of"),
    (('asks="entropy"', 'asks="mean"'), "## entropy", "give it a second name in `solve`: mean_again = mean"),
    (("with probability $p = {{p}}$, and", "{{figure die}}, and"), "{{figure die}}", "no figure 'die'; there are none"),
    (("{points=2 asks", "{points=2 kind=talk asks"), "## entropy", "'talk' is no kind of part; allowed: compute"),
    (("does not depend", "{{for p}} depends"), "on $s$", "names no values; write {{for k in range(3)}}"),
    (("does not depend", "{{for k in ks}}{{end}} depends"), "on $s$", "the name 'ks' is not known"),
    (("does not depend", "{{for k in (1, 2)}}{{j}}{{end}}"), "on $s$", "the name 'j' is not known"),
    (("does not depend", "{{for k in (1, 2)}}{{holds k > 0}}!{{end}}{{end}}"), "on $s$", "depends on 'k' of a loop"),
    (("does not depend", "{{word p}} depends"), "on $s$", "there are no words; write a line ':word"),
    (("does not depend", "{{relation p}} depends"), "on $s$", "'p' is no comparison"),
    ((":hint.en: It", ":word a: b\n:word a: c\n:hint.en: It"), ":word a: c", "there are words for 'a' already"),
    (("## entropy", f"{BARS}\n## entropy"), "figure faces", "no text in 'en' prints this figure"),
    (("## entropy", f"{BARS}\n## entropy".replace("(p, ", "(q, ")), "bars(", "the name 'q' is not known"),
    (("## entropy", f"{BARS}\n## entropy".replace("{{p}}", "{{q}}")), "figure faces", "the name 'q' is not known"),
    (
        ("## entropy", f"{BARS}\n## entropy".replace("bars(", "x = bars(")),
        "figure faces",
        "a figure is one call of bars",
    ),
    (("## entropy", f"{BARS}\n## entropy".replace("# two", "two")), "two bars", "Python cannot read this"),
    (("## entropy", f"{BARS}\n## entropy".replace(" faces", "")), "```python figure", "a figure has a name"),
)


@pytest.mark.parametrize(("change", "where", "word"), TABLE, ids=[row[2] for row in TABLE])
def test_a_mistake_is_named_by_its_line(tmp_path: Path, change: tuple[str, str], where: str, word: str) -> None:
    """And by words that say what to do."""
    file = page(tmp_path, change)
    with pytest.raises(TopicFileError) as caught:
        _ = compiled(str(file)).exercise
    there = [number for number, words in caught.value.every if word in words]
    assert there == [line(file, where)] * len(there) and there, str(caught.value)
    assert caught.value.place.startswith(f"{file}:")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """Two in one go."""
    file = page(tmp_path, ("mean = p + shift ", "mean = p + 0.5 "), ("variance = second - mean**2", "variance = secnd"))
    with pytest.raises(TopicFileError) as caught:
        _ = compiled(str(file)).exercise
    assert len(caught.value.every) == 2
