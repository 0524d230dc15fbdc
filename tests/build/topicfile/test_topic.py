"""A topic on one page is an exercise like any other: drawn, solved, proven, with mistakes and claims."""

import pickle
from fractions import Fraction
from pathlib import Path

import pytest

from blattwerk.build.codec import from_json, to_json
from blattwerk.build.numbers import sample_draws
from blattwerk.build.order.catalogue import find
from blattwerk.build.proof.prove import prove
from blattwerk.build.topicfile import faces, values
from blattwerk.build.topicfile.topic import compiled
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import DIFFICULTIES, Exercise, Instance
from tests.build.topicfile.pages import page, topic


@pytest.fixture(scope="module")
def coin(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    """The coin."""
    return topic(page(tmp_path_factory.mktemp("topics"))).exercise


def instance(exercise: Exercise, seed: int = 1) -> Instance:
    """What `show` would show."""
    return Instance(exercise, "standard", exercise.draw(sample_draws(exercise.id, seed), "standard"))


def test_names_of_draws_are_those_of_the_lines(coin: Exercise) -> None:
    """So what was handed out is drawn again from the names alone."""
    draws = Draws(b"secret", 5, "s1", "coin")
    assert coin.draw(draws, "easy").p == draws.fraction("p", 1, 98, 99)
    assert coin.draw(draws, "easy").shift == draws.integer("shift", 1, 1000000)


def test_values_are_exact(coin: Exercise) -> None:
    """The variance is p (1 - p), whatever the shift."""
    one = instance(coin)
    p = one.params.p
    assert one.solution.variance == p * (1 - p)
    assert one.solution.mean == p + one.params.shift


def test_params_come_back(coin: Exercise) -> None:
    """From JSON with the types of their fields, and from another process."""
    params = instance(coin).params
    assert from_json(coin.params, to_json(params)) == params
    assert to_json(params) == {"p": str(params.p), "shift": params.shift}
    assert pickle.loads(pickle.dumps(params)) == params


def test_it_is_proven(coin: Exercise) -> None:
    """By both checks, with every displayed relation and the claim."""
    proof = prove(instance(coin))
    assert proof.oracles == ("enumeration", "scipy")


def test_steps_show_formula_numbers_and_result(coin: Exercise) -> None:
    """From the lines of `solve`."""
    one = Instance(coin, "standard", coin.params(Fraction(1, 4), 2))
    chain = one.derivations["variance"]
    assert [chain.start.tex("en"), *(step.term.tex("en") for step in chain.steps)] == [
        r"\operatorname{Var}[x]",
        r"p (1 + s)^{2} + (1 - p) s^{2} - \mathbb{E}[x]^{2}",
        chain.steps[1].term.tex("en"),
        r"\frac{3}{16}",
    ]
    assert chain.steps[1].term.value() == Fraction(3, 16)


def test_a_mistake_is_a_line_replaced(coin: Exercise) -> None:
    """Later values would follow from it."""
    one = instance(coin)
    wrong = one.slips["moments_1"]
    assert wrong is not None
    assert [answer.name for answer in wrong.changed] == ["variance"]


def test_a_mistake_calls_a_function_of_solve(tmp_path: Path) -> None:
    """As the line that it replaces does."""
    mean = "mean = p + shift                # \\mathbb{E}[x]\n"
    of_two = "def _of(a, b): return p * a + (1 - p) * b\nmean = _of(shift + 1, shift)  # \\mathbb{E}[x]\n"
    changed = page(tmp_path, (mean, of_two), ("\nvariance = second\n", "\nmean = _of(shift, shift + 1)\n"))
    wrong = instance(topic(changed).exercise).slips["moments_1"]
    assert wrong is not None
    assert "mean" in [answer.name for answer in wrong.changed]


def test_what_follows_is_inferred(coin: Exercise) -> None:
    """The variance from the mean, nothing from the entropy."""
    follows = instance(coin).follows
    assert follows["mean"] == ("variance",)
    assert follows["entropy"] == ()


def test_marking_schemes(coin: Exercise) -> None:
    """As it stands in the file, or a step for every value, the points dealt out."""
    moments, entropy, bound = coin.parts
    assert (moments.kind, moments.points, list(moments.rubric.values())) == ("compute", 3, [1, 2])
    assert (entropy.kind, entropy.points) == ("compute", 2)
    assert (bound.kind, bound.points) == ("proof", 2)


def test_a_planted_disagreement_is_found(tmp_path: Path) -> None:
    """A check is a check."""
    from blattwerk.errors import ProofFailure

    wrong = topic(page(tmp_path, ("coin.var()", "coin.std()"))).exercise
    with pytest.raises(ProofFailure, match="the oracle scipy disagrees about 'variance'"):
        prove(instance(wrong))


def test_the_catalogue_s_pages_are_proven() -> None:
    """At every difficulty."""
    softmax = find("softmax")
    for difficulty in DIFFICULTIES:
        one = Instance(softmax, difficulty, softmax.draw(sample_draws("softmax", 2), difficulty))
        assert prove(one).oracles == ("autograd", "complex_step", "one_against_the_rest")


def test_a_sum_runs_over_the_vectors_within_a_named_term(tmp_path: Path) -> None:
    """So it needs no limits, and is printed without any."""
    changed = page(tmp_path, ("p = unit\n", "x = real(3)\ns = 2 * x[n]\nsum(s, n) == 2 * sum(x[n], n)\np = unit\n"))
    chain = next(c for c in instance(topic(changed).exercise).derivations.values() if "s" in c.start.tex("en"))
    assert chain.start.tex("en") == r"\sum_{n} s"
    assert chain.start.value({"x": (Fraction(1), Fraction(2), Fraction(4))}) == 14


def test_a_logarithm_rounded_down_is_proven(tmp_path: Path) -> None:
    """Its 60 digits are no Fraction."""
    entropy = ("entropy = -p * log(p) - (1 - p) * log(1 - p)    # H", "entropy = floor(log(shift) / log(2)) + 1  # H")
    bits = ("entropy = -sum(float(w) * math.log(w) for x, w in faces)", "entropy = shift.bit_length()")
    again = ("coin.mean(), coin.var(), coin.entropy()", "coin.mean(), coin.var(), len(bin(shift)) - 2")
    assert prove(instance(topic(page(tmp_path, entropy, bits, again)).exercise)).oracles == ("enumeration", "scipy")


def test_a_number_can_be_summed(tmp_path: Path) -> None:
    """So the count of points has a name in a proof: N is the sum of ones."""
    changed = page(tmp_path, ("p = unit\n", "x = real\nN = sum(1, n, 1, 4)\nsum(x, n, 1, 4) == N * x\np = unit\n"))
    chain = next(c for c in instance(topic(changed).exercise).derivations.values() if "sum" in c.start.tex("en"))
    assert chain.steps[0].term.value({"x": Fraction(3)}) == 12


def test_a_row_of_a_matrix_is_its_symbol_with_an_index() -> None:
    """As its entries are with two: x_2 and x_21."""
    x = faces.named("x", "x", values.vector([[1, 2], [3, 4]]))
    assert [x[1].s.term().tex("en"), x[1][0].s.term().tex("en")] == ["x_{2}", "x_{21}"]
    assert x[1, 0].value == values.vector([[1, 2], [3, 4]])[1, 0] == 3
    assert x[1].s.term().value() == ((3,), (4,))


def test_a_number_minus_a_vector_is_a_factor_with_a_vector_of_ones() -> None:
    """A transposed column of differences is nothing that one writes."""
    g = faces.named("\\gamma", "g", values.vector([Fraction(1, 3), Fraction(1, 2)]))
    x = faces.named("x", "x", values.vector([4, 6]))
    product = ((1 - g) @ x).s.term()
    assert product.tex("en") == r"(\mathbf{1} - \gamma)^{\top} x"
    assert product.value() == Fraction(2, 3) * 4 + Fraction(1, 2) * 6


def test_a_question_is_repeated_as_a_whole_above_its_solution(tmp_path: Path) -> None:
    """Unless it is long: then its first sentence."""
    line = ":en: Show that $p (1 - p) \\le 1/4$ for all $p$.\n"
    for more, said in ((" When is it 1/4?", "for all \\(p\\). When is it 1/4?"), (" Why so?" * 40, "for all \\(p\\).")):
        made = compiled(str(page(tmp_path, (line, line.rstrip("\n") + more + "\n"))))
        (there,) = (one for one in made.templates["en"].source().splitlines() if "block bound_short" in one)
        assert f"{said}<% endblock %>" in there.partition("bound_solution")[0]


def test_a_brief_hint_is_in_both_languages_at_once(tmp_path: Path) -> None:
    """As the words of a marking scheme are."""
    two = ":hint.en: Complete the square.\n:hint.de: Ergänzen Sie quadratisch.\n"
    made = compiled(str(page(tmp_path, (two, ":hint: Complete the square. | Ergänzen Sie quadratisch.\n"))))
    for lang, words in (("en", "Complete the square."), ("de", "Ergänzen Sie quadratisch.")):
        assert f"<% block bound_hint %>{words}" in made.templates["en" if lang == "en" else "de"].source()
