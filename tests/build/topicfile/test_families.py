"""Vectors that are functions of an index, proofs over finite distributions, and what texts print of both."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from blattwerk.build.order import pages
from blattwerk.build.order.catalogue import find, look_into, whole_catalogue
from blattwerk.build.page.view import Item, exercise_view
from blattwerk.build.topicfile import faces, values
from blattwerk.build.topicfile.counterparts import log, sum_
from blattwerk.build.topicfile.dice import distributions
from blattwerk.build.topicfile.notation import family
from blattwerk.build.topicfile.proof_terms import Density
from blattwerk.build.topicfile.topic import compiled
from blattwerk.errors import TopicFileError
from blattwerk.vocabulary.derivation import verify
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exact.closed import logarithm
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.functions import number
from blattwerk.vocabulary.terms import Sym
from tests.build.topicfile.pages import page, topic
from tests.instances import placed

DRAW = (
    "shift = integer(1, 1000000)  # s\n",
    "shift = integer(1, 1000000)  # s\n_row = [p, 1 - p]\nw = _row  # (w(z))_z\n",
)
MOMENTS = (
    ":en: Compute the mean and the variance.\n",
    ":en: Compute it from {{table w}}\n:solution.en: {{table w, v}}\n",
)
SOLVE = ("mean = p + shift ", "v = w * (1 - w)  # (v(z))_z\nmean = p + shift ")
CHECK = ("import math\n", "v = [p * (1 - p)] * 2\nimport math\n")
PROVE = """\
z, _a, S = index(3), simplex(3), subset(3)
a = _a[z]  # a(z)
A = sum(a, z, S)  # a(S)
sum(a / A, z, S) == 1
sum(a, z) >= A  # {{inline bound_proof_1}}
p = unit
"""


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is named here is forgotten afterwards."""
    monkeypatch.setattr(pages, "_named", [])
    yield
    whole_catalogue.cache_clear()


def rendered(file: Path, part: str = "moments") -> tuple[str, str]:
    """The question with its introduction, and the solution, of a part."""
    look_into(file)
    exercise = find("coin")
    params = exercise.draw(Draws(b"", 1, "", "coin"), "standard")
    one = Instance(exercise, "standard", params)
    view = exercise_view(1, Item(one, placed(one)), "en", {})
    found = next(p for p, q in zip(view.parts, one.parts, strict=True) if q.id == part)
    return view.intro + found.question, found.solution


def test_the_symbol_of_a_family_says_how_its_entries_are_written() -> None:
    """With the number of the entry, or with the index, and in no other place."""
    found = family("\\bigl(p(z\\mid \\zeta)\\bigr)_z")
    assert found is not None
    assert (found.at("2"), found.at("z")) == ("p(2\\mid \\zeta)", "p(z\\mid \\zeta)")
    assert family("(w)_{21}") is None and family("w_z") is None


def test_a_sum_over_a_family_runs_over_its_index() -> None:
    """With symbols; with numbers it is written out."""
    q = faces.named("\\bigl(q(z)\\bigr)_z", "q", values.vector([Fraction(1, 3), Fraction(2, 3)]))
    found = sum_(q * log(q))
    assert found.s.term().tex("en") == r"\sum_{z=1}^{2} q(z) \log q(z)"
    assert found.n.term().tex("en") == r"\frac{1}{3} \log \frac{1}{3} + \frac{2}{3} \log \frac{2}{3}"
    assert found.s.term().value() == found.n.term().value() == found.value.value()


def test_a_table_has_a_row_for_each_family(tmp_path: Path) -> None:
    """Drawn or solved; what it holds is not displayed once more."""
    question, solution = rendered(page(tmp_path, DRAW, SOLVE, CHECK, MOMENTS))
    assert "\\begin{tabular}{@{}lcc@{}}" in question and "\\(z\\) & \\(1\\) & \\(2\\) \\\\" in question
    assert "\\(w(z)\\) & " in question and "\\(v(z)\\) & " in solution
    assert "v(z) &=" not in solution


def test_the_rule_of_a_family_is_displayed_and_checked(tmp_path: Path) -> None:
    """For all values of its index."""
    exercise = topic(page(tmp_path, DRAW, SOLVE, CHECK)).exercise
    params = exercise.draw(Draws(b"", 1, "", "coin"), "standard")
    chain = Instance(exercise, "standard", params).derivations["v"]
    assert [chain.start.tex("en"), chain.steps[0].term.tex("en")] == ["v(z)", "w(z) (1 - w(z))"]
    assert verify("v", chain).checked == 1


def test_an_answer_that_is_a_family_is_a_row(tmp_path: Path) -> None:
    """So p(z|x) is told as a tuple of probabilities, not as a column."""
    asks = ('asks="mean, variance" hold', 'asks="mean, variance, v" hold')
    exercise = topic(page(tmp_path, DRAW, SOLVE, CHECK, asks)).exercise
    one = Instance(exercise, "standard", exercise.draw(Draws(b"", 1, "", "coin"), "standard"))
    assert one.answers[2].value.value() == (one.solution.v,)


def test_decimals_alone(tmp_path: Path) -> None:
    """Of a value whose exact form stands elsewhere."""
    text = (":hint.en: It does not", ":solution.en: This is {{near entropy}}.\n:hint.en: It does not")
    _, solution = rendered(page(tmp_path, text), "entropy")
    assert "This is \\(H \\approx " in solution


def test_a_named_term_of_a_proof_prints_its_definition(tmp_path: Path) -> None:
    """As a definition: it counts as no check."""
    text = (":hint.en: Complete", ":solution.en: Let {{defined A}}. {{steps bound_proof_2}}\n:hint.en: Complete")
    file = page(tmp_path, ("p = unit\n", PROVE), text)
    _, solution = rendered(file, "bound")
    assert "Let \\(a(S) = \\sum_{z\\in S} a(z)\\)." in solution
    exercise = topic(file).exercise
    one = Instance(exercise, "standard", exercise.draw(Draws(b"", 1, "", "coin"), "standard"))
    counted = verify("A", one.derivations["defined A"])
    assert (counted.checked, counted.named) == (0, 1)


def test_a_reason_is_a_proven_relation(tmp_path: Path) -> None:
    """Its chain stands in the words; sums over a set run over its places."""
    _, solution = rendered(page(tmp_path, ("p = unit\n", PROVE)), "bound")
    assert "\\ge a(S) \\tag*{\\reason{\\(\\sum_{z\\in S} \\frac{a(z)}{a(S)} = 1\\)}}" in solution


def test_integrals_of_densities_that_are_constant_on_cells(tmp_path: Path) -> None:
    """The place is the number, the sizes are those of the cells; a chain that is a reason is not displayed again."""
    lines = (
        "z, _a, _w = index(3), simplex(3), positive(3)\na = _a[z] / _w[z]  # a(z)\nintegral(a, z, _w) == 1\n"
        "integral(2 * a * log(pi), z, _w) == 2 * log(pi)  # {{inline bound_proof_1}}\np = unit\n"
    )
    _, solution = rendered(page(tmp_path, ("p = unit\n", lines)), "bound")
    whole = "\\int a(z) \\,\\mathrm{d}z = 1"
    assert solution.count(whole) == solution.count(f"\\reason{{\\({whole}\\)}}") == 1


def test_sizes_of_an_integral_are_declared(tmp_path: Path) -> None:
    """Else it is told what an integral is made of."""
    with pytest.raises(TopicFileError, match=r"integral\(body, z, w\) has an index z and sizes w"):
        compiled(str(page(tmp_path, ("p = unit\n", "z = index(3)\nintegral(z, z, 3) == 1\np = unit\n"))))


def test_the_variance_of_a_density_is_a_number() -> None:
    """Where its deviation is one."""
    assert Density(Sym("z"), number(0), number(2)).tex("en") == "\\mathcal{N}(z; 0, 4)"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("{{near shift}}", "'shift' is no value of `solve` with a symbol"),
        ("{{defined Q}}", "no proof gives 'Q' to a term"),
        ("{{table p}}", "'p' is no family, whose symbol is like (p(z))_z; there are: none"),
    ],
)
def test_what_there_is_nothing_to_print_of_is_told(tmp_path: Path, change: str, what: str) -> None:
    """With the names that there are."""
    file = page(tmp_path, (":en: Compute the mean and the variance.", f":en: Compute {change}."))
    with pytest.raises(TopicFileError) as told:
        compiled(str(file))
    assert what in str(told.value)


def test_whether_one_of_several_parts_is_shown(tmp_path: Path) -> None:
    """With and, or and not between them."""
    asked = "{{if shown(entropy) and not shown(bound) or shown(moments)}}x{{end}}"
    made = compiled(str(page(tmp_path, (":hint.en: Complete", f":hint.en: {asked} Complete"))))
    assert '<% if shown("entropy") and not shown("bound") or shown("moments") %>' in made.templates["en"].source()


def test_a_draw_has_a_name_of_its_own(tmp_path: Path) -> None:
    """Where the line keeps another thing, or nothing."""
    exercise = topic(page(tmp_path, ("p = fraction(1, 98, 99)", '_p = integer(1, 98, name="p")\np = _p / 99'))).exercise
    draws = Draws(b"secret", 5, "s1", "coin")
    assert exercise.draw(draws, "easy").p == draws.fraction("p", 1, 98, 99)


def test_distributions_have_the_denominators() -> None:
    """And no large primes above them."""
    assert distributions([4], 2) == (
        (Fraction(1, 4), Fraction(3, 4)),
        (Fraction(1, 2),) * 2,
        (Fraction(3, 4), Fraction(1, 4)),
    )
    assert all(11 not in (a.numerator, b.numerator) for a, b in distributions([12], 2))


def test_coefficients_of_a_sum_of_logarithms() -> None:
    """So a draw can ask for short ones."""
    assert set(values.coefficients(Fraction(2, 3) * logarithm(5) - logarithm(2))) == {Fraction(2, 3), Fraction(-1)}
    assert values.coefficients(Fraction(1, 2)) == (Fraction(1, 2),)
