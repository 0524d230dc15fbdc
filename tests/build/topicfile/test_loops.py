"""What is repeated in a text, what values are called, relations at a place, and lines that end with a command."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from blattwerk.build.order.catalogue import find
from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.proof.prove import prove
from blattwerk.build.topicfile.prose import prose
from blattwerk.errors import ProofFailure, TemplateFailure
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.language import Lang
from tests.build.topicfile.pages import known_topic, page, topic
from tests.instances import placed

EN, DE = ":en: Compute the mean and the variance.\n", ":de: Berechnen Sie Erwartungswert und Varianz.\n"
MOMENTS = "## moments"
WORDS = """:word odd: an odd number | eine ungerade Zahl
:word even: an *even* number | eine *gerade* Zahl
:word 0: tails | Zahl
:word 1: heads | Kopf

"""
DRAW = ("p = fraction(1, 98, 99)  # p\n", 'p = fraction(1, 98, 99)  # p\nkinds = shuffle(("odd", "even"))\n')
TABLE = """| no. | kind |
|----:|:-----|
{{for k, kind in enumerate(kinds)}}
| {{k + 1}} | {{word kind}} |
{{end}}

{{for k in range(2)}}Coin {{k}} shows {{word k}}{{if kinds[k] == "odd"}} ({{word "odd"}}){{end}}.

{{end}}That is
all.
"""
Shown = Callable[..., str]


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shown:
    """The first question of the coin with these changes, for p = 1/4 and these kinds."""

    def question(*changes: tuple[str, str], kinds: tuple[str, ...] = ("even", "odd"), lang: Lang = "en") -> str:
        with known_topic(page(tmp_path, DRAW, (MOMENTS, WORDS + MOMENTS), *changes), monkeypatch):
            coin = find("coin")
            one = Instance(coin, "standard", coin.params(Fraction(1, 4), kinds, 2))
            return str(exercise_view(1, Item(one, placed(one)), lang, {}).parts[0].question)

    return question


def test_rows_and_paragraphs_are_repeated_in_the_drawn_order(shown: Shown) -> None:
    """With the words of the language."""
    question = shown((EN, f":en: Count:\n\n{TABLE}"))
    assert "\\begin{tabular}{@{}rl@{}}\\toprule no. & kind \\\\" in question
    rows = [row.strip() for row in question.split("\\midrule")[1].split("\\bottomrule")[0].split("\\\\")]
    assert rows == ["\\(1\\) & an \\emph{even} number", "\\(2\\) & an odd number", ""]
    assert "Coin \\(0\\) shows tails.\n\nCoin \\(1\\) shows heads (an odd number).\n\nThat is\nall." in question


def test_words_are_those_of_the_language(shown: Shown) -> None:
    """Whatever the value is."""
    question = shown((DE, ":de: {{word kinds[0]}} und {{word kinds[1]}}\nund {{word 1}}\nund so weiter\n"), lang="de")
    assert " ".join(question.split()) == "eine \\emph{gerade} Zahl und eine ungerade Zahl und Kopf und so weiter"


def test_a_value_without_a_word_is_named(shown: Shown) -> None:
    """With the words that there are."""
    with pytest.raises(TemplateFailure, match="no 'none' among 0, 1, even, odd"):
        shown((EN, ":en: {{word kinds[0]}}\n"), kinds=("none", "odd"))


def test_drawn_texts_keep_their_order(tmp_path: Path) -> None:
    """A draw of texts is one of their places; and a draw may have a name of its own."""
    named = ("shift = integer(1, 1000000)", 'shift = integer(1, 1000000, name="far")')
    coin = topic(page(tmp_path, DRAW, named)).exercise
    draws = Draws(b"secret", 5, "s1", "coin")
    params = coin.draw(draws, "easy")
    assert params.kinds == tuple(("odd", "even")[place] for place in draws.shuffle("kinds", (0, 1)))
    assert params.shift == draws.integer("far", 1, 1000000)


def related(tmp_path: Path, relation: str) -> Any:
    """The coin with this relation in its solution."""
    solution = f":solution.en: So it is: {{{{relation {relation}}}}}\n:solution.de: So: {{{{relation {relation}}}}}\n"
    coin = topic(page(tmp_path, (":hint.en: There", f"{solution}:hint.en: There"))).exercise
    return Instance(coin, "standard", coin.params(Fraction(1, 4), 2))


def test_a_relation_is_displayed_with_what_it_amounts_to(tmp_path: Path) -> None:
    """And proven, as every chain is."""
    relation = "variance + mean**2 == second"
    one = related(tmp_path, relation)
    chain = one.derivations[relation]
    assert chain.start.tex("en") == "\\operatorname{Var}[x] + \\mathbb{E}[x]^{2}"
    assert chain.steps[-1].term.tex("en") == "\\frac{21}{4}"
    assert prove(one).relations.checked
    with pytest.raises(ProofFailure, match="mean"):
        prove(related(tmp_path, "mean == second"))


def test_what_a_solution_prints_itself_is_not_printed_again(tmp_path: Path) -> None:
    """Neither its steps nor its box; what it does not print is there."""
    by_hand = ":solution.en: It is {{mean | decimal}}, see {{answer variance}}.\n:hint.en: There"
    source = topic(page(tmp_path, (":hint.en: There", by_hand))).place.text
    assert source is not None
    solution = (source("en.tex.j2") or "").partition("block moments_solution")[2].partition("endblock")[0]
    assert "values" in solution and 'derivations["mean"]' not in solution and 'result(answers["mean"])' not in solution
    assert 'derivations["variance"]' in solution and 'result(answers["variance"])' not in solution


def test_a_part_says_of_what_kind_it_is(tmp_path: Path) -> None:
    """A discussion may ask for values, too."""
    changed = page(tmp_path, ("## entropy {points=2 ", "## entropy {points=2 kind=discussion "))
    assert [part.kind for part in topic(changed).exercise.parts] == ["compute", "discussion", "proof"]


@pytest.mark.parametrize(
    ("lines", "template"),
    [
        (("a {{if x}}b{{end}}", "c"), 'a <% if values["x"] %>b<% endif %> <# #>\nc'),
        (("a {{if x}}b{{end}}", "", "c"), 'a <% if values["x"] %>b<% endif +%>\n\nc'),
        (("a", "{{if x}}", "b", "{{end}}", "c"), 'a\n<% if values["x"] %>\nb\n<% endif %>\nc'),
    ],
)
def test_a_line_that_ends_with_a_command_keeps_its_end(lines: tuple[str, ...], template: str) -> None:
    """Jinja swallows it, and two words or two paragraphs would become one."""
    assert "\n".join(prose(lines, 1).lines) == template
